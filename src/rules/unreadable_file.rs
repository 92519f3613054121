//! Files that are no text. Whoever reads them from disk tells of those that cannot be read at all, and does not lint what
//! is no text; here it is told of a text that comes from elsewhere.

use crate::rules::{Check, Cx, Out};
use crate::text::Span;

pub(super) struct UnreadableFile;

/// The most bytes of a file that are linted: whatever is larger was not written by hand.
pub const LARGEST: usize = 10 << 20;
/// Where text that is none shows itself: the part that git looks at too.
const TELLING: usize = 8 << 10;

impl Check for UnreadableFile {
    fn file(&self, cx: &Cx<'_>, out: &mut Out<'_>) {
        if let Some((at, why)) = no_text(cx.source().bytes()) {
            out.find(Span::at(at), why);
        }
    }
}

/// Why bytes are not those of a Dockerfile, as what follows the name of the file, and where that shows.
pub fn no_text(bytes: &[u8]) -> Option<(usize, &'static str)> {
    let zero = || bytes[..bytes.len().min(TELLING)].iter().position(|byte| *byte == 0);
    if bytes.len() > LARGEST {
        Some((0, "is larger than 10 MiB, which no Dockerfile is: it was not looked at"))
    } else if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        Some((0, "is UTF-16, which no builder reads: save it as UTF-8"))
    } else {
        zero().map(|at| (at, "is no text: there are NUL bytes in it"))
    }
}
