//! Keep what installers fetch in cache mounts: when a manifest changes, only what is new is fetched again.
//!
//! The caches of one ecosystem are one proposal, for all RUNs of the file that fill them: what one fetches, another
//! finds. Those that may change more than themselves are another. What turned a cache off or emptied it is dropped with
//! it. Proved (S) where nothing of the cache was in the image before: it was turned off, or the stage is not shipped.
//! Silent where nobody knows where the cache lies, where a mount is there already, and for packages of the system that no
//! edit of the build context installs again.

mod change;
mod others;
mod place;
mod run;

use std::collections::BTreeSet;

use crate::effect::ecosystem::{self, Cache, Ecosystem};
use crate::model::image_ref::ImageRef;
use crate::model::{Base, Instruction, Operation, Resolved, Stage, StageId, Surroundings};
use crate::rewrite::change::Change;
use crate::rewrite::raise::Volatile;
use crate::rewrite::search::Found;
use crate::rewrite::{Class, Proposal, Refusal, Rewrite, ids, is_at_or_below, lineage};
use crate::text::Span;

use run::Mounted;

pub(super) const REWRITE: Rewrite =
    Rewrite { id: ids::ADD_CACHE_MOUNTS, page: include_str!("../../../rules/rewrite/add-cache-mounts.yaml"), find };

fn find(resolved: &Resolved, around: &Surroundings, found: &mut Found) {
    if !may_mount(resolved) {
        return;
    }
    for ecosystem in ecosystem::all() {
        for changes_more in [false, true] {
            let caches = ecosystem.caches.iter().filter(|cache| cache.differs.is_empty() != changes_more).collect();
            let file = File { resolved, around, ecosystem, caches };
            match file.mounted_runs() {
                Ok(runs) if runs.is_empty() => {}
                Ok(runs) => file.propose(&runs, found),
                Err(refusal) => found.refuse(refusal),
            }
        }
    }
}

/// Frontends before 1.2 know no mounts.
fn may_mount(resolved: &Resolved) -> bool {
    let frontend = resolved.model.tree.directives.syntax.as_ref();
    let tag = frontend.and_then(|image| image.value.rsplit_once(':')).map_or("", |(_, tag)| tag);
    let is_old = |start: &str| tag == start || tag.starts_with(&format!("{start}."));
    !(is_old("1.0") || is_old("1.1") || is_old("0"))
}

/// Caches of one ecosystem, and the file whose RUNs may fill them.
struct File<'a> {
    resolved: &'a Resolved,
    around: &'a Surroundings,
    ecosystem: &'static Ecosystem,
    caches: Vec<&'static Cache>,
}

