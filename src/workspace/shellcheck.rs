//! Asks ShellCheck, when it is installed, about all shell texts of a file at once.
//!
//! Each text becomes a file of a directory that is nobody else's, under two lines that tell the shell and what is set.
//! Does not know what the remarks are for. Invariants: which program runs is the user's alone to say, by settings or by
//! PATH, and neither a relative path of it nor anything in the environment or in a project changes what it does; every
//! run ends, and what goes wrong is remembered, never an error.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, OnceLock, mpsc};
use std::thread;
use std::time::Duration;

use serde::Deserialize;

use crate::model::ShellChecker;
use crate::model::shell::{Dialect, Remark, RemarkLevel, Replacement, ShellText};

/// What it may take from the environment: what a wrapper needs to start.
const KEPT: &[&str] = &["PATH", "HOME", "SystemRoot"];
/// Longer than any Dockerfile takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);
/// More than it says of any text.
const MOST_BYTES: u64 = 64 << 20;
/// The lines before each text.
const LINES_BEFORE: usize = 2;

/// ShellCheck, asked as often as there are files.
pub struct ShellCheck {
    program: OnceLock<Result<PathBuf, String>>,
    patience: Duration,
    trouble: Mutex<BTreeSet<String>>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("{0}")]
    NotInstalled(String),
    #[error("ShellCheck could not be run ({}): {source}", program.display())]
    CannotRun { program: PathBuf, source: io::Error },
    #[error("the shell text could not be laid out for ShellCheck: {0}")]
    Disk(#[from] io::Error),
    #[error("ShellCheck took longer than {} s over a file", .0.as_secs())]
    TooSlow(Duration),
    #[error("ShellCheck broke off over a file: {0}")]
    BrokeOff(String),
    #[error("what ShellCheck said of a file could not be read: {0}")]
    Unreadable(#[from] serde_json::Error),
}

impl ShellCheck {
    /// The program that the user's settings name; else the one on PATH, once somebody asks it.
    pub fn new(program: Option<PathBuf>) -> Self {
        let program = program.map_or_else(OnceLock::new, |program| OnceLock::from(Ok(program)));
        Self { program, patience: PATIENCE, trouble: Mutex::default() }
    }

    /// Why it gave no answer, where it should have.
    pub fn trouble(&self) -> Option<String> {
        self.trouble.lock().ok()?.first().cloned()
    }

    fn ask(&self, texts: &[ShellText]) -> Result<Vec<Remark>, Trouble> {
        let program = self.program.get_or_init(on_path).as_ref().map_err(|why| Trouble::NotInstalled(why.clone()))?;
        let folder = tempfile::tempdir()?;
        for (index, text) in texts.iter().enumerate() {
            fs::write(folder.path().join(index.to_string()), laid_out(text))?;
        }
        let output = self.run(program, folder.path(), texts.len())?;
        let answer: Answer = serde_json::from_slice(&output)?;
        let places: Vec<Places> = texts.iter().map(|text| Places::of(text.text.as_str())).collect();
        let mut remarks: Vec<Remark> =
            answer.comments.into_iter().filter_map(|comment| comment.remark(&places)).collect();
        remarks.sort_by_key(|remark| (remark.text, remark.range.start, remark.code));
        Ok(remarks)
    }

    fn run(&self, program: &Path, folder: &Path, count: usize) -> Result<Vec<u8>, Trouble> {
        let cannot_run = |source| Trouble::CannotRun { program: program.to_owned(), source };
        let mut command = Command::new(program);
        command.env_clear().env("LC_ALL", "C.UTF-8");
        command.envs(KEPT.iter().filter_map(|name| Some((name, env::var_os(name)?))));
        command.args(["--norc", "--format=json1", "--"]).args((0..count).map(|index| index.to_string()));
        command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(cannot_run)?;
        let (said, hear) = mpsc::channel();
        if let Some(stdout) = child.stdout.take() {
            // Nobody waits for this thread: what the program started may hold on to the pipe after it is gone.
            thread::spawn(move || {
                let mut bytes = Vec::new();
                let read = stdout.take(MOST_BYTES).read_to_end(&mut bytes);
                said.send(read.map(|_| bytes))
            });
        }
        let Ok(output) = hear.recv_timeout(self.patience) else {
            // Gone already is as good.
            let _ = child.kill();
            let _ = child.wait();
            return Err(Trouble::TooSlow(self.patience));
        };
        let status = child.wait().map_err(cannot_run)?;
        match status.code() {
            // 1 says that there are remarks.
            Some(0 | 1) => Ok(output.map_err(cannot_run)?),
            _ => Err(Trouble::BrokeOff(status.to_string())),
        }
    }
}

impl ShellChecker for ShellCheck {
    fn check(&self, texts: &[ShellText]) -> Vec<Remark> {
        self.ask(texts).unwrap_or_else(|trouble| {
            if let Ok(mut known) = self.trouble.lock() {
                known.insert(trouble.to_string());
            }
            Vec::new()
        })
    }
}

/// The ShellCheck in the directories of PATH. A relative one would be another in each project.
fn on_path() -> Result<PathBuf, String> {
    let name = format!("shellcheck{}", env::consts::EXE_SUFFIX);
    let path = env::var_os("PATH").unwrap_or_default();
    let mut folders = env::split_paths(&path).filter(|folder| folder.is_absolute());
    folders.find_map(|folder| Some(folder.join(&name)).filter(|program| program.is_file())).ok_or_else(|| {
        "ShellCheck is not installed, so there are no findings of its own (SC2086 and the like)".to_owned()
    })
}

/// The text under what it takes for granted.
fn laid_out(text: &ShellText) -> String {
    let shell = match text.dialect {
        Dialect::Sh => "sh",
        Dialect::Bash => "bash",
        // Old versions do not know BusyBox.
        Dialect::Dash | Dialect::Busybox => "dash",
        Dialect::Ksh => "ksh",
    };
    let mut set = String::from("export");
    for name in text.variables.iter().filter(|name| is_name(name)) {
        // Values of ENV that are words of a command line are meant to be split: a value without blanks says nothing.
        set.push_str(&format!(" {name}=x"));
    }
    if text.stops_at_failure {
        set.push_str("; set -e");
    }
    format!("# shellcheck shell={shell}\n{set}\n{}\n", text.text.as_str())
}

fn is_name(name: &str) -> bool {
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    starts && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Its answer.
#[derive(Deserialize)]
struct Answer {
    comments: Vec<Comment>,
}

#[derive(Deserialize)]
struct Comment {
    file: String,
    level: String,
    code: u32,
    message: String,
    fix: Option<Fix>,
    #[serde(flatten)]
    place: Place,
}

#[derive(Deserialize)]
struct Fix {
    replacements: Vec<Change>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Change {
    replacement: String,
    insertion_point: String,
    #[serde(flatten)]
    place: Place,
}

/// Lines and columns (in characters) from 1.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Place {
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

impl Comment {
    /// The remark in the text that it is about; none about the lines before it.
    fn remark(self, places: &[Places]) -> Option<Remark> {
        let text: usize = self.file.parse().ok()?;
        let places = places.get(text)?;
        let replacement = |change: Change| {
            let closes = change.insertion_point == "beforeStart";
            Some(Replacement { range: places.range(&change.place)?, with: change.replacement, closes })
        };
        let changes = self.fix.into_iter().flat_map(|fix| fix.replacements);
        let level = match self.level.as_str() {
            "error" => RemarkLevel::Error,
            "warning" => RemarkLevel::Warning,
            "info" => RemarkLevel::Info,
            _ => RemarkLevel::Style,
        };
        Some(Remark {
            text,
            range: places.range(&self.place)?,
            code: self.code,
            level,
            message: self.message,
            // Half a change mends nothing.
            replacements: changes.map(replacement).collect::<Option<Vec<_>>>().unwrap_or_default(),
        })
    }
}

/// Where the lines of a text begin, by their number below what stands before it.
struct Places<'a> {
    text: &'a str,
    lines: BTreeMap<usize, usize>,
}

impl<'a> Places<'a> {
    fn of(text: &'a str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1));
        Self { text, lines: starts.enumerate().map(|(index, at)| (index + 1 + LINES_BEFORE, at)).collect() }
    }

    fn range(&self, place: &Place) -> Option<std::ops::Range<usize>> {
        let start = self.offset(place.line, place.column)?;
        let end = self.offset(place.end_line, place.end_column)?;
        Some(start..end.max(start))
    }

    /// A place behind the end of a line is its end, and behind the last line the end of all.
    fn offset(&self, line: usize, column: usize) -> Option<usize> {
        if line <= LINES_BEFORE {
            return None;
        }
        let Some(start) = self.lines.get(&line) else { return Some(self.text.len()) };
        let line = self.text[*start..].split('\n').next().unwrap_or_default();
        let inside = line.char_indices().nth(column.saturating_sub(1)).map_or(line.len(), |(at, _)| at);
        Some(start + inside)
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::time::Instant;

    use super::*;
    use crate::syntax::JoinedText;

    /// What a program in its place is taken to say, and the trouble with it.
    fn asked(script: &str, patience: Duration) -> (Vec<Remark>, Option<String>) {
        let folder = tempfile::tempdir().expect("a directory");
        let program = folder.path().join("checker");
        fs::write(&program, script).expect("a program");
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("it can be run");
        let shellcheck = ShellCheck { patience, ..ShellCheck::new(Some(program)) };
        let text = ShellText {
            text: JoinedText::contiguous("echo é $x\nb", 0),
            dialect: Dialect::Busybox,
            stops_at_failure: true,
            variables: BTreeSet::from(["x".to_owned(), "not a name".to_owned()]),
        };
        (shellcheck.check(&[text]), shellcheck.trouble())
    }

    #[test]
    fn nobody_waits_for_a_program_that_does_not_end() {
        let start = Instant::now();
        let (remarks, trouble) = asked("#!/bin/sh\nsleep 60 & sleep 60\n", Duration::from_millis(300));
        assert_eq!((remarks, trouble.as_deref()), (Vec::new(), Some("ShellCheck took longer than 0 s over a file")));
        assert!(start.elapsed() < Duration::from_secs(30));
    }

    #[test]
    fn the_text_stands_under_two_lines_and_its_places_are_bytes() {
        // It says what it was shown, and how it was called.
        let script = r#"#!/bin/sh
            place='"file":"0","line":3,"endLine":4,"column":6,"endColumn":2'
            shown=$(sed -n 1,2p 0 | tr '\n' '|')
            printf '{"comments":[{%s,"level":"info","code":1,"message":"%s","fix":null}]}' "$place" "$shown $*"
        "#;
        let (remarks, trouble) = asked(script, PATIENCE);
        assert_eq!(trouble, None);
        let told = "# shellcheck shell=dash|export x=x; set -e| --norc --format=json1 -- 0";
        assert_eq!((remarks[0].message.as_str(), remarks[0].range.clone()), (told, 5..12));
    }
}
