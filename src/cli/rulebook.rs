//! By what a file is linted: the rules, which of them are wanted, and from which severity on they count.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::PathBuf;

use crate::cli::args::SelectionArgs;
use crate::cli::exit::{Answer, Exit, Failure};
use crate::cli::files::{Input, Settings};
use crate::cli::in_force::{InForce, Typed};
use crate::cli::own_rules;
use crate::config::{LintSettings, Located, ProjectSettings};
use crate::diagnostic::{Finding, RuleId, Severity};
use crate::lint::Selection;
use crate::rules::Catalogue;
use crate::text::Span;

/// The name under which mistakes in settings are reported.
const SETTINGS: RuleId = RuleId::builtin("settings");

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

/// The rulebook of each settings file, and that of files without one.
pub(super) struct Rulebooks {
    by_settings: BTreeMap<Option<PathBuf>, Rulebook>,
}

impl Rulebooks {
    /// The rulebooks for all inputs: what was typed wins over what the settings say.
    pub(super) fn new(inputs: &[Input], typed: &Typed) -> Answer<Self> {
        let mut by_settings = BTreeMap::new();
        for input in inputs {
            if let Entry::Vacant(place) = by_settings.entry(key(&input.settings)) {
                place.insert(Rulebook::new(&input.settings, typed)?);
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
    /// The rulebook of these settings: what was typed wins.
    pub(super) fn new(settings: &Settings, typed: &Typed) -> Answer<Self> {
        let none = LintSettings::default();
        let set = settings.as_ref().map_or(&none, |located| &located.settings.lint);
        let mut directories = typed.rules.to_vec();
        if let Some(located) = settings {
            directories.extend(set.rules.iter().map(|path| located.folder().join(&path.value)));
        }
        let catalogue = own_rules::catalogue(&directories)?;
        check_typed(typed.selection, &catalogue)?;
        if let Some(located) = settings {
            check_settings(located, &catalogue)?;
        }
        let in_force = InForce::new(set, typed);
        let (shown_from, fails_from) = (in_force.severity.value, in_force.fail_on.value);
        Ok(Self { catalogue, selection: in_force.selection(), shown_from, fails_from })
    }
}

/// Every name that was typed must mean a rule.
fn check_typed(typed: &SelectionArgs, catalogue: &Catalogue) -> Answer<()> {
    let mut names = typed.select.iter().chain(&typed.extend_select).chain(&typed.ignore);
    match names.find(|name| !catalogue.is_name(name)) {
        Some(name) => Err(unknown(name, catalogue)),
        None => Ok(()),
    }
}

/// There is no rule of this name.
pub(super) fn unknown(name: &str, catalogue: &Catalogue) -> Failure {
    Failure::usage(format_args!("there is no rule `{name}`")).with_help(hint(name, catalogue))
}

fn hint(name: &str, catalogue: &Catalogue) -> String {
    match catalogue.nearest(name) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "`rplan rules` lists them".to_owned(),
    }
}

/// Every name in the settings must mean a rule, and every option must be one of its rule's.
fn check_settings(located: &Located<ProjectSettings>, catalogue: &Catalogue) -> Answer<()> {
    let set = &located.settings.lint;
    let mut findings = Vec::new();
    let mut mistake = |span: Span, message: String, help: Option<String>| {
        let mut finding = Finding::new(SETTINGS, Severity::Error, span, message);
        finding.help = help;
        findings.push(finding);
    };
    for name in set.select.iter().flatten().chain(&set.extend_select).chain(&set.ignore) {
        if !catalogue.is_name(&name.value) {
            let message = format!("there is no rule `{}`", name.value);
            mistake(name.span, message, Some(hint(&name.value, catalogue)));
        }
    }
    if let Some(edition) = set.edition.as_ref().filter(|edition| edition.value > catalogue.newest_edition()) {
        let known = format!("this rplan knows the editions from 1 to {}", catalogue.newest_edition());
        mistake(edition.span, format!("there is no edition {} yet", edition.value), Some(known));
    }
    for (id, settings) in &set.rule {
        let Some(rule) = catalogue.by_id(&id.value) else {
            let message = format!("there is no rule `{}`", id.value);
            mistake(id.span, message, Some(hint(&id.value, catalogue)));
            continue;
        };
        for (option, value) in &settings.options {
            if let Err(reason) = rule.check_option(&option.value, value) {
                mistake(option.span, reason, None);
            }
        }
    }
    findings.sort_by(|a, b| a.order().cmp(&b.order()));
    match findings.is_empty() {
        true => Ok(()),
        false => Err(Failure::Drawn { exit: Exit::Usage, source: located.source.clone(), findings }),
    }
}
