//! ADD that only copies. Silent where ADD does what COPY cannot: a URL, a repository, an archive to unpack, a checksum.
//! Whether a local file is an archive is judged by its name, so a fix is offered only for names that cannot be one.

use super::{Check, Cx, Out};
use crate::model::{CopySource, Instruction, Operation};
use crate::text::Edit;

pub(super) struct AddInsteadOfCopy;

const ARCHIVES: &[&str] =
    &[".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst", ".gz", ".bz2", ".xz", ".zst"];

impl Check for AddInsteadOfCopy {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Operation::Add(add) = &instruction.operation else { return };
        let flags = add.checksum.is_some() || add.unpack.is_some() || add.keep_git_dir.is_some();
        let plain = add.transfer.sources.iter().all(|source| match source {
            CopySource::Path(word) => cx.resolved.known(word).is_some_and(is_plain),
            CopySource::Heredoc { .. } => true,
        });
        if plain && !flags {
            let keyword = instruction.keyword_span;
            out.find(keyword, "ADD only copies here")
                .help("COPY does the same and nothing more")
                .fix("use COPY", || Some(vec![Edit::replace(keyword, super::cased_like("COPY", cx.text(keyword)))]));
        }
    }
}

/// Whether the source is a path that cannot name an archive: a directory, or an ending that is none of an archive's.
fn is_plain(source: &str) -> bool {
    let name = source.rsplit('/').next().unwrap_or(source);
    let directory = name.is_empty() || matches!(name, "." | "..");
    let remote = source.contains("://") || source.starts_with("git@") || source.ends_with(".git");
    let has_ending = name.contains('.') && !name.contains(['*', '?', '[']);
    !remote && !source.is_empty() && (directory || has_ending && !ARCHIVES.iter().any(|ending| name.ends_with(ending)))
}
