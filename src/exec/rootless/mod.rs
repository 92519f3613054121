//! Building as an ordinary user: the process becomes root of a user namespace, in which the ids that `/etc/subuid` and
//! `/etc/subgid` lend it are those of an image.
//!
//! Whatever is stored belongs to ids through that map, so a layer carries the owners that root would give it. Where no
//! ids are lent there is one only: simple images still come out the same, and a file of another owner is an error.

mod mapper;
mod ranges;

use std::fs;
use std::io;
use std::sync::OnceLock;

use nix::sched::{CloneFlags, unshare};
use nix::unistd::{User, getegid, geteuid};
use rustix::mount::{MountPropagationFlags, mount_change};

use mapper::Mapper;
pub use ranges::{IdKind, Range, ranges_of};

/// The programs that map lent ids, one for users and one for groups.
pub const MAPPERS: [&str; 2] = ["newuidmap", "newgidmap"];

/// As whom a build works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// As root, of the machine or of a container.
    Root,
    /// As root of a namespace that has lent ids too.
    Lent,
    /// As root of a namespace that has no other id.
    Alone {
        /// Why, in a sentence.
        why: String,
    },
}

/// Makes this process one that can build, if it is not: it is root afterwards, if only of its own namespace. To be
/// called before any other thread is started.
pub fn enter() -> io::Result<Standing> {
    if geteuid().is_root() {
        return Ok(Standing::Root);
    }
    let (uid, gid) = (geteuid().as_raw(), getegid().as_raw());
    let lent = lent_to(uid).and_then(|(users, groups)| {
        // Started here, because only a process outside the namespace may lend it ids.
        let mappers = [Mapper::start(MAPPERS[0], uid, &users)?, Mapper::start(MAPPERS[1], gid, &groups)?];
        Ok(mappers)
    });
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNS)
        .map_err(|error| explained(error.into(), "make a user namespace"))?;
    let standing = match lent.and_then(|[users, groups]| users.map().map(|()| groups)) {
        Ok(groups) => {
            groups.map().map_err(io::Error::other)?;
            Standing::Lent
        }
        Err(why) => {
            map_alone(uid, gid).map_err(|error| explained(error, "map a user into a namespace"))?;
            Standing::Alone { why }
        }
    };
    let private = MountPropagationFlags::PRIVATE | MountPropagationFlags::REC;
    mount_change("/", private).map_err(|error| explained(error.into(), "mount anything in a user namespace"))?;
    Ok(standing)
}

/// The ids lent to a user and to its group, or why there are none.
fn lent_to(uid: u32) -> Result<(Vec<Range>, Vec<Range>), String> {
    let name = User::from_uid(uid.into()).ok().flatten().map(|user| user.name);
    let ranges = |kind: IdKind| {
        let ranges = ranges_of(kind, name.as_deref(), uid);
        match ranges.is_empty() {
            true => {
                let who = name.clone().unwrap_or_else(|| uid.to_string());
                Err(format!("{} lends no ids to {who}", kind.file()))
            }
            false => Ok(ranges),
        }
    };
    Ok((ranges(IdKind::User)?, ranges(IdKind::Group)?))
}

fn map_alone(uid: u32, gid: u32) -> io::Result<()> {
    // Without this the kernel lets nobody but root map a group.
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/uid_map", format!("0 {uid} 1"))?;
    fs::write("/proc/self/gid_map", format!("0 {gid} 1"))
}

fn explained(error: io::Error, doing: &str) -> io::Error {
    io::Error::new(error.kind(), format!("an ordinary user cannot {doing} here: {error}"))
}

/// Whether this process is in a user namespace, where some of what root may do is refused.
pub fn is_in_user_namespace() -> bool {
    static ANSWER: OnceLock<bool> = OnceLock::new();
    *ANSWER.get_or_init(|| {
        let map = fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
        !map.is_empty() && map.split_whitespace().ne(["0", "0", "4294967295"])
    })
}
