//! A label that is set again in the same stage: only the last value counts, and the fix takes the earlier pair away.

use std::collections::BTreeMap;

use super::{Check, Cx, Out, removal};
use crate::model::{EnvPair, Instruction, Operation, Stage};

pub(super) struct RepeatedLabel;

impl Check for RepeatedLabel {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        let mut set: BTreeMap<&str, (&Instruction, &[EnvPair], usize)> = BTreeMap::new();
        for instruction in &stage.instructions {
            let Operation::Label(label) = &instruction.operation else { continue };
            for (index, pair) in label.pairs.iter().enumerate() {
                let Some(key) = cx.resolved.known(&pair.key) else { continue };
                if let Some((owner, pairs, earlier)) = set.insert(key, (instruction, &label.pairs, index)) {
                    out.find(pairs[earlier].key.span(), format!("the label `{key}` is set again below"))
                        .label("has no effect")
                        .related(pair.key.span(), "this one counts")
                        .help("remove one of the two")
                        .fix("remove it", || Some(vec![removal::pair(owner, pairs, earlier, cx)?]));
                }
            }
        }
    }
}
