//! A Go program: without cgo its binary needs no library and no interpreter, so an empty image holds it.

use std::collections::BTreeSet;

use super::{Judgement, Site, Split};
use crate::effect::instruction::workdir_before;
use crate::effect::transfer::brought;
use crate::effect::{Action, CommandEffect, PackageManager, paths};
use crate::model::shell::ShellWord;
use crate::model::{Instruction, Operation, Run};
use crate::rewrite::Refusal;

/// Where Debian and Alpine keep the bundle of trusted certificates, and the time zones.
const TRUST_BUNDLE: &str = "/etc/ssl/certs/ca-certificates.crt";
const ZONES: &str = "/usr/share/zoneinfo";

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
    site.nothing_follows(last)?;
    site.users_are_known(&[])?;
    site.nothing_is_stored()?;
    let needs = needs_of_sources(site, last)?;
    let mut because = vec![
        format!("CMD or ENTRYPOINT runs {binary}, which line {} builds", site.line_of(build)),
        "without cgo a Go binary needs no library and no interpreter".to_owned(),
    ];
    because.extend(needs.iter().map(Need::reason));
    let base = site.base;
    Ok(Split {
        last,
        image: "scratch".to_owned(),
        brought: [binary].into_iter().chain(needs.iter().map(|need| need.path().to_owned())).collect(),
        rewritten: without_cgo(site, build)?.map(|text| (last, text)),
        because,
        assumed: vec![format!("the program opens no file of {base} or of the sources when it runs")],
        notes: vec!["variables of the base image (GOPATH, PATH) are gone from the image".to_owned()],
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
fn needs_of_sources(site: &Site, last: usize) -> Result<BTreeSet<Need>, Refusal> {
    let mut needs = BTreeSet::new();
    for (index, instruction) in site.stage.instructions[..last].iter().enumerate() {
        if !matches!(instruction.operation, Operation::Copy(_)) {
            continue;
        }
        let workdir = workdir_before(site.resolved, site.around, site.stage.id, index);
        let brought = brought(&instruction.operation, workdir.as_deref(), site.resolved, site.context)
            .map_err(|reason| site.refuse(instruction.span, reason))?;
        for path in brought.paths.values().filter(|path| path.ends_with(".go")) {
            let bytes = site.context.read(path).map_err(|error| {
                site.refuse(instruction.span, format!("`{path}` cannot be read from the build context: {error}"))
            })?;
            let source = String::from_utf8_lossy(&bytes);
            if source.lines().any(|line| matches!(line.trim(), "import \"C\"")) {
                let reason = format!("`{path}` uses cgo, so the binary needs libraries");
                return Err(site.refuse(instruction.span, reason));
            }
            needs.extend(Need::of(&source));
        }
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
        needs
    }

    fn path(self) -> &'static str {
        match self {
            Need::TrustBundle => TRUST_BUNDLE,
            Need::Zones => ZONES,
        }
    }

    fn reason(&self) -> String {
        match self {
            Need::TrustBundle => format!("the sources use TLS, so {TRUST_BUNDLE} comes along"),
            Need::Zones => format!("the sources load time zones, so {ZONES} comes along"),
        }
    }
}
