//! Dockerfiles that are written into Compose and Bake files: findings and repairs as they are in the file around.

use crate::cli::files::Input;
use crate::diagnostic::{Finding, Fix, Label};
use crate::lint::{Applied, Change, Fixed};
use crate::syntax::Tree;
use crate::text::{EditSet, Gathered, SourceFile};
use crate::workspace::builds::Inline;

/// Repairs a Dockerfile, without the fixes of these rules.
type Mend<'a> = dyn Fn(&Input, &Inline, &[String]) -> Fixed + 'a;

/// Rules are left out at most this often until what is left can be written into the file around.
const MOST_ATTEMPTS: usize = 4;

/// The findings as they are in the file around. One in an instruction that depends on what nobody knows is left out, as
/// is a fix that the file around cannot say exactly.
pub(super) fn outward(findings: Vec<Finding>, inline: &Inline, tree: &Tree) -> Vec<Finding> {
    let is_known = |finding: &Finding| {
        let place = finding.primary.span;
        let item = tree.items.iter().map(|item| item.span).find(|item| item.contains(place.start));
        !inline.is_unknown(item.map_or(place, |item| item.to(place)))
    };
    findings.into_iter().filter(is_known).map(|finding| one(finding, inline)).collect()
}

fn one(mut finding: Finding, inline: &Inline) -> Finding {
    finding.primary.span = inline.outward(finding.primary.span);
    let label = |label: Label| Label { span: inline.outward(label.span), ..label };
    finding.related = finding.related.into_iter().map(label).collect();
    let fix = |fix: Fix| Some(Fix { edits: edits(&fix.edits, inline)?, ..fix });
    finding.fixes = finding.fixes.into_iter().filter_map(fix).collect();
    // The same stage of two Dockerfiles in one file is not the same stage.
    if let Some(anchor) = &mut finding.anchor {
        anchor.stage = format!("{}/{}", inline.name(), anchor.stage).into();
    }
    finding
}

fn edits(edits: &EditSet, inline: &Inline) -> Option<EditSet> {
    inline.rewritten(&String::from_utf8(edits.apply(inline.source().bytes())).ok()?)
}

/// What a change touched, as it is in the file around.
pub(super) fn outward_change(change: Change, inline: &Inline) -> Change {
    match change {
        Change::Part { touched, before } => {
            Change::Part { touched: touched.into_iter().map(|span| inline.outward(span)).collect(), before }
        }
        other => other,
    }
}

/// Repairs every Dockerfile of one file; `mend` repairs one of them, without the fixes of some rules.
pub(super) fn repaired(inputs: &[Input], mend: &Mend) -> Option<(SourceFile, Fixed)> {
    let outer = inputs.first()?.inline.as_ref()?.outer().clone();
    let (mut gathered, mut applied, mut defects) = (Gathered::default(), Vec::new(), Vec::new());
    for input in inputs {
        let Some(inline) = &input.inline else { continue };
        let (fixed, change) = fitting(input, inline, mend);
        defects.extend(fixed.defects);
        if change.is_some_and(|change| gathered.take(&change)) {
            applied.extend(fixed.applied.into_iter().map(|one| placed(one, inline)));
        }
    }
    let bytes = gathered.edits().apply(outer.bytes());
    Some((outer, Fixed { bytes, applied, defects }))
}

/// The repairs that the file around can say. Rules that want to change what is filled in there are left out.
fn fitting(input: &Input, inline: &Inline, mend: &Mend) -> (Fixed, Option<EditSet>) {
    let mut without: Vec<String> = Vec::new();
    let mut fixed = mend(input, inline, &without);
    for _ in 0..MOST_ATTEMPTS {
        if fixed.applied.is_empty() {
            break;
        }
        let change = std::str::from_utf8(&fixed.bytes).ok().and_then(|text| inline.rewritten(text));
        if change.is_some() {
            return (fixed, change);
        }
        let touches = |applied: &&Applied| !applied.places.iter().all(|place| inline.is_written(*place));
        let before = without.len();
        without.extend(fixed.applied.iter().filter(touches).map(|applied| applied.rule.to_string()));
        if without.len() == before {
            break;
        }
        fixed = mend(input, inline, &without);
    }
    (fixed, None)
}

fn placed(applied: Applied, inline: &Inline) -> Applied {
    Applied { places: applied.places.into_iter().map(|place| inline.outward(place)).collect(), ..applied }
}
