//! Digests of files that need not be read again: by what the file system says of them, remembered between runs.
//!
//! Does not know contexts or paths: a file is its device and inode, and it is unchanged while its size, mode and both
//! times are. Invariant: a digest is trusted only if the file had been still for a while when it was read; a change
//! in the same tick of the clock would not show in its times. What was saved is used as it lies on disk, and saved anew
//! only when there is something new.

mod saved;

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use self::saved::{Damaged, Saved};
use crate::digest::Digest;
use crate::tree::{Entry, Inode, Time};

/// How long a file must have been still before it was read. The coarsest file systems count in two seconds.
const STILL_FOR_SECONDS: i64 = 3;

/// How many times the cache may be saved without a file being asked for before it is forgotten.
const FORGOTTEN_AFTER: u8 = 20;

/// Remembers the digests of files. Saved when it is dropped, if it has a file.
#[derive(Debug, Default)]
pub struct StatCache {
    file: Option<PathBuf>,
    saved: Saved,
    /// Which entries of what was saved were asked for and are still true.
    asked: Vec<AtomicBool>,
    new: Mutex<HashMap<Identity, Remembered>>,
    is_damaged: bool,
}

/// Which file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Identity {
    device: u64,
    inode: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Remembered {
    state: State,
    digest: Digest,
    /// How many times it was saved since it was last asked for.
    unused: u8,
}

/// What changes when a file does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct State {
    size: u64,
    mode: u32,
    mtime: Time,
    changed: Time,
}

impl StatCache {
    /// A cache that remembers for as long as it lives.
    pub fn in_memory() -> Self {
        Self::default()
    }

    /// A cache for the context at `root`, kept in a file of its own in `directory`. What cannot be read is empty.
    pub fn in_directory(directory: &Path, root: &Path) -> Self {
        let root = fs::canonicalize(root).unwrap_or_else(|_| root.to_owned());
        let file = directory.join(Digest::of(root.as_os_str().as_encoded_bytes()).hex());
        let (saved, is_damaged) = match fs::read(&file).map(Saved::decode) {
            Ok(Ok(saved)) => (saved, false),
            Ok(Err(Damaged)) => (Saved::default(), true),
            Err(_) => (Saved::default(), false),
        };
        let asked = (0..saved.len()).map(|_| AtomicBool::new(false)).collect();
        Self { file: Some(file), saved, asked, new: Mutex::default(), is_damaged }
    }

    /// The file of the cache, if what is in it was cut or damaged: all files are read again.
    pub fn damaged_file(&self) -> Option<&Path> {
        self.file.as_deref().filter(|_| self.is_damaged)
    }

    /// The digest of the file `entry`, from memory if the file has not changed; else by reading what `open` gives.
    pub fn digest<R: Read>(&self, entry: &Entry, open: impl FnOnce() -> io::Result<R>) -> io::Result<Digest> {
        self.digest_at(entry, || SystemTime::now().into(), open)
    }

    fn digest_at<R: Read>(
        &self,
        entry: &Entry,
        now: impl FnOnce() -> Time,
        open: impl FnOnce() -> io::Result<R>,
    ) -> io::Result<Digest> {
        let Some(inode) = entry.inode else { return Ok(Digest::of_reader(open()?)?.0) };
        let (identity, state) = (Identity::of(inode), State::of(entry, inode));
        if let Some(digest) = self.recall(identity, state) {
            return Ok(digest);
        }
        // Before it is read: what is written meanwhile must not look still.
        let now = now();
        let (digest, size) = Digest::of_reader(open()?)?;
        // A file that was longer than it says was being written to.
        if size == entry.size && now.seconds - state.changed.seconds.max(state.mtime.seconds) > STILL_FOR_SECONDS {
            self.remember(identity, Remembered { state, digest, unused: 0 });
        }
        Ok(digest)
    }

    fn recall(&self, identity: Identity, state: State) -> Option<Digest> {
        if let Some((number, remembered)) = self.saved.find(identity)
            && remembered.state == state
        {
            self.asked[number].store(true, Ordering::Relaxed);
            return Some(remembered.digest);
        }
        let new = self.new.lock().expect("nothing panics while it holds the cache");
        new.get(&identity).filter(|remembered| remembered.state == state).map(|remembered| remembered.digest)
    }

    fn remember(&self, identity: Identity, remembered: Remembered) {
        let mut new = self.new.lock().expect("nothing panics while it holds the cache");
        new.insert(identity, remembered);
    }

    fn save(&self) -> io::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let new = self.new.lock().expect("nothing panics while it holds the cache");
        if new.is_empty() {
            return Ok(());
        }
        let old = self.saved.all().zip(&self.asked).map(|((identity, remembered), asked)| {
            let unused = if asked.load(Ordering::Relaxed) { 0 } else { remembered.unused.saturating_add(1) };
            (identity, Remembered { unused, ..remembered })
        });
        let mut all: BTreeMap<Identity, Remembered> =
            old.filter(|(_, remembered)| remembered.unused <= FORGOTTEN_AFTER).collect();
        all.extend(new.iter());
        saved::publish(file, &saved::encode(all.iter()))
    }
}

impl Drop for StatCache {
    fn drop(&mut self) {
        if let Err(error) = self.save() {
            tracing::warn!(%error, "the digests of context files are not remembered; they will be read again");
        }
    }
}

