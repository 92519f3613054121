//! By what a file is linted: the rules, which of them are wanted, and from which severity on they count.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::{Path, PathBuf};

use crate::cli::exit::Answer;
use crate::cli::files::{Input, Settings};
use crate::cli::in_force::{InForce, Typed};
use crate::cli::names::{check_settings, check_typed};
use crate::cli::overrides::{Overrides, overridden};
use crate::cli::own_rules;
use crate::config::FailOn;
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

/// The rulebooks of all inputs: one for each settings file and the overrides of it that hold.
pub(super) struct Rulebooks {
    books: Vec<Rulebook>,
    by_path: BTreeMap<PathBuf, usize>,
}

impl Rulebooks {
    /// The rulebooks for all inputs: what was typed wins over what the settings say.
    pub(super) fn new(inputs: &[Input], typed: &Typed) -> Answer<Self> {
        let mut overrides: BTreeMap<Option<&Path>, Overrides> = BTreeMap::new();
        let mut known = BTreeMap::new();
        let mut rulebooks = Self { books: Vec::new(), by_path: BTreeMap::new() };
        for input in inputs {
            let file = input.settings.as_ref().map(|located| located.file.as_path());
            if let Entry::Vacant(place) = overrides.entry(file) {
                place.insert(Overrides::of(&input.settings)?);
            }
            let holding = overrides[&file].holding(&input.path);
            let index = match known.entry((file, holding)) {
                Entry::Occupied(index) => *index.get(),
                Entry::Vacant(place) => {
                    let (_, holding) = place.key();
                    rulebooks.books.push(Rulebook::new(&input.settings, holding, typed)?);
                    *place.insert(rulebooks.books.len() - 1)
                }
            };
            rulebooks.by_path.insert(input.path.clone(), index);
        }
        Ok(rulebooks)
    }

    /// Whether a rule that is compiled in runs on any input.
    pub(super) fn want(&self, id: &str) -> bool {
        self.books.iter().any(|book| book.wants(id))
    }

    /// The rulebook for one of the inputs.
    pub(super) fn of(&self, input: &Input) -> &Rulebook {
        &self.books[self.by_path[&input.path]]
    }
}

impl Rulebook {
    /// The rulebook of these settings where these overrides hold: what was typed wins.
    pub(super) fn new(settings: &Settings, holding: &[usize], typed: &Typed) -> Answer<Self> {
        let set = overridden(settings, holding);
        let mut directories = typed.rules.to_vec();
        if let Some(located) = settings {
            directories.extend(set.rules.iter().map(|path| located.folder().join(&path.value)));
        }
        let catalogue = own_rules::catalogue(&directories)?;
        check_typed(typed.selection, &catalogue)?;
        if let Some(located) = settings {
            check_settings(located, &catalogue)?;
        }
        let in_force = InForce::new(&set, typed);
        let (shown_from, fails_from) = (in_force.severity.value, in_force.fail_on.value);
        let selection = in_force.selection(&catalogue);
        Ok(Self { catalogue, selection, shown_from, fails_from })
    }

    /// Whether a rule that is compiled in runs.
    pub(super) fn wants(&self, id: &str) -> bool {
        self.catalogue.by_id(id).is_some_and(|rule| self.selection.wants(&rule.meta))
    }
}
