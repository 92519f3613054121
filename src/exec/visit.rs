//! Showing what a RUN left that failed: a shell in its root, as its user, in its directory, with its environment and
//! all that is mounted.
//!
//! The step is over by then and its result is lost: whatever is done in the shell changes nothing that is kept, except
//! in cache mounts.

use std::fs;

use super::backend::{PreparedRun, Status};
use super::error::{Error, Result};
use super::foreman::why;
use super::perform::{Say, Site};
use crate::event::{Event, StepNumber};
use crate::plan::{Run, Step};

/// The shell where a step names none of its own.
const SHELL: &str = "/bin/sh";

impl Site<'_> {
    /// Lets the visitor of the build in, if there is one, after `prepared` ended with `status`.
    pub(super) fn receive(
        &self,
        step: &Step,
        run: &Run,
        prepared: PreparedRun,
        status: &Status,
        say: Say<'_>,
    ) -> Result<()> {
        let Some(visitor) = &self.settings.visitor else { return Ok(()) };
        if matches!(status, Status::Succeeded | Status::Cancelled) {
            return Ok(());
        }
        // What overlayfs has in there belongs to the mount that is gone.
        let work = &prepared.root.work;
        fs::remove_dir_all(work).and_then(|()| fs::create_dir(work)).map_err(Error::io("keep the root of the step"))?;
        let shell = PreparedRun { argv: vec![shell_of(run)], timeout: None, ..prepared };
        let number = StepNumber(step.id.0);
        say(Event::ShellOpened { step: number, why: why(status) });
        let (backend, cancel) = (self.tools.backend, self.tools.cancel);
        visitor.visit(number, &shell, &|shell, terminal| backend.converse(shell, terminal, cancel));
        say(Event::ShellClosed { step: number });
        Ok(())
    }
}

/// The shell that the step itself ran in.
fn shell_of(run: &Run) -> String {
    let own = run.argv.first().filter(|_| run.is_shell_form && run.script.is_none());
    own.cloned().unwrap_or_else(|| SHELL.to_owned())
}
