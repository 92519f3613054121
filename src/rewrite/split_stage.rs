//! Build in one stage and ship only what runs: a Go program that is compiled and shipped in one stage is split into a
//! stage that builds and an empty one that holds the binary.
//!
//! Deliberately refuses shell-form commands, cgo and anything that runs after the build: an empty image has no shell,
//! no libc and no other program. What the program opens at run time cannot be seen here, so the claim is V.

use std::collections::BTreeSet;

use crate::effect::instruction::{of_run, workdir_before};
use crate::effect::transfer::brought;
use crate::effect::{Action, CommandEffect, PackageManager, paths};
use crate::model::{Base, BuildContext, Command, Instruction, Operation, Resolved, Run, Stage, StageId, Surroundings};
use crate::rewrite::change::{Change, Changed, keyword_like};
use crate::rewrite::search::Found;
use crate::rewrite::{Class, Declared, Proposal, Refusal, Rewrite, ids};
use crate::text::{EditSet, Span};

/// Where Debian and Alpine keep the bundle of trusted certificates, and the time zones.
const TRUST_BUNDLE: &str = "/etc/ssl/certs/ca-certificates.crt";
const ZONES: &str = "/usr/share/zoneinfo";

/// The name of the new stage.
const BUILD_STAGE: &str = "build";

pub(super) const REWRITE: Rewrite =
    Rewrite { id: ids::SPLIT_STAGE, page: include_str!("../../rules/rewrite/split-stage.yaml"), find };

fn find(resolved: &Resolved, around: &Surroundings, found: &mut Found) {
    let Some(context) = around.context.as_deref() else { return };
    let stage = resolved.model.stage(resolved.target);
    let is_image = matches!(resolved.bases[stage.id.0], Base::Image(_) | Base::Unknown);
    if !is_image || stage.id != StageId(resolved.model.stages.len() - 1) {
        return;
    }
    let Some(build) = find_build(resolved, around, stage) else { return };
    let site = Site { resolved, around, context, stage, build: build.index, output: build.output };
    match site.split() {
        Ok((proposal, changed)) => found.propose(proposal, changed),
        Err(refusal) => found.refuse(refusal),
    }
}

struct Build {
    index: usize,
    output: Option<String>,
}

/// The last RUN that calls `go build`.
fn find_build(resolved: &Resolved, around: &Surroundings, stage: &Stage) -> Option<Build> {
    let builds =
        |command: &CommandEffect| command.manager == Some(PackageManager::Go) && command.action == Action::Build;
    (0..stage.instructions.len()).rev().find_map(|index| {
        let commands = of_run(resolved, around, stage, index).ok()?;
        let build = commands.into_iter().rev().find(builds)?;
        Some(Build { index, output: build.output })
    })
}

struct Site<'a> {
    resolved: &'a Resolved,
    around: &'a Surroundings,
    context: &'a dyn BuildContext,
    stage: &'a Stage,
    /// The index of the RUN that builds.
    build: usize,
    output: Option<String>,
}

