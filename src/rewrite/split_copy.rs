//! Copy what rarely changes before what often does: a layer of its own is not stored and pushed again with each commit.
//!
//! Takes a COPY of several paths of the build context into one directory, of which the history says that some hardly ever
//! change and others do all the time. Deliberately leaves alone what is small: a layer costs something too.

use crate::effect::instruction::workdir_before;
use crate::effect::{paths, transfer};
use crate::model::{BuildContext, CopySource, History, Instruction, Operation, Resolved, Surroundings, Word};
use crate::rewrite::change::{Change, Changed};
use crate::rewrite::cost::FEWEST_COMMITS;
use crate::rewrite::search::Found;
use crate::rewrite::{Class, Proposal, Refusal, Rewrite, ids, is_at_or_below};
use crate::text::Span;

pub(super) const REWRITE: Rewrite =
    Rewrite { id: ids::SPLIT_COPY, page: include_str!("../../rules/rewrite/split-copy.yaml"), find };

/// Of a hundred commits, as many may change what is called rare.
const RARE: usize = 5;
/// Of a hundred commits, as many have to change what is called frequent.
const FREQUENT: usize = 20;
/// Fewer bytes are not worth a layer.
const LEAST: u64 = 1 << 20;

fn find(resolved: &Resolved, around: &Surroundings, found: &mut Found) {
    let (Some(context), Some(history)) = (around.context.as_deref(), &around.history) else { return };
    if history.commits.len() < FEWEST_COMMITS {
        return;
    }
    for stage in &resolved.model.stages {
        for (index, instruction) in stage.instructions.iter().enumerate() {
            let site = Site { resolved, context, history, instruction };
            let workdir = workdir_before(resolved, around, stage.id, index);
            if !is_at_or_below(resolved, resolved.target, stage.id) || !site.is_understood(workdir.as_deref()) {
                continue;
            }
            found.take(site.split().transpose());
        }
    }
}

struct Site<'a> {
    resolved: &'a Resolved,
    context: &'a dyn BuildContext,
    history: &'a History,
    instruction: &'a Instruction,
}

/// One path that is copied.
struct Source<'a> {
    word: &'a Word,
    path: &'a str,
    /// How many commits have changed it.
    commits: usize,
    bytes: u64,
}

impl<'a> Site<'a> {
    /// Whether what it brings is known, and no two of its files arrive at one place.
    fn is_understood(&self, workdir: Option<&str>) -> bool {
        transfer::brought(&self.instruction.operation, workdir, self.resolved, self.context)
            .is_ok_and(|brought| brought.into_directory)
    }

    fn split(&self) -> Option<Result<(Proposal, Changed), Refusal>> {
        let Operation::Copy(copy) = &self.instruction.operation else { return None };
        let sources: Vec<Source<'a>> =
            copy.transfer.sources.iter().map(|source| self.source(source)).collect::<Option<_>>()?;
        let is_at_most =
            |source: &Source<'_>, percent: usize| source.commits * 100 <= percent * self.history.commits.len();
        let (rare, others): (Vec<_>, Vec<_>) = sources.iter().partition(|source| is_at_most(source, RARE));
        let frequent = others.iter().any(|source| !is_at_most(source, FREQUENT));
        let bytes: u64 = rare.iter().map(|source: &&Source<'_>| source.bytes).sum();
        if !frequent || bytes < LEAST {
            return None;
        }
        let mut change = Change::of(self.resolved);
        change.rewrite(self.instruction, self.copying(&sources, &rare));
        change.insert_after(self.instruction, Vec::new(), self.copying(&sources, &others));
        Some(match change.finish() {
            Ok(changed) => Ok((self.proposal(&rare, &others, bytes), changed)),
            Err(span) => Err(Refusal::new(ids::SPLIT_COPY, span, "it holds bytes that are not UTF-8")),
        })
    }

    /// A plain path of the build context; none where it is written in another way, or is the whole of it.
    fn source(&self, source: &'a CopySource) -> Option<Source<'a>> {
        let CopySource::Path(word) = source else { return None };
        let path = self.resolved.known(word)?;
        let is_plain =
            self.resolved.model.tree.source.slice(word.span()) == path && !path.contains(['*', '?', '[', '\\']);
        let clean = paths::clean(path);
        let inside = clean.trim_start_matches('/');
        if !is_plain || inside.is_empty() {
            return None;
        }
        let is_in = |one: &str| one == inside || one.strip_prefix(inside).is_some_and(|rest| rest.starts_with('/'));
        let commits = self.history.commits.iter().filter(|commit| commit.iter().any(|one| is_in(one))).count();
        let entries = self.context.entries().iter().filter(|entry| is_in(&entry.path));
        Some(Source { word, path, commits, bytes: entries.map(|entry| entry.size).sum() })
    }

    /// The COPY of some of its sources.
    fn copying(&self, all: &[Source<'_>], some: &[&Source<'_>]) -> String {
        let source = &self.resolved.model.tree.source;
        let (first, last) = (all[0].word.span(), all[all.len() - 1].word.span());
        let paths: Vec<&str> = some.iter().map(|source| source.path).collect();
        let head = source.slice(Span::new(self.instruction.span.start, first.start));
        let tail = source.slice(Span::new(last.end, self.instruction.span.end));
        format!("{head}{}{tail}", paths.join(" "))
    }

    fn proposal(&self, rare: &[&Source<'_>], others: &[&Source<'_>], bytes: u64) -> Proposal {
        let of = self.history.commits.len();
        let named = |sources: &[&Source<'_>]| sources.iter().map(|source| source.path).collect::<Vec<_>>().join(", ");
        let most = |sources: &[&Source<'_>]| sources.iter().map(|source| source.commits).max().unwrap_or_default();
        Proposal {
            because: vec![
                format!("at most {} of {of} commits change {}", most(rare), named(rare)),
                format!(
                    "{} of {of} commits change {}, and store and push all of it again",
                    most(others),
                    named(others)
                ),
                "the paths are others, so the order does not matter".to_owned(),
            ],
            notes: vec![format!("a layer of {} MB stays as it is", bytes >> 20)],
            ..Proposal::new(ids::SPLIT_COPY, Class::Same, "same files, same config", self.instruction.span)
        }
    }
}
