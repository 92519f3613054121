//! What a step takes from the build context, as a question about paths.
//!
//! Works on paths that exist and on paths that do not: a file that a commit brought or took away counts too. With the
//! context at hand links are followed as a build follows them; without it every name is taken literally.
//! Invariant: a path that a build would take is never said to be left alone.

use std::collections::{BTreeMap, BTreeSet};

use crate::glob::{Glob, has_wildcard};
use crate::model::ignore::IgnoreFile;
use crate::model::{BuildContext, ContextEntry, EntryKind, path};
use crate::plan::{Operation, Origin, Source, Step, Transfer};

/// How many links one path may go through, as in the kernel.
const MOST_LINKS: usize = 40;

/// The paths that a step takes.
#[derive(Debug, Clone)]
pub(super) struct Selection {
    sources: Vec<Selected>,
    exclude: Option<IgnoreFile>,
    /// Whether all files land under one name, so that only the last of several is left.
    is_one_name: bool,
    /// Whether equal results need equal content: not where archives are unpacked.
    keeps_content: bool,
}

/// The paths of one source.
#[derive(Debug, Clone)]
struct Selected {
    /// The part of the path that is written out, as it is written.
    written: String,
    /// Where that leads.
    place: String,
    /// Links that were followed, which count themselves.
    links: BTreeSet<String>,
    /// What comes below it, if it is a pattern.
    pattern: Option<Glob>,
    /// Whether paths below the pivot are kept at the destination (`--parents`), and how much of them is dropped.
    pivot: Option<usize>,
    /// Targets of links that the pattern hits, with the name of the link.
    linked: Vec<(String, String)>,
}

/// Whether a path is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Taken {
    No,
    Maybe,
    Yes,
}

impl Selection {
    /// What `step` takes from the build context; none if it takes nothing from there.
    pub(super) fn of(step: &Step, context: Option<&dyn BuildContext>) -> Option<Self> {
        match &step.operation {
            Operation::Copy(copy) if copy.origin == Origin::Context => {
                let keeps_parents = copy.parents.as_ref().is_some_and(|parents| parents.value);
                Self::of_transfer(&copy.transfer, keeps_parents, true, context)
            }
            Operation::Add(add) => {
                let keeps_content = add.unpack.as_ref().is_some_and(|unpack| !unpack.value);
                Self::of_transfer(&add.transfer, false, keeps_content, context)
            }
            Operation::Run(run) => {
                let mounts = run.mounts.iter().filter(|mount| mount.origin == Some(Origin::Context));
                let sources: Vec<Selected> = mounts.map(|mount| Selected::literal(&mount.source, context)).collect();
                let selection = Self { sources, exclude: None, is_one_name: false, keeps_content: false };
                (!selection.sources.is_empty()).then_some(selection)
            }
            _ => None,
        }
    }

    fn of_transfer(
        transfer: &Transfer,
        keeps_parents: bool,
        keeps_content: bool,
        context: Option<&dyn BuildContext>,
    ) -> Option<Self> {
        let paths = transfer.sources.iter().filter_map(|source| match &source.value {
            Source::Path(path) => Some(path.as_str()),
            Source::Inline(_) | Source::Url(_) | Source::Git(_) => None,
        });
        let sources: Vec<Selected> = paths
            .map(|path| match (keeps_parents, has_wildcard(path)) {
                (true, _) => Selected::with_parents(path, context),
                (false, true) => Selected::pattern(path, context),
                (false, false) => Selected::literal(path, context),
            })
            .collect();
        if sources.is_empty() {
            return None;
        }
        let patterns = transfer.exclude.iter().map(|pattern| pattern.value.as_str());
        // A pattern that cannot be read stops the build elsewhere; here it excludes nothing.
        let exclude = IgnoreFile::from_patterns(patterns).ok().filter(|file| !file.patterns().is_empty());
        let is_one_name = !transfer.destination.ends_with('/') && !keeps_parents;
        Some(Self { sources, exclude, is_one_name, keeps_content })
    }

    /// Whether `path` is taken.
    pub(super) fn takes(&self, path: &str) -> Taken {
        self.sources.iter().map(|source| self.takes_from(source, path)).max().unwrap_or(Taken::No)
    }

