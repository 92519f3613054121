//! What is understood but cannot be built yet: found before any step begins, never passed over in silence.

use super::error::Error;
use super::remote::is_remote;
use crate::plan::{Add, Operation, Planned, Run};
use crate::text::Span;

/// The first thing in `planned` that cannot be built.
pub(super) fn check(planned: &Planned) -> Result<(), Error> {
    for step in &planned.steps {
        let found = match &step.operation {
            Operation::Base(_) => None,
            Operation::Run(run) => in_run(run),
            Operation::Copy(_) => None,
            Operation::Add(add) => {
                check_add(add)?;
                None
            }
            Operation::Workdir(_) => None,
        };
        if let Some((what, span)) = found {
            return Err(Error::NotSupported { what, span });
        }
    }
    Ok(())
}

type Found = Option<(String, Span)>;

fn in_run(run: &Run) -> Found {
    run.devices.first().map(|device| ("RUN --device".to_owned(), device.span))
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
