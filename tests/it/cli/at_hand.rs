//! What linting knows of base images that rplan's store has.

use std::collections::BTreeMap;

use rplan::exec::StoreBlobs;
use rplan::oci::config::ImageConfig;
use rplan::oci::{Platform, assemble, copy};
use rplan::store::{Store, Tag};

use super::*;

/// Keeps an image of this platform with one variable in the store of the place.
fn keep(place: &Place, name: &str, platform: Platform, variable: &str) {
    let store = Store::open(place.home().join(".local/share/rplan/store")).expect("a store");
    let mut config = ImageConfig::new(platform);
    config.config.env = vec![variable.to_owned()];
    let image = assemble(config, Vec::new(), BTreeMap::new());
    copy(&image, &image, &StoreBlobs(&store), &|_| {}).expect("a copy");
    let (manifest, config) = (image.digest(), image.config_descriptor.digest);
    let tag = Tag { name: name.to_owned(), manifest, config, layers: Vec::new(), snapshot: None, tagged_at: 0 };
    store.tags.put(&tag).expect("a tag");
}

fn found(place: &Place, rule: &str) -> Vec<String> {
    let run = place.rplan(&["lint", "--select", rule, "--format", "compact"]);
    run.stdout.lines().map(str::to_owned).collect()
}

#[test]
fn the_platform_of_an_image_at_hand_is_compared_with_what_from_asks_for() {
    let dockerfile =
        "FROM --platform=linux/amd64 team/app:1\nFROM --platform=linux/aarch64 team/app:1\nFROM team/app:1\n";
    let place = Place::with(&[("Dockerfile", dockerfile)]);
    assert_eq!(found(&place, "InvalidBaseImagePlatform"), [""; 0], "nothing is known of it");
    keep(&place, "docker.io/team/app:1", Platform::new("linux", "arm64", None), "A=1");
    let expected = "Dockerfile:1:17: warning[image-for-other-platform] `team/app:1` is an image for linux/arm64, \
                    not for linux/amd64";
    assert_eq!(found(&place, "InvalidBaseImagePlatform"), [expected]);
}

#[test]
fn the_variables_of_an_image_at_hand_are_set() {
    let place = Place::with(&[("Dockerfile", "FROM team/app:1\nWORKDIR $ROOT/$GONE\n")]);
    assert_eq!(found(&place, "undefined-variable"), [""; 0], "the image may set both");
    keep(&place, "docker.io/team/app:1", Platform::host(), "ROOT=/srv");
    let expected = "Dockerfile:2:15: warning[undefined-variable] nothing sets the variable `GONE`";
    assert_eq!(found(&place, "undefined-variable"), [expected]);
}

/// Linting needs no store, so that one that cannot be read says nothing.
#[test]
fn a_store_that_cannot_be_read_is_like_none() {
    let place = Place::with(&[("Dockerfile", "FROM team/app:1\n")]);
    let store = place.home().join(".local/share/rplan/store");
    std::fs::create_dir_all(&store).expect("a directory");
    std::fs::write(store.join("version"), "nonsense").expect("a file");
    let run = place.rplan(&["lint"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
}
