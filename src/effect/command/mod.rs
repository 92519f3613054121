//! Models of commands: what a line of shell reads and writes, as far as its options are understood.
//!
//! A command, option or shell construct without a model makes the whole text unknown: better no proposal than a wrong one.
//! The models themselves are data: `rules/command/*.yaml`, compiled into `table` in the shape of `grammar`; `model` reads
//! a call by them, `script` a whole text. Two things are taken for granted of every call: the package manager of a
//! language replaces no program of the base system, and no link that the base image brings leads from a path that is
//! named to another. Links that the file makes are followed by `links`.

mod edit;
mod grammar;
mod model;
mod options;
mod place;
mod script;
#[rustfmt::skip]
mod table;

pub use model::{is_path, takes_value};
pub use place::Place;
pub use script::of_script;

use crate::effect::{EffectSet, PathSet, paths, shared};
use crate::model::shell::{ShellWord, SimpleCommand};
use crate::text::Span;

/// The package managers that are modelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the names are those of the tools")]
pub enum PackageManager {
    Apk,
    Apt,
    Bun,
    Bundler,
    Cargo,
    Composer,
    Conda,
    Dart,
    Deno,
    Dnf,
    Dotnet,
    Gem,
    Go,
    Gradle,
    Maven,
    Mix,
    Npm,
    Pdm,
    Pip,
    Pipenv,
    Pnpm,
    Poetry,
    Rpm,
    Swift,
    Uv,
    Yarn,
    Yum,
    Zypper,
}

/// What a command is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Installs or fetches what manifests or arguments name.
    Install,
    /// Refreshes an index of packages.
    Update,
    /// Removes what is left over.
    Clean,
    /// Compiles sources.
    Build,
    /// Anything else.
    Other,
}

/// What one simple command does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandEffect {
    /// The package manager, when it is one.
    pub manager: Option<PackageManager>,
    /// Its words, when all are written out; the variables set for it alone are left out.
    pub words: Vec<String>,
    /// The directory that it works in, absolute; empty where it has no model.
    pub directory: String,
    /// What it is for.
    pub action: Action,
    /// The files that it is told to read, absolute, in order.
    pub manifests: Vec<String>,
    /// The file that it makes, when it is told which, absolute.
    pub output: Option<String>,
    /// Its effect.
    pub effect: EffectSet,
    /// Where it stands.
    pub span: Span,
}

impl CommandEffect {
    /// The effect of a command that stands at `span` and does nothing.
    fn none(span: Span) -> Self {
        let effect = EffectSet::default();
        let (words, directory, manifests) = (Vec::new(), String::new(), Vec::new());
        Self { manager: None, words, directory, action: Action::Other, manifests, output: None, effect, span }
    }
}

/// The effect of one simple command at `place`; unknown with a reason when it has no model.
pub fn of_command(command: &SimpleCommand, place: &Place) -> CommandEffect {
    let mut effect = CommandEffect::none(command.span);
    let assigned: Vec<&str> = command.assignments.iter().map(|(name, _)| name.value.as_str()).collect();
    match literal_words(command) {
        Ok(words) => effect = of_words(&words, &assigned, place, command.span),
        Err(reason) => effect.effect = EffectSet::unknown(reason),
    }
    for redirect in &command.redirects {
        redirected(&mut effect.effect, &redirect.operator, redirect.target.literal.as_deref(), place);
    }
    effect
}

/// The effect of a call with these words and variables of its own, which stands or would stand at `span`.
pub fn of_words(words: &[&str], assigned: &[&str], place: &Place, span: Span) -> CommandEffect {
    let mut effect = CommandEffect::none(span);
    if let Err(reason) = model::add_call(&mut effect, words, assigned, place) {
        effect = CommandEffect { effect: EffectSet::unknown(reason), ..CommandEffect::none(span) };
    }
    effect.words = words.iter().map(|word| (*word).to_owned()).collect();
    effect
}

/// The words of a command; an error when one has an expansion.
fn literal_words(command: &SimpleCommand) -> Result<Vec<&str>, String> {
    let unknown = |word: &ShellWord| format!("`{}` is only known when the shell runs", word.raw);
    command.words.iter().map(|word| word.literal.as_deref().ok_or_else(|| unknown(word))).collect()
}

fn redirected(effect: &mut EffectSet, operator: &str, target: Option<&str>, place: &Place) {
    let writes = operator.contains('>');
    let Some(target) = target else {
        *effect = EffectSet::unknown("a redirection leads to a file that is only known when the shell runs");
        return;
    };
    let is_descriptor = operator.ends_with('&') && target.chars().all(|c| c.is_ascii_digit() || c == '-');
    if is_descriptor || target == "/dev/null" || operator.contains("<<") {
        return;
    }
    let path = PathSet::path(&paths::join(&place.workdir, target));
    if writes {
        effect.cells_written.extend(shared::cells_at(&path));
        effect.writes.add(path);
    } else {
        effect.reads.add(path);
    }
}
