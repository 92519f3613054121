//! What Docker itself makes of images written here.

use rplan::oci::archive::{self, Format};
use rplan::oci::layer::{Compression, Entry, Kind};
use rplan::oci::registry::{Credentials, Registries, Settings};
use rplan::oci::{Image, ImageName, Platform, copy, open};

use super::generate::{Memory, directory, file, image_running, noise, whiteout};
use crate::support::dockerd::Dockerd;
use crate::support::registry::DockerRegistry;
use crate::support::system::system_tests_run;

/// An image that tells what it sees in its root, of two layers so that removals matter.
fn telling(compression: Compression) -> (Image, Memory) {
    let busybox = std::fs::read("/bin/busybox").expect("busybox is installed (Debian package busybox-static)");
    let program = (Entry::new("bin/sh", Kind::File { size: busybox.len() as u64 }, 0o755), busybox);
    let twin = (Entry::new("data/twin", Kind::HardLink { target: b"data/one".to_vec() }, 0o644), Vec::new());
    let base = [directory("bin"), program, directory("data"), file("data/zero", b"zero")];
    let top = [file("data/big", &noise(3_000_000, 4)), file("data/one", b"one"), twin, whiteout("data/zero")];
    image_running(&[&base, &top], compression, &["/bin/sh", "-c", "cd /data && echo * && cat twin"])
}

const TOLD: &str = "big one twin\none";

#[test]
fn docker_loads_and_runs_an_archive() {
    if !system_tests_run("dockerd, busybox-static and root") {
        return;
    }
    let (daemon, room) = (Dockerd::start(), tempfile::tempdir().unwrap());
    for (compression, tag) in [(Compression::None, "plain"), (Compression::GZIP, "gzip")] {
        let (image, blobs) = telling(compression);
        let archive = room.path().join(tag);
        let name = ImageName::new(format!("docker.io/library/told:{tag}"));
        archive::save(&archive, Format::Docker, &image, &[name], &blobs).unwrap();
        let loaded = daemon.docker(&["load", "--input", archive.to_str().unwrap()]).unwrap();
        assert!(loaded.contains(&format!("Loaded image: told:{tag}")), "{loaded}");
        assert_eq!(run(&daemon, &format!("told:{tag}")), TOLD);
        let id = daemon.docker(&["image", "inspect", "--format", "{{.Id}}", &format!("told:{tag}")]).unwrap();
        assert_eq!(id.trim(), image.config_descriptor.digest.to_string());

        // And what Docker saves is read again: the classic form, by this version of it.
        let saved = room.path().join("saved");
        daemon.docker(&["save", "--output", saved.to_str().unwrap(), &format!("told:{tag}")]).unwrap();
        let place = open(&saved).unwrap();
        let back = place.load(Some(&format!("told:{tag}")), None, &Platform::host()).unwrap();
        assert_eq!(back.config, image.config);
        for layer in &back.layers {
            let blob = rplan::oci::Verified::new(place.open(&layer.blob).unwrap(), &layer.blob);
            rplan::oci::layer::LayerReader::new(blob).unwrap().finish_as(layer).unwrap();
        }
    }
}

#[test]
fn docker_pulls_and_runs_what_is_pushed() {
    if !system_tests_run("dockerd, docker-registry, busybox-static and root") {
        return;
    }
    let (daemon, registry) = (Dockerd::start(), DockerRegistry::start());
    let registries = Registries::new(Settings { credentials: Credentials::Anonymous, ..Settings::default() }).unwrap();
    let repository = registries.repository(registry.host(), "told").unwrap();
    let (image, blobs) = telling(Compression::GZIP);
    copy(&image, &blobs, &repository, &|_| ()).unwrap();
    repository.tag(&image, "1").unwrap();
    let name = format!("{}/told:1", registry.host());
    daemon.docker(&["pull", &name]).unwrap();
    assert_eq!(run(&daemon, &name), TOLD);

    // And the other way: what Docker pushes is pulled.
    let theirs = format!("{}/theirs:2", registry.host());
    daemon.docker(&["tag", &name, &theirs]).unwrap();
    daemon.docker(&["push", &theirs]).unwrap();
    let (source, root) = registries.find(registry.host(), "theirs", "2").unwrap();
    assert_eq!(Image::load(&source, &root, &Platform::host()).unwrap().config, image.config);
}

fn run(daemon: &Dockerd, image: &str) -> String {
    daemon.docker(&["run", "--rm", "--network", "host", image]).unwrap()
}
