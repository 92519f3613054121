//! What the rules about downloads share: whether anything looks at what was fetched.

use super::{Cx, RunCommand};

/// Programs that compare a checksum or a signature.
const CHECKERS: &[&str] =
    &["cosign", "gpg", "gpg2", "gpgv", "minisign", "sha1sum", "sha256sum", "sha384sum", "sha512sum", "shasum"];

/// Programs that stop at a file which is no archive.
const OPENERS: &[&str] = &["bunzip2", "cpio", "dpkg", "gunzip", "gzip", "rpm", "tar", "unxz", "unzip", "xz", "zcat"];

/// Whether the same RUN compares a checksum or a signature.
pub(super) fn are_checked(command: &RunCommand<'_>, cx: &Cx<'_>) -> bool {
    calls_one_of(CHECKERS, command, cx)
}

/// Whether the same RUN opens an archive, which fails with anything else.
pub(super) fn are_opened(command: &RunCommand<'_>, cx: &Cx<'_>) -> bool {
    calls_one_of(OPENERS, command, cx)
}

fn calls_one_of(programs: &[&str], command: &RunCommand<'_>, cx: &Cx<'_>) -> bool {
    let mut names = cx.commands(command.instruction).filter_map(|one| one.command.name());
    names.any(|name| programs.contains(&name.rsplit('/').next().unwrap_or(name)))
}
