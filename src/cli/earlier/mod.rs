//! What is known of earlier builds of a Dockerfile: rplan's own, which its store remembers, and those that docker made and
//! whose progress was handed in.

mod elsewhere;
#[cfg(all(feature = "exec", target_os = "linux"))]
mod known;
#[cfg(not(all(feature = "exec", target_os = "linux")))]
mod unknown;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

#[cfg(all(feature = "exec", target_os = "linux"))]
use self::known as memory;
#[cfg(not(all(feature = "exec", target_os = "linux")))]
use self::unknown as memory;
use crate::cli::exit::{Answer, Failure};
use crate::cli::input;
use crate::cli::plan::planned;
use crate::cli::subject::Subject;
use crate::digest::Digest;
use crate::event::Ending;
use crate::model::{ImageFacts, resolve};
use crate::plan::Planned;
use crate::plan::critical::Cost;
use crate::plan::explain::Explainer;
use crate::plan::files::FileList;
use crate::plan::reason::Reason;
use crate::plan::record::StepRecord;
use crate::plan::since::{Difference, since};
use crate::plan::stale::Builder;
use crate::workspace::progress;

/// The last build of a Dockerfile.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct LastBuild {
    /// Who made it.
    pub(super) maker: Maker,
    /// When it was over, in seconds since 1970.
    pub(super) at: i64,
    /// How long it took.
    pub(super) took_ms: u64,
    /// Whether it came to its end.
    pub(super) succeeded: bool,
    /// The image it gave, where that is known.
    pub(super) image: Option<Digest>,
    /// What its base images set, by reference in full.
    bases: BTreeMap<String, ImageFacts>,
    /// Its steps, in the order of its plan.
    pub(super) steps: Vec<EarlierStep>,
    /// The lists of the files that its steps took, as far as they are kept with it.
    lists: BTreeMap<Digest, FileList>,
    /// Where the others are found.
    #[serde(skip)]
    shelf: Option<Shelf>,
}

/// Finds a list of files by its digest.
type Shelf = Arc<dyn Fn(&Digest) -> Option<FileList>>;

/// Who made a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Maker {
    /// `rplan build`
    Rplan,
    /// `docker buildx build`
    Buildx,
}

/// A step of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct EarlierStep {
    /// What it was.
    pub(super) record: StepRecord,
    /// How it ended.
    pub(super) ending: Ending,
    /// How long it took when it ran, then or before, where that is known.
    pub(super) took_ms: Option<u64>,
    /// Bytes of content in what it changed, where that is known.
    pub(super) size: Option<u64>,
    /// Why it ran.
    pub(super) because: Vec<Reason>,
    /// Whether this is what it was in a build before, because this one did not come to its end.
    is_from_before: bool,
}

impl EarlierStep {
    /// How long it took in this build; none if it did not run.
    fn took_now(&self) -> Option<Duration> {
        matches!(self.ending, Ending::Ran { .. }).then(|| Duration::from_millis(self.took_ms.unwrap_or_default()))
    }
}

/// The last build, if one is known here, or that whose progress is in the file `timings`, which is the last one then. The
/// subject comes to know the base images as that build found them.
pub(super) fn recall(subject: &mut Subject, target: Option<&str>, timings: Option<&Path>) -> Answer<Option<LastBuild>> {
    recall_made_by(subject, target, timings, None)
}

/// The same of those builds alone that one of them made, where that is said.
pub(super) fn recall_made_by(
    subject: &mut Subject,
    target: Option<&str>,
    timings: Option<&Path>,
    maker: Option<Maker>,
) -> Answer<Option<LastBuild>> {
    let mut last = recall_by(&subject.identity(target), maker)?;
    if let Some(path) = timings {
        let build = read(path, subject, last.as_ref())?;
        memory::keep(subject, target, &build);
        last = Some(build);
    }
    if let Some(build) = &last {
        subject.around.images.extend(build.bases.clone());
        subject.resolved = resolve(subject.resolved.model.clone(), &subject.resolved.options, &subject.around);
    }
    Ok(last)
}

