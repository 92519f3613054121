//! The effect of a step: paths and config cells read and written, the world outside, and whether it may be moved at all.

use std::collections::BTreeSet;
use std::fmt;

use crate::effect::{PathSet, paths};

/// One cell of the build state that is not a path, or that stands for many paths which tools share.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cell {
    /// One variable of ENV or ARG.
    Variable(String),
    /// Every variable whose name is this, or begins with what stands before its `*`.
    Variables(String),
    /// Every variable: what a command that is not modelled may read.
    AnyVariable,
    /// The working directory.
    Workdir,
    /// The user.
    User,
    /// The shell.
    Shell,
    /// Any other field of the image config, by keyword.
    Config(&'static str),
    /// The database of the system's packages.
    PackageDatabase,
    /// The accounts in passwd and group.
    Accounts,
    /// The bundle of trusted certificates, which a package may rewrite.
    TrustBundle,
    /// The packages of a language's interpreter.
    SitePackages,
    /// The programs of the base system and the libraries that they load.
    BasePrograms,
    /// All other programs that a command line may name.
    Programs,
    /// What the dynamic linker finds where.
    LinkerCache,
    /// Which of several programs a name stands for.
    Alternatives,
    /// The time of day.
    Clock,
}

impl Cell {
    /// Whether a write to one disturbs a read of the other.
    fn meets(&self, other: &Cell) -> bool {
        match (self, other) {
            (Cell::AnyVariable, other) | (other, Cell::AnyVariable) => other.is_variable(),
            (Cell::Variables(pattern), Cell::Variable(name)) | (Cell::Variable(name), Cell::Variables(pattern)) => {
                match pattern.strip_suffix('*') {
                    Some(start) => name.starts_with(start),
                    None => name == pattern,
                }
            }
            _ => self == other,
        }
    }

    fn is_variable(&self) -> bool {
        matches!(self, Cell::Variable(_) | Cell::Variables(_) | Cell::AnyVariable)
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cell::Variable(name) => write!(f, "the variable {name}"),
            Cell::Variables(pattern) => write!(f, "the variables {pattern}"),
            Cell::AnyVariable => f.write_str("the environment"),
            Cell::Workdir => f.write_str("the working directory"),
            Cell::User => f.write_str("the user"),
            Cell::Shell => f.write_str("the shell"),
            Cell::Config(keyword) => write!(f, "{keyword}"),
            Cell::PackageDatabase => f.write_str("the package database"),
            Cell::Accounts => f.write_str("the accounts"),
            Cell::TrustBundle => f.write_str("the trusted certificates"),
            Cell::SitePackages => f.write_str("the installed packages of the language"),
            Cell::BasePrograms => f.write_str("the programs of the base system"),
            Cell::Programs => f.write_str("the installed programs"),
            Cell::LinkerCache => f.write_str("the libraries that the linker finds"),
            Cell::Alternatives => f.write_str("the chosen alternatives"),
            Cell::Clock => f.write_str("the time"),
        }
    }
}

/// What a step does, over-approximated.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EffectSet {
    /// Paths that it may read.
    pub reads: PathSet,
    /// Paths that it may write, delete, or create on the way.
    pub writes: PathSet,
    /// Directories that it creates with owner root and mode 0755 when they are missing, and otherwise leaves alone.
    pub ensures: BTreeSet<String>,
    /// Cells that it may read.
    pub cells_read: BTreeSet<Cell>,
    /// Cells that it may write.
    pub cells_written: BTreeSet<Cell>,
    /// Whether it may use the network.
    pub network: bool,
    /// Why it may not be moved past a step that touches files.
    pub barrier: Option<String>,
}

impl EffectSet {
    /// A step that may do anything, because of `reason`.
    pub fn unknown(reason: impl Into<String>) -> Self {
        Self {
            reads: PathSet::everything(),
            writes: PathSet::everything(),
            cells_read: BTreeSet::from([Cell::AnyVariable, Cell::Workdir, Cell::User, Cell::Shell]),
            network: true,
            barrier: Some(reason.into()),
            ..Self::default()
        }
    }

    /// The effect of `self`, followed by `next`. What the first touches below a directory that only the second makes sure
    /// of, it relies on: then the whole does not make sure of it, but makes it.
    pub fn then(self, mut next: EffectSet) -> EffectSet {
        let touched = |path: &String| {
            let below = PathSet::below(path);
            self.reads.overlap(&below).is_some() || self.writes.overlap(&below).is_some()
        };
        let relied_on = |path: &&String| !self.ensures.contains(*path) && !paths::is_everywhere(path) && touched(path);
        let late: Vec<String> = next.ensures.iter().filter(relied_on).cloned().collect();
        for path in late {
            next.ensures.remove(&path);
            next.writes.add(PathSet::below(&path));
        }
        EffectSet {
            reads: self.reads.union(next.reads),
            writes: self.writes.union(next.writes),
            ensures: self.ensures.into_iter().chain(next.ensures).collect(),
            cells_read: self.cells_read.into_iter().chain(next.cells_read).collect(),
            cells_written: self.cells_written.into_iter().chain(next.cells_written).collect(),
            network: self.network || next.network,
            barrier: self.barrier.or(next.barrier),
        }
    }

    /// A cell that `self` writes and `other` reads or writes.
    pub(super) fn disturbed_cell<'a>(&'a self, other: &'a EffectSet) -> Option<&'a Cell> {
        let touched = || other.cells_read.iter().chain(&other.cells_written);
        self.cells_written.iter().find(|written| touched().any(|cell| written.meets(cell)))
    }
}
