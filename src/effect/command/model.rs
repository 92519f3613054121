//! What a call of a command does, by its grammar.

use std::collections::BTreeSet;

use super::edit;
use super::grammar::{Form, Grammar, Operands, Part, Role};
use super::options::{self, Parsed};
use super::place::{Place, is_one_of};
use super::{CommandEffect, table::COMMANDS};
use crate::effect::{Cell, EffectSet, PathSet, paths, shared};

/// Variables that any program may read, if only through its libraries.
const READ_BY_ALL: &[&str] = &[
    "HOME",
    "IFS",
    "LANG",
    "LANGUAGE",
    "LC_*",
    "LD_*",
    "PATH",
    "POSIXLY_CORRECT",
    "PWD",
    "TMPDIR",
    "TZ",
    "GLIBC_*",
    "http_proxy",
    "https_proxy",
    "ftp_proxy",
    "no_proxy",
    "all_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "FTP_PROXY",
    "NO_PROXY",
    "ALL_PROXY",
    "ENV",
    "BASH_ENV",
    "SHELLOPTS",
    "BASHOPTS",
];

/// Adds what a call does to `effect`; the error is why it has no model. `assigned` are the variables set for this call
/// alone.
pub(super) fn add_call(
    effect: &mut CommandEffect,
    words: &[&str],
    assigned: &[&str],
    place: &Place,
) -> Result<(), String> {
    let Some((&name, arguments)) = words.split_first() else { return Ok(()) };
    let (grammar, arguments) = grammar_of(name, arguments)?;
    let name = grammar.names[0];
    let (form, arguments) = form_of(grammar, arguments)?;
    let mut in_scope = place.variables.iter().map(String::as_str).chain(assigned.iter().copied());
    if let Some(variable) = in_scope.find(|variable| is_one_of(variable, grammar.relocated_by)) {
        return Err(format!("the variable {variable} moves what `{name}` reads or writes"));
    }
    if let Some(variable) = assigned.iter().find(|variable| ["PATH", "HOME"].contains(variable)) {
        return Err(format!("with another {variable}, `{name}` may be or do something else"));
    }
    let parsed = options::parse(&arguments, form)
        .map_err(|option| format!("the option `{option}` of {} is not modelled", called(name, form)))?;
    let mut call = Call::new(effect, grammar, form, &parsed, place);
    for (role, value) in &parsed.values {
        if *role != Role::Directory {
            let from = if matches!(role, Role::Manifest | Role::Here) { &call.directory } else { &place.workdir };
            call.take(*role, value, &from.clone())?;
        }
    }
    call.operands(&parsed.operands).map_err(|reason| reason.unwrap_or_else(|| unwanted(name, form, &parsed)))
}

/// Whether the next word is the value of this option, for one of the ways of calling the command.
pub fn takes_value(name: &str, option: &str) -> bool {
    let has = |form: &Form| form.values.iter().any(|(role, names)| *role != Role::Here && names.contains(&option));
    grammar_of(name, &[]).is_ok_and(|(grammar, _)| grammar.forms.iter().any(has))
}

/// The grammar that a name stands for, and the arguments that are its own.
fn grammar_of<'a, 'w>(name: &'a str, arguments: &'a [&'w str]) -> Result<(&'static Grammar, &'a [&'w str]), String> {
    let base = name.rsplit('/').next().unwrap_or(name);
    // `pip3.11`
    let unversioned = base.trim_end_matches(|char: char| char.is_ascii_digit() || char == '.');
    if let ("python", ["-m", module, rest @ ..]) = (unversioned, arguments) {
        let by_module = COMMANDS.iter().find(|grammar| grammar.module == Some(module));
        return by_module.map(|grammar| (grammar, rest)).ok_or_else(|| format!("`{base} -m {module}` is not modelled"));
    }
    let by_name = |name: &str| COMMANDS.iter().find(|grammar| grammar.names.contains(&name));
    let versioned = || by_name(unversioned).filter(|grammar| grammar.module.is_some());
    by_name(base)
        .or_else(versioned)
        .map(|grammar| (grammar, arguments))
        .ok_or_else(|| format!("`{base}` is not modelled"))
}

