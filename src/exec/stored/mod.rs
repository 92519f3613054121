//! Images that the store keeps under names: finding, naming, pulling and pushing them, without any build.
//!
//! Does not know what made them. A name stands for one image of one platform; what nothing names any more stays until
//! the store is collected.

mod find;
mod naming;
mod pull;
mod send;

pub use find::{StoredImage, find, list};
pub use naming::{forget, name};
pub use pull::{Pulled, pull};
pub use send::push;
pub(super) use send::{send, target};
