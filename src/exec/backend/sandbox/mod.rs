//! RUN in namespaces of its own, on an overlay, without a daemon or a container runtime.
//!
//! This half lives in rplan's process: it starts a helper (rplan's own binary, which enters [`helper_main`]), hands it
//! the [`job::Job`] over a socket, passes output on, and waits. The helper is single-threaded, so that it may
//! fork and unshare. Knows nothing of steps, layers or the cache. When the socket closes, for whatever reason,
//! everything inside dies: no process of a step outlives the [`StepRun`] or rplan itself.
//!
//! Device nodes that a step makes cannot be opened.

mod borrowed;
mod command;
mod devices;
mod follow;
mod group;
mod helper;
mod init;
mod job;
mod limits;
mod mounts;
mod raw;
mod reserve;
mod seccomp;
mod stubs;

use std::ffi::OsString;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::Path;
use std::time::Instant;

pub(in crate::exec) use command::SCOPES_SOCKETS;
pub use group::{Group, Limits};
pub use helper::helper_main;

use super::{Backend, Cancel, Io, PreparedRun, Status, StepRun};
use follow::Started;
use job::Job;
use reserve::Reserve;

/// The host name a step sees: the one it has under BuildKit, because builds print and compare it.
pub const HOSTNAME: &str = "buildkitsandbox";

/// The version of Landlock that this kernel has.
pub fn landlock_abi() -> Option<i64> {
    raw::landlock_abi()
}

/// Runs commands in sandboxes.
#[derive(Debug)]
pub struct Sandbox {
    program: OsString,
    /// What all steps have together, where that is limited.
    group: Option<Group>,
    reserve: Reserve,
    /// Keeps `program` reachable where it names a descriptor.
    _sealed: Option<OwnedFd>,
}

impl Sandbox {
    /// A sandbox whose helper is the binary at `helper`, one that calls [`helper_main`] first thing.
    pub fn new(helper: &Path) -> Self {
        // A step can get hold of the helper's executable (`#!/proc/self/exe`) and, being root, write to it. Started
        // from a read-only mount of its own, there is nothing it could open for writing.
        let sealed = raw::read_only_clone(helper).ok();
        let program: OsString = match &sealed {
            Some(sealed) => format!("/proc/self/fd/{}", sealed.as_raw_fd()).into(),
            None => helper.into(),
        };
        Self { reserve: Reserve::of(program.clone()), program, group: None, _sealed: sealed }
    }

    /// A sandbox whose helper is the running program itself.
    pub fn of_this_program() -> io::Result<Self> {
        Ok(Self::new(&std::env::current_exe()?))
    }

    /// The same with all steps in `group`.
    pub fn within(self, group: Group) -> Self {
        Self { group: Some(group), ..self }
    }

    /// Starts a helper that writes to `terminal`, or where there is none, to be read here, and gives it its job.
    fn start(&self, job: &Job, terminal: Option<OwnedFd>) -> io::Result<Started> {
        // What a step is shown may be mounted for the thread of the step alone.
        let waiting = (terminal.is_none() && job.run.mounts.is_empty()).then(|| self.reserve.take()).flatten();
        let mut helper = match waiting {
            Some(helper) => helper,
            None => Started::new(&self.program, terminal)?,
        };
        if let Some(group) = &self.group {
            // Before it has its job, so that nothing of the step is left out.
            group.adopt(helper.child.id())?;
        }
        helper.hand(job)?;
        self.reserve.fill();
        Ok(helper)
    }

    fn work(&self, job: &Job, terminal: Option<OwnedFd>, io: &mut Io<'_>) -> StepRun {
        let begun = Instant::now();
        let status = if io.cancel.is_cancelled() {
            Status::Cancelled
        } else {
            match self.start(job, terminal) {
                Ok(started) => started.follow(job.run.timeout, io),
                Err(error) => Status::CouldNotStart { why: format!("the sandbox helper did not start: {error}") },
            }
        };
        StepRun { status, took: begun.elapsed() }
    }
}

impl Backend for Sandbox {
    fn ready(&self) -> io::Result<()> {
        match rustix::process::geteuid().is_root() {
            true => Ok(()),
            false => Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                "only root, of this machine or of a namespace, can run steps",
            )),
        }
    }

    fn lay_floor(&self, at: &Path) -> io::Result<()> {
        stubs::lay_floor(at)
    }

    fn run(&self, run: &PreparedRun, io: &mut Io<'_>) -> StepRun {
        self.work(&Job::new(run), None, io)
    }

    fn converse(&self, run: &PreparedRun, terminal: OwnedFd, cancel: &Cancel) -> StepRun {
        let job = Job { at_terminal: true, ..Job::new(run) };
        self.work(&job, Some(terminal), &mut Io { line: &mut |_| {}, cancel })
    }
}
