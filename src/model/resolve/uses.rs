//! Which variables words use, and how those stood at the time.

use crate::model::InstructionId;
use crate::model::expand::Form;
use crate::text::Span;

/// One use of a variable in a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariableUse {
    /// The variable.
    pub name: String,
    /// From `$` to the end of the substitution.
    pub span: Span,
    /// The instruction whose word it is.
    pub instruction: InstructionId,
    /// What is made of it.
    pub form: Form,
    /// How it stood.
    pub standing: Standing,
}

/// How a variable stood when it was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// It had a value, known or not.
    Set,
    /// ARG declared it, and nothing gave it a value.
    Declared,
    /// The file does not set it; the base image, which is not known, may.
    MaybeInBase,
    /// Nothing sets it.
    Undefined,
}
