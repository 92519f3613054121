//! The first process inside: moves into the root, mounts what belongs there, starts the command, and buries orphans.
//!
//! Keeps its privileges, which the command does not get. When it ends, the kernel ends everything else inside.

use std::process::exit;

use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};
use nix::sys::wait::{WaitStatus, wait};
use nix::unistd::{ForkResult, Pid, chdir, pivot_root};
use rustix::mount::{UnmountFlags, unmount};
use rustix::process::{Signal, set_parent_process_death_signal};

use super::borrowed::Borrowed;
use super::helper::Control;
use super::job::{During, Failure, Job, Report};
use super::mounts::Opened;
use super::{command, devices, mounts, raw};
use crate::tree::Root;
use crate::tree::accounts::Accounts;

/// Does all that, reports how the command ended, and exits.
pub(super) fn live(job: &Job, borrowed: &Borrowed, mounts: &[Opened<'_>], control: &mut Control) -> ! {
    let report = match start(job, borrowed, mounts, control) {
        Ok(command) => Report::Ended { code: bury_until(command) },
        Err(Failure(why)) => Report::CouldNotStart { why },
    };
    control.say(&report);
    exit(0)
}

fn start(job: &Job, borrowed: &Borrowed, mounts: &[Opened<'_>], control: &mut Control) -> Result<Pid, Failure> {
    set_parent_process_death_signal(Some(Signal::KILL)).during("tie the step to its helper")?;
    // A mount namespace apart from the helper's, which stays outside the root.
    unshare(CloneFlags::CLONE_NEWNS).during("enter a new mount namespace")?;
    chdir(&job.run.root.mount_at).during("enter the root")?;
    pivot_root(".", ".").during("make the root the root")?;
    // In a user namespace the kernel shows no more of itself than what is visible already: in the old root.
    devices::mount_proc_and_sys(job, borrowed)?;
    // The old root lies on top of the new one now; without it there is no way out.
    unmount(".", UnmountFlags::DETACH).during("leave the old root")?;
    chdir("/").during("enter the root")?;
    devices::mount_kernel_views(job, borrowed)?;
    mounts::put_in_place(mounts)?;

    let accounts = Root::open("/").and_then(|root| Accounts::of(&root)).during("read the image's users")?;
    let who = accounts.login(&job.run.user).during("USER")?;
    match raw::fork_single_threaded().during("fork")? {
        ForkResult::Child => command::become_it(job, &who, control),
        ForkResult::Parent { child } => Ok(child),
    }
}

/// Reaps whatever ends until `command` does; its exit code, as a shell would tell it.
fn bury_until(command: Pid) -> i32 {
    loop {
        match wait() {
            Ok(WaitStatus::Exited(pid, code)) if pid == command => return code,
            Ok(WaitStatus::Signaled(pid, signal, _)) if pid == command => return 128 + signal as i32,
            Ok(_) | Err(Errno::EINTR) => {}
            Err(error) => unreachable!("the command is a child that nobody else waits for: {error}"),
        }
    }
}
