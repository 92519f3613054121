//! Applies fixes to a fixed point and trusts none of them: the result of each must be readable, and differ in meaning
//! from the file before by nothing but what its rule declares.

use std::collections::BTreeSet;

use crate::diagnostic::{RuleId, Safety};
use crate::lint::round::{Candidate, Round};
use crate::lint::{Selection, lint};
use crate::model::{ResolveOptions, Resolved, Surroundings, analyze, resolve};
use crate::rules::Catalogue;
use crate::syntax::{SyntaxError, parse};
use crate::text::{EditSet, Origins, SourceFile, Span};

/// More rounds than any file needs; fixes that undo each other would go on for ever.
const MOST_ROUNDS: usize = 16;

/// What fixing a file gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Fixed {
    /// The bytes after all fixes.
    pub bytes: Vec<u8>,
    /// The fixes in the order in which they were applied.
    pub applied: Vec<Applied>,
    /// Fixes that were refused because they are wrong: mistakes of rplan, for people to report.
    pub defects: Vec<Defect>,
}

/// A fix that was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The rule.
    pub rule: RuleId,
    /// What it did, as a command.
    pub title: String,
    /// What was wrong.
    pub reason: String,
    /// What it changed, in the file as it was before any fix.
    pub places: Vec<Span>,
}

/// A fix that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("a fix of {rule} was refused: {reason}")]
pub struct Defect {
    /// The rule.
    pub rule: RuleId,
    /// What the fix would have done.
    pub reason: String,
}

/// Applies every fix that is at least as safe as `allowed`.
pub fn fix(
    source: &SourceFile,
    options: &ResolveOptions,
    around: &Surroundings,
    catalogue: &Catalogue,
    selection: &Selection,
    allowed: Safety,
) -> Fixed {
    let selection = Selection { fixes: true, ..selection.clone() };
    let read = |source: &SourceFile| Read::new(source, options, around);
    let mut fixed = Fixed { bytes: source.bytes().to_vec(), applied: Vec::new(), defects: Vec::new() };
    let mut origins = Vec::new();
    let mut seen = BTreeSet::from([fixed.bytes.clone()]);
    for _ in 0..MOST_ROUNDS {
        let current = read(&SourceFile::new(source.name(), fixed.bytes.clone()));
        let report = lint(&current.resolved, &current.errors, around, catalogue, &selection, Vec::new());
        let candidates = report.findings.iter().filter_map(|finding| Candidate::of(finding, allowed)).collect();
        let round = Round::of(candidates, &current, &read, catalogue);
        fixed.defects.extend(round.defects);
        if round.edits.is_empty() {
            break;
        }
        let bytes = round.edits.apply(&fixed.bytes);
        if !seen.insert(bytes.clone()) {
            fixed.defects.extend(round.taken.iter().map(Candidate::undoes_another));
            break;
        }
        fixed.applied.extend(round.taken.iter().map(|candidate| candidate.applied(&origins)));
        origins.push(Origins::of(&round.edits));
        fixed.bytes = bytes;
    }
    fixed.defects.sort();
    fixed.defects.dedup();
    fixed
}

/// A file as the rules see it.
pub(super) struct Read {
    pub(super) resolved: Resolved,
    pub(super) errors: Vec<SyntaxError>,
}

impl Read {
    fn new(source: &SourceFile, options: &ResolveOptions, around: &Surroundings) -> Self {
        let parsed = parse(source);
        Self { resolved: resolve(analyze(parsed.tree), options, around), errors: parsed.errors }
    }

    /// The file as it is after these edits.
    pub(super) fn edited(&self, edits: &EditSet) -> SourceFile {
        let source = &self.resolved.model.tree.source;
        SourceFile::new(source.name(), edits.apply(source.bytes()))
    }

