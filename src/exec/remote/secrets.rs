//! Who to say one is to a web server or a git host: secrets of the build that are named for the host.

use std::io::Read;

use super::super::error::{Error, Result};
use super::super::request::{SecretSource, Settings};

/// More than any header may be.
const MOST_BYTES: u64 = 64 * 1024;

/// The first of the secrets `ids` that was handed in, as one line of text.
pub(super) fn first(settings: &Settings, ids: &[String]) -> Result<Option<(usize, String)>> {
    for (number, id) in ids.iter().enumerate() {
        let text = match settings.secrets.get(id) {
            None => continue,
            Some(SecretSource::File(path)) => {
                let mut text = String::new();
                let read = std::fs::File::open(path).and_then(|file| file.take(MOST_BYTES).read_to_string(&mut text));
                read.map_err(Error::io(format!("read the secret `{id}`")))?;
                text
            }
            Some(SecretSource::Variable(name)) => std::env::var(name).unwrap_or_default(),
        };
        return Ok(Some((number, text.trim().to_owned())));
    }
    Ok(None)
}

/// What goes into an `Authorization` header for `host`, from secrets whose names begin with `HTTP` or `GIT`.
pub(super) fn authorization(
    settings: &Settings,
    ids: &[String],
    token: impl Fn(&str) -> String,
) -> Result<Option<String>> {
    let found = first(settings, ids)?;
    Ok(found.map(|(number, text)| if number % 2 == 0 { text } else { token(&text) }))
}
