//! Editions: which rules run when nobody names any, so that a new version of rplan never turns a green run red.
//!
//! A rule that comes within a major version belongs to the next edition, and so does a change of severity.

use std::fmt;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The edition that holds where settings name none: that of this binary's major version; before 1.0 the first.
pub const EDITION: u16 = match u16::from_str_radix(env!("CARGO_PKG_VERSION_MAJOR"), 10) {
    Ok(0) | Err(_) => 1,
    Ok(major) => major,
};

/// When a rule runs without being named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edition {
    /// From this edition on.
    From(u16),
    /// In no edition, not even for the strict: somebody names it, or its category.
    OptIn,
}

impl Edition {
    /// The first edition whose default set holds the rule.
    pub fn number(self) -> Option<u16> {
        match self {
            Edition::From(number) => Some(number),
            Edition::OptIn => None,
        }
    }
}

impl fmt::Display for Edition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Edition::From(number) => write!(f, "{number}"),
            Edition::OptIn => f.write_str("opt-in"),
        }
    }
}

/// As in the file of a rule: a number or `opt-in`.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Number(u16),
    Word(String),
}

impl Serialize for Edition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let written = self.number().map_or_else(|| Written::Word(self.to_string()), Written::Number);
        written.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Edition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Written::deserialize(deserializer) {
            Ok(Written::Number(number)) if number > 0 => Ok(Edition::From(number)),
            Ok(Written::Word(word)) if word == "opt-in" => Ok(Edition::OptIn),
            _ => Err(D::Error::custom("`edition` is a number from 1 on, or `opt-in`")),
        }
    }
}
