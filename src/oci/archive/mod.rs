//! Images in a single tar file: the OCI archive (a layout as tar) and the Docker archive (`docker save`).
//!
//! What is written is both at once where it is for Docker: a layout with a `manifest.json` that points into it, as
//! Docker itself has written since 25.0. Read are these, and the classic Docker form with its `<id>/layer.tar`.
//! The bytes are a function of the image and its names alone.

mod docker;
mod read;
mod write;

pub use read::Archive;
pub use write::{Format, save, write};