/// The last build of what is known by its identity alone; of the one that is asked for, where that is said.
pub(super) fn recall_by(identity: &str, maker: Option<Maker>) -> Answer<Option<LastBuild>> {
    memory::last(identity, maker)
}

/// The build whose progress is in a file.
fn read(path: &Path, subject: &Subject, before: Option<&LastBuild>) -> Answer<LastBuild> {
    let help = "docker buildx build --progress=rawjson . 2> timings.json";
    let source = input::read(path)?;
    let vertices: Vec<_> = progress::vertices(source.bytes()).into_iter().map(|(_, vertex)| vertex).collect();
    if vertices.is_empty() {
        let message = format!("`{}` is no progress of a build in raw JSON", source.name());
        return Err(Failure::usage(message).with_help(help));
    }
    let planned = planned(subject, &subject.resolved)?;
    elsewhere::build_of(&vertices, &planned, subject.around.context.as_deref(), before).ok_or_else(|| {
        let name = subject.source.name();
        Failure::usage(format_args!("no step of {name} is in `{}`: it is another build", source.name())).with_help(help)
    })
}

/// What each step of a plan is known to take: what it took in the last build where docker made that, or else the median
/// of all builds that ran it here, whatever file it stood in.
pub(super) fn measured(last: Option<&LastBuild>, planned: &Planned) -> Answer<Vec<Cost>> {
    let own = last.map_or_else(|| vec![Cost::Unknown; planned.steps.len()], |last| last.costs(planned));
    let usual = memory::usual(planned)?.into_iter().map(|time| time.map_or(Cost::Unknown, Cost::Measured));
    let is_elsewhere = last.is_some_and(|last| last.maker == Maker::Buildx);
    let better = |(own, usual): (Cost, Cost)| match (own, usual) {
        (own, Cost::Unknown) => own,
        (Cost::Unknown, usual) => usual,
        (own, _) if is_elsewhere => own,
        (_, usual) => usual,
    };
    Ok(own.into_iter().zip(usual).map(better).collect())
}

/// Whose cache counts where nobody says so: whoever built it last has it.
pub(super) fn builder(last: Option<&LastBuild>) -> Builder {
    match last.map(|last| last.maker) {
        Some(Maker::Rplan) => Builder::Rplan,
        Some(Maker::Buildx) | None => Builder::Buildkit,
    }
}

impl LastBuild {
    /// What differs in the plan of today.
    pub(super) fn beside(&self, subject: &Subject, planned: &Planned) -> Difference {
        since(planned, &self.records(), &|list| self.files(list), subject.around.context.as_deref())
    }

    /// The steps that it came to.
    pub(super) fn own_steps(&self) -> impl Iterator<Item = &EarlierStep> {
        self.steps.iter().filter(|step| !step.is_from_before)
    }

    /// The bytes of content in the image it gave, where that is known.
    pub(super) fn size(&self) -> Option<u64> {
        self.steps.iter().map(|step| step.size).sum()
    }

    /// The last result of each step, from this build or one before.
    fn results(&self) -> impl Iterator<Item = &EarlierStep> {
        self.steps.iter().filter(|step| matches!(step.ending, Ending::Cached | Ending::Ran { .. }))
    }

    fn files(&self, list: &Digest) -> Option<FileList> {
        self.lists.get(list).cloned().or_else(|| self.shelf.as_ref()?(list))
    }

    fn records(&self) -> Vec<StepRecord> {
        self.results().map(|step| step.record.clone()).collect()
    }

    fn took(&self, record: &StepRecord) -> Option<Duration> {
        self.results().find(|step| step.record == *record)?.took_ms.map(Duration::from_millis)
    }

    /// What each step of the plan of today took in it.
    fn costs(&self, planned: &Planned) -> Vec<Cost> {
        let records = self.records();
        let explainer = Explainer::new(&records, planned);
        let took = |step| self.took(explainer.earlier(step)?);
        planned.steps.iter().map(|step| took(step.id).map_or(Cost::Unknown, Cost::Measured)).collect()
    }
}
