//! `rplan rules test`: the examples of one's own rules, each linted as it would be in earnest.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cli::console::Console;
use crate::cli::exit::{Answer, Exit, Failure};
use crate::cli::{own_rules, subject};
use crate::diagnostic::{Finding, Safety};
use crate::lint::{Selection, fix, lint};
use crate::model::{Surroundings, analyze, resolve};
use crate::report::Tone;
use crate::rules::{Catalogue, ContextFile, Document, Example, Kind, Rule, document};
use crate::syntax::parse;
use crate::text::SourceFile;
use crate::workspace::{Context, StatCache};

/// Runs every example of every rule at `paths`.
pub(super) fn run(paths: &[PathBuf], console: &mut Console) -> Answer {
    let mut passed = true;
    for path in paths {
        let files = own_rules::files(path)?;
        if files.is_empty() {
            return Err(Failure::usage(format_args!("there is no rule (`*.yaml`) in `{}`", path.display())));
        }
        for file in files {
            let (_, rule) = own_rules::read(&file)?;
            let catalogue = own_rules::builtin().with([rule.clone()]).map_err(Failure::usage)?;
            let page = document(&rule);
            let failures = failures(&rule, &page, &catalogue)?;
            passed &= failures.is_empty();
            tell(&rule, &page, &failures, console)?;
        }
    }
    Ok(if passed { Exit::Fine } else { Exit::No })
}

fn tell(rule: &Rule, page: &Document, failures: &[String], console: &mut Console) -> Answer<()> {
    let (word, tone) = if failures.is_empty() { ("ok    ", Tone::Good) } else { ("failed", Tone::Error) };
    let count = page.examples.len();
    let noun = if count == 1 { "example" } else { "examples" };
    writeln!(console.out, "{}  {}  {count} {noun}", console.out_style.paint(tone, word), rule.meta.id)?;
    for failure in failures {
        writeln!(console.out, "        {}", failure.replace('\n', "\n        "))?;
    }
    Ok(())
}

/// What is wrong with the examples of a rule.
fn failures(rule: &Rule, page: &Document, catalogue: &Catalogue) -> Answer<Vec<String>> {
    let mut failures = Vec::new();
    for (index, example) in page.examples.iter().enumerate() {
        let number = index + 1;
        match example.dockerfile() {
            Some((kind, text)) => {
                let wrong = try_example(rule, example, kind, text, catalogue)?;
                failures.extend(wrong.into_iter().map(|wrong| format!("example {number}: {wrong}")));
            }
            None => failures.push(format!("example {number}: it has either `bad` or `good`, with a Dockerfile")),
        }
    }
    for kind in [Kind::Bad, Kind::Good] {
        if !page.examples.iter().any(|example| example.dockerfile().is_some_and(|(is, _)| is == kind)) {
            let word = if kind == Kind::Bad { "bad" } else { "good" };
            failures.push(format!("there is no `{word}` example"));
        }
    }
    Ok(failures)
}

fn try_example(rule: &Rule, example: &Example, kind: Kind, text: &str, catalogue: &Catalogue) -> Answer<Vec<String>> {
    let selection = Selection {
        select: vec![rule.meta.id.to_string()],
        options: BTreeMap::from([(rule.meta.id.to_string(), example.options.clone())]),
        fixes: true,
        ..Selection::default()
    };
    let stage = match &example.context {
        Some(files) => Some(lay_out(files).map_err(cannot_lay_out)?),
        None => None,
    };
    let (history, today) = (example.history(), Some(subject::today()));
    let mut around = Surroundings { history, today, ..Surroundings::default() };
    if let Some(folder) = &stage {
        around.context = Some(Arc::new(Context::open(folder.path(), None, StatCache::in_memory())?));
    }
    let options = subject::resolve_options(&[], None, None);
    let source = SourceFile::new("Dockerfile", text);
    let parsed = parse(&source);
    let resolved = resolve(analyze(parsed.tree), &options, &around);
    let report = lint(&resolved, &parsed.errors, &around, catalogue, &selection, Vec::new());
    let mut wrong = Vec::new();
    if (kind == Kind::Bad) == example.expect.is_empty() {
        wrong.push("a bad example expects findings, and a good one none".to_owned());
    }
    wrong.extend(unlike(&source, &report.findings, example));
    if let Some(expected) = &example.fixed {
        let fixed = fix(&source, &options, &around, catalogue, &selection, Safety::Unsafe);
        if fixed.bytes != expected.as_bytes() {
            wrong.push(format!("repaired it is not as expected, but\n{}", String::from_utf8_lossy(&fixed.bytes)));
        }
    }
    Ok(wrong)
}

/// How the findings differ from those that the example names.
fn unlike(source: &SourceFile, found: &[Finding], example: &Example) -> Option<String> {
    let line = |finding: &Finding| source.line_of(finding.primary.span.start) + 1;
    let fits = found.len() == example.expect.len()
        && found
            .iter()
            .zip(&example.expect)
            .all(|(finding, expected)| line(finding) == expected.line && finding.message.contains(&expected.words));
    if fits {
        return None;
    }
    let expected = example.expect.iter().map(|one| format!("line {}: {}", one.line, one.words));
    let found = found.iter().map(|one| format!("line {}: {}", line(one), one.message));
    Some(format!("expected{}\nfound{}", shown(expected), shown(found)))
}

/// Each on a line of its own.
fn shown(lines: impl Iterator<Item = String>) -> String {
    let lines: Vec<String> = lines.map(|line| format!("\n  {line}")).collect();
    if lines.is_empty() { " nothing".to_owned() } else { lines.concat() }
}

/// The files of an example on disk, gone when dropped.
fn lay_out(files: &BTreeMap<String, ContextFile>) -> io::Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    for (path, file) in files {
        let place = folder.path().join(Path::new(path));
        if let Some(parent) = place.parent() {
            fs::create_dir_all(parent)?;
        }
        match file {
            ContextFile::Content(text) => fs::write(place, text)?,
            ContextFile::Size(bytes) => File::create(place)?.set_len(*bytes)?,
        }
    }
    Ok(folder)
}

fn cannot_lay_out(error: io::Error) -> Failure {
    Failure::environment(format_args!("cannot lay out the context of an example: {error}"))
}
