//! The tree that the layers of an image add up to, and what they hide.
//!
//! A removal speaks of the layers below its own alone, wherever in its layer it stands. Bytes are wasted when no name
//! leads to them any more: a file that one of two hard links still names is not.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::layer::{Entry, Kind, walk_order};
use super::listing::{Listed, text};

/// The merged tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tree {
    /// What a container sees, in the order of a walk.
    pub entries: Vec<TreeEntry>,
    /// What it does not see, layer by layer of its hiding.
    pub gone: Vec<Gone>,
    /// What the visible files take.
    pub visible_size: u64,
    /// What the files take that are in a layer and cannot be seen.
    pub wasted_size: u64,
}

/// A visible entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TreeEntry {
    /// What it is.
    #[serde(flatten)]
    pub entry: Listed,
    /// The layer it comes from.
    pub layer: usize,
    /// The layers in which something else was at its path.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub replaced: Vec<usize>,
}

/// An entry that is hidden.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gone {
    /// Its path.
    pub path: String,
    /// The bytes that are wasted by it: none while another name leads to them.
    pub wasted: u64,
    /// The layer it comes from.
    pub layer: usize,
    /// The layer that hid it.
    pub by: usize,
    /// How.
    pub way: Way,
}

/// How an entry was hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// Something else is at its path, or at one above it.
    Overwritten,
    /// It was removed.
    Deleted,
}

/// Adds up the entries of layers, lowest first.
pub(super) fn merge(layers: &[Vec<Entry>]) -> Tree {
    let mut merger = Merger::default();
    for (index, entries) in layers.iter().enumerate() {
        for entry in entries {
            merger.add(entry, index + 1);
        }
    }
    merger.finish()
}

#[derive(Default)]
struct Merger {
    nodes: BTreeMap<Vec<u8>, Node>,
    contents: Vec<Content>,
    gone: Vec<Gone>,
}

struct Node {
    entry: Entry,
    layer: usize,
    replaced: Vec<usize>,
    content: Option<usize>,
}

/// The bytes of a file, and how many names lead to them.
struct Content {
    size: u64,
    names: usize,
}

impl Merger {
    fn add(&mut self, entry: &Entry, layer: usize) {
        match &entry.kind {
            Kind::Whiteout => self.hide(&entry.path, true, layer, Way::Deleted),
            Kind::Opaque => self.hide(&entry.path, false, layer, Way::Deleted),
            Kind::Directory => self.add_directory(entry, layer),
            _ => self.add_leaf(entry, layer),
        }
    }

    /// A directory joins one that is there, and is news only where it differs from it.
    fn add_directory(&mut self, entry: &Entry, layer: usize) {
        self.add_parents(&entry.path, layer);
        if let Some(node) = self.nodes.get_mut(&entry.path)
            && node.entry.kind == Kind::Directory
        {
            let looks = |entry: &Entry| (entry.mode, entry.uid, entry.gid, entry.xattrs.clone());
            if looks(&node.entry) != looks(entry) {
                node.replaced.push(node.layer);
                node.layer = layer;
            }
            node.entry = entry.clone();
            return;
        }
        self.put(entry, layer, None);
    }

    fn add_leaf(&mut self, entry: &Entry, layer: usize) {
        self.add_parents(&entry.path, layer);
        let content = match &entry.kind {
            Kind::File { size } => {
                self.contents.push(Content { size: *size, names: 0 });
                Some(self.contents.len() - 1)
            }
            Kind::HardLink { target } => self.nodes.get(target).and_then(|node| node.content),
            _ => None,
        };
        self.put(entry, layer, content);
    }

    fn put(&mut self, entry: &Entry, layer: usize, content: Option<usize>) {
        // The new name counts before the old one goes: a link may replace the very file it leads to.
        if let Some(content) = content {
            self.contents[content].names += 1;
        }
        let mut replaced = Vec::new();
        if let Some(old) = self.nodes.get(&entry.path) {
            replaced = old.replaced.clone();
            replaced.push(old.layer);
            for path in self.subtree(&entry.path, true) {
                self.remove(&path, layer, Way::Overwritten);
            }
        }
        self.nodes.insert(entry.path.clone(), Node { entry: entry.clone(), layer, replaced, content });
    }

    /// Directories that an archive only implies.
    fn add_parents(&mut self, path: &[u8], layer: usize) {
        let slashes = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
        for slash in slashes {
            let parent = &path[..slash];
            if self.nodes.get(parent).is_none_or(|node| node.entry.kind != Kind::Directory) {
                self.put(&Entry::new(parent, Kind::Directory, 0o755), layer, None);
            }
        }
    }

    /// Hides what lower layers have below `path`, and with `itself` at it.
    fn hide(&mut self, path: &[u8], itself: bool, layer: usize, way: Way) {
        for path in self.subtree(path, itself) {
            if self.nodes[&path].layer < layer {
                self.remove(&path, layer, way);
            }
        }
    }

    fn subtree(&self, path: &[u8], itself: bool) -> Vec<Vec<u8>> {
        let prefix = if path.is_empty() { Vec::new() } else { [path, b"/"].concat() };
        let below = self.nodes.range(prefix.clone()..).take_while(|(path, _)| path.starts_with(&prefix));
        let below = below.map(|(path, _)| path.clone()).filter(|below| below != path);
        let own = (itself && self.nodes.contains_key(path)).then(|| path.to_vec());
        own.into_iter().chain(below).collect()
    }

