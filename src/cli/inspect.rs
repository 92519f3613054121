//! `rplan inspect`: an image in the store, a layout or an archive, read through.

use std::path::Path;

use crate::cli::args::{AnswerFormatName, InspectArgs};
use crate::cli::build::in_full;
use crate::cli::console::Console;
use crate::cli::exit::{Answer, Exit, Failure};
use crate::cli::formats;
use crate::cli::machine::Machine;
use crate::exec::StoreBlobs;
use crate::model::image_ref::normalized;
use crate::oci::inspect::{Inspection, inspect};
use crate::oci::manifest::Descriptor;
use crate::oci::{self, Image, Platform};
use crate::report::{
    write_inspection_json, write_inspection_text, write_layer_json, write_layer_text, write_tree_json, write_tree_text,
};
use crate::store::Store;

/// Shows one image.
pub(super) fn run(args: &InspectArgs, console: &mut Console) -> Answer {
    let (name, inspection) = read(&args.image)?;
    let name = name.as_str();
    let layer = match args.layer {
        Some(number) => Some((number, entries(&inspection, number)?)),
        None => None,
    };
    let tree = args.tree.then(|| inspection.tree());
    formats::write_all(&args.formats, AnswerFormatName::Pretty, console, |form, style, out| {
        match (&layer, &tree, form) {
            (Some((_, entries)), _, AnswerFormatName::Pretty) => write_layer_text(entries, out),
            (Some((number, entries)), _, AnswerFormatName::Json) => write_layer_json(name, *number, entries, out),
            (None, Some(tree), AnswerFormatName::Pretty) => write_tree_text(tree, style, out),
            (None, Some(tree), AnswerFormatName::Json) => write_tree_json(name, tree, out),
            (None, None, AnswerFormatName::Pretty) => write_inspection_text(name, &inspection, style, out),
            (None, None, AnswerFormatName::Json) => write_inspection_json(name, &inspection, out),
        }
    })?;
    Ok(Exit::Fine)
}

fn entries(inspection: &Inspection, number: usize) -> Answer<Vec<oci::inspect::Listed>> {
    let count = inspection.layers.len();
    inspection
        .layer(number)
        .ok_or_else(|| Failure::usage(format_args!("there is no layer {number}: layers are counted from 1 to {count}")))
}

/// The image under its name: a file or directory of that name first, then the store.
fn read(image: &str) -> Answer<(String, Inspection)> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let (path, tag) = match image.rsplit_once(':') {
        Some((path, tag)) if !Path::new(image).exists() && Path::new(path).exists() => (path, Some(tag)),
        _ => (image, None),
    };
    if Path::new(path).exists() {
        let place = oci::open(Path::new(path)).map_err(|error| refused(&error))?;
        let found = place.load(tag, None, &Platform::host()).map_err(|error| refused(&error))?;
        let inspection = inspect(&found, place.as_source(), threads).map_err(|error| refused(&error))?;
        return Ok((image.to_owned(), inspection));
    }
    let unknown = || {
        Failure::usage(format_args!("there is no file and no image `{image}`"))
            .with_help("`rplan build -t NAME` keeps an image under a name")
    };
    let store = Store::open_existing(Machine::read()?.store).map_err(|error| Failure::environment(in_full(&error)))?;
    let store = store.ok_or_else(unknown)?;
    let tag = store.tags.get(&normalized(image)).map_err(|error| Failure::environment(in_full(&error)))?;
    let tag = tag.ok_or_else(unknown)?;
    let blobs = StoreBlobs(&store);
    let bytes = store.blobs.size(&tag.manifest).map_err(|error| Failure::environment(in_full(&error)))?;
    let descriptor = Descriptor::new("", tag.manifest, bytes.unwrap_or_default());
    let found = Image::load(&blobs, &descriptor, &Platform::host()).map_err(|error| refused(&error))?;
    let inspection = inspect(&found, &blobs, threads).map_err(|error| refused(&error))?;
    Ok((image.to_owned(), inspection))
}

fn refused(error: &oci::Error) -> Failure {
    match error.blame() {
        oci::Blame::Input => Failure::usage(in_full(error)),
        oci::Blame::Environment => Failure::environment(in_full(error)),
    }
}
