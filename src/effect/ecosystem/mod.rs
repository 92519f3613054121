//! Ecosystems of packages: which files of the build context an installer reads, how it is told to read nothing else,
//! where it keeps what it fetches.
//!
//! The ecosystems themselves are data: `rules/ecosystem/*.yaml`, compiled into `table`. What manifests say of further
//! files (includes, workspaces, modules, projects) is read by `manifests`, one small reader a format, named by the data.
//! Invariant: what is not understood is a refusal or a doubt, never "reads nothing".

mod called;
mod manifests;
#[rustfmt::skip]
mod table;

pub use called::{arguments_of, has_option, installed_by, is_one_of};
pub use manifests::{Asked, Manifests};

use crate::effect::{CommandEffect, PackageManager};

/// One ecosystem.
#[derive(Debug)]
pub struct Ecosystem {
    /// Its name in messages.
    pub tool: &'static str,
    /// The package manager, as the models of commands know it.
    pub manager: PackageManager,
    reader: manifests::Reader,
    /// Files that say which versions are installed; one of them is enough.
    pub locks: &'static [&'static str],
    /// Names of what it makes beside its manifests.
    pub outputs: &'static [&'static str],
    /// How the names of the variables begin that change what it reads or writes.
    pub variables: &'static str,
    /// What was looked for in the manifests and not found, in a few words.
    pub premise: &'static str,
    /// The ways of calling it that have to do with manifests.
    pub calls: &'static [Call],
    /// Where it keeps what it fetches.
    pub caches: &'static [Cache],
}

/// A way of calling it.
#[derive(Debug)]
pub struct Call {
    /// The words that choose it; each may name alternatives: `install|i`.
    pub words: &'static [&'static str],
    /// How it installs before the sources are there.
    pub early: Early,
    /// The words with which it leaves its lock file as it is.
    pub frozen: &'static [&'static str],
    /// What is different afterwards, or cannot be proved; empty where the same files are there.
    pub differs: &'static str,
}

/// How an install is done before the sources are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Early {
    /// The call itself reads nothing but manifests.
    Itself,
    /// With these options it does; the call as it stands does the rest afterwards.
    With(&'static [&'static str]),
    /// Another call does it; the call as it stands does the rest afterwards.
    Run(&'static str),
    /// It cannot be done, and why.
    Never(&'static str),
}

/// A directory in which an ecosystem keeps what it fetches.
#[derive(Debug)]
pub struct Cache {
    /// The directory; `~` is the home of whoever runs it.
    pub path: &'static str,
    /// The variables that say where it is, the first that is set counts, each with what follows its value.
    pub at: &'static [(&'static str, &'static str)],
    /// The variables with which nobody knows where it is, or that turn it off. A name may end in `*`.
    pub moved_by: &'static [&'static str],
    /// The options with which a call does not use it.
    pub without: &'static [&'static str],
    /// The options that turn it off for one call and leave nothing of it; needless once it is a mount.
    pub dropped: &'static [&'static str],
    /// The same, each with the option that has to take its place.
    pub replaced: &'static [(&'static str, &'static str)],
    /// The option without which a call keeps nothing in it; empty where none is needed.
    pub added: &'static str,
    /// The calls that fill it, as words; none of them for a call without any.
    pub filled_by: &'static [&'static str],
    /// The commands that empty it, as words; needless once it is a mount.
    pub purged_by: &'static [&'static str],
    /// The calls or options of which one has to stand in the same RUN, because a mount may be empty.
    pub renewed_by: &'static [&'static str],
    /// The command that has to run first, and the path that it removes; empty where none is needed.
    pub prepared_by: (&'static str, &'static str),
    /// How concurrent builds may use it: `shared` or `locked`.
    pub sharing: &'static str,
    /// Variables that spare a warning where the cache lies on another file system.
    pub needs: &'static [(&'static str, &'static str)],
    /// Whether what is in it is needed by other commands than those that fill it, and when the program runs.
    pub needed_later: bool,
    /// Whether base images have the directory, perhaps with something in it.
    pub in_base: bool,
    /// Whether it holds what was compiled for the libraries of one image.
    pub compiled: bool,
    /// Files of the build context with which it is kept elsewhere.
    pub unless: &'static [&'static str],
    /// The image of Docker's own library in which it is there; none where that does not matter.
    pub image: Option<&'static str>,
    /// What may be different afterwards; empty where nothing of it belongs to an image.
    pub differs: &'static str,
}

/// Every ecosystem, sorted by name.
pub fn all() -> &'static [Ecosystem] {
    table::ECOSYSTEMS
}

/// The ecosystem of a command, and the way in which it is called.
pub fn of(command: &CommandEffect) -> Option<(&'static Ecosystem, &'static Call)> {
    let arguments: Vec<&str> = command.words.iter().skip(1).map(String::as_str).collect();
    let called = |ecosystem: &'static Ecosystem| {
        let fits = |call: &&Call| is_called_by(call.words, &arguments);
        ecosystem.calls.iter().find(fits).map(|call| (ecosystem, call))
    };
    let own = |ecosystem: &&Ecosystem| Some(ecosystem.manager) == command.manager;
    all().iter().filter(own).find_map(called)
}

/// Whether the words of a call are these, in order and without others in between but options.
pub fn is_called_by(words: &[&str], arguments: &[&str]) -> bool {
    // `python -m pip install`
    let arguments = match arguments {
        ["-m", _, rest @ ..] => rest,
        all => all,
    };
    let mut plain = arguments.iter().filter(|argument| !argument.starts_with('-'));
    words.iter().all(|word| plain.next().is_some_and(|argument| word.split('|').any(|one| one == *argument)))
}

impl Ecosystem {
    /// The files that the installer reads, or why they cannot be told.
    pub fn manifests(&self, asked: &Asked<'_>) -> Result<Manifests, String> {
        (self.reader)(asked)
    }

    /// Whether a path is a lock file of the ecosystem.
    pub fn is_lock(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        self.locks.contains(&name)
    }
}
