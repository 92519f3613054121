//! `json`: the event log itself, one object a line.

use std::io;

use super::BuildView;
use crate::event::Timed;

/// What each line looks like, as a JSON schema.
pub const EVENTS_SCHEMA: &str = include_str!("events.schema.json");

/// One JSON object an event.
#[derive(Debug, Clone, Copy)]
pub struct JsonLines;

impl BuildView for JsonLines {
    fn show(&mut self, event: &Timed, out: &mut dyn io::Write) -> io::Result<()> {
        serde_json::to_writer(&mut *out, event)?;
        writeln!(out)
    }
}
