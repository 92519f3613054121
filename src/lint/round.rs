//! One pass over the findings of a file: the fixes that fit together, each proved.
//!
//! The fixes of one rule are proved together, and one by one only where together they do what the rule does not
//! declare: a file costs as many proofs as it has rules at fault, not findings.

use crate::diagnostic::{Finding, Fix, RuleId, Safety};
use crate::lint::fixer::{Applied, Defect, Read};
use crate::model::diff;
use crate::rules::{Catalogue, Text};
use crate::text::{EditSet, Gathered, Origins, SourceFile, Span};

/// A rule whose fixes are wrong this often in one file is not tried further on it.
const MOST_DEFECTS: usize = 8;

/// A finding, and the fix that may end it.
#[derive(Clone, Copy)]
pub(super) struct Candidate<'a> {
    finding: &'a Finding,
    fix: &'a Fix,
}

impl<'a> Candidate<'a> {
    /// The first fix that is safe enough.
    pub(super) fn of(finding: &'a Finding, allowed: Safety) -> Option<Self> {
        let is_allowed = |fix: &&Fix| fix.safety <= allowed && fix.safety != Safety::Display;
        Some(Self { finding, fix: finding.fixes.iter().find(is_allowed)? })
    }

    /// The same as it is told, with its places followed back through the rounds before.
    pub(super) fn applied(&self, origins: &[Origins]) -> Applied {
        let origin = |span: Span| origins.iter().rev().fold(span, |span, origins| origins.span(span));
        Applied {
            rule: self.finding.rule.clone(),
            title: self.fix.title.clone(),
            reason: self.finding.message.clone(),
            places: self.fix.edits.edits().iter().map(|edit| origin(edit.span)).collect(),
        }
    }

    /// The defect of a fix after which the file is as it was some rounds before.
    pub(super) fn undoes_another(&self) -> Defect {
        self.defect("it undoes another fix".to_owned())
    }

    fn defect(&self, reason: String) -> Defect {
        Defect { rule: self.finding.rule.clone(), reason: format!("{reason} ({})", self.fix.title) }
    }
}

/// What one pass gives.
pub(super) struct Round<'a> {
    /// All changes.
    pub(super) edits: EditSet,
    /// The fixes that make them, by rule.
    pub(super) taken: Vec<Candidate<'a>>,
    /// The fixes that are wrong.
    pub(super) defects: Vec<Defect>,
}

impl<'a> Round<'a> {
    /// Takes the candidates that are right and fit together. What does not fit waits for the next round.
    pub(super) fn of(
        candidates: Vec<Candidate<'a>>,
        before: &Read,
        read: &dyn Fn(&SourceFile) -> Read,
        catalogue: &Catalogue,
    ) -> Self {
        let mut judge = Judge { before, read, catalogue, defects: Vec::new() };
        let groups: Vec<Vec<Candidate>> =
            by_rule(candidates).into_iter().map(|group| judge.right(fitting(group))).collect();
        let mut round = judge.together(groups);
        round.defects = judge.defects;
        round
    }
}

/// The candidates by rule, in the order in which the rules first speak.
fn by_rule(candidates: Vec<Candidate<'_>>) -> Vec<Vec<Candidate<'_>>> {
    let mut groups: Vec<(&RuleId, Vec<Candidate>)> = Vec::new();
    for candidate in candidates {
        match groups.iter_mut().find(|(rule, _)| *rule == &candidate.finding.rule) {
            Some((_, group)) => group.push(candidate),
            None => groups.push((&candidate.finding.rule, vec![candidate])),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

/// Those that touch different places.
fn fitting(mut candidates: Vec<Candidate<'_>>) -> Vec<Candidate<'_>> {
    let mut gathered = Gathered::default();
    candidates.retain(|candidate| gathered.take(&candidate.fix.edits));
    candidates
}

fn edits(candidates: &[Candidate<'_>]) -> EditSet {
    let mut gathered = Gathered::default();
    for candidate in candidates {
        let fits = gathered.take(&candidate.fix.edits);
        debug_assert!(fits, "candidates were chosen to fit");
    }
    gathered.edits()
}

/// Says which fixes are right.
struct Judge<'a> {
    before: &'a Read,
    read: &'a dyn Fn(&SourceFile) -> Read,
    catalogue: &'a Catalogue,
    defects: Vec<Defect>,
}

impl<'a> Judge<'a> {
    /// Those of one rule's fixes that are right; the others are defects.
    fn right<'f>(&mut self, group: Vec<Candidate<'f>>) -> Vec<Candidate<'f>> {
        let Some(first) = group.first() else { return group };
        let rule = &first.finding.rule;
        let Err(reason) = self.prove(&edits(&group), &[rule]) else { return group };
        if group.len() == 1 {
            self.defects.push(first.defect(reason));
            return Vec::new();
        }
        if self.defects.iter().filter(|defect| defect.rule == *rule).count() >= MOST_DEFECTS {
            return Vec::new();
        }
        let (left, right) = group.split_at(group.len() / 2);
        let (left, right) = (self.right(left.to_vec()), self.right(right.to_vec()));
        let both = [left.as_slice(), &right].concat();
        // Both halves may be right and only together wrong; one of them can wait.
        match both.is_empty() || self.prove(&edits(&both), &[rule]).is_ok() {
            true => both,
            false => left,
        }
    }

    /// The groups together, as far as they fit and are right together too.
    fn together<'f>(&self, groups: Vec<Vec<Candidate<'f>>>) -> Round<'f> {
        let all = fitting(groups.concat());
        let rules: Vec<&RuleId> = groups.iter().filter_map(|group| Some(&group.first()?.finding.rule)).collect();
        let alone = rules.len() < 2;
        let mut taken = Vec::new();
        if alone || self.prove(&edits(&all), &rules).is_ok() {
            taken = all;
        } else {
            for group in groups {
                let more = fitting([taken.as_slice(), &group].concat());
                if more.len() > taken.len() && self.prove(&edits(&more), &rules).is_ok() {
                    taken = more;
                }
            }
        }
        Round { edits: edits(&taken), taken, defects: Vec::new() }
    }

    /// Whether edits do what these rules declare and nothing else; if not, what they do.
    fn prove(&self, edits: &EditSet, rules: &[&RuleId]) -> Result<(), String> {
        let edited = self.before.edited(edits);
        if edited.bytes() == self.before.resolved.model.tree.source.bytes() {
            return Err("it changes nothing".to_owned());
        }
        let after = (self.read)(&edited);
        if after.problems() > self.before.problems() {
            return Err("a builder would refuse the file".to_owned());
        }
        let declared: Vec<&Text> = rules.iter().flat_map(|rule| self.declared(rule)).collect();
        let changes = diff(&self.before.resolved, &after.resolved);
        match changes.iter().flat_map(|change| change.names()).find(|name| !declared.iter().any(|one| *one == name)) {
            Some(name) => Err(format!("it changes {name}, which the rule does not declare")),
            None => Ok(()),
        }
    }

    fn declared(&self, rule: &RuleId) -> &'a [Text] {
        self.catalogue.by_id(rule.as_str()).map_or(&[], |rule| &rule.meta.fix.changes)
    }
}
