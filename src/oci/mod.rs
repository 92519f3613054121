//! Images: layers, config, manifest, and the places they lie in.
//!
//! Owns the layer codec (entries ⇄ tar stream), whiteouts, the image documents, and three places an image can lie in:
//! a layout directory, an archive, a registry. Does not know stages, steps or Dockerfiles, nor the file tree a layer is
//! applied to. Whatever is written here is a function of its input alone: no clock, no user, no number of threads.

pub mod archive;
mod assemble;
mod blob;
pub mod config;
mod error;
mod go_json;
mod image;
pub mod inspect;
pub mod layer;
mod layout;
pub mod manifest;
mod name;
mod place;
mod platform;
pub mod registry;
mod whiteout;

pub use assemble::{Dialect, assemble, assemble_in};
pub use blob::{BlobSink, BlobSource, Verified, read_document};
pub use error::{Blame, Error, Result};
pub use image::{Image, Layer, Progress, Watch, copy};
pub use layout::Layout;
pub use name::ImageName;
pub use place::{ImagePlace, open};
pub use platform::Platform;
