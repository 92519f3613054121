//! Reading what a command is given: files, or stdin for `-`.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use crate::cli::exit::{Answer, Failure};
use crate::text::SourceFile;

/// The name that stands for stdin.
const STDIN: &str = "-";

/// Whether a path means stdin.
pub(super) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == STDIN
}

/// The file at `path`, or stdin.
pub(super) fn read(path: &Path) -> Answer<SourceFile> {
    if is_stdin(path) {
        return Ok(SourceFile::new("<stdin>", read_stdin()?));
    }
    let bytes = fs::read(path).map_err(|error| cannot_read(path, &error))?;
    Ok(SourceFile::new(path.display().to_string(), bytes))
}

/// All of stdin.
pub(super) fn read_stdin() -> Answer<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = io::stdin().lock().read_to_end(&mut bytes);
    read.map_err(|error| Failure::environment(format_args!("cannot read stdin: {error}")))?;
    Ok(bytes)
}

/// Why something could not be read or written, in words alone.
pub(super) fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error ") {
        Some(number) => text[..number].to_owned(),
        None => text,
    }
}

/// A file that is not there was named wrongly; anything else is the environment's doing.
pub(super) fn cannot_read(path: &Path, error: &io::Error) -> Failure {
    let message = format!("cannot read `{}`: {}", path.display(), reason(error));
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::IsADirectory => Failure::usage(message),
        _ => Failure::environment(message),
    }
}
