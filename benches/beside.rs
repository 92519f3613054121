//! The same Dockerfiles built by rplan, by buildah where it is installed, and by BuildKit: the buildkitd that
//! `BUILDKIT_HOST` names, or else the one inside dockerd where that is installed, which is a daemon of its own here.
//! Medians of five, side by side in one run.
//!
//! Debian's dockerd has an old BuildKit and writes no archives with compressed layers: it takes no part in that bench.
//!
//! Whole commands are timed, as people start them. Needs root and Debian's busybox-static. Run on a quiet machine with
//! `cargo bench --bench beside`.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use divan::Bencher;

use support::dockerd::Dockerd;

/// What the tests have for daemons that others wrote, by the rules of tests.
#[allow(unreachable_pub, clippy::unwrap_used)]
mod support {
    #[path = "../../tests/it/support/dockerd.rs"]
    pub mod dockerd;
    #[path = "../../tests/it/support/mounted.rs"]
    mod mounted;
}

const BUSYBOX: &str = "/bin/busybox";

/// The beginning of every file: a base image made of one program.
const BASE: &str = include_str!("support/base.dockerfile");

/// Three independent stages that sleep two seconds each, joined.
const SLEEPERS: &str = include_str!("support/sleepers.dockerfile");

/// How many commands there are in the file that shows what one costs.
const COMMANDS: usize = 50;

/// Who builds.
#[derive(Debug, Clone, Copy)]
enum Builder {
    Rplan,
    Buildah,
    Buildkit,
    Dockerd,
}

/// The daemon, once it is needed.
static DOCKERD: Mutex<Option<Dockerd>> = Mutex::new(None);

impl fmt::Display for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", format!("{self:?}").to_lowercase())
    }
}

/// Those that are here.
fn builders() -> Vec<Builder> {
    let is_here = |program| Command::new(program).arg("--version").stdout(Stdio::null()).status().is_ok();
    let mut builders = vec![Builder::Rplan];
    builders.extend(is_here("buildah").then_some(Builder::Buildah));
    match std::env::var_os("BUILDKIT_HOST") {
        Some(_) => builders.push(Builder::Buildkit),
        None => builders.extend(is_here("dockerd").then_some(Builder::Dockerd)),
    }
    builders
}

/// Those of them that write archives with compressed layers.
fn packers() -> Vec<Builder> {
    builders().into_iter().filter(|builder| !matches!(builder, Builder::Dockerd)).collect()
}

/// Tells one site from all others, so that a daemon that keeps its cache has nothing of them.
static SITES: AtomicU64 = AtomicU64::new(0);

/// A context, and an empty store for whoever builds it.
struct Site(tempfile::TempDir);

