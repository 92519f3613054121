//! Mounting a step's root: its lower layers and its upper directory as one overlay.
//!
//! The mount is `volatile`: an upper directory is scratch until it has been committed, so nothing is synced when it is
//! unmounted. It is `nodev`: a device node that a step makes is a name in a layer, not a way to the host's disk.

use std::ffi::CString;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::{CWD, Mode, OFlags};
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, MountFlags, MoveMountFlags, fsconfig_create, fsconfig_set_flag,
    fsconfig_set_string, fsmount, fsopen, mount, mount_bind, mount_remount, move_mount,
};

use super::super::Root;

/// Features that would put something into an upper directory that is not the plain form of a layer.
const PLAIN: [(&str, &str); 3] = [("redirect_dir", "off"), ("metacopy", "off"), ("index", "off")];

/// Mounts `root` at its mount point.
pub(super) fn mount_root(root: &Root) -> io::Result<()> {
    if root.lowers.is_empty() {
        // Nothing below: what the step sees is what it changes.
        mount_bind(&root.upper, &root.mount_at)?;
        return Ok(mount_remount(&root.mount_at, MountFlags::BIND | MountFlags::NODEV, c"")?);
    }
    match by_file_system_context(root) {
        Ok(()) => Ok(()),
        // Kernels before 6.7 do not know `lowerdir+`.
        Err(newer) => by_option_string(root).map_err(|older| match older.raw_os_error() {
            Some(code) if newer.raw_os_error() != Some(code) => {
                io::Error::new(older.kind(), format!("{older} (and by the newer interface: {newer})"))
            }
            _ => older,
        }),
    }
}

/// The new interface, which takes up to 500 lower directories.
fn by_file_system_context(root: &Root) -> io::Result<()> {
    let context = fsopen("overlay", FsOpenFlags::FSOPEN_CLOEXEC)?;
    fsconfig_set_string(&context, "source", "overlay")?;
    let mut kept = Vec::new();
    for lower in &root.lowers {
        fsconfig_set_string(&context, "lowerdir+", short(lower, &mut kept)?)?;
    }
    fsconfig_set_string(&context, "upperdir", short(&root.upper, &mut kept)?)?;
    fsconfig_set_string(&context, "workdir", short(&root.work, &mut kept)?)?;
    fsconfig_set_flag(&context, "volatile")?;
    for (feature, value) in PLAIN {
        // A kernel that does not know a feature does not use it either.
        let _ = fsconfig_set_string(&context, feature, value);
    }
    fsconfig_create(&context)?;
    let made = fsmount(&context, FsMountFlags::FSMOUNT_CLOEXEC, MountAttrFlags::MOUNT_ATTR_NODEV)?;
    Ok(move_mount(&made, "", CWD, &root.mount_at, MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH)?)
}

/// The old interface, whose options must fit a page.
fn by_option_string(root: &Root) -> io::Result<()> {
    let mut kept = Vec::new();
    let mut lowers = Vec::new();
    for lower in &root.lowers {
        lowers.push(by_descriptor(lower, &mut kept)?);
    }
    let upper = by_descriptor(&root.upper, &mut kept)?;
    let work = by_descriptor(&root.work, &mut kept)?;
    let mut options = format!("lowerdir={},upperdir={upper},workdir={work},volatile", lowers.join(":"));
    for (feature, value) in PLAIN {
        if Path::new("/sys/module/overlay/parameters").join(feature).exists() {
            options.push_str(&format!(",{feature}={value}"));
        }
    }
    let options = CString::new(options).map_err(io::Error::other)?;
    Ok(mount("overlay", &root.mount_at, "overlay", MountFlags::NODEV, options.as_c_str())?)
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
