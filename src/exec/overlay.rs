//! Mounting layers on top of each other: read-only ones, and at most one directory that takes changes.
//!
//! A mount is `volatile`: an upper directory is scratch until it has been committed, so nothing is synced when it is
//! unmounted. It is `nodev`: a device node in it is a name in a layer, not a way to the host's disk.

use std::cell::Cell;
use std::ffi::CString;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, Mode, OFlags, StatVfsMountFlags};
use rustix::io::Errno;
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, MountFlags, MountPropagationFlags, MoveMountFlags, UnmountFlags,
    fsconfig_create, fsconfig_set_flag, fsconfig_set_string, fsmount, fsopen, mount, mount_bind, mount_change,
    mount_remount, move_mount, unmount,
};

use super::rootless::is_in_user_namespace;

/// Features that would put something into an upper directory that is not the plain form of a layer.
const PLAIN: [(&str, &str); 3] = [("redirect_dir", "off"), ("metacopy", "off"), ("index", "off")];

/// Keeps the overlay's marks where a user namespace may write them. Excludes the same features, which must not be named
/// beside it.
const IN_USER_NAMESPACE: &str = "userxattr";

/// What lies on what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stack<'a> {
    /// Directories below, the topmost first.
    pub(super) lowers: &'a [PathBuf],
    /// The directory that takes the changes, and the overlay's own room beside it.
    pub(super) upper: Option<(&'a Path, &'a Path)>,
}

/// Mounts `stack` at the directory `at`.
pub(super) fn mount_at(stack: Stack<'_>, at: &Path) -> io::Result<()> {
    match (stack.lowers, stack.upper) {
        // An empty directory is itself the empty tree.
        ([], None) => bind(at, at, MountFlags::RDONLY),
        ([only], None) => bind(only, at, MountFlags::RDONLY),
        // Nothing below: what is seen is what is changed.
        ([], Some((only, _))) => bind(only, at, MountFlags::empty()),
        _ => overlay(stack, at),
    }
}

fn bind(directory: &Path, at: &Path, flags: MountFlags) -> io::Result<()> {
    mount_bind(directory, at)?;
    restrict(at, MountFlags::NODEV | flags)
}

/// Adds `flags` to the mount at `at`. Those it has stay: in a user namespace the kernel lets nobody take them away.
pub(super) fn restrict(at: &Path, flags: MountFlags) -> io::Result<()> {
    let has = rustix::fs::statvfs(at)?.f_flag;
    let kept = [
        (StatVfsMountFlags::RDONLY, MountFlags::RDONLY),
        (StatVfsMountFlags::NOSUID, MountFlags::NOSUID),
        (StatVfsMountFlags::NODEV, MountFlags::NODEV),
        (StatVfsMountFlags::NOEXEC, MountFlags::NOEXEC),
        (StatVfsMountFlags::NOATIME, MountFlags::NOATIME),
        (StatVfsMountFlags::NODIRATIME, MountFlags::NODIRATIME),
        (StatVfsMountFlags::RELATIME, MountFlags::RELATIME),
    ];
    let kept = kept.into_iter().filter(|(flag, _)| has.contains(*flag)).map(|(_, flag)| flag);
    Ok(mount_remount(at, MountFlags::BIND | flags | kept.collect(), c"")?)
}

fn overlay(stack: Stack<'_>, at: &Path) -> io::Result<()> {
    match by_file_system_context(stack, at) {
        Ok(()) => Ok(()),
        // Kernels before 6.7 do not know `lowerdir+`.
        Err(newer) => by_option_string(stack, at).map_err(|older| match older.raw_os_error() {
            Some(code) if newer.raw_os_error() != Some(code) => {
                io::Error::new(older.kind(), format!("{older} (and by the newer interface: {newer})"))
            }
            _ => older,
        }),
    }
}

