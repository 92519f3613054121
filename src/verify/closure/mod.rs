//! Whether an image from which files were taken still holds what its programs run with: the program that a container
//! starts, interpreters, libraries that are named, files that the config names, the user, trusted certificates.
//!
//! Only what the original has and the rewritten image lacks is held against a rewrite, with the place where the original
//! has it. `start`: what the config starts; `settings`: what it names; `loading`, with `elf`: what programs and libraries
//! are loaded with; `supply`: what would bring that. What a program opens once it runs by a name that it puts together
//! itself cannot be seen here.

mod elf;
mod loading;
mod settings;
mod start;
mod supply;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use super::compare::shown;
use super::footing::Footing;
use super::survey::{Survey, What};
use crate::oci::config::RunConfig;
use crate::rewrite::Difference;
use crate::tree::follow::{Last, follow};
use crate::tree::{Root, TreeError};

pub(super) use supply::supply;

/// Something that an image lacks and the original has.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lack {
    /// What is wrong without it.
    pub difference: Difference,
    /// Where the original has it; none where no file alone would mend it.
    pub had: Option<PathBuf>,
}

/// What programs of the image in `root`, whose tree is `after`, lack that was there in `before`; what the image brings that
/// it stands on is taken to be whole.
pub(super) fn lacks(
    root: &Root,
    after: &Survey,
    before: &Survey,
    footing: Option<&Footing>,
    config: &RunConfig,
) -> Result<Vec<Lack>, TreeError> {
    let image = Image { root, config, after, before, names: names(after), names_before: names(before) };
    let mut found = image.start()?;
    found.extend(image.settings()?);
    for (path, seen) in after {
        let is_own = footing.is_none_or(|footing| !footing.brings(path, after));
        if matches!(seen.what, What::File(_)) && (seen.mode & 0o111 != 0 || is_library(path)) {
            found.extend(image.loading(path, is_own)?);
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

struct Image<'a> {
    root: &'a Root,
    config: &'a RunConfig,
    after: &'a Survey,
    before: &'a Survey,
    names: BTreeMap<&'a OsStr, &'a Path>,
    names_before: BTreeMap<&'a OsStr, &'a Path>,
}

impl Image<'_> {
    /// Where the original has what this absolute path leads to.
    fn had(&self, path: &Path) -> Option<PathBuf> {
        place_in(self.before, path)
    }

    /// Whether anything is at this absolute path.
    fn has(&self, path: &Path) -> bool {
        place_in(self.after, path).is_some()
    }

    /// What the original has at this absolute path, where it is gone.
    fn gone(&self, path: &Path) -> Option<PathBuf> {
        self.had(path).filter(|_| !self.has(path))
    }
}

/// Where a path leads in a tree; none where there is nothing.
fn place_in(tree: &Survey, path: &Path) -> Option<PathBuf> {
    let link_at = |place: &Path| -> io::Result<Option<PathBuf>> {
        Ok(match tree.get(place).map(|seen| &seen.what) {
            Some(What::Symlink(target)) => Some(target.clone()),
            _ => None,
        })
    };
    let place = follow(path, Last::Followed, link_at).ok()?;
    tree.contains_key(&place).then_some(place)
}

fn names(survey: &Survey) -> BTreeMap<&OsStr, &Path> {
    survey.keys().filter_map(|path| Some((path.file_name()?, path.as_path()))).collect()
}

/// `libssl.so`, `libssl.so.3`
fn is_library(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    name.ends_with(".so") || name.contains(".so.")
}

fn lack(place: &str, what: String, had: Option<PathBuf>) -> Lack {
    Lack { difference: Difference { place: place.to_owned(), what }, had }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::fixtures::{directory, file, link, tree};

    #[test]
    fn a_path_is_followed_through_the_links_of_a_tree() {
        let tree = tree([
            ("bin", link("usr/bin")),
            ("usr", directory()),
            ("usr/bin", directory()),
            ("usr/bin/sh", link("/bin/dash")),
            ("usr/bin/dash", file("1")),
        ]);
        assert_eq!(place_in(&tree, Path::new("/bin/sh")), Some("usr/bin/dash".into()));
        assert_eq!(place_in(&tree, Path::new("/bin/bash")), None);
    }
}
