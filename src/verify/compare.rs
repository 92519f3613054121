//! Where two trees differ, and in what.
//!
//! Pure. Does not know which differences matter.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::survey::{Seen, Survey, What};
use crate::tree::Xattrs;

/// Every path at which two trees differ.
pub type Changes = BTreeMap<PathBuf, Change>;

/// How what is at a path differs from what was there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// In what respects.
    pub aspects: BTreeSet<Aspect>,
    /// In a few words for people.
    pub words: Vec<String>,
}

/// A respect in which two entries can differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Aspect {
    /// Only the first tree has it.
    Missing,
    /// Only the second tree has it.
    New,
    /// It is another kind of thing.
    Kind,
    /// The bytes of a file, or what a link says.
    Content,
    /// The permission bits.
    Mode,
    /// Owner or group.
    Owner,
    /// Extended attributes.
    Attributes,
}

/// Where `after` differs from `before`.
pub fn changes(before: &Survey, after: &Survey) -> Changes {
    let gone = before.keys().filter(|path| !after.contains_key(*path)).map(|path| (path, Change::of(Aspect::Missing)));
    let new = after.keys().filter(|path| !before.contains_key(*path)).map(|path| (path, Change::of(Aspect::New)));
    let both = before.iter().filter_map(|(path, old)| Some((path, between(old, after.get(path)?)?)));
    gone.chain(new).chain(both).map(|(path, change)| (path.clone(), change)).collect()
}

/// A path as people write it.
pub fn shown(path: &Path) -> String {
    format!("/{}", path.display())
}

impl Change {
    fn of(aspect: Aspect) -> Self {
        let words = if aspect == Aspect::Missing { "is missing" } else { "is new" };
        Self { aspects: [aspect].into(), words: vec![words.to_owned()] }
    }

    fn add(&mut self, aspect: Aspect, words: impl Into<String>) {
        self.aspects.insert(aspect);
        self.words.push(words.into());
    }
}

fn between(old: &Seen, new: &Seen) -> Option<Change> {
    let mut change = Change::default();
    match (&old.what, &new.what) {
        (old, new) if old == new => {}
        (What::File(_), What::File(_)) => change.add(Aspect::Content, "has other content"),
        (What::Symlink(old), What::Symlink(new)) => {
            change.add(Aspect::Content, format!("points to {}, not to {}", new.display(), old.display()));
        }
        (old, new) => change.add(Aspect::Kind, format!("is a {}, not a {}", kind(new), kind(old))),
    }
    if old.mode != new.mode {
        change.add(Aspect::Mode, format!("has mode {:04o}, not {:04o}", new.mode, old.mode));
    }
    if old.owner != new.owner {
        let numbers = |(user, group)| format!("{user}:{group}");
        change.add(Aspect::Owner, format!("belongs to {}, not to {}", numbers(new.owner), numbers(old.owner)));
    }
    if old.xattrs != new.xattrs {
        let names = attributes(&old.xattrs, &new.xattrs);
        change.add(Aspect::Attributes, format!("has other extended attributes: {}", names.join(", ")));
    }
    (!change.aspects.is_empty()).then_some(change)
}

fn kind(what: &What) -> &str {
    match what {
        What::File(_) => "file",
        What::Directory => "directory",
        What::Symlink(_) => "symbolic link",
        What::Special(words) => words,
    }
}

/// The names of those attributes that differ.
fn attributes(old: &Xattrs, new: &Xattrs) -> Vec<String> {
    let names: BTreeSet<_> = old.keys().chain(new.keys()).filter(|name| old.get(*name) != new.get(*name)).collect();
    names.into_iter().map(|name| name.to_string_lossy().into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::fixtures::{directory, file, link, tree};

    fn words(before: &Survey, after: &Survey) -> Vec<String> {
        let all = changes(before, after);
        all.iter().map(|(path, change)| format!("{} {}", shown(path), change.words.join(", "))).collect()
    }

    #[test]
    fn every_respect_in_which_two_trees_differ_is_told() {
        let before = tree([("a", file("1")), ("b", file("1")), ("c", directory()), ("d", link("x")), ("e", file("1"))]);
        let mut changed = file("2");
        changed.mode = 0o755;
        changed.owner = (7, 8);
        let mut marked = file("1");
        marked.xattrs.insert("user.mark".into(), b"!".to_vec());
        let after = tree([("a", changed), ("b", marked), ("c", file("1")), ("d", link("y")), ("f", file("1"))]);
        assert_eq!(
            words(&before, &after),
            [
                "/a has other content, has mode 0755, not 0644, belongs to 7:8, not to 0:0",
                "/b has other extended attributes: user.mark",
                "/c is a file, not a directory, has mode 0644, not 0755",
                "/d points to y, not to x",
                "/e is missing",
                "/f is new",
            ]
        );
        assert_eq!(words(&before, &before), [""; 0]);
    }
}
