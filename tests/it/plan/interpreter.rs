//! A small builder over file systems in memory: runs plans by their content keys, as an independent judge of what is
//! said to run.

use std::collections::{BTreeMap, BTreeSet};

use rplan::digest::{Digest, Hasher};
use rplan::glob;
use rplan::model::ignore::IgnoreFile;
use rplan::plan::key::{self, InputDigest};
use rplan::plan::stale::Builder;
use rplan::plan::{Filesystem, Input, Operation, Origin, Planned, Source, Step, StepId, Transfer};

/// Content by path, without a leading slash.
pub type Files = BTreeMap<String, String>;

/// What a step leaves.
#[derive(Clone, Default)]
struct Left {
    files: Files,
    /// What tells it from others, as the builder sees it.
    identity: Vec<Digest>,
}

/// Everything that was ever run, by key.
#[derive(Default)]
pub struct Cache(BTreeSet<Digest>);

/// Builds a plan over these files of the context; gives the steps that had to run. Of steps that are the same work, all
/// had to, although one does it for all.
pub fn build(planned: &Planned, context: &Files, builder: Builder, cache: &mut Cache) -> BTreeSet<StepId> {
    let mut left: Vec<Left> = Vec::new();
    let (mut ran, mut keys) = (BTreeSet::new(), BTreeSet::new());
    for step in &planned.steps {
        let below = match step.below {
            Some(Filesystem::Of(step)) => left[step.0].clone(),
            _ => Left::default(),
        };
        let taken = |origin: Origin| -> Vec<Arrival> {
            match origin.filesystem() {
                None => arriving(step, context),
                Some(Filesystem::Empty) => Vec::new(),
                Some(Filesystem::Of(other)) => arriving(step, &left[other.0].files),
            }
        };
        let inputs = step.inputs();
        let digests: Vec<InputDigest> = inputs
            .iter()
            .map(|input| match input {
                Input::Below(_) => InputDigest(fold(&below.identity)),
                Input::Files(origin) => InputDigest(digest(taken(*origin).iter().map(|one| (&one.name, &one.content)))),
            })
            .collect();
        let key = key::content(step, &digests);
        if !cache.0.contains(&key) {
            ran.insert(step.id);
        }
        keys.insert(key);
        let arrivals = match inputs.last() {
            Some(Input::Files(origin)) => taken(*origin),
            _ => Vec::new(),
        };
        let files = perform(step, below.files.clone(), arrivals);
        let mut identity = below.identity;
        identity.push(match builder {
            Builder::Rplan => changes(&below.files, &files),
            // What is below counts by how it came about, not by what it is.
            _ => key,
        });
        left.push(Left { files, identity });
    }
    cache.0.append(&mut keys);
    ran
}

fn fold(digests: &[Digest]) -> Digest {
    let mut hasher = Hasher::new();
    digests.iter().for_each(|digest| hasher.field(digest.as_bytes()));
    hasher.finish()
}

fn digest<'f>(files: impl IntoIterator<Item = (&'f String, &'f String)>) -> Digest {
    let mut hasher = Hasher::new();
    for (name, content) in files {
        hasher.field(name);
        hasher.field(content);
    }
    hasher.finish()
}

fn changes(old: &Files, new: &Files) -> Digest {
    let gone = "gone".to_owned();
    let removed = old.keys().filter(|path| !new.contains_key(*path)).map(|path| (path, &gone));
    digest(removed.chain(new.iter().filter(|(path, content)| old.get(*path) != Some(content))))
}

/// A file on its way.
struct Arrival {
    /// Below the destination.
    name: String,
    content: String,
    /// Whether it is part of a directory that was named, whose destination is one too.
    is_inside: bool,
}

/// The files that a step takes, in order, by the name they have at the destination.
fn arriving(step: &Step, tree: &Files) -> Vec<Arrival> {
    let transfer = match &step.operation {
        Operation::Copy(copy) => &copy.transfer,
        Operation::Add(add) => &add.transfer,
        // A mount shows what is at its source.
        Operation::Run(run) => return below(tree, &run.mounts[0].source),
        _ => return Vec::new(),
    };
    let exclude = IgnoreFile::from_patterns(transfer.exclude.iter().map(|pattern| pattern.value.as_str())).unwrap();
    let mut arriving = Vec::new();
    for source in &transfer.sources {
        let Source::Path(source) = &source.value else { continue };
        for hit in hits(tree, source) {
            match tree.get(&hit) {
                Some(content) => {
                    let name = hit.rsplit('/').next().unwrap().to_owned();
                    arriving.push(Arrival { name, content: content.clone(), is_inside: false });
                }
                None => arriving.extend(below(tree, &hit).into_iter().filter(|one| !exclude.excludes(&one.name))),
            }
        }
    }
    arriving
}

/// The files and directories that a source names.
fn hits(tree: &Files, source: &str) -> Vec<String> {
    if !glob::has_wildcard(source) {
        return vec![source.to_owned()];
    }
    let mut entries: BTreeSet<&str> = tree.keys().map(String::as_str).collect();
    for path in tree.keys() {
        entries.extend(path.match_indices('/').map(|(end, _)| &path[..end]));
    }
    entries.into_iter().filter(|entry| glob::matches(source, entry).unwrap()).map(str::to_owned).collect()
}

fn below(tree: &Files, directory: &str) -> Vec<Arrival> {
    let inside = if directory.is_empty() { String::new() } else { format!("{directory}/") };
    let found = tree.iter().filter_map(|(path, content)| Some((path.strip_prefix(&inside)?, content)));
    found.map(|(name, content)| Arrival { name: name.to_owned(), content: content.clone(), is_inside: true }).collect()
}

fn perform(step: &Step, mut files: Files, arrivals: Vec<Arrival>) -> Files {
    match &step.operation {
        Operation::Copy(copy) => put(&mut files, &copy.transfer, arrivals),
        Operation::Add(add) => put(&mut files, &add.transfer, arrivals),
        Operation::Run(run) => command(run.argv.last().unwrap(), &mut files, &arrivals),
        Operation::Base(base) => {
            files.insert("etc/base".to_owned(), base.normalized.clone());
        }
        Operation::Workdir(_) => {}
    }
    files
}

fn put(files: &mut Files, transfer: &Transfer, arrivals: Vec<Arrival>) {
    let destination = transfer.destination.trim_matches('/').to_owned();
    for Arrival { name, content, is_inside } in arrivals {
        let is_directory = transfer.destination.ends_with('/')
            || is_inside
            || files.keys().any(|path| path.starts_with(&format!("{destination}/")));
        let path = if is_directory { format!("{destination}/{name}") } else { destination.clone() };
        files.insert(path, content);
    }
}

/// `constant`, `count` and `gather` write `out/NAME`: always the same, how many files there are, or all of them.
fn command(text: &str, files: &mut Files, mounted: &[Arrival]) {
    let (what, name) = text.split_once(' ').unwrap();
    let seen: Vec<(&String, &String)> =
        files.iter().chain(mounted.iter().map(|one| (&one.name, &one.content))).collect();
    let content = match what {
        "constant" => "constant".to_owned(),
        "count" => seen.len().to_string(),
        "gather" => digest(seen).to_string(),
        _ => panic!("no such command: {text}"),
    };
    files.insert(format!("out/{name}"), content);
}
