//! What the store holds, kind by kind or thing by thing, and what was removed from it.

use std::io;

use serde::Serialize;

use crate::report::count::{counted, size};
use crate::report::envelope;
use crate::report::style::{Style, Tone};

/// What a store holds.
#[derive(Debug, Clone, Serialize)]
pub struct UsageView {
    /// Where it is.
    pub store: String,
    /// Its things, kind by kind.
    pub kinds: Vec<KindUsage>,
}

/// All things of one kind.
#[derive(Debug, Clone, Serialize)]
pub struct KindUsage {
    /// `snapshots`, `blobs`, `records`, `cache mounts`, `kept roots`, `images`.
    pub kind: &'static str,
    /// Whether other kinds count the same bytes.
    pub is_counted_elsewhere: bool,
    /// The things.
    pub items: Vec<ItemUsage>,
}

/// One thing.
#[derive(Debug, Clone, Serialize)]
pub struct ItemUsage {
    /// What it is called.
    pub name: String,
    /// Its bytes.
    pub size: u64,
    /// When it was last used, in seconds since 1970, and as people write it.
    #[serde(skip)]
    pub used: Option<(i64, String)>,
    /// In seconds since 1970.
    #[serde(rename = "used")]
    pub used_at: Option<i64>,
    /// Whether an image needs it.
    pub in_image: bool,
}

impl UsageView {
    fn counted(&self) -> impl Iterator<Item = &ItemUsage> {
        self.kinds.iter().filter(|kind| !kind.is_counted_elsewhere).flat_map(|kind| &kind.items)
    }

    fn total(&self) -> u64 {
        self.counted().map(|item| item.size).sum()
    }

    /// What pruning everything would free.
    fn reclaimable(&self) -> u64 {
        self.counted().filter(|item| !item.in_image).map(|item| item.size).sum()
    }
}

impl KindUsage {
    fn size(&self) -> u64 {
        self.items.iter().map(|item| item.size).sum()
    }

    fn last_used(&self) -> &str {
        let last = self.items.iter().filter_map(|item| item.used.as_ref()).max_by_key(|(at, _)| *at);
        last.map_or("never", |(_, text)| text)
    }
}

/// Writes it for people; with `each`, thing by thing.
pub fn write_usage_text(view: &UsageView, each: bool, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    for kind in &view.kinds {
        let last = if kind.items.is_empty() { "" } else { kind.last_used() };
        let line = format!("{:<13}{:>6}{:>11}   {last}", kind.kind, kind.items.len(), size(kind.size()));
        writeln!(out, "{}", line.trim_end())?;
        for item in kind.items.iter().filter(|_| each) {
            let used = item.used.as_ref().map_or("kept by nothing", |(_, text)| text);
            let line = format!("  {:>27}   {used}   {}", size(item.size), item.name);
            writeln!(out, "{}", style.paint(Tone::Faint, &line))?;
        }
    }
    let (total, free) = (size(view.total()), size(view.reclaimable()));
    writeln!(out, "\n{total} in {}, images counted once; {free} no image needs: rplan cache prune", view.store)
}

/// Writes it as JSON, in rplan's envelope.
pub fn write_usage_json(view: &UsageView, out: &mut dyn io::Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Document<'a> {
        #[serde(flatten)]
        view: &'a UsageView,
        total: u64,
        reclaimable: u64,
    }
    envelope::write("cache du", &Document { view, total: view.total(), reclaimable: view.reclaimable() }, out)
}

/// What was removed.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PrunedView {
    /// Snapshots.
    pub snapshots: u64,
    /// Blobs.
    pub blobs: u64,
    /// Records.
    pub records: u64,
    /// Cache mounts.
    pub cache_mounts: u64,
    /// Roots of steps that failed.
    pub kept_roots: u64,
    /// Bytes of all of them.
    pub bytes: u64,
}

/// Writes it for people.
pub fn write_pruned_text(view: &PrunedView, out: &mut dyn io::Write) -> io::Result<()> {
    let kinds = [
        (view.snapshots, "snapshot"),
        (view.blobs, "blob"),
        (view.records, "record"),
        (view.cache_mounts, "cache mount"),
        (view.kept_roots, "kept root"),
    ];
    let counts = kinds.iter().filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts.map(|(count, noun)| counted(*count as usize, noun)).collect();
    match counts.is_empty() {
        true => writeln!(out, "Nothing to remove"),
        false => writeln!(out, "{} freed: {}", size(view.bytes), counts.join(", ")),
    }
}

/// Writes it as JSON, in rplan's envelope.
pub fn write_pruned_json(view: &PrunedView, out: &mut dyn io::Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Document<'a> {
        removed: &'a PrunedView,
    }
    envelope::write("cache prune", &Document { removed: view }, out)
}

/// Writes what was exported or imported as JSON, in rplan's envelope.
pub fn write_carried_json(command: &str, document: &serde_json::Value, out: &mut dyn io::Write) -> io::Result<()> {
    envelope::write(command, document, out)
}
