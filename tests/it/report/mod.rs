//! Formats: one view, every form, byte for byte.

mod build;
mod events;
mod lint;
mod sarif;
mod schema;

use rplan::report::Style;

/// A terminal with Unicode, without colour.
const UNICODE: Style = Style { colour: false, unicode: true, links: false, width: 80 };
