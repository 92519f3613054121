//! References to images: parsed, checked, and written out in full.
//!
//! Owns the rules by which `alpine` means `docker.io/library/alpine:latest`. Does not know registries or files.
//! Invariant: an [`ImageRef`] is well-formed, and writing it out and parsing it again gives the same value.

use std::fmt;

/// The registry that a name without a host means.
const DEFAULT_REGISTRY: &str = "docker.io";

/// A reference to an image.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageRef {
    registry: String,
    repository: String,
    tag: Option<String>,
    digest: Option<String>,
}

/// Why a text is no reference to an image.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImageRefError {
    /// There is none.
    #[error("the name of the image is empty")]
    Empty,
    /// It has capitals where none may be.
    #[error("`{0}` must be in lower case")]
    Capitals(String),
    /// The host part is malformed.
    #[error("`{0}` is no host name")]
    BadHost(String),
    /// A part of the path is malformed.
    #[error("`{0}` is no name of a repository: letters, digits, and `.`, `_`, `-` between them")]
    BadRepository(String),
    /// The tag is malformed.
    #[error("`{0}` is no tag: up to 128 letters, digits, `_`, `.` and `-`, the first one neither `.` nor `-`")]
    BadTag(String),
    /// The digest is malformed.
    #[error("`{0}` is no digest: an algorithm, `:`, and hexadecimal digits")]
    BadDigest(String),
    /// It looks like an image id.
    #[error("64 hexadecimal digits are an image id, not a name")]
    LooksLikeId,
    /// It is too long.
    #[error("the name is longer than 255 characters")]
    TooLong,
}

impl ImageRef {
    /// Parses a reference as it is written in FROM or on a command line.
    pub fn parse(text: &str) -> Result<Self, ImageRefError> {
        if text.is_empty() {
            return Err(ImageRefError::Empty);
        }
        if text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(ImageRefError::LooksLikeId);
        }
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => (name, Some(checked_digest(digest)?)),
            None => (text, None),
        };
        let (registry, path) = split_host(name);
        let (repository, tag) = match path.split_once(':') {
            Some((repository, tag)) => (repository, Some(checked_tag(tag)?)),
            None => (path, None),
        };
        if registry != DEFAULT_REGISTRY && !is_host(registry) {
            return Err(ImageRefError::BadHost(registry.to_owned()));
        }
        check_repository(repository)?;
        let repository = match registry == DEFAULT_REGISTRY && !repository.contains('/') {
            true => format!("library/{repository}"),
            false => repository.to_owned(),
        };
        if registry.len() + 1 + repository.len() > 255 {
            return Err(ImageRefError::TooLong);
        }
        Ok(Self { registry: registry.to_owned(), repository, tag, digest })
    }

    /// The host, with its port: `docker.io`.
    pub fn registry(&self) -> &str {
        &self.registry
    }

    /// The path on that host: `library/alpine`.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The tag, where one is written.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The digest, where one is written.
    pub fn digest(&self) -> Option<&str> {
        self.digest.as_deref()
    }

    /// The tag in force: `latest` where there is neither tag nor digest.
    pub fn effective_tag(&self) -> Option<&str> {
        match (&self.tag, &self.digest) {
            (Some(tag), _) => Some(tag),
            (None, Some(_)) => None,
            (None, None) => Some("latest"),
        }
    }

    /// Written as people write it: without the default host, `library/` and `:latest`.
    pub fn familiar(&self) -> String {
        let name = match self.registry == DEFAULT_REGISTRY {
            true => self.repository.strip_prefix("library/").unwrap_or(&self.repository).to_owned(),
            false => format!("{}/{}", self.registry, self.repository),
        };
        let tag = self.tag.as_deref().filter(|tag| *tag != "latest" || self.digest.is_some());
        with_suffixes(name, tag, self.digest.as_deref())
    }
}

impl fmt::Display for ImageRef {
    /// Written out in full: `docker.io/library/alpine:latest`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = format!("{}/{}", self.registry, self.repository);
        f.write_str(&with_suffixes(name, self.effective_tag(), self.digest.as_deref()))
    }
}

/// The reference written out in full, or the text itself where it is none: the key under which things are kept by image.
pub fn normalized(text: &str) -> String {
    ImageRef::parse(text).map_or_else(|_| text.to_owned(), |image| image.to_string())
}

/// Whether two texts name the same image.
pub fn is_same(a: &str, b: &str) -> bool {
    a == b || normalized(a) == normalized(b)
}

fn with_suffixes(mut name: String, tag: Option<&str>, digest: Option<&str>) -> String {
    for (separator, suffix) in [(':', tag), ('@', digest)] {
        if let Some(suffix) = suffix {
            name.push(separator);
            name.push_str(suffix);
        }
    }
    name
}

