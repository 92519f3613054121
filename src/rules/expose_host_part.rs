//! EXPOSE with an address or a port of the host, as in `docker run -p`. Builders drop that part.

use super::{Check, Cx, Out};
use crate::model::{Instruction, Operation};
use crate::text::Edit;

pub(super) struct ExposeHostPart;

impl Check for ExposeHostPart {
    fn instruction(&self, instruction: &Instruction, _cx: &Cx<'_>, out: &mut Out<'_>) {
        let Operation::Expose(expose) = &instruction.operation else { return };
        for word in &expose.ports {
            let raw = word.raw.as_str();
            // `${port:-80}` has a colon of its own.
            if raw.contains(['$', '"', '\'']) {
                continue;
            }
            let Some((host, port)) = raw.rsplit_once(':') else { continue };
            if host.is_empty() || !port.starts_with(|c: char| c.is_ascii_digit()) {
                continue; // No port at all, which is an error of its own.
            }
            let span = word.raw.span_of(0, raw.len() - port.len());
            out.find(span, format!("EXPOSE cannot say where on the host: `{host}` is dropped"))
                .help(format!("write `EXPOSE {port}`, and publish it when the container starts: -p {raw}"))
                .fix(format!("write `{port}`"), || {
                    (span.len() == raw.len() - port.len()).then(|| vec![Edit::delete(span)])
                });
        }
    }
}
