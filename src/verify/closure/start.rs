//! What a container starts, and what that is run with.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::{Image, Lack, lack, shown};
use crate::model::shell::words_of;
use crate::tree::TreeError;
use crate::tree::follow::Last;

/// Where programs are looked for when the config does not say.
const USUAL_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// No first line of a script is longer.
const FIRST_LINE: u64 = 256;

impl Image<'_> {
    /// What a container starts must be there, and so must what a script is run with.
    pub(super) fn start(&self) -> Result<Vec<Lack>, TreeError> {
        let config = self.config;
        let start: Vec<&str> = config.entrypoint.iter().chain(&config.cmd).map(String::as_str).collect();
        let checked = config.healthcheck.as_ref().map(|health| &health.test[..]);
        let check: Vec<&str> = match checked {
            Some([kind, rest @ ..]) if kind == "CMD" => rest.iter().map(String::as_str).collect(),
            Some([kind, text, ..]) if kind == "CMD-SHELL" => vec!["/bin/sh", "-c", text],
            _ => Vec::new(),
        };
        let mut found = Vec::new();
        for (cell, words) in [("CMD or ENTRYPOINT", start), ("HEALTHCHECK", check)] {
            let Some(program) = words.first() else { continue };
            found.extend(self.started(program, cell)?);
            if let [shell, "-c", text, ..] = words[..]
                && shell.ends_with("sh")
            {
                found.extend(self.called(text, cell)?);
            }
        }
        // What starts first may be a script that runs what CMD says.
        if let (false, Some(program)) = (config.entrypoint.is_empty(), config.cmd.first())
            && let (Some(had), None) = (self.program_before(program), self.program(program)?)
        {
            found.push(lack("CMD", format!("names {program}, which is not there"), Some(had)));
        }
        Ok(found)
    }

    /// A program that is started by its name.
    fn started(&self, program: &str, cell: &str) -> Result<Option<Lack>, TreeError> {
        match self.program(program)? {
            None => Ok(Some(lack(cell, format!("starts {program}, which is not there"), self.program_before(program)))),
            Some(place) => self.script(&place, cell),
        }
    }

    /// The programs that a shell calls; what is part of the shell was no file before.
    fn called(&self, text: &str, cell: &str) -> Result<Vec<Lack>, TreeError> {
        let mut found = Vec::new();
        for words in words_of(text).unwrap_or_default() {
            let program = words.iter().find(|word| *word != "exec").map(String::as_str).unwrap_or_default();
            if let (Some(had), None) = (self.program_before(program), self.program(program)?) {
                found.push(lack(cell, format!("calls {program}, which is not there"), Some(had)));
            }
        }
        Ok(found)
    }

    /// What the first line of a script asks for.
    fn script(&self, place: &Path, cell: &str) -> Result<Option<Lack>, TreeError> {
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
                let what = format!("starts {starts}, a script for {program}, which is not there");
                return Ok(Some(lack(cell, what, self.program_before(program))));
            }
        }
        Ok(None)
    }

    /// Where a program is.
    fn program(&self, name: &str) -> Result<Option<PathBuf>, TreeError> {
        for candidate in self.candidates(name) {
            if self.root.inspect(&candidate, Last::Followed)?.is_some_and(|entry| !entry.is_directory()) {
                return Ok(Some(candidate.strip_prefix("/").unwrap_or(&candidate).to_owned()));
            }
        }
        Ok(None)
    }

    /// Where it was.
    fn program_before(&self, name: &str) -> Option<PathBuf> {
        self.candidates(name).iter().find_map(|candidate| self.had(candidate))
    }

    fn candidates(&self, name: &str) -> Vec<PathBuf> {
        let variable = self.config.env.iter().find_map(|variable| variable.strip_prefix("PATH="));
        let place = Path::new(&self.config.working_dir);
        match name.contains('/') {
            true => vec![Path::new("/").join(place).join(name)],
            false => variable.unwrap_or(USUAL_PATH).split(':').map(|folder| Path::new(folder).join(name)).collect(),
        }
    }
}
