//! A Go program: without cgo its binary needs no library and no interpreter, so an empty image holds it.

use std::collections::BTreeSet;

use super::data::Contents;
use super::runtime::Runtime;
use super::{Judgement, Site, Split};
use crate::effect::{Action, CommandEffect, PackageManager, paths};
use crate::model::shell::ShellWord;
use crate::model::{Instruction, Operation, Run};
use crate::rewrite::Refusal;

/// Where Debian and Alpine keep the bundle of trusted certificates, the time zones and the accounts.
const TRUST_BUNDLE: &str = "/etc/ssl/certs/ca-certificates.crt";
const ZONES: &str = "/usr/share/zoneinfo";
const ACCOUNTS: &str = "/etc/passwd";

pub(super) fn split(site: &Site) -> Judgement {
    let builds =
        |command: &CommandEffect| command.manager == Some(PackageManager::Go) && command.action == Action::Build;
    let (last, command) = site.last_command(builds)?;
    Some(split_at(site, last, command.output))
}

fn split_at(site: &Site, last: usize, output: Option<String>) -> Result<Split, Refusal> {
    let build = &site.stage.instructions[last];
    let Some(binary) = output else {
        let refusal = site.refuse(build.span, "which file `go build` makes is not written out");
        return Err(refusal.help("name the binary: `go build -o NAME`"));
    };
    command_is_the_binary(site, &binary)?;
    site.nothing_runs_behind(last)?;
    site.users_are_known(&[])?;
    site.nothing_is_stored(true)?;
    let contents = site.contents(last)?;
    let needs = needs_of_sources(site, &contents, build)?;
    let data = site.data(&contents)?;
    let mut because = vec![
        format!("CMD or ENTRYPOINT runs {binary}, which line {} builds", site.line_of(build)),
        "without cgo a Go binary needs no library and no interpreter".to_owned(),
    ];
    because.extend(needs.iter().map(Need::reason));
    because.extend(data.iter().map(|path| format!("the program names {path}, so it comes along")));
    let base = site.base;
    let rewritten = without_cgo(site, build)?.map(|text| (last, text));
    let brought = [binary.clone()].into_iter().chain(needs.iter().map(|need| need.path().to_owned())).chain(data);
    Ok(Split {
        // A build that is written anew makes another file of the same program.
        changed: rewritten.iter().map(|_| binary.clone()).collect(),
        rewritten,
        because,
        assumed: vec![format!("the program opens no other file of {base} or of the sources when it runs")],
        notes: vec!["variables of the base image (GOPATH, PATH) are gone from the image".to_owned()],
        ..Split::new(last, Runtime::empty(), brought.collect())
    })
}

/// What starts the container must be the binary, without a shell.
fn command_is_the_binary(site: &Site, binary: &str) -> Result<(), Refusal> {
    site.needs_no_shell()?;
    let starting = site.starting()?;
    let program = starting.words.first().cloned().unwrap_or_default();
    let workdir = site.workdir().unwrap_or_else(|| "/".to_owned());
    if program.contains('/') && paths::join(&workdir, &program) == binary {
        return Ok(());
    }
    Err(site.refuse(starting.instruction.span, format!("it runs `{program}`, not the binary {binary}")))
}

/// What the sources use that an empty image lacks.
fn needs_of_sources(site: &Site, contents: &Contents, build: &Instruction) -> Result<BTreeSet<Need>, Refusal> {
    let mut needs = BTreeSet::new();
    for (_, path) in contents.files().filter(|(_, path)| path.ends_with(".go")) {
        let bytes = site.context.read(path).map_err(|error| {
            site.refuse(build.span, format!("`{path}` cannot be read from the build context: {error}"))
        })?;
        let source = String::from_utf8_lossy(&bytes);
        if source.lines().any(|line| matches!(line.trim(), "import \"C\"")) {
            let reason = format!("`{path}` uses cgo, so the binary needs libraries");
            return Err(site.refuse(build.span, reason));
        }
        if source.contains("\"os/exec\"") && !path.ends_with("_test.go") {
            let reason = format!("`{path}` runs other programs, and an empty image has none");
            return Err(site.refuse(build.span, reason));
        }
        needs.extend(Need::of(&source));
    }
    Ok(needs)
}

/// The build with `CGO_ENABLED=0` before it, unless that is in force already.
fn without_cgo(site: &Site, build: &Instruction) -> Result<Option<String>, Refusal> {
    let set = || site.refuse(build.span, "CGO_ENABLED is set, so the binary may need libraries");
    if let Some(variable) = site.resolved.variable("CGO_ENABLED", build) {
        return match variable.value.as_ref().and_then(|value| value.known()) {
            Some("0") => Ok(None),
            _ => Err(set()),
        };
    }
    let Operation::Run(Run { command, .. }) = &build.operation else { return Ok(None) };
    let commands = command.body().map(|body| body.commands()).unwrap_or_default();
    let is_build = |words: &[ShellWord]| matches!(words, [go, build, ..] if go.literal.as_deref() == Some("go") && build.literal.as_deref() == Some("build"));
    let Some(go) = commands.iter().find(|command| is_build(&command.words)) else {
        return Err(site.refuse(build.span, "`go build` is not called by its plain name"));
    };
    match go.assignments.iter().find(|(name, _)| name.value == "CGO_ENABLED") {
        Some((_, value)) if value.literal.as_deref() == Some("0") => Ok(None),
        Some(_) => Err(set()),
        None => {
            let text = site.resolved.model.tree.source.slice(build.span);
            let (before, after) = text.split_at(go.span.start - build.span.start);
            Ok(Some(format!("{before}CGO_ENABLED=0 {after}")))
        }
    }
}

/// A part of a usual image that a Go program may need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Need {
    TrustBundle,
    Zones,
    Accounts,
}

impl Need {
    /// What a source file shows a need for.
    fn of(source: &str) -> Vec<Need> {
        let mut needs = Vec::new();
        if ["\"net/http\"", "\"crypto/tls\"", "\"crypto/x509\""].iter().any(|package| source.contains(package)) {
            needs.push(Need::TrustBundle);
        }
        if source.contains("time.LoadLocation") {
            needs.push(Need::Zones);
        }
        if source.contains("\"os/user\"") {
            needs.push(Need::Accounts);
        }
        needs
    }

    fn path(self) -> &'static str {
        match self {
            Need::TrustBundle => TRUST_BUNDLE,
            Need::Zones => ZONES,
            Need::Accounts => ACCOUNTS,
        }
    }

    fn reason(&self) -> String {
        match self {
            Need::TrustBundle => format!("the sources use TLS, so {TRUST_BUNDLE} comes along"),
            Need::Zones => format!("the sources load time zones, so {ZONES} comes along"),
            Need::Accounts => format!("the sources look users up, so {ACCOUNTS} comes along"),
        }
    }
}