impl<'a> File<'a> {
    /// Every RUN that gets mounts; an error where one of them may not.
    fn mounted_runs(&self) -> Result<Vec<Mounted<'a>>, Refusal> {
        let mut runs: Vec<Mounted<'a>> = Vec::new();
        for stage in &self.resolved.model.stages {
            for index in 0..stage.instructions.len() {
                let is_prepared = runs.iter().any(|run| is_at_or_below(self.resolved, stage.id, run.stage.id));
                runs.extend(self.mounted(stage, index, is_prepared)?);
            }
        }
        runs.iter().try_for_each(|run| self.nobody_else_needs(run, &runs))?;
        self.tell_apart(&mut runs);
        Ok(runs)
    }

    /// What was compiled for the libraries of one image is nothing for another: their caches get names of their own.
    fn tell_apart(&self, runs: &mut [Mounted<'a>]) {
        let bases: BTreeSet<&str> = runs.iter().filter_map(|run| self.base_of(run.stage.id)).collect();
        if bases.len() < 2 {
            return;
        }
        for run in runs {
            let base = self.base_of(run.stage.id).unwrap_or("scratch");
            let name: String = base.chars().map(|char| if char.is_ascii_alphanumeric() { char } else { '-' }).collect();
            run.mounts.iter_mut().filter(|mount| mount.cache.compiled).for_each(|mount| mount.id = Some(name.clone()));
        }
    }

    fn refuse(&self, span: Span, reason: impl Into<String>) -> Refusal {
        Refusal::new(ids::ADD_CACHE_MOUNTS, span, reason)
    }

    /// The image that a stage and those above it start from.
    fn base_of(&self, stage: StageId) -> Option<&str> {
        lineage(self.resolved, stage).find_map(|stage| match &self.resolved.bases[stage.0] {
            Base::Image(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// Whether the stage starts from this image of Docker's own library.
    fn starts_from(&self, stage: StageId, wanted: &str) -> bool {
        let image = self.base_of(stage).and_then(|name| ImageRef::parse(name).ok());
        image.is_some_and(|image| image.registry() == "docker.io" && image.repository() == wanted)
    }

    /// Whether an edit of the build context makes the instruction run again.
    fn follows_the_context(&self, stage: &Stage, index: usize) -> bool {
        let volatile = Volatile::of(self.resolved);
        lineage(self.resolved, stage.id).map(|id| self.resolved.model.stage(id)).any(|above| {
            let count = if above.id == stage.id { index } else { above.instructions.len() };
            (0..count).any(|earlier| volatile.brings(above, earlier))
        })
    }

    /// Whether what a stage leaves in a cache reaches the image.
    fn ships(&self, stage: StageId) -> bool {
        is_at_or_below(self.resolved, self.resolved.target, stage)
    }

    fn propose(&self, runs: &[Mounted<'a>], found: &mut Found) {
        let mut change = Change::of(self.resolved);
        runs.iter().for_each(|run| change.rewrite(run.instruction, run.rewritten(&self.resolved.model.tree)));
        match change.finish() {
            Ok(changed) => found.propose(self.proposal(runs), changed),
            Err(span) => found.refuse(self.refuse(span, "it holds bytes that are not UTF-8")),
        }
    }

    fn proposal(&self, runs: &[Mounted<'a>]) -> Proposal {
        let tool = self.ecosystem.tool;
        let places = names(runs.iter().flat_map(|run| run.mounts.iter().map(|mount| mount.target.as_str())));
        let is_left = runs.iter().any(|run| run.leaves && self.ships(run.stage.id));
        let differs =
            runs.iter().flat_map(|run| &run.mounts).map(|mount| mount.cache.differs).find(|one| !one.is_empty());
        let doubts: Vec<String> = runs.iter().flat_map(|run| run.doubts.iter().cloned()).collect();
        let claim = match (is_left, differs) {
            (true, _) => format!("same config, same files but for the cache in {places}"),
            (false, Some(differs)) => format!("same config; {differs}"),
            (false, None) if doubts.is_empty() => "same files, same config".to_owned(),
            (false, None) => "same files, same config, if what is assumed holds".to_owned(),
        };
        let is_proved = !is_left && differs.is_none() && doubts.is_empty();
        let class = if is_proved { Class::Same } else { Class::Verify };
        let (first, last) = (runs[0].instruction.span, runs[runs.len() - 1].instruction.span);
        let mut proposal = Proposal {
            because: vec![
                format!("{tool} keeps in {places} what it fetches, and finds it there when it runs again"),
                match is_left {
                    true => "what was fetched is of no use in the image".to_owned(),
                    false => format!("nothing of {places} was in the image before"),
                },
            ],
            assumed: doubts.into_iter().chain(self.assumed_of_the_base(runs)).collect(),
            notes: self.notes(runs),
            ..Proposal::new(ids::ADD_CACHE_MOUNTS, class, claim, first.to(last))
        };
        for run in runs.iter().filter(|run| self.ships(run.stage.id)) {
            proposal.declared.removes.extend(run.removes.iter().cloned());
            for mount in run.mounts.iter().filter(|mount| run.leaves || mount.cache.in_base) {
                let declared = &mut proposal.declared;
                let list = if mount.cache.in_base { &mut declared.changes } else { &mut declared.removes };
                list.push(mount.target.clone());
            }
        }
        for list in [&mut proposal.declared.removes, &mut proposal.declared.changes, &mut proposal.assumed] {
            list.sort();
            list.dedup();
        }
        proposal
    }

    fn assumed_of_the_base(&self, runs: &[Mounted<'a>]) -> Option<String> {
        let base = self.base_of(runs[0].stage.id)?;
        let variables = self.ecosystem.variables;
        (!self.around.images.contains_key(base))
            .then(|| format!("{base} runs as root and sets no {variables} variable (image not at hand)"))
    }

    fn notes(&self, runs: &[Mounted<'a>]) -> Vec<String> {
        let is_set = |name: &str| runs.iter().all(|run| self.resolved.variable(name, run.instruction).is_some());
        let needs = runs[0].mounts.iter().flat_map(|mount| mount.cache.needs);
        let wanted = needs.filter(|(name, _)| !is_set(name));
        let tool = self.ecosystem.tool;
        wanted
            .map(|(name, value)| format!("{name}={value} spares the warning that {tool} cannot link from a mount"))
            .collect()
    }
}

/// `a`, or `a and b`, each once.
fn names<'t>(names: impl Iterator<Item = &'t str>) -> String {
    names.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(" and ")
}

/// The RUN that an instruction is.
fn as_run(instruction: &Instruction) -> Option<&crate::model::Run> {
    match &instruction.operation {
        Operation::Run(run) => Some(run),
        _ => None,
    }
}
