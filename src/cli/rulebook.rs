//! By what a file is linted: the rules, which of them are wanted, and from which severity on they count.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::PathBuf;

use crate::cli::exit::Answer;
use crate::cli::files::{Input, Settings};
use crate::cli::in_force::{InForce, Typed};
use crate::cli::names::{check_settings, check_typed};
use crate::cli::own_rules;
use crate::config::{FailOn, LintSettings};
use crate::diagnostic::Severity;
use crate::lint::Selection;
use crate::rules::Catalogue;

/// By what a file is linted.
pub(super) struct Rulebook {
    /// Every rule there is.
    pub(super) catalogue: Catalogue,
    /// Those that are wanted.
    pub(super) selection: Selection,
    /// The lowest severity that is shown. What fails is always shown.
    pub(super) shown_from: Severity,
    /// From which severity on findings fail.
    pub(super) fails_from: FailOn,
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

    /// Whether a rule that is compiled in runs on any input.
    pub(super) fn want(&self, id: &str) -> bool {
        let wants = |book: &Rulebook| book.catalogue.by_id(id).is_some_and(|rule| book.selection.wants(&rule.meta));
        self.by_settings.values().any(wants)
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
        let selection = in_force.selection(&catalogue);
        Ok(Self { catalogue, selection, shown_from, fails_from })
    }
}
