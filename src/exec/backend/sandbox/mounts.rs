//! The mounts that a step asks for: opened before there is a root, put in place inside it.
//!
//! What is shown is looked up while the helper still sees this machine, and stands as a detached mount until then; so
//! nothing inside can change what a path here means. A mount below another is put in place after it.

use std::ffi::CString;
use std::fs::{self, File};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat2};
use rustix::mount::{MountFlags, MoveMountFlags, mount, move_mount};

use super::super::{Mount, Secret, Shows};
use super::devices::{MOUNT_POINTS, lay_over_with};
use super::job::{During, Failure};
use super::raw;
use super::stubs::{Kind, Stubs};

/// A mount with what it shows at hand.
pub(super) struct Opened<'a> {
    mount: &'a Mount,
    kind: Kind,
    /// Of a tree: the mount itself, detached.
    tree: Option<OwnedFd>,
}

/// Opens what `mounts` show, those with the shortest targets first.
pub(super) fn open(mounts: &[Mount]) -> Result<Vec<Opened<'_>>, Failure> {
    let mut opened = Vec::with_capacity(mounts.len());
    for mount in mounts {
        let (kind, tree) = match &mount.shows {
            Shows::Tree { root, path } => {
                let found = open_tree(root, path, mount.is_read_only);
                let (kind, tree) = found.during(&format!("open what is to be mounted at {}", mount.target))?;
                (kind, Some(tree))
            }
            Shows::Device { path } => {
                let tree = open_device(path).during(&format!("open the device {}", path.display()))?;
                (Kind::File, Some(tree))
            }
            Shows::Memory { .. } => (Kind::Directory, None),
            Shows::Secret { .. } => (Kind::File, None),
        };
        opened.push(Opened { mount, kind, tree });
    }
    opened.sort_by_key(|opened| Path::new(&opened.mount.target).components().count());
    Ok(opened)
}

fn open_tree(root: &Path, path: &Path, is_read_only: bool) -> io::Result<(Kind, OwnedFd)> {
    let root = rustix::fs::open(root, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    let inside = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
    let place = File::from(openat2(&root, path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty(), inside)?);
    let kind = if place.metadata()?.is_dir() { Kind::Directory } else { Kind::File };
    Ok((kind, raw::detached_mount(&place.into(), is_read_only, false)?))
}

fn open_device(path: &Path) -> io::Result<OwnedFd> {
    let place = File::from(rustix::fs::open(path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?);
    let kind = place.metadata()?.file_type();
    if !kind.is_char_device() && !kind.is_block_device() {
        return Err(io::Error::other("it is no device"));
    }
    raw::detached_mount(&place.into(), false, true)
}

/// Makes sure that the root has a place for each, except for those that lie on another mount.
pub(super) fn ensure_points(mounts: &[Opened<'_>], stubs: &mut Stubs) -> Result<(), Failure> {
    for (position, Opened { mount, kind, .. }) in mounts.iter().enumerate() {
        let target = Path::new(&mount.target);
        let earlier = mounts[..position].iter().map(|opened| opened.mount.target.as_str());
        let mut covered = earlier.chain(MOUNT_POINTS.map(|(path, _)| path));
        if !covered.any(|above| target.starts_with(above)) {
            stubs.ensure(&mount.target, *kind).during(&format!("make the mount point {}", mount.target))?;
        }
    }
    Ok(())
}

/// Mounts them all, inside the root.
pub(super) fn put_in_place(mounts: &[Opened<'_>]) -> Result<(), Failure> {
    mounts.iter().try_for_each(|opened| put(opened).during(&format!("mount at {}", opened.mount.target)))
}

fn put(Opened { mount: Mount { target, shows, is_read_only }, kind, tree }: &Opened<'_>) -> io::Result<()> {
    make_point(Path::new(target), *kind)?;
    let flags = if *is_read_only { MountFlags::RDONLY } else { MountFlags::empty() };
    if let Some(tree) = tree {
        let flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_SYMLINKS;
        return Ok(move_mount(tree, "", CWD, target, flags)?);
    }
    match shows {
        Shows::Memory { size } => {
            let options = size.map(|size| format!("size={size}")).unwrap_or_default();
            let options = CString::new(options).map_err(io::Error::other)?;
            Ok(mount("tmpfs", target, "tmpfs", MountFlags::NOSUID | MountFlags::NODEV | flags, options.as_c_str())?)
        }
        Shows::Secret { contents: Secret(contents), mode, uid, gid } => {
            lay_over_with(target, contents, *mode, (*uid, *gid), flags)
        }
        Shows::Tree { .. } | Shows::Device { .. } => unreachable!("a tree is opened before it is put in place"),
    }
}

/// Makes what is missing below another mount; what belongs to the root is there.
fn make_point(target: &Path, kind: Kind) -> io::Result<()> {
    match (target.metadata(), kind) {
        (Ok(found), Kind::File) if found.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        (Ok(found), Kind::Directory) if !found.is_dir() => Err(io::ErrorKind::NotADirectory.into()),
        (Ok(_), _) => Ok(()),
        (Err(_), Kind::Directory) => fs::create_dir_all(target),
        (Err(_), Kind::File) => {
            fs::create_dir_all(target.parent().unwrap_or(Path::new("/")))?;
            File::create(target).map(drop)
        }
    }
}
