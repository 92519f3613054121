//! Reading what a command is given: files, or stdin for `-`.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::Path;

use crate::cli::exit::{Answer, Failure};
use crate::rules::{LARGEST, no_text};
use crate::text::SourceFile;

/// The name that stands for stdin.
const STDIN: &str = "-";

/// The files that are what is open as stdin.
const STDIN_AS_FILE: [&str; 3] = ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"];

/// Whether a path means stdin.
pub(super) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == STDIN
}

/// The file at `path`, or stdin.
pub(super) fn read(path: &Path) -> Answer<SourceFile> {
    if is_stdin(path) {
        return Ok(SourceFile::new("<stdin>", read_stdin()?));
    }
    let mut bytes = Vec::new();
    let read = open(path).and_then(|(mut file, _)| file.read_to_end(&mut bytes));
    read.map_err(|error| cannot_read(path, &error))?;
    Ok(SourceFile::new(path.display().to_string(), bytes))
}

/// Opens a file to be read, and says how large it is. To open a pipe that lies on disk would wait until somebody writes
/// into it, perhaps for ever; one that a shell hands in (`<(…)`) has its writer. What is open as stdin already is not
/// opened once more: its writer may be done and gone.
fn open(path: &Path) -> io::Result<(Box<dyn Read>, u64)> {
    let found = path.metadata()?;
    if is_pipe(&found) && STDIN_AS_FILE.iter().any(|name| path == Path::new(name)) {
        return Ok((Box::new(io::stdin().lock()), 0));
    }
    // A pipe between two programs has no place on disk.
    if is_pipe(&found) && path.canonicalize().is_ok() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is a pipe; `-` reads what comes on stdin"));
    }
    Ok((Box::new(File::open(path)?), found.len()))
}

#[cfg(unix)]
fn is_pipe(found: &Metadata) -> bool {
    std::os::unix::fs::FileTypeExt::is_fifo(&found.file_type())
}

#[cfg(not(unix))]
fn is_pipe(_: &Metadata) -> bool {
    false
}

/// The bytes of the file at `path`, if they may be those of a Dockerfile; else why they are not looked at.
pub(super) fn read_text(path: &Path) -> Result<Vec<u8>, String> {
    let cannot = |error: io::Error| format!("cannot be read: {}", reason(&error));
    let (file, size) = open(path).map_err(cannot)?;
    text_of(file, size).map_err(cannot)?
}

/// The same for stdin.
pub(super) fn read_text_from_stdin() -> Answer<Result<Vec<u8>, String>> {
    text_of(io::stdin().lock(), 0).map_err(|error| Failure::environment(format_args!("cannot read stdin: {error}")))
}

/// What can be read, which may be of this size.
fn text_of(from: impl Read, size: u64) -> io::Result<Result<Vec<u8>, String>> {
    // With room for one byte more the end is met without asking for more room.
    let mut bytes = Vec::with_capacity(usize::try_from(size).map_or(LARGEST, |size| size.min(LARGEST)) + 1);
    from.take(LARGEST as u64 + 1).read_to_end(&mut bytes)?;
    Ok(match no_text(&bytes) {
        Some((_, why)) => Err(why.to_owned()),
        None => Ok(bytes),
    })
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
        io::ErrorKind::NotFound
        | io::ErrorKind::NotADirectory
        | io::ErrorKind::IsADirectory
        | io::ErrorKind::InvalidInput => Failure::usage(message),
        _ => Failure::environment(message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_text_of_a_bearable_size_is_looked_at() {
        let read = |bytes: &[u8]| text_of(bytes, 3).expect("memory can be read").map(|bytes| bytes.len());
        assert_eq!(read(b"FROM a\n"), Ok(7));
        assert_eq!(read(b"\xff\xfa"), Ok(2), "text in some other encoding");
        assert_eq!(read(&[b' '; LARGEST]), Ok(LARGEST));
        assert!(read(&[b' '; LARGEST + 1]).is_err_and(|why| why.contains("larger than 10 MiB")));
        assert!(read(b"\x7fELF\x02\0\0").is_err_and(|why| why.contains("no text")));
        assert!(read(b"\xff\xfeF\0R\0").is_err_and(|why| why.contains("UTF-16")));
    }
}
