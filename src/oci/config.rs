//! The image config: what a container of the image runs with, which layers it has, and how it came about.
//!
//! Holds the OCI fields, the ones only Docker writes (`OnBuild`, `Shell`, `Healthcheck`, `ArgsEscaped`) and, at the top
//! level, every key it does not know, so that those of a base image survive. Knows nothing of instructions.
//! The same value always gives the same bytes: fields in Docker's order, names sorted, what is empty left out.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::{Error, Result};
use super::go_json::{null_is_default, set};
use super::platform::Platform;
use crate::digest::Digest;

/// The whole document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImageConfig {
    /// When the newest layer was made (RFC 3339).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// Who made it.
    #[serde(default, deserialize_with = "null_is_default", skip_serializing_if = "String::is_empty")]
    pub author: String,
    /// What it runs on.
    #[serde(flatten)]
    pub platform: Platform,
    /// What a container runs with.
    #[serde(default, deserialize_with = "null_is_default")]
    pub config: RunConfig,
    /// The layers it is made of.
    #[serde(default, deserialize_with = "null_is_default")]
    pub rootfs: RootFs,
    /// How it came about, oldest first.
    #[serde(default, deserialize_with = "null_is_default")]
    pub history: Vec<History>,
    /// What is not known here.
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

impl ImageConfig {
    /// The config of an image with nothing in it.
    pub fn new(platform: Platform) -> Self {
        Self {
            created: None,
            author: String::new(),
            platform,
            config: RunConfig::default(),
            rootfs: RootFs::default(),
            history: Vec::new(),
            other: BTreeMap::new(),
        }
    }

    /// Reads a config.
    pub fn parse(what: &str, bytes: &[u8]) -> Result<Self> {
        serde_json::from_slice(bytes).map_err(|error| Error::malformed(what, error.to_string()))
    }

    /// The bytes of the document.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a config has only string keys")
    }
}

/// What a container of the image runs with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct RunConfig {
    /// The user, as USER wrote it.
    #[serde(deserialize_with = "null_is_default", skip_serializing_if = "String::is_empty")]
    pub user: String,
    /// Ports, as `80/tcp`.
    #[serde(with = "set", skip_serializing_if = "BTreeSet::is_empty")]
    pub exposed_ports: BTreeSet<String>,
    /// Variables, as `NAME=value`, in the order they were set.
    #[serde(deserialize_with = "null_is_default", skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<String>,
    /// The program.
    #[serde(deserialize_with = "null_is_default", skip_serializing_if = "Vec::is_empty")]
    pub entrypoint: Vec<String>,
    /// Its arguments, or the program where there is no entrypoint.
    #[serde(deserialize_with = "null_is_default", skip_serializing_if = "Vec::is_empty")]
    pub cmd: Vec<String>,
    /// How to tell whether it is well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub healthcheck: Option<Healthcheck>,
    /// Whether a Windows command line is escaped already; set by every CMD.
    #[serde(deserialize_with = "null_is_default", skip_serializing_if = "is_false")]
    pub args_escaped: bool,
    /// Directories that outlive the container.
    #[serde(with = "set", skip_serializing_if = "BTreeSet::is_empty")]
    pub volumes: BTreeSet<String>,
    /// Where the program starts.
    #[serde(deserialize_with = "null_is_default", skip_serializing_if = "String::is_empty")]
    pub working_dir: String,
    /// Instructions for images built on this one.
    #[serde(deserialize_with = "null_is_default", skip_serializing_if = "Vec::is_empty")]
    pub on_build: Vec<String>,
    /// Labels.
    #[serde(deserialize_with = "null_is_default", skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// The signal that ends it.
    #[serde(deserialize_with = "null_is_default", skip_serializing_if = "String::is_empty")]
    pub stop_signal: String,
    /// The shell of shell forms.
    #[serde(deserialize_with = "null_is_default", skip_serializing_if = "Vec::is_empty")]
    pub shell: Vec<String>,
}

/// How to tell whether a container is well. Times are in nanoseconds, zero means inherited.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Healthcheck {
    /// `NONE`, or `CMD` and arguments, or `CMD-SHELL` and a line.
    #[serde(deserialize_with = "null_is_default", skip_serializing_if = "Vec::is_empty")]
    pub test: Vec<String>,
    /// Between two checks.
    #[serde(skip_serializing_if = "is_zero")]
    pub interval: i64,
    /// How long one may take.
    #[serde(skip_serializing_if = "is_zero")]
    pub timeout: i64,
    /// How long failures do not count.
    #[serde(skip_serializing_if = "is_zero")]
    pub start_period: i64,
    /// Between two checks while failures do not count.
    #[serde(skip_serializing_if = "is_zero")]
    pub start_interval: i64,
    /// How many failures in a row.
    #[serde(skip_serializing_if = "is_zero")]
    pub retries: i64,
}

