//! A build from nothing and an unchanged one, and what a single RUN costs.
//!
//! The base is Debian's busybox-static, put on `scratch` by COPY. Needs root. Run with `cargo bench --bench build`.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use divan::Bencher;
use rplan::exec::backend::sandbox::Sandbox;
use rplan::exec::backend::{Backend, Cancel, Io, PreparedRun, Root, Status};
use rplan::exec::{self, Outputs, Request, Settings, Tools};
use rplan::model::{ResolveOptions, Surroundings, analyze};
use rplan::oci::Platform;
use rplan::store::Store;
use rplan::syntax::parse;
use rplan::text::SourceFile;
use rplan::workspace::{Context, StatCache};

const BUSYBOX: &str = "/bin/busybox";

/// Three independent stages that sleep two seconds each, joined.
const SLEEPERS: &str = concat!(include_str!("support/base.dockerfile"), include_str!("support/sleepers.dockerfile"));

struct Site {
    directory: tempfile::TempDir,
    sandbox: Sandbox,
}

impl Site {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        fs::create_dir(directory.path().join("context")).expect("a context");
        fs::copy(BUSYBOX, directory.path().join("context/busybox")).expect("install busybox-static");
        Self { directory, sandbox: Sandbox::new(Path::new(env!("CARGO_BIN_EXE_rplan"))) }
    }

    fn build(&self) {
        let tree = parse(&SourceFile::new("Dockerfile", SLEEPERS)).tree;
        let cache = StatCache::in_directory(&self.directory.path().join("stat"), self.directory.path());
        let context = Context::open(&self.directory.path().join("context"), None, cache).expect("a context");
        let context = Arc::new(context);
        let request = Request {
            model: analyze(tree),
            options: ResolveOptions { platform: Platform::host().to_string(), ..ResolveOptions::default() },
            surroundings: Surroundings { context: Some(context.clone()), ..Surroundings::default() },
            context: Some(context),
            named_contexts: Default::default(),
            identity: "bench".to_owned(),
            settings: Settings::default(),
            outputs: Outputs { names: vec!["bench".to_owned()], ..Outputs::default() },
        };
        let store = Store::open(self.directory.path().join("store")).expect("a store");
        let cancel = Cancel::new().expect("a switch");
        let tools = Tools { store: &store, backend: &self.sandbox, registries: None, cancel: &cancel };
        let outcome = exec::build(&request, tools, &mut |_| {}).expect("a build");
        assert!(outcome.failure.is_none(), "{:?}", outcome.failure);
    }
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn three_sleeping_stages_from_nothing(bencher: Bencher<'_, '_>) {
    bencher.with_inputs(Site::new).bench_values(|site| {
        site.build();
        site
    });
}

#[divan::bench(sample_count = 30, sample_size = 1)]
fn the_same_unchanged(bencher: Bencher<'_, '_>) {
    let site = Site::new();
    site.build();
    bencher.bench_local(|| site.build());
}

#[divan::bench(sample_count = 100, sample_size = 1)]
fn one_trivial_run(bencher: Bencher<'_, '_>) {
    let site = Site::new();
    let lower = site.directory.path().join("lower");
    fs::create_dir_all(lower.join("bin")).expect("a directory");
    fs::copy(BUSYBOX, lower.join("bin/sh")).expect("busybox");
    let cancel = Cancel::new().expect("a switch");
    let mut number = 0;
    let prepare = || {
        number += 1;
        let place = site.directory.path().join(number.to_string());
        let [upper, work, mount_at] = ["upper", "work", "root"].map(|name| place.join(name));
        [&upper, &work, &mount_at].into_iter().for_each(|path| fs::create_dir_all(path).expect("a directory"));
        let root = Root { lowers: vec![lower.clone()], floor: None, upper, work, mount_at };
        PreparedRun::new(root, ["/bin/sh", "-c", "echo hi > /x"].map(str::to_owned).to_vec())
    };
    bencher.with_inputs(prepare).bench_local_values(|run| {
        let ran = site.sandbox.run(&run, &mut Io { line: &mut |_| {}, cancel: &cancel });
        assert_eq!(ran.status, Status::Succeeded);
    });
}

fn main() {
    divan::main();
}
