//! Layouts and archives: an image that goes in comes out, in whatever form it lies.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rplan::oci::archive::{self, Archive, Format};
use rplan::oci::layer::{Compression, Entry, EntryWriter, Kind, walk_order};
use rplan::oci::manifest::{Descriptor, Index, media_type};
use rplan::oci::{Blame, BlobSource, Image, ImageName, ImagePlace, Layout, Platform, Progress, copy, open};

use super::generate::{Item, Memory, directory, file, image, noise, whiteout};

fn layers() -> [Vec<Item>; 2] {
    let base = vec![directory("bin"), file("bin/hello", &noise(300_000, 1)), file("etc", b"old")];
    [base, vec![file("etc", b"new"), whiteout("gone")]]
}

fn sample(compression: Compression) -> (Image, Memory) {
    let [base, top] = layers();
    image(&[&base, &top], compression)
}

fn names(full: &[&str]) -> Vec<ImageName> {
    full.iter().map(|name| ImageName::new(*name)).collect()
}

fn amd64() -> Platform {
    Platform::new("linux", "amd64", None)
}

/// The image of a place, and that its layers can be read to their ends.
fn load(place: &dyn ImagePlace, name: Option<&str>) -> Image {
    let image = place.load(name, None, &amd64()).unwrap();
    for layer in &image.layers {
        let blob = rplan::oci::Verified::new(place.open(&layer.blob).unwrap(), &layer.blob);
        rplan::oci::layer::LayerReader::new(blob).unwrap().finish_as(layer).unwrap();
    }
    image
}

#[test]
fn an_image_goes_through_a_layout_unchanged() {
    let room = tempfile::tempdir().unwrap();
    let (image, blobs) = sample(Compression::GZIP);
    let layout = Layout::create(room.path().join("out")).unwrap();
    copy(&image, &blobs, &layout, &|_| ()).unwrap();
    layout.publish(&image, &names(&["docker.io/library/app:1"])).unwrap();
    let entry = &layout.index().unwrap().manifests[0];
    let remarks: Vec<_> = entry.annotations.iter().map(|(key, value)| (&key[..], &value[..])).collect();
    let expected = [
        ("io.containerd.image.name", "docker.io/library/app:1"),
        ("org.opencontainers.image.created", "2024-05-01T00:00:00Z"),
        ("org.opencontainers.image.ref.name", "1"),
    ];
    assert_eq!(remarks, expected);
    let back = load(&Layout::open(room.path().join("out")).unwrap(), Some("app:1"));
    assert_eq!(back.manifest_bytes, image.manifest_bytes);
    assert_eq!((back.config, back.layers), (image.config, image.layers));
}

#[test]
fn a_copy_moves_only_what_is_not_there_and_says_so() {
    let room = tempfile::tempdir().unwrap();
    let layout = Layout::create(room.path()).unwrap();
    let [base, top] = layers();
    let (small, small_blobs) = image(&[&base], Compression::ZSTD);
    let (large, mut blobs) = image(&[&base, &top, &base], Compression::ZSTD);
    copy(&small, &small_blobs, &layout, &|_| ()).unwrap();
    // The first layer is no longer needed from the source.
    blobs.0.remove(&large.layers[0].blob.digest);
    let seen = Mutex::new(Vec::new());
    copy(&large, &blobs, &layout, &|progress| seen.lock().unwrap().push(progress)).unwrap();
    let top = &large.layers[1].blob;
    let seen = seen.into_inner().unwrap();
    assert_eq!(seen[0], Progress::Present(large.layers[0].blob.digest));
    assert_eq!(seen.last(), Some(&Progress::Moved { blob: top.digest, done: top.size, total: top.size }));
}

#[test]
fn names_in_a_layout_move_from_image_to_image() {
    let room = tempfile::tempdir().unwrap();
    let layout = Layout::create(room.path()).unwrap();
    let [base, top] = layers();
    let (old, new) = (image(&[&base], Compression::None), image(&[&top], Compression::None));
    for (image, blobs) in [&old, &new] {
        copy(image, blobs, &layout, &|_| ()).unwrap();
    }
    layout.publish(&old.0, &names(&["docker.io/library/app:latest", "docker.io/library/app:1"])).unwrap();
    layout.publish(&new.0, &names(&["docker.io/library/app:latest"])).unwrap();
    let digest = |name| layout.resolve(name, None).unwrap().digest;
    assert_eq!(digest(Some("1")), old.0.digest());
    assert_eq!(digest(Some("app")), new.0.digest());
    assert_eq!(digest(None), new.0.digest());
    assert_eq!(layout.index().unwrap().manifests.len(), 2);
    let error = layout.resolve(Some("2"), None).unwrap_err();
    assert_eq!(error.to_string(), "there is no image `2`; there is: app:latest, app:1");
    assert_eq!(layout.resolve(None, Some(old.0.digest())).unwrap().digest, old.0.digest());
}

