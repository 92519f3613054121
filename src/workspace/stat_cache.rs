//! Digests of files that need not be read again: by what the file system says of them, remembered between runs.
//!
//! Does not know contexts or paths: a file is its device and inode, and it is unchanged while its size, mode and both
//! times are. Invariant: a digest is trusted only if the file had been still for a while when it was read; a change
//! in the same tick of the clock would not show in its times.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::SystemTime;

use crate::digest::Digest;
use crate::tree::{Entry, Inode, Time};

/// How long a file must have been still before it was read. The coarsest file systems count in two seconds.
const STILL_FOR_SECONDS: i64 = 3;

/// How many saved runs may pass without a file being asked for before it is forgotten.
const FORGOTTEN_AFTER: u8 = 20;

/// The first bytes of a saved cache. A file that begins otherwise is not read.
const HEADER: &[u8] = b"rplan stat cache 1\n";

/// Remembers the digests of files. Saved when it is dropped, if it has a file.
#[derive(Debug, Default)]
pub struct StatCache {
    file: Option<PathBuf>,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    files: HashMap<Identity, Remembered>,
    is_changed: bool,
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
    /// Saved runs since it was last asked for.
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
        let files = fs::read(&file).ok().and_then(|bytes| decode(&bytes)).unwrap_or_default();
        Self { file: Some(file), known: Mutex::new(Known { files, is_changed: false }) }
    }

    /// The digest of the file `entry`, from memory if the file has not changed; else by reading what `open` gives.
    pub fn digest<R: Read>(&self, entry: &Entry, open: impl FnOnce() -> io::Result<R>) -> io::Result<Digest> {
        self.digest_at(entry, SystemTime::now().into(), open)
    }

    fn digest_at<R: Read>(&self, entry: &Entry, now: Time, open: impl FnOnce() -> io::Result<R>) -> io::Result<Digest> {
        let Some(inode) = entry.inode else { return Ok(Digest::of_reader(open()?)?.0) };
        let (identity, state) = (Identity::of(inode), State::of(entry, inode));
        if let Some(digest) = self.recall(identity, state) {
            return Ok(digest);
        }
        let (digest, size) = Digest::of_reader(open()?)?;
        // A file that was longer than it says was being written to.
        if size == entry.size && now.seconds - state.changed.seconds.max(state.mtime.seconds) > STILL_FOR_SECONDS {
            self.remember(identity, Remembered { state, digest, unused: 0 });
        }
        Ok(digest)
    }

    fn recall(&self, identity: Identity, state: State) -> Option<Digest> {
        let mut known = self.known.lock().expect("nothing panics while it holds the cache");
        let remembered = known.files.get_mut(&identity).filter(|remembered| remembered.state == state)?;
        remembered.unused = 0;
        Some(remembered.digest)
    }

    fn remember(&self, identity: Identity, remembered: Remembered) {
        let mut known = self.known.lock().expect("nothing panics while it holds the cache");
        known.files.insert(identity, remembered);
        known.is_changed = true;
    }

    fn save(&self) -> io::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let known = self.known.lock().expect("nothing panics while it holds the cache");
        if !known.is_changed {
            return Ok(());
        }
        let directory = file.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(directory)?;
        let mut temporary = tempfile::NamedTempFile::new_in(directory)?;
        temporary.write_all(&encode(&known.files))?;
        temporary.persist(file).map_err(|error| error.error)?;
        Ok(())
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

/// The cache as bytes, ordered, without the files nobody has asked for in a long time.
fn encode(files: &HashMap<Identity, Remembered>) -> Vec<u8> {
    let mut kept: Vec<_> = files.iter().filter(|(_, remembered)| remembered.unused < FORGOTTEN_AFTER).collect();
    kept.sort_unstable_by_key(|(identity, _)| **identity);
    let mut bytes = HEADER.to_vec();
    for (identity, Remembered { state, digest, unused }) in kept {
        bytes.extend(identity.device.to_le_bytes());
        bytes.extend(identity.inode.to_le_bytes());
        bytes.extend(state.size.to_le_bytes());
        bytes.extend(state.mode.to_le_bytes());
        for time in [state.mtime, state.changed] {
            bytes.extend(time.seconds.to_le_bytes());
            bytes.extend(time.nanoseconds.to_le_bytes());
        }
        bytes.extend(digest.as_bytes());
        bytes.push(unused + 1);
    }
    bytes
}

/// Reads what [`encode`] wrote; `None` if it is anything else.
fn decode(bytes: &[u8]) -> Option<HashMap<Identity, Remembered>> {
    let mut rest = Fields(bytes.strip_prefix(HEADER)?);
    let mut files = HashMap::new();
    while !rest.0.is_empty() {
        let identity = Identity { device: rest.u64()?, inode: rest.u64()? };
        let (size, mode, mtime, changed) = (rest.u64()?, rest.u32()?, rest.time()?, rest.time()?);
        let state = State { size, mode, mtime, changed };
        let remembered =
            Remembered { state, digest: rest.take().map(Digest::from_bytes)?, unused: rest.take::<1>()?[0] };
        files.insert(identity, remembered);
    }
    Some(files)
}

/// Bytes, read field by field.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (field, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*field)
    }

    fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn time(&mut self) -> Option<Time> {
        Some(Time { seconds: self.take().map(i64::from_le_bytes)?, nanoseconds: self.u32()? })
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
        let digest = cache.digest_at(entry, LATER, open).expect("it can be read");
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
    fn a_damaged_file_is_an_empty_cache() {
        let files = HashMap::from([(
            Identity { device: 1, inode: 2 },
            Remembered {
                state: State::of(&entry(3, 10), entry(3, 10).inode.expect("one")),
                digest: Digest::of("abc"),
                unused: 0,
            },
        )]);
        let bytes = encode(&files);
        assert_eq!(decode(&bytes).map(|files| files.len()), Some(1));
        assert_eq!(decode(&bytes[..bytes.len() - 1]), None);
        assert_eq!(decode(b"something else"), None);
        assert_eq!(decode(b""), None);
    }
}
