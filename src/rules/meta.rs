//! What is known of a rule before it runs: its name, its weight, and what its fixes may do.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::diagnostic::{RuleId, Safety, Severity};
pub use crate::rules::alias::{Alias, Tool};
pub use crate::rules::edition::{EDITION, Edition};

/// The rule that passes on what ShellCheck says.
pub(super) const SHELLCHECK: &str = "shellcheck";

/// Text that is compiled in, or a user's own.
pub type Text = Cow<'static, str>;
/// A list that is compiled in, or a user's own.
pub type List<T> = Cow<'static, [T]>;

/// The facts of a rule that deciding needs. What people read besides is in its YAML file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleMeta {
    /// Its name.
    pub id: RuleId,
    /// The version of rplan that brought it.
    pub since: Text,
    /// When it runs without being named.
    pub edition: Edition,
    /// How settled it is.
    pub status: Status,
    /// What it is about.
    pub category: Category,
    /// How bad its findings are when it comes, unless settings say otherwise.
    pub severity: Severity,
    /// How bad they are from later editions on, sorted by edition.
    pub severity_changes: List<(u16, Severity)>,
    /// How sure its findings are.
    pub confidence: Confidence,
    /// What it finds, in one line.
    pub summary: Text,
    /// What its fixes are like.
    pub fix: FixPromise,
    /// What other linters call the same thing.
    pub aliases: List<Alias>,
    /// What can be set.
    pub options: List<OptionMeta>,
    /// Where more is said of it, on the web.
    pub reference: Option<Text>,
}

impl RuleMeta {
    /// How bad its findings are in an edition.
    pub fn severity_in(&self, edition: u16) -> Severity {
        let changes = self.severity_changes.iter().take_while(|(from, _)| *from <= edition);
        changes.last().map_or(self.severity, |(_, severity)| *severity)
    }

    /// Whether `name` is its id, or what another linter calls it; of the rule that passes on what ShellCheck says,
    /// every number of ShellCheck's is a name.
    pub fn is_called(&self, name: &str) -> bool {
        self.id.as_str() == name
            || self.aliases.iter().any(|alias| alias.is(name))
            || (self.speaks_for_shellcheck() && Tool::of(name) == Tool::ShellCheck)
    }

    /// Whether its findings are ShellCheck's, each named by its own number.
    pub fn speaks_for_shellcheck(&self) -> bool {
        self.id.as_str() == SHELLCHECK
    }

    /// What other linters call a finding of it that is `known_as` these; all of their names where it is none.
    pub fn aliases_of<'a>(&'a self, known_as: &'a [&'static str]) -> impl Iterator<Item = &'a Alias> {
        let holds = move |alias: &&Alias| known_as.is_empty() || known_as.iter().any(|name| alias.is(name));
        self.aliases.iter().filter(holds)
    }

    /// Its id, and what other linters call it.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.id.as_str()).chain(self.aliases.iter().map(|alias| alias.name.as_ref()))
    }
}

/// What a rule promises of its fixes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixPromise {
    /// How often there is one.
    pub offered: Offered,
    /// How safe the least safe of them is.
    pub safety: Safety,
    /// What a fix may change, by the names of [`model::diff`](crate::model::diff): `copy.added`; nothing else may change.
    pub changes: List<Text>,
}

/// How often a finding has a fix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Offered {
    /// Never.
    Never,
    /// Where it can be proved right.
    Sometimes,
    /// Always.
    Always,
}

/// One thing that a rule can be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptionMeta {
    /// Its name, in kebab-case.
    pub name: Text,
    /// What it does.
    pub about: Text,
    /// Its value when nothing is said; every value is of the same kind.
    pub default: OptionValue,
}

/// The value of an option.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum OptionValue {
    /// Yes or no.
    Flag(bool),
    /// A number.
    Number(i64),
    /// A list of texts.
    Texts(List<Text>),
}

impl OptionValue {
    /// Whether both are of one kind, so that one can stand for the other.
    pub fn is_like(&self, other: &OptionValue) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }

    /// The kind, for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            OptionValue::Flag(_) => "true or false",
            OptionValue::Number(_) => "a number",
            OptionValue::Texts(_) => "a list of texts",
        }
    }
}

macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $($(#[$variant_doc])* $variant,)* }

        impl $name {
            /// Every one.
            pub const ALL: &[$name] = &[$($name::$variant,)*];

            /// Its name.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text,)* }
            }

            /// The one of this name.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == name)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

named! {
    /// What a rule is about.
    Category {
        /// The file cannot be read as it stands.
        Syntax = "syntax",
        /// It does something else than it says.
        Correctness = "correctness",
        /// It builds slower than it must.
        Cache = "cache",
        /// The image is bigger than it must be.
        Size = "size",
        /// Somebody may be harmed.
        Security = "security",
        /// The next build gives something else.
        Reproducibility = "reproducibility",
        /// How stages fit together.
        Stages = "stages",
        /// How it reads.
        Style = "style",
        /// What will go away.
        Deprecated = "deprecated",
        /// Labels.
        Labels = "labels",
        /// How the container behaves.
        Runtime = "runtime",
        /// The shell text of RUN.
        Shell = "shell",
    }
}

named! {
    /// How settled a rule is.
    Status {
        /// New: runs only when it is selected by name.
        Preview = "preview",
        /// Settled: runs by default from its edition on.
        Stable = "stable",
        /// Settled, and a matter of taste or policy: runs in the profile `strict`, or when it is selected by name.
        Optional = "optional",
        /// Runs only when it is selected by name, and will go away.
        Deprecated = "deprecated",
    }
}

named! {
    /// How sure the findings of a rule are.
    Confidence {
        /// What it says is so.
        Certain = "certain",
        /// What it says is nearly always so.
        Likely = "likely",
    }
}
