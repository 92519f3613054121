//! Which rules are wanted, and how they are set.

use std::collections::BTreeMap;

use crate::diagnostic::{Finding, Severity};
use crate::lint::Profile;
use crate::rules::{Catalogue, EDITION, OptionValue, RuleMeta};

/// The rules that are wanted. Names are ids, categories, or what other linters call a rule.
#[derive(Debug, Clone)]
pub struct Selection {
    /// The set of rules to start from.
    pub profile: Profile,
    /// Only these in place of the profile's, when there are any; `all` is every one.
    pub select: Vec<String>,
    /// These too, although the profile does not hold them.
    pub extend: Vec<String>,
    /// Not these.
    pub ignore: Vec<String>,
    /// The edition of the profiles. Rules and severities that came later do not hold.
    pub edition: u16,
    /// Severities that are set, by id or by what another linter calls it.
    pub severities: BTreeMap<String, Severity>,
    /// Options that are set, by id and name.
    pub options: BTreeMap<String, BTreeMap<String, OptionValue>>,
    /// Whether comments in the file may silence findings.
    pub inline_ignores: bool,
    /// Whether fixes are wanted.
    pub fixes: bool,
}

impl Default for Selection {
    fn default() -> Self {
        Self {
            profile: Profile::Default,
            select: Vec::new(),
            extend: Vec::new(),
            ignore: Vec::new(),
            edition: EDITION,
            severities: BTreeMap::new(),
            options: BTreeMap::new(),
            inline_ignores: true,
            fixes: false,
        }
    }
}

impl Selection {
    /// Whether anything that the rule finds may be wanted.
    pub fn wants(&self, meta: &RuleMeta) -> bool {
        let named = |names: &[String]| names.iter().any(|name| is_group(meta, name) || meta.is_called(name));
        let by_default = || self.profile.severity(meta, self.edition, &[]).is_some();
        let selected = if self.select.is_empty() { named(&self.extend) || by_default() } else { named(&self.select) };
        selected && !self.ignore.iter().any(|name| is_group(meta, name))
    }

    /// How grave a finding of a rule that runs is; none when it is not wanted, since other linters tell apart what the
    /// rule joins.
    pub fn weigh(&self, meta: &RuleMeta, finding: &Finding) -> Option<Severity> {
        let (known_as, own_name) = (&finding.known_as, finding.rule.as_str());
        let is_alias = |name: &String| name == own_name || meta.aliases_of(known_as).any(|alias| alias.is(name));
        let named = |names: &[String]| names.iter().any(|name| is_group(meta, name) || is_alias(name));
        let in_profile = self.profile.severity(meta, self.edition, known_as);
        let selected =
            if self.select.is_empty() { named(&self.extend) || in_profile.is_some() } else { named(&self.select) };
        if !selected || named(&self.ignore) {
            return None;
        }
        let of_alias = || meta.aliases_of(known_as).find_map(|alias| self.severities.get(alias.name.as_ref()).copied());
        let of_rule = || self.severities.get(own_name).or_else(|| self.severities.get(meta.id.as_str())).copied();
        if meta.speaks_for_shellcheck() {
            return of_rule().or(Some(finding.severity));
        }
        of_alias().or_else(of_rule).or(in_profile).or_else(|| Some(meta.severity_in(self.edition)))
    }

    /// Its options.
    pub fn options(&self, meta: &RuleMeta) -> Option<&BTreeMap<String, OptionValue>> {
        self.options.get(meta.id.as_str())
    }

    /// Every name that is no rule's, and every option that its rule does not have.
    pub fn mistakes(&self, catalogue: &Catalogue) -> Vec<SelectError> {
        let unknown = |name: &String| SelectError::Unknown {
            name: name.clone(),
            nearest: catalogue.nearest(name).map(str::to_owned),
        };
        let names = self.select.iter().chain(&self.extend).chain(&self.ignore);
        let mut mistakes: Vec<SelectError> = names.filter(|name| !catalogue.is_name(name)).map(unknown).collect();
        mistakes.extend(self.severities.keys().filter(|name| catalogue.find(name).is_none()).map(unknown));
        mistakes.extend(self.options.keys().filter(|id| catalogue.by_id(id).is_none()).map(unknown));
        for (id, options) in &self.options {
            let Some(rule) = catalogue.by_id(id) else { continue };
            let wrong = options.iter().filter_map(|(option, value)| rule.check_option(option, value).err());
            mistakes.extend(wrong.map(|reason| SelectError::Option { rule: id.clone(), reason }));
        }
        mistakes
    }
}

/// What cannot be selected or set.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum SelectError {
    /// A name that no rule has.
    #[error("there is no rule `{name}`{}", hint(nearest))]
    Unknown {
        /// The name.
        name: String,
        /// The name that was probably meant.
        nearest: Option<String>,
    },
    /// An option that the rule does not have, or not with this value.
    #[error("{reason}")]
    Option {
        /// The rule.
        rule: String,
        /// What is wrong and what may be.
        reason: String,
    },
}

fn hint(nearest: &Option<String>) -> String {
    nearest.as_ref().map(|nearest| format!("; did you mean `{nearest}`?")).unwrap_or_default()
}

/// Whether the name means the whole rule.
fn is_group(meta: &RuleMeta, name: &str) -> bool {
    name == "all" || meta.category.as_str() == name || meta.id.as_str() == name
}
