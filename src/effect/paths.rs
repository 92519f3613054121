//! Sets of paths in a container: single paths, whole directories, or everything.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Bound;

/// A set of absolute paths. Built only by adding, so it can only grow towards "everything".
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PathSet {
    everything: bool,
    /// Paths that stand for themselves alone.
    exact: BTreeSet<String>,
    /// Directories that stand for themselves and all below, each with the directories below it that it does not stand for.
    below: BTreeMap<String, BTreeSet<String>>,
}

impl PathSet {
    /// No path.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Every path: what an unknown command may touch.
    pub fn everything() -> Self {
        Self { everything: true, ..Self::default() }
    }

    /// One path alone.
    pub fn path(path: &str) -> Self {
        Self { exact: BTreeSet::from([clean(path)]), ..Self::default() }
    }

    /// A directory and all below it.
    pub fn below(path: &str) -> Self {
        Self { below: BTreeMap::from([(clean(path), BTreeSet::new())]), ..Self::default() }
    }

    /// Both together.
    pub fn union(mut self, other: PathSet) -> Self {
        self.add(other);
        self
    }

    /// Takes in another set.
    pub fn add(&mut self, other: PathSet) {
        self.everything |= other.everything;
        self.exact.extend(other.exact);
        for (directory, spared) in other.below {
            // What one of them stands for, both stand for.
            let together = match self.below.get(&directory) {
                Some(own) => own.intersection(&spared).cloned().collect(),
                None => spared,
            };
            self.below.insert(directory, together);
        }
    }

    /// The set without `directory` and all below it, as far as that was added with a directory above it alone.
    pub fn sparing(mut self, directory: &str) -> Self {
        let directory = clean(directory);
        let above = self.below.iter_mut().filter(|(path, _)| **path != directory && is_below(&directory, path));
        above.for_each(|(_, spared)| spared.extend([directory.clone()]));
        self
    }

    /// Whether no path is in it.
    pub fn is_empty(&self) -> bool {
        !self.everything && self.exact.is_empty() && self.below.is_empty()
    }

    /// Whether it is everything.
    pub fn is_everything(&self) -> bool {
        self.everything
    }

    /// Takes in one path alone.
    pub(super) fn insert(&mut self, path: &str) {
        self.exact.insert(clean(path));
    }

    /// Whether `path` is in it.
    pub fn contains(&self, path: &str) -> bool {
        self.holds(&cleaned(path))
    }

    /// Whether a path that is clean is in it.
    fn holds(&self, path: &str) -> bool {
        self.everything || self.exact.contains(path) || self.below.iter().any(|below| is_in(path, below))
    }

    /// Whether anything of it is `directory`, which is clean and not the root, or lies below it or above it as a whole.
    /// However many paths it has, few of them are looked at.
    pub(super) fn meets(&self, directory: &str) -> bool {
        let inside = format!("{directory}/");
        let first_inside = || self.exact.range::<str, _>((Bound::Included(inside.as_str()), Bound::Unbounded)).next();
        self.everything
            || self.exact.contains(directory)
            || first_inside().is_some_and(|path| path.starts_with(&inside))
            || self.below.iter().any(|below| is_below(below.0, directory) || is_in(directory, below))
    }

    /// A path that is in both, or that stands for what is in both.
    pub fn overlap(&self, other: &PathSet) -> Option<String> {
        if self.is_empty() || other.is_empty() {
            return None;
        }
        if self.everything || other.everything {
            let named = if self.everything { other } else { self };
            return Some(named.first().unwrap_or("/").to_owned());
        }
        let exact = self.exact.iter().find(|path| other.holds(path));
        let reverse = || other.exact.iter().find(|path| self.holds(path));
        let nested = || {
            let pairs = self.below.keys().flat_map(|a| other.below.keys().map(move |b| (a, b)));
            // Of two directories one of which is in the other, the lower one is what both hold, unless it is spared.
            let lower = pairs.filter_map(|(a, b)| if is_below(a, b) { Some(a) } else { is_below(b, a).then_some(b) });
            lower.into_iter().find(|lower| self.holds(lower) && other.holds(lower))
        };
        exact.or_else(reverse).or_else(nested).cloned()
    }

