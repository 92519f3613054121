//! What git knows of a build context: which files past commits changed, and which differ from a commit now.
//!
//! Runs `git log`, which is much faster than reading the objects. Does not know what the answers are for. Invariants: the
//! settings of a repository cannot make git run a program (but for the content filters without which a working tree
//! cannot be compared) or reach the network, and the answer depends on nothing in the environment but where git and the
//! user's own settings are.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::model::History;

/// What git may take from the environment: where it is, and where the user's settings are (they may declare a directory
/// to be safe).
const KEPT: &[&str] = &["PATH", "HOME", "XDG_CONFIG_HOME", "USERPROFILE", "SystemRoot"];

/// Settings of a repository that would run programs, switched off.
const OVERRIDES: &[&str] = &[
    "core.fsmonitor=",
    "core.hooksPath=/dev/null",
    "core.pager=cat",
    "log.showSignature=false",
    "log.follow=false",
    "diff.external=",
];

/// How a commit begins in the output; no path begins like this and goes on with a commit's name.
const COMMIT: char = '\u{1}';

/// Why git gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// There is no git to ask.
    #[error("git could not be run: {0}")]
    NoGit(#[source] io::Error),
    /// No commit has this name.
    #[error("there is no commit `{name}` in {}", root.display())]
    NoCommit {
        /// The repository.
        root: PathBuf,
        /// The name.
        name: String,
    },
    /// What it knows could not be written elsewhere.
    #[error("cannot write past commits into {}", place.display())]
    NotWritten {
        /// Where.
        place: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It said no.
    #[error("git cannot tell about {}: {message}", root.display())]
    Refused {
        /// The directory that it was asked about.
        root: PathBuf,
        /// What it said.
        message: String,
    },
}

/// The files below `root` that each of the last `most` main-line commits changed, newest first. Commits that changed
/// nothing there are left out; a renamed file counts under both names.
pub fn history(root: &Path, most: usize) -> Result<History, HistoryError> {
    let commits = commits(root, ".", most)?;
    let times = commits.iter().map(|commit| commit.at).collect();
    let (names, commits) = commits.into_iter().map(|commit| (commit.name, commit.changed)).unzip();
    Ok(History { commits, names, times })
}

/// A commit, and what it changed.
pub(super) struct Commit {
    pub(super) name: String,
    /// When it was made, in seconds since 1970.
    pub(super) at: i64,
    pub(super) changed: BTreeSet<String>,
}

/// The last `most` main-line commits that changed something at `path` below `root`, newest first.
pub(super) fn commits(root: &Path, path: &str, most: usize) -> Result<Vec<Commit>, HistoryError> {
    let count = format!("--max-count={most}");
    let format = format!("--format={COMMIT}%H %ct");
    let output = git(
        root,
        ["log", "-z", "--first-parent", "--diff-merges=first-parent", "--name-only", "--no-renames", "--relative"]
            .into_iter()
            .chain(["--no-ext-diff", "--no-show-signature", "--no-color", &count, &format, "--", path]),
    )?;
    Ok(named(&output))
}

/// The files below `root` that differ between a commit and the working tree, untracked ones included.
pub fn changed_since(root: &Path, revision: &str) -> Result<BTreeSet<String>, HistoryError> {
    let differing =
        git(
            root,
            ["diff", "-z", "--name-only", "--no-renames", "--relative", "--no-ext-diff", "--no-color"]
                .into_iter()
                .chain(["--end-of-options", revision, "--", "."]),
        )?;
    let untracked = git(root, ["ls-files", "-z", "--others", "--exclude-standard", "--", "."])?;
    Ok([differing, untracked].iter().flat_map(|output| paths(output)).collect())
}

pub(super) fn git<'a>(root: &Path, arguments: impl IntoIterator<Item = &'a str>) -> Result<Vec<u8>, HistoryError> {
    git_with(root, [], arguments.into_iter().map(OsStr::new))
}

/// The same with further variables in the environment.
pub(super) fn git_with<'a, A: AsRef<OsStr>>(
    root: &Path,
    variables: impl IntoIterator<Item = (&'a str, &'a OsStr)>,
    arguments: impl IntoIterator<Item = A>,
) -> Result<Vec<u8>, HistoryError> {
    let mut command = Command::new("git");
    command.env_clear();
    for name in KEPT {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
        .envs([("LC_ALL", "C"), ("GIT_OPTIONAL_LOCKS", "0"), ("GIT_TERMINAL_PROMPT", "0")])
        // A partial clone would fetch what it lacks: nothing may.
        .envs([("GIT_NO_LAZY_FETCH", "1"), ("GIT_ALLOW_PROTOCOL", "")])
        .envs(variables)
        .args(OVERRIDES.iter().flat_map(|setting| ["-c", setting]))
        .args([OsStr::new("-C"), root.as_os_str(), OsStr::new("--no-pager"), OsStr::new("--literal-pathspecs")])
        .args(arguments)
        .stdin(Stdio::null());
    let Output { status, stdout, stderr } = command.output().map_err(HistoryError::NoGit)?;
    match status.success() {
        true => Ok(stdout),
        false => {
            let message = String::from_utf8_lossy(&stderr);
            let message = message.lines().next().unwrap_or("it failed").trim_start_matches("fatal: ").to_owned();
            Err(HistoryError::Refused { root: root.to_owned(), message })
        }
    }
}

/// Reads the output of the log: each commit's mark with its name, then its paths, the first behind a newline.
fn named(output: &[u8]) -> Vec<Commit> {
    let mut commits: Vec<Commit> = Vec::new();
    let mut begins = false;
    for path in paths(output) {
        if let Some((name, at)) = marked(&path) {
            commits.push(Commit { name: name.to_owned(), at, changed: BTreeSet::new() });
            begins = true;
        } else if let Some(Commit { changed, .. }) = commits.last_mut() {
            let path = if begins { path.strip_prefix('\n').unwrap_or(&path) } else { &path };
            changed.insert(path.to_owned());
            begins = false;
        }
    }
    commits
}

/// The name of a commit and its time, where a text is the mark of one.
fn marked(text: &str) -> Option<(&str, i64)> {
    let (hash, at) = text.strip_prefix(COMMIT)?.split_once(' ')?;
    let is_hash = hash.len() >= 40 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    Some((hash, at.parse().ok()?)).filter(|_| is_hash)
}

/// The texts between the zeros. Bytes that are no text are replaced: such a path is in no context.
pub(super) fn paths(output: &[u8]) -> Vec<String> {
    let texts = output.split(|byte| *byte == 0).filter(|text| !text.is_empty());
    texts.map(|text| String::from_utf8_lossy(text).into_owned()).collect()
}
