//! Sets of rules to start from: rplan's own, all that is settled, or exactly what another linter finds.

use crate::diagnostic::Severity;
use crate::rules::{RuleMeta, Status, Tool};

/// The set of rules that runs when nobody names any.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Profile {
    /// What an edition holds.
    #[default]
    Default,
    /// The same, and what is a matter of taste or policy.
    Strict,
    /// What hadolint finds, as grave as it says.
    Hadolint,
    /// What the checks of BuildKit find, all of it a warning.
    BuildKit,
}

impl Profile {
    /// Every profile.
    pub const ALL: [Profile; 4] = [Profile::Default, Profile::Strict, Profile::Hadolint, Profile::BuildKit];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Profile::Default => "default",
            Profile::Strict => "strict",
            Profile::Hadolint => "hadolint",
            Profile::BuildKit => "buildkit",
        }
    }

    /// How grave the rule's findings that are `known_as` these are here; none where the profile does not hold them.
    pub fn severity(self, meta: &RuleMeta, edition: u16, known_as: &[&'static str]) -> Option<Severity> {
        // One rule may stand for several of another linter's: the gravest counts, unless the finding says which.
        let theirs = |tool: Tool| {
            let aliases = meta.aliases_of(known_as).filter(|alias| alias.tool() == tool);
            aliases.filter_map(|alias| alias.severity).max()
        };
        let is_current = meta.edition.number().is_some_and(|number| number <= edition);
        let ours = |holds: bool| (is_current && holds).then(|| meta.severity_in(edition));
        match self {
            Profile::Default => ours(meta.status == Status::Stable),
            Profile::Strict => ours(matches!(meta.status, Status::Stable | Status::Optional)),
            Profile::Hadolint if meta.speaks_for_shellcheck() => Some(meta.severity),
            Profile::Hadolint => theirs(Tool::Hadolint),
            Profile::BuildKit => theirs(Tool::BuildKit),
        }
    }
}
