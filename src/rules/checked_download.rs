//! Whether a step looks at what it fetches: a checksum, a signature, or an archive that must open.

use super::Cx;
use crate::model::Instruction;

/// What compares with a checksum or a signature.
const CHECKERS: &[&str] =
    &["cosign", "gpg", "gpg2", "gpgv", "minisign", "sha1sum", "sha256sum", "sha384sum", "sha512sum", "shasum"];

/// What stops at a file that is no archive.
const OPENERS: &[&str] = &["bunzip2", "cpio", "dpkg", "gunzip", "gzip", "rpm", "tar", "unxz", "unzip", "xz", "zcat"];

/// Whether a command of the step compares a checksum or a signature.
pub(super) fn is_checked(instruction: &Instruction, cx: &Cx<'_>) -> bool {
    calls_one_of(CHECKERS, instruction, cx)
}

/// Whether a command of the step opens an archive, which fails with anything else.
pub(super) fn is_opened(instruction: &Instruction, cx: &Cx<'_>) -> bool {
    calls_one_of(OPENERS, instruction, cx)
}

fn calls_one_of(programs: &[&str], instruction: &Instruction, cx: &Cx<'_>) -> bool {
    cx.commands(instruction)
        .any(|one| one.command.name().is_some_and(|name| programs.contains(&name.rsplit('/').next().unwrap_or(name))))
}
