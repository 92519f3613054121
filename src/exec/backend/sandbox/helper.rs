//! The helper process: makes the namespaces and the root, starts the step's first process in them, waits, tidies up.
//!
//! Entered through [`helper_main`] before rplan's own `main` has done anything. Stays outside the root it makes, so
//! that it can take the stubs away when nothing is left running inside.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::ExitCode;

use nix::sched::{CloneFlags, unshare};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::waitpid;
use nix::unistd::{ForkResult, Pid, sethostname};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::mount::{MountPropagationFlags, UnmountFlags, mount_change, unmount};
use rustix::process::{PidfdFlags, pidfd_open};

use super::super::Network;
use super::borrowed::Borrowed;
use super::devices::MOUNT_POINTS;
use super::job::{During, Failure, Job, Report};
use super::stubs::Stubs;
use super::{HOSTNAME, init, mounts, raw};
use crate::exec::overlay::{Stack, mount_at};

/// The one argument that makes an rplan a helper.
pub(super) const MARKER: &str = "sandbox-helper";

/// To be called first thing in `main`: `None` in a process that is not a helper, else what the helper answers.
pub fn helper_main() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    let is_helper = arguments.next().is_some_and(|first| first == MARKER) && arguments.next().is_none();
    is_helper.then(run)
}

/// The helper's end of the conversation with rplan.
pub(super) struct Control(UnixStream);

impl Control {
    /// Says `report`. Where rplan is gone, nobody needs to hear it.
    pub(super) fn say(&mut self, report: &Report) {
        let mut line = serde_json::to_vec(report).unwrap_or_default();
        line.push(b'\n');
        let _ = self.0.write_all(&line);
    }
}

fn run() -> ExitCode {
    let Ok(stdin) = io::stdin().as_fd().try_clone_to_owned() else { return ExitCode::FAILURE };
    let mut control = Control(UnixStream::from(stdin));
    match serve(&mut control) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure(why)) => {
            control.say(&Report::CouldNotStart { why });
            ExitCode::FAILURE
        }
    }
}

fn serve(control: &mut Control) -> Result<(), Failure> {
    let nothing = File::open("/dev/null").during("open /dev/null")?;
    nix::unistd::dup2_stdin(&nothing).during("put /dev/null on standard input")?;
    raw::close_others_on_exec().during("mark descriptors to be closed")?;
    let mut line = Vec::new();
    BufReader::new(&control.0).read_until(b'\n', &mut line).during("read the job")?;
    let job: Job = serde_json::from_slice(&line).during("read the job")?;

    enter_namespaces(job.run.network)?;
    let mounts = mounts::open(&job.run.mounts)?;
    let borrowed = Borrowed::open(job.run.network)?;
    let root = &job.run.root;
    let mut lowers = root.lowers.clone();
    lowers.extend(root.floor.clone().filter(|_| fits_a_floor(&root.lowers)));
    let stack = Stack { lowers: &lowers, upper: Some((&root.upper, &root.work)) };
    mount_at(stack, &root.mount_at).during("mount the root")?;
    let mut stubs = Stubs::new(&root.mount_at).during("open the root")?;
    stubs.keep_directory(&job.run.cwd).during(&format!("make the working directory {}", job.run.cwd))?;
    for (path, kind) in MOUNT_POINTS {
        stubs.ensure(path, kind).during(&format!("make the mount point {path}"))?;
    }
    mounts::ensure_points(&mounts, &mut stubs)?;
    // SIGCHLD and the like stay at their defaults: both sides of the fork wait in plain system calls.
    match raw::fork_single_threaded().during("fork")? {
        ForkResult::Child => init::live(&job, &borrowed, &mounts, control),
        ForkResult::Parent { child } => wait_for(child, control)?,
    }
    stubs.remove().during("remove the mount points that were made for the step")?;
    unmount(&root.mount_at, UnmountFlags::empty()).during("unmount the root")
}

/// Whether a floor below `lowers` shows no directory that they lack besides what is mounted over: such a one would be in
/// the layer when something was made in it, and then removed.
fn fits_a_floor(lowers: &[PathBuf]) -> bool {
    let seen = |lower: &PathBuf| lower.join("etc").symlink_metadata().ok();
    lowers.iter().find_map(seen).is_some_and(|etc| etc.is_dir())
}

fn enter_namespaces(network: Network) -> Result<(), Failure> {
    let mut wanted =
        CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWPID | CloneFlags::CLONE_NEWUTS | CloneFlags::CLONE_NEWIPC;
    if network == Network::None {
        wanted |= CloneFlags::CLONE_NEWNET;
    }
    unshare(wanted).during("enter new namespaces")?;
    // Not every kernel has it, and nothing leaks that a step could use.
    let _ = unshare(CloneFlags::CLONE_NEWCGROUP);
    let private = MountPropagationFlags::PRIVATE | MountPropagationFlags::REC;
    mount_change("/", private).during("keep mounts to itself")?;
    sethostname(HOSTNAME).during("set the host name")?;
    if network == Network::None {
        raw::bring_loopback_up().during("bring up the loopback device")?;
    }
    Ok(())
}

/// Waits until the first process has ended, and with it everything inside; ends it when rplan hangs up.
fn wait_for(init: Pid, control: &Control) -> Result<(), Failure> {
    let pid = rustix::process::Pid::from_raw(init.as_raw()).expect("fork returns a positive process id");
    let ended = pidfd_open(pid, PidfdFlags::empty()).during("watch the step")?;
    let mut fds = [
        PollFd::from_borrowed_fd(ended.as_fd(), PollFlags::IN),
        PollFd::from_borrowed_fd(control.0.as_fd(), PollFlags::IN | PollFlags::RDHUP),
    ];
    loop {
        let polled = poll(&mut fds, None);
        if polled.is_ok() && !fds[0].revents().is_empty() {
            break;
        }
        if polled.is_ok() && !fds[1].revents().is_empty() {
            kill(init, Signal::SIGKILL).during("end the step")?;
            break;
        }
    }
    waitpid(init, None).during("wait for the step").map(drop)
}
