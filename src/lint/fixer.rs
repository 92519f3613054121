//! Applies fixes to a fixed point and trusts none of them: the result of each must be readable, and differ in meaning
//! from the file before by nothing but what its rule declares.

use std::collections::BTreeSet;

use crate::diagnostic::{Finding, Fix, RuleId, Safety};
use crate::lint::{Selection, lint};
use crate::model::{ResolveOptions, Resolved, Surroundings, analyze, diff, resolve};
use crate::rules::Catalogue;
use crate::syntax::{SyntaxError, parse};
use crate::text::{EditSet, SourceFile};

/// More rounds than any file needs; fixes that undo each other would go on for ever.
const MOST_ROUNDS: usize = 16;

/// What fixing a file gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Fixed {
    /// The bytes after all fixes.
    pub bytes: Vec<u8>,
    /// The fixes in the order in which they were applied: rule and title.
    pub applied: Vec<(RuleId, String)>,
    /// Fixes that were refused because they are wrong: mistakes of rplan, for people to report.
    pub defects: Vec<Defect>,
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
    let mut seen = BTreeSet::from([fixed.bytes.clone()]);
    for _ in 0..MOST_ROUNDS {
        let current = read(&SourceFile::new(source.name(), fixed.bytes.clone()));
        let report = lint(&current.resolved, &current.errors, around, catalogue, &selection, Vec::new());
        let mut round = Round { before: &current, read: &read, catalogue, edits: EditSet::new(), applied: Vec::new() };
        for finding in &report.findings {
            fixed.defects.extend(round.take(finding, allowed).err());
        }
        let bytes = round.edits.apply(&fixed.bytes);
        if round.edits.is_empty() {
            break;
        }
        if !seen.insert(bytes.clone()) {
            let undone = |(rule, title)| Defect { rule, reason: format!("it undoes another fix ({title})") };
            fixed.defects.extend(round.applied.into_iter().map(undone));
            break;
        }
        fixed.bytes = bytes;
        fixed.applied.extend(round.applied);
    }
    fixed.defects.sort();
    fixed.defects.dedup();
    fixed
}

/// A file as the rules see it.
struct Read {
    resolved: Resolved,
    errors: Vec<SyntaxError>,
}

impl Read {
    fn new(source: &SourceFile, options: &ResolveOptions, around: &Surroundings) -> Self {
        let parsed = parse(source);
        Self { resolved: resolve(analyze(parsed.tree), options, around), errors: parsed.errors }
    }

    fn problems(&self) -> usize {
        self.errors.len() + self.resolved.model.problems.len() + self.resolved.problems.len()
    }
}

/// One pass over the findings of a file: the fixes that fit together.
struct Round<'a> {
    before: &'a Read,
    read: &'a dyn Fn(&SourceFile) -> Read,
    catalogue: &'a Catalogue,
    edits: EditSet,
    applied: Vec<(RuleId, String)>,
}

impl Round<'_> {
    /// Takes the first fix of a finding that is safe enough, when it is right and fits with those taken before. What
    /// does not fit waits for the next round.
    fn take(&mut self, finding: &Finding, allowed: Safety) -> Result<(), Defect> {
        let is_allowed = |fix: &&Fix| fix.safety <= allowed && fix.safety != Safety::Display;
        let Some(fix) = finding.fixes.iter().find(is_allowed) else { return Ok(()) };
        let Ok(merged) = self.edits.merge(&fix.edits) else { return Ok(()) };
        if let Err(reason) = self.prove(finding, fix) {
            return Err(Defect { rule: finding.rule.clone(), reason: format!("{reason} ({})", fix.title) });
        }
        self.edits = merged;
        self.applied.push((finding.rule.clone(), fix.title.clone()));
        Ok(())
    }

    /// Whether the fix does what its rule declares; if not, what it does.
    fn prove(&self, finding: &Finding, fix: &Fix) -> Result<(), String> {
        let source = &self.before.resolved.model.tree.source;
        let bytes = fix.edits.apply(source.bytes());
        if bytes == source.bytes() {
            return Err("it changes nothing".to_owned());
        }
        let after = (self.read)(&SourceFile::new(source.name(), bytes));
        if after.problems() > self.before.problems() {
            return Err("a builder would refuse the file".to_owned());
        }
        let rule = self.catalogue.by_id(finding.rule.as_str());
        let declared = rule.map_or(&[][..], |rule| &rule.meta.fix.changes);
        let changes = diff(&self.before.resolved, &after.resolved);
        match changes.iter().flat_map(|change| change.names()).find(|name| !declared.iter().any(|one| one == name)) {
            Some(name) => Err(format!("it changes {name}, which the rule does not declare")),
            None => Ok(()),
        }
    }
}