/// The form that the words of a call choose, and what follows them. Options may stand before the words.
fn form_of<'w>(grammar: &'static Grammar, arguments: &[&'w str]) -> Result<(&'static Form, Vec<&'w str>), String> {
    for form in grammar.forms {
        let mut wanted = form.words.iter().peekable();
        let mut kept = Vec::new();
        let mut rest = arguments.iter();
        while let Some(word) = wanted.peek() {
            match rest.next() {
                Some(argument) if argument.starts_with('-') && form.flags.contains(argument) => kept.push(*argument),
                Some(argument) if word.split('|').any(|one| one == *argument) => drop(wanted.next()),
                _ => break,
            }
        }
        if wanted.peek().is_none() {
            kept.extend(rest);
            return Ok((form, kept));
        }
    }
    let name = grammar.names[0];
    match arguments.iter().find(|argument| !argument.starts_with('-')) {
        Some(word) => Err(format!("`{name} {word}` is not modelled")),
        None => Err(format!("`{name}` alone is not modelled")),
    }
}

/// The command with the words of the form.
fn called(name: &str, form: &Form) -> String {
    let words = form.words.iter().filter_map(|word| word.split('|').next());
    std::iter::once(name).chain(words).collect::<Vec<_>>().join(" ")
}

fn unwanted(name: &str, form: &Form, parsed: &Parsed<'_>) -> String {
    format!("`{} {}` is not modelled", called(name, form), parsed.operands.first().unwrap_or(&""))
}

/// A call whose effect grows with every argument that is looked at.
struct Call<'a> {
    form: &'static Form,
    place: &'a Place,
    /// What built-in paths and operands are seen from.
    directory: String,
    effect: &'a mut CommandEffect,
}

impl<'a> Call<'a> {
    /// What the call does whatever its arguments are.
    fn new(
        effect: &'a mut CommandEffect,
        grammar: &'static Grammar,
        form: &'static Form,
        parsed: &Parsed<'_>,
        place: &'a Place,
    ) -> Self {
        let told = parsed.values.iter().filter(|(role, _)| *role == Role::Directory);
        let directory = told.fold(place.workdir.clone(), |base, (_, path)| paths::join(&base, path));
        let built_in =
            |list: &[&str]| list.iter().fold(PathSet::empty(), |set, path| set.union(place.built_in(path, &directory)));
        let built_in = |list: &[&str]| form.spares.iter().fold(built_in(list), |set, path| set.sparing(path));
        let above = form.looked_up.iter().flat_map(|file| upward(&directory).map(move |at| format!("{at}/{file}")));
        let reads = above.fold(built_in(form.reads), |set, path| set.union(PathSet::path(&path)));
        let manifests: Vec<String> = form.manifests.iter().map(|file| paths::join(&directory, file)).collect();
        effect.effect = EffectSet {
            reads: manifests.iter().fold(reads, |set, path| set.union(PathSet::path(path))),
            writes: built_in(form.writes),
            ensures: form.ensures.iter().map(|path| (*path).to_owned()).collect(),
            cells_read: cells_read(grammar, form),
            cells_written: form.cells_written.iter().cloned().collect(),
            network: form.network,
            ..EffectSet::default()
        };
        effect.manager = grammar.manager;
        effect.directory = directory.clone();
        effect.action = form.action;
        effect.manifests = manifests;
        Self { form, place, directory, effect }
    }

