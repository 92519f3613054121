//! EXPOSE of a port that the stage exposes already.

use std::collections::BTreeMap;

use super::{Check, Cx, Out, removal};
use crate::model::{Expose, Operation, Stage};
use crate::text::Span;

pub(super) struct RepeatedPort;

impl Check for RepeatedPort {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        let mut seen: BTreeMap<String, Span> = BTreeMap::new();
        for instruction in &stage.instructions {
            let Operation::Expose(expose) = &instruction.operation else { continue };
            let places: Vec<Span> = expose.ports.iter().map(|word| word.span()).collect();
            for (index, word) in expose.ports.iter().enumerate() {
                let ports = cx.resolved.exposed(&Expose { ports: vec![word.clone()] });
                let earlier: Option<Vec<Span>> = ports.iter().map(|port| seen.get(port).copied()).collect();
                if let Some(first) = earlier.and_then(|places| places.first().copied()) {
                    out.find(word.span(), format!("`{}` is exposed already", word.raw.as_str()))
                        .related(first, "here")
                        .help("remove it")
                        .fix("remove it", || removal::part(instruction, &places, index, cx).map(|edit| vec![edit]));
                }
                for port in ports {
                    seen.entry(port).or_insert(word.span());
                }
            }
        }
    }
}
