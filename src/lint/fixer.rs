//! Applying fixes to a fixed point: each round lints, takes the fixes that do not touch each other, and parses again.

use crate::diagnostic::{Finding, RuleId, Safety};
use crate::lint::{Selection, lint};
use crate::model::{self, ResolveOptions, Surroundings};
use crate::rules::Catalogue;
use crate::syntax;
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
    /// Fixes that broke the file and were dropped; each is a defect of its rule.
    pub defects: Vec<RuleId>,
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
    let mut fixed = Fixed { bytes: source.bytes().to_vec(), applied: Vec::new(), defects: Vec::new() };
    for _ in 0..MOST_ROUNDS {
        let current = SourceFile::new(source.name(), fixed.bytes.clone());
        let parsed = syntax::parse(&current);
        let errors = parsed.errors.len();
        let resolved = model::resolve(model::analyze(parsed.tree), options, around);
        let report = lint(&resolved, &parsed.errors, around, catalogue, &selection, Vec::new());
        let (edits, applied) = compatible(&report.findings, &current, allowed, &fixed.defects);
        if edits.is_empty() {
            break;
        }
        let bytes = edits.apply(current.bytes());
        if syntax::parse(&SourceFile::new(source.name(), bytes.clone())).errors.len() > errors {
            fixed.defects.extend(applied.into_iter().map(|(rule, _)| rule));
            continue;
        }
        fixed.bytes = bytes;
        fixed.applied.extend(applied);
    }
    fixed
}

/// The first fix of each finding, as long as it touches none that was taken before it.
fn compatible(
    findings: &[Finding],
    source: &SourceFile,
    allowed: Safety,
    defects: &[RuleId],
) -> (EditSet, Vec<(RuleId, String)>) {
    let mut edits = EditSet::new();
    let mut applied = Vec::new();
    for finding in findings.iter().filter(|finding| !defects.contains(&finding.rule)) {
        let Some(fix) = finding.fixes.iter().find(|fix| fix.safety <= allowed) else { continue };
        let is_text = fix.edits.edits().iter().all(|edit| source.is_utf8(edit.span));
        if let (true, Ok(merged)) = (is_text, edits.merge(&fix.edits)) {
            edits = merged;
            applied.push((finding.rule.clone(), fix.title.clone()));
        }
    }
    (edits, applied)
}
