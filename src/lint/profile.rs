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

    /// How grave the rule's findings are in this profile; none where the profile does not hold the rule.
    pub fn severity(self, meta: &RuleMeta, edition: u16) -> Option<Severity> {
        let is_current = meta.edition.number().is_some_and(|number| number <= edition);
        let ours = |holds: bool| (is_current && holds).then(|| meta.severity_in(edition));
        match self {
            Profile::Default => ours(meta.status == Status::Stable),
            Profile::Strict => ours(matches!(meta.status, Status::Stable | Status::Optional)),
            Profile::Hadolint => theirs(meta, Tool::Hadolint),
            Profile::BuildKit => theirs(meta, Tool::BuildKit),
        }
    }
}

/// How grave another linter takes it at the most: one rule may stand for several of its.
fn theirs(meta: &RuleMeta, tool: Tool) -> Option<Severity> {
    meta.aliases.iter().filter(|alias| alias.tool() == tool).filter_map(|alias| alias.severity).max()
}
