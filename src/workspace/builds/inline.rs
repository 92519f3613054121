//! A Dockerfile that is written into a Compose or Bake file: what the builder is given, where each word of it stands in
//! that file, and how the file has to change for it to change.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::dotenv::Env;
use super::transcript::Transcript;
use super::{BuildFileKind, bake, compose};
use crate::text::{Edit, EditSet, SourceFile, Span};

/// A Compose or Bake file, to find again what is written in it.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pub(super) kind: BuildFileKind,
    pub(super) path: PathBuf,
    pub(super) source: SourceFile,
    /// What paths in it are relative to.
    pub(super) folder: PathBuf,
    /// The variables of the project that it belongs to.
    pub(super) env: Env,
}

impl Written {
    /// A file that is a project by itself, without variables.
    pub(super) fn new(kind: BuildFileKind, path: &Path, source: SourceFile) -> Self {
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        Self { kind, path: path.to_owned(), source, folder, env: Env::default() }
    }
}

/// A Dockerfile within another file.
#[derive(Debug)]
pub struct Inline {
    written: Arc<Written>,
    name: String,
    /// Where its text begins in that file.
    start: usize,
    transcript: Transcript,
    source: SourceFile,
}

impl Inline {
    pub(super) fn new(written: &Arc<Written>, name: &str, start: usize, transcript: Transcript) -> Self {
        let source = SourceFile::new(written.source.name(), transcript.text());
        Self { written: Arc::clone(written), name: name.to_owned(), start, transcript, source }
    }

    /// What the builder is given, under the name of the file around it.
    pub fn source(&self) -> &SourceFile {
        &self.source
    }

    /// The file around it.
    pub fn outer(&self) -> &SourceFile {
        &self.written.source
    }

    /// The path of that file.
    pub fn path(&self) -> &Path {
        &self.written.path
    }

    /// The service or target that it belongs to.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What tells it from the others in that file: they come in this order.
    pub fn start(&self) -> usize {
        self.start
    }

    /// Where something of it stands in the file around.
    pub fn outward(&self, span: Span) -> Span {
        self.transcript.outward(span)
    }

    /// Whether a part of the text depends on what nobody knows.
    pub fn is_unknown(&self, span: Span) -> bool {
        self.transcript.is_unknown(span)
    }

    /// Whether the lines that a span touches say what the file says, with no variable filled in.
    pub fn is_written(&self, span: Span) -> bool {
        let (first, last) = (self.source.line_of(span.start), self.source.line_of(span.end));
        self.transcript.is_written(self.source.line_span(first).to(self.source.line_span(last)))
    }

    /// What the same service or target had when the file around was this.
    pub fn earlier(&self, file: &SourceFile) -> Option<SourceFile> {
        let inlines = self.all_in(file)?;
        inlines.iter().find(|inline| inline.name == self.name).map(|inline| inline.source.clone())
    }

    /// The change of the file around after which the builder is given `text`, where the file can say that line by line,
    /// and then does: it is read again to be sure.
    pub fn rewritten(&self, text: &str) -> Option<EditSet> {
        let layout = self.layout()?;
        let (old, new): (Vec<&str>, Vec<&str>) = (lines(self.source.text()), lines(text));
        let same = |(a, b): &(&&str, &&str)| a == b;
        let before = old.iter().zip(&new).take_while(same).count();
        let most = old.len().min(new.len()) - before;
        let behind = old.iter().rev().zip(new.iter().rev()).take(most).take_while(same).count();
        let changed = before..old.len() - behind;
        if changed.clone().any(|line| !self.transcript.is_written(self.source.line_span(line))) {
            return None;
        }
        let put: String = new[before..new.len() - behind].iter().map(|line| self.line(line, &layout)).collect();
        let span = Span::new(self.line_start(&layout, changed.start), self.line_start(&layout, changed.end));
        let edits = EditSet::from_edits([Edit::replace(span, put)]).ok()?;
        let after = SourceFile::new(self.outer().name(), edits.apply(self.outer().bytes()));
        self.is_exact(&after, text, changed).then_some(edits)
    }

    /// Whether the file so changed has this text here, and everything else as it was.
    fn is_exact(&self, after: &SourceFile, text: &str, changed: Range<usize>) -> bool {
        let (Some(old), Some(new)) = (self.all_in(self.outer()), self.all_in(after)) else { return false };
        let Some(own) = old.iter().position(|inline| inline.start == self.start) else { return false };
        // Where a matrix gives variables of the text a value, the file by itself does not.
        if old[own].source.text() != self.source.text() && !changed.is_empty() {
            return false;
        }
        let is_same = |(index, (old, new)): (usize, (&Arc<Inline>, &Arc<Inline>))| {
            new.source.text() == if index == own { text } else { old.source.text() }
        };
        old.len() == new.len() && old.iter().zip(&new).enumerate().all(is_same)
    }

    /// Every Dockerfile that is written into the file when it reads like this, in order.
    fn all_in(&self, source: &SourceFile) -> Option<Vec<Arc<Inline>>> {
        let written = Arc::new(Written { source: source.clone(), ..(*self.written).clone() });
        let mut inlines = match written.kind {
            BuildFileKind::Compose => compose::read(&written).ok()?.inlines(),
            BuildFileKind::Bake => bake::read(&written).ok()?.inlines(),
        };
        inlines.sort_by_key(|inline| inline.start);
        inlines.dedup_by_key(|inline| inline.start);
        Some(inlines)
    }

    /// How its lines stand in the file: each on a line of its own, all behind the same indent. None if they do not.
    fn layout(&self) -> Option<Layout> {
        let (text, outer) = (self.source.text(), self.outer());
        let place = |offset: usize| self.outward(Span::at(offset)).start;
        let first = outer.line_of(place(0));
        let (mut indent, mut offset) = (None, 0);
        for (index, line) in lines(text).into_iter().enumerate() {
            let at = place(offset);
            offset += line.len();
            if line.trim_end_matches('\n').is_empty() {
                continue;
            }
            let start = outer.line_span(first + index).start;
            let before = outer.text().get(start..at).filter(|_| outer.line_of(at) == first + index)?;
            if !before.trim_matches(' ').is_empty() || *indent.get_or_insert(before) != before {
                return None;
            }
        }
        let ending = if outer.text()[outer.line_span(first).end..].starts_with("\r\n") { "\r\n" } else { "\n" };
        Some(Layout { first, indent: indent?.to_owned(), ending })
    }

    /// Where a line of the text begins in the file, or behind the last one where it ends.
    fn line_start(&self, layout: &Layout, line: usize) -> usize {
        let text = lines(self.source.text());
        let outer = self.outer();
        match (line < text.len(), text.last()) {
            (false, Some(last)) => {
                let end = outer.line_span(layout.first + text.len() - 1).end;
                end + if last.ends_with('\n') { layout.ending.len() } else { 0 }
            }
            _ => outer.line_span(layout.first + line).start,
        }
    }

    /// A line as the file has to say it.
    fn line(&self, line: &str, layout: &Layout) -> String {
        let words = line.trim_end_matches('\n');
        let escaped = match self.written.kind {
            BuildFileKind::Compose => words.replace('$', "$$"),
            BuildFileKind::Bake => words.replace("${", "$${").replace("%{", "%%{"),
        };
        let indent = if words.is_empty() { "" } else { layout.indent.as_str() };
        let ending = if line.len() > words.len() { layout.ending } else { "" };
        format!("{indent}{escaped}{ending}")
    }
}

/// Where the lines of the text stand in the file around.
struct Layout {
    /// The line of the first one.
    first: usize,
    indent: String,
    ending: &'static str,
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}
