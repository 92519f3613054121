//! How one prepared command runs: the seam between the scheduler and whatever executes.
//!
//! A backend knows nothing of the queue, the cache or other steps, and never decides what runs next. Its answer is
//! always a [`StepRun`], never a bare error, so that a failed build still has a full report.

pub mod allowance;
pub mod cancel;
mod mount;
pub mod sandbox;

use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use allowance::{Allowance, Ulimit};
pub use cancel::{Cancel, cancel_on_interrupt};
pub use mount::{Mount, Secret, Shows};
use serde::{Deserialize, Serialize};

/// A RUN with everything decided: what is below it, what it executes, as whom and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreparedRun {
    /// The file system it sees and where its changes go.
    pub root: Root,
    /// The command and its arguments; the first is looked up in the step's own `PATH`.
    pub argv: Vec<String>,
    /// The whole environment, in order; nothing of rplan's own leaks in.
    pub env: Vec<(String, String)>,
    /// Variables of the environment that are secrets.
    pub secrets: Vec<(String, Secret)>,
    /// The working directory, absolute; made (root, 0755) where it is missing.
    pub cwd: String,
    /// As written in USER: `""`, `name`, `uid`, `user:group`.
    pub user: String,
    /// What of the network it sees.
    pub network: Network,
    /// Heredoc scripts, executable files in [`SCRIPTS_DIR`].
    pub scripts: Vec<Script>,
    /// What it is shown besides its root, in the order in which it is mounted.
    pub mounts: Vec<Mount>,
    /// What it is allowed of the machine.
    pub allowance: Allowance,
    /// Whether it keeps every capability and system call that rplan has: `--security=insecure`.
    pub is_insecure: bool,
    /// Stopped after this long.
    pub timeout: Option<Duration>,
}

impl PreparedRun {
    /// `argv` in `root`, as root and on the host's network, with nothing else.
    pub fn new(root: Root, argv: Vec<String>) -> Self {
        Self {
            root,
            argv,
            env: Vec::new(),
            secrets: Vec::new(),
            cwd: "/".to_owned(),
            user: String::new(),
            network: Network::Host,
            scripts: Vec::new(),
            mounts: Vec::new(),
            allowance: Allowance::default(),
            is_insecure: false,
            timeout: None,
        }
    }
}

/// Where [`Script`]s are found inside a step.
pub const SCRIPTS_DIR: &str = "/dev/pipes";

/// The body of a RUN heredoc that names its own interpreter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Script {
    /// The heredoc's delimiter.
    pub name: String,
    /// The body.
    pub contents: String,
}

/// A file system made of read-only layers and one directory that takes the changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Root {
    /// Directories below, the topmost first; none for a step on `scratch`.
    pub lowers: Vec<PathBuf>,
    /// A directory with what [`Backend::lay_floor`] put into it, on the file system of `upper`, which may lie below all
    /// of them.
    pub floor: Option<PathBuf>,
    /// Takes the changes, in overlayfs form.
    pub upper: PathBuf,
    /// Overlayfs's own room: empty, on the file system of `upper`.
    pub work: PathBuf,
    /// An empty directory to mount on.
    pub mount_at: PathBuf,
}

/// What of the network a step sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Network {
    /// The host's own.
    #[default]
    Host,
    /// A loopback device and nothing else.
    None,
}

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Exit code 0.
    Succeeded,
    /// Another exit code; 128 + n when signal n ended it, as shells count.
    Failed {
        /// The code.
        code: i32,
    },
    /// Its time was up.
    TimedOut,
    /// The build was called off.
    Cancelled,
    /// The command never ran.
    CouldNotStart {
        /// What stood in the way, in a sentence.
        why: String,
    },
}

/// The record of one run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepRun {
    /// How it ended.
    pub status: Status,
    /// How long it took.
    pub took: Duration,
}

/// What a running step may use of the build around it.
pub struct Io<'a> {
    /// Takes each line of output without its newline, standard output and error in the order they came.
    pub line: &'a mut dyn FnMut(&[u8]),
    /// Calls the step off.
    pub cancel: &'a Cancel,
}

/// Something that runs prepared commands.
pub trait Backend: Send + Sync {
    /// Whether it can run anything here and now; asked once, before the first step.
    fn ready(&self) -> io::Result<()> {
        Ok(())
    }

    /// Fills an empty directory with what images may lack and every step needs, so that no step has to make it. One
    /// such directory serves all steps of a build.
    fn lay_floor(&self, _at: &Path) -> io::Result<()> {
        Ok(())
    }

    /// Runs `run` to its end.
    fn run(&self, run: &PreparedRun, io: &mut Io<'_>) -> StepRun;

    /// Runs `run` for somebody at a terminal, which is its standard input, output and error, until it ends or is
    /// called off.
    fn converse(&self, _run: &PreparedRun, _terminal: OwnedFd, _cancel: &Cancel) -> StepRun {
        let why = "what runs the steps here has no terminal".to_owned();
        StepRun { status: Status::CouldNotStart { why }, took: Duration::ZERO }
    }
}
