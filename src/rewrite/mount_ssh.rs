//! Let a RUN use the key of whoever builds by a mount, instead of copying a private key into the image.
//!
//! Takes a COPY of a private key, by the names that ssh gives its files, into a directory .ssh, where RUNs fetch something
//! by ssh. The build is called in another way then, so it is yours to decide. Deliberately refuses RUNs that work with the
//! key itself.

use crate::model::{Command, Copy, CopySource, Instruction, Operation, Resolved, Run, Stage, Surroundings};
use crate::rewrite::change::Change;
use crate::rewrite::search::Found;
use crate::rewrite::{Class, Proposal, Refusal, Rewrite, ids, is_at_or_below};

pub(super) const REWRITE: Rewrite =
    Rewrite { id: ids::MOUNT_SSH, page: include_str!("../../rules/rewrite/mount-ssh.yaml"), find };

/// The names that ssh gives private keys.
const KEYS: &[&str] = &["id_dsa", "id_ecdsa", "id_ecdsa_sk", "id_ed25519", "id_ed25519_sk", "id_rsa"];

/// What a command line says that fetches by ssh.
const BY_SSH: &[&str] = &["git@", "ssh://", "ssh "];

fn find(resolved: &Resolved, _: &Surroundings, found: &mut Found) {
    for stage in &resolved.model.stages {
        for (index, instruction) in stage.instructions.iter().enumerate() {
            let Operation::Copy(copy) = &instruction.operation else { continue };
            let Some(key) = key(resolved, copy) else { continue };
            match readers(resolved, stage, index, &key) {
                Ok(readers) if readers.is_empty() => {}
                Ok(readers) => propose(resolved, instruction, &key, &readers, found),
                Err(refusal) => found.refuse(refusal),
            }
        }
    }
}

/// The name of the private key that is all that a COPY brings from the build context, into a directory .ssh.
fn key(resolved: &Resolved, copy: &Copy) -> Option<String> {
    let [CopySource::Path(word)] = &copy.transfer.sources[..] else { return None };
    let (source, destination) = (resolved.known(word)?, resolved.known(&copy.transfer.destination)?);
    let name = source.rsplit('/').next().filter(|name| KEYS.contains(name))?;
    let goes_to_ssh = destination.split('/').any(|part| part == ".ssh");
    (copy.from.is_none() && goes_to_ssh).then(|| name.to_owned())
}

/// The RUNs that fetch by ssh below the COPY, in its stage and those that start from it; a refusal where something works
/// with the key.
fn readers<'r>(
    resolved: &'r Resolved,
    stage: &Stage,
    index: usize,
    key: &str,
) -> Result<Vec<&'r Instruction>, Refusal> {
    let mut readers = Vec::new();
    let heirs = resolved.model.stages.iter().filter(|heir| is_at_or_below(resolved, heir.id, stage.id));
    for heir in heirs {
        let first = if heir.id == stage.id { index + 1 } else { 1 };
        for later in heir.instructions.iter().skip(first) {
            let text = resolved.model.tree.source.slice(later.span);
            if text.contains(key) {
                return Err(Refusal::new(ids::MOUNT_SSH, later.span, "it works with the key itself"));
            }
            match &later.operation {
                Operation::Run(run) if BY_SSH.iter().any(|words| text.contains(words)) => match can_mount(run) {
                    true => readers.push(later),
                    false => {
                        let reason = "a RUN in exec form or with heredocs is left alone";
                        return Err(Refusal::new(ids::MOUNT_SSH, later.span, reason));
                    }
                },
                _ => {}
            }
        }
    }
    Ok(readers)
}

fn can_mount(run: &Run) -> bool {
    matches!(run.command, Command::Shell { .. })
}

fn propose(resolved: &Resolved, copy: &Instruction, key: &str, readers: &[&Instruction], found: &mut Found) {
    let source = &resolved.model.tree.source;
    let mut change = Change::of(resolved);
    change.remove(copy);
    for run in readers {
        let (keyword, rest) = source.slice(run.span).split_at(run.keyword_span.len());
        change.rewrite(run, format!("{keyword} --mount=type=ssh{rest}"));
    }
    let lines: Vec<String> = readers.iter().map(|run| (source.line_of(run.span.start) + 1).to_string()).collect();
    let proposal = Proposal {
        because: vec![
            format!("line {} fetches by ssh, and nothing else uses {key}", lines.join(" and ")),
            "a file that is copied stays in its layer, even if a later line removes it".to_owned(),
        ],
        notes: vec![
            "the build is then called with --ssh default, and asks the agent of whoever calls it".to_owned(),
            "images that exist hold the key: replace it".to_owned(),
        ],
        ..Proposal::new(
            ids::MOUNT_SSH,
            Class::Advice,
            format!("keeps {key} out of the image"),
            copy.span.to(readers[readers.len() - 1].span),
        )
    };
    match change.finish() {
        Ok(changed) => found.propose(proposal, changed),
        Err(span) => found.refuse(Refusal::new(ids::MOUNT_SSH, span, "it holds bytes that are not UTF-8")),
    }
}