    fn remove(&mut self, path: &[u8], by: usize, way: Way) {
        let node = self.nodes.remove(path).expect("only nodes that are there are removed");
        let mut wasted = 0;
        if let Some(content) = node.content.map(|content| &mut self.contents[content]) {
            content.names -= 1;
            wasted = if content.names == 0 { content.size } else { 0 };
        }
        self.gone.push(Gone { path: text(path), wasted, layer: node.layer, by, way });
    }

    fn finish(self) -> Tree {
        let mut nodes: Vec<Node> = self.nodes.into_values().collect();
        nodes.sort_by(|left, right| walk_order(&left.entry.path, &right.entry.path));
        let visible = self.contents.iter().filter(|content| content.names > 0);
        let entry =
            |node: Node| TreeEntry { entry: Listed::of(&node.entry), layer: node.layer, replaced: node.replaced };
        Tree {
            visible_size: visible.map(|content| content.size).sum(),
            wasted_size: self.gone.iter().map(|gone| gone.wasted).sum(),
            entries: nodes.into_iter().map(entry).collect(),
            gone: self.gone,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, size: u64) -> Entry {
        Entry::new(path, Kind::File { size }, 0o644)
    }

    fn link(path: &str, target: &str) -> Entry {
        Entry::new(path, Kind::HardLink { target: target.into() }, 0o644)
    }

    fn directory(path: &str, mode: u32) -> Entry {
        Entry::new(path, Kind::Directory, mode)
    }

    /// `path@layer` of what is seen, `path@layer wasted/way by layer` of what is not.
    fn shown(layers: &[&[Entry]]) -> (Vec<String>, Vec<String>) {
        let tree = merge(&layers.iter().map(|entries| entries.to_vec()).collect::<Vec<_>>());
        let wasted: u64 = tree.gone.iter().map(|gone| gone.wasted).sum();
        assert_eq!(tree.wasted_size, wasted);
        let all: u64 = layers.iter().flat_map(|entries| entries.iter()).map(Entry::content_size).sum();
        assert_eq!(tree.visible_size + tree.wasted_size, all);
        let seen = tree.entries.iter().map(|node| format!("{}@{}", node.entry.path, node.layer)).collect();
        let gone = |gone: &Gone| {
            let way = if gone.way == Way::Deleted { "deleted" } else { "overwritten" };
            format!("{}@{} {}/{way} by {}", gone.path, gone.layer, gone.wasted, gone.by)
        };
        (seen, tree.gone.iter().map(gone).collect())
    }

    #[test]
    fn a_file_written_twice_wastes_the_first() {
        let (seen, gone) = shown(&[&[file("a", 10), file("b", 1)], &[file("a", 20)]]);
        assert_eq!(seen, ["a@2", "b@1"]);
        assert_eq!(gone, ["a@1 10/overwritten by 2"]);
    }

    #[test]
    fn a_removed_directory_takes_all_below_it_but_not_its_neighbour() {
        let base = [directory("d", 0o755), file("d/a", 1), file("d/b/c", 2), file("d-e", 4), file("d.f", 8)];
        let (seen, gone) = shown(&[&base, &[Entry::whiteout("d")]]);
        assert_eq!(seen, ["d-e@1", "d.f@1"]);
        assert_eq!(gone.len(), 4);
        assert_eq!(gone[1], "d/a@1 1/deleted by 2");
    }

    #[test]
    fn a_removal_does_not_touch_its_own_layer_wherever_it_stands() {
        let opaque = Entry::new("d", Kind::Opaque, 0);
        for entries in [[opaque.clone(), file("d/new", 2)], [file("d/new", 2), opaque]] {
            let (seen, gone) = shown(&[&[directory("d", 0o755), file("d/old", 1)], &entries]);
            assert_eq!(seen, ["d@1", "d/new@2"]);
            assert_eq!(gone, ["d/old@1 1/deleted by 2"]);
        }
    }

    #[test]
    fn bytes_that_another_name_leads_to_are_not_wasted() {
        let base = [file("a", 10), link("b", "a")];
        let (seen, gone) = shown(&[&base, &[Entry::whiteout("a")]]);
        assert_eq!((seen, gone), (vec!["b@1".into()], vec!["a@1 0/deleted by 2".into()]));
        let (_, gone) = shown(&[&base, &[Entry::whiteout("a"), Entry::whiteout("b")]]);
        assert_eq!(gone, ["a@1 0/deleted by 2", "b@1 10/deleted by 2"]);
    }

    #[test]
    fn a_directory_listed_again_is_news_only_when_it_changed() {
        let base = [directory("d", 0o755), file("d/a", 1)];
        assert_eq!(shown(&[&base, &[directory("d", 0o755), file("d/b", 1)]]).0, ["d@1", "d/a@1", "d/b@2"]);
        assert_eq!(shown(&[&base, &[directory("d", 0o700)]]).0, ["d@2", "d/a@1"]);
    }

    #[test]
    fn a_file_in_place_of_a_directory_and_the_reverse() {
        let (seen, gone) = shown(&[&[file("d/a", 5)], &[file("d", 1)], &[file("d/b/c", 2)]]);
        assert_eq!(seen, ["d@3", "d/b@3", "d/b/c@3"]);
        assert_eq!(gone, ["d@1 0/overwritten by 2", "d/a@1 5/overwritten by 2", "d@2 1/overwritten by 3"]);
    }
}
