//! `rplan plan`: what there is to do, and what a change would do to it.

use std::collections::BTreeSet;

use crate::cli::args::{BuilderName, PlanArgs, PlanFormatName};
use crate::cli::console::Console;
use crate::cli::earlier::{self, LastBuild, Maker, measured, recall};
use crate::cli::exit::{Answer, Exit, Failure};
use crate::cli::moment::written;
use crate::cli::subject::{Subject, problems};
use crate::cli::touched::SinceRevision;
use crate::cli::{formats, input, touched};
use crate::model::{Resolved, analyze, resolve};
use crate::plan::critical::Cost;
use crate::plan::matching::{Labelled, match_steps};
use crate::plan::since::Difference;
use crate::plan::stale::{Builder, Changes, Fate, invalidated};
use crate::plan::usual::usual;
use crate::plan::{Images, Outcome, Planned, Step, StepId, plan};
use crate::report::{PlanDot, PlanFormat, PlanJson, PlanMermaid, PlanNames, PlanText, PlanView};
use crate::rewrite::{Class, Costs, propose_where};
use crate::syntax::parse;
use crate::text::SourceFile;

/// Shows the plan of one Dockerfile.
pub(super) fn show(args: &PlanArgs, console: &mut Console) -> Answer {
    if let Some(revision) = args.since.as_deref().filter(|_| args.all) {
        return touched::show(args, revision, console);
    }
    let mut subject = Subject::read(&args.dockerfile)?;
    let last_build = recall(&mut subject, args.dockerfile.target.as_deref(), args.timings.as_deref())?;
    let planned = planned(&subject, &subject.resolved)?;
    let costs = costs(measured(last_build.as_ref(), &planned)?, &planned);
    let builder = args.builder.map_or_else(|| earlier::builder(last_build.as_ref()), Builder::from);
    let times_from = last_build.as_ref().and_then(times_from);
    // What is asked about; else what is different from the last build.
    let difference = match (&args.since, changes(args, &subject)?, last_build) {
        (Some(revision), ..) => Some(SinceRevision::new(revision).difference(&subject, &planned)?),
        (None, Some(changes), _) => Some(Difference { changes, ..Difference::default() }),
        (None, None, build) => build.map(|build| build.beside(&subject, &planned)),
    };
    let (changes, reasons) = difference.map(|it| (it.changes, it.reasons)).unzip();
    let reasons = reasons.unwrap_or_default();
    let context = subject.around.context.as_deref();
    let fates = changes.as_ref().map(|changes| invalidated(&planned, changes, context, builder));
    let needless = match (&changes, &fates) {
        (Some(changes), Some(fates)) => needless(&subject, &planned, fates, changes, builder)?,
        _ => BTreeSet::new(),
    };
    let view = PlanView {
        source: &subject.source,
        context: subject.context_note.clone(),
        planned: &planned,
        builder,
        fates,
        reasons,
        needless,
        costs,
        times_from,
        unused_stages: unused_stages(&subject.resolved, &planned),
    };
    formats::write_all(&args.formats, PlanFormatName::Pretty, console, |name, style, out| match name {
        PlanFormatName::Pretty => PlanText { style }.write(&view, out),
        PlanFormatName::Json => PlanJson.write(&view, out),
        PlanFormatName::Dot => PlanDot.write(&view, out),
        PlanFormatName::Mermaid => PlanMermaid.write(&view, out),
        PlanFormatName::Names => PlanNames.write(&view, out),
    })?;
    Ok(Exit::Fine)
}

/// Whose build the times are from, where it was not rplan's: `docker buildx, 2026-01-02 14:02 UTC`.
pub(super) fn times_from(build: &LastBuild) -> Option<String> {
    (build.maker == Maker::Buildx).then(|| format!("docker buildx, {}", written(build.at)))
}

impl From<BuilderName> for Builder {
    fn from(name: BuilderName) -> Self {
        match name {
            BuilderName::Buildkit => Builder::Buildkit,
            BuilderName::Buildah => Builder::Buildah,
            BuilderName::Kaniko => Builder::Kaniko,
            BuilderName::Rplan => Builder::Rplan,
        }
    }
}

