//! What a rewrite does to a file, instruction by instruction: the edits, and the instructions that must stand there then.
//!
//! Whole instructions are taken out, put in, moved with the comments that are theirs, or written anew. Both sides come
//! from one list of changes, so what is declared of a rewrite is what it does.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Instruction, InstructionId, Resolved, Stage};
use crate::syntax::{ItemKind, Tree};
use crate::text::{Edit, EditSet, Span};

/// The changes of one rewrite to one file.
pub(super) struct Change<'a> {
    resolved: &'a Resolved,
    removed: BTreeSet<InstructionId>,
    /// Whole stages, up to where the next one begins.
    dropped: Vec<Span>,
    rewritten: BTreeMap<InstructionId, String>,
    before: BTreeMap<InstructionId, Vec<Piece>>,
    after: BTreeMap<InstructionId, Vec<Piece>>,
}

/// One instruction that is put in.
#[derive(Clone)]
struct Piece {
    /// The comments above it, and blank lines.
    above: Vec<String>,
    text: String,
}

/// The edits of a change, and the text of every instruction of the file after it.
pub(super) struct Changed {
    pub(super) edits: EditSet,
    pub(super) expected: Vec<String>,
}

impl<'a> Change<'a> {
    /// No change yet.
    pub(super) fn of(resolved: &'a Resolved) -> Self {
        Self {
            resolved,
            removed: BTreeSet::new(),
            dropped: Vec::new(),
            rewritten: BTreeMap::new(),
            before: BTreeMap::new(),
            after: BTreeMap::new(),
        }
    }

    /// Takes an instruction out, and the comments directly above it.
    pub(super) fn remove(&mut self, instruction: &Instruction) {
        self.removed.insert(instruction.id);
    }

    /// Takes a stage out, with all that stands in it up to the comments of the next one. The last one stays.
    pub(super) fn remove_stage(&mut self, stage: &Stage) {
        let tree = &self.resolved.model.tree;
        let next = self.resolved.model.stages.get(stage.id.0 + 1).and_then(|next| next.instructions.first());
        if let (Some(first), Some(next)) = (stage.instructions.first(), next) {
            self.dropped.push(Span::new(block(tree, first).start, block(tree, next).start));
            self.removed.extend(stage.instructions.iter().map(|instruction| instruction.id));
        }
    }

    /// Writes an instruction anew; the comments above it stay.
    pub(super) fn rewrite(&mut self, instruction: &Instruction, text: impl Into<String>) {
        self.rewritten.insert(instruction.id, text.into());
    }

    /// Puts instructions above another one and its comments.
    pub(super) fn insert_before(&mut self, anchor: &Instruction, texts: impl IntoIterator<Item = String>) {
        self.before.entry(anchor.id).or_default().extend(texts.into_iter().map(Piece::new));
    }

    /// Puts a new stage below an instruction: a blank line, then its instructions.
    pub(super) fn insert_stage_after(&mut self, anchor: &Instruction, texts: impl IntoIterator<Item = String>) {
        let mut pieces: Vec<Piece> = texts.into_iter().map(Piece::new).collect();
        if let Some(first) = pieces.first_mut() {
            first.above.push(String::new());
        }
        self.after.entry(anchor.id).or_default().extend(pieces);
    }

    /// Puts an instruction with its comments right below another one.
    pub(super) fn insert_after(&mut self, anchor: &Instruction, comments: Vec<String>, text: String) {
        self.after.entry(anchor.id).or_default().push(Piece { above: comments, text });
    }

    /// Moves an instruction and its comments above another one and its comments.
    pub(super) fn move_before(&mut self, instruction: &Instruction, anchor: &Instruction) {
        let piece = self.piece_of(instruction);
        self.remove(instruction);
        self.before.entry(anchor.id).or_default().push(piece);
    }

    /// Moves an instruction and its comments below another one.
    pub(super) fn move_after(&mut self, instruction: &Instruction, anchor: &Instruction) {
        let piece = self.piece_of(instruction);
        self.remove(instruction);
        self.after.entry(anchor.id).or_default().push(piece);
    }

