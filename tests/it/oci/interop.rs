//! What other programs make of images written here, and the other way round.

use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

use rplan::oci::archive::{self, Format};
use rplan::oci::layer::Compression;
use rplan::oci::registry::{Credentials, Registries, Settings};
use rplan::oci::{Error, Image, ImageName, ImagePlace, Layout, Platform, Progress, copy, open};

use super::generate::{Item, Memory, directory, file, image, noise, whiteout};
use crate::support::registry::{DockerRegistry, USER};
use crate::support::system::system_tests_run;

const ALL: [Compression; 3] = [Compression::None, Compression::GZIP, Compression::ZSTD];

fn sample(compression: Compression) -> (Image, Memory) {
    let base = [directory("bin"), file("bin/hello", &noise(2_500_000, 1)), file("etc", b"old"), file("gone", b"1")];
    let top: [Item; 3] = [file("etc", b"new"), whiteout("gone"), file("new", b"2")];
    image(&[&base, &top], compression)
}

fn registries(credentials: Credentials) -> Registries {
    Registries::new(Settings { credentials, ..Settings::default() }).unwrap()
}

fn amd64() -> Platform {
    Platform::new("linux", "amd64", None)
}

fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The layout at `path`, with `image` in it as `app:1`.
fn layout(path: &Path, image: &Image, blobs: &Memory) -> Layout {
    let layout = Layout::create(path).unwrap();
    copy(image, blobs, &layout, &|_| ()).unwrap();
    layout.publish(image, &[ImageName::new("docker.io/library/app:1")]).unwrap();
    layout
}

#[test]
fn a_pushed_image_comes_back_and_is_not_sent_twice() {
    if !system_tests_run("docker-registry") {
        return;
    }
    let (registry, registries) = (DockerRegistry::start(), registries(Credentials::Anonymous));
    for (number, compression) in ALL.into_iter().enumerate() {
        let (image, blobs) = sample(compression);
        let tag = number.to_string();
        let repository = registries.repository(registry.host(), "team/app").unwrap();
        copy(&image, &blobs, &repository, &|_| ()).unwrap();
        repository.tag(&image, &tag).unwrap();

        let again = Mutex::new(Vec::new());
        copy(&image, &blobs, &repository, &|progress| again.lock().unwrap().push(progress)).unwrap();
        let again = again.into_inner().unwrap();
        assert_eq!(again.len(), 3);
        assert!(again.iter().all(|progress| matches!(progress, Progress::Present(_))), "{again:?}");

        for reference in [tag.clone(), image.digest().to_string()] {
            let (source, root) = registries.find(registry.host(), "team/app", &reference).unwrap();
            let back = Image::load(&source, &root, &amd64()).unwrap();
            assert_eq!(back, image);
            let room = tempfile::tempdir().unwrap();
            let layout = Layout::create(room.path()).unwrap();
            copy(&back, &source, &layout, &|_| ()).unwrap();
        }
    }
}

#[test]
fn a_blob_of_another_repository_is_taken_over() {
    if !system_tests_run("docker-registry") {
        return;
    }
    let (registry, registries) = (DockerRegistry::start(), registries(Credentials::Anonymous));
    let (image, blobs) = sample(Compression::GZIP);
    copy(&image, &blobs, &registries.repository(registry.host(), "base").unwrap(), &|_| ()).unwrap();
    let known = image.layers.iter().map(|layer| (layer.blob.digest, vec!["base".to_owned()])).collect();
    let derived = registries.repository(registry.host(), "derived").unwrap().mount_from(known);
    // Without a single layer at hand: all are taken over.
    copy(&image, &Memory::default(), &derived, &|_| ()).unwrap();
    derived.tag(&image, "1").unwrap();
    let (source, root) = registries.find(registry.host(), "derived", "1").unwrap();
    assert_eq!(Image::load(&source, &root, &amd64()).unwrap(), image);
}

#[test]
fn a_registry_with_a_login_wants_it() {
    if !system_tests_run("docker-registry") {
        return;
    }
    let registry = DockerRegistry::start_with_login();
    let (image, blobs) = sample(Compression::GZIP);
    let fixed = |password: &str| Credentials::Fixed { username: USER.0.into(), password: password.into() };
    let push = |credentials| -> Result<(), Error> {
        let registries = registries(credentials);
        let repository = registries.repository(registry.host(), "app")?;
        copy(&image, &blobs, &repository, &|_| ())?;
        repository.tag(&image, "1")
    };
    let anonymous = push(Credentials::Anonymous).unwrap_err().to_string();
    assert!(anonymous.contains(&format!("docker login {}", registry.host())), "{anonymous}");
    let wrong = push(fixed("wrong")).unwrap_err().to_string();
    assert!(wrong.contains("the login it was given may not do this"), "{wrong}");
    push(fixed(USER.1)).unwrap();
    let registries = registries(fixed(USER.1));
    assert_eq!(registries.find(registry.host(), "app", "1").unwrap().1.digest, image.digest());
}

