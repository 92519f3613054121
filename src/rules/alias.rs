//! What other linters call a rule, and how grave they take it.

use std::collections::BTreeMap;

use serde::de::Error;
use serde::{Deserialize, Deserializer};

use crate::diagnostic::Severity;
use crate::rules::Text;

/// BuildKit's checks.
const CHECKS: [&str; 22] = [
    "ConsistentInstructionCasing",
    "CopyIgnoredFile",
    "DuplicateStageName",
    "ExposeInvalidFormat",
    "ExposeProtoCasing",
    "FromAsCasing",
    "FromPlatformFlagConstDisallowed",
    "InvalidBaseImagePlatform",
    "InvalidDefaultArgInFrom",
    "InvalidDefinitionDescription",
    "JSONArgsRecommended",
    "LegacyKeyValueFormat",
    "MaintainerDeprecated",
    "MultipleInstructionsDisallowed",
    "NoEmptyContinuation",
    "RedundantTargetPlatform",
    "ReservedStageName",
    "SecretsUsedInArgOrEnv",
    "StageNameCasing",
    "UndefinedArgInFrom",
    "UndefinedVar",
    "WorkdirRelativePath",
];

/// What another linter calls a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alias {
    /// Its name there.
    pub name: Text,
    /// How grave the other linter takes it when nothing is set; none where it is silent then.
    pub severity: Option<Severity>,
}

/// Another linter, known by the form of its names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tool {
    /// `DL3006`
    Hadolint,
    /// `SC2086`
    ShellCheck,
    /// `StageNameCasing`
    BuildKit,
    /// Any other.
    Other,
}

impl Alias {
    /// Whether this is the name; case does not matter.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// Whose name it is.
    pub fn tool(&self) -> Tool {
        Tool::of(&self.name)
    }
}

impl Tool {
    /// Whose name this is.
    pub fn of(name: &str) -> Self {
        let is_number = |prefix: &str| {
            let number = name.strip_prefix(prefix);
            number.is_some_and(|number| number.len() == 4 && number.bytes().all(|byte| byte.is_ascii_digit()))
        };
        match name {
            _ if is_number("DL") => Tool::Hadolint,
            _ if is_number("SC") => Tool::ShellCheck,
            _ if CHECKS.contains(&name) => Tool::BuildKit,
            _ => Tool::Other,
        }
    }

    /// The names of BuildKit's checks, sorted.
    pub fn checks() -> &'static [&'static str] {
        &CHECKS
    }
}

/// As in the file of a rule: `UndefinedVar`, or with hadolint's own severity `DL3006: warning`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Name(String),
    Weighed(BTreeMap<String, Weight>),
}

/// hadolint's severities.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Weight {
    Error,
    Warning,
    Info,
    Style,
    Ignore,
}

impl<'de> Deserialize<'de> for Alias {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let refuse = || D::Error::custom("an alias is a name such as UndefinedVar, or `DL3006: warning`");
        let (name, weight) = match Written::deserialize(deserializer).map_err(|_| refuse())? {
            Written::Name(name) => (name, None),
            Written::Weighed(pair) if pair.len() == 1 => {
                let (name, weight) = pair.into_iter().next().ok_or_else(refuse)?;
                (name, Some(weight))
            }
            Written::Weighed(_) => return Err(refuse()),
        };
        let severity = match (Tool::of(&name), weight) {
            (Tool::Hadolint, None) => {
                let how = "or `ignore` where it is silent by default";
                return Err(D::Error::custom(format_args!(
                    "say how grave hadolint takes it: `{name}: warning`, {how}"
                )));
            }
            (_, Some(weight)) => weight.severity(),
            // To BuildKit everything is one warning.
            (Tool::BuildKit, None) => Some(Severity::Warning),
            (_, None) => None,
        };
        Ok(Self { name: name.into(), severity })
    }
}

impl Weight {
    fn severity(self) -> Option<Severity> {
        match self {
            Weight::Error => Some(Severity::Error),
            Weight::Warning => Some(Severity::Warning),
            Weight::Info => Some(Severity::Info),
            Weight::Style => Some(Severity::Style),
            Weight::Ignore => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(yaml: &str) -> Result<Vec<Alias>, String> {
        serde_yaml::from_str(yaml).map_err(|error| error.to_string())
    }

    #[test]
    fn names_are_known_by_their_form() {
        assert_eq!(Tool::of("DL3006"), Tool::Hadolint);
        assert_eq!(Tool::of("SC2086"), Tool::ShellCheck);
        assert_eq!(Tool::of("UndefinedVar"), Tool::BuildKit);
        for other in ["DF001", "DL30066", "DL", "curl-should-follow-redirects"] {
            assert_eq!(Tool::of(other), Tool::Other, "{other}");
        }
        assert!(Tool::checks().is_sorted());
    }

    #[test]
    fn severities_are_those_of_the_other_linter() {
        let aliases = read("[DL3006: info, DL3057: ignore, UndefinedVar, DF001]").expect("all are well formed");
        let severities: Vec<_> = aliases.iter().map(|alias| alias.severity).collect();
        assert_eq!(severities, [Some(Severity::Info), None, Some(Severity::Warning), None]);
    }

    #[test]
    fn a_name_of_hadolint_needs_its_severity() {
        let error = read("[DL3006]").expect_err("no severity");
        assert!(error.contains("say how grave hadolint takes it: `DL3006: warning`"), "{error}");
        assert!(read("[DL3006: grave]").is_err());
    }
}
