//! The fields of a tar header, read: numbers, names, the checksum.
//!
//! Distrusts each of them. Knows nothing of what stands before a header or behind it.

use tar::Header;

use super::super::error::{Error, Result};

/// The longest path the kernel takes, and the longest name in it.
const MAX_PATH: usize = 4096;
const MAX_NAME: usize = 255;

pub(super) fn damaged(why: impl Into<String>) -> Error {
    Error::malformed("the archive", why)
}

/// A path below the root: a leading `/` and `.` components mean nothing, `..` is refused.
pub(super) fn inner_path(raw: &[u8], what: &str) -> Result<Vec<u8>> {
    let refused = |why: &str| damaged(format!("the {what} `{}` {why}", raw[..raw.len().min(MAX_PATH)].escape_ascii()));
    if raw.len() > MAX_PATH {
        return Err(refused("is longer than a path may be"));
    }
    let mut path = Vec::with_capacity(raw.len());
    for part in raw.split(|&byte| byte == b'/') {
        match part {
            b"" | b"." => continue,
            b".." => return Err(refused("leads out of the root")),
            _ if part.contains(&0) => return Err(refused("has a NUL in it")),
            _ if part.len() > MAX_NAME => return Err(refused("is longer than a name may be")),
            _ => {}
        }
        if !path.is_empty() {
            path.push(b'/');
        }
        path.extend_from_slice(part);
    }
    Ok(path)
}

/// The name that is in the header itself.
pub(super) fn header_name(header: &Header) -> Vec<u8> {
    let name = until_nul(&header.as_old().name);
    match header.as_ustar().map(|ustar| until_nul(&ustar.prefix)) {
        Some(prefix) if !prefix.is_empty() => [prefix, b"/", name].concat(),
        _ => name.to_vec(),
    }
}

/// A text field: it ends where its first NUL is.
pub(super) fn until_nul(field: &[u8]) -> &[u8] {
    field.split(|&byte| byte == 0).next().unwrap_or_default()
}

/// The sum of all bytes of the header, its own field taken as blanks. Some old programs added signed bytes.
pub(super) fn check_sum(header: &Header) -> Result<()> {
    let told = number(&header.as_old().cksum, "checksum")?;
    let bytes = header.as_bytes().iter().enumerate();
    let bytes = bytes.map(|(at, &byte)| if (148..156).contains(&at) { b' ' } else { byte });
    let (unsigned, signed) =
        bytes.fold((0i64, 0i64), |(unsigned, signed), byte| (unsigned + byte as i64, signed + byte as i8 as i64));
    if [unsigned, signed].contains(&(told as i64)) {
        Ok(())
    } else {
        Err(damaged("a header's checksum is wrong; it may not be a tar archive at all"))
    }
}

/// A number field: octal digits, or with the high bit set a big-endian integer.
pub(super) fn signed(field: &[u8], what: &str) -> Result<i64> {
    let bad = || damaged(format!("a header's {what} is `{}`, not a number", field.escape_ascii()));
    if field[0] & 0x80 != 0 {
        let first = ((field[0] << 1) as i8 >> 1) as i128;
        let value = field[1..].iter().fold(first, |value, &byte| value << 8 | byte as i128);
        return i64::try_from(value).map_err(|_| damaged(format!("a header's {what} is {value}, larger than any")));
    }
    let digits = until_nul(field).trim_ascii();
    if digits.is_empty() {
        return Ok(0);
    }
    let text = str::from_utf8(digits).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    text.and_then(|text| i64::from_str_radix(text, 8).ok()).ok_or_else(bad)
}

/// The same where nothing is below zero.
pub(super) fn number(field: &[u8], what: &str) -> Result<u64> {
    u64::try_from(signed(field, what)?).map_err(|_| damaged(format!("a header's {what} is negative")))
}

/// A user, group or device number: what a PAX record says, or the field.
pub(super) fn id(record: Option<u64>, field: &[u8], what: &str) -> Result<u32> {
    let id = match record {
        Some(id) => id,
        None => number(field, what)?,
    };
    u32::try_from(id).map_err(|_| damaged(format!("a {what} is {id}, more than there are")))
}

/// The major and minor number of a device.
pub(super) fn device(header: &Header) -> Result<(u32, u32)> {
    let (major, minor) = match (header.as_ustar(), header.as_gnu()) {
        (Some(ustar), _) => (&ustar.dev_major, &ustar.dev_minor),
        (_, Some(gnu)) => (&gnu.dev_major, &gnu.dev_minor),
        _ => return Err(damaged("a device has no numbers")),
    };
    Ok((id(None, major, "device number")?, id(None, minor, "device number")?))
}
