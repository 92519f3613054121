//! The examples: all are linted and planned; those that need only what Debian provides are built for real.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::dockerd::Dockerd;
use crate::support::registry::DockerRegistry;
use crate::support::system::system_tests_run;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A copy of an example, and a store of its own.
struct Example {
    directory: tempfile::TempDir,
}

impl Example {
    fn new(name: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let status = Command::new("cp")
            .arg("-r")
            .arg(root().join("examples").join(name))
            .arg(directory.path().join("context"))
            .status();
        assert!(status.unwrap().success());
        Self { directory }
    }

    fn context(&self) -> PathBuf {
        self.directory.path().join("context")
    }

    fn rplan(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_rplan"))
            .args(arguments)
            .current_dir(self.context())
            .env("XDG_DATA_HOME", self.directory.path().join("data"))
            .env("XDG_CACHE_HOME", self.directory.path().join("cache"))
            .env("XDG_CONFIG_HOME", self.directory.path().join("config"))
            .output()
            .unwrap()
    }

    /// Builds with `base` standing for the image `image`, into a directory; what was said, and where the files are.
    fn build(&self, image: &str, base: &str, further: &[&str]) -> (String, PathBuf) {
        let files = self.directory.path().join("files");
        let _ = fs::remove_dir_all(&files);
        let context = format!("{image}=oci-layout://{}", root().join("target/bases").join(base).display());
        let output = format!("type=local,dest={}", files.display());
        let mut arguments = vec!["build", "--progress", "plain", "--build-context", &context, "-o", &output];
        arguments.extend(further);
        let ended = self.rplan(&arguments);
        let said = String::from_utf8_lossy(&ended.stderr).into_owned() + &String::from_utf8_lossy(&ended.stdout);
        assert!(ended.status.success(), "{said}");
        (said, files)
    }
}

/// Runs a program inside a directory that is a root file system.
fn inside(files: &Path, command: &str) -> String {
    let ended = Command::new("chroot").arg(files).args(["/bin/sh", "-c", command]).output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    String::from_utf8(ended.stdout).unwrap()
}

/// The steps of a log that ran, by what follows their name.
fn ran(said: &str) -> Vec<&str> {
    let is_step = |line: &&str| line.starts_with('[') && !line.contains("] | ") && line.contains("   ran   ");
    said.lines().filter(is_step).filter_map(|line| line.split_once("] ")?.1.split("   ").next()).collect()
}

/// Whether builds run here: they need root, and the bases that `tests/run` makes.
fn builds_run() -> bool {
    system_tests_run("root, and the base images that tests/run makes")
}

#[test]
fn every_example_is_linted_and_planned() {
    let mut count = 0;
    for entry in fs::read_dir(root().join("examples")).unwrap() {
        let directory = entry.unwrap().path();
        if !directory.join("Dockerfile").is_file() {
            continue;
        }
        count += 1;
        let example = Example::new(directory.file_name().unwrap().to_str().unwrap());
        let lint = example.rplan(&["lint", "--format", "json", "Dockerfile"]);
        assert!(matches!(lint.status.code(), Some(0 | 1)), "{}", String::from_utf8_lossy(&lint.stderr));
        let plan = example.rplan(&["plan"]);
        assert_eq!(plan.status.code(), Some(0), "{}", String::from_utf8_lossy(&plan.stderr));
        assert!(String::from_utf8_lossy(&plan.stdout).contains("FROM"), "{}", directory.display());
    }
    assert!(count >= 8, "the examples are found");
}

#[test]
fn after_an_edit_the_naive_file_reinstalls_and_the_optimised_one_does_not() {
    if !builds_run() {
        return;
    }
    let example = Example::new("python-naive");
    let edit = |text: &str| {
        let path = example.context().join("app.py");
        fs::write(&path, fs::read_to_string(&path).unwrap() + text).unwrap();
    };
    let build = || example.build("python:3.9", "python", &[]).0;
    let saving = "[4/4] never reads app.py: rplan optimize saves ";
    assert!(!build().contains(saving), "nothing had been there before");
    edit("# one\n");
    let said = build();
    assert!(ran(&said).contains(&"RUN pip install -r requirements.txt"));
    assert!(said.contains(saving), "{said}");
    assert!(example.rplan(&["optimize", "--write"]).status.success());
    build();
    edit("# two\n");
    let said = build();
    assert_eq!(ran(&said), ["COPY . /app"], "{said}");
    assert!(said.contains("because app.py changed: sha256 ") && !said.contains("never reads"), "{said}");
    assert_eq!(ran(&build()), [""; 0], "a build that changes nothing runs nothing");
}

#[test]
fn two_projects_whose_versions_clash_each_report_their_own() {
    if !builds_run() {
        return;
    }
    for (name, image, version) in [("django-3", "python:3.8", "3.0\n"), ("django-4", "python:3.10", "4.0\n")] {
        let example = Example::new(name);
        let (_, files) = example.build(image, "python", &[]);
        assert_eq!(inside(&files, "cd /app && python manage.py version"), version);
    }
}

#[test]
fn the_other_examples_say_what_they_should() {
    if !builds_run() {
        return;
    }
    let python = Example::new("python-efficient");
    let (_, files) = python.build("python:3.9", "python", &[]);
    assert_eq!(inside(&files, "cd /app && python -c 'import app, flask; print(flask.__name__)'"), "flask\n");

    let node = Example::new("node-app");
    let (_, files) = node.build("node:18", "node", &[]);
    assert_eq!(inside(&files, "cd /app && node server.js --check"), "true\n");

    let go = Example::new("go-two-stages");
    let small = format!("alpine:3.18=oci-layout://{}", root().join("target/bases/debian").display());
    let (_, files) = go.build("golang:1.20", "golang", &["--build-context", &small]);
    assert!(inside(&files, "cd /app && ./myapp").starts_with("Hello from go1."));
    assert!(!files.join("app/main.go").exists(), "the program alone arrives");
}

