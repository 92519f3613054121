//! Registries that mean harm, or that ask to be treated with care: logins stay where they belong, nothing is read
//! without end, and nothing is believed.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use rplan::digest::Digest;
use rplan::oci::layer::Compression;
use rplan::oci::manifest::{Descriptor, media_type};
use rplan::oci::registry::{Credentials, Registries, Settings};
use rplan::oci::{Blame, BlobSink, BlobSource, Verified};

use super::generate::{Memory, file, image, noise};
use crate::support::scripted_registry::{Answer, Request, ScriptedRegistry};

fn registries() -> Registries {
    let credentials = Credentials::Fixed { username: "me".into(), password: "secret".into() };
    Registries::new(Settings { credentials, ..Settings::default() }).unwrap()
}

fn with(status: u16, headers: &[(&'static str, String)], body: &str) -> Answer {
    Answer { headers: headers.to_vec(), ..Answer::status(status, body) }
}

const BLOB: [u8; 5000] = [7; 5000];

fn blob() -> Descriptor {
    Descriptor::of(media_type::LAYER_TAR, &BLOB)
}

fn read(registries: &Registries, host: &str) -> Result<Vec<u8>, String> {
    let repository = registries.repository(host, "a").unwrap();
    let reader = repository.open(&blob()).map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut Verified::new(reader, &blob()), &mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes)
}

/// Whatever is asked for, a login is wanted first.
fn wants_password(request: &Request) -> Option<Answer> {
    request.login().is_none().then(|| with(401, &[("www-authenticate", "Basic realm=\"x\"".into())], ""))
}

#[test]
fn a_login_does_not_follow_a_redirect_to_another_host() {
    let logins = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&logins);
    let elsewhere = ScriptedRegistry::start(move |_, request| {
        noted.lock().unwrap().push(request.login().map(str::to_owned));
        Answer::ok(&BLOB)
    });
    let target = format!("http://{}/somewhere?signed=1", elsewhere.host());
    let registry = ScriptedRegistry::start(move |_, request| {
        wants_password(request).unwrap_or_else(|| with(307, &[("location", target.clone())], ""))
    });
    assert_eq!(read(&registries(), registry.host()).unwrap(), BLOB);
    assert_eq!(*logins.lock().unwrap(), [None]);
    assert_eq!(registry.seen().len(), 2, "once without a login, once with it");
}

#[test]
fn an_upload_to_another_host_goes_without_the_login() {
    let logins = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&logins);
    let elsewhere = ScriptedRegistry::start(move |_, request| {
        noted.lock().unwrap().push((request.method.clone(), request.login().map(str::to_owned)));
        Answer::status(201, "")
    });
    let room = format!("http://{}/room?state=1", elsewhere.host());
    let registry = ScriptedRegistry::start(move |_, request| {
        wants_password(request).unwrap_or_else(|| with(202, &[("location", room.clone())], ""))
    });
    let (_, blobs) = image(&[&[file("x", b"y")]], Compression::None);
    let (digest, bytes) = blobs.0.iter().next().unwrap();
    let blob = Descriptor::new(media_type::LAYER_TAR, *digest, bytes.len() as u64);
    registries().repository(registry.host(), "a").unwrap().put(&blob, &blobs).unwrap();
    assert_eq!(*logins.lock().unwrap(), [("PUT".to_owned(), None)]);
    assert_eq!(elsewhere.seen(), [format!("PUT /room?state=1&digest={}", digest.to_string().replace(':', "%3A"))]);
}

#[test]
fn redirects_without_end_are_told() {
    let registry = ScriptedRegistry::start(|number, _| with(302, &[("location", format!("/v2/a/{number}"))], ""));
    let error = read(&registries(), registry.host()).unwrap_err();
    assert!(error.contains("one address to the next without end"), "{error}");
    assert!(registry.seen().len() < 20);
}

#[test]
fn a_manifest_without_end_is_not_read() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for mut connection in listener.incoming().flatten() {
            let mut line = String::new();
            let mut reader = BufReader::new(connection.try_clone().unwrap());
            while reader.read_line(&mut line).is_ok_and(|count| count > 2) {}
            let _ = connection.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
            // Until the other side has enough of it.
            while connection.write_all(&[b' '; 1 << 16]).is_ok() {}
        }
    });
    let error = registries().find(&host, "a", "1").map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("more than the 16777216 bytes"), "{error}");
    assert_eq!(error.blame(), Blame::Environment);
}

#[test]
fn a_registry_that_says_when_to_come_back_is_asked_again() {
    let registry = ScriptedRegistry::start(|number, _| match number {
        1 => with(429, &[("retry-after", "1".into())], ""),
        _ => Answer::ok(&BLOB),
    });
    assert_eq!(read(&registries(), registry.host()).unwrap(), BLOB);
    assert_eq!(registry.seen().len(), 2);
}

#[test]
fn a_registry_that_never_recovers_is_given_up_with_its_own_words() {
    let body = r#"{"errors":[{"code":"UNAVAILABLE","message":"down\u001b[2J for repairs"}]}"#;
    let registry = ScriptedRegistry::start(move |_, _| Answer::status(500, body));
    let error = read(&registries(), registry.host()).unwrap_err();
    assert!(error.contains("500 Internal Server Error: UNAVAILABLE: down[2J for repairs"), "{error}");
    assert_eq!(registry.seen().len(), 4);
}

