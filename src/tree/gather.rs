//! All entries below a directory at once, looked at by several threads.
//!
//! The same entries in the same order as a [`Walk`](super::Walk) gives, for whoever wants them all. Goes level by level,
//! so that no depth of directories is too much for the stack. Invariant: neither the number of threads nor their luck
//! shows in what comes out. Links are never followed.

use std::ffi::OsString;
use std::fs::{self, DirEntry};
use std::path::{Path, PathBuf};
use std::vec;

use rayon::prelude::*;

use super::entry::{Entry, join};
use super::error::{Result, TreeError};
use super::walk::Verdict;

/// Says of each entry whether it is taken.
pub type Judge<'a> = &'a (dyn Fn(&Entry) -> Verdict + Sync);

/// Reads the extended attributes of what stands at a path, if they are wanted.
type Adorn<'a> = &'a (dyn Fn(&Path, &mut Entry) -> Result<()> + Sync);

/// The entries below `root/start` of which `judge` takes some, with paths relative to `root`. What cannot be looked at
/// is an error in its place.
pub fn gather(root: &Path, start: &Path, judge: Judge<'_>) -> Vec<Result<Entry>> {
    gather_adorned(root, start, judge, &|_, _| Ok(()))
}

/// The same with extended attributes.
#[cfg(all(feature = "exec", target_os = "linux"))]
pub fn gather_with_xattrs(root: &Path, start: &Path, judge: Judge<'_>) -> Vec<Result<Entry>> {
    gather_adorned(root, start, judge, &|place, entry| {
        entry.attributes.xattrs = super::xattrs::read(place)?;
        Ok(())
    })
}

fn gather_adorned(root: &Path, start: &Path, judge: Judge<'_>, adorn: Adorn<'_>) -> Vec<Result<Entry>> {
    let mut listings: Vec<Option<Listing>> = Vec::new();
    let mut level = vec![start.to_owned()];
    while !level.is_empty() {
        let mut listed: Vec<Listing> = level.par_iter().map(|directory| list(root, directory, judge, adorn)).collect();
        level.clear();
        let first = listings.len() + listed.len();
        for found in listed.iter_mut().flatten() {
            if let Ok(entry) = found.entry.as_ref()
                && entry.is_directory()
            {
                found.below = Some(first + level.len());
                level.push(entry.path.clone());
            }
        }
        listings.extend(listed.into_iter().map(Some));
    }
    in_order(listings)
}

/// What a directory holds, in the order of names, without what is skipped.
type Listing = Vec<Found>;

struct Found {
    entry: Result<Entry>,
    is_taken: bool,
    /// The number of the listing of what is in it.
    below: Option<usize>,
}

fn list(root: &Path, directory: &Path, judge: Judge<'_>, adorn: Adorn<'_>) -> Listing {
    let children = match children(root, directory) {
        Ok(children) => children,
        Err(error) => return vec![Found { entry: Err(error), is_taken: false, below: None }],
    };
    let look_at = |(name, child): &(OsString, DirEntry)| {
        let entry = match inspect(root, child, directory.join(name), adorn) {
            Ok(entry) => entry,
            Err(error) => return Some(Found { entry: Err(error), is_taken: false, below: None }),
        };
        match judge(&entry) {
            Verdict::Skip => None,
            Verdict::Through if !entry.is_directory() => None,
            verdict => Some(Found { entry: Ok(entry), is_taken: verdict == Verdict::Take, below: None }),
        }
    };
    children.par_iter().filter_map(look_at).collect()
}

fn children(root: &Path, directory: &Path) -> Result<Vec<(OsString, DirEntry)>> {
    let place = join(root, directory);
    let failed = |source| TreeError::io("list", &place, source);
    let named = fs::read_dir(&place).map_err(failed)?.map(|child| child.map(|child| (child.file_name(), child)));
    let mut children = named.collect::<Result<Vec<_>, _>>().map_err(failed)?;
    children.sort_unstable_by(|(left, _), (right, _)| left.cmp(right));
    Ok(children)
}

