//! The builds that Compose files and Bake files declare: which Dockerfile, in which context, with which arguments.
//!
//! Owns those files: reading them is pure (`compose`, `bake`), following them from one to the next is [`BuildFiles`].
//! Does not know who asks. Invariants: what depends on the environment of whoever builds is not known, never guessed;
//! everything that a file says of a Dockerfile written into it has its place in that file.

mod bake;
mod compose;
mod dotenv;
mod facts;
mod fragment;
mod inline;
mod interpolation;
mod known;
mod link;
mod scalar;
mod transcript;
mod yaml;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

pub use facts::Facts;
pub use inline::Inline;
pub use known::{BuildFileKind, NEAR, kind_by_ending, kind_by_name};
pub use link::{BuildFiles, ReadFile, Trouble};

use crate::text::Span;

/// What a file says of something: none where that depends on what nobody here knows.
pub type Setting = Option<String>;

/// One image that is built on purpose: by a service of a Compose file or by a target of a Bake file.
#[derive(Debug, Clone)]
pub struct Build {
    /// The service or target.
    pub name: String,
    /// Its Dockerfile.
    pub recipe: Recipe,
    /// Its context, where that is a directory whose name is known.
    pub context: Option<PathBuf>,
    /// The stage it ends at; the last one where none is named.
    pub target: Option<Setting>,
    /// The build arguments it is given.
    pub args: BTreeMap<String, Setting>,
    /// Whether it may be given more arguments than those.
    pub has_further_args: bool,
    /// The names of its named contexts.
    pub named_contexts: BTreeSet<String>,
    /// The platforms it is built for, where it names them; none of them where one is not known.
    pub platforms: Option<Option<BTreeSet<String>>>,
}

/// Where a Dockerfile is.
#[derive(Debug, Clone)]
pub enum Recipe {
    /// In a file.
    File(PathBuf),
    /// In the Compose or Bake file itself.
    Inline(Arc<Inline>),
}

/// What is wrong with a Compose or Bake file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildFileError {
    /// The place at fault.
    pub span: Span,
    /// What is wrong.
    pub message: String,
}

impl BuildFileError {
    fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into() }
    }
}
