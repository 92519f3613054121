//! `rplan plan`: what there is to do, and what a change would do to it.

use std::collections::BTreeSet;

use crate::cli::args::{BuilderName, PlanArgs, PlanFormatName};
use crate::cli::console::Console;
use crate::cli::earlier::{self, LastBuild, Maker, measured, recall};
use crate::cli::exit::{Answer, Exit, Failure};
use crate::cli::moment::written;
use crate::cli::subject::{Subject, problems};
use crate::cli::touched::SinceRevision;
use crate::cli::{formats, input, spared, touched};
use crate::model::Resolved;
use crate::plan::critical::Cost;
use crate::plan::since::Difference;
use crate::plan::stale::{Builder, Changes, invalidated};
use crate::plan::usual::usual;
use crate::plan::{Images, Outcome, Planned, Step, plan};
use crate::report::{PlanDot, PlanFormat, PlanJson, PlanMermaid, PlanNames, PlanText, PlanView};

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
        (Some(changes), Some(fates)) => spared::of_plan(&subject, &planned, fates, changes, builder)?,
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

/// The stages that the target does not need, by name or number.
fn unused_stages(resolved: &Resolved, planned: &Planned) -> Vec<String> {
    let unused = resolved.model.stages.iter().filter(|stage| planned.stage(stage.id).is_none());
    unused.map(|stage| stage.name.as_ref().map_or_else(|| stage.id.0.to_string(), |name| name.value.clone())).collect()
}