#[test]
fn skopeo_reads_what_is_pushed_and_its_pushes_are_read() {
    if !system_tests_run("docker-registry and skopeo") {
        return;
    }
    let (registry, registries) = (DockerRegistry::start(), registries(Credentials::Anonymous));
    let (image, blobs) = sample(Compression::GZIP);
    let repository = registries.repository(registry.host(), "app").unwrap();
    copy(&image, &blobs, &repository, &|_| ()).unwrap();
    repository.tag(&image, "1").unwrap();
    let pushed = format!("docker://{}/app:1", registry.host());
    let told = run(Command::new("skopeo").args(["inspect", "--tls-verify=false", &pushed]));
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["Digest"], image.digest().to_string());
    assert_eq!(told["Layers"].as_array().unwrap().len(), 2);

    // Docker's own manifest form, as skopeo makes it.
    let converted = format!("docker://{}/converted:2", registry.host());
    let tls = ["--src-tls-verify=false", "--dest-tls-verify=false"];
    run(Command::new("skopeo").args(["copy", "--format", "v2s2", &pushed, &converted]).args(tls));
    let (source, root) = registries.find(registry.host(), "converted", "2").unwrap();
    let back = Image::load(&source, &root, &amd64()).unwrap();
    assert!(back.descriptor.media_type.starts_with("application/vnd.docker."), "{:?}", back.descriptor);
    assert_eq!(back.config, image.config);
    // From Docker's form into a layout, and to another registry's repository, byte for byte.
    let room = tempfile::tempdir().unwrap();
    let layout = Layout::create(room.path()).unwrap();
    copy(&back, &source, &layout, &|_| ()).unwrap();
    layout.publish(&back, &[]).unwrap();
    let kept = layout.load(None, None, &amd64()).unwrap();
    let third = registries.repository(registry.host(), "third").unwrap();
    copy(&kept, &layout, &third, &|_| ()).unwrap();
    third.tag(&kept, "3").unwrap();
    assert_eq!(registries.find(registry.host(), "third", "3").unwrap().1.digest, back.digest());
}

#[test]
fn skopeo_accepts_layouts_and_archives() {
    if !system_tests_run("skopeo") {
        return;
    }
    for compression in ALL {
        let room = tempfile::tempdir().unwrap();
        let (image, blobs) = sample(compression);
        layout(&room.path().join("layout"), &image, &blobs);
        let names = [ImageName::new("docker.io/library/app:1")];
        archive::save(&room.path().join("oci.tar"), Format::Oci, &image, &names, &blobs).unwrap();
        archive::save(&room.path().join("docker.tar"), Format::Docker, &image, &names, &blobs).unwrap();
        for source in ["oci:layout:1", "oci-archive:oci.tar:1", "docker-archive:docker.tar:app:1"] {
            // This skopeo reads no zstd inside Docker's form.
            if matches!(compression, Compression::Zstd { .. }) && source.starts_with("docker") {
                continue;
            }
            let config = run(Command::new("skopeo").args(["inspect", "--config", "--raw", source]).current_dir(&room));
            assert_eq!(config.as_bytes(), image.config_bytes, "{source}");
            let copied = room.path().join(source.replace([':', '.'], "-"));
            run(Command::new("skopeo")
                .args(["copy", source])
                .arg(format!("oci:{}:x", copied.display()))
                .current_dir(&room));
            let back = open(&copied).unwrap().load(Some("x"), None, &amd64()).unwrap();
            assert_eq!(back.config.rootfs, image.config.rootfs, "{source}");
        }
    }
}

#[test]
fn archives_that_skopeo_writes_are_read() {
    if !system_tests_run("skopeo") {
        return;
    }
    let room = tempfile::tempdir().unwrap();
    let (image, blobs) = sample(Compression::GZIP);
    layout(&room.path().join("layout"), &image, &blobs);
    for (target, name) in
        [("oci-archive:a.tar:app:1", "app:1"), ("docker-archive:b.tar:app:1", "app:1"), ("oci:c:1", "1")]
    {
        run(Command::new("skopeo").args(["copy", "oci:layout:1", target]).current_dir(&room));
        let place = open(&room.path().join(target.split(':').nth(1).unwrap())).unwrap();
        let back = place.load(Some(name), None, &amd64()).unwrap();
        assert_eq!(back.config, image.config, "{target}");
        let out = Layout::create(room.path().join(format!("out-{}", &target[..3]))).unwrap();
        copy(&back, place.as_source(), &out, &|_| ()).unwrap();
    }
}

#[test]
fn umoci_unpacks_a_layout() {
    if !system_tests_run("umoci and root") {
        return;
    }
    for compression in [Compression::None, Compression::GZIP] {
        let room = tempfile::tempdir().unwrap();
        let (image, blobs) = sample(compression);
        layout(&room.path().join("layout"), &image, &blobs);
        run(Command::new("umoci").args(["unpack", "--image", "layout:1", "bundle"]).current_dir(&room));
        let root = room.path().join("bundle/rootfs");
        assert_eq!(std::fs::read(root.join("etc")).unwrap(), b"new");
        assert!(std::fs::read(root.join("bin/hello")).unwrap() == noise(2_500_000, 1));
        assert!(!root.join("gone").exists());
    }
}
