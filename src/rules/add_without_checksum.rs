//! ADD of a file from the web that nothing checks. Repositories and files whose source is not known are left alone.

use super::{Check, Cx, Out};
use crate::model::{CopySource, Instruction, Operation, Remote};

pub(super) struct AddWithoutChecksum;

impl Check for AddWithoutChecksum {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Operation::Add(add) = &instruction.operation else { return };
        if add.checksum.is_some() {
            return;
        }
        for source in &add.transfer.sources {
            let CopySource::Path(word) = source else { continue };
            let Some(url) = cx.resolved.known(word).filter(|text| Remote::of(text) == Some(Remote::Url)) else {
                continue;
            };
            let scheme = if url.starts_with("http://") { "unprotected and unchecked" } else { "unchecked" };
            out.find(word.span(), format!("what this address gives is taken in {scheme}"))
                .help("add --checksum=sha256:… : then only the file that you saw is taken");
        }
    }
}