    /// Adds what the operands mean. `None` as the error: there should be none.
    fn operands(&mut self, operands: &[&str]) -> Result<(), Option<String>> {
        let directory = self.directory.clone();
        for (index, operand) in operands.iter().enumerate() {
            let role = match self.form.operands {
                Operands::None => return Err(None),
                Operands::Each(role) => role,
                Operands::First { first, .. } if index == 0 => first,
                Operands::Last { last, .. } if index + 1 == operands.len() => last,
                Operands::First { others, .. } | Operands::Last { others, .. } => others,
            };
            self.take(role, operand, &directory).map_err(Some)?;
            // An archive is seen from where the call stands, what is in it from where it is told to go.
            if directory != self.place.workdir {
                self.take(role, operand, &self.place.workdir).map_err(Some)?;
            }
        }
        if self.effect.output.is_none() {
            for path in self.form.writes_without_output {
                self.effect.effect.writes.add(self.place.built_in(path, &directory));
            }
        }
        Ok(())
    }

    /// Adds what a value or operand of this role means, seen from `directory`.
    fn take(&mut self, role: Role, value: &str, directory: &str) -> Result<(), String> {
        let (reads, writes) = match role {
            Role::Text | Role::Directory | Role::Unmodelled => (false, false),
            Role::Edit if edit::only_edits(value) => (false, false),
            Role::Edit => {
                return Err(format!(
                    "what the script `{value}` does beside replacing and deleting lines is not modelled"
                ));
            }
            Role::Read => (true, false),
            Role::Write | Role::Here => (false, true),
            Role::Change => (true, true),
            Role::Package if !is_path(value) => (false, false),
            Role::Package => (true, true),
            Role::Manifest if value.contains("://") => (false, false),
            Role::Manifest => {
                let path = paths::join(directory, value);
                self.effect.effect.reads.add(PathSet::path(&path));
                self.effect.manifests.push(path);
                (false, false)
            }
            Role::Output => {
                self.effect.output = Some(paths::join(directory, value));
                (false, true)
            }
            Role::Make => {
                let directories = upward(&paths::join(directory, value)).filter(|path| !path.is_empty());
                match self.place.is_root && !value.contains(['*', '?', '[']) {
                    true => self.effect.effect.ensures.extend(directories),
                    false => directories.for_each(|path| self.effect.effect.writes.add(paths::made(&path))),
                }
                (false, false)
            }
        };
        // Standard input and output are no files.
        if (reads || writes) && value != "-" {
            let paths = self.place.named(value, directory)?;
            if reads {
                self.effect.effect.reads.add(paths.clone());
            }
            if writes {
                self.effect.effect.cells_written.extend(shared::cells_at(&paths));
                self.effect.effect.writes.add(paths);
            }
        }
        Ok(())
    }
}

/// The cells that a call reads: what decides which program runs and how, and what the form names.
fn cells_read(grammar: &Grammar, form: &Form) -> BTreeSet<Cell> {
    let mut cells = BTreeSet::from([Cell::Workdir, Cell::User, Cell::Shell]);
    match grammar.variables {
        None => drop(cells.insert(Cell::AnyVariable)),
        Some(own) => cells.extend(own.iter().chain(READ_BY_ALL).map(|name| Cell::Variables((*name).to_owned()))),
    }
    match grammar.part {
        Part::Shell => {}
        Part::Base => cells.extend([Cell::BasePrograms, Cell::LinkerCache]),
        Part::Program => cells.extend([Cell::BasePrograms, Cell::Programs, Cell::LinkerCache]),
    }
    cells.extend(form.cells_read.iter().cloned());
    cells
}

/// `directory` and every directory above it, the root as the empty text.
fn upward(directory: &str) -> impl Iterator<Item = String> + use<> {
    let directory = directory.trim_end_matches('/').to_owned();
    std::iter::successors(Some(directory), |path| path.rfind('/').map(|end| path[..end].to_owned()))
}

/// Whether an installer would take a package for a path instead of a name or an address.
pub fn is_path(package: &str) -> bool {
    let package = package.split('[').next().unwrap_or(package);
    if let Some((scheme, _)) = package.split_once("://") {
        return scheme.ends_with("file");
    }
    package.starts_with("file:")
        || package == "."
        || package.contains('/')
        || [".whl", ".tar.gz", ".zip", ".tgz", ".deb", ".rpm", ".apk"].iter().any(|ending| package.ends_with(ending))
}
