//! Building in tests: a store, a context and a base image of their own, and the events of each build.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rplan::event::{Ending, Event, Timed};
use rplan::exec::backend::sandbox::Sandbox;
use rplan::exec::backend::{Backend, Cancel};
use rplan::exec::{self, NamedContext, Outcome, Outputs, Request, Settings, Tools};
use rplan::model::{ResolveOptions, Surroundings, analyze};
use rplan::oci::config::ImageConfig;
use rplan::oci::layer::{Compression, Entry, Kind, LayerWriter};
use rplan::oci::registry::Registries;
use rplan::oci::{BlobSink, BlobSource, Image, ImageName, Layout, Platform, assemble, copy};
use rplan::store::Store;
use rplan::syntax::parse;
use rplan::text::SourceFile;
use rplan::workspace::{Context, StatCache};

use super::rootfs::lay_out_busybox;

/// The name of the base image that every workshop has.
pub const BASE: &str = "busybox";

/// A place to build in.
pub struct Workshop {
    directory: tempfile::TempDir,
}

impl Workshop {
    /// An empty store, an empty context, and a busybox base image.
    pub fn new() -> Self {
        let workshop = Self::bare();
        let mut config = ImageConfig::new(Platform::host());
        config.config.env = vec!["PATH=/usr/bin:/bin".to_owned()];
        lay_out_base(&workshop.path("base"), config);
        workshop
    }

    /// The same without the base image.
    pub fn bare() -> Self {
        let workshop = Self { directory: tempfile::tempdir().expect("a directory") };
        fs::create_dir(workshop.path("context")).expect("a context");
        workshop
    }

    /// A path in the workshop.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Writes a file of the context.
    pub fn write(&self, path: &str, content: &str) {
        let place = self.path("context").join(path);
        fs::create_dir_all(place.parent().expect("a parent")).expect("parents");
        fs::write(place, content).expect("a file");
    }

    /// The store; each call opens it anew, as another process would.
    pub fn store(&self) -> Store {
        Store::open(self.path("store")).expect("a store")
    }

    /// What is asked for `dockerfile`.
    pub fn request(&self, dockerfile: &str) -> Request {
        let parsed = parse(&SourceFile::new("Dockerfile", dockerfile));
        assert_eq!(parsed.errors, [], "the Dockerfile of a test parses");
        let context = Context::open(&self.path("context"), None, StatCache::in_memory()).expect("a context");
        let context = Arc::new(context);
        let layout = NamedContext::Layout { path: self.path("base"), tag: None, digest: None };
        Request {
            model: analyze(parsed.tree),
            options: ResolveOptions { platform: Platform::host().to_string(), ..ResolveOptions::default() },
            surroundings: Surroundings { context: Some(context.clone()), ..Surroundings::default() },
            context: Some(context),
            named_contexts: [(BASE.to_owned(), layout)].into(),
            identity: "test".to_owned(),
            settings: Settings::default(),
            outputs: Outputs::default(),
        }
    }

    /// Builds `dockerfile` in sandboxes.
    pub fn build(&self, dockerfile: &str) -> Built {
        self.build_request(&self.request(dockerfile))
    }

    /// Builds what `request` asks for in sandboxes.
    pub fn build_request(&self, request: &Request) -> Built {
        self.build_with(request, &Sandbox::new(Path::new(env!("CARGO_BIN_EXE_rplan"))))
    }

    /// Builds what `request` asks for with another backend.
    pub fn build_with(&self, request: &Request, backend: &dyn Backend) -> Built {
        self.build_from(request, backend, None)
    }

    /// Builds what `request` asks for, asking registries for images.
    pub fn build_pulling(&self, request: &Request) -> Built {
        let registries = Registries::new(Default::default()).expect("threads");
        self.build_from(request, &Sandbox::new(Path::new(env!("CARGO_BIN_EXE_rplan"))), Some(&registries))
    }

