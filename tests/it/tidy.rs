//! What keeps the house tidy: who may know whom, how long a file may be, where things live, whose code is used.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use regex::Regex;

/// For each room, the rooms (or parts of rooms) that it may know. Rooms that are not named may know everything.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("digest", &[]),
    ("fields", &[]),
    ("glob", &[]),
    ("text", &[]),
    ("tree", &["digest", "glob"]),
    ("event", &["digest", "text"]),
    ("syntax", &["text"]),
    ("model", &["digest", "glob", "text", "syntax"]),
    ("effect", &["glob", "text", "syntax", "model"]),
    ("diagnostic", &["text"]),
    ("rules", &["text", "syntax", "model", "effect", "diagnostic"]),
    ("lint", &["text", "syntax", "model", "diagnostic", "rules"]),
    ("plan", &["digest", "fields", "glob", "text", "model"]),
    ("rewrite", &["digest", "text", "syntax", "model", "effect", "diagnostic", "rules::meta", "plan"]),
    ("config", &["text", "diagnostic", "rules::meta", "rewrite::ids", "lint"]),
    ("workspace", &["digest", "fields", "text", "model", "tree"]),
    ("oci", &["digest"]),
    ("store", &["digest", "tree"]),
    ("exec", &["digest", "text", "event", "model", "plan", "tree", "store", "oci", "workspace"]),
    ("verify", &["digest", "text", "event", "model", "rewrite", "plan", "tree", "store", "oci", "exec", "workspace"]),
    (
        "report",
        &[
            "digest",
            "text",
            "event",
            "diagnostic",
            "rules::meta",
            "rewrite",
            "plan",
            "lint",
            "oci::manifest",
            "oci::config",
            "oci::inspect",
        ],
    ),
];

/// The rooms that touch disk, clock, environment, network or processes.
const TOUCH_THE_WORLD: &[&str] = &["workspace", "tree", "store", "oci", "exec", "verify", "cli", "lsp"];

/// The longest that a file may be.
const WALL: usize = 600;

const LICENCES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
    "bzip2-1.0.6",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below `directory` with this ending, sorted.
fn files(directory: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![root().join(directory)];
    while let Some(next) = waiting.pop() {
        let Ok(entries) = fs::read_dir(&next) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            if path.is_dir() && path.file_name().is_some_and(|name| name != "target") {
                waiting.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// The code of a file without comments and without its own tests.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The room that a file belongs to.
fn room(path: &Path) -> String {
    let inside = path.strip_prefix(root().join("src")).unwrap();
    let first = inside.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

/// What code uses of this crate, as `room::part`.
fn uses(code: &str) -> Vec<String> {
    let path = Regex::new(r"\bcrate::([a-z_]+(?:::[A-Za-z_]+)?)").unwrap();
    let group = Regex::new(r"(?s)\bcrate::\{([^;]*)\};").unwrap();
    let member = Regex::new(r"(?:^|,)\s*([a-z_]+(?:::[A-Za-z_]+)?)").unwrap();
    let mut found: Vec<String> = path.captures_iter(code).map(|captures| captures[1].to_owned()).collect();
    for captures in group.captures_iter(code) {
        // Only the outermost members name rooms.
        let mut depth = 0;
        let outer: String = captures[1]
            .chars()
            .filter(|c| {
                depth += i32::from(*c == '{') - i32::from(*c == '}');
                depth == 0
            })
            .collect();
        found.extend(member.captures_iter(&outer).map(|captures| captures[1].to_owned()));
    }
    found
}

#[test]
fn rooms_know_only_whom_they_may_know() {
    let table: BTreeMap<&str, &[&str]> = MAY_KNOW.iter().copied().collect();
    let mut wrong = Vec::new();
    for path in files("src", ".rs") {
        let room = room(&path);
        let Some(allowed) = table.get(room.as_str()) else { continue };
        for used in uses(&code(&path)) {
            let is_allowed = |known: &str| used == known || used.starts_with(&format!("{known}::"));
            let own = used.split("::").next() == Some(room.as_str());
            if !own && !allowed.iter().any(|known| is_allowed(known)) {
                wrong.push(format!("{}: {room} may not know {used}", shown(&path)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_file_is_longer_than_the_wall() {
    let sources = ["src", "tests", "benches"].into_iter().flat_map(|directory| files(directory, ".rs"));
    let generated = |path: &PathBuf| path.ends_with("table.rs");
    let long: Vec<String> = sources
        .filter(|path| !generated(path))
        .map(|path| (fs::read_to_string(&path).unwrap().lines().count(), path))
        .filter(|(lines, _)| *lines > WALL)
        .map(|(lines, path)| format!("{} has {lines} lines", shown(&path)))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn only_the_rooms_for_it_use_what_one_system_alone_has() {
    let unix = Regex::new(r"\b(std::os::(unix|linux|fd)|nix::|rustix::|libc::|caps::)").unwrap();
    let wrong: Vec<String> = files("src", ".rs")
        .into_iter()
        .filter(|path| !TOUCH_THE_WORLD.contains(&room(path).as_str()) && room(path) != "main")
        .filter(|path| unix.is_match(&code(path)))
        .map(|path| shown(&path))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn snapshots_live_in_one_place() {
    let stray: Vec<String> = ["src", "tests", "rules", "examples"]
        .into_iter()
        .flat_map(|directory| files(directory, ".snap"))
        .map(|path| shown(&path))
        .collect();
    assert!(stray.is_empty(), "{}", stray.join("\n"));
}

#[test]
fn every_file_says_what_it_owns() {
    let silent: Vec<String> = files("src", ".rs")
        .into_iter()
        .filter(|path| !fs::read_to_string(path).unwrap().trim_start().starts_with("//!"))
        .map(|path| shown(&path))
        .collect();
    assert!(silent.is_empty(), "{}", silent.join("\n"));
}

#[test]
fn dependencies_have_a_permissive_licence_and_a_known_source() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 100, "the dependencies are read");
    for package in packages {
        let name = package["name"].as_str().unwrap();
        let licence = package["license"].as_str().unwrap_or_default().replace('/', " OR ");
        // One of the alternatives must be permissive in all its parts.
        let permissive = licence
            .split(" OR ")
            .any(|choice| choice.split(" AND ").all(|part| LICENCES.contains(&part.trim_matches(['(', ')', ' ']))));
        assert!(permissive, "{name}: the licence `{licence}` is not on the list");
        let source = package["source"].as_str();
        assert!(source.is_none_or(|source| source.starts_with("registry+")), "{name} comes from {source:?}");
        assert!(source.is_some() || name == "rplan", "{name} is no registry package");
    }
}
