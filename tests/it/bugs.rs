//! Every bug that was found stays fixed: `tests/bugs` has a directory for each, with the Dockerfile that showed it and
//! what must hold for it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rplan::diagnostic::Safety;
use rplan::lint::{self, Selection};
use rplan::model::shell::ShellBody;
use rplan::model::{self, Operation, ResolveOptions, Resolved, Surroundings};
use rplan::rules::Catalogue;
use rplan::syntax;
use rplan::text::SourceFile;

/// Far more than any of them takes: what hangs fails here instead of stopping the suite.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is seen in a Dockerfile: each shell body and each finding, by line, and how its repair goes.
fn seen(text: &[u8]) -> BTreeSet<String> {
    let around = Surroundings::default();
    let options = ResolveOptions { platform: "linux/amd64".to_owned(), ..ResolveOptions::default() };
    let parsed = syntax::parse(&SourceFile::new("Dockerfile", text));
    assert!(syntax::print(&parsed.tree) == text, "printing gives the file back");
    let resolved = model::resolve(model::analyze(parsed.tree), &options, &around);
    let catalogue = Catalogue::builtin();
    let report = lint::lint(&resolved, &parsed.errors, &around, &catalogue, &Selection::default(), Vec::new());
    let source = &resolved.model.tree.source;
    let findings = report.findings.iter().map(|finding| {
        let line = source.line_of(finding.primary.span.start) + 1;
        format!("{line}: {}: {}", finding.rule, finding.message)
    });
    findings.chain(bodies(&resolved)).chain(repair(source)).collect()
}

/// Whether every rule there is repairs the file without a mistake.
fn repair(source: &SourceFile) -> Vec<String> {
    let options = ResolveOptions { platform: "linux/amd64".to_owned(), ..ResolveOptions::default() };
    let (around, catalogue) = (Surroundings::default(), Catalogue::builtin());
    let selection = Selection { select: vec!["all".to_owned()], ..Selection::default() };
    let fix = |source: &SourceFile| lint::fix(source, &options, &around, &catalogue, &selection, Safety::Unsafe);
    let once = fix(source);
    let twice = fix(&SourceFile::new("Dockerfile", once.bytes.clone()));
    let refused = once.defects.iter().map(ToString::to_string).collect::<Vec<_>>();
    let verdict = if refused.is_empty() { vec!["no fix is refused".to_owned()] } else { refused };
    let settled = (once.bytes == twice.bytes).then(|| "a second repair changes nothing".to_owned());
    verdict.into_iter().chain(settled).collect()
}

fn bodies(resolved: &Resolved) -> Vec<String> {
    let source = &resolved.model.tree.source;
    let instructions = resolved.model.stages.iter().flat_map(|stage| &stage.instructions);
    let shown = instructions.filter_map(|instruction| {
        let Operation::Run(run) = &instruction.operation else { return None };
        let line = source.line_of(instruction.span.start) + 1;
        Some(match run.command.body()? {
            ShellBody::Opaque { reason, .. } => format!("{line}: opaque: {reason}"),
            ShellBody::Script(script) if script.commands.len() == 1 => format!("{line}: 1 command"),
            ShellBody::Script(script) => format!("{line}: {} commands", script.commands.len()),
        })
    });
    shown.collect()
}

/// The lines of the block of `bug.md` that says what must hold.
fn claims(bug: &Path) -> Vec<String> {
    let text = fs::read_to_string(bug.join("bug.md")).unwrap();
    assert!(text.starts_with("# "), "bug.md of {} has a title", bug.display());
    let block = text.split("```holds\n").nth(1).and_then(|rest| rest.split("```").next());
    let claims: Vec<String> = block.unwrap_or_default().lines().map(str::to_owned).collect();
    assert!(!claims.is_empty(), "bug.md of {} says what must hold", bug.display());
    claims
}

fn check(bug: &Path) {
    let text = fs::read(bug.join("Dockerfile")).unwrap();
    let (done, outcome) = mpsc::channel();
    let working = thread::spawn(move || done.send(seen(&text)));
    let seen = match outcome.recv_timeout(PATIENCE) {
        Ok(seen) => seen,
        Err(mpsc::RecvTimeoutError::Disconnected) => std::panic::resume_unwind(working.join().unwrap_err()),
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("{} hangs", bug.display()),
    };
    for claim in claims(bug) {
        assert!(seen.contains(&claim), "{}: {claim:?} does not hold: {seen:#?}", bug.display());
    }
}

#[test]
fn every_bug_that_was_found_stays_fixed() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bugs");
    let mut bugs: Vec<PathBuf> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    bugs.sort();
    assert!(!bugs.is_empty());
    bugs.iter().for_each(|bug| check(bug));
}
