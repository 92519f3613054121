//! Anchors: what names a finding wherever its line moves to. A baseline and the fingerprints of reports hold on to them.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::{Anchor, Finding};
use crate::model::{Instruction, Stage};
use crate::rules::Cx;
use crate::text::{SourceFile, Span};

/// How much of an instruction is kept, in bytes: enough to tell instructions apart, whatever their length.
const LONGEST: usize = 240;

/// Gives each finding its anchor. They must be in the order of the file, those that a comment silences included: a new
/// comment then moves no other anchor.
pub(super) fn anchor(findings: &mut [Finding], cx: &Cx<'_>) {
    if findings.is_empty() {
        return;
    }
    let secrets: Vec<Span> = findings.iter().filter(|one| one.hides).map(|one| one.primary.span).collect();
    let places = Places::of(&secrets, cx);
    let mut seen = BTreeMap::new();
    for finding in findings {
        let (stage, instruction) = places.at(finding.primary.span.start);
        let count = seen.entry((finding.rule.clone(), stage.clone(), instruction.clone())).or_insert(0);
        finding.anchor = Some(Anchor { stage, instruction, ordinal: *count });
        *count += 1;
    }
}

/// A stage and an instruction, shared by all findings that are there.
type Place = (Arc<str>, Arc<str>);

/// What stands where, in the order of the file.
struct Places<'a> {
    source: &'a SourceFile,
    stages: Vec<(Span, Arc<str>)>,
    instructions: Vec<(Span, Arc<str>)>,
}

impl<'a> Places<'a> {
    /// No secret is among what a baseline keeps.
    fn of(secrets: &[Span], cx: &Cx<'a>) -> Self {
        let stages = cx.stages().iter().map(|stage| (stage.span, name(stage))).collect();
        let of = |instruction: &Instruction| {
            let lines = cx.lines(instruction);
            let inside = secrets.iter().filter(|secret| lines.contains(secret.start));
            let text = inside.fold(instruction.text.clone(), |text, secret| text.replace(cx.text(*secret), "***"));
            (lines, Arc::from(cut(&text)))
        };
        let mut instructions: Vec<(Span, Arc<str>)> = cx.resolved.model.instructions().map(of).collect();
        instructions.sort_by_key(|(span, _)| *span);
        Self { source: cx.source(), stages, instructions }
    }

    fn at(&self, offset: usize) -> Place {
        let stage = last_before(&self.stages, offset).map_or(Arc::from(""), |(_, name)| name.clone());
        match last_before(&self.instructions, offset) {
            Some((span, text)) if span.contains(offset) => (stage, text.clone()),
            _ => (stage, self.line(offset)),
        }
    }

    /// Outside instructions (a comment, what cannot be read) the line speaks for itself.
    fn line(&self, offset: usize) -> Arc<str> {
        let line = self.source.slice(self.source.line_span(self.source.line_of(offset)));
        Arc::from(cut(line).split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

fn last_before<T>(sorted: &[(Span, T)], offset: usize) -> Option<&(Span, T)> {
    sorted[..sorted.partition_point(|(span, _)| span.start <= offset)].last()
}

/// How a stage is called from elsewhere: by its name, else by its number.
fn name(stage: &Stage) -> Arc<str> {
    match &stage.name {
        Some(name) => Arc::from(name.value.as_str()),
        None => Arc::from(stage.id.0.to_string()),
    }
}

fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST)]
}
