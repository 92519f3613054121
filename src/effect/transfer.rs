//! What a COPY or ADD from the build context brings, path by path.

use std::collections::{BTreeMap, BTreeSet};

use crate::effect::paths;
use crate::glob;
use crate::model::{Add, BuildContext, ContextEntry, CopySource, EntryKind, Operation, Resolved, Transfer};

/// What a COPY brings from the build context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brought {
    /// The directory or file it is copied to, absolute.
    pub destination: String,
    /// Whether every source goes *into* the destination, keeping its name or its content's names.
    pub into_directory: bool,
    /// The directories of the context that are copied as wholes: where each arrives, and its context path.
    pub directories: Vec<(String, String)>,
    /// By absolute path in the image: the path in the context.
    pub paths: BTreeMap<String, String>,
}

impl Brought {
    /// The paths in the image.
    pub fn targets(&self) -> BTreeSet<String> {
        self.paths.keys().cloned().collect()
    }

    /// Where the context path `path` arrives.
    pub fn target_of(&self, path: &str) -> Option<&str> {
        self.paths.iter().find(|(_, source)| *source == path).map(|(target, _)| target.as_str())
    }

    /// The context path that becomes the directory `target` of the image, whether or not there is anything.
    pub fn source_of(&self, target: &str) -> Option<String> {
        let above = self.directories.iter().filter(|(directory, _)| paths::is_below(target, directory));
        let (directory, source) = above.max_by_key(|(directory, _)| directory.len())?;
        let rest = target.strip_prefix(directory.trim_end_matches('/')).unwrap_or_default();
        Some(paths::clean(&format!("{source}{rest}")).trim_start_matches('/').to_owned())
    }
}

/// What the instruction brings when it runs in `workdir`, or why that cannot be said.
pub fn brought(
    operation: &Operation,
    workdir: Option<&str>,
    resolved: &Resolved,
    context: &dyn BuildContext,
) -> Result<Brought, String> {
    let transfer = match operation {
        Operation::Copy(copy) if copy.from.is_some() => return Err("it copies from a stage or image".to_owned()),
        Operation::Copy(copy) if copy.parents.as_ref().is_some_and(|parents| parents.value) => {
            return Err("it keeps parent directories".to_owned());
        }
        Operation::Copy(copy) => &copy.transfer,
        Operation::Add(add) => plain(add)?,
        _ => return Err("it copies nothing".to_owned()),
    };
    let destination = known(resolved, &transfer.destination, "its destination")?;
    let absolute = match (destination.starts_with('/'), workdir) {
        (true, _) => paths::clean(destination),
        (false, Some(workdir)) => paths::join(workdir, destination),
        (false, None) => return Err("the working directory comes from the base image".to_owned()),
    };
    let unpacks = matches!(operation, Operation::Add(_));
    let sources = sources_of(transfer, unpacks, resolved, context)?;
    let into_directory = destination.is_empty()
        || destination.ends_with('/')
        || destination.ends_with('.')
        || sources.len() > 1
        || sources.iter().all(|(_, directory)| *directory);
    let (directories, paths) = (Vec::new(), BTreeMap::new());
    let mut brought = Brought { destination: absolute, into_directory, directories, paths };
    for (source, _) in sources {
        add_source(&mut brought, &source, context)?;
    }
    Ok(brought)
}

/// An ADD that does nothing that COPY would not do, as far as its flags say.
fn plain(add: &Add) -> Result<&Transfer, String> {
    let is_on = |flag: &Option<crate::text::Spanned<bool>>| flag.as_ref().is_some_and(|flag| flag.value);
    if add.checksum.is_some() || is_on(&add.keep_git_dir) || is_on(&add.unpack) {
        return Err("ADD may unpack or fetch what it is given".to_owned());
    }
    Ok(&add.transfer)
}

