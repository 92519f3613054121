//! What is bad, and the local repair: one YAML file a rule, and one Rust file where predicates are not enough.
//!
//! Does not know settings files, other rules, or where findings are shown.
//! Invariants: a rule is a function of what [`Cx`] shows; every finding has a place; a fix is computed only when wanted.
//!
//! A new rule is `rules/lint/<id>.yaml` with a `match:` block; or that file without the block, `src/rules/<id>.rs`, and
//! two sorted lines here. `RPLAN_UPDATE=1 cargo test --test it rules::` then writes what is generated.

mod catalogue;
mod cx;
mod document;
mod matcher;
mod meta;
mod out;
#[rustfmt::skip]
mod table;

pub use catalogue::{Catalogue, Rule};
pub use cx::{Cx, RunCommand};
pub use document::{Document, Example, Expected};
pub use matcher::{CommandMatch, ImageMatch, Match, Predicate};
pub use meta::{
    Category, Change, Confidence, FixPromise, List, Offered, OptionMeta, OptionValue, RuleMeta, Status, Text,
};
pub use out::{Draft, Out};
pub use table::PAGES;

pub(crate) use catalogue::Decides;

use crate::model::{Instruction, Stage};

/// A rule that is written in Rust. Every hook is called; a rule fills those it needs.
pub trait Check: Sync {
    /// Called once for the file.
    fn file(&self, cx: &Cx<'_>, out: &mut Out<'_>) {
        let _ = (cx, out);
    }

    /// Called for each stage.
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        let _ = (stage, cx, out);
    }

    /// Called for each instruction, ARGs before the first FROM included.
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let _ = (instruction, cx, out);
    }

    /// Called for each simple command of the shell text of RUN.
    fn command(&self, command: RunCommand<'_>, cx: &Cx<'_>, out: &mut Out<'_>) {
        let _ = (command, cx, out);
    }
}

mod add_instead_of_copy;
mod apt_without_clean;
mod build_error;
mod copy_before_deps;
mod duplicate_stage_name;
mod git_in_context;
mod keyword_casing;
mod legacy_key_value;
mod multiple_cmd;
mod relative_workdir;
mod secret_in_arg_or_env;
mod shell_form_cmd;
mod syntax_error;
mod undefined_variable;
mod unused_stage;

/// The rules written in Rust, by id, sorted.
static NATIVE: &[(&str, &dyn Check)] = &[
    ("add-instead-of-copy", &add_instead_of_copy::AddInsteadOfCopy),
    ("apt-without-clean", &apt_without_clean::AptWithoutClean),
    ("build-error", &build_error::BuildError),
    ("copy-before-deps", &copy_before_deps::CopyBeforeDeps),
    ("duplicate-stage-name", &duplicate_stage_name::DuplicateStageName),
    ("git-in-context", &git_in_context::GitInContext),
    ("keyword-casing", &keyword_casing::KeywordCasing),
    ("legacy-key-value", &legacy_key_value::LegacyKeyValue),
    ("multiple-cmd", &multiple_cmd::MultipleCmd),
    ("relative-workdir", &relative_workdir::RelativeWorkdir),
    ("secret-in-arg-or-env", &secret_in_arg_or_env::SecretInArgOrEnv),
    ("shell-form-cmd", &shell_form_cmd::ShellFormCmd),
    ("syntax-error", &syntax_error::SyntaxError),
    ("undefined-variable", &undefined_variable::UndefinedVariable),
    ("unused-stage", &unused_stage::UnusedStage),
];
