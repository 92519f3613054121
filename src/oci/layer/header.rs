//! From an entry to its tar header: ustar, preceded by PAX records for what ustar cannot hold.
//!
//! The bytes depend on the entry alone. No user or group names, no access or change times, whole seconds; of the
//! extended attributes only `security.capability`, the one that images carry.

use tar::{EntryType, Header};

use super::super::whiteout;
use super::entry::{Entry, Kind};
use super::pax;

/// The size of a tar block.
pub(super) const BLOCK: usize = 512;

/// The one attribute that is written.
const CAPABILITY: &[u8] = b"security.capability";

/// The largest number seven octal digits hold, and eleven.
const SEVEN_DIGITS: u64 = 0o777_7777;
const ELEVEN_DIGITS: u64 = 0o777_7777_7777;

/// The header blocks of `entry`.
pub(super) fn encode(entry: &Entry) -> Vec<u8> {
    let name = stored_name(entry);
    let link = match &entry.kind {
        Kind::Symlink { target } | Kind::HardLink { target } => &target[..],
        _ => b"",
    };
    let mut header = Header::new_ustar();
    let mut records = Vec::new();
    header.set_entry_type(entry_type(&entry.kind));
    header.set_mode(entry.mode & 0o7777);

    // Records are written in the order of their keys.
    if entry.gid as u64 > SEVEN_DIGITS {
        pax::append(&mut records, b"gid", entry.gid.to_string().as_bytes());
    }
    header.set_gid(if entry.gid as u64 > SEVEN_DIGITS { 0 } else { entry.gid.into() });
    if !set_link(&mut header, link) {
        pax::append(&mut records, b"linkpath", link);
    }
    match u64::try_from(entry.mtime) {
        Ok(mtime) if mtime <= ELEVEN_DIGITS => header.set_mtime(mtime),
        _ => {
            pax::append(&mut records, b"mtime", entry.mtime.to_string().as_bytes());
            header.set_mtime(0);
        }
    }
    if !set_name(&mut header, &name) {
        pax::append(&mut records, b"path", &name);
    }
    if let Some(value) = entry.xattrs.get(CAPABILITY) {
        pax::append(&mut records, &[pax::XATTR, CAPABILITY].concat(), value);
    }
    let size = entry.content_size();
    if size > ELEVEN_DIGITS {
        pax::append(&mut records, b"size", size.to_string().as_bytes());
    }
    header.set_size(if size > ELEVEN_DIGITS { 0 } else { size });
    if entry.uid as u64 > SEVEN_DIGITS {
        pax::append(&mut records, b"uid", entry.uid.to_string().as_bytes());
    }
    header.set_uid(if entry.uid as u64 > SEVEN_DIGITS { 0 } else { entry.uid.into() });
    let (major, minor) = match entry.kind {
        Kind::CharDevice { major, minor } | Kind::BlockDevice { major, minor } => (major, minor),
        _ => (0, 0),
    };
    let ustar = header.as_ustar_mut().expect("the header was made as ustar");
    ustar.set_device_major(major);
    ustar.set_device_minor(minor);
    header.set_cksum();

    let mut blocks = Vec::with_capacity(BLOCK);
    if !records.is_empty() {
        blocks.extend_from_slice(records_header(&name, records.len()).as_bytes());
        blocks.append(&mut records);
        blocks.resize(blocks.len().next_multiple_of(BLOCK), 0);
    }
    blocks.extend_from_slice(header.as_bytes());
    blocks
}

/// The name an entry has in the archive.
fn stored_name(entry: &Entry) -> Vec<u8> {
    match entry.kind {
        Kind::Directory if entry.path.is_empty() => b"./".to_vec(),
        Kind::Directory => [&entry.path[..], b"/"].concat(),
        Kind::Whiteout => whiteout::encode(&entry.path),
        _ => entry.path.clone(),
    }
}

fn entry_type(kind: &Kind) -> EntryType {
    match kind {
        Kind::File { .. } | Kind::Whiteout => EntryType::Regular,
        Kind::Directory => EntryType::Directory,
        Kind::Symlink { .. } => EntryType::Symlink,
        Kind::HardLink { .. } => EntryType::Link,
        Kind::CharDevice { .. } => EntryType::Char,
        Kind::BlockDevice { .. } => EntryType::Block,
        Kind::Fifo => EntryType::Fifo,
        Kind::Opaque => panic!("opaque directories are written as the removals they stand for"),
    }
}

fn records_header(name: &[u8], size: usize) -> Header {
    let mut header = Header::new_ustar();
    header.set_entry_type(EntryType::XHeader);
    header.set_size(size as u64);
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    // Only readers that do not know PAX see this name.
    let base = name.strip_suffix(b"/").unwrap_or(name).rsplit(|&byte| byte == b'/').next().unwrap_or_default();
    set_truncated(&mut header, &[b"PaxHeaders/", base].concat());
    header.set_cksum();
    header
}

/// Puts `name` where ustar has room for it; if it has none, a readable beginning of it, and false.
fn set_name(header: &mut Header, name: &[u8]) -> bool {
    let ustar = header.as_ustar_mut().expect("the header was made as ustar");
    if !name.is_ascii() {
        set_truncated(header, name);
        return false;
    }
    if name.len() <= ustar.name.len() {
        ustar.name[..name.len()].copy_from_slice(name);
        return true;
    }
    // The longest prefix that ends before a slash which is not the last byte.
    let end = name.len().saturating_sub(1).min(ustar.prefix.len() + 1);
    if let Some(slash) = name[..end].iter().rposition(|&byte| byte == b'/')
        && slash > 0
        && name.len() - slash - 1 <= ustar.name.len()
    {
        ustar.prefix[..slash].copy_from_slice(&name[..slash]);
        ustar.name[..name.len() - slash - 1].copy_from_slice(&name[slash + 1..]);
        return true;
    }
    set_truncated(header, name);
    false
}

fn set_truncated(header: &mut Header, name: &[u8]) {
    let field = &mut header.as_ustar_mut().expect("the header was made as ustar").name;
    for (slot, byte) in field.iter_mut().zip(name.iter().filter(|byte| byte.is_ascii())) {
        *slot = *byte;
    }
}

fn set_link(header: &mut Header, target: &[u8]) -> bool {
    let field = &mut header.as_ustar_mut().expect("the header was made as ustar").linkname;
    let fits = target.is_ascii() && target.len() <= field.len();
    for (slot, byte) in field.iter_mut().zip(target.iter().filter(|byte| byte.is_ascii())) {
        *slot = *byte;
    }
    fits
}
