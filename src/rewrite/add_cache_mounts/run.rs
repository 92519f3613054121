//! One RUN that gets cache mounts: which caches its calls fill, where they lie, and what cannot be proved.

use crate::effect::ecosystem::{Cache, arguments_of, has_option, is_one_of};
use crate::effect::instruction::{of_run, runs_as_root};
use crate::effect::paths;
use crate::model::shell::SimpleCommand;
use crate::model::{Command, Instruction, MountKind, Run, Stage};
use crate::rewrite::Refusal;
use crate::rewrite::add_cache_mounts::change::Changes;
use crate::rewrite::add_cache_mounts::place::{locate, owner};
use crate::rewrite::add_cache_mounts::{File, as_run};

/// The mounts that a RUN gets.
pub(super) struct Mounted<'a> {
    pub(super) stage: &'a Stage,
    pub(super) index: usize,
    pub(super) instruction: &'a Instruction,
    pub(super) mounts: Vec<Mount>,
    pub(super) changes: Changes,
    /// Paths that a command removes for the sake of the mounts.
    pub(super) removes: Vec<String>,
    /// Whether something of the cache stayed behind before.
    pub(super) leaves: bool,
    /// What could not be proved.
    pub(super) doubts: Vec<String>,
}

/// One of them.
pub(super) struct Mount {
    pub(super) cache: &'static Cache,
    pub(super) target: String,
    pub(super) uid: Option<String>,
    /// What tells it from mounts of the same target in other images.
    pub(super) id: Option<String>,
}