impl Site<'_> {
    fn refuse(&self, span: Span, reason: impl Into<String>, help: Option<&str>) -> Refusal {
        Refusal { span, id: ids::SPLIT_STAGE, reason: reason.into(), help: help.map(str::to_owned) }
    }

    fn split(&self) -> Result<(Proposal, Changed), Refusal> {
        let build = &self.stage.instructions[self.build];
        let Some(binary) = &self.output else {
            let help = "name the binary: `go build -o NAME`";
            return Err(self.refuse(build.span, "which file `go build` makes is not written out", Some(help)));
        };
        self.command_is_the_binary(binary)?;
        self.nothing_else_is_needed()?;
        let needs = self.needs_of_sources()?;
        let changed = self.change(build, binary, &needs)?;
        let assigned = self.without_cgo(build)?.is_some();
        let base = match &self.resolved.bases[self.stage.id.0] {
            Base::Image(reference) => reference.clone(),
            _ => "the base image".to_owned(),
        };
        let mut because = vec![
            format!("CMD or ENTRYPOINT runs {binary}, which line {} builds", self.line_of(build)),
            "without cgo a Go binary needs no library and no interpreter".to_owned(),
        ];
        because.extend(needs.iter().map(Need::reason));
        let proposal = Proposal {
            id: ids::SPLIT_STAGE,
            class: Class::Verify,
            claim: format!("removes {base} and the sources from the image"),
            span: self.stage.span,
            edits: EditSet::new(),
            because,
            assumed: vec![format!("the program opens no file of {base} or of the sources when it runs")],
            notes: vec!["variables of the base image (GOPATH, PATH) are gone from the image".to_owned()],
            declared: Declared {
                removes: vec!["/".to_owned()],
                // Without cgo the compiler makes another binary of the same program.
                changes: assigned.then(|| binary.clone()).into_iter().collect(),
                config: self.config_of_base(),
            },
            gain: None,
        };
        Ok((proposal, changed))
    }

    /// What the image no longer takes over from its base: any of it where that is not at hand.
    fn config_of_base(&self) -> Vec<String> {
        let facts = match &self.resolved.bases[self.stage.id.0] {
            Base::Image(reference) => self.around.images.get(reference),
            _ => None,
        };
        let whole = ["SHELL", "ONBUILD", "WORKDIR"].map(str::to_owned);
        let Some(facts) = facts else { return ["ENV", "LABEL"].map(str::to_owned).into_iter().chain(whole).collect() };
        let variables = facts.config.env.iter().map(|(name, _)| format!("ENV {name}"));
        let labels = facts.config.labels.keys().map(|name| format!("LABEL {name}"));
        variables.chain(labels).chain(whole).collect()
    }

    fn line_of(&self, instruction: &Instruction) -> usize {
        self.resolved.model.tree.source.line_of(instruction.span.start) + 1
    }

    /// What starts the container must be the binary, without a shell.
    fn command_is_the_binary(&self, binary: &str) -> Result<(), Refusal> {
        let entrypoint = self.last(|operation| matches!(operation, Operation::Entrypoint(_)));
        let cmd = self.last(|operation| matches!(operation, Operation::Cmd(_)));
        let Some(starting) = entrypoint.or(cmd) else {
            return Err(self.refuse(self.stage.span, "no CMD or ENTRYPOINT says what runs", None));
        };
        for instruction in [entrypoint, cmd].into_iter().flatten() {
            let (Operation::Cmd(command) | Operation::Entrypoint(command)) = &instruction.operation else { continue };
            if !matches!(command, Command::Exec(_)) {
                let help = "write it in exec form: a JSON array";
                return Err(self.refuse(instruction.span, "it needs a shell, and an empty image has none", Some(help)));
            }
        }
        let (Operation::Cmd(Command::Exec(words)) | Operation::Entrypoint(Command::Exec(words))) = &starting.operation
        else {
            return Ok(());
        };
        let program = words.first().map(|word| word.value.as_str()).unwrap_or_default();
        let count = self.stage.instructions.len();
        let workdir =
            workdir_before(self.resolved, self.around, self.stage.id, count).unwrap_or_else(|| "/".to_owned());
        if program.contains('/') && paths::join(&workdir, program) == binary {
            return Ok(());
        }
        Err(self.refuse(starting.span, format!("it runs `{program}`, not the binary {binary}"), None))
    }

    fn last(&self, is: impl Fn(&Operation) -> bool) -> Option<&Instruction> {
        self.stage.instructions.iter().rev().find(|instruction| is(&instruction.operation))
    }

    /// After the build only the config may change, and nothing of it may need what the base image holds.
    fn nothing_else_is_needed(&self) -> Result<(), Refusal> {
        for instruction in &self.stage.instructions[self.build + 1..] {
            if matches!(instruction.operation, Operation::Run(_) | Operation::Copy(_) | Operation::Add(_)) {
                return Err(self.refuse(instruction.span, "it changes files after the build", None));
            }
        }
        for instruction in &self.stage.instructions {
            match &instruction.operation {
                Operation::User(user) => {
                    let name = self.resolved.known(&user.user).unwrap_or_default();
                    if name.is_empty() || !name.chars().all(|c| c.is_ascii_digit() || c == ':') {
                        let help = "name the user by number";
                        return Err(self.refuse(instruction.span, "an empty image knows no user names", Some(help)));
                    }
                }
                Operation::Healthcheck(health) if !matches!(health.command, None | Some(Command::Exec(_))) => {
                    return Err(self.refuse(instruction.span, "it needs a shell, and an empty image has none", None));
                }
                Operation::Shell(_) | Operation::Onbuild(_) => {
                    return Err(self.refuse(instruction.span, "it only makes sense with a shell in the image", None));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// What the sources use that an empty image lacks.
    fn needs_of_sources(&self) -> Result<BTreeSet<Need>, Refusal> {
        let mut needs = BTreeSet::new();
        for (index, instruction) in self.stage.instructions[..self.build].iter().enumerate() {
            if !matches!(instruction.operation, Operation::Copy(_)) {
                continue;
            }
            let workdir = workdir_before(self.resolved, self.around, self.stage.id, index);
            let brought = brought(&instruction.operation, workdir.as_deref(), self.resolved, self.context)
                .map_err(|reason| self.refuse(instruction.span, reason, None))?;
            for path in brought.paths.values().filter(|path| path.ends_with(".go")) {
                let bytes = self.context.read(path).map_err(|error| {
                    self.refuse(
                        instruction.span,
                        format!("`{path}` cannot be read from the build context: {error}"),
                        None,
                    )
                })?;
                let source = String::from_utf8_lossy(&bytes);
                if source.lines().any(|line| matches!(line.trim(), "import \"C\"")) {
                    return Err(self.refuse(
                        instruction.span,
                        format!("`{path}` uses cgo, so the binary needs libraries"),
                        None,
                    ));
                }
                needs.extend(Need::of(&source));
            }
        }
        Ok(needs)
    }

    /// Where in the file to put `CGO_ENABLED=0 `, unless it is in force already.
    fn without_cgo(&self, build: &Instruction) -> Result<Option<usize>, Refusal> {
        if let Some(variable) = self.resolved.variable("CGO_ENABLED", build) {
            return match variable.value.as_ref().and_then(|value| value.known()) {
                Some("0") => Ok(None),
                _ => Err(self.refuse(build.span, "CGO_ENABLED is set, so the binary may need libraries", None)),
            };
        }
        let Operation::Run(Run { command, .. }) = &build.operation else { return Ok(None) };
        let commands = command.body().map(|body| body.commands()).unwrap_or_default();
        let is_build = |words: &[crate::model::shell::ShellWord]| matches!(words, [go, build, ..] if go.literal.as_deref() == Some("go") && build.literal.as_deref() == Some("build"));
        let Some(go) = commands.iter().find(|command| is_build(&command.words)) else {
            return Err(self.refuse(build.span, "`go build` is not called by its plain name", None));
        };
        match go.assignments.iter().find(|(name, _)| name.value == "CGO_ENABLED") {
            Some((_, value)) if value.literal.as_deref() == Some("0") => Ok(None),
            Some(_) => Err(self.refuse(build.span, "CGO_ENABLED is set, so the binary may need libraries", None)),
            None => Ok(Some(go.span.start)),
        }
    }

    /// The stage gets a name, the build goes without cgo, and a stage that ships the binary alone follows it.
    fn change(&self, build: &Instruction, binary: &str, needs: &BTreeSet<Need>) -> Result<Changed, Refusal> {
        let source = &self.resolved.model.tree.source;
        let mut change = Change::of(self.resolved);
        if self.stage.name.is_none() {
            let from = &self.stage.instructions[0];
            change.rewrite(from, format!("{}{}", source.slice(from.span), self.alias()));
        }
        if let Some(place) = self.without_cgo(build)? {
            let (before, after) = source.slice(build.span).split_at(place - build.span.start);
            change.rewrite(build, format!("{before}CGO_ENABLED=0 {after}"));
        }
        change.insert_stage_after(build, self.shipped(build, binary, needs));
        change.finish().map_err(|span| self.refuse(span, "it holds bytes that are not UTF-8", None))
    }

    /// What names the stage that builds.
    fn alias(&self) -> String {
        let from = &self.stage.instructions[0];
        format!(" {} {BUILD_STAGE}", keyword_like(&self.resolved.model.tree, from, "AS"))
    }

    /// The instructions that begin the final stage: an empty image, the config so far, the binary and what it needs.
    fn shipped(&self, build: &Instruction, binary: &str, needs: &BTreeSet<Need>) -> Vec<String> {
        let from = &self.stage.instructions[0];
        let word = |keyword: &str| keyword_like(&self.resolved.model.tree, from, keyword);
        let name = self.stage.name.as_ref().map_or(BUILD_STAGE, |name| name.value.as_str());
        let mut lines = vec![format!("{} scratch", word("FROM"))];
        lines.extend(self.config_before(build));
        let paths = [binary].into_iter().chain(needs.iter().map(|need| need.path()));
        lines.extend(paths.map(|path| format!("{} --from={name} {path} {path}", word("COPY"))));
        lines
    }

    /// The lines before the build that set the config of the image: they are repeated for the final stage.
    fn config_before(&self, build: &Instruction) -> Vec<String> {
        let tree = &self.resolved.model.tree;
        let before = self.stage.instructions.iter().skip(1).take_while(|instruction| instruction.id < build.id);
        let sets_config = |instruction: &&Instruction| {
            !matches!(instruction.operation, Operation::Run(_) | Operation::Copy(_) | Operation::Add(_))
        };
        before.filter(sets_config).map(|instruction| tree.source.slice(instruction.span).to_owned()).collect()
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
