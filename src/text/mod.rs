//! Source text: bytes ↔ lines and columns, spans, edits.
//!
//! Owns the bytes of a file and every way of pointing into them or changing them.
//! Does not know Dockerfiles, nor files on disk.
//! Invariant: a [`Span`] is a range of byte offsets; lines and columns exist only where something is shown.

mod amount;
mod edit;
mod excerpt;
mod nearest;
mod origin;
mod quote;
mod source;
mod span;

pub use amount::amount;
pub use edit::{Edit, EditConflict, EditSet, Gathered};
pub use excerpt::excerpt;
pub use nearest::nearest;
pub use origin::Origins;
pub use quote::quote;
pub use source::{Encoding, Position, SUBSTITUTE, SourceFile};
pub use span::{Span, Spanned};