/// What each step costs: as it was measured, or else what such steps usually take, where it is worth telling.
pub(super) fn costs(measured: Vec<Cost>, planned: &Planned) -> Vec<Cost> {
    let known = |(cost, step): (Cost, &Step)| match cost {
        Cost::Unknown => usual(step),
        cost => cost,
    };
    measured.into_iter().zip(&planned.steps).map(known).collect()
}

/// The plan, base images that are not at hand assumed: nothing here may touch the network.
pub(super) fn planned(subject: &Subject, resolved: &Resolved) -> Answer<Planned> {
    match plan(resolved, &subject.around, Images::MayBeAssumed) {
        Ok(Outcome::Planned(planned)) => Ok(planned),
        Ok(Outcome::Needs(images)) => unreachable!("images may be assumed, and yet {images:?} are needed"),
        Err(found) => Err(problems(&subject.source, &found)),
    }
}

/// What is said to have changed; none when nothing was asked.
fn changes(args: &PlanArgs, subject: &Subject) -> Answer<Option<Changes>> {
    if args.changed.is_empty() {
        return Ok(None);
    }
    let mut paths = Vec::new();
    for path in &args.changed {
        match path.as_str() {
            "-" => paths.extend(listed_on_stdin()?),
            path => paths.push(path.to_owned()),
        }
    }
    if subject.around.context.is_none() {
        return Err(Failure::usage("the build context is unknown, so that no changed path can be found in it")
            .with_help("name it: rplan plan -f DOCKERFILE CONTEXT"));
    }
    let context = subject.around.context.as_deref();
    Ok(Some(Changes::of_paths(paths.iter().map(String::as_str), context)))
}

fn listed_on_stdin() -> Answer<Vec<String>> {
    let text = String::from_utf8_lossy(&input::read_stdin()?).into_owned();
    Ok(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect())
}

/// The steps that run now and would stay cached in the file that `rplan optimize --write` leaves.
fn needless(
    subject: &Subject,
    planned_now: &Planned,
    fates: &[Fate],
    changes: &Changes,
    builder: Builder,
) -> Answer<BTreeSet<StepId>> {
    let costs = Costs::default();
    let proposals =
        propose_where(&subject.resolved, &subject.around, &costs, &|proposal| proposal.class == Class::Same);
    if proposals.moves.is_empty() {
        return Ok(BTreeSet::new());
    }
    let bytes = proposals.moves.iter().fold(subject.source.bytes().to_vec(), |bytes, step| step.edits.apply(&bytes));
    let parsed = parse(&SourceFile::new(subject.source.name(), bytes));
    let resolved = resolve(analyze(parsed.tree), &subject.resolved.options, &subject.around);
    let better = planned(subject, &resolved)?;
    let better_fates = invalidated(&better, changes, subject.around.context.as_deref(), builder);
    let matched = match_steps(&labelled(&better, &stages(&better)), &labelled(planned_now, &stages(planned_now)));
    let spared = |step: &&StepId| {
        let runs = fates[step.0].runs();
        runs && matched[step.0].is_some_and(|other| {
            better.steps[other].text == planned_now.step(**step).text && better_fates[other] == Fate::Cached
        })
    };
    let steps: Vec<StepId> = planned_now.steps.iter().map(|step| step.id).collect();
    Ok(steps.iter().filter(spared).copied().collect())
}

fn stages(planned: &Planned) -> Vec<String> {
    planned.steps.iter().map(|step| planned.stage_label(step.stage)).collect()
}

fn labelled<'a>(planned: &'a Planned, stages: &'a [String]) -> Vec<Labelled<'a>> {
    planned.steps.iter().zip(stages).map(|(step, stage)| Labelled { stage, text: &step.text }).collect()
}

/// The stages that the target does not need, by name or number.
fn unused_stages(resolved: &Resolved, planned: &Planned) -> Vec<String> {
    let unused = resolved.model.stages.iter().filter(|stage| planned.stage(stage.id).is_none());
    unused.map(|stage| stage.name.as_ref().map_or_else(|| stage.id.0.to_string(), |name| name.value.clone())).collect()
}
