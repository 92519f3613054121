//! A package manager of a language that fetches everything again whenever its RUN runs. Silent where some cache is mounted,
//! where the cache is turned off or put elsewhere, and where another user than root, with another home, runs the step.
//!
//! A mount makes it needless to leave the cache out or to clean it up, and the other way round. So the fix writes all
//! of the lines anew: whatever else would mend them does not fit, and finds nothing to mend in the next round.

use super::leftovers::sets;
use super::{Check, Cx, Out, RunCommand};
use crate::effect::ecosystem::{self, Cache, Ecosystem, arguments_of, has_option, is_one_of};
use crate::model::image_ref::ImageRef;
use crate::model::{Base, Instruction, MountKind, Operation, StageId};
use crate::text::{Edit, Span};

pub(super) struct InstallWithoutCacheMount;

/// Options with which nothing is fetched, whatever the package manager is.
const OPTIONS: &[&str] = &["--version", "--help", "--offline"];

impl Check for InstallWithoutCacheMount {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let (Operation::Run(run), Some(stage)) = (&instruction.operation, instruction.stage) else { return };
        let has_cache = run.mounts.iter().any(|mount| matches!(mount.kind, Some(MountKind::Cache) | None));
        if has_cache {
            return;
        }
        let called: Vec<(RunCommand<'_>, Vec<&Cache>)> = cx
            .commands(instruction)
            .map(|command| (filled_by(&command, stage, cx), command))
            .filter_map(|(caches, command)| (!caches.is_empty()).then_some((command, caches)))
            .collect();
        let Some((first, _)) = called.first() else { return };
        let caches = || called.iter().flat_map(|(_, caches)| caches.iter());
        let variables = caches().flat_map(|cache| cache.at.iter().map(|(name, _)| name).chain(cache.moved_by)).copied();
        let variables: Vec<&str> = variables.chain(["HOME"]).collect();
        if !is_root(instruction, stage, cx) || sets(&variables, instruction, cx) {
            return;
        }
        let mut places: Vec<String> = caches().map(|cache| cache.path.replacen('~', "/root", 1)).collect();
        places.sort_unstable();
        places.dedup();
        let name = first.command.name().unwrap_or_default();
        out.find(first.head(), format!("{name} fetches everything again whenever this step runs"))
            .help(format!("mount a cache at {}", places.join(" and ")))
            .fix("mount a cache", || {
                let mounts: String = places.iter().map(|place| format!(" --mount=type=cache,target={place}")).collect();
                let place = Span::new(instruction.keyword_span.end, cx.lines(instruction).end);
                Some(vec![Edit::replace(place, format!("{mounts}{}", cx.text(place)))])
            });
    }
}

/// The caches that the command fills, where it fetches packages of a language into their usual places.
fn filled_by(command: &RunCommand<'_>, stage: StageId, cx: &Cx<'_>) -> Vec<&'static Cache> {
    let languages = ecosystem::all().iter().filter(|ecosystem| !ecosystem.calls.is_empty());
    let called = languages.filter_map(|ecosystem| Some((ecosystem, arguments_of(command.command, ecosystem.tool)?)));
    let fills = |(ecosystem, arguments): (&'static Ecosystem, Vec<&str>)| {
        let is_used = |cache: &&Cache| {
            let off = [OPTIONS, cache.without, cache.dropped];
            is_one_of(cache.filled_by, &arguments)
                && cache.image.is_none_or(|wanted| starts_from(stage, wanted, cx))
                && !off.iter().any(|options| has_option(&arguments, options))
        };
        ecosystem.caches.iter().filter(is_used).collect::<Vec<_>>()
    };
    called.flat_map(fills).collect()
}

/// Whether the stage starts from this image of Docker's hub.
fn starts_from(stage: StageId, wanted: &str, cx: &Cx<'_>) -> bool {
    let Base::Image(name) = cx.root(stage) else { return false };
    ImageRef::parse(name).is_ok_and(|image| image.registry() == "docker.io" && image.repository() == wanted)
}

/// Whether no USER above the instruction names another user than root.
fn is_root(instruction: &Instruction, stage: StageId, cx: &Cx<'_>) -> bool {
    let above = cx.lineage(stage).flat_map(|stage| stage.instructions.iter().rev());
    let user = above.filter(|one| one.id < instruction.id).find_map(|one| match &one.operation {
        Operation::User(user) => Some(&user.user),
        _ => None,
    });
    user.is_none_or(|user| matches!(cx.resolved.known(user), Some("root" | "0")))
}