    fn build_from(&self, request: &Request, backend: &dyn Backend, registries: Option<&Registries>) -> Built {
        let store = self.store();
        let cancel = Cancel::new().expect("a switch");
        let tools = Tools { store: &store, backend, registries, cancel: &cancel };
        let mut events = Vec::new();
        let outcome = exec::build(request, tools, &mut |timed| events.push(timed));
        Built { outcome, events }
    }
}

/// What a build gave, and what it told meanwhile.
pub struct Built {
    pub outcome: exec::Result<Outcome>,
    pub events: Vec<Timed>,
}

impl Built {
    /// The outcome of a build that was possible.
    pub fn outcome(&self) -> &Outcome {
        self.outcome.as_ref().unwrap_or_else(|error| panic!("the build could not be done: {}", in_full(error)))
    }

    /// The outcome of a build that succeeded.
    pub fn succeeded(&self) -> &Outcome {
        let outcome = self.outcome();
        assert!(outcome.failure.is_none(), "{:?}", outcome.failure);
        outcome
    }

    /// The error of a build that was not possible, with all that caused it.
    pub fn error(&self) -> String {
        in_full(self.outcome.as_ref().expect_err("the build is not possible"))
    }

    /// The names of the steps that ran, in the order of the plan.
    pub fn ran(&self) -> Vec<String> {
        let outcome = self.outcome();
        let ran = outcome.steps.iter().filter(|step| step.ending != Ending::Cached);
        ran.map(|step| outcome.planned.step(step.step).name.to_string()).collect()
    }

    /// The output of all steps.
    pub fn output(&self) -> Vec<&str> {
        self.events.iter().filter_map(line_of).collect()
    }
}

fn line_of(timed: &Timed) -> Option<&str> {
    match &timed.event {
        Event::StepOutput { line, .. } => Some(line),
        _ => None,
    }
}

fn in_full(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

/// An OCI layout with one image of one layer: busybox, if it is installed, and a few users.
pub fn lay_out_base(place: &Path, config: ImageConfig) -> Image {
    let root = tempfile::tempdir().expect("a directory");
    if Path::new(super::rootfs::BUSYBOX).exists() {
        lay_out_busybox(root.path());
    } else {
        fs::create_dir(root.path().join("etc")).expect("a directory");
        symlink("/nowhere", root.path().join("etc/link")).expect("a link");
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    let mut writer = LayerWriter::new(Vec::new(), Compression::None, &pool);
    for entry in rplan::tree::Walk::new(root.path()) {
        let found = entry.expect("an entry");
        let kind = match &found.kind {
            rplan::tree::Kind::File => Kind::File { size: found.size },
            rplan::tree::Kind::Directory => Kind::Directory,
            rplan::tree::Kind::Symlink { target } => {
                Kind::Symlink { target: target.to_str().expect("a text").as_bytes().to_vec() }
            }
            other => panic!("a root file system for tests has no {other:?}"),
        };
        let content = match kind {
            Kind::File { .. } => fs::read(root.path().join(&found.path)).expect("a file"),
            _ => Vec::new(),
        };
        let path = found.path.to_str().expect("a text").as_bytes();
        writer.append(&Entry::new(path, kind, found.attributes.mode), &content[..]).expect("an entry");
    }
    let (written, blob) = writer.finish().expect("a layer");
    let image = assemble(config, vec![written.layer], Default::default());
    let layout = Layout::create(place).expect("a layout");
    copy(&image, &OneBlob(blob), &layout as &dyn BlobSink, &|_| {}).expect("a copy");
    layout.publish(&image, &[ImageName::new("docker.io/library/busybox:latest")]).expect("an index");
    assert!(Image::load(&layout, &image.descriptor, &Platform::host()).is_ok());
    image
}

struct OneBlob(Vec<u8>);

impl BlobSource for OneBlob {
    fn open(&self, _: &rplan::oci::manifest::Descriptor) -> rplan::oci::Result<Box<dyn std::io::Read + Send + '_>> {
        Ok(Box::new(&self.0[..]))
    }
}