    /// The part of it that lies at or below `directory`; everything stays everything.
    pub fn within(&self, directory: &str) -> PathSet {
        let directory = clean(directory);
        let mut part = PathSet { everything: self.everything, ..PathSet::default() };
        part.exact.extend(self.exact.iter().filter(|path| is_below(path, &directory)).cloned());
        for (path, spared) in &self.below {
            if is_below(path, &directory) {
                part.below.insert(path.clone(), spared.clone());
            } else if self.contains(&directory) && is_below(&directory, path) {
                let spared = spared.iter().filter(|spared| is_below(spared, &directory)).cloned().collect();
                part.add(PathSet { below: BTreeMap::from([(directory.clone(), spared)]), ..PathSet::default() });
            }
        }
        part
    }

    /// The paths that it was built of.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.exact.iter().chain(self.below.keys()).map(String::as_str)
    }

    /// Where its paths lead when there is a link at `link` to `target`, both absolute.
    pub(super) fn through(&self, link: &str, target: &str) -> PathSet {
        let led = |path: &str| path.strip_prefix(link).map(|rest| clean(&format!("{target}{rest}")));
        let mut set = PathSet::empty();
        set.exact.extend(self.exact.iter().filter(|path| is_below(path, link)).filter_map(|path| led(path)));
        for path in self.below.keys() {
            if is_below(path, link) {
                set.below.extend(led(path).map(|path| (path, BTreeSet::new())));
            } else if is_below(link, path) {
                set.below.insert(clean(target), BTreeSet::new());
            }
        }
        set
    }

    /// The set without what `path` itself was added as; what other members of the set stand for stays.
    pub fn without(mut self, path: &str) -> PathSet {
        let path = clean(path);
        self.exact.remove(&path);
        self.below.remove(&path);
        self
    }

    /// The first path, for a message.
    fn first(&self) -> Option<&str> {
        self.exact.first().or(self.below.keys().next()).map(String::as_str)
    }
}

impl fmt::Display for PathSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.everything {
            return f.write_str("any file");
        }
        let below = self.below.keys().map(|path| format!("{}/…", path.trim_end_matches('/')));
        let names: Vec<String> = self.exact.iter().cloned().chain(below).collect();
        f.write_str(&names.join(", "))
    }
}

/// An absolute path without `.`, `..`, doubled or trailing slashes.
pub fn clean(path: &str) -> String {
    cleaned(path).into_owned()
}

/// The same; most paths are clean as they are written.
fn cleaned(path: &str) -> Cow<'_, str> {
    let is_name = |part: &[u8]| !matches!(part, b"" | b"." | b"..");
    let is_clean = path == "/"
        || path.strip_prefix('/').is_some_and(|names| names.as_bytes().split(|byte| *byte == b'/').all(is_name));
    if is_clean { Cow::Borrowed(path) } else { Cow::Owned(rewritten(path)) }
}

