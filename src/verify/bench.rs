//! Building versions of one Dockerfile, and looking at what each leaves.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::closure::{self, Lack};
use super::error::{Error, Result};
use super::footing::Footing;
use super::survey::{Contents, Survey, survey};
use crate::event::{Ending, Timed};
use crate::exec::backend::Status;
use crate::exec::{self, Cause, Failure, Fresh, Outcome, Outputs, Request, Settings, StoreBlobs, Tools, with_files};
use crate::model::{Model, Resolved, RuntimeNeeds};
use crate::oci::{Image, Layer, Platform};
use crate::plan::Planned;
use crate::rewrite::{Declared, Rebuild, image_alone};
use crate::store::{SnapshotId, Store};
use crate::tree::Root;
use crate::workspace::Context;

/// What is heard of the builds, one after the other.
pub enum News<'a> {
    /// A build begins; what it is for, in a few words.
    Begins(&'a str),
    /// Something happened in it.
    Event(Timed),
    /// It is over.
    Ends,
}

/// A place where versions of a file are built.
pub struct Bench<'a> {
    /// The build of the file as it is.
    pub original: &'a Request,
    /// What is built with.
    pub tools: Tools<'a>,
    listener: &'a mut dyn FnMut(News<'_>),
    contents: Contents,
    footings: BTreeMap<String, Arc<Footing>>,
}

/// One build of one version.
pub struct Job<'a> {
    /// What it is for, in a few words.
    pub title: &'a str,
    /// The version.
    pub model: &'a Model,
    /// The build context.
    pub context: Option<Arc<Context>>,
    /// Which earlier results are not used.
    pub fresh: Fresh,
    /// Builds of one series have the same name; none is the file's own, under which its next build finds what it took.
    pub series: Option<&'a str>,
    /// Where results are kept, if not in the user's own store.
    pub store: Option<&'a Store>,
}

/// What a build that succeeded left.
pub struct Built {
    /// What was to be done.
    pub planned: Planned,
    /// What was done, step by step in the order of the plan.
    pub steps: Vec<exec::StepResult>,
    /// How long it all took.
    pub took: Duration,
    /// The image.
    pub image: Image,
    files: Option<SnapshotId>,
}

/// What came of a build that could be done.
pub enum Attempt {
    /// The image is there.
    Built(Box<Built>),
    /// A step failed.
    Failed(Box<Outcome>),
}

impl<'a> Bench<'a> {
    /// Where versions of what `original` builds are built.
    pub fn new(original: &'a Request, tools: Tools<'a>, listener: &'a mut dyn FnMut(News<'_>)) -> Self {
        Self { original, tools, listener, contents: Contents::default(), footings: BTreeMap::new() }
    }

    /// Builds one version. That a step fails is no error.
    pub fn build(&mut self, job: &Job<'_>) -> Result<Attempt> {
        let Request { options, surroundings, named_contexts, identity, settings, .. } = self.original;
        let mut surroundings = surroundings.clone();
        surroundings.context = job.context.clone().map(|context| context as _);
        let request = Request {
            model: job.model.clone(),
            options: options.clone(),
            surroundings,
            context: job.context.clone(),
            named_contexts: named_contexts.clone(),
            identity: job.series.map_or_else(|| identity.clone(), |series| format!("{identity}\n{series}")),
            settings: Settings { fresh: job.fresh.clone(), ..settings.clone() },
            outputs: Outputs::default(),
        };
        (self.listener)(News::Begins(job.title));
        let tools = Tools { store: job.store.unwrap_or(self.tools.store), ..self.tools };
        let outcome = exec::build(&request, tools, &mut |event| (self.listener)(News::Event(event)));
        (self.listener)(News::Ends);
        let outcome = outcome?;
        let (None, Some(made)) = (&outcome.failure, &outcome.image) else {
            return match is_called_off(&outcome) {
                true => Err(exec::Error::Cancelled.into()),
                false => Ok(Attempt::Failed(Box::new(outcome))),
            };
        };
        let blobs = StoreBlobs(tools.store);
        let image = Image::load(&blobs, &made.descriptor, &Platform::host()).map_err(exec::Error::from)?;
        let files = made.files.clone();
        let Outcome { planned, steps, took, .. } = outcome;
        Ok(Attempt::Built(Box::new(Built { planned, steps, took, image, files })))
    }

    /// Builds the file as it is. What stops that stops all that follows.
    pub fn build_original(&mut self, title: &str, fresh: Fresh) -> Result<Box<Built>> {
        let original = self.original;
        let context = original.context.clone();
        let job = Job { title, model: &original.model, context, fresh, series: None, store: None };
        match self.build(&job)? {
            Attempt::Built(built) => Ok(built),
            Attempt::Failed(outcome) => Err(Error::Original(outcome)),
        }
    }
}

