//! What `rplan inspect` has to tell.

use rplan::oci::inspect::{ListedKind, Way, inspect};
use rplan::oci::layer::Compression;

use super::generate::{directory, file, image, noise, whiteout};

fn sample() -> (rplan::oci::Image, super::generate::Memory) {
    let base = [directory("bin"), file("bin/hello", &noise(5_000, 1)), file("gone", b"123")];
    image(&[&base, &[file("bin/hello", b"hi"), whiteout("gone")]], Compression::GZIP)
}

#[test]
fn the_history_gives_each_layer_its_size() {
    let (image, blobs) = sample();
    let inspection = inspect(&image, &blobs, 2).unwrap();
    let lines: Vec<_> = inspection.history.iter().map(|line| (&line.created_by[..], line.layer, line.size)).collect();
    let expected = [("COPY 0", Some(1), 5_003), ("USER me", None, 0), ("COPY 1", Some(2), 2), ("USER me", None, 0)];
    assert_eq!(lines, expected);
    assert_eq!(inspection.content_size, 5_005);
    assert_eq!(inspection.blob_size, image.layers.iter().map(|layer| layer.blob.size).sum::<u64>());
    assert_eq!(inspection.digest, image.digest());
}

#[test]
fn layers_without_a_history_are_shown_all_the_same() {
    let (mut image, blobs) = sample();
    image.config.history.clear();
    let lines = inspect(&image, &blobs, 1).unwrap().history;
    assert_eq!(lines.iter().map(|line| line.layer).collect::<Vec<_>>(), [Some(1), Some(2)]);
}

#[test]
fn one_layer_is_listed_by_its_number() {
    let (image, blobs) = sample();
    let inspection = inspect(&image, &blobs, 8).unwrap();
    let listed = inspection.layer(2).unwrap();
    let shown: Vec<_> = listed.iter().map(|entry| (&entry.path[..], entry.kind, entry.size)).collect();
    assert_eq!(shown, [("bin/hello", ListedKind::File, 2), ("gone", ListedKind::Whiteout, 0)]);
    assert!(inspection.layer(0).is_none() && inspection.layer(3).is_none());
}

#[test]
fn the_tree_says_where_things_come_from_and_what_is_wasted() {
    let (image, blobs) = sample();
    let tree = inspect(&image, &blobs, 2).unwrap().tree();
    let shown: Vec<_> =
        tree.entries.iter().map(|entry| (&entry.entry.path[..], entry.layer, &entry.replaced[..])).collect();
    assert_eq!(shown, [("bin", 1, &[][..]), ("bin/hello", 2, &[1])]);
    let gone: Vec<_> = tree.gone.iter().map(|gone| (&gone.path[..], gone.wasted, gone.way)).collect();
    assert_eq!(gone, [("bin/hello", 5_000, Way::Overwritten), ("gone", 3, Way::Deleted)]);
    assert_eq!((tree.visible_size, tree.wasted_size), (2, 5_003));
}

#[test]
fn everything_becomes_json() {
    let (image, blobs) = sample();
    let inspection = inspect(&image, &blobs, 2).unwrap();
    let json = serde_json::to_value((&inspection, inspection.tree(), inspection.layer(1))).unwrap();
    assert_eq!(json[0]["config"]["Cmd"][0], "/bin/hello");
    assert_eq!(json[1]["entries"][1]["path"], "bin/hello");
    assert_eq!(json[1]["entries"][1]["layer"], 2);
    assert_eq!(json[1]["gone"][0]["way"], "overwritten");
    assert_eq!(json[2][0]["kind"], "directory");
}

#[test]
fn a_layer_whose_tar_is_not_the_promised_one_is_an_error() {
    let (mut image, blobs) = sample();
    image.layers[1].diff_id = image.layers[0].diff_id;
    let error = inspect(&image, &blobs, 2).unwrap_err().to_string();
    assert!(error.starts_with("the tar inside layer"), "{error}");
}
