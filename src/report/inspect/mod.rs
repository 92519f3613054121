//! What an image is made of, for people and as JSON.

pub(super) mod json;
pub(super) mod text;