impl Bench<'_> {
    /// The tree that a build left in `store`, or in the user's own.
    pub fn survey(&self, built: &Built, store: Option<&Store>) -> Result<Survey> {
        let (store, contents) = (store.unwrap_or(self.tools.store), &self.contents);
        Ok(with_files(store, built.files.as_ref(), |root| Ok(survey(root, contents)?))?)
    }

    /// What programs in the image that was built, whose tree is `after`, lack of what was there `before`.
    pub fn lacks(
        &self,
        built: &Built,
        after: &Survey,
        before: &Survey,
        footing: Option<&Footing>,
    ) -> Result<Vec<Lack>> {
        let config = &built.image.config.config;
        let look = |root: &Root| Ok(closure::lacks(root, after, before, footing, config)?);
        Ok(with_files(self.tools.store, built.files.as_ref(), look)?)
    }

    /// What brings the files that `original`, whose tree is `before`, has at these places to an image whose tree is
    /// `after`.
    pub fn supply(
        &self,
        original: &Built,
        before: &Survey,
        after: &Survey,
        places: &BTreeSet<PathBuf>,
    ) -> Result<RuntimeNeeds> {
        let look = |root: &Root| Ok(closure::supply(root, before, after, places)?);
        Ok(with_files(self.tools.store, original.files.as_ref(), look)?)
    }

    /// The image that these changes put in the place of the first one, by itself.
    pub fn footing(&mut self, declared: &Declared) -> Result<Option<Arc<Footing>>> {
        let Some(image) = &declared.image else { return Ok(None) };
        if let Some(footing) = self.footings.get(image) {
            return Ok(Some(Arc::clone(footing)));
        }
        let title = format!("{image} by itself, to know what it brings");
        let alone = self.alone(image);
        let job = Job {
            title: &title,
            model: &alone.model,
            context: None,
            fresh: Fresh::Nothing,
            series: Some("footing"),
            store: None,
        };
        let built = match self.build(&job)? {
            Attempt::Built(built) => built,
            Attempt::Failed(outcome) => return Err(Error::Original(outcome)),
        };
        let footing = Footing { survey: self.survey(&built, None)?, config: built.image.config.clone() };
        let footing = Arc::new(footing);
        self.footings.insert(image.clone(), Arc::clone(&footing));
        Ok(Some(footing))
    }

    fn alone(&self, image: &str) -> Resolved {
        let Request { model, options, surroundings, .. } = self.original;
        image_alone(&crate::model::resolve(model.clone(), options, surroundings), surroundings, image)
    }
}

impl Built {
    /// Bytes of the image as it travels.
    pub fn size(&self) -> u64 {
        self.image.layers.iter().map(|layer| layer.blob.size).sum()
    }

    /// This build as one that came after `before`.
    pub fn after(&self, before: Option<&Built>) -> Rebuild {
        let old = before.map(|before| &before.image.layers[..]).unwrap_or_default();
        let is_old = |layer: &&Layer| old.iter().any(|old| old.blob.digest == layer.blob.digest);
        let reused = self.image.layers.iter().filter(is_old).map(|layer| layer.blob.size).sum();
        Rebuild { seconds: self.took.as_secs_f64(), ran: self.ran(), reused, size: self.size() }
    }

    /// The names of the steps that ran.
    fn ran(&self) -> Vec<String> {
        let ran = self.steps.iter().filter(|result| matches!(result.ending, Ending::Ran { .. }));
        ran.map(|result| self.planned.step(result.step).name.to_string()).collect()
    }
}

fn is_called_off(outcome: &Outcome) -> bool {
    let is_cancel = |failure: &Failure| {
        matches!(failure.cause, Cause::Command(Status::Cancelled) | Cause::Error(exec::Error::Cancelled))
    };
    outcome.failure.as_ref().is_none_or(is_cancel)
}
