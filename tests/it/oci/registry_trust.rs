//! Registries over TLS: trusted by what docker and podman have laid down for them, and refused without.

use std::io::Read;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use rplan::oci::manifest::{Descriptor, media_type};
use rplan::oci::registry::{Credentials, Registries, Settings};
use rplan::oci::{Blame, BlobSource, Error, Verified};
use rustls::ServerConfig;
use tempfile::TempDir;

use crate::support::authority::{Authority, Identity, lay_down};
use crate::support::registry::DockerRegistry;
use crate::support::scripted_registry::{Answer, ScriptedRegistry};
use crate::support::system::system_tests_run;

const BLOB: [u8; 5000] = [7; 5000];
const HERE: &str = "127.0.0.1";

fn serve(config: Arc<ServerConfig>) -> ScriptedRegistry {
    ScriptedRegistry::start_encrypted(config, |_, _| Answer::ok(&BLOB))
}

/// Reads the blob from the registry at `host`, with what is laid down in `folders`.
fn read(host: &str, folders: &[&TempDir]) -> Result<(), Error> {
    let certificates = folders.iter().map(|folder| folder.path().to_owned()).collect();
    let settings = Settings { certificates, credentials: Credentials::Anonymous, ..Settings::default() };
    let registries = Registries::new(settings).unwrap();
    let repository = registries.repository(host, "a")?;
    let blob = Descriptor::of(media_type::LAYER_TAR, &BLOB);
    let mut bytes = Vec::new();
    let read = Verified::new(repository.open(&blob)?, &blob).read_to_end(&mut bytes);
    read.map_err(Error::io("reading")).map(|_| assert_eq!(bytes, BLOB))
}

