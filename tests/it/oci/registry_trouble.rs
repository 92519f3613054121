//! Registries that fail: what passes is tried again, what does not is told.

use std::io::Read;

use rplan::digest::Digest;
use rplan::oci::layer::Compression;
use rplan::oci::manifest::{Descriptor, media_type};
use rplan::oci::registry::{Credentials, Registries, Settings};
use rplan::oci::{Blame, BlobSink, BlobSource, Error, Image, Platform, Verified, copy};

use super::generate::{Memory, file, image, noise};
use crate::support::scripted_registry::{Answer, Request, ScriptedRegistry};

fn registries(mirrors: &[(&str, Vec<String>)]) -> Registries {
    let mirrors = mirrors.iter().map(|(host, mirrors)| ((*host).to_owned(), mirrors.clone())).collect();
    Registries::new(Settings { mirrors, credentials: Credentials::Anonymous, ..Settings::default() }).unwrap()
}

fn sample() -> (Image, Memory) {
    let content = noise(700_000, 11);
    image(&[&[file("big", &content)]], Compression::GZIP)
}

/// Answers for the manifest under `tag` and for every blob.
fn serve(image: &Image, blobs: &Memory, request: &Request) -> Answer {
    let last = request.path.rsplit('/').next().unwrap_or_default();
    if request.path.contains("/manifests/") {
        if last == "1" || last == image.digest().to_string() {
            let content_type = ("content-type", media_type::MANIFEST.to_owned());
            return Answer { headers: vec![content_type], ..Answer::ok(&image.manifest_bytes) };
        }
        let unknown = r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#;
        return Answer::status(404, unknown);
    }
    let digest: Digest = last.parse().unwrap();
    if digest == image.config_descriptor.digest {
        return Answer::ok(&image.config_bytes);
    }
    blobs.0.get(&digest).map_or_else(|| Answer::status(404, ""), |bytes| Answer::ok(bytes))
}

fn read_blob(source: &dyn BlobSource, blob: &Descriptor) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let reader = source.open(blob).map_err(|error| error.to_string())?;
    let read = Verified::new(reader, blob).read_to_end(&mut bytes);
    read.map(|_| bytes).map_err(|error| error.to_string())
}

#[test]
fn an_image_is_found_and_loaded_with_one_request_a_document() {
    let (image, blobs) = sample();
    let (served, layers) = (image.clone(), blobs);
    let registry = ScriptedRegistry::start(move |_, request| serve(&served, &layers, request));
    let registries = registries(&[]);
    let (repository, root) = registries.find(registry.host(), "a/b", "1").unwrap();
    let loaded = Image::load(&repository, &root, &Platform::new("linux", "amd64", None)).unwrap();
    assert_eq!(loaded, image);
    let config = format!("GET /v2/a/b/blobs/{}", image.config_descriptor.digest);
    assert_eq!(registry.seen(), ["GET /v2/a/b/manifests/1".to_owned(), config]);
}

#[test]
fn a_server_that_is_busy_is_asked_again() {
    let (image, blobs) = sample();
    let served = image.clone();
    let registry = ScriptedRegistry::start(move |number, request| match number {
        1 => Answer::status(503, ""),
        2 => Answer::status(429, r#"{"errors":[{"code":"TOOMANYREQUESTS","message":"slow down"}]}"#),
        _ => serve(&served, &blobs, request),
    });
    let registries = registries(&[]);
    let (_, root) = registries.find(registry.host(), "a", "1").unwrap();
    assert_eq!(root.digest, image.digest());
    assert_eq!(registry.seen().len(), 3);
}

#[test]
fn a_broken_download_goes_on_where_it_broke() {
    for knows_ranges in [true, false] {
        let (image, blobs) = sample();
        let layer = image.layers[0].blob.clone();
        let whole = blobs.0[&layer.digest].clone();
        let expected = whole.clone();
        let registry = ScriptedRegistry::start(move |number, request| match request.range_from {
            Some(from) if knows_ranges => {
                let range = ("content-range", format!("bytes {from}-{}/{}", whole.len() - 1, whole.len()));
                let cut_after = (number == 2).then_some(1000);
                Answer { status: 206, headers: vec![range], cut_after, ..Answer::ok(&whole[from..]) }
            }
            _ => Answer { cut_after: (number == 1).then_some(100_000), ..Answer::ok(&whole) },
        });
        let registries = registries(&[]);
        let repository = registries.repository(registry.host(), "a").unwrap();
        assert!(read_blob(&repository, &layer).unwrap() == expected);
        assert_eq!(registry.seen().len(), if knows_ranges { 3 } else { 2 });
    }
}

#[test]
fn a_connection_that_always_breaks_is_given_up() {
    let registry = ScriptedRegistry::start(|_, _| Answer { cut_after: Some(0), ..Answer::ok(&[7; 5000]) });
    let registries = registries(&[]);
    let repository = registries.repository(registry.host(), "a").unwrap();
    let blob = Descriptor::of(media_type::LAYER_TAR, &[7; 5000]);
    let error = read_blob(&repository, &blob).unwrap_err();
    assert!(error.contains("was asked for blob sha256:"), "{error}");
    assert_eq!(registry.seen().len(), 4);
}

#[test]
fn wrong_bytes_are_noticed_at_the_end() {
    let registry = ScriptedRegistry::start(|_, _| Answer::ok(&[8; 5000]));
    let registries = registries(&[]);
    let repository = registries.repository(registry.host(), "a").unwrap();
    let error = read_blob(&repository, &Descriptor::of(media_type::LAYER_TAR, &[7; 5000])).unwrap_err();
    assert!(error.contains("is damaged: its digest is"), "{error}");
}

#[test]
fn a_manifest_that_is_not_the_one_asked_for_is_refused() {
    let (image, blobs) = sample();
    let registry = ScriptedRegistry::start(move |_, request| {
        let wrong = Request { path: "/v2/a/manifests/1".into(), ..request.clone() };
        serve(&image, &blobs, &wrong)
    });
    let registries = registries(&[]);
    let wanted = Digest::of("another").to_string();
    let error = registries.find(registry.host(), "a", &wanted).map(|_| ()).unwrap_err();
    assert!(error.to_string().contains(&wanted), "{error}");
}

#[test]
fn what_is_absent_or_refused_is_said_so_at_once() {
    let (image, blobs) = sample();
    let registry = ScriptedRegistry::start(move |_, request| match request.path.contains("/private/") {
        true => Answer::status(401, ""),
        false => serve(&image, &blobs, request),
    });
    let registries = registries(&[]);
    let error = |repository, tag| registries.find(registry.host(), repository, tag).map(|_| ()).unwrap_err();
    let absent = error("a", "2");
    assert!(matches!(absent, Error::NotFound { .. }), "{absent}");
    assert_eq!(absent.blame(), Blame::Input);
    let host = registry.host();
    assert_eq!(absent.to_string(), format!("there is no manifest `{host}/a:2`"));
    let refused = error("private/a", "1").to_string();
    assert!(refused.contains(&format!("if it is private: docker login {host}")), "{refused}");
    assert_eq!(registry.seen().len(), 2);
}

#[test]
fn a_host_that_does_not_answer_is_the_environments_fault() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let error = registries(&[]).find(&nobody, "a", "1").map(|_| ()).unwrap_err();
    assert_eq!(error.blame(), Blame::Environment);
    assert!(error.to_string().starts_with(&nobody), "{error}");
}