/// The new interface, which takes up to 500 lower directories.
fn by_file_system_context(stack: Stack<'_>, at: &Path) -> io::Result<()> {
    let context = fsopen("overlay", FsOpenFlags::FSOPEN_CLOEXEC)?;
    fsconfig_set_string(&context, "source", "overlay")?;
    let mut kept = Vec::new();
    for lower in stack.lowers {
        fsconfig_set_string(&context, "lowerdir+", short(lower, &mut kept)?)?;
    }
    if let Some((upper, work)) = stack.upper {
        fsconfig_set_string(&context, "upperdir", short(upper, &mut kept)?)?;
        fsconfig_set_string(&context, "workdir", short(work, &mut kept)?)?;
        fsconfig_set_flag(&context, "volatile")?;
    }
    if is_in_user_namespace() {
        fsconfig_set_flag(&context, IN_USER_NAMESPACE)?;
    } else {
        for (feature, value) in PLAIN {
            // A kernel that does not know a feature does not use it either.
            let _ = fsconfig_set_string(&context, feature, value);
        }
    }
    fsconfig_create(&context)?;
    let made = fsmount(&context, FsMountFlags::FSMOUNT_CLOEXEC, MountAttrFlags::MOUNT_ATTR_NODEV)?;
    Ok(move_mount(&made, "", CWD, at, MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH)?)
}

/// The old interface, whose options must fit a page.
fn by_option_string(stack: Stack<'_>, at: &Path) -> io::Result<()> {
    let mut kept = Vec::new();
    let mut lowers = Vec::new();
    for lower in stack.lowers {
        lowers.push(by_descriptor(lower, &mut kept)?);
    }
    let mut options = format!("lowerdir={}", lowers.join(":"));
    if let Some((upper, work)) = stack.upper {
        let (upper, work) = (by_descriptor(upper, &mut kept)?, by_descriptor(work, &mut kept)?);
        options.push_str(&format!(",upperdir={upper},workdir={work},volatile"));
    }
    if is_in_user_namespace() {
        options.push_str(&format!(",{IN_USER_NAMESPACE}"));
    }
    for (feature, value) in PLAIN {
        if !is_in_user_namespace() && Path::new("/sys/module/overlay/parameters").join(feature).exists() {
            options.push_str(&format!(",{feature}={value}"));
        }
    }
    let options = CString::new(options).map_err(io::Error::other)?;
    Ok(mount("overlay", at, "overlay", MountFlags::NODEV, options.as_c_str())?)
}

/// The path itself, or where it is too long for the interface (256 bytes), a short name for it.
fn short(path: &Path, kept: &mut Vec<OwnedFd>) -> io::Result<CString> {
    if path.as_os_str().len() < 200 {
        return CString::new(path.as_os_str().as_bytes()).map_err(io::Error::other);
    }
    CString::new(by_descriptor(path, kept)?).map_err(io::Error::other)
}

/// A name that holds as long as the descriptor put into `kept` is open: short, and without characters that an option
/// string gives a meaning to.
fn by_descriptor(path: &Path, kept: &mut Vec<OwnedFd>) -> io::Result<String> {
    let directory = rustix::fs::open(path, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    let name = format!("/proc/self/fd/{}", directory.as_raw_fd());
    kept.push(directory);
    Ok(name)
}

thread_local! {
    /// Whether the thread has mounts of its own already.
    static IS_PRIVATE: Cell<bool> = const { Cell::new(false) };
}

/// Gives the calling thread mounts of its own, which nobody else sees and which vanish with it, however it ends.
fn keep_mounts_of_this_thread_private() -> io::Result<()> {
    if !IS_PRIVATE.get() {
        nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWNS)?;
        mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)?;
        IS_PRIVATE.set(true);
    }
    Ok(())
}

/// A stack that is mounted for as long as this lives, for the thread that made it and what that starts.
#[derive(Debug)]
pub(super) struct Mounted {
    at: PathBuf,
}

impl Mounted {
    /// Mounts `stack` at the directory `at`.
    pub(super) fn new(stack: Stack<'_>, at: &Path) -> io::Result<Self> {
        keep_mounts_of_this_thread_private()?;
        mount_at(stack, at)?;
        Ok(Self { at: at.to_owned() })
    }

    /// Unmounts it. A program that another thread is just starting may hold a copy of a descriptor for a moment, so
    /// the mount may live on out of sight; nothing can be written through it any more.
    pub(super) fn unmount(self) -> io::Result<()> {
        let mut mounted = self;
        // An empty path is not unmounted once more.
        let at = std::mem::take(&mut mounted.at);
        Ok(unmount(&at, UnmountFlags::DETACH)?)
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        if self.at.as_os_str().is_empty() {
            return;
        }
        match unmount(&self.at, UnmountFlags::DETACH) {
            Ok(()) | Err(Errno::INVAL) => {}
            Err(error) => tracing::warn!(at = %self.at.display(), %error, "a mount stays until the build ends"),
        }
    }
}
