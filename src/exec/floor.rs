//! The floor below the roots of all steps of a build: what every step needs and images may lack, made once.

use std::path::PathBuf;
use std::sync::OnceLock;

use super::error::{Error, Result};
use super::request::Tools;
use crate::store::Scratch;

/// Laid when the first RUN needs it, and gone with the build.
#[derive(Default)]
pub(super) struct Floor(OnceLock<Option<Scratch>>);

impl Floor {
    /// Where it is; none where it cannot be laid, and then each step does without.
    pub(super) fn path(&self, tools: Tools<'_>) -> Option<PathBuf> {
        let laid = || lay(tools).inspect_err(|error| tracing::debug!(%error, "steps have no floor")).ok();
        self.0.get_or_init(laid).as_ref().map(Scratch::upper)
    }
}

fn lay(tools: Tools<'_>) -> Result<Scratch> {
    let scratch = tools.store.snapshots.begin()?;
    tools.backend.lay_floor(&scratch.upper()).map_err(Error::io("lay the floor of the steps"))?;
    Ok(scratch)
}
