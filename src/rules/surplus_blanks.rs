//! More than one blank, or a tab, between two words of a line. Blanks at the ends of lines, in front of them and before a
//! continuation have rules of their own or none; what a shell would take for a part of a word is never touched.

use std::cmp::Reverse;

use super::{Check, Cx, Out};
use crate::model::{Command, Instruction, Operation};
use crate::syntax::{self, Arguments};
use crate::text::{Edit, Span};

pub(super) struct SurplusBlanks;

impl Check for SurplusBlanks {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Some(written) = cx.written(instruction) else { return };
        let mut words = words(written);
        words.extend(words_of_shell(&instruction.operation));
        words.sort_by_key(|word| (word.start, Reverse(word.end)));
        // The words of a substitution stand in a word, and there quotes may mean the other way round.
        let mut end = 0;
        words.retain(|word| {
            let is_outer = word.start >= end;
            end = end.max(word.end);
            is_outer
        });
        for pair in words.windows(2) {
            let gap = Span::new(pair[0].end, pair[1].start.max(pair[0].end));
            let text = cx.text(gap);
            let is_blank = !text.is_empty() && text.trim_matches([' ', '\t']).is_empty();
            if is_blank && text != " " {
                out.find(gap, "more than one blank between two words")
                    .help("write one blank")
                    .fix("write one blank", || Some(vec![Edit::replace(gap, " ")]));
            }
        }
    }
}

/// The keyword, the flags, and the words behind them, where blanks only part these.
fn words(written: &syntax::Instruction) -> Vec<Span> {
    let mut words = vec![written.keyword_span];
    words.extend(written.flags.iter().map(|flag| flag.span));
    match &written.arguments {
        Arguments::Words(list) => words.extend(list.iter().map(|word| word.span())),
        Arguments::Pairs { pairs, .. } => {
            words.extend(pairs.iter().flat_map(|pair| [pair.key.span(), pair.value.span()]));
        }
        Arguments::Trigger(trigger) => words.push(Span::at(trigger.span.start)),
        Arguments::None => {}
        Arguments::Text(_) | Arguments::Json(_) | Arguments::Probe(_) => {
            words.push(Span::at(written.rest.span().start));
        }
    }
    words
}

/// The words of the commands of a RUN that holds nothing else.
fn words_of_shell(operation: &Operation) -> Vec<Span> {
    let Operation::Run(run) = operation else { return Vec::new() };
    let Command::Shell { body, .. } = &run.command else { return Vec::new() };
    let Some(script) = body.script().filter(|script| script.is_flat) else { return Vec::new() };
    let mut words = Vec::new();
    for command in &script.commands {
        words.extend(command.words.iter().map(|word| word.span));
        words.extend(command.assignments.iter().map(|(name, value)| name.span.to(value.span)));
        words.extend(command.redirects.iter().map(|redirect| redirect.span));
    }
    words
}
