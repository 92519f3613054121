//! Where a path leads when every symbolic link in it is followed without ever leaving the root.
//!
//! The rule alone: what stands at a place is asked of the caller, so the same rule serves file descriptors, plain
//! paths and trees in memory. Invariant: the answer is relative to the root and holds no `..`; an absolute target
//! starts again at the root, and `..` at the root stays there.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io;
use std::path::{Component, Path, PathBuf};

/// How many links one path may go through, as in the kernel.
const MOST_LINKS: usize = 40;

/// Whether the last component of a path is followed too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Last {
    /// A link at the end is followed.
    Followed,
    /// A link at the end is the answer.
    Kept,
}

/// Why a path leads nowhere.
#[derive(Debug)]
pub enum Lost {
    /// Links that lead to each other.
    Loop,
    /// A place could not be looked at.
    Io(io::Error),
}

enum Part {
    Up,
    Down(OsString),
}

/// The place below the root to which `path` leads. Components that do not exist are kept as they are, so the answer
/// may name something yet to be created. `link_at` tells the target if a link stands at a link-free place.
pub fn follow(
    path: &Path,
    last: Last,
    mut link_at: impl FnMut(&Path) -> io::Result<Option<PathBuf>>,
) -> Result<PathBuf, Lost> {
    let mut place = PathBuf::new();
    let mut ahead: VecDeque<Part> = parts(path).collect();
    let mut links = 0;
    while let Some(part) = ahead.pop_front() {
        let Part::Down(name) = part else {
            place.pop();
            continue;
        };
        place.push(name);
        if ahead.is_empty() && last == Last::Kept {
            break;
        }
        let Some(target) = link_at(&place).map_err(Lost::Io)? else { continue };
        links += 1;
        if links > MOST_LINKS {
            return Err(Lost::Loop);
        }
        if target.has_root() {
            place.clear();
        } else {
            place.pop();
        }
        for part in parts(&target).collect::<Vec<_>>().into_iter().rev() {
            ahead.push_front(part);
        }
    }
    Ok(place)
}

/// The path without `.`, `..` and leading slash, `..` taken lexically and never above the root: what BuildKit makes
/// of a COPY source before it looks at any file.
pub fn clean(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in parts(path) {
        match part {
            Part::Up => drop(clean.pop()),
            Part::Down(name) => clean.push(name),
        }
    }
    clean
}

fn parts(path: &Path) -> impl Iterator<Item = Part> + '_ {
    path.components().filter_map(|component| match component {
        Component::Normal(name) => Some(Part::Down(name.to_owned())),
        Component::ParentDir => Some(Part::Up),
        Component::CurDir | Component::RootDir | Component::Prefix(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lead(path: &str, last: Last) -> Result<String, Lost> {
        let links = [
            ("lib", "usr/lib"),
            ("abs", "/usr/lib"),
            ("out", "../../../etc"),
            ("usr/up", "../../.."),
            ("loop", "pool"),
            ("pool", "loop"),
            ("dangling", "/not/there"),
            ("usr/lib/self", "."),
        ];
        let link_at = |place: &Path| {
            Ok(links.iter().find(|(name, _)| Path::new(name) == place).map(|(_, target)| PathBuf::from(target)))
        };
        follow(Path::new(path), last, link_at).map(|place| place.display().to_string().replace('\\', "/"))
    }

    #[test]
    fn links_are_followed_inside_the_root() {
        for (path, expected) in [
            ("lib/x", "usr/lib/x"),
            ("/abs/x", "usr/lib/x"),
            ("out/passwd", "etc/passwd"),
            ("usr/up/x", "x"),
            ("../../x", "x"),
            ("dangling/x", "not/there/x"),
            ("lib/self/self/y", "usr/lib/y"),
            ("lib/..", "usr"),
            ("", ""),
            ("/", ""),
        ] {
            assert_eq!(lead(path, Last::Followed).expect(path), expected, "{path}");
        }
    }

    #[test]
    fn the_last_link_is_kept_on_request() {
        assert_eq!(lead("lib", Last::Kept).expect("a place"), "lib");
        assert_eq!(lead("abs/self", Last::Kept).expect("a place"), "usr/lib/self");
    }

    #[test]
    fn a_loop_is_an_error() {
        assert!(matches!(lead("loop/x", Last::Followed), Err(Lost::Loop)));
    }

    #[test]
    fn cleaning_never_climbs_above_the_root() {
        assert_eq!(clean(Path::new("/../a/./b/../../../c/")), Path::new("c"));
    }
}
