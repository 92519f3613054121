//! What the rules about downloads share: whether anything looks at what was fetched.

use super::{Cx, RunCommand};

/// Programs that compare a checksum or a signature.
const CHECKERS: &[&str] =
    &["cosign", "gpg", "gpg2", "gpgv", "minisign", "sha1sum", "sha256sum", "sha384sum", "sha512sum", "shasum"];

/// Whether the same RUN compares a checksum or a signature.
pub(super) fn are_checked(command: &RunCommand<'_>, cx: &Cx<'_>) -> bool {
    let mut names = cx.commands(command.instruction).filter_map(|one| one.command.name());
    names.any(|name| CHECKERS.contains(&name.rsplit('/').next().unwrap_or(name)))
}
