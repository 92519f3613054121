//! A build that docker made, seen as rplan sees its own: which vertex was which step of the plan of today, and why it ran.
//!
//! What a build elsewhere read is not in its progress. The files of the context as they are when its progress is read are
//! taken for those that it read, so that the next plan can tell what has changed since.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{EarlierStep, LastBuild, Maker};
use crate::digest::Digest;
use crate::event::Ending;
use crate::model::BuildContext;
use crate::plan::explain::{Explainer, differences};
use crate::plan::files::{FileList, encode};
use crate::plan::reason::Reason;
use crate::plan::record::StepRecord;
use crate::plan::since::record_of;
use crate::plan::{Filesystem, Planned, Step, StepId};
use crate::workspace::progress::{Vertex, VertexEnd};

/// What a vertex is called, taken apart.
struct Called<'v> {
    /// The stage where it has a name.
    stage: Option<&'v str>,
    number: usize,
    /// The instruction.
    text: &'v str,
}

/// The build that these vertices are, or none if no step of the plan is among them. `before` is what was known until now.
pub(super) fn build_of(
    vertices: &[Vertex],
    planned: &Planned,
    context: Option<&dyn BuildContext>,
    before: Option<&LastBuild>,
) -> Option<LastBuild> {
    let old = before.map(LastBuild::records).unwrap_or_default();
    let explainer = Explainer::new(&old, planned);
    let mut steps: Vec<EarlierStep> = Vec::with_capacity(planned.steps.len());
    let mut roots: Vec<Option<StepId>> = Vec::with_capacity(planned.steps.len());
    let mut lists = BTreeMap::new();
    let mut is_any = false;
    for step in &planned.steps {
        let found: Vec<&Vertex> = vertices.iter().filter(|vertex| is_of(vertex, step)).collect();
        is_any |= !found.is_empty();
        let earlier = explainer.earlier(step.id);
        let was = earlier.and_then(|old| before?.files(old.files.as_ref()?)).unwrap_or_default();
        let (mut record, files) = record_of(planned, step, earlier.map(|old| (old, &was)), context);
        let ending = ending(&found);
        let ran = matches!(ending, Ending::Ran { .. } | Ending::Failed { .. });
        let below = step.below.and_then(Filesystem::step).and_then(|below| roots[below.0]);
        let because =
            if ran { reasons(planned, earlier.map(|old| (old, &was)), (&record, &files), below) } else { Vec::new() };
        // Where the difference began in what the step leaves.
        let follows = because.iter().all(|reason| matches!(reason, Reason::Follows { .. }));
        roots.push(match ran {
            true if follows => below.or(Some(step.id)),
            true => Some(step.id),
            // A linked copy is stacked on whatever is below.
            false => below.filter(|_| !step.reads_below()),
        });
        let took = match &ending {
            Ending::Ran { .. } => found.iter().map(|vertex| vertex.took).max(),
            // What it took when it ran is known from then, if at all.
            _ => earlier.and_then(|record| before.and_then(|before| before.took(record))),
        };
        if !files.is_empty() {
            let list = Digest::of(encode(&files));
            record.files = Some(list);
            lists.insert(list, files);
        }
        steps.push(EarlierStep {
            record,
            ending,
            took_ms: took.map(crate::event::millis),
            size: None,
            because,
            is_from_before: false,
        });
    }
    let over = vertices.iter().filter_map(|vertex| vertex.completed).max();
    is_any.then(|| LastBuild {
        maker: Maker::Buildx,
        at: over.map_or(0, |over| over.as_second()),
        took_ms: crate::event::millis(steps.iter().filter_map(|step| step.took_now()).sum::<Duration>()),
        succeeded: steps.iter().all(|step| matches!(step.ending, Ending::Cached | Ending::Ran { .. })),
        image: None,
        bases: BTreeMap::new(),
        steps,
        lists,
        shelf: None,
    })
}

/// Whether a vertex is a step: by stage and number where the keyword is the same, so that its text may have its variables
/// filled in.
fn is_of(vertex: &Vertex, step: &Step) -> bool {
    let Some(called) = called(&vertex.name) else { return false };
    let keyword = |text: &str| text.split_whitespace().next().map(str::to_ascii_uppercase);
    called.stage == step.name.stage.as_deref()
        && called.number == step.name.number
        && keyword(called.text) == keyword(&step.text)
}

/// Takes `[linux/arm64 builder 2/5] RUN make` apart.
fn called(name: &str) -> Option<Called<'_>> {
    let (inside, text) = name.strip_prefix('[')?.split_once("] ")?;
    let mut words: Vec<&str> = inside.split(' ').collect();
    let (number, total) = words.pop()?.split_once('/')?;
    let number = number.parse().ok()?;
    total.parse::<usize>().ok()?;
    // Builds for several platforms name the platform first; a stage has no slash in its name.
    let stage = words.into_iter().rfind(|word| !word.contains('/'));
    Some(Called { stage, number, text })
}

/// How a step ended that was built once for each platform.
fn ending(vertices: &[&Vertex]) -> Ending {
    let failed = vertices.iter().find_map(|vertex| match &vertex.end {
        VertexEnd::Failed(why) => Some(why),
        _ => None,
    });
    if let Some(why) = failed {
        return Ending::Failed { why: why.clone(), code: None };
    }
    match vertices.iter().any(|vertex| vertex.end == VertexEnd::Ran) {
        true => Ending::Ran { same_layer: false },
        false if vertices.iter().any(|vertex| vertex.end == VertexEnd::Unfinished) => Ending::Cancelled,
        // What BuildKit does not even tell of was not needed: everything above it was there.
        false => Ending::Cached,
    }
}

/// Why a step ran, as far as the context and the file tell.
fn reasons(
    planned: &Planned,
    old: Option<(&StepRecord, &FileList)>,
    new: (&StepRecord, &FileList),
    below: Option<StepId>,
) -> Vec<Reason> {
    let mut reasons = match old {
        None => vec![Reason::NoEarlierRun],
        Some(old) => differences(old, new),
    };
    if let Some(root) = below {
        reasons.push(Reason::Follows { step: planned.step(root).name.clone() });
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_vertices_are_taken_apart() {
        let shown =
            |name: &str| called(name).map(|called| format!("{:?} {} {}", called.stage, called.number, called.text));
        assert_eq!(shown("[2/4] COPY . /app").as_deref(), Some("None 2 COPY . /app"));
        assert_eq!(shown("[builder 10/12] RUN a [b] c").as_deref(), Some("Some(\"builder\") 10 RUN a [b] c"));
        assert_eq!(shown("[linux/arm64 stage-1 1/3] FROM x").as_deref(), Some("Some(\"stage-1\") 1 FROM x"));
        assert_eq!(shown("[linux/amd64 3/3] RUN y").as_deref(), Some("None 3 RUN y"));
        for other in ["[internal] load build definition", "exporting to image", "[auth] library/x:pull", "[a b"] {
            assert!(called(other).is_none(), "{other}");
        }
    }
}
