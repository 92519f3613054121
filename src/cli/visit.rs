//! `--on-error shell`: the user looks around in what a failed RUN left.
//!
//! The shell runs on the thread of the step, where its mounts are; the thread that shows progress lends it the terminal
//! and waits, so that nobody else writes meanwhile. Steps that fail at the same time are shown one after the other.

use std::os::fd::OwnedFd;
use std::sync::{Condvar, Mutex, PoisonError};

use crate::cli::console::say_plainly;
use crate::cli::relay::relay;
use crate::event::StepNumber;
use crate::exec::backend::{PreparedRun, Status, StepRun};
use crate::exec::{Enter, Visitor};

/// Lends the terminal to one step at a time.
#[derive(Debug, Default)]
pub(super) struct Visits {
    turn: Mutex<Turn>,
    turned: Condvar,
}

/// Who has the terminal.
#[derive(Debug, Default, PartialEq)]
enum Turn {
    #[default]
    Progress,
    Shell(StepNumber),
}

impl Visits {
    /// Lends the terminal to the shell of a step until that is left.
    pub(super) fn lend(&self, step: StepNumber) {
        let mut turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        *turn = Turn::Shell(step);
        self.turned.notify_all();
        drop(self.turned.wait_while(turn, |turn| *turn != Turn::Progress));
    }
}

impl Visitor for Visits {
    fn visit(&self, step: StepNumber, shell: &PreparedRun, enter: Enter<'_>) {
        let turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.turned.wait_while(turn, |turn| *turn != Turn::Shell(step)));
        let user = if shell.user.is_empty() { "root" } else { &shell.user };
        say_plainly(format_args!("A shell in the root of the step, as {user}, in {}.", shell.cwd));
        say_plainly("Nothing that you change is kept, but in cache mounts; `exit` goes on.");
        match relay(|terminal: OwnedFd| enter(shell, terminal)) {
            Ok(ran) => tell(&ran, &shell.argv),
            Err(error) => say_plainly(format_args!("error: there is no terminal for the shell: {error}")),
        }
        *self.turn.lock().unwrap_or_else(PoisonError::into_inner) = Turn::Progress;
        self.turned.notify_all();
    }
}

/// Tells of a shell that was none. How one ends that ran is up to whoever typed in it.
fn tell(ran: &StepRun, argv: &[String]) {
    if let Status::CouldNotStart { why } = &ran.status {
        let shell = argv.first().map(String::as_str).unwrap_or_default();
        say_plainly(format_args!("error: there is no shell `{shell}` to open: {why}"));
    }
}
