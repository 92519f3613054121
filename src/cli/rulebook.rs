//! By what a file is linted: the rules, which of them are wanted, and from which severity on they count.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::cli::args::{LintArgs, SelectionArgs};
use crate::cli::exit::{Answer, Failure};
use crate::cli::files::{Input, Settings};
use crate::config::LintSettings;
use crate::diagnostic::Severity;
use crate::lint::Selection;
use crate::rules::Catalogue;
use crate::text::Spanned;

/// What is shown, and what fails, when nobody says otherwise.
const THRESHOLD: Severity = Severity::Warning;

/// By what a file is linted.
pub(super) struct Rulebook {
    /// Every rule there is.
    pub(super) catalogue: Catalogue,
    /// Those that are wanted.
    pub(super) selection: Selection,
    /// The lowest severity that is shown. What fails is always shown.
    pub(super) shown_from: Severity,
    /// The lowest severity that fails.
    pub(super) fails_from: Severity,
}

/// What was typed about severities.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Thresholds {
    severity: Option<Severity>,
    fail_on: Option<Severity>,
}

impl Thresholds {
    /// Those of `lint`.
    pub(super) fn of(args: &LintArgs) -> Self {
        Self { severity: args.severity, fail_on: args.fail_on }
    }
}

/// The rulebook of each settings file, and that of files without one.
pub(super) struct Rulebooks {
    by_settings: BTreeMap<Option<PathBuf>, Rulebook>,
}

impl Rulebooks {
    /// The rulebooks for all inputs: what was typed wins over what the settings say.
    pub(super) fn for_inputs(inputs: &[Input], typed: &SelectionArgs, thresholds: Thresholds) -> Answer<Self> {
        let mut by_settings = BTreeMap::new();
        for input in inputs {
            let key = key(&input.settings);
            if !by_settings.contains_key(&key) {
                by_settings.insert(key, Rulebook::new(&input.settings, typed, thresholds)?);
            }
        }
        Ok(Self { by_settings })
    }

    /// The rulebook for one of the inputs.
    pub(super) fn of(&self, input: &Input) -> &Rulebook {
        &self.by_settings[&key(&input.settings)]
    }
}

fn key(settings: &Settings) -> Option<PathBuf> {
    settings.as_ref().map(|located| located.file.clone())
}

impl Rulebook {
    fn new(settings: &Settings, typed: &SelectionArgs, thresholds: Thresholds) -> Answer<Self> {
        let none = LintSettings::default();
        let set = settings.as_ref().map_or(&none, |located| &located.settings.lint);
        let fails_from = thresholds.fail_on.or(set.fail_on).unwrap_or(THRESHOLD);
        let shown_from = thresholds.severity.or(set.severity).unwrap_or(THRESHOLD).min(fails_from);
        Ok(Self { catalogue: Catalogue::builtin(), selection: selection(set, typed), shown_from, fails_from })
    }
}

fn selection(set: &LintSettings, typed: &SelectionArgs) -> Selection {
    let names = |set: &[Spanned<String>], typed: &[String]| -> Vec<String> {
        set.iter().map(|name| name.value.clone()).chain(typed.iter().cloned()).collect()
    };
    if !typed.select.is_empty() {
        // Whoever names the rules to run means them, whatever the settings leave out.
        return Selection {
            select: [&typed.select[..], &typed.extend_select[..]].concat(),
            ignore: typed.ignore.clone(),
            ..Selection::default()
        };
    }
    let select = names(set.select.as_deref().unwrap_or_default(), &[]);
    let extend = names(&set.extend_select, &typed.extend_select);
    let ignore = names(&set.ignore, &typed.ignore);
    match select.is_empty() {
        true => Selection { extend, ignore, ..Selection::default() },
        false => Selection { select: [select, extend].concat(), ignore, ..Selection::default() },
    }
}
