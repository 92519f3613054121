//! What holds for a file: what was typed, else what is set, else what is usual; each with where it comes from.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::cli::args::{SelectionArgs, ThresholdArgs};
use crate::cli::names::means_all;
use crate::config::{FailOn, LintSettings, RuleSettings};
use crate::diagnostic::Severity;
use crate::lint::{Profile, Selection};
use crate::rules::{Catalogue, EDITION};
use crate::text::{Span, Spanned};

/// What is shown, and what fails, when nobody says otherwise.
const THRESHOLD: Severity = Severity::Warning;

/// What was typed that concerns rules.
pub(super) struct Typed<'a> {
    /// Directories with rules of the user's own.
    pub(super) rules: &'a [PathBuf],
    /// Which rules run.
    pub(super) selection: &'a SelectionArgs,
    /// From which severity on findings count.
    pub(super) thresholds: ThresholdArgs,
    /// How often `-v`. Each shows what is one severity milder than usual.
    pub(super) verbosity: u8,
}

/// What holds for a file.
pub(super) struct InForce<'a> {
    pub(super) profile: Sourced<Profile>,
    pub(super) edition: Sourced<u16>,
    pub(super) select: Vec<Sourced<String>>,
    pub(super) extend_select: Vec<Sourced<String>>,
    pub(super) ignore: Vec<Sourced<String>>,
    /// The lowest severity that is shown. What fails is always shown.
    pub(super) severity: Sourced<Severity>,
    pub(super) fail_on: Sourced<FailOn>,
    pub(super) inline_ignores: Sourced<bool>,
    pub(super) rule: &'a [(Spanned<String>, RuleSettings)],
}

/// A value and who says so.
#[derive(Clone)]
pub(super) struct Sourced<T> {
    pub(super) value: T,
    pub(super) source: Source,
}

/// Who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// Nobody.
    Usual,
    /// The settings, at this place.
    Set(Span),
    /// Whoever typed this option.
    Typed(&'static str),
}

impl<'a> InForce<'a> {
    /// What holds where this is set and that was typed.
    pub(super) fn new(set: &'a LintSettings, typed: &Typed) -> Self {
        let rules = typed.selection;
        // Whoever types the rules to run means them, whatever the settings leave out or add.
        let nothing = LintSettings::default();
        let names = if rules.select.is_empty() { set } else { &nothing };
        let more = match typed.verbosity {
            0 => None,
            1 => Some(Severity::Info),
            _ => Some(Severity::Style),
        };
        let severity = one(typed.thresholds.severity, "--severity", &set.severity, THRESHOLD);
        let severity = match (more, typed.thresholds.severity) {
            (Some(more), None) => Sourced { value: more, source: Source::Typed("--verbose") },
            _ => severity,
        };
        let fail_on = one(typed.thresholds.fail_on, "--fail-on", &set.fail_on, FailOn::Severity(THRESHOLD));
        Self {
            profile: one(rules.profile, "--profile", &set.profile, Profile::default()),
            edition: one(None, "", &set.edition, EDITION),
            select: joined(names.select.as_deref().unwrap_or_default(), &rules.select, "--select"),
            extend_select: joined(&names.extend_select, &rules.extend_select, "--extend-select"),
            ignore: joined(&names.ignore, &rules.ignore, "--ignore"),
            severity: match fail_on.value {
                FailOn::Severity(from) if from < severity.value => Sourced { value: from, source: fail_on.source },
                _ => severity,
            },
            fail_on,
            inline_ignores: one(None, "", &set.inline_ignores, true),
            rule: &set.rule,
        }
    }

    /// Which rules run, and how they are set.
    pub(super) fn selection(&self, catalogue: &Catalogue) -> Selection {
        let names = |names: &[Sourced<String>]| names.iter().map(|name| name.value.clone()).collect::<Vec<_>>();
        let (mut severities, mut options) = (BTreeMap::new(), BTreeMap::new());
        for (name, table) in self.rule {
            let rule = catalogue.find(&name.value);
            let id = rule.map_or(name.value.as_str(), |rule| rule.meta.id.as_str());
            // A severity may be that of what another linter tells apart; options are the rule's.
            let meant = if rule.is_some_and(|rule| means_all(rule, &name.value)) { id } else { &name.value };
            severities.extend(table.severity.as_ref().map(|severity| (meant.to_owned(), severity.value)));
            let set = table.options.iter().map(|(name, value)| (name.value.clone(), value.clone()));
            options.entry(id.to_owned()).or_insert_with(BTreeMap::new).extend(set);
        }
        let mut selection = Selection {
            profile: self.profile.value,
            edition: self.edition.value,
            select: names(&self.select),
            extend: names(&self.extend_select),
            ignore: names(&self.ignore),
            severities,
            options,
            inline_ignores: self.inline_ignores.value,
            ..Selection::default()
        };
        if !selection.select.is_empty() {
            selection.select.append(&mut selection.extend);
        }
        selection
    }
}

/// What was typed, else what is set, else what is usual.
fn one<T: Copy>(typed: Option<T>, option: &'static str, set: &Option<Spanned<T>>, usual: T) -> Sourced<T> {
    match (typed, set) {
        (Some(value), _) => Sourced { value, source: Source::Typed(option) },
        (None, Some(set)) => Sourced { value: set.value, source: Source::Set(set.span) },
        (None, None) => Sourced { value: usual, source: Source::Usual },
    }
}

/// What is set, and what was typed besides.
pub(super) fn joined(set: &[Spanned<String>], typed: &[String], option: &'static str) -> Vec<Sourced<String>> {
    let set = set.iter().map(|name| Sourced { value: name.value.clone(), source: Source::Set(name.span) });
    let typed = typed.iter().map(|name| Sourced { value: name.clone(), source: Source::Typed(option) });
    set.chain(typed).collect()
}