    /// The edits, and what must stand there then; or the instruction whose bytes are not text and cannot be written again.
    pub(super) fn finish(self) -> Result<Changed, Span> {
        let tree = &self.resolved.model.tree;
        let mut edits = Vec::new();
        let mut expected = Vec::new();
        // What is put in between two instructions may be asked for from both sides: it is one edit.
        let mut insertions = BTreeMap::<usize, Vec<String>>::new();
        for instruction in self.resolved.model.instructions() {
            let block = block(tree, instruction);
            if self.touches(instruction.id) && !tree.source.is_utf8(block) {
                return Err(instruction.span);
            }
            let mut put_in = |offset: usize, pieces: Option<&Vec<Piece>>| {
                for piece in pieces.into_iter().flatten() {
                    insertions.entry(offset).or_default().extend(piece.lines());
                    expected.push(piece.text.clone());
                }
            };
            put_in(block.start, self.before.get(&instruction.id));
            let own = match (self.removed.contains(&instruction.id), self.rewritten.get(&instruction.id)) {
                (true, _) => None,
                (false, Some(text)) => Some(text.clone()),
                (false, None) => Some(tree.source.slice(instruction.span).to_owned()),
            };
            match &own {
                None if self.dropped.iter().any(|span| span.encloses(block)) => {}
                None => edits.push(Edit::delete(Span::new(block.start, gap_end(tree, block, instruction)))),
                Some(text) if self.rewritten.contains_key(&instruction.id) => {
                    let text = text.lines().collect::<Vec<_>>().join(line_end(tree));
                    edits.push(smallest(tree.source.slice(instruction.span), &text, instruction.span.start));
                }
                Some(_) => {}
            }
            let end = tree.items[instruction.item].span.end;
            let mut below = Vec::new();
            for piece in self.after.get(&instruction.id).into_iter().flatten() {
                insertions.entry(end).or_default().extend(piece.lines());
                below.push(piece.text.clone());
            }
            expected.extend(own);
            expected.extend(below);
        }
        edits.extend(self.dropped.iter().map(|span| Edit::delete(*span)));
        let loses_last_line =
            edits.iter().any(|edit| edit.text.is_empty() && edit.span.end == tree.source.text().len());
        let insertions = insertions.into_iter().map(|(at, lines)| insert_lines(tree, at, &lines, loses_last_line));
        edits.extend(insertions.collect::<Vec<_>>());
        let edits =
            EditSet::from_edits(edits).expect("instructions stand apart, and what is put in is one edit a place");
        Ok(Changed { edits, expected })
    }

    fn touches(&self, id: InstructionId) -> bool {
        self.removed.contains(&id)
            || self.rewritten.contains_key(&id)
            || self.before.contains_key(&id)
            || self.after.contains_key(&id)
    }

    /// An instruction as it is after the changes so far, with its comments.
    fn piece_of(&self, instruction: &Instruction) -> Piece {
        let source = &self.resolved.model.tree.source;
        let whole = block(&self.resolved.model.tree, instruction);
        let above = source.slice(Span::new(whole.start, instruction.span.start));
        let text = match self.rewritten.get(&instruction.id) {
            Some(text) => text.clone(),
            None => source.slice(instruction.span).to_owned(),
        };
        Piece { above: above.lines().map(str::to_owned).collect(), text }
    }
}

impl Piece {
    fn new(text: String) -> Self {
        Self { above: Vec::new(), text }
    }

    fn lines(&self) -> impl Iterator<Item = String> {
        self.above.iter().cloned().chain(self.text.lines().map(str::to_owned))
    }
}

/// The lines of an instruction and of the comment block directly above it, line ends included.
fn block(tree: &Tree, instruction: &Instruction) -> Span {
    let mut first = instruction.item;
    while first > 0 && matches!(tree.items[first - 1].kind, ItemKind::Comment(_)) {
        first -= 1;
    }
    Span::new(tree.items[first].span.start, tree.items[instruction.item].span.end)
}

/// Where what is taken out with an instruction ends: of the blank lines above it and below it, one side stays.
fn gap_end(tree: &Tree, block: Span, instruction: &Instruction) -> usize {
    let is_blank = |kind: &ItemKind| matches!(kind, ItemKind::Blank);
    let above = tree.items[..instruction.item].iter().rfind(|item| item.span.end <= block.start);
    let below = tree.items[instruction.item + 1..].iter().take_while(|item| is_blank(&item.kind)).last();
    match (above, below) {
        (Some(above), Some(below)) if is_blank(&above.kind) => below.span.end,
        _ => block.end,
    }
}

/// A keyword in the case that `like` is written in.
pub(super) fn keyword_like(tree: &Tree, like: &Instruction, keyword: &str) -> String {
    let written = tree.source.slice(like.keyword_span);
    if written.chars().any(char::is_lowercase) { keyword.to_lowercase() } else { keyword.to_owned() }
}

/// The line end that the file uses.
fn line_end(tree: &Tree) -> &'static str {
    if tree.source.text().contains("\r\n") { "\r\n" } else { "\n" }
}

/// Inserts whole `lines` (without line ends) at `offset`, a line start or the end of a file, whose last line may have no
/// end and may be taken out by the same change.
fn insert_lines(tree: &Tree, offset: usize, lines: &[String], loses_last_line: bool) -> Edit {
    let text = tree.source.text();
    let end = line_end(tree);
    let joined = lines.join(end);
    if offset == text.len() && !text.is_empty() && !text.ends_with('\n') && !loses_last_line {
        return Edit::insert(offset, format!("{end}{joined}"));
    }
    Edit::insert(offset, format!("{joined}{end}"))
}

/// The edit that makes `after` of `before`, without what both begin and end with.
fn smallest(before: &str, after: &str, start: usize) -> Edit {
    let same = |(a, b): &(char, char)| a == b;
    let head: usize = before.chars().zip(after.chars()).take_while(same).map(|(c, _)| c.len_utf8()).sum();
    let (rest, new) = (&before[head..], &after[head..]);
    let tail: usize = rest.chars().rev().zip(new.chars().rev()).take_while(same).map(|(c, _)| c.len_utf8()).sum();
    let span = Span::new(start + head, start + before.len() - tail);
    Edit::replace(span, &new[..new.len() - tail])
}