impl Identity {
    fn of(inode: Inode) -> Self {
        Self { device: inode.device, inode: inode.number }
    }
}

impl State {
    fn of(entry: &Entry, inode: Inode) -> Self {
        let attributes = &entry.attributes;
        Self { size: entry.size, mode: attributes.mode, mtime: attributes.mtime, changed: inode.changed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::{Attributes, Kind};

    const LATER: Time = Time { seconds: 1_000, nanoseconds: 0 };

    fn entry(size: u64, changed: i64) -> Entry {
        let time = Time { seconds: changed, nanoseconds: 5 };
        let attributes = Attributes { mode: 0o644, mtime: time, ..Attributes::default() };
        let inode = Some(Inode { device: 1, number: 2, links: 1, changed: time });
        Entry { path: "file".into(), kind: Kind::File, size, attributes, inode }
    }

    /// The digest of `entry`, whose content is `content`, and whether it was read for it.
    fn digest(cache: &StatCache, entry: &Entry, content: &str) -> (Digest, bool) {
        let mut was_read = false;
        let open = || {
            was_read = true;
            Ok(content.as_bytes())
        };
        let digest = cache.digest_at(entry, || LATER, open).expect("it can be read");
        (digest, was_read)
    }

    #[test]
    fn an_unchanged_file_is_read_once() {
        let cache = StatCache::in_memory();
        assert_eq!(digest(&cache, &entry(3, 10), "abc"), (Digest::of("abc"), true));
        assert_eq!(digest(&cache, &entry(3, 10), "not looked at"), (Digest::of("abc"), false));
    }

    #[test]
    fn any_change_of_its_state_makes_it_read_again() {
        let cache = StatCache::in_memory();
        let old = entry(3, 10);
        let changes: [&dyn Fn(&mut Entry); 6] = [
            &|entry| entry.size = 4,
            &|entry| entry.attributes.mode = 0o755,
            &|entry| entry.attributes.mtime.nanoseconds = 6,
            &|entry| entry.inode.as_mut().expect("an inode").changed.nanoseconds = 6,
            &|entry| entry.inode.as_mut().expect("an inode").number = 3,
            &|entry| entry.inode.as_mut().expect("an inode").device = 3,
        ];
        for (number, change) in changes.iter().enumerate() {
            digest(&cache, &old, "abc");
            let mut new = old.clone();
            change(&mut new);
            assert!(digest(&cache, &new, "abcd").1, "change {number}");
        }
    }

    #[test]
    fn a_file_that_was_just_written_is_not_trusted() {
        let cache = StatCache::in_memory();
        for changed in [LATER.seconds - 1, LATER.seconds, LATER.seconds + 50] {
            digest(&cache, &entry(3, changed), "abc");
            assert_eq!(digest(&cache, &entry(3, changed), "xyz"), (Digest::of("xyz"), true));
        }
    }

    #[test]
    fn a_file_that_grew_while_it_was_read_is_not_trusted() {
        let cache = StatCache::in_memory();
        digest(&cache, &entry(3, 10), "abcdef");
        assert!(digest(&cache, &entry(3, 10), "abc").1);
    }

    #[test]
    fn what_is_saved_is_known_to_the_next_run_until_nobody_asks_for_it() {
        let directory = tempfile::tempdir().expect("a directory");
        let open = || StatCache::in_directory(directory.path(), Path::new("."));
        digest(&open(), &entry(3, 10), "abc");
        assert!(!digest(&open(), &entry(3, 10), "abc").1);
        for run in 0..=u32::from(FORGOTTEN_AFTER) {
            let mut other = entry(3, 10);
            other.inode.as_mut().expect("an inode").number = u64::from(1_000 + run);
            digest(&open(), &other, "abc");
        }
        assert!(digest(&open(), &entry(3, 10), "abc").1);
    }

    #[test]
    fn a_damaged_file_is_an_empty_cache_and_says_so() {
        let directory = tempfile::tempdir().expect("a directory");
        let open = || StatCache::in_directory(directory.path(), Path::new("."));
        assert_eq!(open().damaged_file(), None, "there is none yet");
        digest(&open(), &entry(3, 10), "abc");
        let file = open().file.clone().expect("it has one");
        let bytes = fs::read(&file).expect("it was saved");
        fs::write(&file, &bytes[..bytes.len() - 1]).expect("it is cut");
        assert_eq!(open().damaged_file(), Some(file.as_path()));
        assert!(digest(&open(), &entry(3, 10), "abc").1);
        assert_eq!((open().damaged_file(), digest(&open(), &entry(3, 10), "abc").1), (None, false), "it is mended");
    }

    #[test]
    fn nothing_is_written_when_nothing_is_new() {
        let directory = tempfile::tempdir().expect("a directory");
        let open = || StatCache::in_directory(directory.path(), Path::new("."));
        digest(&open(), &entry(3, 10), "abc");
        let file = open().file.clone().expect("it has one");
        let written = || fs::metadata(&file).and_then(|metadata| metadata.modified()).expect("it is there");
        let long_ago = SystemTime::UNIX_EPOCH;
        fs::File::open(&file).and_then(|file| file.set_modified(long_ago)).expect("aged");
        digest(&open(), &entry(3, 10), "abc");
        assert_eq!(written(), long_ago);
        digest(&open(), &entry(4, 11), "abcd");
        assert_ne!(written(), long_ago);
    }
}
