//! Where a case is built: its context and its base image, and the way from a builder's command to what came of it.
//!
//! Every file of a context is of the first second of 2001 unless the case says otherwise, so that a time in a result
//! tells where it comes from.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use rplan::oci::archive::{self, Archive};
use rplan::oci::config::{History, ImageConfig};
use rplan::oci::{Image, ImageName, ImagePlace, Layout, Platform};

use super::case::{Case, Expected};
use super::shown;
use crate::support::builds::lay_out_base;

/// The beginning of 2001, by which what is kept is told from what is new.
const THEN: i64 = 978_307_200;

/// A builder that can be given the command of a case.
pub(super) trait Builder {
    /// A shell script that is called as `rplan build ARGUMENTS`, and leaves the image at `image` as an archive.
    fn script(&self, place: &Place, image: &Path) -> String;

    /// What went wrong, in the words that are compared.
    fn complaint(&self, code: i32, said: &str) -> String;
}

/// A directory with the context of a case and its base image.
pub(super) struct Place {
    directory: tempfile::TempDir,
    command: String,
    base: Image,
}

impl Place {
    /// Makes everything that `case` needs.
    pub fn lay_out(case: &Case) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let context = directory.path().join("context");
        fs::create_dir(&context).expect("a context");
        for block in &case.blocks {
            let path = match block.kind.as_str() {
                "dockerfile" => "Dockerfile",
                "file" => &block.argument,
                _ => continue,
            };
            write(&context.join(path), &block.content);
        }
        prepare(&context, case.block("sh").unwrap_or_default());
        let base = base(&directory.path().join("base"), case.block("base").unwrap_or("{}"));
        Self { directory, command: case.command().to_owned(), base }
    }

    /// A path in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The base image as an archive that other builders load.
    pub fn base_archive(&self) -> PathBuf {
        let path = self.path("base.tar");
        let layout = Layout::open(self.path("base")).expect("a layout");
        let names = [ImageName::new("docker.io/library/busybox:latest")];
        archive::save(&path, archive::Format::Docker, &self.base, &names, &layout).expect("an archive");
        path
    }

    /// Builds it, and tells what came of it.
    pub fn build(&self, builder: &dyn Builder, layers: bool) -> Expected {
        let image = self.path("image.tar");
        let programs = self.path("bin");
        let script = format!("#!/bin/sh\nset -e\nshift\n{}", builder.script(self, &image));
        write(&programs.join("rplan"), &script);
        fs::set_permissions(programs.join("rplan"), fs::Permissions::from_mode(0o755)).expect("a program");
        let began = jiff::Timestamp::now().as_second();
        let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap_or_default());
        let output = Command::new("sh")
            .args(["-c", &self.command])
            .current_dir(self.path("context"))
            .env_clear()
            .envs([("PATH", path.as_str()), ("LANG", "C.UTF-8")])
            .env("HOME", self.directory.path())
            .output()
            .expect("a shell");
        if !output.status.success() {
            let code = output.status.code().expect("it is not killed");
            return Expected::Error(builder.complaint(code, &String::from_utf8_lossy(&output.stderr)));
        }
        let archive = Archive::open(&image).expect("an archive");
        let made = archive.load(None, None, &Platform::host()).expect("one image");
        let base = shown::Layers::read(&self.base, &Layout::open(self.path("base")).expect("a layout"));
        Expected::Image(shown::shown(&made, &archive, (&self.base, &base), began, layers))
    }
}

/// rplan itself, with a store that holds nothing.
pub(super) struct Rplan;

impl Builder for Rplan {
    fn script(&self, place: &Place, image: &Path) -> String {
        let (program, base, image) = (env!("CARGO_BIN_EXE_rplan"), place.path("base"), image.display());
        let base = base.display();
        format!(
            "exec {program} build --progress quiet --build-context busybox=oci-layout://{base} -o type=oci,dest={image} \"$@\"\n"
        )
    }

    /// The exit code and the messages, without the drawing.
    fn complaint(&self, code: i32, said: &str) -> String {
        let mut text = format!("exit {code}\n");
        let mut is_message = false;
        for line in said.lines() {
            match (line.trim_start().strip_prefix("× "), line.trim_start().strip_prefix("│ ")) {
                (Some(message), _) => text.push_str(message),
                (None, Some(more)) if is_message => text.push_str(&format!(" {more}")),
                _ if is_message => {
                    is_message = false;
                    text.push('\n');
                    continue;
                }
                _ if line.starts_with("error: ") => {
                    text.push_str(&format!("{line}\n"));
                    continue;
                }
                _ => continue,
            }
            is_message = true;
        }
        text
    }
}

fn write(path: &Path, content: &str) {
    let parent = path.parent().expect("a parent");
    fs::DirBuilder::new().recursive(true).mode(0o755).create(parent).expect("parents");
    fs::write(path, content).expect("a file");
}

fn prepare(context: &Path, script: &str) {
    let script = format!(
        "set -eu; umask 022; chmod -R u=rwX,go=rX .\n{script}\n\
         find . -newermt yesterday -exec touch -h -d @{THEN} {{}} +\n"
    );
    let output = Command::new("sh").args(["-c", &script]).current_dir(context).output().expect("a shell");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Busybox with a few users, a PATH and a history; `keys` are added to its config, or stand for those it has.
fn base(place: &Path, keys: &str) -> Image {
    let mut config = ImageConfig::new(Platform::host());
    config.created = Some("1999-12-31T00:00:00Z".to_owned());
    config.history =
        vec![History { created: config.created.clone(), created_by: "busybox".to_owned(), ..History::default() }];
    let keys: serde_json::Value = serde_json::from_str(keys).expect("a JSON object");
    let mut merged = serde_json::to_value(&config).expect("a config");
    merged["config"]["Env"] = serde_json::json!(["PATH=/usr/bin:/bin"]);
    for (key, value) in keys.as_object().expect("an object") {
        match (key.as_str(), value.as_object()) {
            ("config", Some(values)) => {
                values.iter().for_each(|(key, value)| merged["config"][key] = value.clone());
            }
            _ => merged[key] = value.clone(),
        }
    }
    lay_out_base(place, serde_json::from_value(merged).expect("a config"))
}
