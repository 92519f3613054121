//! The language: what parses to what, where each error stands, and that nothing is ever lost.

mod golden;
mod language;
mod limits;
mod outline;
mod properties;