#[test]
fn a_tag_that_is_not_what_the_registry_says_it_is_is_refused() {
    let (image, _) = image(&[&[file("x", b"y")]], Compression::None);
    let said = ("docker-content-digest", Digest::of("other").to_string());
    let registry = ScriptedRegistry::start(move |_, _| Answer {
        headers: vec![said.clone(), ("content-type", media_type::MANIFEST.into())],
        ..Answer::ok(&image.manifest_bytes)
    });
    let error = registries().find(registry.host(), "a", "1").map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("is damaged: its digest is"), "{error}");
}

#[test]
fn a_page_that_is_no_manifest_is_told_as_one() {
    let registry = ScriptedRegistry::start(|_, _| Answer {
        headers: vec![("content-type", "text/html".into())],
        ..Answer::ok(b"<html>Welcome!</html>")
    });
    let error = registries().find(registry.host(), "a", "1").map(|_| ()).unwrap_err();
    assert_eq!(error.blame(), Blame::Input, "{error}");
    assert!(error.to_string().contains("is damaged"), "{error}");
}

#[test]
fn the_rest_of_a_blob_must_be_the_rest() {
    let registry = ScriptedRegistry::start(|_, request| match request.range_from {
        Some(from) => {
            let range = format!("bytes {}-{}/{}", from + 7, BLOB.len() - 1, BLOB.len());
            Answer { status: 206, headers: vec![("content-range", range)], ..Answer::ok(&BLOB[from + 7..]) }
        }
        None => Answer { cut_after: Some(1000), ..Answer::ok(&BLOB) },
    });
    let error = read(&registries(), registry.host()).unwrap_err();
    assert!(error.contains("asked for the bytes from 1000 on and sent others"), "{error}");
}

/// A registry that wants tokens, and gives them at `/token`.
fn token_registry(challenged: impl Fn(&Request) -> Answer + Send + 'static) -> ScriptedRegistry {
    let host = Arc::new(Mutex::new(String::new()));
    let known = Arc::clone(&host);
    let registry = ScriptedRegistry::start(move |_, request| {
        if request.path.starts_with("/token") {
            return Answer::ok(br#"{"token":"ticket","expires_in":300}"#);
        }
        match request.login() {
            Some("Bearer ticket") => challenged(request),
            _ => {
                let realm = format!("Bearer realm=\"http://{}/token\",service=\"reg\"", known.lock().unwrap());
                with(401, &[("www-authenticate", realm)], "")
            }
        }
    });
    *host.lock().unwrap() = registry.host().to_owned();
    registry
}

#[test]
fn a_token_is_asked_for_once_and_for_every_repository_that_is_touched() {
    let (_, blobs) = image(&[&[file("big", &noise(9000, 3))]], Compression::None);
    let (digest, bytes) = blobs.0.iter().next().unwrap();
    let blob = Descriptor::new(media_type::LAYER_TAR, *digest, bytes.len() as u64);
    let registry = token_registry(|request| match &request.method[..] {
        "HEAD" => Answer::status(404, ""),
        "POST" if request.path.contains("from=base%2Fimage") => Answer::status(201, ""),
        _ => Answer::status(500, ""),
    });
    let known = [(*digest, vec!["base/image".to_owned()])].into();
    let registries = registries();
    let repository = registries.repository(registry.host(), "mine").unwrap().mount_from(known);
    assert!(!repository.has(&blob).unwrap() && !repository.has(&blob).unwrap());
    repository.put(&blob, &Memory::default()).unwrap();
    let seen = registry.seen();
    let tokens: Vec<&String> = seen.iter().filter(|line| line.contains("/token")).collect();
    let scope = "service=reg&scope=repository%3Amine%3Apull%2Cpush";
    let both = format!("{scope}&scope=repository%3Abase%2Fimage%3Apull");
    assert_eq!(tokens, [&format!("GET /token?{scope}"), &format!("GET /token?{both}")]);
}

#[test]
fn an_identity_token_is_changed_for_one_that_opens() {
    let registry = token_registry(|_| Answer::ok(&BLOB));
    let place = tempfile::tempdir().unwrap();
    let auths = format!(r#"{{"auths":{{"{}":{{"identitytoken":"long lived"}}}}}}"#, registry.host());
    std::fs::write(place.path().join("config.json"), auths).unwrap();
    // Docker's configuration is found through the environment, so another process has to look.
    let mut rplan = std::process::Command::new(env!("CARGO_BIN_EXE_rplan"));
    rplan.args(["image", "pull", &format!("{}/a:1", registry.host())]).env("DOCKER_CONFIG", place.path());
    let run = rplan.env("HOME", place.path()).env_remove("XDG_DATA_HOME").output().unwrap();
    let asked: Vec<String> = registry.bodies().into_iter().filter(|body| !body.is_empty()).collect();
    let form =
        "grant_type=refresh_token&client_id=rplan&refresh_token=long+lived&scope=repository%3Aa%3Apull&service=reg";
    assert_eq!(asked, [form], "{run:?}");
    assert!(registry.seen().iter().any(|line| line == "POST /token"), "{:?}", registry.seen());
}
