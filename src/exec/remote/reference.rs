//! How a repository is written: `URL#ref:subdirectory`, or `URL?ref=…&subdir=…`.
//!
//! Pure. Both forms may meet as long as they do not say two different things.

use std::collections::BTreeMap;

/// A repository, and what is wanted of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct GitReference {
    /// What git is given.
    pub(super) repository: String,
    /// A branch, a tag, a commit, or a full name; none is the default branch.
    pub(super) wanted: Option<String>,
    /// The part of it that is taken, without slashes around it.
    pub(super) subdirectory: String,
    /// How the commit's id must begin.
    pub(super) checksum: Option<String>,
    /// Whether `.git` is kept.
    pub(super) keeps_git_dir: bool,
    /// Whether submodules are fetched too.
    pub(super) skips_submodules: bool,
    /// Whether files are as old as the commit, instead of being new.
    pub(super) has_commit_times: bool,
}

impl GitReference {
    /// Reads a source of ADD that is a repository.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (rest, fragment) = text.split_once('#').unwrap_or((text, ""));
        let (repository, query) = rest.split_once('?').unwrap_or((rest, ""));
        if repository.starts_with('-') {
            return Err(format!("`{repository}` is no repository"));
        }
        let (wanted, subdirectory) = fragment.split_once(':').unwrap_or((fragment, ""));
        let mut reference = Self { repository: repository.to_owned(), ..Self::default() };
        let mut said = BTreeMap::from([("ref", wanted.to_owned()), ("subdir", subdirectory.to_owned())]);
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = percent_encoding::percent_decode_str(value).decode_utf8_lossy().into_owned();
            reference.read(key, value, &mut said)?;
        }
        let wanted = said.remove("ref").unwrap_or_default();
        if wanted.starts_with('-') || wanted.contains(char::is_whitespace) {
            return Err(format!("`{wanted}` is no branch, tag or commit"));
        }
        reference.wanted = Some(wanted).filter(|wanted| !wanted.is_empty());
        reference.subdirectory = crate::model::path::inside(&said.remove("subdir").unwrap_or_default());
        Ok(reference)
    }

    fn read(&mut self, key: &str, value: String, said: &mut BTreeMap<&str, String>) -> Result<(), String> {
        let mut agree = |name: &'static str, value: String| match said.get(name) {
            Some(other) if !other.is_empty() && *other != value => {
                Err(format!("the {name} is said twice: `{other}` and `{value}`"))
            }
            _ => {
                said.insert(name, value);
                Ok(())
            }
        };
        let is_on = |value: &str| match value {
            "" | "1" | "true" => Ok(true),
            "0" | "false" => Ok(false),
            other => Err(format!("`{key}={other}`: expected true or false")),
        };
        match key {
            "ref" => agree("ref", value),
            "branch" => agree("ref", with_prefix("refs/heads/", &value)),
            "tag" => agree("ref", with_prefix("refs/tags/", &value)),
            "subdir" => agree("subdir", value),
            "checksum" | "commit" => self.demand(&value),
            "keep-git-dir" => is_on(&value).map(|on| self.keeps_git_dir = on),
            "submodules" => is_on(&value).map(|on| self.skips_submodules = !on),
            // Every commit is fetched by its id here.
            "fetch-by-commit" => is_on(&value).map(drop),
            "mtime" => {
                self.has_commit_times = match value.as_str() {
                    "commit" => true,
                    "checkout" => false,
                    other => return Err(format!("`mtime={other}`: expected checkout or commit")),
                };
                Ok(())
            }
            other => Err(format!("`{other}` means nothing in the address of a repository")),
        }
    }

    /// Demands that the id of the commit begins with `checksum`.
    pub(super) fn demand(&mut self, checksum: &str) -> Result<(), String> {
        if checksum.len() < 7 || !checksum.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(format!("`{checksum}` is no commit: expected 7 to 40 hexadecimal digits"));
        }
        match &self.checksum {
            Some(other) if !other.eq_ignore_ascii_case(checksum) => {
                Err(format!("the commit is said twice: `{other}` and `{checksum}`"))
            }
            _ => {
                self.checksum = Some(checksum.to_ascii_lowercase());
                Ok(())
            }
        }
    }

    /// The id of the commit, where all of it is written.
    pub(super) fn whole_id(&self) -> Option<&str> {
        let is_id = |text: &&str| matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        self.wanted.as_deref().filter(is_id).or_else(|| self.checksum.as_deref().filter(is_id))
    }
}

fn with_prefix(prefix: &str, name: &str) -> String {
    if name.starts_with(prefix) { name.to_owned() } else { format!("{prefix}{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_say_the_same() {
        let fragment = GitReference::parse("https://x.example/a.git#v1:docs/").expect("a reference");
        let query = GitReference::parse("https://x.example/a.git?ref=v1&subdir=docs").expect("a reference");
        assert_eq!(fragment, query);
        assert_eq!(fragment.repository, "https://x.example/a.git");
        assert_eq!((fragment.wanted.as_deref(), fragment.subdirectory.as_str()), (Some("v1"), "docs"));
        let only_subdirectory = GitReference::parse("git@x.example:a#:docs").expect("a reference");
        assert_eq!((only_subdirectory.wanted, only_subdirectory.subdirectory.as_str()), (None, "docs"));
    }

    #[test]
    fn a_query_says_more() {
        let text = "https://x.example/a.git?branch=main&keep-git-dir=1&submodules=0&mtime=commit&commit=abcdef1";
        let reference = GitReference::parse(text).expect("a reference");
        assert_eq!(reference.wanted.as_deref(), Some("refs/heads/main"));
        assert!(reference.keeps_git_dir && reference.skips_submodules && reference.has_commit_times);
        assert_eq!(reference.checksum.as_deref(), Some("abcdef1"));
    }

    #[test]
    fn what_contradicts_itself_or_is_an_option_of_git_is_refused() {
        for text in [
            "https://x.example/a.git?ref=a#b",
            "https://x.example/a.git?tag=a&branch=a",
            "https://x.example/a.git?subdir=a#:b",
            "https://x.example/a.git?commit=abcdef1&checksum=abcdef2",
            "https://x.example/a.git?commit=main",
            "https://x.example/a.git?depth=1",
            "https://x.example/a.git?mtime=never",
            "https://x.example/a.git#--upload-pack=sh",
            "-oProxyCommand=sh@x:a",
        ] {
            assert!(GitReference::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_subdirectory_stays_inside() {
        let reference = GitReference::parse("https://x.example/a.git#main:../../etc").expect("a reference");
        assert_eq!(reference.subdirectory, "etc");
    }
}