/// The host and the rest. The first part is a host if it could not be part of a path: a dot, a port, a capital, or
/// `localhost`.
fn split_host(name: &str) -> (&str, &str) {
    let host = name.split_once('/').filter(|(first, _)| {
        first.contains(['.', ':']) || *first == "localhost" || first.chars().any(char::is_uppercase)
    });
    match host {
        Some(("index.docker.io", path)) => (DEFAULT_REGISTRY, path),
        Some((host, path)) => (host, path),
        None => (DEFAULT_REGISTRY, name),
    }
}

fn is_host(text: &str) -> bool {
    let (name, port) = match text.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((address, port)) if !address.is_empty() => {
                let is_address = address.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':');
                return is_address && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port));
            }
            _ => return false,
        },
        None => match text.split_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (text, None),
        },
    };
    port.is_none_or(is_port) && name.split('.').all(is_host_label)
}

fn is_port(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_host_label(label: &str) -> bool {
    !label.is_empty()
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

fn check_repository(repository: &str) -> Result<(), ImageRefError> {
    if repository.is_empty() {
        return Err(ImageRefError::Empty);
    }
    if repository.chars().any(char::is_uppercase) {
        return Err(ImageRefError::Capitals(repository.to_owned()));
    }
    match repository.split('/').all(is_path_part) {
        true => Ok(()),
        false => Err(ImageRefError::BadRepository(repository.to_owned())),
    }
}

/// Letters and digits, separated by one `.`, one or two `_`, or any number of `-`.
fn is_path_part(part: &str) -> bool {
    let is_plain = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit();
    let separators: Vec<&str> = part.split(is_plain).filter(|separator| !separator.is_empty()).collect();
    part.starts_with(is_plain)
        && part.ends_with(is_plain)
        && separators
            .iter()
            .all(|separator| matches!(*separator, "." | "_" | "__") || separator.bytes().all(|byte| byte == b'-'))
}

fn checked_tag(tag: &str) -> Result<String, ImageRefError> {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let is_tag = tag.len() <= 128
        && tag.bytes().next().is_some_and(is_word)
        && tag.bytes().all(|byte| is_word(byte) || byte == b'.' || byte == b'-');
    if is_tag { Ok(tag.to_owned()) } else { Err(ImageRefError::BadTag(tag.to_owned())) }
}

fn checked_digest(digest: &str) -> Result<String, ImageRefError> {
    let is_digest = digest.split_once(':').is_some_and(|(algorithm, hex)| {
        let is_algorithm = algorithm.split(['+', '.', '-', '_']).all(|part| {
            part.starts_with(|c: char| c.is_ascii_alphabetic()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
        });
        let length = match algorithm {
            "sha256" => hex.len() == 64,
            "sha384" => hex.len() == 96,
            "sha512" => hex.len() == 128,
            _ => hex.len() >= 32,
        };
        is_algorithm && length && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
    });
    if is_digest { Ok(digest.to_owned()) } else { Err(ImageRefError::BadDigest(digest.to_owned())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_out_in_full() {
        for (written, full, familiar) in [
            ("alpine", "docker.io/library/alpine:latest", "alpine"),
            ("alpine:latest", "docker.io/library/alpine:latest", "alpine"),
            ("user/app:1", "docker.io/user/app:1", "user/app:1"),
            ("docker.io/alpine", "docker.io/library/alpine:latest", "alpine"),
            ("index.docker.io/library/alpine", "docker.io/library/alpine:latest", "alpine"),
            ("localhost/app", "localhost/app:latest", "localhost/app"),
            ("localhost:5000/a/b:x", "localhost:5000/a/b:x", "localhost:5000/a/b:x"),
            ("ghcr.io/a/b__c.d-e", "ghcr.io/a/b__c.d-e:latest", "ghcr.io/a/b__c.d-e"),
            ("Host/app", "Host/app:latest", "Host/app"),
            ("[::1]:5000/app", "[::1]:5000/app:latest", "[::1]:5000/app"),
        ] {
            let image = ImageRef::parse(written).expect(written);
            assert_eq!(image.to_string(), full);
            assert_eq!(image.familiar(), familiar);
            assert_eq!(ImageRef::parse(full).expect(full).to_string(), full);
        }
    }

    #[test]
    fn a_digest_needs_no_tag() {
        let digest = format!("sha256:{}", "0".repeat(64));
        let image = ImageRef::parse(&format!("alpine@{digest}")).expect("a reference");
        assert_eq!(image.to_string(), format!("docker.io/library/alpine@{digest}"));
        let image = ImageRef::parse(&format!("alpine:3@{digest}")).expect("a reference");
        assert_eq!((image.tag(), image.digest()), (Some("3"), Some(digest.as_str())));
    }

    #[test]
    fn malformed_names_are_refused() {
        for text in
            ["", "Alpine", "a//b", "a/", "-a", "a-", "a..b", "a___b", "alpine:", "alpine:-x", "a@sha256:zz", "a b"]
        {
            assert!(ImageRef::parse(text).is_err(), "{text:?}");
        }
        assert_eq!(ImageRef::parse(&"0".repeat(64)), Err(ImageRefError::LooksLikeId));
        assert_eq!(ImageRef::parse("Base"), Err(ImageRefError::Capitals("Base".to_owned())));
    }
}
