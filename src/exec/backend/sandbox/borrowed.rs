//! What a step in a user namespace is shown of this machine because it cannot have its own: the working devices of
//! `/dev`, and `/sys` where the network is the machine's.
//!
//! Opened while the helper still sees the machine, as detached mounts that nothing inside can lead elsewhere.

use std::io;
use std::os::fd::OwnedFd;

use rustix::fs::{CWD, Mode, OFlags};
use rustix::mount::{MoveMountFlags, move_mount};

use super::super::Network;
use super::devices::NODES;
use super::job::{During, Failure};
use super::raw;
use crate::exec::rootless::is_in_user_namespace;

/// Mounts that stand nowhere yet; none of a kind that the step can have of its own.
#[derive(Default)]
pub(super) struct Borrowed {
    nodes: Vec<OwnedFd>,
    sys: Option<OwnedFd>,
}

impl Borrowed {
    /// Opens what a step with this network needs.
    pub(super) fn open(network: Network) -> Result<Self, Failure> {
        if !is_in_user_namespace() {
            return Ok(Self::default());
        }
        let node = |(name, ..): (&str, u32, u32)| {
            let path = format!("/dev/{name}");
            let place = rustix::fs::open(&path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty());
            place
                .map_err(io::Error::from)
                .and_then(|place| raw::detached_device(&place))
                .during(&format!("open {path}"))
        };
        let sys = match network {
            Network::Host => Some(raw::detached_view("/sys").during("open /sys")?),
            Network::None => None,
        };
        Ok(Self { nodes: NODES.into_iter().map(node).collect::<Result<_, _>>()?, sys })
    }

    /// Whether devices are borrowed.
    pub(super) fn has_nodes(&self) -> bool {
        !self.nodes.is_empty()
    }

    /// Puts the device that is `NODES[number]` at `path`.
    pub(super) fn put_node(&self, number: usize, path: &str) -> io::Result<()> {
        put(&self.nodes[number], path)
    }

    /// Puts `/sys` in place, if it is borrowed.
    pub(super) fn put_sys(&self) -> Option<io::Result<()>> {
        self.sys.as_ref().map(|sys| put(sys, "/sys"))
    }
}

fn put(mount: &OwnedFd, path: &str) -> io::Result<()> {
    Ok(move_mount(mount, "", CWD, path, MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH)?)
}