fn rewritten(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// `path` as seen from the directory `base`: absolute paths stay, relative ones are joined.
pub fn join(base: &str, path: &str) -> String {
    if path.starts_with('/') {
        return clean(path);
    }
    let joined = [base, "/", path].concat();
    match cleaned(&joined) {
        Cow::Borrowed(_) => joined,
        Cow::Owned(clean) => clean,
    }
}

/// Whether the cleaned `path` is `directory` or lies below it.
pub fn is_below(path: &str, directory: &str) -> bool {
    directory == "/" || path.strip_prefix(directory).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a clean path lies in a directory, which stands for all below it but what is spared.
fn is_in(path: &str, (directory, spared): (&String, &BTreeSet<String>)) -> bool {
    is_below(path, directory) && !spared.iter().any(|spared| is_below(path, spared))
}

/// Directories that every base image has.
const EVERYWHERE: &[&str] = &[
    "/",
    "/bin",
    "/etc",
    "/home",
    "/lib",
    "/opt",
    "/root",
    "/run",
    "/sbin",
    "/srv",
    "/tmp",
    "/usr",
    "/usr/bin",
    "/usr/lib",
    "/usr/local",
    "/usr/local/bin",
    "/usr/local/lib",
    "/usr/local/share",
    "/usr/sbin",
    "/usr/share",
    "/var",
    "/var/cache",
    "/var/lib",
    "/var/log",
    "/var/tmp",
];

/// Whether a directory is there in whatever image a stage starts from.
pub fn is_everywhere(directory: &str) -> bool {
    EVERYWHERE.contains(&directory)
}

/// What making a directory that belongs to somebody means to others: whoever touches what is below may rely on it.
pub fn made(directory: &str) -> PathSet {
    if is_everywhere(directory) { PathSet::path(directory) } else { PathSet::below(directory) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_overlaps_what_lies_below_it_and_nothing_beside_it() {
        let app = PathSet::below("/app");
        assert_eq!(app.overlap(&PathSet::path("/app/x")).as_deref(), Some("/app/x"));
        assert_eq!(app.overlap(&PathSet::path("/apple")), None);
        assert_eq!(PathSet::path("/app").overlap(&PathSet::below("/app/x")), None);
        assert_eq!(app.overlap(&PathSet::below("/")).as_deref(), Some("/app"));
    }

    #[test]
    fn a_directory_that_is_spared_is_in_the_set_only_if_something_else_puts_it_there() {
        let usr = PathSet::below("/usr").sparing("/usr/src/app");
        assert!(usr.contains("/usr/src/apple") && usr.contains("/usr/src") && !usr.contains("/usr/src/app/x"));
        assert_eq!(usr.overlap(&PathSet::below("/usr/src/app/lib")), None);
        assert_eq!(usr.overlap(&PathSet::path("/usr/src/app")), None);
        assert_eq!(usr.overlap(&PathSet::below("/usr/src")).as_deref(), Some("/usr/src"));
        assert!(usr.within("/usr/src/app").is_empty() && !usr.within("/usr/src").contains("/usr/src/app"));
        assert!(usr.clone().union(PathSet::below("/usr")).contains("/usr/src/app"));
        assert!(usr.union(PathSet::path("/usr/src/app")).contains("/usr/src/app"));
    }

    #[test]
    fn everything_overlaps_whatever_is_not_empty() {
        assert_eq!(PathSet::everything().overlap(&PathSet::path("/a")).as_deref(), Some("/a"));
        assert_eq!(PathSet::everything().overlap(&PathSet::empty()), None);
    }

    #[test]
    fn a_directory_is_met_by_what_is_in_it_or_holds_it() {
        let meets = |set: PathSet| set.meets("/etc/ssl");
        assert!(
            meets(PathSet::path("/etc/ssl")) && meets(PathSet::path("/etc/ssl/a")) && meets(PathSet::below("/etc"))
        );
        assert!(
            !meets(PathSet::path("/etc/ssl.d/a").union(PathSet::path("/etc/ssl-b"))) && !meets(PathSet::path("/etc"))
        );
        let among = PathSet::path("/etc/ssl-b").union(PathSet::path("/etc/ssl/a")).union(PathSet::path("/etc/z"));
        assert!(meets(among) && meets(PathSet::everything()) && !meets(PathSet::empty()));
    }

    #[test]
    fn the_part_within_a_directory_narrows_wider_directories() {
        let reads = PathSet::below("/").union(PathSet::path("/etc/hosts"));
        assert_eq!(reads.within("/app"), PathSet::below("/app"));
    }

    #[test]
    fn paths_are_cleaned_before_they_are_compared() {
        assert_eq!(join("/app", "../etc//x/./y/"), "/etc/x/y");
        assert_eq!(
            (join("/", "a"), join("/app", ".a"), join("/app", ".")),
            ("/a".into(), "/app/.a".into(), "/app".into())
        );
        assert_eq!(["", "/", "//", "a/", "/..a"].map(clean), ["/", "/", "/", "/a", "/..a"]);
        assert!(PathSet::path("/a/./b").contains("/a/b"));
    }
}
