//! The envelope around all JSON that rplan prints.

use std::io;

use serde::Serialize;

/// Within a version a field is added, never changed.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Envelope<'a, T> {
    tool: &'static str,
    version: u32,
    command: &'a str,
    #[serde(flatten)]
    content: &'a T,
}

/// Writes `content` (a map) as the answer of `command`.
pub(super) fn write<T: Serialize>(command: &str, content: &T, out: &mut dyn io::Write) -> io::Result<()> {
    let envelope = Envelope { tool: "rplan", version: VERSION, command, content };
    serde_json::to_writer_pretty(&mut *out, &envelope)?;
    writeln!(out)
}
