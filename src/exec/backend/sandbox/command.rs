//! Becoming the step's command: its identity, its capabilities, its environment, and then its program.
//!
//! Nothing of rplan is left when this is through: the program replaces the process.

use std::ffi::CString;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::exit;

use caps::{CapSet, Capability, CapsHashSet};
use nix::errno::Errno;
use nix::sys::signal::SigSet;
use nix::sys::stat::{Mode, umask};
use nix::unistd::{Gid, Uid, chdir, dup2_stdin, execve, setgroups, setresgid, setresuid, setsid};
use rustix::process::ioctl_tiocsctty;

use super::super::{Network, PreparedRun, Secret};
use super::helper::Control;
use super::job::{During, Failure, Job, Report};
use super::{limits, raw, seccomp};
use crate::exec::rootless::is_in_user_namespace;
use crate::tree::accounts::Login;

/// What Docker gives a container.
const CAPABILITIES: [Capability; 14] = [
    Capability::CAP_AUDIT_WRITE,
    Capability::CAP_CHOWN,
    Capability::CAP_DAC_OVERRIDE,
    Capability::CAP_FOWNER,
    Capability::CAP_FSETID,
    Capability::CAP_KILL,
    Capability::CAP_MKNOD,
    Capability::CAP_NET_BIND_SERVICE,
    Capability::CAP_NET_RAW,
    Capability::CAP_SETFCAP,
    Capability::CAP_SETGID,
    Capability::CAP_SETPCAP,
    Capability::CAP_SETUID,
    Capability::CAP_SYS_CHROOT,
];

/// Where programs are looked for when the step has no `PATH`.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The version of Landlock from which on it tells abstract sockets of a process from those of others. They belong to a
/// network, not to a file system: a step that shares the machine's would reach them.
pub(in crate::exec) const SCOPES_SOCKETS: i64 = 6;

/// What shells answer for a command they cannot find.
const NOT_FOUND: i32 = 127;

/// Turns this process into the command. Reports and exits where it cannot.
pub(super) fn become_it(job: &Job, who: &Login, control: &mut Control) -> ! {
    let Err(Failure(why)) = try_to(job, who);
    control.say(&Report::CouldNotStart { why });
    exit(NOT_FOUND)
}

fn try_to(job: &Job, who: &Login) -> Result<std::convert::Infallible, Failure> {
    let run = &job.run;
    setsid().during("start a session")?;
    if job.at_terminal {
        ioctl_tiocsctty(io::stdout()).during("take the terminal")?;
        dup2_stdin(io::stdout()).during("read from the terminal")?;
    }
    raw::restore_broken_pipe_signal().during("reset signals")?;
    // A build blocks those that call it off, and what a process blocks its children inherit.
    SigSet::empty().thread_set_mask().during("reset signals")?;
    umask(Mode::from_bits_truncate(0o022));
    // As root: a working directory that the user cannot enter is what Docker allows too.
    chdir(run.cwd.as_str()).during(&format!("enter the working directory {}", run.cwd))?;
    limits::apply(&run.allowance.ulimits)?;
    if !run.is_insecure {
        // While this process still may without giving up setuid programs.
        if run.network == Network::Host && raw::landlock_abi().is_some_and(|version| version >= SCOPES_SOCKETS) {
            raw::leave_abstract_sockets_alone().during("keep this machine's abstract sockets away")?;
        }
        raw::install_filter(&seccomp::filter()).during("limit system calls")?;
        limit_capabilities().during("limit capabilities")?;
    }
    take_identity(who, run.is_insecure)?;

    let env = environment(run, who);
    let program = find_program(run, &env)?;
    let strings = |values: &mut dyn Iterator<Item = String>| {
        values.map(CString::new).collect::<Result<Vec<_>, _>>().during("a zero byte in the command or its environment")
    };
    let argv = strings(&mut run.argv.iter().cloned())?;
    let mut env = strings(&mut env.iter().map(|(name, value)| format!("{name}={value}")))?;
    for (name, Secret(value)) in &run.secrets {
        let variable = [name.as_bytes(), b"=", value].concat();
        env.push(CString::new(variable).during(&format!("the secret {name} has a zero byte"))?);
    }
    let path = CString::new(program.to_string_lossy().as_bytes()).during("the program's path")?;
    execve(&path, &argv, &env).during(&format!("execute {}", program.display()))
}

/// Leaves the bounding set with what Docker leaves; the kernel derives the other sets from it when a program starts.
fn limit_capabilities() -> Result<(), caps::errors::CapsError> {
    for capability in caps::read(None, CapSet::Bounding)? {
        if !CAPABILITIES.contains(&capability) {
            caps::drop(None, CapSet::Bounding, capability)?;
        }
    }
    caps::clear(None, CapSet::Inheritable)
}

fn take_identity(who: &Login, keeps_capabilities: bool) -> Result<(), Failure> {
    let groups: Vec<Gid> = who.groups.iter().copied().map(Gid::from_raw).collect();
    match setgroups(&groups) {
        // A namespace without lent ids lets nobody choose groups.
        Err(Errno::EPERM) if is_in_user_namespace() => {}
        taken => taken.map_err(not_lent).during("take the supplementary groups")?,
    }
    let gid = Gid::from_raw(who.gid);
    setresgid(gid, gid, gid).map_err(not_lent).during(&format!("take group {}", who.gid))?;
    let uid = Uid::from_raw(who.uid);
    // For any user but root this drops every capability.
    setresuid(uid, uid, uid).map_err(not_lent).during(&format!("take user {}", who.uid))?;
    if who.uid == 0 && !keeps_capabilities {
        let kept: CapsHashSet = CAPABILITIES.into_iter().collect();
        let has = caps::read(None, CapSet::Permitted).during("read capabilities")?;
        let kept: CapsHashSet = kept.intersection(&has).copied().collect();
        caps::set(None, CapSet::Effective, &kept).during("limit capabilities")?;
        caps::set(None, CapSet::Permitted, &kept).during("limit capabilities")?;
    }
    Ok(())
}

/// What the kernel says for an id that a user namespace does not have, in words.
fn not_lent(errno: Errno) -> std::io::Error {
    match errno {
        Errno::EINVAL => std::io::Error::other("whoever builds has no such id: /etc/subuid and /etc/subgid lend ids"),
        errno => errno.into(),
    }
}

/// The step's environment, with the home directory of its user where it names none.
fn environment(run: &PreparedRun, who: &Login) -> Vec<(String, String)> {
    let mut env = run.env.clone();
    if !env.iter().any(|(name, value)| name == "HOME" && !value.is_empty()) {
        env.retain(|(name, _)| name != "HOME");
        env.push(("HOME".to_owned(), who.home.clone()));
    }
    env
}

fn find_program(run: &PreparedRun, env: &[(String, String)]) -> Result<PathBuf, Failure> {
    let name =
        run.argv.first().filter(|name| !name.is_empty()).ok_or_else(|| Failure("the command is empty".into()))?;
    if name.contains('/') {
        let path = Path::new(&run.cwd).join(name);
        return if path.exists() {
            Ok(name.into())
        } else {
            Err(Failure(format!("{name}: no such file in the image")))
        };
    }
    let path = env.iter().rev().find(|(name, _)| name == "PATH").map_or(DEFAULT_PATH, |(_, value)| value);
    let is_program = |path: &PathBuf| {
        path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
    };
    path.split(':')
        .map(|directory| Path::new(if directory.is_empty() { "." } else { directory }).join(name))
        .find(is_program)
        .ok_or_else(|| Failure(format!("{name}: not found in the image (PATH={path})")))
}