/// A folder with `files` for the registry at `host`.
fn laid_down(host: &str, files: &[(&str, String)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    lay_down(folder.path(), host, files);
    folder
}

#[test]
fn an_authority_that_was_laid_down_is_trusted() {
    let authority = Authority::new();
    let registry = serve(authority.vouch_for(HERE).server(None));
    let (other, folder) = (TempDir::new().unwrap(), laid_down(registry.host(), &[("ca.crt", authority.pem())]));
    read(registry.host(), &[&other, &folder]).unwrap();
}

#[test]
fn a_certificate_that_signed_itself_is_trusted_where_it_was_laid_down() {
    let identity = Identity::of_its_own(HERE);
    let registry = serve(identity.server(None));
    read(registry.host(), &[&laid_down(registry.host(), &[("registry.crt", identity.pem())])]).unwrap();

    let elsewhere = Identity::of_its_own("registry.example");
    let registry = serve(elsewhere.server(None));
    let error = read(registry.host(), &[&laid_down(registry.host(), &[("ca.crt", elsewhere.pem())])]).unwrap_err();
    assert!(error.to_string().contains("not valid for name"), "{error}");
}

#[test]
fn whom_nobody_vouches_for_is_refused_with_what_to_do() {
    let registry = serve(Authority::new().vouch_for(HERE).server(None));
    let host = registry.host();
    for files in [&[][..], &[("ca.crt", Authority::new().pem())]] {
        let error = read(host, &[&laid_down(host, files)]).unwrap_err();
        assert_eq!(error.blame(), Blame::Environment);
        let text = error.to_string();
        assert!(text.starts_with(&format!("{host} cannot be trusted: ")), "{text}");
        assert!(text.contains(&format!("/etc/docker/certs.d/{host}/ca.crt")), "{text}");
    }
    assert_eq!(registry.seen().len(), 0, "nothing was asked of it");
}

#[test]
fn a_name_that_is_not_its_own_helps_no_registry() {
    let authority = Authority::new();
    let registry = serve(authority.vouch_for("registry.example").server(None));
    let folder = laid_down(registry.host(), &[("ca.crt", authority.pem())]);
    let text = read(registry.host(), &[&folder]).unwrap_err().to_string();
    assert!(text.contains("cannot be trusted") && text.contains("mend its certificate"), "{text}");
}

#[test]
fn a_registry_that_wants_to_know_its_client_is_shown_a_certificate() {
    let authority = Authority::new();
    let registry = serve(authority.vouch_for(HERE).server(Some(&authority)));
    let client = authority.vouch_for("client");
    let ca = ("ca.crt", authority.pem());
    let known = [ca.clone(), ("client.cert", client.pem()), ("client.key", client.key_pem())];
    read(registry.host(), &[&laid_down(registry.host(), &known)]).unwrap();

    let text = read(registry.host(), &[&laid_down(registry.host(), &[ca])]).unwrap_err().to_string();
    assert!(text.contains("as client.cert and client.key"), "{text}");
}

#[test]
fn what_was_laid_down_by_halves_is_told() {
    let client = Authority::new().vouch_for("client");
    let error = |files: &[(&str, String)]| read("localhost:1", &[&laid_down("localhost:1", files)]).unwrap_err();
    let cases = [
        (("client.cert", client.pem()), "client.cert is of no use: client.key is not beside it"),
        (("client.key", client.key_pem()), "client.key is of no use: client.cert is not beside it"),
        (("ca.crt", "no certificate".to_owned()), "ca.crt is of no use: it holds no certificate"),
    ];
    for (file, expected) in cases {
        let error = error(&[file]).to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn a_download_that_breaks_over_tls_goes_on_where_it_broke() {
    let authority = Authority::new();
    let registry =
        ScriptedRegistry::start_encrypted(authority.vouch_for(HERE).server(None), |_, request| {
            match request.range_from {
                None => Answer { cut_after: Some(2000), ..Answer::ok(&BLOB) },
                Some(from) => {
                    let range = ("content-range", format!("bytes {from}-{}/{}", BLOB.len() - 1, BLOB.len()));
                    Answer { status: 206, headers: vec![range], ..Answer::ok(&BLOB[from..]) }
                }
            }
        });
    read(registry.host(), &[&laid_down(registry.host(), &[("ca.crt", authority.pem())])]).unwrap();
    assert_eq!(registry.seen().len(), 2);
}

/// Runs a program that finds its settings below `home`.
fn run(program: &str, arguments: &[&str], home: &Path) -> (bool, String) {
    let mut command = Command::new(program);
    command.args(arguments).env_clear().env("HOME", home).env("PATH", std::env::var_os("PATH").unwrap());
    let output = command.output().unwrap_or_else(|error| panic!("{program}: {error}"));
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn rplan_and_skopeo_trust_a_registry_by_the_same_files() {
    if !system_tests_run("docker-registry, skopeo and busybox-static") {
        return;
    }
    let (authority, home) = (Authority::new(), tempfile::tempdir().unwrap());
    let registry = DockerRegistry::start_encrypted(&authority.vouch_for(HERE), &authority);
    let client = authority.vouch_for("client");
    let files = [("ca.crt", authority.pem()), ("me.cert", client.pem()), ("me.key", client.key_pem())];
    let name = format!("{}/a:1", registry.host());
    let base = home.path().join("base");
    crate::support::builds::lay_out_base(&base, rplan::oci::config::ImageConfig::new(rplan::oci::Platform::host()));
    let (from, to) = (format!("oci:{}", base.display()), format!("docker://{name}"));
    let rplan = env!("CARGO_BIN_EXE_rplan");

    let (pulled, said) = run(rplan, &["image", "pull", &name], home.path());
    assert!(!pulled, "{said}");
    lay_down(&home.path().join(".config/containers/certs.d"), registry.host(), &files);
    let (pushed, said) = run("skopeo", &["--insecure-policy", "copy", &from, &to], home.path());
    assert!(pushed, "{said}");
    let (pulled, said) = run(rplan, &["image", "pull", &name], home.path());
    assert!(pulled, "{said}");
}
