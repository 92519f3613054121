//! A build as it happens: every view is a function of the event log and of nothing else.

use std::io;

use crate::event::Timed;

mod bar;
pub(super) mod board;
mod forecast;
pub(super) mod jsonl;
pub(super) mod live;
pub(super) mod page;
pub(super) mod plain;
pub(super) mod result;
mod said;
mod scene;
pub(super) mod silent;
mod spoken;
pub(super) mod summary;

/// Somebody who watches a build and writes what there is to see.
pub trait BuildView {
    /// Something happened.
    fn show(&mut self, event: &Timed, out: &mut dyn io::Write) -> io::Result<()>;

    /// Nothing happened, but it is `at_ms` milliseconds since the build began now.
    fn tick(&mut self, at_ms: u64, out: &mut dyn io::Write) -> io::Result<()> {
        let _ = (at_ms, out);
        Ok(())
    }

    /// What it is shown on has this size from now on.
    fn resize(&mut self, columns: usize, rows: usize) {
        let _ = (columns, rows);
    }
}
