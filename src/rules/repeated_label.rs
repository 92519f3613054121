//! A label that is set again in the same stage: only the last value counts.

use std::collections::BTreeMap;

use super::{Check, Cx, Out};
use crate::model::{Operation, Stage};
use crate::text::Span;

pub(super) struct RepeatedLabel;

impl Check for RepeatedLabel {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        let mut set: BTreeMap<&str, Span> = BTreeMap::new();
        for instruction in &stage.instructions {
            let Operation::Label(label) = &instruction.operation else { continue };
            for pair in &label.pairs {
                let Some(key) = cx.resolved.known(&pair.key) else { continue };
                if let Some(earlier) = set.insert(key, pair.key.span()) {
                    out.find(earlier, format!("the label `{key}` is set again below"))
                        .label("has no effect")
                        .related(pair.key.span(), "this one counts")
                        .help("remove one of the two");
                }
            }
        }
    }
}