#[test]
fn a_split_go_program_is_its_binary_and_still_runs() {
    if !builds_run() {
        return;
    }
    let example = Example::new("go-one-stage");
    let (_, whole) = example.build("golang:1.20", "golang", &[]);
    assert!(whole.join("usr/bin/go").exists());
    let expected = inside(&whole, "cd /app && ./myapp");
    assert!(example.rplan(&["optimize", "--write", "--unsafe"]).status.success());
    let (_, split) = example.build("golang:1.20", "golang", &[]);
    let names: Vec<String> =
        fs::read_dir(&split).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(names, ["app"]);
    let ended = Command::new("chroot").arg(&split).arg("/app/myapp").output().unwrap();
    assert_eq!(String::from_utf8(ended.stdout).unwrap(), expected);
    assert!(fs::metadata(split.join("app/myapp")).unwrap().len() < 10_000_000, "the image is ten megabytes or less");
}

#[test]
fn a_split_that_was_verified_is_written_eighty_times_smaller_and_runs() {
    if !builds_run() {
        return;
    }
    let example = Example::new("go-one-stage");
    let base = format!("golang:1.20=oci-layout://{}", root().join("target/bases/golang").display());
    let answer = example.directory.path().join("answer.json");
    let json = format!("json={}", answer.display());
    let ended = example.rplan(&[
        "optimize",
        "--verify",
        "--write",
        "--build-context",
        &base,
        "--format",
        "pretty",
        "--format",
        &json,
    ]);
    let said = String::from_utf8_lossy(&ended.stderr).into_owned() + &String::from_utf8_lossy(&ended.stdout);
    assert!(ended.status.success(), "{said}");
    assert!(said.contains("\nVerified\n") && said.ends_with("\nWritten: 1, 2 and 3.\n"), "{said}");
    assert!(fs::read_to_string(example.context().join("Dockerfile")).unwrap().contains("\nFROM scratch\n"));
    let answer: serde_json::Value = serde_json::from_slice(&fs::read(answer).unwrap()).unwrap();
    let size = |side: &str| answer["verdict"]["cold"][side]["size"].as_u64().unwrap();
    assert!(size("original") >= 80 * size("rewritten"), "{} to {}", size("original"), size("rewritten"));
    let (_, split) = example.build("golang:1.20", "golang", &[]);
    let ended = Command::new("chroot").arg(&split).arg("/app/myapp").output().unwrap();
    assert!(String::from_utf8(ended.stdout).unwrap().starts_with("Hello from go"));
}

#[test]
fn stages_that_know_nothing_of_each_other_are_joined() {
    if !builds_run() {
        return;
    }
    let example = Example::new("diamond");
    let (_, files) = example.build("busybox", "busybox", &[]);
    assert_eq!(inside(&files, "cat /srv/api.txt"), "shared settings\nhello from the api\n");
}

/// Runs a program to its end; what it printed.
fn run(program: &str, arguments: &[&str]) -> String {
    let ended = Command::new(program).args(arguments).output().unwrap_or_else(|error| panic!("{program}: {error}"));
    assert!(ended.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&ended.stderr));
    String::from_utf8(ended.stdout).unwrap()
}

#[test]
fn what_is_built_here_is_a_base_and_runs_on_another_machine() {
    if !builds_run() {
        return;
    }
    let registry = DockerRegistry::start();
    let push = |archive: &Path, name: &str| {
        let (from, to) = (format!("oci-archive:{}", archive.display()), format!("docker://{}/{name}", registry.host()));
        run("skopeo", &["copy", "--quiet", "--dest-tls-verify=false", &from, &to]);
    };
    // A Debian base, a package from the network, sources: pushed by skopeo.
    let example = Example::new("ubuntu-ten-lines");
    let archive = example.directory.path().join("image.tar");
    let output = format!("type=oci,dest={}", archive.display());
    let (said, files) = example.build("ubuntu:22.04", "python", &["-o", &output]);
    assert!(said.contains("RUN apt-get update"), "{said}");
    let asked = "python3 -c 'import idna; print(idna.__version__)'";
    assert_eq!(inside(&files, asked), "3.10\n");
    push(&archive, "first:1");

    // The same image, pulled from the registry, is the base of the next build.
    let next = example.directory.path().join("next.tar");
    let text = format!("FROM {}/first:1\nRUN {asked} > /version\nCMD [\"cat\", \"/version\"]\n", registry.host());
    fs::write(example.context().join("next.Dockerfile"), text).unwrap();
    let output = format!("type=oci,dest={}", next.display());
    let ended = example.rplan(&["build", "--progress", "plain", "-f", "next.Dockerfile", "-o", &output, "."]);
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    push(&next, "next:1");

    // Docker, which has seen neither, pulls and runs it.
    let daemon = Dockerd::start();
    let name = format!("{}/next:1", registry.host());
    daemon.docker(&["pull", "--quiet", &name]).unwrap();
    assert_eq!(daemon.docker(&["run", "--rm", "--network", "host", &name]).unwrap(), "3.10\n");
}

#[test]
fn packages_are_installed_from_the_network_inside_a_step() {
    if !builds_run() {
        return;
    }
    let example = Example::new("ubuntu-ten-lines");
    let (said, files) = example.build("ubuntu:22.04", "python", &[]);
    assert!(said.contains("RUN apt-get update"), "{said}");
    assert_eq!(inside(&files, "python3 -c 'import idna; print(idna.__version__)'"), "3.10\n");
}
