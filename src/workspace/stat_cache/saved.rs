//! A stat cache as it is saved: entries of equal length in the order of their files, looked up where they lie.
//!
//! ```text
//! header, entry, entry, …, SHA-256 of all that
//! ```
//!
//! Nothing is unpacked when it is read, and nothing is written when it is used. Invariant: what does not end in its own
//! digest was cut or damaged, and is not believed.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::{Identity, Remembered, State};
use crate::digest::Digest;
use crate::fields::Fields;
use crate::tree::Time;

/// The first bytes. A file that begins otherwise is of another version.
const HEADER: &[u8] = b"rplan stat cache 2\n";
/// How a version is told from a damaged file.
const ANY_HEADER: &[u8] = b"rplan stat cache ";
/// Bytes of an entry.
const ENTRY: usize = 85;
/// Bytes of the digest at the end.
const CHECK: usize = 32;

/// How the names of files begin that are being written.
const TEMPORARY: &str = ".new-";
/// A temporary file that is older than this belongs to nobody who lives.
const ABANDONED_AFTER: Duration = Duration::from_secs(3600);

/// The entries of a saved cache.
#[derive(Debug, Default)]
pub(super) struct Saved {
    entries: Vec<u8>,
}

/// The file is there and cannot be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Damaged;

impl Saved {
    /// Reads what [`encode`] wrote. What another version wrote holds nothing.
    pub(super) fn decode(mut bytes: Vec<u8>) -> Result<Self, Damaged> {
        if !bytes.starts_with(HEADER) {
            return if bytes.starts_with(ANY_HEADER) { Ok(Self::default()) } else { Err(Damaged) };
        }
        let end = bytes.len().checked_sub(CHECK).filter(|end| *end >= HEADER.len()).ok_or(Damaged)?;
        if bytes[end..] != Digest::of(&bytes[..end]).as_bytes()[..] || !(end - HEADER.len()).is_multiple_of(ENTRY) {
            return Err(Damaged);
        }
        bytes.truncate(end);
        bytes.drain(..HEADER.len());
        Ok(Self { entries: bytes })
    }

    /// How many entries there are.
    pub(super) fn len(&self) -> usize {
        self.entries.len() / ENTRY
    }

    /// What is remembered of a file, and the number of the entry.
    pub(super) fn find(&self, identity: Identity) -> Option<(usize, Remembered)> {
        let (mut first, mut end) = (0, self.len());
        while first < end {
            let middle = first + (end - first) / 2;
            let mut fields = self.fields(middle);
            match self::identity(&mut fields)?.cmp(&identity) {
                std::cmp::Ordering::Less => first = middle + 1,
                std::cmp::Ordering::Greater => end = middle,
                std::cmp::Ordering::Equal => return remembered(&mut fields).map(|remembered| (middle, remembered)),
            }
        }
        None
    }

    /// All entries, in the order of their files.
    pub(super) fn all(&self) -> impl Iterator<Item = (Identity, Remembered)> {
        (0..self.len()).filter_map(|number| {
            let mut fields = self.fields(number);
            Some((identity(&mut fields)?, remembered(&mut fields)?))
        })
    }

    fn fields(&self, number: usize) -> Fields<'_> {
        Fields::new(&self.entries[number * ENTRY..][..ENTRY])
    }
}

/// A cache as bytes. `files` come in the order of their identities.
pub(super) fn encode<'f>(files: impl Iterator<Item = (&'f Identity, &'f Remembered)>) -> Vec<u8> {
    let mut bytes = HEADER.to_vec();
    for (identity, Remembered { state, digest, unused }) in files {
        bytes.extend(identity.device.to_le_bytes());
        bytes.extend(identity.inode.to_le_bytes());
        bytes.extend(state.size.to_le_bytes());
        bytes.extend(state.mode.to_le_bytes());
        for time in [state.mtime, state.changed] {
            bytes.extend(time.seconds.to_le_bytes());
            bytes.extend(time.nanoseconds.to_le_bytes());
        }
        bytes.extend(digest.as_bytes());
        bytes.push(*unused);
    }
    let check = Digest::of(&bytes);
    bytes.extend(check.as_bytes());
    bytes
}

