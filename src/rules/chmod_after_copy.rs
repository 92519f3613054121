//! A RUN that begins with the chmod of files that COPY or ADD has just brought: each is stored twice. `--chmod` does the
//! same; the fix is safe where the mode that comes out is known, and where the path is certain to be that file.

use super::{Check, Cx, Out, RunCommand, removal};
use crate::diagnostic::Safety;
use crate::effect::paths;
use crate::model::{CopySource, EntryKind, Instruction, Operation, Remote, Transfer, path};
use crate::text::Edit;

pub(super) struct ChmodAfterCopy;

/// A file that an instruction brings.
struct File<'a> {
    by: &'a Instruction,
    /// The mode that it has before, where that is known.
    mode: Option<u32>,
    /// Whether the path is this file, and no directory that was there before.
    is_certain: bool,
}

impl Check for ChmodAfterCopy {
    fn command(&self, command: RunCommand<'_>, cx: &Cx<'_>, out: &mut Out<'_>) {
        if command.command.name() != Some("chmod") || command.index > 0 || !command.run.mounts.is_empty() {
            return;
        }
        let words: Option<Vec<&str>> = command.command.arguments().iter().map(|word| word.literal.as_deref()).collect();
        let Some((mode, targets)) = words.as_deref().and_then(|words| words.split_first()) else { return };
        let files: Option<Vec<File<'_>>> = targets.iter().map(|target| brought(target, mode, &command, cx)).collect();
        let Some(files) = files.filter(|files| !files.is_empty()) else { return };
        let is_proved = files.iter().all(|file| file.is_certain && (file.mode.is_some() || octal(mode).is_some()));
        let safety = if is_proved { Safety::Safe } else { Safety::Unsafe };
        let draft = out.find(command.command.span, "chmod stores once more what was just copied");
        let draft = files.iter().fold(draft, |draft, file| draft.related(file.by.keyword_span, "copied here"));
        draft.help("let `--chmod` set the mode").fix_as(safety, "let --chmod set the mode", || {
            let mut edits = vec![removal::command(&command, cx)?];
            for file in &files {
                let mode = changed(mode, file.mode)?;
                edits.push(Edit::insert(file.by.keyword_span.end, format!(" --chmod={mode:o}")));
            }
            Some(edits)
        });
    }
}

/// The file that one of the instructions right above the RUN brings to this path.
fn brought<'a>(target: &str, mode: &str, command: &RunCommand<'_>, cx: &Cx<'a>) -> Option<File<'a>> {
    let stage = cx.stages().get(command.instruction.stage?.0)?;
    let target = paths::join(&cx.workdir(command.instruction).unwrap_or_default(), target);
    let above = stage.instructions.iter().rev().skip_while(|one| one.id >= command.instruction.id);
    let is_quiet = |one: &&Instruction| {
        !matches!(
            one.operation,
            Operation::Run(_) | Operation::User(_) | Operation::Shell(_) | Operation::Workdir(_) | Operation::Volume(_)
        )
    };
    above.take_while(is_quiet).find_map(|one| {
        let (transfer, is_foreign) = match &one.operation {
            Operation::Copy(copy) => (&copy.transfer, copy.from.is_some()),
            Operation::Add(add) => (&add.transfer, false),
            _ => return None,
        };
        let is_add = matches!(one.operation, Operation::Add(_));
        let (place, is_certain) = arrival(transfer, &target, one, cx)?;
        let known = if is_foreign { None } else { source_mode(transfer, is_add, cx)? };
        let sets_x = octal(mode).is_none();
        let is_file = known.is_some() || sets_x || place.rsplit('/').next().is_some_and(|name| name.contains('.'));
        (is_file && transfer.chmod.is_none()).then_some(File {
            by: one,
            mode: known,
            is_certain: is_certain && known.is_some(),
        })
    })
}

/// The path, where the one source arrives there, and whether no directory can be in its way.
fn arrival(transfer: &Transfer, target: &str, by: &Instruction, cx: &Cx<'_>) -> Option<(String, bool)> {
    let [CopySource::Path(source)] = &transfer.sources[..] else { return None };
    let (source, written) = (cx.resolved.known(source)?, cx.resolved.known(&transfer.destination)?);
    let name = source.rsplit('/').next().filter(|name| !name.is_empty() && !name.contains(['*', '?', '[']))?;
    let directory = cx.workdir(by).unwrap_or_default();
    let destination = paths::join(&directory, written);
    let inside = paths::join(&destination, name);
    let is_directory = written.is_empty() || written.ends_with('/') || written.ends_with('.');
    if inside == target {
        return Some((inside, true));
    }
    let has_its_name = destination.rsplit('/').next() == Some(name);
    (destination == target && !is_directory).then_some((destination, has_its_name))
}

/// The mode of the one source, where it is known; none at all where it is no file.
fn source_mode(transfer: &Transfer, is_add: bool, cx: &Cx<'_>) -> Option<Option<u32>> {
    let [CopySource::Path(word)] = &transfer.sources[..] else { return None };
    let text = cx.resolved.known(word)?;
    if is_add {
        return (Remote::of(text) == Some(Remote::Url)).then_some(Some(0o600));
    }
    let Some(context) = cx.around.context.as_deref() else { return Some(None) };
    match context.entry(&path::inside(text)) {
        Some(entry) if entry.kind == EntryKind::File => Some(Some(entry.mode & 0o7777)),
        Some(_) => None,
        None => Some(None),
    }
}

/// The mode of a file after chmod; `+x` of one that nobody knows makes the usual one.
fn changed(wanted: &str, mode: Option<u32>) -> Option<u32> {
    match (wanted, mode) {
        ("+x" | "a+x" | "ugo+x", mode) => Some(mode.unwrap_or(0o755) | 0o111),
        ("u+x", Some(mode)) => Some(mode | 0o100),
        _ => octal(wanted),
    }
}

fn octal(mode: &str) -> Option<u32> {
    let is_number = (3..=4).contains(&mode.len()) && mode.bytes().all(|byte| (b'0'..=b'7').contains(&byte));
    is_number.then(|| u32::from_str_radix(mode, 8).ok()).flatten()
}
