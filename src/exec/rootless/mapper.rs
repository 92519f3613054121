//! Asking a machine for the ids it lends: `newuidmap` and `newgidmap`, which may do what the process itself may not.

use std::io::Write;
use std::process::{Child, Command, Stdio};

use super::Range;

/// Waits for a line on standard input: the ids can be mapped only when the namespace is there, and a program outside it
/// can be started only before.
const WAIT_AND_MAP: &str = "read go && exec \"$@\"";

/// A program that is about to map ids of this process.
pub(super) struct Mapper {
    program: &'static str,
    waiting: Child,
}

impl Mapper {
    /// Starts `program`, which is to map `own` to 0 and `lent` from 1 on.
    pub(super) fn start(program: &'static str, own: u32, lent: &[Range]) -> Result<Self, String> {
        let mut ids = vec![[0, own, 1]];
        let mut next = 1_u32;
        for range in lent {
            ids.push([next, range.first, range.count]);
            next = next.saturating_add(range.count);
        }
        let started = Command::new("/bin/sh")
            .args(["-c", WAIT_AND_MAP, program, program])
            .arg(std::process::id().to_string())
            .args(ids.iter().flatten().map(u32::to_string))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn();
        match started {
            Ok(waiting) => Ok(Self { program, waiting }),
            Err(error) => Err(format!("{program} did not start: {error}")),
        }
    }

    /// Lets it map them; else why it did not.
    pub(super) fn map(mut self) -> Result<(), String> {
        let told = self.waiting.stdin.take().map(|mut stdin| stdin.write_all(b"go\n"));
        let ended = self.waiting.wait_with_output().map_err(|error| format!("{}: {error}", self.program))?;
        match ended.status.code() {
            Some(0) if matches!(told, Some(Ok(()))) => Ok(()),
            Some(127) => Err(format!("{} is not installed", self.program)),
            _ => {
                let said = String::from_utf8_lossy(&ended.stderr);
                Err(format!("{} refused: {}", self.program, said.trim()))
            }
        }
    }
}
