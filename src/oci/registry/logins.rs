//! The files that `podman login` and `docker login` write, and under which key a login stands in them.

use std::env;
use std::fs;
use std::io;
use std::path::PathBuf;

use serde_json::Value;

/// Docker Hub's key in Docker's file.
const DOCKER_HUB: &str = "https://index.docker.io/v1/";

/// A file with logins.
pub(super) struct LoginFile {
    pub(super) path: PathBuf,
    pub(super) manner: Manner,
}

/// Whose keys a file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// The host alone.
    Docker,
    /// The host, or the host with the beginning of a repository's name.
    Podman,
}

/// The files, in the order in which podman asks them. One that `REGISTRY_AUTH_FILE` names is the only one.
pub(super) fn login_files() -> Vec<LoginFile> {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let podman = |path: PathBuf| LoginFile { path, manner: Manner::Podman };
    if let Some(path) = set("REGISTRY_AUTH_FILE") {
        return vec![podman(path)];
    }
    let in_containers = |folder: PathBuf| podman(folder.join("containers/auth.json"));
    let until_logout = set("XDG_RUNTIME_DIR").map(in_containers).unwrap_or_else(|| {
        let user = rustix::process::getuid().as_raw();
        podman(format!("/run/containers/{user}/auth.json").into())
    });
    let settings = set("XDG_CONFIG_HOME").or_else(|| set("HOME").map(|home| home.join(".config")));
    let docker = set("DOCKER_CONFIG").or_else(|| set("HOME").map(|home| home.join(".docker")));
    let docker = docker.map(|folder| LoginFile { path: folder.join("config.json"), manner: Manner::Docker });
    [Some(until_logout), settings.map(in_containers), docker].into_iter().flatten().collect()
}

impl LoginFile {
    /// What is in it; nothing where it is not there, or not this user's to read.
    pub(super) fn read(&self) -> io::Result<Option<String>> {
        match fs::read_to_string(&self.path) {
            Ok(text) => Ok(Some(text)),
            Err(error) => match error.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::PermissionDenied => Ok(None),
                _ => Err(error),
            },
        }
    }

    /// Under which key `text` has the login for `repository` at `host`, if it has one.
    pub(super) fn key(&self, text: &str, host: &str, repository: &str) -> String {
        match self.manner {
            Manner::Docker if host == "docker.io" => DOCKER_HUB.to_owned(),
            Manner::Docker => host.to_owned(),
            Manner::Podman => {
                let known: Value = serde_json::from_str(text).unwrap_or_default();
                let mut key = format!("{host}/{repository}");
                while known["auths"].get(&key).is_none()
                    && let Some((shorter, _)) = key.rsplit_once('/')
                {
                    let length = shorter.len();
                    key.truncate(length);
                }
                key
            }
        }
    }
}
