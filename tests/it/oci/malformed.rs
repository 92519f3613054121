//! Documents of images in which any one value is something else: an error or an image, never a panic. What a daemon was
//! once brought down by with one malformed request (CVE-2024-23650) comes here from registries and layouts.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};

use rplan::digest::Digest;
use rplan::oci::config::ImageConfig;
use rplan::oci::{self, Platform};
use serde_json::{Value, json};

use crate::support::builds::lay_out_base;

/// What any value may be instead.
fn others() -> Vec<Value> {
    vec![
        Value::Null,
        json!({}),
        json!([]),
        json!([null]),
        json!(-1),
        json!(u64::MAX),
        json!(1.5),
        json!(""),
        json!("sha256:"),
        json!("a/b:c@d"),
    ]
}

/// The places of all values in a document, as JSON pointers.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| {
            let key = key.replace('~', "~0").replace('/', "~1");
            places(value, &format!("{at}/{key}"), found);
        }),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(number, item)| places(item, &format!("{at}/{number}"), found));
        }
        _ => {}
    }
}

/// The document with each of its values being something else, one at a time.
fn variants(document: &Value) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    places(document, "", &mut found);
    let mut variants = Vec::new();
    for place in found {
        for other in others() {
            let mut variant = document.clone();
            *variant.pointer_mut(&place).expect("the place is in it") = other.clone();
            variants.push((format!("{place} = {other}"), variant));
        }
    }
    variants
}

#[test]
fn no_document_of_an_image_makes_rplan_panic() {
    let directory = tempfile::tempdir().expect("a directory");
    let place = directory.path().join("layout");
    let mut config = ImageConfig::new(Platform::host());
    config.config.env = vec!["PATH=/bin".to_owned()];
    config.config.exposed_ports = ["80/tcp".to_owned()].into();
    config.config.on_build = vec!["RUN true".to_owned()];
    let image = lay_out_base(&place, config);
    let read = |digest: Digest| -> Value {
        let bytes = fs::read(place.join("blobs/sha256").join(digest.hex())).expect("a blob");
        serde_json::from_slice(&bytes).expect("JSON")
    };
    let write = |value: &Value| -> (Digest, usize) {
        let bytes = serde_json::to_vec(value).expect("JSON");
        let digest = Digest::of(&bytes);
        fs::write(place.join("blobs/sha256").join(digest.hex()), &bytes).expect("a blob");
        (digest, bytes.len())
    };
    let index: Value = serde_json::from_slice(&fs::read(place.join("index.json")).expect("an index")).expect("JSON");
    let listing = |manifest: &Value| {
        let ((digest, size), mut index) = (write(manifest), index.clone());
        index["manifests"][0]["digest"] = json!(digest);
        index["manifests"][0]["size"] = json!(size);
        index
    };
    let load = |what: &str, index: &Value| {
        fs::write(place.join("index.json"), serde_json::to_vec(index).expect("JSON")).expect("an index");
        let loading = || {
            let place = oci::open(&place)?;
            place.load(None, None, &Platform::host()).map(|image| image.config.history.len())
        };
        let ended = catch_unwind(AssertUnwindSafe(loading));
        assert!(ended.is_ok(), "{what}: a panic");
    };

    let manifest = read(image.digest());
    load("as it is", &listing(&manifest));
    for (what, variant) in variants(&index) {
        load(&format!("index {what}"), &variant);
    }
    for (what, variant) in variants(&manifest) {
        load(&format!("manifest {what}"), &listing(&variant));
    }
    for (what, variant) in variants(&read(image.config_descriptor.digest)) {
        let ((digest, size), mut manifest) = (write(&variant), manifest.clone());
        manifest["config"]["digest"] = json!(digest);
        manifest["config"]["size"] = json!(size);
        load(&format!("config {what}"), &listing(&manifest));
    }
}