impl Site {
    fn new(dockerfile: &str) -> Self {
        let site = Self(tempfile::tempdir().expect("a directory"));
        fs::create_dir(site.path("context")).expect("a context");
        fs::copy(BUSYBOX, site.path("context/busybox")).expect("install busybox-static");
        let number = SITES.fetch_add(1, Ordering::Relaxed);
        let own = format!("ENV SITE={}-{number}\n", std::process::id());
        let text = format!("{}{dockerfile}", BASE.replacen("COPY", &format!("{own}COPY"), 1));
        fs::write(site.path("context/Dockerfile"), text).expect("a Dockerfile");
        site
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Builds; an image in an archive is what comes out, if that is wanted.
    fn build(&self, builder: Builder, archive: bool) {
        let (context, out) = (self.path("context"), self.path("out.tar"));
        match builder {
            Builder::Rplan => {
                let dest = format!("type=oci,dest={}", out.display());
                let output: &[&str] = if archive { &["-o", &dest] } else { &[] };
                let mut command = Command::new(env!("CARGO_BIN_EXE_rplan"));
                for (variable, name) in [("XDG_DATA_HOME", "data"), ("XDG_CACHE_HOME", "cache")] {
                    command.env(variable, self.path(name));
                }
                finish(command.args(["build", "-q", "-t", "beside"]).args(output).arg(&context));
            }
            Builder::Buildah => {
                let mut build = self.buildah();
                finish(
                    build
                        .args(["bud", "-q", "--layers", "--jobs", "4", "--isolation", "chroot", "-t", "beside"])
                        .arg(&context),
                );
                if archive {
                    let to = format!("oci-archive:{}", out.display());
                    finish(self.buildah().args(["push", "-q", "beside", &to]));
                }
            }
            Builder::Buildkit => {
                let local = |name: &str| format!("{name}={}", context.display());
                let mut command = Command::new("buildctl");
                command.args(["build", "--progress", "plain", "--frontend", "dockerfile.v0"]);
                command.args(["--local", &local("context"), "--local", &local("dockerfile")]);
                if archive {
                    command.args(["--output", &format!("type=oci,dest={}", out.display())]);
                }
                finish(&mut command);
            }
            Builder::Dockerd => {
                let mut daemon = DOCKERD.lock().expect("nobody panics with it");
                let daemon = daemon.get_or_insert_with(Dockerd::start);
                let mut command = Command::new("docker");
                command.env("DOCKER_BUILDKIT", "1").env("DOCKER_HOST", format!("unix://{}", daemon.socket().display()));
                command.env("DOCKER_CONFIG", self.path("config"));
                finish(command.args(["build", "-q", "--network", "host", "-t", "beside"]).arg(&context));
            }
        }
    }

    fn buildah(&self) -> Command {
        let mut command = Command::new("buildah");
        command.arg("--root").arg(self.path("graph")).arg("--runroot").arg(self.path("run"));
        command
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        // What buildah keeps mounted would keep its directory.
        if self.path("graph").exists() {
            let _ = self.buildah().args(["rm", "--all"]).output();
            let _ = Command::new("umount").arg(self.path("graph/overlay")).output();
        }
    }
}

fn finish(command: &mut Command) {
    let output = command.output().expect("the program is here");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn many_files(context: &Path) {
    for directory in 0..500 {
        let place = context.join(format!("packages/mod-{}/component-{directory}", directory % 20));
        fs::create_dir_all(&place).expect("a directory");
        (0..40).for_each(|file| {
            fs::write(place.join(format!("{file}.ts")), format!("{directory}.{file}")).expect("a file")
        });
    }
    // What has just been written is not trusted to stay as it is.
    std::thread::sleep(std::time::Duration::from_secs(5));
}

/// Words that compress as text does.
fn large_file(context: &Path) {
    let mut state = 1_u64;
    // Its own for each site.
    let mut text = format!("{}\n", context.display());
    while text.len() < 200 << 20 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        text.push_str(&format!("word {:04x} ", state >> 48));
    }
    fs::write(context.join("large"), text).expect("a file");
}

#[divan::bench(args = builders(), sample_count = 5, sample_size = 1)]
fn three_sleeping_stages(bencher: Bencher<'_, '_>, builder: Builder) {
    bencher.with_inputs(|| Site::new(SLEEPERS)).bench_values(|site| {
        site.build(builder, false);
        site
    });
}

#[divan::bench(args = builders(), sample_count = 5, sample_size = 1)]
fn nothing_changed(bencher: Bencher<'_, '_>, builder: Builder) {
    let site = Site::new("FROM base\nRUN echo 1 > /x\nRUN echo 2 > /y\n");
    site.build(builder, false);
    bencher.bench_local(|| site.build(builder, false));
}

#[divan::bench(args = builders(), sample_count = 5, sample_size = 1)]
fn nothing_of_20_000_files_changed(bencher: Bencher<'_, '_>, builder: Builder) {
    let site = Site::new("FROM base\nCOPY packages /app\n");
    many_files(&site.path("context"));
    (0..2).for_each(|_| site.build(builder, false));
    bencher.bench_local(|| site.build(builder, false));
}

/// Fifty times what one command costs, and what a build costs besides.
#[divan::bench(args = builders(), sample_count = 5, sample_size = 1)]
fn fifty_commands(bencher: Bencher<'_, '_>, builder: Builder) {
    let commands: String = (0..COMMANDS).map(|number| format!("RUN echo {number} > /x\n")).collect();
    let new = || Site::new(&format!("FROM base\n{commands}"));
    bencher.with_inputs(new).bench_values(|site| {
        site.build(builder, false);
        site
    });
}

#[divan::bench(args = packers(), sample_count = 5, sample_size = 1)]
fn layer_of_200_mb_into_an_archive(bencher: Bencher<'_, '_>, builder: Builder) {
    let new = || {
        let site = Site::new("FROM base\nCOPY large /\n");
        large_file(&site.path("context"));
        site
    };
    bencher.with_inputs(new).bench_values(|site| {
        site.build(builder, true);
        site
    });
}

fn main() {
    divan::main();
    // Nothing drops what is static.
    drop(DOCKERD.lock().expect("nobody panics with it").take());
}
