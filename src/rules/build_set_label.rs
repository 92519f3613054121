//! A label that buildx sets from the git repository when asked to. Values with variables come from whoever builds.

use super::{Check, Cx, Out, removal};
use crate::model::{Instruction, Operation};

pub(super) struct BuildSetLabel;

const KEYS: &[&str] =
    &["com.docker.image.source.entrypoint", "org.opencontainers.image.revision", "org.opencontainers.image.source"];

impl Check for BuildSetLabel {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Operation::Label(label) = &instruction.operation else { return };
        for (index, pair) in label.pairs.iter().enumerate() {
            let Some(key) = cx.resolved.known(&pair.key).filter(|key| KEYS.contains(key)) else { continue };
            if pair.value.raw.as_str().contains('$') {
                continue;
            }
            out.find(pair.key.span(), format!("docker buildx can set `{key}` from the repository"))
                .help("remove it, and build with BUILDX_GIT_LABELS=full")
                .fix("remove the label", || removal::pair(instruction, &label.pairs, index, cx).map(|edit| vec![edit]));
        }
    }
}