    fn takes_from(&self, source: &Selected, path: &str) -> Taken {
        if source.links.contains(path) {
            return Taken::Yes;
        }
        match (source.hit(path), &self.exclude) {
            (None, _) => Taken::No,
            (Some(_), None) => Taken::Yes,
            (Some(hit), Some(exclude)) => match (hit.below, exclude.excludes(hit.below.unwrap_or(hit.name))) {
                (_, false) => Taken::Yes,
                (Some(_), true) => Taken::No,
                // Builders differ on whether a file that is named itself can be excluded.
                (None, true) => Taken::Maybe,
            },
        }
    }

    /// Whether new content of `path` surely gives a new result: nothing that is copied later lands on its name.
    pub(super) fn is_decisive(&self, path: &str, winners: &Winners) -> bool {
        let mut names = self.names(path).peekable();
        self.keeps_content
            && match winners {
                Winners::AllDistinct => names.peek().is_some(),
                Winners::Unknown => false,
                Winners::Known(winners) => {
                    names.any(|(_, name)| winners.get(&name).is_none_or(|winner| winner == path))
                }
            }
    }

    /// Which path is left under each name at the destination.
    pub(super) fn winners(&self, context: Option<&dyn BuildContext>) -> Winners {
        if let [source] = self.sources.as_slice()
            && source.pattern.is_none()
        {
            return Winners::AllDistinct;
        }
        let Some(context) = context else { return Winners::Unknown };
        let mut landed: BTreeMap<String, (usize, &str)> = BTreeMap::new();
        for entry in context.entries().iter().filter(|entry| entry.kind != EntryKind::Directory) {
            for (source, name) in self.names(&entry.path) {
                let place = landed.entry(name).or_insert((source, &entry.path));
                *place = (*place).max((source, &entry.path));
            }
        }
        Winners::Known(landed.into_iter().map(|(name, (_, path))| (name, path.to_owned())).collect())
    }

    /// The names, below the destination, that `path` lands on, each with the number of the source.
    fn names<'a>(&'a self, path: &'a str) -> impl Iterator<Item = (usize, String)> {
        self.sources.iter().enumerate().filter_map(move |(number, source)| {
            let hit = source.hit(path)?;
            let name = match (source.pivot, hit.below) {
                (Some(pivot), _) => path.get(pivot..).unwrap_or(path).to_owned(),
                (None, Some(below)) => below.to_owned(),
                (None, None) if self.is_one_name => String::new(),
                (None, None) => hit.name.to_owned(),
            };
            Some((number, name))
        })
    }

    /// The entries of the context that arrive at the destination, in order: of a directory what is in it.
    pub(super) fn arriving<'c>(&self, context: &'c dyn BuildContext) -> Vec<&'c ContextEntry> {
        let arrives = |entry: &&ContextEntry| {
            let mut hits = self.sources.iter().filter_map(|source| source.hit(&entry.path));
            // A directory that is named stays behind; what is in it arrives.
            hits.any(|hit| hit.below.is_some() || entry.kind != EntryKind::Directory)
                && self.takes(&entry.path) == Taken::Yes
        };
        context.entries().iter().filter(arrives).collect()
    }
}

/// Which path is left where several land on one name.
#[derive(Debug, Clone)]
pub(super) enum Winners {
    /// None ever do.
    AllDistinct,
    /// The context is not at hand.
    Unknown,
    /// By name.
    Known(BTreeMap<String, String>),
}

/// How a path belongs to a source.
struct Hit<'a> {
    /// The last name of what the source hits: the path itself or a directory above it.
    name: &'a str,
    /// The path below that directory.
    below: Option<&'a str>,
}

impl<'a> Hit<'a> {
    /// `path`, where the first `length` bytes of it are what was hit, found under the name `found`.
    fn at(path: &'a str, length: usize, found: &'a str) -> Self {
        let below = path[length..].trim_start_matches('/');
        Self { name: last_name(found), below: (length < path.len()).then_some(below) }
    }
}

impl Selected {
    fn literal(written: &str, context: Option<&dyn BuildContext>) -> Self {
        let (place, links) = follow(written, context);
        Self { written: written.to_owned(), place, links, pattern: None, pivot: None, linked: Vec::new() }
    }

