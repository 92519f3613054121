//! Which proposals are wanted, and which of them may be written: what was typed, or else what the settings say.

use std::path::Path;

use crate::cli::args::OptimizeArgs;
use crate::cli::exit::{Answer, Failure};
use crate::cli::subject::Subject;
use crate::config::{OptimizeSettings, ProjectFiles};
use crate::rewrite::{Class, Proposal, ids};
use crate::text::{Spanned, nearest};
use crate::workspace::discover::absolute;

/// Which rewrites are wanted.
#[derive(Clone)]
pub(super) struct Wanted {
    only: Option<Vec<String>>,
    skip: Vec<String>,
    allow_unsafe: bool,
}

impl Wanted {
    /// What was typed.
    pub(super) fn of(args: &OptimizeArgs) -> Answer<Self> {
        args.only.iter().chain(&args.skip).try_for_each(|id| known(id))?;
        let only = (!args.only.is_empty()).then(|| args.only.clone());
        Ok(Self { only, skip: args.skip.clone(), allow_unsafe: args.allow_unsafe })
    }

    /// What the settings say, where nothing can be typed.
    pub(super) fn set(settings: Option<&OptimizeSettings>) -> Self {
        Self { only: None, skip: Vec::new(), allow_unsafe: false }.or(settings)
    }

    /// What was typed, or else what the settings for this file say.
    pub(super) fn for_file(&self, subject: &Subject) -> Answer<Self> {
        let file = absolute(subject.path.as_deref().unwrap_or(Path::new("Dockerfile")));
        let settings = ProjectFiles::default().of(file.parent().unwrap_or(&file))?;
        Ok(self.clone().or(settings.as_deref().map(|located| &located.settings.optimize)))
    }

    fn or(self, settings: Option<&OptimizeSettings>) -> Self {
        match settings {
            Some(settings) if self.only.is_none() && self.skip.is_empty() => {
                let names = |ids: &[Spanned<String>]| ids.iter().map(|id| id.value.clone()).collect();
                Self { only: settings.only.as_deref().map(names), skip: names(&settings.skip), ..self }
            }
            _ => self,
        }
    }

    /// Whether the rewrite is to be proposed.
    pub(super) fn covers(&self, id: &str) -> bool {
        let is = |one: &String| one == id;
        self.only.as_ref().is_none_or(|only| only.iter().any(is)) && !self.skip.iter().any(is)
    }

    /// Whether the proposal is written without being verified.
    pub(super) fn may_write(&self, proposal: &Proposal) -> bool {
        match proposal.class {
            Class::Same => true,
            Class::Verify => self.allow_unsafe,
            // Asked for by its name.
            Class::Advice => self.only.iter().flatten().any(|one| one == proposal.id.as_str()),
        }
    }
}

fn known(id: &str) -> Answer<()> {
    let names = || ids::ALL.iter().map(|rewrite| rewrite.as_str());
    if names().any(|name| name == id) {
        return Ok(());
    }
    let help = match nearest(id, names()) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("the rewrites are: {}", names().collect::<Vec<_>>().join(", ")),
    };
    Err(Failure::usage(format_args!("there is no rewrite `{id}`")).with_help(help))
}
