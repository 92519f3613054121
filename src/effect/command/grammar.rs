//! How a command is called, and what each way of calling it does: the shape of the data in `rules/command/*.yaml`.
//!
//! Everything that may stand on a command line and is not listed makes the call unknown.

use super::{Action, PackageManager};
use crate::effect::Cell;

/// One command.
#[derive(Debug)]
pub(super) struct Grammar {
    /// What it is called by.
    pub(super) names: &'static [&'static str],
    /// The module under which an interpreter runs it too, as in `python -m pip`.
    pub(super) module: Option<&'static str>,
    /// Where the program comes from.
    pub(super) part: Part,
    /// The package manager, when it is one.
    pub(super) manager: Option<PackageManager>,
    /// The variables that decide what it does, beside those that every program reads; none when it may be any. A name
    /// may end in `*`.
    pub(super) variables: Option<&'static [&'static str]>,
    /// The variables that move what it reads or writes to other places. A name may end in `*`.
    pub(super) relocated_by: &'static [&'static str],
    /// The ways of calling it. The first whose words fit counts.
    pub(super) forms: &'static [Form],
}

/// Where the program of a command comes from: what has to be there before it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// The shell does it itself.
    Shell,
    /// A program that every image with a shell has, and that no language's package manager replaces.
    Base,
    /// Any other program.
    Program,
}

/// One way of calling a command.
#[derive(Debug)]
pub(super) struct Form {
    /// The words that choose it; each may name alternatives: `install|i|add`.
    pub(super) words: &'static [&'static str],
    /// What it is for.
    pub(super) action: Action,
    /// Options without a value. A single-letter one may be written together with others.
    pub(super) flags: &'static [&'static str],
    /// Options that mean something to files, by what their value is.
    pub(super) values: &'static [(Role, &'static [&'static str])],
    /// Whether options may be written together without a dash, as in `tar xf`.
    pub(super) bundled: bool,
    /// What the operands are.
    pub(super) operands: Operands,
    /// Paths that it reads whatever it is told: see [`super::place::Place::built_in`].
    pub(super) reads: &'static [&'static str],
    /// Paths that it writes whatever it is told.
    pub(super) writes: &'static [&'static str],
    /// Directories that it makes if they are missing, as every base image has them, and otherwise leaves as they are.
    pub(super) ensures: &'static [&'static str],
    /// Directories below those that it leaves alone, with all in them.
    pub(super) spares: &'static [&'static str],
    /// What it writes when no option with the role [`Role::Output`] is there.
    pub(super) writes_without_output: &'static [&'static str],
    /// Files beside it that decide what it installs.
    pub(super) manifests: &'static [&'static str],
    /// Files that it looks for in the working directory and in every directory above.
    pub(super) looked_up: &'static [&'static str],
    /// Shared parts of the system that it reads.
    pub(super) cells_read: &'static [Cell],
    /// Shared parts of the system that it writes.
    pub(super) cells_written: &'static [Cell],
    /// Whether it uses the network.
    pub(super) network: bool,
}

/// What a value or an operand is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// No path.
    Text,
    /// A path that is read, with all below it.
    Read,
    /// A path that is written, with all below it.
    Write,
    /// A path that is read and written, with all below it.
    Change,
    /// A directory that is there afterwards, with those above it.
    Make,
    /// The file or directory that is made from sources.
    Output,
    /// A file that decides what is installed.
    Manifest,
    /// A name or an address, or a path that is then read and worked in.
    Package,
    /// A script that edits text line by line.
    Edit,
    /// Nothing: the option has no value, and makes the call write into the directory.
    Here,
    /// The directory that built-in paths and operands are seen from.
    Directory,
    /// Something with which nobody knows what the call does.
    Unmodelled,
}

/// What the operands of a form are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operands {
    /// There may be none.
    None,
    /// All are the same.
    Each(Role),
    /// The first is one thing, the others another.
    First {
        /// What the first is.
        first: Role,
        /// What the others are.
        others: Role,
    },
    /// The last is one thing, the others another.
    Last {
        /// What the others are.
        others: Role,
        /// What the last is.
        last: Role,
    },
}