/// Puts `bytes` at `file`, whole or not at all. What killed processes left beside it goes.
pub(super) fn publish(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let directory = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(directory)?;
    remove_abandoned(directory)?;
    let mut temporary = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(directory)?;
    temporary.write_all(bytes)?;
    temporary.persist(file).map_err(|error| error.error)?;
    Ok(())
}

fn remove_abandoned(directory: &Path) -> io::Result<()> {
    for child in fs::read_dir(directory)? {
        let path = child?.path();
        let is_temporary = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(TEMPORARY));
        let age =
            || SystemTime::now().duration_since(File::open(&path)?.metadata()?.modified()?).map_err(io::Error::other);
        if is_temporary && age().is_ok_and(|age| age > ABANDONED_AFTER) {
            // Another process may have been faster.
            let _ = fs::remove_file(&path);
        }
    }
    Ok(())
}

fn time(fields: &mut Fields<'_>) -> Option<Time> {
    Some(Time { seconds: fields.i64()?, nanoseconds: fields.u32()? })
}

fn identity(fields: &mut Fields<'_>) -> Option<Identity> {
    Some(Identity { device: fields.u64()?, inode: fields.u64()? })
}

fn remembered(fields: &mut Fields<'_>) -> Option<Remembered> {
    let (size, mode) = (fields.u64()?, fields.u32()?);
    let state = State { size, mode, mtime: time(fields)?, changed: time(fields)? };
    Some(Remembered { state, digest: fields.take().map(Digest::from_bytes)?, unused: fields.byte()? })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn files() -> BTreeMap<Identity, Remembered> {
        let file = |inode| {
            let time = Time { seconds: -5, nanoseconds: 7 };
            let state = State { size: inode << 30, mode: 0o4755, mtime: time, changed: Time { seconds: 1, ..time } };
            let remembered = Remembered { state, digest: Digest::of(format!("{inode}")), unused: inode as u8 };
            (Identity { device: inode % 3, inode }, remembered)
        };
        (0..50).map(file).collect()
    }

    #[test]
    fn every_file_is_found_and_no_other() {
        let saved = Saved::decode(encode(files().iter())).expect("whole");
        assert_eq!(saved.all().collect::<BTreeMap<_, _>>(), files());
        for (number, (identity, remembered)) in files().into_iter().enumerate() {
            assert_eq!(saved.find(identity), Some((number, remembered)));
            assert_eq!(saved.find(Identity { device: identity.device + 1, ..identity }), None);
        }
        assert_eq!(Saved::decode(encode(BTreeMap::new().iter())).expect("whole").len(), 0);
    }

    #[test]
    fn a_cut_or_changed_file_is_not_believed() {
        let bytes = encode(files().iter());
        for end in [0, 5, HEADER.len(), HEADER.len() + CHECK, HEADER.len() + ENTRY, bytes.len() - 1] {
            assert_eq!(Saved::decode(bytes[..end].to_vec()).err(), Some(Damaged), "{end} bytes");
        }
        for place in [HEADER.len(), bytes.len() / 2, bytes.len() - 1] {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            assert_eq!(Saved::decode(changed).err(), Some(Damaged), "byte {place}");
        }
    }

    #[test]
    fn a_file_of_another_version_holds_nothing() {
        assert_eq!(Saved::decode(b"rplan stat cache 1\nwhatever".to_vec()).expect("no damage").len(), 0);
    }

    #[test]
    fn what_a_killed_process_left_goes_once_it_is_old() {
        let directory = tempfile::tempdir().expect("a directory");
        let [old, new] = [".new-old", ".new-new"].map(|name| directory.path().join(name));
        fs::write(&new, "x").expect("a file");
        let long_ago = SystemTime::now() - 2 * ABANDONED_AFTER;
        File::create(&old).and_then(|file| file.set_modified(long_ago)).expect("an old file");
        publish(&directory.path().join("file"), b"y").expect("published");
        assert_eq!((old.exists(), new.exists()), (false, true));
    }
}
