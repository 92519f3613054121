//! What no step could do: found before any begins, never passed over in silence.

use super::error::Error;
use super::remote::is_remote;
use crate::plan::{Add, Operation, Planned};

/// The first thing in `planned` that is wrong in itself.
pub(super) fn check(planned: &Planned) -> Result<(), Error> {
    let mut adds = planned.steps.iter().filter_map(|step| match &step.operation {
        Operation::Add(add) => Some(add),
        _ => None,
    });
    adds.try_for_each(check_add)
}

/// A checksum is that of the one thing that is fetched.
fn check_add(add: &Add) -> Result<(), Error> {
    let Some(checksum) = &add.checksum else { return Ok(()) };
    let wrong = |message: &str| Err(Error::Wrong { message: message.to_owned(), span: Some(checksum.span) });
    match &add.transfer.sources[..] {
        [source] if is_remote(&source.value) => Ok(()),
        [_] => wrong("--checksum is for a URL or a git repository"),
        _ => wrong("--checksum is for one source alone"),
    }
}
