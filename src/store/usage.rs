//! What a store holds, thing by thing: how large, when last used, and whether an image needs it.
//!
//! Works beside running builds: it looks and touches nothing.

use std::collections::BTreeMap;
use std::time::SystemTime;

use super::Store;
use super::error::Result;
use super::keepers::{Name, Thing};
use super::records::Kind;

/// What a thing in the store is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shelf {
    /// The changes of one step or layer.
    Snapshots,
    /// Content-addressed files: layers as they travel, manifests, configs.
    Blobs,
    /// What is remembered under keys.
    Records,
    /// Directories that live from build to build.
    CacheMounts,
    /// Roots of steps that failed.
    KeptRoots,
    /// Names with all that they stand for, which is among the snapshots and blobs.
    Images,
}

/// One thing in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// What it is.
    pub shelf: Shelf,
    /// What it is called.
    pub name: String,
    /// Its bytes of content.
    pub size: u64,
    /// When it, or what keeps it, was last used; `None` where nothing keeps it.
    pub used: Option<SystemTime>,
    /// Whether an image needs it.
    pub is_of_image: bool,
}

impl Store {
    /// Everything in the store, shelf by shelf, by name.
    pub fn usage(&self) -> Result<Vec<Held>> {
        let things = self.things()?;
        let mut used: BTreeMap<Thing, (SystemTime, bool)> = BTreeMap::new();
        let mut held = Vec::new();
        for keeper in self.keepers()? {
            let is_image = matches!(keeper.name, Name::Tag(_));
            for thing in &keeper.holds {
                let (last, is_of_image) = used.entry(thing.clone()).or_insert((keeper.used, false));
                *last = keeper.used.max(*last);
                *is_of_image |= is_image;
            }
            let used = Some(keeper.used);
            match keeper.name {
                Name::Tag(name) => {
                    let size = keeper.holds.iter().filter_map(|thing| things.get(thing)).sum();
                    held.push(Held { shelf: Shelf::Images, name, size, used, is_of_image: true });
                }
                Name::Record(kind, key) => {
                    let name = format!("{} {key}", in_words(kind));
                    let notes: u64 = keeper.notes.iter().map(|note| self.notes.size(note)).sum();
                    let size = self.records.size(kind, &key) + notes;
                    held.push(Held { shelf: Shelf::Records, name, size, used, is_of_image: false });
                }
                Name::Cache(directory, name) => {
                    let size = things.get(&Thing::Cache(directory)).copied().unwrap_or_default();
                    held.push(Held { shelf: Shelf::CacheMounts, name, size, used, is_of_image: false });
                }
            }
        }
        for (thing, size) in things {
            let used = used.get(&thing).copied();
            let (shelf, name) = match thing {
                Thing::Snapshot(id) => (Shelf::Snapshots, id.to_string()),
                Thing::Blob(digest) => (Shelf::Blobs, digest.to_string()),
                Thing::KeptRoot(name) => (Shelf::KeptRoots, self.root().join("kept").join(name).display().to_string()),
                Thing::Cache(_) => continue,
            };
            let is_of_image = used.is_some_and(|(_, is_of_image)| is_of_image);
            held.push(Held { shelf, name, size, used: used.map(|(last, _)| last), is_of_image });
        }
        held.sort_by(|left, right| (left.shelf, &left.name).cmp(&(right.shelf, &right.name)));
        Ok(held)
    }
}

fn in_words(kind: Kind) -> &'static str {
    match kind {
        Kind::Step => "step",
        Kind::LastRun => "last run",
        Kind::Build => "build",
        Kind::Chain => "layers",
        Kind::Image => "image",
        Kind::Whereabouts => "whereabouts",
        Kind::Source => "source",
        Kind::Import => "import",
        Kind::Took => "times of a command",
    }
}
