//! FROM a named context that is nothing but files: they become the lowest layer.
//!
//! Where only COPY and mounts take from such a context, they take what they need from where it lies, and nothing is
//! laid down.

use super::cache;
use super::chain::Chain;
use super::error::Result;
use super::foreman::lineage;
use super::origin::{Fetched, Origin, with_trees};
use super::perform::{Kept, Keys, Say, Site, StepEnd, StepOrder, change};
use crate::digest::Hasher;
use crate::event::Ending;
use crate::plan::{Filesystem, Operation, Step, StepId, key};
use crate::tree::copy::{Arrival, copy};
use crate::tree::record::{self, arriving};
use crate::workspace::Context;

impl Site<'_> {
    /// The files that a step brings, where that is a named context which is nothing but files.
    pub(super) fn tree_of(&self, step: StepId) -> Option<&Context> {
        match &self.planned.step(step).operation {
            Operation::Base(base) => self.trees.get(&base.normalized),
            _ => None,
        }
    }

    /// FROM `context`.
    pub(super) fn lay_down(&self, step: &Step, context: &Context, order: &StepOrder, say: Say<'_>) -> Result<StepEnd> {
        if !self.is_built_on(step.id) {
            let (chain, took) = (Chain::default(), std::time::Duration::ZERO);
            return Ok(StepEnd::Kept(Kept {
                chain,
                ending: Ending::Cached,
                took,
                made_at: None,
                key: None,
                files: None,
            }));
        }
        let store = self.tools.store;
        let room = store.snapshots.begin()?;
        let fetched = Fetched { fetcher: self.fetcher(), pinned: &[] };
        with_trees(store, Origin::Context(Some(context)), &[], &fetched, &room.work(), |trees| {
            let (tree, arrival) = (&trees.paths.tree, Arrival::default());
            let hits = tree.select(".")?;
            let taken = arriving(tree, &hits, &arrival, trees.paths.content)?;
            let mut key = Hasher::new();
            key.field(key::content(step, &[]).as_bytes());
            key.field(record::digest(&taken).as_bytes());
            let keys = Keys { content: key.finish(), coarse: None };
            self.once(
                step,
                &keys,
                || cache::files(&taken),
                order,
                say,
                |scratch, lowers| {
                    change(scratch, lowers, |target| {
                        copy(tree, &hits, target, "/", &arrival)?;
                        Ok(())
                    })?;
                    Ok(None)
                },
            )
        })
    }

    /// Whether what the step leaves is the ground of something.
    fn is_built_on(&self, step: StepId) -> bool {
        let ground = Some(Filesystem::Of(step));
        lineage(self.planned).contains(&step) || self.planned.steps.iter().any(|other| other.below == ground)
    }
}
