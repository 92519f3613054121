//! Keep what Cargo has compiled in a cache mount: an edit of the sources compiles them, and no crate of others again.
//!
//! Takes the one `cargo build` of a stage that is not shipped. A mount is gone after the RUN, so what others copy out of
//! it is put elsewhere in the same RUN. Cargo tells by times what is fresh, and a build context may bring the same times
//! for other contents: all sources get the time of the build first. Deliberately silent where a file builds twice, which
//! is how dependencies are built before the sources are there.

use crate::effect::instruction::{of_run, workdir_before};
use crate::effect::{Action, CommandEffect, PackageManager, paths};
use crate::model::{
    BuildContext, Command, CopySource, Instruction, Operation, Resolved, SourceRef, Stage, Surroundings, Word,
};
use crate::rewrite::change::{Change, Changed};
use crate::rewrite::search::Found;
use crate::rewrite::{Class, Proposal, Refusal, Rewrite, ids, is_at_or_below};
use crate::syntax::ItemKind;
use crate::text::Span;

pub(super) const REWRITE: Rewrite =
    Rewrite { id: ids::MOUNT_CARGO_TARGET, page: include_str!("../../rules/rewrite/mount-cargo-target.yaml"), find };

/// Where what others copy is put.
const BUILT: &str = "/built";

/// Gives all sources the time of the build.
const TOUCH: &str = "find . -path ./target -prune -o -type f -exec touch {} +";

fn find(resolved: &Resolved, around: &Surroundings, found: &mut Found) {
    let Some(context) = around.context.as_deref() else { return };
    for stage in &resolved.model.stages {
        let builds = |index: &usize| {
            let commands = of_run(resolved, around, stage, *index).unwrap_or_default();
            commands.iter().any(is_build)
        };
        let building: Vec<usize> = (0..stage.instructions.len()).filter(builds).collect();
        let ([index], false) = (&building[..], is_at_or_below(resolved, resolved.target, stage.id)) else { continue };
        let Some(site) = Site::of(resolved, around, stage, *index) else { continue };
        found.take(site.rewrite(context));
    }
}

fn is_build(command: &CommandEffect) -> bool {
    let words = || command.words.iter().map(String::as_str);
    command.manager == Some(PackageManager::Cargo)
        && command.action == Action::Build
        && words().any(|word| ["build", "b"].contains(&word))
        && !words().any(|word| word.starts_with("--target-dir") || word.starts_with("--manifest-path"))
}

/// The RUN that builds, and where it stands.
struct Site<'a> {
    resolved: &'a Resolved,
    stage: &'a Stage,
    index: usize,
    /// What Cargo fills.
    target: String,
}

/// A word of a COPY that names something below the target directory.
struct Taken<'a> {
    copy: &'a Instruction,
    span: Span,
    path: String,
}

impl<'a> Site<'a> {
    /// None where the RUN cannot get the mount: it has it already, or its text is no plain chain in one directory.
    fn of(resolved: &'a Resolved, around: &Surroundings, stage: &'a Stage, index: usize) -> Option<Self> {
        let workdir = workdir_before(resolved, around, stage.id, index)?;
        let Operation::Run(run) = &stage.instructions[index].operation else { return None };
        let commands = of_run(resolved, around, stage, index).ok()?;
        let target = paths::join(&workdir, "target");
        let is_here = commands.iter().filter(|command| is_build(command)).all(|command| command.directory == workdir);
        let is_mounted = run.mounts.iter().any(|mount| {
            let place = mount.option(&["target", "dst", "destination"]).and_then(|word| resolved.known(word));
            place.is_none_or(|place| paths::is_below(&paths::join(&workdir, place), &target))
        });
        let is_fit = matches!(run.command, Command::Shell { .. }) && is_here && !is_mounted && workdir != "/";
        is_fit.then_some(Self { resolved, stage, index, target })
    }

