//! Keeping the root of a RUN that failed, for whoever looks at it later.
//!
//! It is a copy, which stays when the build is over and its mounts are gone. What was mounted is not in it: secrets,
//! caches and files of other stages stay where they belong.

use std::path::PathBuf;

use super::backend::{Root as RunRoot, Status};
use super::error::{Error, Result};
use super::overlay::{Mounted, Stack};
use super::perform::{Say, Site};
use crate::event::{Event, StepNumber};
use crate::plan::Step;
use crate::store::Store;
use crate::tree::Root;
use crate::tree::copy::{Arrival, copy};
use crate::tree::select::SourceTree;

impl Site<'_> {
    /// Keeps `root` after its command ended with `status`, where that is wanted. That it cannot be kept is a remark: the
    /// step has failed for another reason.
    pub(super) fn keep_failed(&self, step: &Step, root: &RunRoot, status: &Status, say: Say<'_>) {
        if !self.settings.keeps_failed || matches!(status, Status::Succeeded | Status::Cancelled) {
            return;
        }
        say(match keep(self.tools.store, root) {
            Ok(path) => Event::RootKept { step: StepNumber(step.id.0), path: path.display().to_string() },
            Err(error) => Event::Noted { note: format!("the root of {} cannot be kept: {error}", step.name) },
        });
    }
}

fn keep(store: &Store, root: &RunRoot) -> Result<PathBuf> {
    let room = store.snapshots.begin()?;
    let at = room.mount_point();
    let all: Vec<PathBuf> = [&root.upper].into_iter().chain(&root.lowers).cloned().collect();
    let mounted = Mounted::new(Stack { lowers: &all, upper: None }, &at).map_err(Error::io("mount it"))?;
    let (from, to) = (Root::open(&at)?, Root::open(room.upper())?);
    let tree = SourceTree::of_stage(&from);
    copy(&tree, &tree.select(".")?, &to, "/", &Arrival::default())?;
    drop(from);
    mounted.unmount().map_err(Error::io("unmount it"))?;
    Ok(store.kept.keep(room)?)
}
