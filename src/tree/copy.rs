//! COPY: putting selected entries of one tree into another.
//!
//! Knows the rules for destinations, owners and modes; not how a Dockerfile spells them, and not what is unpacked by
//! ADD. Invariant: existing directories keep their attributes unless the source brings the same directory, and
//! nothing changes its kind between directory and non-directory.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::apply::{Applier, Clash, New};
use super::entry::{Attributes, Entry, Kind};
use super::error::{Result, TreeError};
use super::follow::Last;
use super::mode::ModeChange;
use super::resolve::{NewDirectory, Root};
use super::select::{Hit, SourceTree};

/// Where copied entries go and how they arrive.
#[derive(Debug, Clone, Default)]
pub struct Arrival {
    /// Owner and group of everything copied and every directory made (`--chown`, looked up); `None` keeps what the
    /// source tree says.
    pub owner: Option<(u32, u32)>,
    /// Change of the permission bits of everything copied but links (`--chmod`).
    pub mode: Option<ModeChange>,
}

impl Arrival {
    /// The attributes with which `entry` of `tree` arrives.
    pub fn attributes(&self, tree: &SourceTree<'_>, entry: &Entry) -> Attributes {
        let mut attributes = entry.attributes.clone();
        let own = if tree.keeps_owners { (attributes.uid, attributes.gid) } else { (0, 0) };
        (attributes.uid, attributes.gid) = self.owner.unwrap_or(own);
        if tree.has_plain_modes {
            attributes.mode = entry.plain_mode();
        }
        if let Some(change) = self.mode.as_ref().filter(|_| !matches!(entry.kind, Kind::Symlink { .. })) {
            attributes.mode = change.apply(attributes.mode, entry.is_directory());
        }
        attributes
    }

    /// How directories arrive that the source does not have: the destination and its parents.
    fn new_directory(&self) -> NewDirectory {
        let (uid, gid) = self.owner.unwrap_or_default();
        NewDirectory { mode: self.mode.as_ref().and_then(ModeChange::octal).unwrap_or(0o755), uid, gid }
    }
}

/// What was copied.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Copied {
    /// Entries, directories included.
    pub entries: u64,
    /// Bytes of content.
    pub bytes: u64,
}

/// Copies `hits` of `tree` to `destination` below `target`. The destination is taken from the root (`WORKDIR` is
/// joined already); whether it ends in a slash or a dot matters. A source of no hits makes nothing.
pub fn copy(
    tree: &SourceTree<'_>,
    hits: &[Hit],
    target: &Root,
    destination: &str,
    arrival: &Arrival,
) -> Result<Copied> {
    let mut copying = Copying {
        tree,
        arrival,
        applier: Applier::new(target, Clash::Refuse),
        links: HashMap::new(),
        copied: Copied::default(),
    };
    let names_a_directory =
        destination.is_empty() || destination == "." || destination.ends_with('/') || destination.ends_with("/.");
    for hit in hits {
        let place = target.follow(Path::new(destination), Last::Followed)?;
        let existing = target.inspect(&place, Last::Kept)?;
        // Hard links are kept inside one source, not between two.
        copying.links.clear();
        if hit.entry.is_directory() {
            target.make_directories(&place, arrival.new_directory())?;
            copying.merge(hit, &place)?;
        } else if names_a_directory || existing.is_some_and(|entry| entry.is_directory()) {
            target.make_directories(&place, arrival.new_directory())?;
            let name = hit.name.file_name().ok_or_else(|| TreeError::NoName { path: hit.name.clone() })?;
            copying.put(&hit.entry, &place.join(name))?;
        } else {
            target.make_directories(place.parent().unwrap_or(Path::new("")), arrival.new_directory())?;
            copying.put(&hit.entry, &place)?;
        }
    }
    copying.applier.finish()?;
    Ok(copying.copied)
}

struct Copying<'a, 't> {
    tree: &'a SourceTree<'t>,
    arrival: &'a Arrival,
    applier: Applier<'a>,
    /// Where files with several names went, by device and inode.
    links: HashMap<(u64, u64), PathBuf>,
    copied: Copied,
}

impl Copying<'_, '_> {
    /// Puts what is in the directory of `hit` into the one at `place`.
    fn merge(&mut self, hit: &Hit, place: &Path) -> Result<()> {
        for entry in self.tree.below(hit)? {
            let inner = entry.path.strip_prefix(&hit.entry.path).expect("a walk stays below its start");
            self.put(&entry, &place.join(inner))?;
        }
        Ok(())
    }

    fn put(&mut self, entry: &Entry, place: &Path) -> Result<()> {
        let attributes = self.arrival.attributes(self.tree, entry);
        self.copied.entries += 1;
        if let Some(identity) = entry.hard_link_identity() {
            if let Some(first) = self.links.get(&identity) {
                return self.applier.put(place, New::HardLink(first), &attributes);
            }
            self.links.insert(identity, place.to_owned());
        }
        match &entry.kind {
            Kind::Directory => self.applier.put(place, New::Directory, &attributes),
            Kind::File => {
                let file = open_source(self.tree.root, entry)?;
                self.copied.bytes += entry.size;
                self.applier.put(place, New::CopyOf(&file), &attributes)
            }
            Kind::Symlink { target } => self.applier.put(place, New::Symlink(target), &attributes),
            Kind::CharDevice(device) => self.applier.put(place, New::CharDevice(*device), &attributes),
            Kind::BlockDevice(device) => self.applier.put(place, New::BlockDevice(*device), &attributes),
            Kind::Fifo => self.applier.put(place, New::Fifo, &attributes),
            // A socket without its program is nothing; its place is kept by an empty file.
            Kind::Socket => self.applier.put(place, New::File(&mut io::empty()), &attributes),
        }
    }
}

/// Opens the content of a regular file of `root`, for reading.
pub(super) fn open_source(root: &Root, entry: &Entry) -> Result<File> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    root.open_place(&entry.path, flags)
        .map(File::from)
        .map_err(|errno| TreeError::io("open", &root.outside(&entry.path), errno))
}
