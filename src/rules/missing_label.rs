//! Labels that the project asks for and the image does not get. Silent until the option `required` names some, and where
//! a key is not known, since it may be any.

use std::collections::BTreeSet;

use super::{Check, Cx, Out};
use crate::model::{Base, Operation, StageId};

pub(super) struct MissingLabel;

impl Check for MissingLabel {
    fn file(&self, cx: &Cx<'_>, out: &mut Out<'_>) {
        let target = cx.resolved.target;
        let Some(from) = cx.stages().get(target.0).and_then(|stage| stage.from()) else { return };
        let required: Vec<String> = out.texts("required").into_iter().map(str::to_owned).collect();
        let Some(present) = labels(target, cx) else { return };
        let missing: Vec<String> =
            required.iter().filter(|key| !present.contains(*key)).map(|key| format!("`{key}`")).collect();
        let message = match &missing[..] {
            [] => return,
            [one] => format!("the label {one} is missing"),
            _ => format!("the labels {} are missing", missing.join(", ")),
        };
        out.find(from.image.span(), message).help("add a LABEL to this stage");
    }
}

/// The keys that the image of a stage has; none where one of them is not known.
fn labels(stage: StageId, cx: &Cx<'_>) -> Option<BTreeSet<String>> {
    let mut keys = match &cx.resolved.bases[stage.0] {
        Base::Stage(base) => labels(*base, cx)?,
        Base::Image(name) => {
            let facts = cx.around.images.get(name);
            facts.map(|facts| facts.config.labels.keys().cloned().collect()).unwrap_or_default()
        }
        Base::Scratch | Base::Unknown => BTreeSet::new(),
    };
    for instruction in &cx.stages()[stage.0].instructions {
        let Operation::Label(label) = &instruction.operation else { continue };
        for pair in &label.pairs {
            keys.insert(cx.resolved.known(&pair.key)?.to_owned());
        }
    }
    Some(keys)
}