#[test]
fn the_mirrors_of_a_host_are_asked_in_order_and_those_of_no_other() {
    let (image, blobs) = sample();
    let empty = ScriptedRegistry::start(|_, _| Answer::status(404, ""));
    let served = image.clone();
    let mirror = ScriptedRegistry::start(move |_, request| serve(&served, &blobs, request));
    for host in ["docker.io", "registry.example:5000"] {
        let mirrors = vec![empty.host().to_owned(), format!("http://{}/hub", mirror.host())];
        let registries = registries(&[(host, mirrors), ("other.example", vec!["wrong.example".to_owned()])]);
        let (repository, root) = registries.find(host, "library/app", "1").unwrap();
        assert_eq!(root.digest, image.digest());
        assert_eq!((repository.host(), repository.name()), (mirror.host(), "hub/library/app"));
    }
    assert_eq!(empty.seen(), ["GET /v2/library/app/manifests/1"; 2]);
}

#[test]
fn a_host_whose_mirrors_cannot_help_is_asked_itself() {
    let (image, blobs) = sample();
    let served = image.clone();
    let origin = ScriptedRegistry::start(move |_, request| serve(&served, &blobs, request));
    let empty = ScriptedRegistry::start(|_, _| Answer::status(404, ""));
    let registries = registries(&[(origin.host(), vec![empty.host().to_owned()])]);
    let (repository, root) = registries.find(origin.host(), "app", "1").unwrap();
    assert_eq!((root.digest, repository.host()), (image.digest(), origin.host()));
}

#[test]
fn an_upload_that_fails_is_made_again_from_the_start() {
    let (image, blobs) = sample();
    let layer = image.layers[0].blob.clone();
    let registry = ScriptedRegistry::start(|number, request| match (&request.method[..], number) {
        ("POST", _) => {
            Answer { headers: vec![("location", "/v2/a/blobs/uploads/x".into())], ..Answer::status(202, "") }
        }
        ("PUT", 2) => Answer::status(502, ""),
        ("PUT", _) => Answer { headers: vec![("location", "/v2/a/blobs/y".into())], ..Answer::status(201, "") },
        _ => Answer::status(404, ""),
    });
    let registries = registries(&[]);
    registries.repository(registry.host(), "a").unwrap().put(&layer, &blobs).unwrap();
    let methods: Vec<_> = registry.seen().iter().map(|line| line[..4].trim().to_owned()).collect();
    assert_eq!(methods, ["POST", "PUT", "POST", "PUT"]);
}

#[test]
fn a_blob_that_is_damaged_here_is_not_sent_twice() {
    let (image, mut blobs) = sample();
    let digest = image.layers[0].blob.digest;
    blobs.0.get_mut(&digest).unwrap()[1000] ^= 1;
    let registry = ScriptedRegistry::start(|_, request| match &request.method[..] {
        "POST" => Answer { headers: vec![("location", "/v2/a/blobs/uploads/x".into())], ..Answer::status(202, "") },
        _ => Answer::status(404, ""),
    });
    let registries = registries(&[]);
    let repository = registries.repository(registry.host(), "a").unwrap();
    let error = copy(&image, &blobs, &repository, &|_| ()).unwrap_err();
    assert!(matches!(error, Error::Corrupt { .. }), "{error}");
    assert_eq!(registry.seen().iter().filter(|line| line.starts_with("POST")).count(), 1);
}
