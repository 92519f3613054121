//! Images in forms of their own, and in registries: what is sent, what is called how, what stays as it came.

use std::collections::BTreeSet;
use std::process::Command;

use rplan::event::Event;
use rplan::exec::{Destination, ImageFormat, Output, Outputs, Request, Settings, Written};
use rplan::oci::layer::Compression;
use rplan::oci::{Dialect, Image, Platform, open};

use crate::support::builds::{BASE, Built, Workshop};
use crate::support::registry::DockerRegistry;
use crate::support::system::system_tests_run;

const DOCKERFILE: &str = "FROM busybox\nRUN echo one > /one\nRUN echo two > /two\nLABEL a=1\n";

/// The image that the archive `name` of a workshop holds.
fn load(workshop: &Workshop, name: &str) -> Image {
    open(&workshop.path(name)).and_then(|place| place.load(None, None, &Platform::host())).expect("an image")
}

fn archive(workshop: &Workshop, name: &str, format: ImageFormat) -> Written {
    Written {
        output: Output::Oci { dest: Destination::Path(workshop.path(name)), archive: true },
        format: Some(format),
    }
}

fn media_types(image: &Image) -> Vec<&str> {
    image.layers.iter().map(|layer| layer.blob.media_type.rsplit('.').next().unwrap()).collect()
}

#[test]
fn each_output_has_a_form_of_its_own_and_all_the_same_tars() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    let zstd = ImageFormat { compression: Compression::ZSTD, ..ImageFormat::default() };
    let forced = ImageFormat { recompresses_base: true, ..zstd.clone() };
    let docker = ImageFormat { dialect: Dialect::Docker, ..ImageFormat::default() };
    let remarked = ImageFormat {
        annotations: [("a".to_owned(), "1".to_owned())].into(),
        descriptor_annotations: [("b".to_owned(), "2".to_owned())].into(),
        ..ImageFormat::default()
    };
    let written = vec![
        archive(&workshop, "plain", ImageFormat::default()),
        archive(&workshop, "zstd", zstd),
        archive(&workshop, "forced", forced),
        archive(&workshop, "docker", docker),
        archive(&workshop, "remarked", remarked),
    ];
    let settings = Settings { labels: [("b".to_owned(), "2".to_owned())].into(), ..Settings::default() };
    let outputs = Outputs { written, ..Outputs::default() };
    let built = workshop.build_request(&Request { outputs, settings, ..workshop.request(DOCKERFILE) });
    built.succeeded();

    let plain = load(&workshop, "plain");
    assert_eq!(media_types(&plain), ["tar", "tar+gzip", "tar+gzip"], "the base stays as it came");
    let labels = &plain.config.config.labels;
    assert_eq!(labels.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>(), ["a=1", "b=2"]);
    let forms = ["zstd", "forced", "docker", "remarked"].map(|name| load(&workshop, name));
    for image in &forms {
        assert_eq!(image.config_bytes, plain.config_bytes, "the same tars, and so the same config");
        assert_ne!(image.digest(), plain.digest());
    }
    assert_eq!(media_types(&forms[0]), ["tar", "tar+zstd", "tar+zstd"]);
    assert_eq!(media_types(&forms[1]), ["tar+zstd", "tar+zstd", "tar+zstd"]);
    assert!(forms[2].layers[1].blob.media_type.ends_with("docker.image.rootfs.diff.tar.gzip"));
    assert!(forms[2].descriptor.media_type.contains("docker.distribution.manifest.v2"));
    assert!(String::from_utf8_lossy(&forms[3].manifest_bytes).contains(r#""annotations":{"a":"1"}"#));
    let listed = open(&workshop.path("remarked")).unwrap().index().unwrap();
    assert_eq!(listed.manifests[0].annotations["b"], "2");

    // What was packed anew is there the next time.
    let outputs = Outputs {
        written: vec![archive(
            &workshop,
            "again",
            ImageFormat { compression: Compression::ZSTD, ..ImageFormat::default() },
        )],
        ..Outputs::default()
    };
    let settings = Settings { labels: [("b".to_owned(), "2".to_owned())].into(), ..Settings::default() };
    workshop.build_request(&Request { outputs, settings, ..workshop.request(DOCKERFILE) }).succeeded();
    assert_eq!(load(&workshop, "again").digest(), forms[0].digest());
}

/// The digests of what was sent to `name`.
fn sent(built: &Built, name: &str) -> BTreeSet<String> {
    let events = built.events.iter().filter_map(|timed| match &timed.event {
        Event::ImageSent { name: to, blob, .. } if to == name => Some(blob.to_string()),
        _ => None,
    });
    events.collect()
}

fn push(workshop: &Workshop, dockerfile: &str, names: &[String]) -> Built {
    let output = Output::Image { names: names.to_vec(), push: true };
    let outputs = Outputs { names: vec!["kept".to_owned()], written: vec![output.into()], load: false };
    let built = workshop.build_pulling(&Request { outputs, ..workshop.request(dockerfile) });
    built.succeeded();
    built
}

#[test]
fn a_push_sends_what_the_registry_does_not_have_and_nothing_else() {
    if !system_tests_run("root, busybox-static, skopeo and docker-registry") {
        return;
    }
    let (workshop, registry) = (Workshop::new(), DockerRegistry::start());
    let name = |rest: &str| format!("{}/{rest}", registry.host());
    let (layout, base) = (format!("oci:{}", workshop.path("base").display()), name("lib/base:1"));
    let mut skopeo = Command::new("skopeo");
    skopeo.args(["copy", "--quiet", "--dest-tls-verify=false", &layout, &format!("docker://{base}")]);
    assert!(skopeo.status().expect("skopeo").success());

    let dockerfile = DOCKERFILE.replace(BASE, &base);
    let names = [name("me/app:1"), name("me/app:2"), name("you/app:1")];
    let built = push(&workshop, &dockerfile, &names);
    // Its two layers: the layer of the base is mounted.
    assert_eq!(sent(&built, &names[0]).len(), 2, "{:?}", sent(&built, &names[0]));
    assert_eq!(sent(&built, &names[1]).len(), 0, "the repository has everything");
    assert_eq!(sent(&built, &names[2]).len(), 0, "the layers are mounted");

    let pulled = push(&workshop, &format!("FROM {}\n", names[2]), &[name("me/copy:1")]);
    assert_eq!(sent(&pulled, &name("me/copy:1")).len(), 0, "the layers are mounted");
    let mut skopeo = Command::new("skopeo");
    let output = skopeo.args(["inspect", "--tls-verify=false", &format!("docker://{}", names[1])]).output().unwrap();
    let inspected: serde_json::Value = serde_json::from_slice(&output.stdout).expect("skopeo reads it");
    let digest = built.outcome().image.as_ref().expect("an image").digest.to_string();
    assert_eq!((&inspected["Digest"], &inspected["Labels"]["a"]), (&digest.into(), &"1".into()));
}

#[test]
fn a_push_that_cannot_be_is_refused_before_anything_is_built() {
    let workshop = Workshop::bare();
    for name in ["me/App", "me/app@sha256:00"] {
        let output = Output::Image { names: vec![name.to_owned()], push: true };
        let outputs = Outputs { written: vec![output.into()], ..Outputs::default() };
        let built = workshop.build_pulling(&Request { outputs, ..workshop.request("FROM scratch\n") });
        assert!(built.error().contains(name), "{}", built.error());
        assert_eq!(built.events.len(), 1, "{:?}", built.events);
    }
}
