//! An image as JSON, in rplan's envelope.

use std::io;

use serde::Serialize;

use crate::oci::inspect::{Inspection, Listed, Tree};
use crate::report::envelope;

/// Writes what an image is made of.
pub fn write_inspection_json(name: &str, inspection: &Inspection, out: &mut dyn io::Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Document<'a> {
        name: &'a str,
        image: &'a Inspection,
    }
    envelope::write("inspect", &Document { name, image: inspection }, out)
}

/// Writes the entries of one layer.
pub fn write_layer_json(name: &str, number: usize, entries: &[Listed], out: &mut dyn io::Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Document<'a> {
        name: &'a str,
        layer: usize,
        entries: &'a [Listed],
    }
    envelope::write("inspect", &Document { name, layer: number, entries }, out)
}

/// Writes the merged tree.
pub fn write_tree_json(name: &str, tree: &Tree, out: &mut dyn io::Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Document<'a> {
        name: &'a str,
        tree: &'a Tree,
    }
    envelope::write("inspect", &Document { name, tree }, out)
}
