//! The files that a step took, by path: a list that is looked into only where something differs.
//!
//! A list may be long, so records name it by the digest of its bytes and somebody else keeps those. Does not know who.
//! Invariant: equal lists are equal bytes, and what is anything else is no list.

use std::collections::BTreeMap;

use crate::digest::Digest;
use crate::fields::Fields;
use crate::plan::record::{FileKind, FileRecord};

/// Files by path.
pub type FileList = BTreeMap<String, FileRecord>;

/// Finds a list by its digest; none where it is gone.
pub type Lists<'a> = &'a dyn Fn(&Digest) -> Option<FileList>;

/// The first bytes of a list. What begins otherwise is none.
const HEADER: &[u8] = b"rplan files 1\n";

const FILE: u8 = 0;
const DIRECTORY: u8 = 1;
const SYMLINK: u8 = 2;
const SPECIAL: u8 = 3;

/// The list as bytes.
pub fn encode(files: &FileList) -> Vec<u8> {
    let mut bytes = HEADER.to_vec();
    for (path, FileRecord { what, mode, owner, digest }) in files {
        put_text(&mut bytes, path);
        match what {
            FileKind::File { size, content } => {
                bytes.push(FILE);
                bytes.extend(size.to_le_bytes());
                bytes.extend(content.as_bytes());
            }
            FileKind::Directory => bytes.push(DIRECTORY),
            FileKind::Symlink { target } => {
                bytes.push(SYMLINK);
                put_text(&mut bytes, target);
            }
            FileKind::Special { node } => {
                bytes.push(SPECIAL);
                put_text(&mut bytes, node);
            }
        }
        bytes.push(u8::from(mode.is_some()) | u8::from(digest.is_some()) << 1);
        bytes.extend(mode.iter().flat_map(|mode| mode.to_le_bytes()));
        bytes.extend(owner.0.to_le_bytes());
        bytes.extend(owner.1.to_le_bytes());
        bytes.extend(digest.iter().flat_map(|digest| *digest.as_bytes()));
    }
    bytes
}

/// Reads what [`encode`] wrote; `None` if it is anything else.
pub fn decode(bytes: &[u8]) -> Option<FileList> {
    let mut rest = Fields::new(bytes.strip_prefix(HEADER)?);
    let digest = |rest: &mut Fields<'_>| rest.take().map(Digest::from_bytes);
    let mut files = FileList::new();
    while !rest.is_empty() {
        let path = rest.text()?;
        let what = match rest.byte()? {
            FILE => FileKind::File { size: rest.u64()?, content: digest(&mut rest)? },
            DIRECTORY => FileKind::Directory,
            SYMLINK => FileKind::Symlink { target: rest.text()? },
            SPECIAL => FileKind::Special { node: rest.text()? },
            _ => return None,
        };
        let has = rest.byte()?;
        let mode = if has & 1 == 0 { None } else { Some(rest.u32()?) };
        let owner = (rest.u32()?, rest.u32()?);
        let digest = if has & 2 == 0 { None } else { Some(digest(&mut rest)?) };
        files.insert(path, FileRecord { what, mode, owner, digest });
    }
    Some(files)
}

fn put_text(bytes: &mut Vec<u8>, text: &str) {
    // No path and no target is longer than the kernel's few thousand bytes.
    bytes.extend((text.len() as u32).to_le_bytes());
    bytes.extend(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list() -> FileList {
        let file = |what, mode, digest| FileRecord { what, mode, owner: (0, 33), digest };
        let content = Digest::of("x");
        [
            ("a/é.txt", file(FileKind::File { size: 1 << 40, content }, Some(0o4755), Some(Digest::of("all")))),
            ("dir", file(FileKind::Directory, Some(0o700), None)),
            ("link", file(FileKind::Symlink { target: "../x".into() }, None, Some(content))),
            ("pipe", file(FileKind::Special { node: "fifo".into() }, None, None)),
        ]
        .map(|(path, file)| (path.to_owned(), file))
        .into()
    }

    #[test]
    fn a_list_reads_back_what_it_wrote() {
        assert_eq!(decode(&encode(&list())), Some(list()));
        assert_eq!(decode(&encode(&FileList::new())), Some(FileList::new()));
    }

    #[test]
    fn a_list_that_is_cut_or_foreign_is_none() {
        let bytes = encode(&list());
        let whole: Vec<usize> = (0..bytes.len()).filter(|end| decode(&bytes[..*end]).is_some()).collect();
        // A list may end where an entry does; the digest under which it is kept tells such a cut.
        assert_eq!(whole.len(), list().len());
        assert_eq!(decode(b"rplan files 2\n"), None);
        assert_eq!(decode(b"{}"), None);
    }
}
