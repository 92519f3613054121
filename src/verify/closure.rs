//! Whether an image from which files were taken still holds what its programs are loaded with: the program that a container
//! starts, interpreters, libraries that are named, the user.
//!
//! Only what the original has and the rewritten image lacks is held against a rewrite. What a program opens by itself once
//! it runs cannot be seen here: data files, modules, libraries that are loaded by name.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::compare::shown;
use super::elf::{Needs, needs};
use super::survey::{Survey, What};
use crate::oci::config::RunConfig;
use crate::rewrite::Difference;
use crate::tree::follow::Last;
use crate::tree::{Root, TreeError};

/// Where programs are looked for when the config does not say.
const USUAL_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// No first line of a script is longer.
const FIRST_LINE: u64 = 256;

/// What programs of the image in `root`, whose tree is `after`, lack that was there in `before`.
pub(super) fn missing(
    root: &Root,
    after: &Survey,
    before: &Survey,
    config: &RunConfig,
) -> Result<Vec<Difference>, TreeError> {
    let image = Image { root, config, names: names(after), names_before: names(before) };
    let mut found = image.start()?;
    found.extend(image.user()?);
    for (path, seen) in after {
        if matches!(seen.what, What::File(_)) && (seen.mode & 0o111 != 0 || is_library(path)) {
            found.extend(image.unloadable(path)?);
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

struct Image<'a> {
    root: &'a Root,
    config: &'a RunConfig,
    names: BTreeSet<&'a OsStr>,
    names_before: BTreeSet<&'a OsStr>,
}

impl Image<'_> {
    /// What a container starts must be there, and so must what a script is run with.
    fn start(&self) -> Result<Vec<Difference>, TreeError> {
        let mut found = Vec::new();
        let command = [&self.config.entrypoint, &self.config.cmd].into_iter().find(|words| !words.is_empty());
        let checked = self.config.healthcheck.as_ref().map(|health| &health.test[..]);
        let check = match checked {
            Some([kind, rest @ ..]) if kind == "CMD" => rest.first().map(String::as_str),
            Some([kind, ..]) if kind == "CMD-SHELL" => Some("/bin/sh"),
            _ => None,
        };
        let start = command.map(|words| words[0].as_str());
        for (cell, program) in [("CMD or ENTRYPOINT", start), ("HEALTHCHECK", check)] {
            let Some(program) = program else { continue };
            match self.program(program)? {
                None => found.push(lack(cell, format!("starts {program}, which is not there"))),
                Some(place) => found.extend(self.script(&place, cell)?),
            }
        }
        Ok(found)
    }

    /// What the first line of a script asks for.
    fn script(&self, place: &Path, cell: &str) -> Result<Option<Difference>, TreeError> {
        let Some(file) = self.root.open_file(place)? else { return Ok(None) };
        let mut line = Vec::new();
        let read = file.take(FIRST_LINE).read_to_end(&mut line);
        read.map_err(|source| TreeError::Io { action: "read", path: self.root.outside(place), source })?;
        let line = String::from_utf8_lossy(&line);
        let Some(asked) = line.lines().next().and_then(|line| line.strip_prefix("#!")) else { return Ok(None) };
        let mut words = asked.split_whitespace();
        let interpreter = words.next().unwrap_or_default();
        let wanted = match interpreter.ends_with("/env") {
            true => words.find(|word| !word.starts_with('-')).unwrap_or(interpreter),
            false => interpreter,
        };
        for program in [interpreter, wanted] {
            if self.program(program)?.is_none() {
                let starts = shown(place);
                return Ok(Some(lack(cell, format!("starts {starts}, a script for {program}, which is not there"))));
            }
        }
        Ok(None)
    }

    /// Where a program is.
    fn program(&self, name: &str) -> Result<Option<PathBuf>, TreeError> {
        let variable = self.config.env.iter().find_map(|variable| variable.strip_prefix("PATH="));
        let place = Path::new(&self.config.working_dir);
        let candidates: Vec<PathBuf> = match name.contains('/') {
            true => vec![Path::new("/").join(place).join(name)],
            false => variable.unwrap_or(USUAL_PATH).split(':').map(|folder| Path::new(folder).join(name)).collect(),
        };
        for candidate in candidates {
            if self.root.inspect(&candidate, Last::Followed)?.is_some_and(|entry| !entry.is_directory()) {
                return Ok(Some(candidate.strip_prefix("/").unwrap_or(&candidate).to_owned()));
            }
        }
        Ok(None)
    }

    /// A user that is named must be known.
    fn user(&self) -> Result<Option<Difference>, TreeError> {
        let name = self.config.user.split(':').next().unwrap_or_default();
        if name.is_empty() || name.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(None);
        }
        let accounts = self.root.read(Path::new("etc/passwd"))?.unwrap_or_default();
        let is_known = String::from_utf8_lossy(&accounts).lines().any(|line| line.split(':').next() == Some(name));
        Ok((!is_known).then(|| lack("USER", format!("{name} is no user of the image"))))
    }

    /// What a program or library is loaded with and was there before.
    fn unloadable(&self, path: &Path) -> Result<Vec<Difference>, TreeError> {
        let Some(bytes) = self.magic(path)? else { return Ok(Vec::new()) };
        let Some(Needs { interpreter, libraries }) = needs(&bytes) else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        if let Some(interpreter) = interpreter {
            let was_there = Path::new(&interpreter).file_name().is_some_and(|name| self.names_before.contains(name));
            if was_there && self.root.inspect(Path::new(&interpreter), Last::Followed)?.is_none() {
                found.push(lack(&shown(path), format!("is loaded by {interpreter}, which is gone")));
            }
        }
        let gone = libraries.iter().filter(|library| self.is_gone(library.as_ref()));
        found.extend(gone.map(|library| lack(&shown(path), format!("needs {library}, which is gone"))));
        Ok(found)
    }

    /// Whether no file has this name any more.
    fn is_gone(&self, name: &OsStr) -> bool {
        self.names_before.contains(name) && !self.names.contains(name)
    }

    /// The content of a file, if it may be one that is loaded.
    fn magic(&self, path: &Path) -> Result<Option<Vec<u8>>, TreeError> {
        let failed = |source| TreeError::Io { action: "read", path: self.root.outside(path), source };
        let Some(mut file) = self.root.open_file(path)? else { return Ok(None) };
        let mut bytes = Vec::new();
        (&mut file).take(4).read_to_end(&mut bytes).map_err(failed)?;
        if bytes != b"\x7fELF" {
            return Ok(None);
        }
        file.read_to_end(&mut bytes).map_err(failed)?;
        Ok(Some(bytes))
    }
}

fn names(survey: &Survey) -> BTreeSet<&OsStr> {
    survey.keys().filter_map(|path| path.file_name()).collect()
}

/// `libssl.so`, `libssl.so.3`
fn is_library(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    name.ends_with(".so") || name.contains(".so.")
}

fn lack(place: &str, what: String) -> Difference {
    Difference { place: place.to_owned(), what }
}
