//! What a word stands for once build arguments and platform are given.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The expansion of a word: known, or unknown for a reason.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// It is this text.
    Known(String),
    /// It cannot be known here.
    Unknown(Unknown),
}

impl Value {
    /// The text, when known.
    pub fn known(&self) -> Option<&str> {
        match self {
            Value::Known(text) => Some(text),
            Value::Unknown(_) => None,
        }
    }
}

/// Why a value cannot be known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unknown {
    /// It uses a variable that the base image may set.
    BaseImage {
        /// The variable.
        variable: String,
    },
    /// It uses a variable whose own value is unknown.
    Variable {
        /// The variable.
        variable: String,
    },
    /// It uses an ARG that has no default and was given no value.
    BuildArgument {
        /// The argument.
        variable: String,
    },
    /// It belongs to an ONBUILD trigger, which is expanded only where it fires.
    Deferred,
    /// Its expansion is an error, which the model reports.
    Invalid {
        /// What is wrong with it.
        message: String,
    },
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unknown::BaseImage { variable } => write!(f, "`{variable}` may come from the base image"),
            Unknown::Variable { variable } => write!(f, "the value of `{variable}` is unknown"),
            Unknown::BuildArgument { variable } => write!(f, "`{variable}` needs a value: --build-arg {variable}=…"),
            Unknown::Deferred => f.write_str("it is expanded where the trigger fires"),
            Unknown::Invalid { message } => f.write_str(message),
        }
    }
}
