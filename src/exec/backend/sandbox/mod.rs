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
mod seccomp;
mod stubs;

use std::ffi::OsString;
use std::io::{self, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command};
use std::time::Instant;

pub(in crate::exec) use command::SCOPES_SOCKETS;
pub use group::{Group, Limits};
pub use helper::helper_main;

use super::{Backend, Cancel, Io, PreparedRun, Status, StepRun};
use follow::Started;
use job::Job;

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
    /// Keeps `program` reachable where it names a descriptor.
    _sealed: Option<OwnedFd>,
}

impl Sandbox {
    /// A sandbox whose helper is the binary at `helper`, one that calls [`helper_main`] first thing.
    pub fn new(helper: &Path) -> Self {
        // A step can get hold of the helper's executable (`#!/proc/self/exe`) and, being root, write to it. Started
        // from a read-only mount of its own, there is nothing it could open for writing.
        match raw::read_only_clone(helper) {
            Ok(sealed) => Self {
                program: format!("/proc/self/fd/{}", sealed.as_raw_fd()).into(),
                group: None,
                _sealed: Some(sealed),
            },
            Err(_) => Self { program: helper.into(), group: None, _sealed: None },
        }
    }

    /// A sandbox whose helper is the running program itself.
    pub fn of_this_program() -> io::Result<Self> {
        Ok(Self::new(&std::env::current_exe()?))
    }

    /// The same with all steps in `group`.
    pub fn within(self, group: Group) -> Self {
        Self { group: Some(group), ..self }
    }

    /// Starts a helper that writes to `terminal`, or where there is none, to be read here.
    fn start(&self, job: &Job, terminal: Option<OwnedFd>) -> io::Result<Started> {
        let (mut control, theirs) = UnixStream::pair()?;
        let (output, writer) = io::pipe()?;
        let child = self.spawn(theirs, terminal.unwrap_or(writer.into()))?;
        if let Some(group) = &self.group {
            // Before it has its job, so that nothing of the step is left out.
            group.adopt(child.id())?;
        }
        let mut line = serde_json::to_vec(job).map_err(io::Error::other)?;
        line.push(b'\n');
        control.write_all(&line)?;
        Ok(Started { child, control, output })
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

    fn spawn(&self, control: UnixStream, output: OwnedFd) -> io::Result<Child> {
        Command::new(&self.program)
            .arg0("rplan")
            .arg(helper::MARKER)
            .env_clear()
            // A Ctrl-C at the terminal reaches rplan alone, which then ends its steps in order.
            .process_group(0)
            .stdin(OwnedFd::from(control))
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
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

    fn run(&self, run: &PreparedRun, io: &mut Io<'_>) -> StepRun {
        self.work(&Job::new(run), None, io)
    }

    fn converse(&self, run: &PreparedRun, terminal: OwnedFd, cancel: &Cancel) -> StepRun {
        let job = Job { at_terminal: true, ..Job::new(run) };
        self.work(&job, Some(terminal), &mut Io { line: &mut |_| {}, cancel })
    }
}