/// Looks at a name in its open directory, which spares the kernel the way there.
fn inspect(root: &Path, child: &DirEntry, path: PathBuf, adorn: Adorn<'_>) -> Result<Entry> {
    let place = || join(root, &path);
    let failed = |source| TreeError::io("read the metadata of", &place(), source);
    let metadata = child.metadata().map_err(failed)?;
    let target = match metadata.is_symlink() {
        true => Some(fs::read_link(place()).map_err(failed)?),
        false => None,
    };
    let place = place();
    let mut entry = Entry::from_metadata(path, &metadata, target);
    adorn(&place, &mut entry)?;
    Ok(entry)
}

/// A directory whose content is being told.
struct Open {
    rest: vec::IntoIter<Found>,
    /// The directory itself as long as it is only passed through: it is taken as soon as something below it is.
    through: Option<Entry>,
}

fn in_order(mut listings: Vec<Option<Listing>>) -> Vec<Result<Entry>> {
    let mut listing = |number: usize| listings[number].take().expect("each listing has one place").into_iter();
    let mut entries = Vec::new();
    let mut open = vec![Open { rest: listing(0), through: None }];
    while let Some(top) = open.last_mut() {
        let Some(Found { entry, is_taken, below }) = top.rest.next() else {
            open.pop();
            continue;
        };
        let mut through = None;
        match entry {
            Ok(entry) if is_taken => {
                entries.extend(open.iter_mut().filter_map(|open| open.through.take()).map(Ok));
                entries.push(Ok(entry));
            }
            Ok(entry) => through = Some(entry),
            Err(error) => entries.push(Err(error)),
        }
        if let Some(number) = below {
            open.push(Open { rest: listing(number), through });
        }
    }
    entries
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::walk::Walk;
    use super::*;

    fn shown(entries: impl Iterator<Item = Result<Entry>>) -> Vec<String> {
        entries.map(|entry| entry.map_or_else(|error| error.to_string(), |entry| format!("{entry:?}"))).collect()
    }

    #[test]
    fn it_gives_what_a_walk_gives() {
        let root = tempfile::tempdir().expect("a temporary directory");
        for number in 0..700 {
            let (outer, inner) = (number % 13, number % 5);
            let place = root.path().join(format!("{outer}/in-{inner}/deep{}/{number}", number % 3));
            fs::create_dir_all(place.parent().expect("a parent")).expect("parents");
            fs::write(place, "x").expect("a file");
        }
        fs::write(root.path().join("in-"), "x").expect("a file");
        // Every kind of verdict, on directories and on files.
        let judge = |entry: &Entry| match entry.path.to_string_lossy().bytes().map(u32::from).sum::<u32>() % 5 {
            0 => Verdict::Skip,
            1 | 2 => Verdict::Through,
            _ => Verdict::Take,
        };
        let gathered = gather(root.path(), Path::new(""), &judge);
        let kinds = gathered.iter().flatten().map(Entry::is_directory).collect::<std::collections::BTreeSet<_>>();
        assert_eq!(kinds.len(), 2, "files and directories are left");
        assert_eq!(shown(gathered.into_iter()), shown(Walk::new(root.path()).judged_by(judge)));
        let all = |_: &Entry| Verdict::Take;
        let below = gather(root.path(), Path::new("7"), &all);
        assert_eq!(shown(below.into_iter()), shown(Walk::below(root.path(), Path::new("7"))));
    }

    #[test]
    fn what_is_missing_is_one_error() {
        let root = tempfile::tempdir().expect("a temporary directory");
        let found = gather(root.path(), Path::new("gone"), &|_| Verdict::Take);
        assert!(matches!(found[..], [Err(TreeError::Io { action: "list", .. })]));
    }

    #[test]
    fn no_depth_is_too_much() {
        let root = tempfile::tempdir().expect("a temporary directory");
        let deep: PathBuf = ["d"; 1_500].iter().collect();
        fs::create_dir_all(root.path().join(&deep)).expect("directories");
        assert_eq!(gather(root.path(), Path::new(""), &|_| Verdict::Take).len(), 1_500);
    }
}
