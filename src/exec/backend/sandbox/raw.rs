//! The kernel calls that no safe wrapper offers. The only unsafe code of rplan.
//!
//! Every function here is a safe one with a contract of its own; callers need to know nothing of the calls inside.
#![allow(unsafe_code)]

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::path::Path;

use nix::libc;
use nix::sys::signal::{SigHandler, Signal, signal};
use nix::unistd::{ForkResult, fork};
use rustix::fs::CWD;
use rustix::mount::{OpenTreeFlags, open_tree};

/// Whether this process has one thread only.
fn is_single_threaded() -> io::Result<bool> {
    Ok(std::fs::read_dir("/proc/self/task")?.count() == 1)
}

/// Forks. Refuses in a process with several threads, where the child would inherit locks that nobody releases.
pub(super) fn fork_single_threaded() -> io::Result<ForkResult> {
    if !is_single_threaded()? {
        return Err(io::Error::other("a process with several threads must not fork"));
    }
    // SAFETY: the process has a single thread (just checked; only that thread could start another), so the child
    // starts with no lock held and may go on as ordinary code.
    Ok(unsafe { fork() }?)
}

/// Lets a broken pipe end the program again, which Rust's runtime had switched off.
pub(super) fn restore_broken_pipe_signal() -> io::Result<()> {
    // SAFETY: the default disposition is no handler at all, so no code can run in signal context.
    unsafe { signal(Signal::SIGPIPE, SigHandler::SigDfl) }?;
    Ok(())
}

/// Marks every descriptor but the standard three to be closed when a program is executed.
pub(super) fn close_others_on_exec() -> io::Result<()> {
    // SAFETY: the call takes three integers and touches no memory of ours; the flag changes no descriptor's validity
    // in this process.
    let done = unsafe {
        libc::syscall(libc::SYS_close_range, 3 as libc::c_uint, libc::c_uint::MAX, libc::CLOSE_RANGE_CLOEXEC)
    };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// A descriptor of `path` on a read-only mount that no other process can reach by name.
pub(super) fn read_only_clone(path: &Path) -> io::Result<OwnedFd> {
    let tree = open_tree(CWD, path, OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC)?;
    set_mount_attributes(&tree, libc::MOUNT_ATTR_RDONLY, 0)?;
    Ok(tree)
}

/// A read-only mount of everything that is mounted at and below `path`, which stands nowhere yet.
pub(super) fn detached_view(path: &str) -> io::Result<OwnedFd> {
    let whole = OpenTreeFlags::from_bits_retain(libc::AT_RECURSIVE as libc::c_uint);
    let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC | whole;
    let tree = open_tree(CWD, path, flags)?;
    let harmless = libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NODEV | libc::MOUNT_ATTR_NOEXEC;
    set_mount_attributes(&tree, harmless, libc::AT_RECURSIVE as libc::c_uint)?;
    Ok(tree)
}

/// A mount of the device that `place` is open on, which stands nowhere yet and works.
pub(super) fn detached_device(place: &OwnedFd) -> io::Result<OwnedFd> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC | OpenTreeFlags::AT_EMPTY_PATH;
    let tree = open_tree(place, "", flags)?;
    set_mount_attributes(&tree, libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NOEXEC, 0)?;
    Ok(tree)
}

/// A mount of what `place` is open on, which stands nowhere yet. Devices in it cannot be opened.
pub(super) fn detached_mount(place: &OwnedFd, is_read_only: bool, is_device: bool) -> io::Result<OwnedFd> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC | OpenTreeFlags::AT_EMPTY_PATH;
    let tree = open_tree(place, "", flags)?;
    let read_only = if is_read_only { libc::MOUNT_ATTR_RDONLY } else { 0 };
    let no_device = if is_device { 0 } else { libc::MOUNT_ATTR_NODEV };
    set_mount_attributes(&tree, no_device | read_only, 0)?;
    Ok(tree)
}

fn set_mount_attributes(tree: &OwnedFd, attributes: u64, reach: libc::c_uint) -> io::Result<()> {
    let attributes = libc::mount_attr { attr_set: attributes, attr_clr: 0, propagation: 0, userns_fd: 0 };
    // SAFETY: the descriptor is open, the path a valid C string, and the last two arguments the address and size of a
    // live, initialised `mount_attr`, which the kernel only reads.
    let done = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            tree.as_raw_fd(),
            c"".as_ptr(),
            libc::AT_EMPTY_PATH as libc::c_uint | reach,
            &raw const attributes,
            size_of::<libc::mount_attr>(),
        )
    };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Lets the kernel judge every system call of this process, and of all it starts, by `filter`. Privileges that a
/// program gains by being executed stay possible, so the caller must have CAP_SYS_ADMIN.
pub(super) fn install_filter(filter: &[libc::sock_filter]) -> io::Result<()> {
    let length = filter.len().try_into().map_err(|_| io::Error::other("the filter is too long"))?;
    let program = libc::sock_fprog { len: length, filter: filter.as_ptr().cast_mut() };
    // SAFETY: the program is a live `sock_fprog` whose pointer and length are those of a slice; the kernel only reads
    // both, and checks the program before it takes it.
    let done = unsafe {
        libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, 0 as libc::c_ulong, &raw const program)
    };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// What a set of rules of Landlock's may say from version 6 on.
#[repr(C)]
struct Ruleset {
    handled_access_fs: u64,
    handled_access_net: u64,
    scoped: u64,
}

/// The version of Landlock that this kernel has.
pub(super) fn landlock_abi() -> Option<i64> {
    const ASK_FOR_VERSION: libc::c_uint = 1;
    // SAFETY: with this flag the call takes no ruleset, and touches no memory of ours.
    let version = unsafe {
        libc::syscall(libc::SYS_landlock_create_ruleset, std::ptr::null::<Ruleset>(), 0_usize, ASK_FOR_VERSION)
    };
    (version > 0).then_some(version)
}

/// Keeps this process, and all it starts, from abstract sockets that others have made. Privileges that a program gains
/// by being executed stay possible, so the caller must have CAP_SYS_ADMIN.
pub(super) fn leave_abstract_sockets_alone() -> io::Result<()> {
    const ABSTRACT_SOCKETS: u64 = 1;
    let rules = Ruleset { handled_access_fs: 0, handled_access_net: 0, scoped: ABSTRACT_SOCKETS };
    // SAFETY: the pointer and the size are those of a live, initialised `Ruleset`, which the kernel only reads.
    let made =
        unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, &raw const rules, size_of::<Ruleset>(), 0_u32) };
    if made < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call has just opened this descriptor, which nothing else owns.
    let rules = unsafe { OwnedFd::from_raw_fd(made as libc::c_int) };
    // SAFETY: the descriptor is open, and the call takes two integers.
    let done = unsafe { libc::syscall(libc::SYS_landlock_restrict_self, rules.as_raw_fd(), 0_u32) };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Switches the loopback device of the current network namespace on.
pub(super) fn bring_loopback_up() -> io::Result<()> {
    let socket = std::net::UdpSocket::bind("0.0.0.0:0")?;
    // SAFETY: `ifreq` is plain data, for which all zeroes is a valid value.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    request.ifr_name[0] = b'l' as libc::c_char;
    request.ifr_name[1] = b'o' as libc::c_char;
    request.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short;
    // SAFETY: the descriptor is open, and the request is a live, initialised `ifreq` with a terminated name, as
    // SIOCSIFFLAGS expects.
    let done = unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS as _, &raw const request) };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
