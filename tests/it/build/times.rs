//! SOURCE_DATE_EPOCH and the times in layers: clamped, unless an output wants them as they are; those of a base stay.

use std::path::Path;

use rplan::exec::{Destination, ImageFormat, Output, Written};
use rplan::oci::layer::LayerReader;
use rplan::oci::{BlobSource, Image, ImagePlace, Layout, Platform};

use crate::support::builds::Workshop;
use crate::support::system::system_tests_run;

const EPOCH: i64 = 1_000_000_000;

/// The layers of the image in a layout: their names and times.
fn times(layout: &Path) -> (Image, Vec<Vec<(String, i64)>>) {
    let layout = Layout::open(layout).expect("a layout");
    let image = layout.load(None, None, &Platform::host()).expect("an image");
    let of = |layer: &rplan::oci::Layer| {
        let mut reader = LayerReader::new(layout.open(&layer.blob).expect("a blob")).expect("a layer");
        let mut entries = Vec::new();
        while let Some(entry) = reader.next_entry().expect("an entry") {
            entries.push((String::from_utf8_lossy(&entry.path).into_owned(), entry.mtime));
        }
        entries
    };
    let layers = image.layers.iter().map(of).collect();
    (image, layers)
}

#[test]
fn times_in_layers_are_clamped_unless_an_output_wants_them_as_they_are() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    workshop.write("new", "new");
    workshop.write("old", "old");
    let set = |name: &str, seconds: u64| {
        let file = std::fs::File::options().write(true).open(workshop.path("context").join(name)).expect("a file");
        let time = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
        file.set_modified(time).expect("a time");
    };
    set("new", 1_500_000_000);
    set("old", 500_000_000);
    let written = |name: &str, rewrites_times: bool| Written {
        output: Output::Oci { dest: Destination::Path(workshop.path(name)), archive: false },
        format: Some(ImageFormat { rewrites_times, ..ImageFormat::default() }),
    };
    let mut request = workshop.request("FROM busybox\nCOPY new old /in/\n");
    request.settings.epoch = Some(EPOCH);
    request.outputs.written = vec![written("as-they-are", false), written("clamped", true)];
    workshop.build_request(&request).succeeded();

    let (base, of_base) = times(&workshop.path("base"));
    for (name, expected) in [("as-they-are", 1_500_000_000), ("clamped", EPOCH)] {
        let (image, layers) = times(&workshop.path(name));
        assert_eq!(layers[0], of_base[0], "{name}: a base is no work of this build");
        assert_eq!(image.layers[0].diff_id, base.layers[0].diff_id);
        let time = |path: &str| layers[1].iter().find(|(name, _)| name == path).expect("it is there").1;
        assert_eq!((time("in/new"), time("in/old")), (expected, 500_000_000), "{name}");
        // The config keeps to it in any case.
        assert_eq!(image.config.created.as_deref(), Some("2001-09-09T01:46:40Z"), "{name}");
    }
}
