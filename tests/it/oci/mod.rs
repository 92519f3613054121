//! Images: layers, documents, and the places they lie in.

mod docker;
mod generate;
mod hostile_registry;
mod inspect;
mod interop;
mod layer;
mod layer_dialects;
mod layer_limits;
mod malformed;
mod places;
mod registry_logins;
mod registry_trouble;
mod registry_trust;
