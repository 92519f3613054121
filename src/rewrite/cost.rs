//! What a rebuild costs, and what a proposal saves of it.
//!
//! Owns the priors for steps that nobody has measured, and the replay of past commits. Which steps run again is never
//! decided here but by `plan`, which also knows the longest chain of them.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use crate::effect::command::{self, Place};
use crate::effect::{Action, CommandEffect, PackageManager};
use crate::model::{BuildContext, History, Operation, Resolved, Surroundings};
use crate::plan::critical::{self, Cost};
use crate::plan::stale::{Builder, Changes, Watch};
use crate::plan::{Images, Outcome, Planned, Step, plan};

/// Whose rules of caching count: a file is optimised for whoever builds it.
const BUILDER: Builder = Builder::Buildkit;

/// Less than this, in seconds, is no gain that anybody would notice.
const NOTICEABLE: f64 = 0.05;

/// Where a figure comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// From a build that was seen.
    Measured,
    /// A prior for steps of its kind.
    Estimated,
}

/// Seconds of the last known run of steps, by their text as shown.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Costs {
    /// By text.
    pub measured: BTreeMap<String, f64>,
}

/// What a proposal saves.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Gain {
    /// Seconds that the median of these commits saves.
    pub seconds: f64,
    /// In how many commits of the history it saves them.
    pub commits: usize,
    /// How many commits were looked at.
    pub of: usize,
    /// Where the seconds come from.
    pub origin: Origin,
}

/// What rebuilds take before and after all that is proposed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outlook {
    /// The file of the context that most commits change.
    pub edited: String,
    /// Seconds of a rebuild after an edit of that file alone: as it is, and as it would be.
    pub edit: (f64, f64),
    /// Seconds that the rebuilds after a hundred commits take: as they are, and as they would be.
    pub per_hundred: (f64, f64),
    /// Where the seconds come from.
    pub origin: Origin,
}

/// The rebuilds of one version of a file, one for each commit of the history, and one for an edit.
pub(super) struct Rebuilds {
    commits: Vec<f64>,
    edited: String,
    edit: f64,
    origin: Origin,
}

impl Rebuilds {
    /// Replays the history on a version of the file. None where there is no history, or no plan.
    pub(super) fn replay(resolved: &Resolved, around: &Surroundings, costs: &Costs) -> Option<Self> {
        let context = around.context.as_deref()?;
        let history = around.history.as_ref().filter(|history| !history.commits.is_empty())?;
        let Ok(Outcome::Planned(planned)) = plan(resolved, around, Images::MayBeAssumed) else { return None };
        let costs: Vec<Cost> = planned.steps.iter().map(|step| cost(step, resolved, costs)).collect();
        let watch = Watch::new(&planned, Some(context));
        let seconds = |paths: &mut dyn Iterator<Item = &str>| {
            let changes = Changes::of_paths(paths, Some(context));
            rebuild(&planned, &watch, &changes, &costs)
        };
        let edited = most_edited(history, context)?;
        Some(Self {
            commits: history.commits.iter().map(|paths| seconds(&mut paths.iter().map(String::as_str))).collect(),
            edited: edited.to_owned(),
            edit: seconds(&mut std::iter::once(edited)),
            origin: match costs.iter().any(|cost| matches!(cost, Cost::Estimated(_))) {
                true => Origin::Estimated,
                false => Origin::Measured,
            },
        })
    }

    /// What `after` saves of these; none when no commit would have noticed.
    pub(super) fn gain(&self, after: &Self) -> Option<Gain> {
        let saved = self.commits.iter().zip(&after.commits).map(|(before, after)| before - after);
        let mut saved: Vec<f64> = saved.filter(|seconds| *seconds > NOTICEABLE).collect();
        saved.sort_unstable_by(f64::total_cmp);
        let seconds = *saved.get(saved.len() / 2)?;
        Some(Gain { seconds, commits: saved.len(), of: self.commits.len(), origin: self.origin.max(after.origin) })
    }

    /// Both beside each other.
    pub(super) fn outlook(&self, after: &Self) -> Outlook {
        let per_hundred =
            |rebuilds: &Self| rebuilds.commits.iter().sum::<f64>() * 100.0 / rebuilds.commits.len() as f64;
        Outlook {
            edited: self.edited.clone(),
            edit: (self.edit, after.edit),
            per_hundred: (per_hundred(self), per_hundred(after)),
            origin: self.origin.max(after.origin),
        }
    }
}

/// Seconds until everything that these changes make stale has run again, independent steps at once.
fn rebuild(planned: &Planned, watch: &Watch, changes: &Changes, costs: &[Cost]) -> f64 {
    let fates = watch.invalidated(changes, BUILDER);
    critical::path(planned, &|step| costs[step.0], &|step| fates[step.0].is_stale()).time.as_secs_f64()
}

/// The file of the context that most commits changed; of equals the first by name.
fn most_edited<'h>(history: &'h History, context: &dyn BuildContext) -> Option<&'h str> {
    let mut edits: BTreeMap<&str, usize> = BTreeMap::new();
    for path in history.commits.iter().flatten().filter(|path| context.entry(path).is_some()) {
        *edits.entry(path).or_default() += 1;
    }
    edits.into_iter().max_by_key(|(path, count)| (*count, std::cmp::Reverse(*path))).map(|(path, _)| path)
}

fn cost(step: &Step, resolved: &Resolved, costs: &Costs) -> Cost {
    match costs.measured.get(&step.text) {
        Some(seconds) => Cost::Measured(Duration::from_secs_f64(seconds.max(0.0))),
        None => prior(step, resolved).map_or(Cost::Unknown, Cost::Estimated),
    }
}

/// What a step of its kind usually takes, on a small machine near a mirror: the sum over its commands.
fn prior(step: &Step, resolved: &Resolved) -> Option<Duration> {
    let instruction = resolved.model.instructions().find(|instruction| instruction.id == step.instruction)?;
    let Operation::Run(run) = &instruction.operation else { return None };
    let place = Place { workdir: "/".to_owned(), ..Place::default() };
    let commands = run.command.body()?.commands().iter().map(|each| command::of_command(each, &place));
    let seconds: Vec<u64> = commands.filter_map(|command| usual_seconds(&command)).collect();
    (!seconds.is_empty()).then(|| Duration::from_secs(seconds.iter().sum()))
}

fn usual_seconds(command: &CommandEffect) -> Option<u64> {
    use PackageManager::{Apk, Apt, Dnf, Go, Npm, Pip, Yum, Zypper};
    match (command.manager?, command.action) {
        (Apk | Apt | Dnf | Yum | Zypper, Action::Install) => Some(30),
        (Pip, Action::Install) => Some(20),
        (Npm, Action::Install) => Some(35),
        (Go, Action::Install) => Some(15),
        (Go, Action::Build) => Some(30),
        _ => None,
    }
}
