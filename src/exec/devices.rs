//! RUN --device: what a device is made of, as the CDI specifications of this machine tell.
//!
//! Knows the files that device plugins write (`/etc/cdi`, `/var/run/cdi`); not how anything is mounted. Hooks, which
//! would be programs run on this machine, are refused.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::backend::{Mount, Shows};
use super::error::{Error, Result};
use crate::plan::Run;
use crate::text::Spanned;

/// Where specifications are; what is written in a later folder counts.
pub(super) const FOLDERS: [&str; 2] = ["/etc/cdi", "/var/run/cdi"];

/// What a step gets with its devices.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Equipment {
    pub(super) mounts: Vec<Mount>,
    pub(super) variables: Vec<(String, String)>,
}

/// One specification: all devices of a kind.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Specification {
    /// `vendor/class`
    kind: String,
    #[serde(default)]
    devices: Vec<Device>,
    /// What comes with any of them.
    #[serde(default)]
    container_edits: Edits,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Device {
    name: String,
    #[serde(default)]
    container_edits: Edits,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Edits {
    env: Vec<String>,
    device_nodes: Vec<Node>,
    mounts: Vec<Bind>,
    hooks: Vec<serde_json::Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    path: String,
    host_path: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bind {
    host_path: String,
    container_path: String,
    #[serde(default)]
    options: Vec<String>,
}

/// What is asked for with one `--device`.
struct Wanted {
    kind: String,
    name: String,
    is_required: bool,
}

/// What `run` gets with its devices; `folders` hold the specifications.
pub(super) fn equip(run: &Run, folders: &[PathBuf]) -> Result<Equipment> {
    let mut equipment = Equipment::default();
    if run.devices.is_empty() {
        return Ok(equipment);
    }
    let known = specifications(folders)?;
    for device in &run.devices {
        let wrong = |message: String| Error::Wrong { message, span: Some(device.span) };
        let wanted = Wanted::read(device)?;
        let Some((specification, found)) = wanted.find(&known) else {
            if wanted.is_required {
                return Err(wrong(wanted.missing(&known, folders)));
            }
            continue;
        };
        for edits in [&specification.container_edits, &found.container_edits] {
            equipment.add(edits).map_err(|why| wrong(format!("the device `{}` {why}", device.value)))?;
        }
    }
    Ok(equipment)
}

impl Equipment {
    fn add(&mut self, edits: &Edits) -> std::result::Result<(), String> {
        if !edits.hooks.is_empty() {
            return Err("comes with hooks, programs that would run outside the sandbox: they are not run here".into());
        }
        for variable in &edits.env {
            let (name, value) = variable.split_once('=').unwrap_or((variable, ""));
            self.variables.push((name.to_owned(), value.to_owned()));
        }
        for Node { path, host_path } in &edits.device_nodes {
            let shows = Shows::Device { path: host_path.as_deref().unwrap_or(path).into() };
            self.mounts.push(Mount { target: absolute(path)?, shows, is_read_only: false });
        }
        for Bind { host_path, container_path, options } in &edits.mounts {
            let path = Path::new(host_path)
                .strip_prefix("/")
                .map_err(|_| format!("names `{host_path}`, which is relative"))?;
            let shows = Shows::Tree { root: "/".into(), path: path.to_owned() };
            let is_read_only = options.iter().any(|option| option == "ro");
            self.mounts.push(Mount { target: absolute(container_path)?, shows, is_read_only });
        }
        Ok(())
    }
}

fn absolute(path: &str) -> std::result::Result<String, String> {
    let is_clean = path.starts_with('/') && !path.split('/').any(|part| part == "..");
    if is_clean { Ok(path.to_owned()) } else { Err(format!("names `{path}`, which is no place in a step")) }
}

impl Wanted {
    /// Reads `vendor/class=name`, `name=vendor/class=name`, each perhaps with `,required[=true]`.
    fn read(device: &Spanned<String>) -> Result<Self> {
        let mut is_required = false;
        let mut name = String::new();
        for field in device.value.split(',') {
            match field.split_once('=').unwrap_or((field, "true")) {
                (key, value) if key.eq_ignore_ascii_case("required") => {
                    is_required = matches!(value.to_ascii_lowercase().as_str(), "true" | "1");
                }
                (key, value) if key.eq_ignore_ascii_case("name") => value.clone_into(&mut name),
                _ => field.clone_into(&mut name),
            }
        }
        match name.split_once('=') {
            Some((kind, name)) if kind.contains('/') && !name.is_empty() => {
                Ok(Self { kind: kind.to_owned(), name: name.to_owned(), is_required })
            }
            _ => {
                let message = format!("`{name}` names no device: expected VENDOR/CLASS=NAME, as nvidia.com/gpu=all");
                Err(Error::Wrong { message, span: Some(device.span) })
            }
        }
    }

    fn find<'s>(&self, known: &'s [Specification]) -> Option<(&'s Specification, &'s Device)> {
        let mut of_kind = known.iter().rev().filter(|known| known.kind == self.kind);
        of_kind.find_map(|known| {
            known.devices.iter().find(|device| device.name == self.name).map(|device| (known, device))
        })
    }

    fn missing(&self, known: &[Specification], folders: &[PathBuf]) -> String {
        let Self { kind, name, .. } = self;
        let mut names: Vec<String> = known
            .iter()
            .flat_map(|known| known.devices.iter().map(|device| format!("{}={}", known.kind, device.name)))
            .collect();
        names.sort_unstable();
        let folders: Vec<String> = folders.iter().map(|folder| folder.display().to_string()).collect();
        let there = if names.is_empty() { "no device at all".to_owned() } else { names.join(", ") };
        format!("there is no device `{kind}={name}` here: {} know {there}", folders.join(" and "))
    }
}

/// Every specification in `folders`, in the order in which they count.
fn specifications(folders: &[PathBuf]) -> Result<Vec<Specification>> {
    let mut known = Vec::new();
    for folder in folders {
        let mut paths: Vec<PathBuf> =
            fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        paths.retain(|path| {
            path.extension().is_some_and(|ending| ["json", "yaml", "yml"].iter().any(|known| ending == *known))
        });
        paths.sort_unstable();
        for path in paths {
            let text = fs::read_to_string(&path).map_err(Error::io(format!("read {}", path.display())))?;
            let specification = serde_yaml::from_str(&text).map_err(|error| Error::Wrong {
                message: format!("{} is no CDI specification: {error}", path.display()),
                span: None,
            })?;
            known.push(specification);
        }
    }
    Ok(known)
}
