//! Images: layers, documents, and the places they lie in.

mod generate;
mod layer;
mod layer_dialects;
mod places;