    fn run(&self) -> &'a Instruction {
        &self.stage.instructions[self.index]
    }

    fn text(&self, instruction: &Instruction) -> &'a str {
        self.resolved.model.tree.source.slice(instruction.span)
    }

    fn refuse(&self, span: Span, reason: impl Into<String>) -> Refusal {
        Refusal::new(ids::MOUNT_CARGO_TARGET, span, reason)
    }

    fn rewrite(&self, context: &dyn BuildContext) -> Result<Option<(Proposal, Changed)>, Refusal> {
        let taken = self.taken()?;
        let takes_itself = self.text(self.run()).contains("target/");
        if taken.is_empty() && !takes_itself {
            return Ok(None);
        }
        self.nothing_else_needs_it()?;
        self.is_all_below(context)?;
        let mut change = Change::of(self.resolved);
        change.rewrite(self.run(), self.building(&taken));
        let mut copies: Vec<&Instruction> = taken.iter().map(|one| one.copy).collect();
        copies.dedup_by_key(|copy| copy.id);
        for copy in copies {
            let own: Vec<&Taken<'_>> = taken.iter().filter(|one| one.copy.id == copy.id).collect();
            change.rewrite(copy, self.copying(copy, &own));
        }
        let changed = change.finish().map_err(|span| self.refuse(span, "it holds bytes that are not UTF-8"))?;
        Ok(Some((self.proposal(&taken), changed)))
    }

    /// What other stages copy out of the target directory; a refusal where they copy more than files of it by name.
    fn taken(&self) -> Result<Vec<Taken<'a>>, Refusal> {
        let mut taken: Vec<Taken<'a>> = Vec::new();
        for instruction in self.resolved.model.instructions() {
            let is_heir = |position: usize| match self.resolved.model.graph.reference(instruction.id, position) {
                Some(SourceRef::Stage(stage)) => is_at_or_below(self.resolved, *stage, self.stage.id),
                _ => false,
            };
            match &instruction.operation {
                Operation::Copy(copy) if copy.from.is_some() && is_heir(0) => {
                    for source in &copy.transfer.sources {
                        let CopySource::Path(word) = source else { continue };
                        taken.extend(self.taken_by(instruction, word)?);
                    }
                }
                Operation::Run(run) if (0..run.mounts.len()).any(is_heir) => {
                    return Err(
                        self.refuse(instruction.span, "it mounts the stage, and what was built would be missing")
                    );
                }
                _ => {}
            }
        }
        let name = |one: &Taken<'_>| one.path.rsplit('/').next().unwrap_or_default().to_owned();
        for (at, one) in taken.iter().enumerate() {
            if taken[..at].iter().any(|other| name(other) == name(one) && other.path != one.path) {
                return Err(self.refuse(one.span, format!("two files called `{}` are copied", name(one))));
            }
        }
        Ok(taken)
    }

    fn taken_by(&self, copy: &'a Instruction, word: &'a Word) -> Result<Option<Taken<'a>>, Refusal> {
        let Some(written) = self.resolved.known(word) else {
            return Err(self.refuse(copy.span, "what it copies out of the stage is unknown"));
        };
        let path = paths::join("/", written);
        if path != self.target && paths::is_below(&path, &self.target) {
            let is_plain = self.resolved.model.tree.source.slice(word.span()) == written
                && !written.contains(['*', '?', '['])
                && !written.ends_with('/')
                && path.contains("/release/");
            let reason =
                || self.refuse(copy.span, format!("it copies `{written}`, which names no file that Cargo makes"));
            return if is_plain { Ok(Some(Taken { copy, span: word.span(), path })) } else { Err(reason()) };
        }
        match paths::is_below(&self.target, &path) || written.contains(['*', '?', '[']) {
            true => Err(self.refuse(copy.span, format!("it copies {path} with all that Cargo has built"))),
            false => Ok(None),
        }
    }

    /// Whatever else works in the target directory would find it empty.
    fn nothing_else_needs_it(&self) -> Result<(), Refusal> {
        let heirs = self.resolved.model.stages.iter();
        for stage in heirs.filter(|stage| is_at_or_below(self.resolved, stage.id, self.stage.id)) {
            let first = if stage.id == self.stage.id { self.index + 1 } else { 1 };
            for later in stage.instructions.iter().skip(first) {
                let needs = matches!(later.operation, Operation::Run(_))
                    && (self.text(later).contains("target") || self.text(later).contains("cargo"));
                if needs {
                    return Err(
                        self.refuse(later.span, "it may need what Cargo has built, which is gone after its RUN")
                    );
                }
            }
        }
        Ok(())
    }

    /// Sources beside the working directory would keep their times.
    fn is_all_below(&self, context: &dyn BuildContext) -> Result<(), Refusal> {
        let manifests = context.entries().iter().filter(|entry| entry.path.rsplit('/').next() == Some("Cargo.toml"));
        for manifest in manifests.filter(|manifest| !manifest.path.contains('/')) {
            let text = context.read(&manifest.path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
            if text.is_ok_and(|text| text.contains("path = \"..") || text.contains("path = \"/")) {
                return Err(self.refuse(self.run().span, "a crate beside the working directory is built too"));
            }
        }
        Ok(())
    }

    /// The RUN with its mount: sources are touched before it, and what others copy is put away after it.
    fn building(&self, taken: &[Taken<'_>]) -> String {
        let (tree, run) = (&self.resolved.model.tree, self.run());
        let body = match &tree.items[run.item].kind {
            ItemKind::Instruction(written) => written.rest.span().start,
            _ => run.keyword_span.end,
        };
        let keyword = tree.source.slice(run.keyword_span);
        let flags = tree.source.slice(Span::new(run.keyword_span.end, body)).trim();
        let between = format!(" {}\n    ", tree.directives.escape);
        let mut files: Vec<&str> = taken.iter().map(|one| one.path.as_str()).collect();
        files.sort_unstable();
        files.dedup();
        let files: Vec<String> = files.iter().map(|path| self.seen_from_here(path)).collect();
        let mut text = format!("{keyword} --mount=type=cache,target={},sharing=locked{between}", self.target);
        if !flags.is_empty() {
            text.push_str(&format!("{flags}{between}"));
        }
        text.push_str(&format!("{TOUCH}{between}&& {}", tree.source.slice(Span::new(body, run.span.end)).trim_end()));
        if !files.is_empty() {
            text.push_str(&format!("{between}&& mkdir -p {BUILT}{between}&& cp {} {BUILT}/", files.join(" ")));
        }
        text
    }

    /// A path below the working directory as it is written there.
    fn seen_from_here(&self, path: &str) -> String {
        let directory = self.target.trim_end_matches("target");
        path.strip_prefix(directory).unwrap_or(path).to_owned()
    }

    /// A COPY that takes its files from where they were put.
    fn copying(&self, copy: &Instruction, taken: &[&Taken<'_>]) -> String {
        let source = &self.resolved.model.tree.source;
        let mut text = String::new();
        let mut from = copy.span.start;
        for one in taken {
            let name = one.path.rsplit('/').next().unwrap_or_default();
            text.push_str(&format!("{}{BUILT}/{name}", source.slice(Span::new(from, one.span.start))));
            from = one.span.end;
        }
        text + source.slice(Span::new(from, copy.span.end))
    }

    fn proposal(&self, taken: &[Taken<'_>]) -> Proposal {
        let line = |one: &Instruction| self.resolved.model.tree.source.line_of(one.span.start) + 1;
        let mut because = vec![
            format!("Cargo keeps in {} what it has compiled, and compiles only what has changed", self.target),
            "the stage is not shipped, so nothing of it was in the image".to_owned(),
        ];
        if let Some(first) = taken.first() {
            because.push(format!("line {} copies what the RUN itself puts into {BUILT}", line(first.copy)));
        }
        Proposal {
            because,
            assumed: vec!["a build that goes on from an earlier one gives the same program".to_owned()],
            ..Proposal::new(
                ids::MOUNT_CARGO_TARGET,
                Class::Verify,
                "same files, same config, if Cargo builds the same twice",
                self.run().span,
            )
        }
    }
}