    /// How much a builder would refuse.
    pub(super) fn problems(&self) -> usize {
        self.errors.len() + self.resolved.model.problems.len() + self.resolved.problems.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Severity;
    use crate::rules::{
        Category, Check, Confidence, Cx, Edition, FixPromise, List, Offered, Out, Rule, RuleMeta, Status, Text,
    };
    use crate::text::Edit;

    /// Finds every `bad`, and mends it by what it is told to write there.
    struct Replace(&'static str);

    impl Check for Replace {
        fn file(&self, cx: &Cx<'_>, out: &mut Out<'_>) {
            for (at, bad) in cx.source().text().match_indices("bad") {
                let span = Span::new(at, at + bad.len());
                out.find(span, "it is bad").fix("mend it", || Some(vec![Edit::replace(span, self.0)]));
            }
        }
    }

    fn rule(id: &'static str, changes: &'static [Text], check: &'static dyn Check) -> Rule {
        let meta = RuleMeta {
            id: RuleId::builtin(id),
            since: Text::Borrowed("0.1.0"),
            edition: Edition::From(1),
            status: Status::Stable,
            category: Category::Style,
            severity: Severity::Warning,
            severity_changes: List::Borrowed(&[]),
            confidence: Confidence::Certain,
            summary: Text::Borrowed("made up"),
            fix: FixPromise { offered: Offered::Always, safety: Safety::Safe, changes: List::Borrowed(changes) },
            aliases: List::Borrowed(&[]),
            options: List::Borrowed(&[]),
            reference: None,
        };
        Rule::made_up(meta, check)
    }

    /// What fixing the text by these rules alone gives, and the defects as they are told.
    fn fixed(text: &str, rules: Vec<Rule>) -> (String, Vec<String>, Vec<Applied>) {
        let select = rules.iter().map(|rule| rule.meta.id.to_string()).collect();
        let catalogue = Catalogue::builtin().with(rules).expect("the names are free");
        let selection = Selection { select, ..Selection::default() };
        let options = ResolveOptions { platform: "linux/amd64".to_owned(), ..ResolveOptions::default() };
        let source = SourceFile::new("Dockerfile", text);
        let fixed = fix(&source, &options, &Surroundings::default(), &catalogue, &selection, Safety::Safe);
        let defects = fixed.defects.iter().map(Defect::to_string).collect();
        (String::from_utf8(fixed.bytes).expect("it was text"), defects, fixed.applied)
    }

    const RUN_COMMAND: &[Text] = &[Text::Borrowed("run.command")];

    #[test]
    fn a_fix_that_does_what_its_rule_declares_is_applied() {
        let (text, defects, applied) =
            fixed("FROM a\nRUN bad\nRUN bad\n", vec![rule("r", RUN_COMMAND, &Replace("good"))]);
        assert_eq!((text.as_str(), defects.len()), ("FROM a\nRUN good\nRUN good\n", 0));
        let places: Vec<&[Span]> = applied.iter().map(|applied| applied.places.as_slice()).collect();
        assert_eq!(places, [[Span::new(11, 14)], [Span::new(19, 22)]]);
    }

    #[test]
    fn a_fix_that_does_more_than_its_rule_declares_is_refused_and_told() {
        let text = "FROM a\nRUN bad\nRUN bad\n";
        let (left, defects, applied) = fixed(text, vec![rule("liar", &[], &Replace("good"))]);
        assert_eq!((left.as_str(), applied.len()), (text, 0));
        assert_eq!(
            defects,
            ["a fix of liar was refused: it changes run.command, which the rule does not declare (mend it)"]
        );
    }

    #[test]
    fn a_fix_that_no_builder_would_read_is_refused_and_told() {
        let text = "FROM a\nWORKDIR /bad\n";
        let (left, defects, _) = fixed(text, vec![rule("liar", &[], &Replace("x\nNONSENSE y"))]);
        assert_eq!(left, text);
        assert_eq!(defects, ["a fix of liar was refused: a builder would refuse the file (mend it)"]);
    }

    #[test]
    fn a_fix_that_changes_nothing_is_told() {
        let (_, defects, _) = fixed("FROM a\nRUN bad\n", vec![rule("idle", &[], &Replace("bad"))]);
        assert_eq!(defects, ["a fix of idle was refused: it changes nothing (mend it)"]);
    }

    /// One lie among many truths is found, and the truths are told.
    #[test]
    fn a_lie_does_not_take_the_truth_with_it() {
        let text = "FROM a\nRUN bad\nENV X=bad\nRUN bad\nRUN bad\n";
        let (left, defects, applied) = fixed(text, vec![rule("half", RUN_COMMAND, &Replace("good"))]);
        assert_eq!(left, "FROM a\nRUN good\nENV X=bad\nRUN good\nRUN good\n");
        assert_eq!((defects.len(), applied.len()), (1, 3));
    }

    #[test]
    fn a_liar_does_not_hinder_another_rule() {
        let (honest, liar) = (rule("honest", RUN_COMMAND, &Replace("good")), rule("a-liar", &[], &Replace("")));
        let (left, defects, _) = fixed("FROM a\nRUN bad\n", vec![honest, liar]);
        assert_eq!((left.as_str(), defects.len()), ("FROM a\nRUN good\n", 1));
    }

    /// The second round changes what the first wrote; what is told is where it was in the beginning.
    #[test]
    fn places_are_those_of_the_file_before_any_fix() {
        struct Second;
        impl Check for Second {
            fn file(&self, cx: &Cx<'_>, out: &mut Out<'_>) {
                if let Some(at) = cx.source().text().find("better") {
                    let span = Span::new(at, at + 6);
                    out.find(span, "good enough").fix("be plain", || Some(vec![Edit::replace(span, "ok")]));
                }
            }
        }
        let rules = vec![rule("first", RUN_COMMAND, &Replace("much better")), rule("second", RUN_COMMAND, &Second)];
        let (left, _, applied) = fixed("FROM a\nRUN bad\n", rules);
        assert_eq!(left, "FROM a\nRUN much ok\n");
        let told: Vec<(&str, &[Span])> =
            applied.iter().map(|applied| (applied.rule.as_str(), applied.places.as_slice())).collect();
        assert_eq!(told, [("first", &[Span::new(11, 14)][..]), ("second", &[Span::new(11, 14)][..])]);
    }
}