    fn pattern(written: &str, context: Option<&dyn BuildContext>) -> Self {
        let plain = plain_part(written);
        let rest = written[plain.len()..].trim_start_matches('/');
        // A pattern that is none stops the build; until then nothing is known of what it takes.
        let Ok(glob) = Glob::path(rest) else { return Self::literal(plain, context) };
        let mut selected = Self { pattern: Some(glob), ..Self::literal(plain, context) };
        selected.add_linked(context);
        selected
    }

    fn with_parents(written: &str, context: Option<&dyn BuildContext>) -> Self {
        let (base, rest) = written.split_once("/./").unwrap_or(("", written));
        let whole = path::inside(&format!("{base}/{rest}"));
        let pivot = Some(path::inside(base)).filter(|base| !base.is_empty()).map_or(0, |base| base.len() + 1);
        if !has_wildcard(&whole) {
            return Self { pivot: Some(pivot), ..Self::literal(&whole, context) };
        }
        let plain = plain_part(&whole).to_owned();
        let Ok(glob) = Glob::ignore(whole[plain.len()..].trim_start_matches('/')) else {
            return Self { pivot: Some(pivot), ..Self::literal(&plain, context) };
        };
        let mut selected = Self { pattern: Some(glob), pivot: Some(pivot), ..Self::literal(&plain, context) };
        selected.add_linked(context);
        selected
    }

    /// Finds the links among what the pattern hits, and where they lead.
    fn add_linked(&mut self, context: Option<&dyn BuildContext>) {
        let Some(context) = context else { return };
        for entry in context.entries() {
            if matches!(entry.kind, EntryKind::Symlink(_))
                && self.hit(&entry.path).is_some_and(|hit| hit.below.is_none())
            {
                let (place, links) = follow(&entry.path, Some(context));
                self.links.extend(links);
                self.linked.push((place, entry.path.clone()));
            }
        }
    }

    /// How `path` belongs to this source, if it does.
    fn hit<'a>(&'a self, path: &'a str) -> Option<Hit<'a>> {
        if let Some((place, link)) = self.linked.iter().find(|(place, _)| is_at_or_below(path, place)) {
            return Some(Hit::at(path, place.len(), link));
        }
        if !is_at_or_below(path, &self.place) {
            return None;
        }
        let Some(glob) = &self.pattern else { return Some(Hit::at(path, self.place.len(), &self.written)) };
        let start = if self.place.is_empty() { 0 } else { self.place.len() + 1 };
        let rest = path.get(start..)?;
        let mut ends = rest.match_indices('/').map(|(index, _)| index).chain([rest.len()]);
        let end = start + ends.find(|end| glob.matches(&rest[..*end]))?;
        Some(Hit::at(path, end, &path[..end]))
    }
}

fn last_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// The directories at the beginning of a pattern that are written out.
fn plain_part(pattern: &str) -> &str {
    let ends = pattern.match_indices('/').map(|(index, _)| index);
    let plain = ends.take_while(|end| !has_wildcard(&pattern[..*end])).last();
    &pattern[..plain.unwrap_or(0)]
}

fn is_at_or_below(path: &str, place: &str) -> bool {
    place.is_empty() || path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Where a path leads inside the context, and the links on the way. A loop leads nowhere, which a build reports.
fn follow(written: &str, context: Option<&dyn BuildContext>) -> (String, BTreeSet<String>) {
    let mut links = BTreeSet::new();
    let Some(context) = context else { return (written.to_owned(), links) };
    let mut place = written.to_owned();
    for _ in 0..MOST_LINKS {
        let ends = place.match_indices('/').map(|(index, _)| index).chain([place.len()]);
        let link = ends.into_iter().find_map(|end| match &context.entry(&place[..end])?.kind {
            EntryKind::Symlink(target) => Some((end, target.clone())),
            _ => None,
        });
        let Some((end, target)) = link else { break };
        let directory = place[..end].rsplit_once('/').map_or("", |(directory, _)| directory);
        let led_to = match target.starts_with('/') {
            true => target,
            false => format!("{directory}/{target}"),
        };
        links.insert(place[..end].to_owned());
        place = path::inside(&format!("{led_to}{}", &place[end..]));
    }
    (place, links)
}
