//! What a COPY or ADD from the build context brings, path by path.

use std::collections::{BTreeMap, BTreeSet};

use crate::effect::paths;
use crate::model::{BuildContext, ContextEntry, CopySource, EntryKind, Operation, Resolved, Transfer};

/// What a COPY brings from the build context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brought {
    /// The directory or file it is copied to, absolute.
    pub destination: String,
    /// Whether every source goes *into* the destination, keeping its name or its content's names.
    pub into_directory: bool,
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
        Operation::Add(_) => return Err("ADD may unpack or fetch what it is given".to_owned()),
        _ => return Err("it copies nothing".to_owned()),
    };
    let destination = known(resolved, &transfer.destination, "its destination")?;
    let absolute = match (destination.starts_with('/'), workdir) {
        (true, _) => paths::clean(destination),
        (false, Some(workdir)) => paths::join(workdir, destination),
        (false, None) => return Err("the working directory comes from the base image".to_owned()),
    };
    let sources = sources_of(transfer, resolved, context)?;
    let into_directory = destination.is_empty()
        || destination.ends_with('/')
        || destination.ends_with('.')
        || sources.len() > 1
        || sources.iter().all(|(_, directory)| *directory);
    let mut brought = Brought { destination: absolute, into_directory, paths: BTreeMap::new() };
    for (source, _) in sources {
        add_source(&mut brought, &source, context);
    }
    Ok(brought)
}

/// The context paths named as sources (empty for the root), and whether each is a directory.
fn sources_of(
    transfer: &Transfer,
    resolved: &Resolved,
    context: &dyn BuildContext,
) -> Result<Vec<(String, bool)>, String> {
    if !transfer.exclude.is_empty() {
        return Err("it excludes some of its files".to_owned());
    }
    let mut sources = Vec::new();
    for source in &transfer.sources {
        let CopySource::Path(word) = source else { return Err("it writes an inline file".to_owned()) };
        let path = paths::clean(known(resolved, word, "a source")?).trim_start_matches('/').to_owned();
        if path.contains(['*', '?', '[', '\\']) {
            return Err("which files its pattern means depends on what is there".to_owned());
        }
        let directory = match context.entry(&path).map(|entry| &entry.kind) {
            _ if path.is_empty() => true,
            Some(EntryKind::Directory) => true,
            Some(EntryKind::File) => false,
            Some(_) => return Err(format!("`{path}` is neither a file nor a directory")),
            None => return Err(format!("`{path}` is not in the build context")),
        };
        sources.push((path, directory));
    }
    Ok(sources)
}

fn known<'a>(resolved: &'a Resolved, word: &crate::model::Word, what: &str) -> Result<&'a str, String> {
    match resolved.value(word) {
        crate::model::Value::Known(text) => Ok(text),
        crate::model::Value::Unknown(unknown) => Err(format!("{what} is unknown: {unknown}")),
    }
}

fn add_source(brought: &mut Brought, source: &str, context: &dyn BuildContext) {
    let is_directory =
        source.is_empty() || context.entry(source).is_some_and(|entry| entry.kind == EntryKind::Directory);
    if !is_directory {
        let name = source.rsplit('/').next().unwrap_or(source);
        let target = match brought.into_directory {
            true => paths::join(&brought.destination, name),
            false => brought.destination.clone(),
        };
        brought.paths.insert(target, source.to_owned());
        return;
    }
    for entry in entries_below(source, context) {
        let relative = entry.path[source.len()..].trim_start_matches('/');
        brought.paths.insert(paths::join(&brought.destination, relative), entry.path.clone());
    }
}

fn entries_below<'a>(directory: &'a str, context: &'a dyn BuildContext) -> impl Iterator<Item = &'a ContextEntry> {
    let is_inside = move |entry: &&ContextEntry| {
        directory.is_empty()
            || entry.path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/') && rest.len() > 1)
    };
    context.entries().iter().filter(is_inside)
}
