//! Builds that are killed, and many at once: the next one is right, and nothing is left behind.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::support::builds::{BASE, Workshop};
use crate::support::cli::Place;
use crate::support::system::system_tests_run;

const DOCKERFILE: &str = "\
FROM busybox AS a
RUN --mount=type=cache,target=/cache head -c 300000 /dev/urandom > /cache/noise; seq 2000 > /a
FROM busybox AS b
COPY text /context/
RUN cat /context/* | wc -c > /b; for i in 1 2 3 4 5 6 7 8; do mkdir /d$i; done
FROM busybox
COPY --from=a /a /
COPY --from=b /b /
RUN cat /a /b > /c
";

/// A place with a Dockerfile, a base image and a store of its own.
struct Site {
    place: Place,
    workshop: Workshop,
}

impl Site {
    fn new() -> Self {
        Self { place: Place::with(&[("Dockerfile", DOCKERFILE), ("text", "some words")]), workshop: Workshop::new() }
    }

    /// A build, begun; `number` makes its steps others than those of the builds before.
    fn begin(&self, number: u64) -> Child {
        let base = format!("{BASE}=oci-layout://{}", self.workshop.path("base").display());
        let dockerfile = DOCKERFILE.replace("seq 2000", &format!("seq {}", 2000 + number));
        let name = format!("Dockerfile.{number}");
        // Another build may be reading the same file: it never sees it half written.
        if !self.place.path().join(&name).exists() {
            self.place.write(&name, &dockerfile);
        }
        let mut command = self.place.command(Path::new(env!("CARGO_BIN_EXE_rplan")));
        command.args(["build", "-q", "--build-context", &base, "-f", &name, "."]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("rplan starts")
    }

    fn build(&self, number: u64) -> String {
        let output = self.begin(number).wait_with_output().expect("rplan ends");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("a digest")
    }

    /// What the first build gives, written out.
    fn files(&self) -> [String; 2] {
        let base = format!("{BASE}=oci-layout://{}", self.workshop.path("base").display());
        let run = self.place.rplan(&["build", "-q", "--build-context", &base, "-o", "out", "-f", "Dockerfile.0", "."]);
        assert_eq!(run.code, 0, "{run:?}");
        ["out/a", "out/c"].map(|path| self.place.read(path))
    }

    /// Processes in whose view of the file system something of this test is mounted: this one, were a mount left in
    /// plain sight, and whatever still runs in a sandbox.
    fn holders(&self) -> Vec<String> {
        let home = self.place.home().display().to_string();
        let numbers = fs::read_dir("/proc").expect("processes").filter_map(|entry| {
            let name = entry.ok()?.file_name().into_string().ok()?;
            name.parse::<u32>().is_ok().then_some(name)
        });
        let sees_a_mount = |number: &String| {
            fs::read_to_string(format!("/proc/{number}/mountinfo")).is_ok_and(|mounts| mounts.contains(&home))
        };
        numbers.filter(sees_a_mount).collect()
    }

    fn leftovers(&self) -> Vec<String> {
        let tmp = self.place.home().join(".local/share/rplan/store/tmp");
        let rooms = fs::read_dir(tmp).into_iter().flatten().flatten();
        rooms
            .map(|room| room.file_name().to_string_lossy().into_owned())
            .filter(|name| !name.starts_with('.'))
            .collect()
    }
}

/// How many builds are killed: 20, or what the environment says.
fn rounds() -> u64 {
    std::env::var("RPLAN_TEST_KILLS").ok().and_then(|count| count.parse().ok()).unwrap_or(20)
}

/// A small generator of numbers, so that a failure can be repeated from its seed.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

#[test]
fn a_build_that_is_interrupted_ends_everything_and_leaves_a_whole_cache() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let site = Site::new();
    // A step that would never end, and one beside it that holds a cache mount.
    let endless = DOCKERFILE.replace("seq 2000 > /a", "echo star''ted; sleep 1000 & sleep 1000");
    site.place.write("Dockerfile.endless", &endless);
    let base = format!("{BASE}=oci-layout://{}", site.workshop.path("base").display());
    let mut command = site.place.command(Path::new(env!("CARGO_BIN_EXE_rplan")));
    command.args(["build", "--progress", "json", "--build-context", &base, "-f", "Dockerfile.endless", "."]);
    let mut build = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().expect("rplan starts");
    let mut told = BufReader::new(build.stderr.take().expect("it is piped"));
    let mut line = String::new();
    // The step is at work.
    while !line.contains("started") {
        line.clear();
        assert!(told.read_line(&mut line).expect("a line") > 0, "it ended by itself");
    }
    let pid = nix::unistd::Pid::from_raw(build.id() as i32);
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT).expect("it is there");
    std::io::copy(&mut told, &mut std::io::sink()).expect("the rest");
    assert_eq!(build.wait().expect("it ends").code(), Some(4));
    assert_eq!(site.leftovers(), [""; 0]);
    assert_eq!(site.holders(), [""; 0], "what was started has ended before the build has");
    // The cache mount is free again, what was made before is used, and the next build is right.
    let again = site.build(0);
    assert_eq!(site.build(0), again);
    let [a, c] = site.files();
    assert!(a.ends_with("2000\n") && c.starts_with(&a));
}

#[test]
fn a_build_that_is_killed_at_any_moment_leaves_a_whole_cache() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").subsec_nanos();
    let seed = std::env::var("RPLAN_TEST_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(u64::from(now));
    eprintln!("RPLAN_TEST_SEED={seed}");
    let (site, mut state) = (Site::new(), seed);
    for number in 0..rounds() {
        let mut build = site.begin(number);
        thread::sleep(Duration::from_micros(next(&mut state) % 900_000));
        build.kill().and_then(|()| build.wait()).expect("killed");
    }
    let again = site.build(0);
    assert_eq!(site.build(0), again, "what is there is used");
    assert_eq!(site.leftovers(), [""; 0]);
    // What a killed build had started hears of it from the kernel, at its own time.
    let gone = (0..100).any(|_| {
        thread::sleep(Duration::from_millis(100));
        site.holders().is_empty()
    });
    assert!(gone, "{:?}", site.holders());
    let pruned = site.place.rplan(&["cache", "prune", "--all"]);
    assert_eq!(pruned.code, 0, "{pruned:?}");
    let fresh = Site::new();
    fresh.build(0);
    assert_eq!(site.files(), fresh.files());
}

#[test]
fn sixteen_builds_at_once_share_one_store() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let site = Site::new();
    let builds: Vec<Child> = (0..16).map(|number| site.begin(number % 4)).collect();
    let outputs = builds.into_iter().map(|build| build.wait_with_output().expect("rplan ends"));
    let mut digests: Vec<String> = Vec::new();
    for output in outputs {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        digests.push(String::from_utf8(output.stdout).expect("a digest"));
    }
    for number in 0..4 {
        let same = digests.iter().skip(number).step_by(4);
        assert!(same.clone().all(|digest| *digest == digests[number]), "{digests:?}");
    }
    assert_eq!((site.holders(), site.leftovers()), (Vec::new(), Vec::new()));
}

/// A small file system for the store of a place, gone when dropped.
struct SmallDisk(std::path::PathBuf);

impl SmallDisk {
    fn below(place: &Place) -> Self {
        let at = place.home().join(".local/share/rplan");
        fs::create_dir_all(&at).expect("a directory");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=64m", "none"]).arg(&at).status();
        assert!(mounted.is_ok_and(|status| status.success()), "a small file system can be mounted");
        Self(at)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

#[test]
fn a_disk_that_fills_up_is_told_and_the_next_build_is_right() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let site = Site::new();
    let _disk = SmallDisk::below(&site.place);
    let base = format!("{BASE}=oci-layout://{}", site.workshop.path("base").display());
    let fills = [
        "FROM busybox\nRUN head -c 100000000 /dev/urandom > /large\n",
        "FROM busybox\nRUN head -c 40000000 /dev/urandom > /a\nRUN head -c 40000000 /dev/urandom > /b\n",
        "FROM busybox\nRUN --mount=type=cache,target=/c head -c 100000000 /dev/zero > /c/large\n",
        "FROM busybox\nCOPY large /\nCOPY large /again\n",
    ];
    site.place.write("Small", "FROM busybox\nRUN echo 1 > /small\n");
    site.place.write("large", &"some words\n".repeat(4_000_000));
    for fill in fills {
        site.place.write("Dockerfile", fill);
        let run = site.place.rplan(&["build", "--build-context", &base, "."]);
        // What a command says of a full disk is its own affair.
        let is_told = ["No space left on device", "head: "].iter().any(|words| run.stderr.contains(words));
        assert!([3, 4].contains(&run.code) && is_told, "{fill}: {run:?}");
        assert_eq!(site.leftovers(), [""; 0], "{fill}");
        let pruned = site.place.rplan(&["cache", "prune", "--all"]);
        assert_eq!(pruned.code, 0, "{pruned:?}");
        let run = site.place.rplan(&["build", "-q", "--build-context", &base, "-o", "out", "-f", "Small", "."]);
        assert_eq!((run.code, site.place.read("out/small").as_str()), (0, "1\n"), "{run:?}");
    }
}