/// The context paths named as sources (empty for the root), and whether each is a directory.
fn sources_of(
    transfer: &Transfer,
    unpacks: bool,
    resolved: &Resolved,
    context: &dyn BuildContext,
) -> Result<Vec<(String, bool)>, String> {
    if !transfer.exclude.is_empty() {
        return Err("it excludes some of its files".to_owned());
    }
    let mut sources = Vec::new();
    for source in &transfer.sources {
        let CopySource::Path(word) = source else { return Err("it writes an inline file".to_owned()) };
        let written = known(resolved, word, "a source")?;
        if unpacks && (written.contains("://") || written.starts_with("git@")) {
            return Err("ADD may unpack or fetch what it is given".to_owned());
        }
        let path = paths::clean(written).trim_start_matches('/').to_owned();
        let matching = match glob::has_wildcard(&path) || path.contains('\\') {
            true => matching(&path, context)?,
            false => vec![path],
        };
        for path in matching {
            let directory = is_directory(&path, context)?;
            if unpacks && !directory && may_be_archive(&path, context) {
                return Err(format!("ADD may unpack `{path}`"));
            }
            sources.push((path, directory));
        }
    }
    Ok(sources)
}

/// The paths of the context that a pattern stands for.
fn matching(pattern: &str, context: &dyn BuildContext) -> Result<Vec<String>, String> {
    let glob = glob::Glob::path(pattern).map_err(|_| format!("`{pattern}` is no pattern"))?;
    let all = context.entries().iter().map(|entry| entry.path.as_str());
    let found: Vec<String> = all.filter(|path| glob.matches(path)).map(str::to_owned).collect();
    match found.is_empty() {
        true => Err(format!("nothing in the build context matches `{pattern}`")),
        false => Ok(found),
    }
}

fn is_directory(path: &str, context: &dyn BuildContext) -> Result<bool, String> {
    match context.entry(path).map(|entry| &entry.kind) {
        _ if path.is_empty() => Ok(true),
        Some(EntryKind::Directory) => Ok(true),
        Some(EntryKind::File) => Ok(false),
        Some(_) => Err(format!("`{path}` is neither a file nor a directory")),
        None => Err(format!("`{path}` is not in the build context")),
    }
}

/// Whether a file begins like an archive that ADD unpacks. One that is too big to look into may be one.
fn may_be_archive(path: &str, context: &dyn BuildContext) -> bool {
    const MOST: u64 = 16 << 20;
    const MAGIC: [&[u8]; 4] = [&[0x1f, 0x8b], b"BZh", &[0xfd, b'7', b'z', b'X', b'Z'], &[0x28, 0xb5, 0x2f, 0xfd]];
    if context.entry(path).is_some_and(|entry| entry.size > MOST) {
        return true;
    }
    let Ok(bytes) = context.read(path) else { return true };
    MAGIC.iter().any(|magic| bytes.starts_with(magic)) || bytes.get(257..262) == Some(b"ustar")
}

fn known<'a>(resolved: &'a Resolved, word: &crate::model::Word, what: &str) -> Result<&'a str, String> {
    match resolved.value(word) {
        crate::model::Value::Known(text) => Ok(text),
        crate::model::Value::Unknown(unknown) => Err(format!("{what} is unknown: {unknown}")),
    }
}

/// Adds what a source brings; two files for one place are an error.
fn add_source(brought: &mut Brought, source: &str, context: &dyn BuildContext) -> Result<(), String> {
    let is_directory =
        source.is_empty() || context.entry(source).is_some_and(|entry| entry.kind == EntryKind::Directory);
    if !is_directory {
        let name = source.rsplit('/').next().unwrap_or(source);
        let target = match brought.into_directory {
            true => paths::join(&brought.destination, name),
            false => brought.destination.clone(),
        };
        return match brought.paths.insert(target, source.to_owned()) {
            Some(other) if other != source => Err(format!("`{other}` and `{source}` arrive at one place")),
            _ => Ok(()),
        };
    }
    brought.directories.push((brought.destination.clone(), source.to_owned()));
    for entry in entries_below(source, context) {
        let relative = entry.path[source.len()..].trim_start_matches('/');
        brought.paths.insert(paths::join(&brought.destination, relative), entry.path.clone());
    }
    Ok(())
}

fn entries_below<'a>(directory: &'a str, context: &'a dyn BuildContext) -> impl Iterator<Item = &'a ContextEntry> {
    let is_inside = move |entry: &&ContextEntry| {
        directory.is_empty()
            || entry.path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/') && rest.len() > 1)
    };
    context.entries().iter().filter(is_inside)
}
