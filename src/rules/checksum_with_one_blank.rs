//! A line for `sha256sum -c` with one blank between checksum and name, where BusyBox reads it: it wants two. The tools of
//! GNU take both, so other stages are not judged, nor those that install them.

use super::userland::{Family, named_family};
use super::{Check, Cx, Out};
use crate::model::shell::{Script, ShellWord, SimpleCommand};
use crate::model::{Operation, Stage};
use crate::text::Edit;

pub(super) struct ChecksumWithOneBlank;

const SUMS: &[&str] = &["md5sum", "sha1sum", "sha256sum", "sha512sum"];

impl Check for ChecksumWithOneBlank {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        let is_busybox = matches!(named_family(cx, stage.id), Some(Family::Alpine | Family::Busybox));
        let has_coreutils = || {
            let mut commands = cx.lineage(stage.id).flat_map(|one| &one.instructions).flat_map(|one| cx.commands(one));
            commands.any(|command| command.literals().any(|word| word.contains("coreutils")))
        };
        if !is_busybox || has_coreutils() {
            return;
        }
        for instruction in &stage.instructions {
            let Operation::Run(run) = &instruction.operation else { continue };
            let Some(script) = run.command.body().and_then(|body| body.script()) else { continue };
            for (word, blank) in lines(script) {
                out.find(word.span, "BusyBox wants two blanks between the checksum and the name")
                    .help("write two blanks")
                    .fix("write two blanks", || {
                        (cx.text(word.span) == word.raw).then(|| vec![Edit::insert(word.span.start + blank, " ")])
                    });
            }
        }
    }
}

/// The words that echo hands to a check as one line, with the place of their only blank.
fn lines(script: &Script) -> impl Iterator<Item = (&ShellWord, usize)> {
    let checks = |command: &SimpleCommand| {
        let is_sum = command.name().is_some_and(|name| SUMS.contains(&name));
        is_sum && command.arguments().iter().any(|word| matches!(word.raw.as_str(), "-c" | "--check" | "-c-" | "-cs"))
    };
    script.pipelines.iter().filter_map(move |pipeline| {
        let mut members = script.commands.iter().filter(|one| one.in_pipeline && pipeline.span.encloses(one.span));
        let (first, second) = (members.next()?, members.next()?);
        let [word] = first.arguments() else { return None };
        let (checksum, name) = word.raw.trim_matches(['"', '\'']).split_once(' ')?;
        let is_one = !checksum.is_empty() && !name.is_empty() && !name.starts_with('*') && !name.contains([' ', '\n']);
        let blank = word.raw.find(' ')?;
        (first.name() == Some("echo") && checks(second) && is_one).then_some((word, blank))
    })
}