#[test]
fn a_layout_refuses_bytes_that_are_not_the_promised_ones() {
    let room = tempfile::tempdir().unwrap();
    let layout = Layout::create(room.path()).unwrap();
    let (image, mut blobs) = sample(Compression::GZIP);
    let digest = image.layers[0].blob.digest;
    let bytes = blobs.0.get_mut(&digest).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    let error = copy(&image, &blobs, &layout, &|_| ()).unwrap_err();
    assert!(error.to_string().contains("its digest is"), "{error}");
    assert_eq!(error.blame(), Blame::Input);
    let left: Vec<_> = std::fs::read_dir(room.path().join("blobs/sha256")).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_directory_with_other_files_does_not_become_a_layout() {
    let room = tempfile::tempdir().unwrap();
    std::fs::write(room.path().join("mine"), "").unwrap();
    assert!(Layout::create(room.path()).unwrap_err().to_string().contains("it holds other files"));
    assert!(Layout::open(room.path()).unwrap_err().to_string().contains("it is no OCI layout"));
}

#[test]
fn an_image_goes_through_both_archives_unchanged_with_the_same_bytes_each_time() {
    let room = tempfile::tempdir().unwrap();
    let names = names(&["docker.io/library/app:1", "localhost:5000/app:2"]);
    for format in [Format::Oci, Format::Docker] {
        for compression in [Compression::None, Compression::GZIP] {
            let (image, blobs) = sample(compression);
            let path = room.path().join("archive.tar");
            archive::save(&path, format, &image, &names, &blobs).unwrap();
            let mut again = Vec::new();
            archive::write(&mut again, format, &image, &names, &blobs).unwrap();
            assert!(std::fs::read(&path).unwrap() == again);
            let archive = open(&path).unwrap();
            for name in ["app:1", "localhost:5000/app:2", "2"] {
                assert_eq!(load(&*archive, Some(name)).manifest_bytes, image.manifest_bytes);
            }
        }
    }
}

#[test]
fn an_archive_compressed_as_a_whole_is_read_too() {
    let room = tempfile::tempdir().unwrap();
    let (image, blobs) = sample(Compression::None);
    let path = room.path().join("archive.tar.gz");
    let mut gzip = flate2::write::GzEncoder::new(File::create(&path).unwrap(), flate2::Compression::fast());
    archive::write(&mut gzip, Format::Oci, &image, &[], &blobs).unwrap();
    gzip.finish().unwrap().flush().unwrap();
    assert_eq!(load(&*open(&path).unwrap(), None), image);
}

/// A classic `docker save`: `manifest.json`, `<id>/layer.tar`, the second layer a link to the first where they are equal.
fn classic(room: &Path, compression: Compression) -> (PathBuf, Image) {
    let [base, top] = layers();
    let (image, blobs) = image(&[&base, &top, &base], compression);
    let mut items = vec![
        (file("config.json", &image.config_bytes)),
        file("manifest.json", br#"[{"Config":"config.json","RepoTags":["app:1","app:2"],"Layers":["a/layer.tar","b/layer.tar","c/layer.tar"]}]"#),
        directory("a"),
        file("a/layer.tar", &blobs.0[&image.layers[0].blob.digest]),
        directory("b"),
        file("b/layer.tar", &blobs.0[&image.layers[1].blob.digest]),
        directory("c"),
        (Entry::new("c/layer.tar", Kind::Symlink { target: b"../a/layer.tar".to_vec() }, 0o777), vec![]),
    ];
    items.sort_by(|(left, _), (right, _)| walk_order(&left.path, &right.path));
    (write_tar(room, &items), image)
}

fn write_tar(room: &Path, items: &[Item]) -> PathBuf {
    let path = room.join("archive.tar");
    let mut archive = EntryWriter::new(File::create(&path).unwrap());
    for (entry, content) in items {
        archive.append(entry, &content[..]).unwrap();
    }
    archive.finish().unwrap();
    path
}

#[test]
fn a_classic_docker_archive_is_read_with_plain_and_with_compressed_layers() {
    for compression in [Compression::None, Compression::GZIP, Compression::ZSTD] {
        let room = tempfile::tempdir().unwrap();
        let (path, image) = classic(room.path(), compression);
        let archive = open(&path).unwrap();
        let back = load(&*archive, Some("app:2"));
        assert_eq!(back.config_bytes, image.config_bytes);
        assert_eq!(back.layers, image.layers);
        assert_eq!(archive.resolve(None, None).unwrap().digest, back.digest());
        // What comes out can go into a layout.
        let layout = Layout::create(room.path().join("layout")).unwrap();
        copy(&back, archive.as_source(), &layout, &|_| ()).unwrap();
        layout.publish(&back, &[]).unwrap();
        assert_eq!(load(&layout, None), back);
    }
}

#[test]
fn a_docker_archive_whose_layer_is_not_the_promised_one_is_refused_when_it_is_read() {
    let room = tempfile::tempdir().unwrap();
    let (path, _) = classic(room.path(), Compression::None);
    let mut bytes = std::fs::read(&path).unwrap();
    let at = bytes.windows(11).position(|window| window == b"bin/hello\0\0").unwrap();
    bytes[at + 512 + 1000] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let archive = Archive::open(&path).unwrap();
    let image = archive.load(None, None, &amd64()).unwrap();
    let layout = Layout::create(room.path().join("layout")).unwrap();
    let error = copy(&image, &archive, &layout, &|_| ()).unwrap_err();
    assert!(error.to_string().contains("its digest is"), "{error}");
}

#[test]
fn broken_archives_say_what_is_wrong() {
    let refusal = |items: &[Item]| {
        let room = tempfile::tempdir().unwrap();
        let error = open(&write_tar(room.path(), items)).map(|_| ()).unwrap_err();
        assert_eq!(error.blame(), Blame::Input);
        error.to_string()
    };
    assert!(refusal(&[]).contains("it is no archive of images"));
    assert!(refusal(&[file("manifest.json", b"[{}]")]).contains("missing field `Config`"));
    let missing = br#"[{"Config":"c.json","Layers":[]}]"#;
    assert!(refusal(&[file("manifest.json", missing)]).contains("it says it has `c.json`, but has not"));
    let mut looped = vec![file("manifest.json", missing)];
    looped.insert(0, (Entry::new("c.json", Kind::Symlink { target: b"c.json".to_vec() }, 0o777), vec![]));
    assert!(refusal(&looped).contains("but has not"));
    let future = [file("index.json", b"{}"), file("oci-layout", br#"{"imageLayoutVersion":"2.0.0"}"#)];
    assert!(refusal(&future).contains("its layout version is `2.0.0`"));
    let room = tempfile::tempdir().unwrap();
    std::fs::write(room.path().join("x"), noise(5000, 1)).unwrap();
    assert!(open(&room.path().join("x")).is_err());
}

#[test]
fn the_image_for_a_platform_is_found_through_indexes() {
    let [base, top] = layers();
    let (amd, mut blobs) = image(&[&base], Compression::None);
    let (arm, arm_blobs) = image(&[&top], Compression::None);
    blobs.0.extend(arm_blobs.0);
    let entry = |image: &Image, platform: &str| Descriptor {
        platform: Some(platform.parse().unwrap()),
        ..image.descriptor.clone()
    };
    for image in [&amd, &arm] {
        blobs.insert(image.manifest_bytes.clone());
        blobs.insert(image.config_bytes.clone());
    }
    let inner = Index::new(vec![entry(&amd, "linux/amd64"), entry(&arm, "linux/arm64")]).to_bytes();
    let inner_descriptor = Descriptor::of(media_type::INDEX, &inner);
    let outer = Index::new(vec![inner_descriptor]).to_bytes();
    blobs.insert(inner);
    let root = Descriptor::of("", &outer);
    blobs.insert(outer);
    let load = |platform: &str| Image::load(&blobs, &root, &platform.parse().unwrap());
    assert_eq!(load("linux/amd64").unwrap().digest(), amd.digest());
    assert_eq!(load("linux/arm64/v8").unwrap().digest(), arm.digest());
    let error = load("linux/s390x").unwrap_err().to_string();
    assert!(error.contains("there is: linux/amd64, linux/arm64"), "{error}");
}

#[test]
fn a_blob_that_is_missing_is_named() {
    let room = tempfile::tempdir().unwrap();
    let layout = Layout::create(room.path()).unwrap();
    let (image, _) = sample(Compression::None);
    let source: &dyn BlobSource = &layout;
    let error = source.open(&image.layers[0].blob).map(|_| ()).unwrap_err().to_string();
    assert!(error.starts_with(&format!("there is no blob {}", image.layers[0].blob.digest)), "{error}");
}