/// The layers of an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RootFs {
    #[serde(rename = "type", default = "layers")]
    kind: String,
    /// The digests of the uncompressed layers, lowest first.
    #[serde(default, deserialize_with = "null_is_default")]
    pub diff_ids: Vec<Digest>,
}

impl RootFs {
    /// A root file system of these layers.
    pub fn new(diff_ids: Vec<Digest>) -> Self {
        Self { kind: layers(), diff_ids }
    }
}

impl Default for RootFs {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

/// One line of `docker history`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct History {
    /// When (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// By what, as the builder words it.
    #[serde(deserialize_with = "null_is_default", skip_serializing_if = "String::is_empty")]
    pub created_by: String,
    /// By whom.
    #[serde(deserialize_with = "null_is_default", skip_serializing_if = "String::is_empty")]
    pub author: String,
    /// The builder's own remark.
    #[serde(deserialize_with = "null_is_default", skip_serializing_if = "String::is_empty")]
    pub comment: String,
    /// Whether it made no layer.
    #[serde(deserialize_with = "null_is_default", skip_serializing_if = "is_false")]
    pub empty_layer: bool,
}

fn layers() -> String {
    "layers".to_owned()
}

fn is_false(value: &bool) -> bool {
    !value
}

fn is_zero(value: &i64) -> bool {
    *value == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> ImageConfig {
        let strings = |words: &[&str]| words.iter().map(|word| word.to_string()).collect::<Vec<_>>();
        ImageConfig {
            created: Some("2024-05-01T00:00:00Z".into()),
            author: "me".into(),
            config: RunConfig {
                user: "app".into(),
                exposed_ports: ["443/tcp", "80/tcp"].map(String::from).into(),
                env: strings(&["PATH=/bin", "A=b"]),
                entrypoint: strings(&["/run"]),
                cmd: strings(&["--fast"]),
                healthcheck: Some(Healthcheck {
                    test: strings(&["CMD", "/ok"]),
                    interval: 5,
                    ..Healthcheck::default()
                }),
                args_escaped: true,
                volumes: ["/data".to_owned()].into(),
                working_dir: "/app".into(),
                on_build: strings(&["COPY . ."]),
                labels: [("b".to_owned(), "2".to_owned()), ("a".to_owned(), "1".to_owned())].into(),
                stop_signal: "SIGINT".into(),
                shell: strings(&["/bin/bash", "-c"]),
            },
            rootfs: RootFs::new(vec![Digest::of("layer")]),
            history: vec![
                History {
                    created_by: "RUN make".into(),
                    comment: "buildkit.dockerfile.v0".into(),
                    ..History::default()
                },
                History { created_by: "USER app".into(), empty_layer: true, ..History::default() },
            ],
            other: [("moby.buildkit.x".to_owned(), Value::from(1))].into(),
            ..ImageConfig::new(Platform::new("linux", "arm", Some("v7")))
        }
    }

    #[test]
    fn a_config_reads_back_what_it_writes() {
        let config = full();
        assert_eq!(ImageConfig::parse("it", &config.to_bytes()).unwrap(), config);
    }

    #[test]
    fn the_bytes_are_in_dockers_order_with_sorted_names() {
        let text = String::from_utf8(full().to_bytes()).unwrap();
        let keys = [
            "created",
            "author",
            "architecture",
            "os",
            "variant",
            "config",
            "User",
            "ExposedPorts",
            "443/tcp",
            "80/tcp",
            "Env",
            "Entrypoint",
            "Cmd",
            "Healthcheck",
            "ArgsEscaped",
            "Volumes",
            "WorkingDir",
            "OnBuild",
            "Labels",
            "a",
            "b",
            "StopSignal",
            "Shell",
            "rootfs",
            "type",
            "diff_ids",
            "history",
            "moby.buildkit.x",
        ];
        let places: Vec<_> = keys.iter().map(|key| text.find(&format!("\"{key}\":")).expect(key)).collect();
        assert!(places.is_sorted(), "{text}");
        assert!(text.contains(r#""ExposedPorts":{"443/tcp":{},"80/tcp":{}}"#), "{text}");
        assert!(text.contains(r#"{"created_by":"USER app","empty_layer":true}"#), "{text}");
    }

    #[test]
    fn what_docker_writes_as_null_is_empty() {
        let text = r#"{"architecture":"amd64","os":"linux","container":"abc","history":null,"rootfs":{"type":"layers","diff_ids":null},
            "config":{"Hostname":"","Cmd":null,"Labels":null,"ExposedPorts":null,"Volumes":null,"OnBuild":null,"Env":["A=b"]}}"#;
        let config = ImageConfig::parse("it", text.as_bytes()).unwrap();
        assert_eq!(config.config, RunConfig { env: vec!["A=b".into()], ..RunConfig::default() });
        assert_eq!(config.other["container"], "abc");
        assert!(config.history.is_empty() && config.rootfs.diff_ids.is_empty());
    }
}
