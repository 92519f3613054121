//! What pre-commit is told: each hook takes the files that a search of rplan's own takes, and stops the commit when it
//! should. The real pre-commit builds the wheel from this repository's last commit.

use std::path::{Path, PathBuf};
use std::process::Command;

use regex::Regex;
use rplan::workspace::discover::{Exclusion, dockerfiles};
use serde::Deserialize;

use crate::support::cli::Place;
use crate::support::system::system_tests_run;

/// Two mistakes, one of which can be repaired.
const BAD: &str = "FROM debian:12\nENV a b\nRUN curl -k https://example.com/x\n";

#[derive(Deserialize)]
struct Hook {
    id: String,
    entry: String,
    language: String,
    files: String,
    exclude: String,
    types: Vec<String>,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn hooks() -> Vec<Hook> {
    let text = std::fs::read_to_string(root().join(".pre-commit-hooks.yaml")).expect("the hooks are there");
    serde_yaml::from_str(&text).expect("they are hooks")
}

/// Runs a hook as pre-commit does: its entry, then the files.
fn run(place: &Place, id: &str, file: &str) -> i32 {
    let hooks = hooks();
    let hook = hooks.iter().find(|hook| hook.id == id).expect("there is such a hook");
    let mut words: Vec<&str> = hook.entry.split(' ').collect();
    assert_eq!(words.remove(0), "rplan", "the wheel brings this program");
    words.push(file);
    place.rplan(&words).code
}

#[test]
fn hooks_take_the_files_that_a_search_takes() {
    let names = [
        "Dockerfile",
        "a/Containerfile",
        "a/dockerfile",
        "Dockerfile.dev",
        "Containerfile.dev",
        "api.Dockerfile",
        "api.dockerfile",
        "api.CONTAINERFILE",
        "Dockerfile.dockerignore",
        "Dockerfile.j2",
        "Dockerfile.md",
        "Dockerfile.orig",
        "Dockerfiles",
        "myDockerfile",
        ".dockerfile",
        "README.md",
    ];
    let place = Place::with(&names.map(|name| (name, "FROM scratch\n")));
    let all = Exclusion::new(&place.path(), []).expect("no globs");
    let found = dockerfiles(&[place.path()], &all, false).expect("no globs");
    let relative = |path: &Path| path.strip_prefix(place.path()).expect("it is below").display().to_string();
    let found: Vec<String> = found.iter().map(|found| relative(&found.path)).collect();
    assert!(found.len() > 5, "{found:?}");
    for hook in hooks() {
        assert_eq!((hook.language.as_str(), hook.types.as_slice()), ("python", ["text".to_owned()].as_slice()));
        let [files, exclude] = [&hook.files, &hook.exclude].map(|pattern| {
            // To Python, letters of any alphabet have case; here only these do.
            Regex::new(&pattern.replace("(?i:", "(?i-u:")).expect("a pattern")
        });
        for name in names {
            let is_taken = files.is_match(name) && !exclude.is_match(name);
            assert_eq!(is_taken, found.iter().any(|found| found == name), "{} {name}", hook.id);
        }
    }
}

#[test]
fn the_linting_hook_stops_a_commit_and_the_fixing_one_repairs() {
    let place = Place::with(&[("Dockerfile", BAD), ("good", "FROM debian:12\n")]);
    assert_eq!(run(&place, "rplan-lint", "Dockerfile"), 1);
    assert_eq!(run(&place, "rplan-lint", "good"), 0);
    assert_eq!(run(&place, "rplan-fix", "Dockerfile"), 0, "pre-commit sees by the change that something was repaired");
    assert!(place.read("Dockerfile").contains("ENV a=b"));
}

/// What a program said, and whether it was content.
fn said(command: &mut Command) -> (bool, String) {
    let output = command.output().expect("it starts");
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.args(["-c", "safe.directory=*", "-c", "user.name=test", "-c", "user.email=test@example.com"]);
    let (is_fine, text) = said(command.arg("-C").arg(folder).args(arguments));
    assert!(is_fine, "git {arguments:?}: {text}");
    text.trim().to_owned()
}

/// The configuration that the README shows, with this repository and its last commit in it.
fn as_the_readme_says(repository: &str, revision: &str) -> String {
    let readme = std::fs::read_to_string(root().join("README.md")).expect("a README");
    let (_, block) = readme.split_once("```yaml\n").expect("the README shows a configuration");
    let (block, _) = block.split_once("```\n").expect("the block ends");
    let put = |line: &str| match line.split_once(": ") {
        Some(("- repo", _)) => format!("- repo: {repository}\n"),
        Some(("  rev", _)) => format!("  rev: {revision}\n"),
        _ => format!("{line}\n"),
    };
    let config: String = block.lines().map(put).collect();
    assert!(config.contains(repository) && config.contains(revision), "{config}");
    config
}

#[test]
fn pre_commit_builds_the_hooks_and_runs_them() {
    if !system_tests_run("pre-commit and the sources of crates") {
        return;
    }
    let revision = git(root(), &["rev-parse", "HEAD"]);
    let config = as_the_readme_says(&format!("file://{}", root().display()), &revision);
    let place = Place::with(&[("api/dev.Dockerfile", BAD), (".pre-commit-config.yaml", &config), ("other.txt", BAD)]);
    let work: PathBuf = place.path();
    git(&work, &["init", "-q"]);
    git(&work, &["add", "."]);
    let hook = |id: &str| {
        let mut command = Command::new("pre-commit");
        command.args(["run", id, "--all-files"]).current_dir(&work).env("PRE_COMMIT_HOME", place.home());
        // What was compiled the last time need not be compiled again; whose repository this is does not matter.
        command.env("CARGO_TARGET_DIR", root().join("target/hook"));
        command.envs([("GIT_CONFIG_COUNT", "1"), ("GIT_CONFIG_KEY_0", "safe.directory"), ("GIT_CONFIG_VALUE_0", "*")]);
        said(&mut command)
    };
    let (is_fine, text) = hook("rplan-lint");
    assert!(!is_fine && text.contains("api/dev.Dockerfile") && !text.contains("other.txt"), "{text}");
    let (is_fine, text) = hook("rplan-fix");
    assert!(!is_fine && text.contains("files were modified by this hook"), "{text}");
    assert_eq!(place.read("api/dev.Dockerfile"), BAD.replace("a b", "a=b"));
    let (is_fine, text) = hook("rplan-fix");
    assert!(is_fine, "{text}");
    place.write("api/dev.Dockerfile", "FROM debian:12\nENV a=b\n");
    let (is_fine, text) = hook("rplan-lint");
    assert!(is_fine, "{text}");
}
