//! The base images that rplan's store has. Each is looked up once, however many files start from it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::cli::exit::Answer;
use crate::cli::machine::Machine;
use crate::exec::image_at_hand;
use crate::model::image_ref::normalized;
use crate::model::{Base, ImageFacts, Resolved, Surroundings};
use crate::store::Store;

/// The store, if there is one to look into.
pub(in crate::cli) struct ImagesAtHand {
    store: Option<Store>,
    /// By reference and platform.
    seen: Mutex<BTreeMap<(String, String), Option<ImageFacts>>>,
}

impl ImagesAtHand {
    /// Looks for the store. One that cannot be read, as that of somebody else, is like none: nothing depends on it.
    pub(in crate::cli) fn open() -> Answer<Self> {
        let store = Store::open_existing(Machine::read()?.store).unwrap_or_else(|error| {
            tracing::debug!("the store is not looked at: {error}");
            None
        });
        Ok(Self { store, seen: Mutex::default() })
    }

    /// What is known of the images that the stages of a file start from, by reference in full.
    pub(in crate::cli) fn of(&self, resolved: &Resolved, around: &Surroundings) -> BTreeMap<String, ImageFacts> {
        let Some(store) = &self.store else { return BTreeMap::new() };
        let mut found = BTreeMap::new();
        for stage in &resolved.model.stages {
            let Base::Image(name) = &resolved.bases[stage.id.0] else { continue };
            let written = stage.from().and_then(|from| resolved.known(from.platform.as_ref()?));
            let platform = written.filter(|platform| !platform.is_empty()).unwrap_or(&resolved.options.platform);
            if !around.names_context(name, &resolved.options.platform)
                && let Some(facts) = self.look_up(store, name, platform)
            {
                found.entry(normalized(name)).or_insert(facts);
            }
        }
        found
    }

    fn look_up(&self, store: &Store, name: &str, platform: &str) -> Option<ImageFacts> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let facts = seen.entry((name.to_owned(), platform.to_owned()));
        facts.or_insert_with(|| image_at_hand(store, name, platform)).clone()
    }
}
