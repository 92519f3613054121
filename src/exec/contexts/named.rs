//! `--build-context NAME=…`: what a name in FROM and `--from` stands for.

use std::fmt;
use std::path::{Path, PathBuf};

use super::super::error::{Error, Result};
use super::bring::{BroughtContext, Fetching, fetch_context};
use crate::model::Remote;
use crate::text::Span;
use crate::workspace::{Context, StatCache};

/// What `--build-context NAME=…` gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NamedContext {
    /// `docker-image://REFERENCE`: another image.
    Image(String),
    /// `oci-layout://PATH[:TAG][@DIGEST]`: a layout directory or an archive.
    Layout {
        /// Where it is.
        path: PathBuf,
        /// Which image of it.
        tag: Option<String>,
        /// The digest it must have.
        digest: Option<String>,
    },
    /// The address of a repository, or of a file on a web server.
    Address(String),
    /// A directory.
    Directory(PathBuf),
}

impl NamedContext {
    /// Reads the part after `NAME=`. Relative paths are relative to `directory`.
    pub fn parse(value: &str, directory: &Path) -> std::result::Result<Self, String> {
        if let Some(reference) = value.strip_prefix("docker-image://") {
            return Ok(Self::Image(reference.to_owned()));
        }
        if let Some(place) = value.strip_prefix("oci-layout://") {
            return Ok(Self::layout(place, directory));
        }
        if !directory.join(value).is_dir() {
            if Remote::of_context(value).is_some() {
                return Ok(Self::Address(value.to_owned()));
            }
            match value.split_once(':') {
                Some(("target", _)) => {
                    return Err("`target:` stands for a target of a Bake file, and only in one".into());
                }
                Some((scheme, rest)) if rest.starts_with("//") => {
                    return Err(format!(
                        "`{scheme}://` is no kind of context; there are docker-image://, oci-layout://, \
                                        http://, https://, git:// and ssh://"
                    ));
                }
                _ => {}
            }
        }
        Ok(Self::Directory(directory.join(value)))
    }

    fn layout(place: &str, directory: &Path) -> Self {
        let (place, digest) = match place.split_once('@') {
            Some((place, digest)) => (place, Some(digest.to_owned())),
            None => (place, None),
        };
        let (path, tag) = match place.rsplit_once(':') {
            // A colon may also be part of the path.
            Some((path, tag)) if !tag.contains('/') && !directory.join(place).exists() => (path, Some(tag.to_owned())),
            _ => (place, None),
        };
        Self::Layout { path: directory.join(path), tag, digest }
    }
}

impl fmt::Display for NamedContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Image(reference) => write!(f, "docker-image://{reference}"),
            Self::Layout { path, .. } => write!(f, "oci-layout://{}", path.display()),
            Self::Address(address) => f.write_str(address),
            Self::Directory(path) => write!(f, "{}", path.display()),
        }
    }
}

/// Opens the directory of a named context, with the ignore file in it.
fn directory(path: &Path, fetching: &Fetching<'_>, span: Span) -> Result<Context> {
    let cache = match &fetching.settings.digests {
        Some(folder) => StatCache::in_directory(folder, path),
        None => StatCache::in_memory(),
    };
    Context::open(path, None, cache).map_err(|error| Error::Wrong {
        message: format!("a named context cannot be opened: {error}"),
        span: Some(span),
    })
}

/// The files that a named context which is no image stands for; `span` is where it is asked for.
pub(in crate::exec) fn open(named: &NamedContext, fetching: &Fetching<'_>, span: Span) -> Result<Context> {
    let context = match named {
        NamedContext::Image(_) | NamedContext::Layout { .. } => unreachable!("an image is found by who finds images"),
        NamedContext::Directory(path) => directory(path, fetching, span)?,
        NamedContext::Address(address) => match fetch_context(fetching, address, span)? {
            BroughtContext::Tree { root, keeps_owners } => {
                let context = Context::of_archive(&root, StatCache::in_memory());
                if keeps_owners { context } else { context.with_root_as_owner() }
            }
            BroughtContext::File(_) => {
                let message = format!("`{address}` is one file and no archive: ADD fetches such a file by itself");
                return Err(Error::Wrong { message, span: Some(span) });
            }
        },
    };
    Ok(if fetching.settings.plain_modes { context.with_plain_modes() } else { context })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_context_is_read_as_buildx_reads_it() {
        let parse = |value: &str| NamedContext::parse(value, Path::new("/site")).expect("a context");
        let layout = |path: &str, tag: Option<&str>, digest: Option<&str>| NamedContext::Layout {
            path: path.into(),
            tag: tag.map(str::to_owned),
            digest: digest.map(str::to_owned),
        };
        assert_eq!(parse("docker-image://alpine:3"), NamedContext::Image("alpine:3".into()));
        assert_eq!(parse("oci-layout://base"), layout("/site/base", None, None));
        assert_eq!(parse("oci-layout:///a/b:1@sha256:x"), layout("/a/b", Some("1"), Some("sha256:x")));
        assert_eq!(parse("oci-layout:///a:b/c"), layout("/a:b/c", None, None));
        assert_eq!(parse("../other"), NamedContext::Directory("/site/../other".into()));
        for address in
            ["https://x.example/a.tar.gz", "https://x.example/a.git#v1:docs", "git@x.example:a", "github.com/a/b"]
        {
            assert_eq!(parse(address), NamedContext::Address(address.into()));
        }
    }

    #[test]
    fn what_stands_for_nothing_is_refused() {
        for (value, says) in [("target:base", "Bake"), ("docker-images://alpine", "docker-image://, oci-layout://")] {
            let refused = NamedContext::parse(value, Path::new("/site")).expect_err("no context");
            assert!(refused.contains(says), "{refused}");
        }
    }
}
