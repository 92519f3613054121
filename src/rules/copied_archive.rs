//! An archive that COPY brings and tar unpacks in a later RUN of the stage: ADD unpacks it and leaves no archive. Found by
//! the name of the file; archives that ADD does not unpack are left alone.

use super::{Check, Cx, Out, RunCommand};
use crate::model::{CopySource, Operation, Stage, Word};

pub(super) struct CopiedArchive;

/// What the names of archives that ADD unpacks end with.
const ENDINGS: &[&str] =
    &[".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz", ".tbz2", ".tar.xz", ".txz", ".tar.zst", ".tzst", ".tar.Z"];

impl Check for CopiedArchive {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        for (index, instruction) in stage.instructions.iter().enumerate() {
            let Operation::Copy(copy) = &instruction.operation else { continue };
            if copy.from.is_some() {
                continue;
            }
            let later = || stage.instructions[index..].iter().flat_map(|one| cx.commands(one));
            for source in &copy.transfer.sources {
                let CopySource::Path(word) = source else { continue };
                let names = [word, &copy.transfer.destination].map(|word| archive(word, cx));
                let Some(unpack) = later().find(|one| unpacks(one, &names)) else { continue };
                let help = match unpack.literals().any(|word| word.starts_with("--strip")) {
                    true => "mount it instead: `RUN --mount=type=bind,…`, so that no archive is left in a layer",
                    false => "ADD unpacks it, and leaves no archive in a layer",
                };
                out.find(word.span(), "the archive is copied, then unpacked: it stays in a layer")
                    .related(unpack.command.span, "it is unpacked here")
                    .help(help);
            }
        }
    }
}

/// The name of the file at the end of the word, when it is that of an archive.
fn archive<'a>(word: &'a Word, cx: &Cx<'a>) -> Option<&'a str> {
    let name = cx.resolved.known(word)?.rsplit('/').next()?;
    ENDINGS.iter().any(|ending| name.ends_with(ending)).then_some(name)
}

/// Whether the command is a tar that extracts a file of one of these names.
fn unpacks(command: &RunCommand<'_>, names: &[Option<&str>]) -> bool {
    let is_tar = matches!(command.command.name(), Some("tar" | "bsdtar"));
    let mut words = command.literals();
    let is_mode =
        |word: &str| word.contains('x') && word.trim_start_matches('-').chars().all(|char| char.is_ascii_alphabetic());
    let extracts = words.next().is_some_and(is_mode)
        || command.literals().any(|word| {
            matches!(word, "--extract" | "--get") || (word.starts_with('-') && !word.starts_with("--") && is_mode(word))
        });
    let named = || command.literals().any(|word| names.contains(&word.rsplit(['/', '=']).next()));
    is_tar && extracts && named()
}
