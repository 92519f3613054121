//! What is understood but cannot be built yet: found before any step begins, never passed over in silence.

use super::error::Error;
use crate::model::Security;
use crate::oci::Platform;
use crate::plan::{Add, Operation, Planned, Run, Source};
use crate::text::Span;

/// The first thing in `planned` that cannot be built.
pub(super) fn check(planned: &Planned) -> Result<(), Error> {
    for step in &planned.steps {
        let found = match &step.operation {
            Operation::Base(base) => foreign(&base.platform).map(|what| (what, step.span)),
            Operation::Run(run) => in_run(run),
            Operation::Copy(_) => None,
            Operation::Add(add) => in_add(add, step.span),
            Operation::Workdir(_) => None,
        };
        if let Some((what, span)) = found {
            return Err(Error::NotSupported { what, span });
        }
    }
    Ok(())
}

type Found = Option<(String, Span)>;

/// A platform whose programs do not run here.
fn foreign(platform: &str) -> Option<String> {
    let host = Platform::host();
    let wanted = platform.split('/').nth(1).unwrap_or(platform);
    (wanted != host.architecture).then(|| format!("building for {platform} on {host}"))
}

fn in_run(run: &Run) -> Found {
    let insecure = run.security.as_ref().filter(|security| security.value == Security::Insecure);
    insecure
        .map(|security| ("RUN --security=insecure".to_owned(), security.span))
        .or_else(|| run.devices.first().map(|device| ("RUN --device".to_owned(), device.span)))
}

fn in_add(add: &Add, span: Span) -> Found {
    for source in &add.transfer.sources {
        match &source.value {
            Source::Url(_) => return Some(("ADD of a URL".to_owned(), source.span)),
            Source::Git(_) => return Some(("ADD of a git repository".to_owned(), source.span)),
            Source::Path(_) | Source::Inline(_) => {}
        }
    }
    let checksum = add.checksum.as_ref().map(|checksum| ("ADD --checksum".to_owned(), checksum.span));
    checksum.or_else(|| add.keep_git_dir.as_ref().map(|_| ("ADD --keep-git-dir".to_owned(), span)))
}