impl<'a> File<'a> {
    /// The mounts that the RUN at `index` of the stage gets; none where it calls nothing that fills a cache. What has to
    /// run before may have run in an earlier step.
    pub(super) fn mounted(
        &self,
        stage: &'a Stage,
        index: usize,
        is_prepared: bool,
    ) -> Result<Option<Mounted<'a>>, Refusal> {
        let instruction = &stage.instructions[index];
        let Some(run) = as_run(instruction) else { return Ok(None) };
        let commands = run.command.body().map(|body| body.commands()).unwrap_or_default();
        let is_of_system = self.ecosystem.calls.is_empty();
        if is_of_system && !self.follows_the_context(stage, index) {
            return Ok(None);
        }
        let is_fit = matches!(run.command, Command::Shell { .. } | Command::Script { .. });
        if !is_fit || run.network.as_ref().is_some_and(|network| network.value == "none") {
            return Ok(None);
        }
        let mounts = self.mounts(stage, index, run, commands)?;
        if mounts.is_empty() {
            return Ok(None);
        }
        let (removes, doubts) = (Vec::new(), self.doubts(stage, index, &mounts));
        let leaves = mounts.iter().any(|mount| self.leaves(mount.cache, commands));
        let changes = Changes::default();
        let mut mounted = Mounted { stage, index, instruction, mounts, changes, removes, leaves, doubts };
        self.change(&mut mounted, run, is_prepared).map_err(|reason| self.refuse(instruction.span, reason))?;
        Ok(Some(mounted))
    }

    fn mounts(
        &self,
        stage: &Stage,
        index: usize,
        run: &Run,
        commands: &[SimpleCommand],
    ) -> Result<Vec<Mount>, Refusal> {
        let instruction = &stage.instructions[index];
        let mut mounts = Vec::new();
        for &cache in &self.caches {
            let filling: Vec<Vec<&str>> = self.filling(cache, commands).collect();
            if filling.is_empty() || filling.iter().any(|arguments| has_option(arguments, cache.without)) {
                continue;
            }
            let is_root = runs_as_root(self.resolved, self.around, stage.id, index);
            let Some(owner) = owner(self.resolved, is_root, stage, index) else { continue };
            let Some(located) = locate(cache, self.resolved, instruction, commands, &owner) else { continue };
            let is_there = located.is_told || cache.image.is_none_or(|image| self.starts_from(stage.id, image));
            if !is_there || self.is_mounted(run, &located.path) || self.is_kept_elsewhere(cache) {
                continue;
            }
            if cache.needed_later && self.ships(stage.id) {
                let tool = self.ecosystem.tool;
                let reason = format!("the image would lack what {tool} has fetched, which its program may need");
                let help = "build in a stage of its own and copy the result";
                return Err(self.refuse(instruction.span, reason).help(help));
            }
            if !self.is_renewed(cache, commands) {
                let call = format!("{} {}", self.ecosystem.tool, cache.renewed_by[0]);
                let reason = format!("it does not call `{call}` itself, and a mount may be empty");
                return Err(self.refuse(instruction.span, reason));
            }
            mounts.push(Mount { cache, target: located.path, uid: owner.uid, id: None });
        }
        Ok(mounts)
    }

    /// The arguments of the calls that fill a cache.
    fn filling<'c>(
        &'c self,
        cache: &'static Cache,
        commands: &'c [SimpleCommand],
    ) -> impl Iterator<Item = Vec<&'c str>> {
        let calls = commands.iter().filter_map(|command| arguments_of(command, self.ecosystem.tool));
        calls.filter(|arguments| is_one_of(cache.filled_by, arguments))
    }

    /// Whether one of the calls leaves something in the cache as it stands.
    fn leaves(&self, cache: &'static Cache, commands: &[SimpleCommand]) -> bool {
        let replaced: Vec<&str> = cache.replaced.iter().map(|(option, _)| *option).collect();
        let is_off = |arguments: &Vec<&str>| has_option(arguments, cache.dropped) || has_option(arguments, &replaced);
        self.filling(cache, commands).any(|arguments| !is_off(&arguments))
    }

    /// Whether the cache is brought up to date in the same RUN, where that matters.
    fn is_renewed(&self, cache: &'static Cache, commands: &[SimpleCommand]) -> bool {
        let replaced = |option: &str| cache.replaced.iter().any(|(one, _)| *one == option);
        let renews = |arguments: Vec<&str>| {
            is_one_of(cache.renewed_by, &arguments)
                || arguments.iter().any(|one| one.starts_with('-') && cache.renewed_by.contains(one) || replaced(one))
        };
        cache.renewed_by.is_empty()
            || commands.iter().filter_map(|command| arguments_of(command, self.ecosystem.tool)).any(renews)
    }

    /// Whether some cache is mounted there, above or below.
    pub(super) fn is_mounted(&self, run: &Run, target: &str) -> bool {
        run.mounts.iter().filter(|mount| mount.kind != Some(MountKind::Secret)).any(|mount| {
            let word = mount.option(&["target", "dst", "destination"]).and_then(|word| self.resolved.known(word));
            word.is_none_or(|path| {
                paths::is_below(&paths::clean(path), target) || paths::is_below(target, &paths::clean(path))
            })
        })
    }

    fn is_kept_elsewhere(&self, cache: &Cache) -> bool {
        let Some(context) = self.around.context.as_deref() else { return !cache.unless.is_empty() };
        let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
        context.entries().iter().any(|entry| cache.unless.contains(&name(&entry.path).as_str()))
    }

    /// A command that nobody knows may use the cache for something of its own.
    fn doubts(&self, stage: &Stage, index: usize, mounts: &[Mount]) -> Vec<String> {
        let unknown = match of_run(self.resolved, self.around, stage, index) {
            Err(reason) => Some(reason),
            Ok(commands) => commands.into_iter().find_map(|command| command.effect.barrier),
        };
        let others = unknown.map(|reason| format!("nothing else in the RUN works with the cache ({reason})"));
        let is_of_user = mounts.iter().any(|mount| mount.uid.is_some());
        let user = "nothing else needs a directory above the cache, which belongs to root while the RUN runs";
        others.into_iter().chain(is_of_user.then(|| user.to_owned())).collect()
    }
}
