//! Reading what a command is given: files, or stdin for `-`.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use crate::cli::exit::{Answer, Failure};
use crate::rules::{LARGEST, no_text};
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

/// The bytes of the file at `path`, if they may be those of a Dockerfile; else why they are not looked at.
pub(super) fn read_text(path: &Path) -> Result<Vec<u8>, String> {
    let cannot = |error: io::Error| format!("cannot be read: {}", reason(&error));
    let file = File::open(path).map_err(cannot)?;
    let size = file.metadata().map_or(0, |metadata| metadata.len());
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
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::IsADirectory => Failure::usage(message),
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
