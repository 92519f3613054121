//! PAX records: `LENGTH KEY=VALUE\n`, the way tar says what its fixed fields cannot hold.

use super::super::error::{Error, Result};

/// What goes before the name of an extended attribute.
pub(super) const XATTR: &[u8] = b"SCHILY.xattr.";

/// Appends one record to `out`.
pub(super) fn append(out: &mut Vec<u8>, key: &[u8], value: &[u8]) {
    // The length counts its own digits.
    let rest = key.len() + value.len() + 3;
    let mut length = rest + 1;
    while rest + length.to_string().len() != length {
        length = rest + length.to_string().len();
    }
    out.extend_from_slice(format!("{length} ").as_bytes());
    out.extend_from_slice(key);
    out.push(b'=');
    out.extend_from_slice(value);
    out.push(b'\n');
}

/// The records of one header, in order.
#[derive(Debug, Clone, Default)]
pub(super) struct Records(Vec<(Vec<u8>, Vec<u8>)>);

impl Records {
    /// Reads the body of a PAX header.
    pub(super) fn parse(mut body: &[u8]) -> Result<Self> {
        let malformed = || Error::malformed("the archive", "a PAX record is not `LENGTH KEY=VALUE` and a newline");
        let mut records = Vec::new();
        while !body.is_empty() {
            let space = body.iter().position(|&byte| byte == b' ').ok_or_else(malformed)?;
            let length =
                decimal(&body[..space]).filter(|&length| length as usize <= body.len()).ok_or_else(malformed)?;
            let record = body.get(space + 1..length as usize).ok_or_else(malformed)?;
            let record = record.strip_suffix(b"\n").ok_or_else(malformed)?;
            let equals = record.iter().position(|&byte| byte == b'=').filter(|&at| at > 0).ok_or_else(malformed)?;
            records.push((record[..equals].to_vec(), record[equals + 1..].to_vec()));
            body = &body[length as usize..];
        }
        Ok(Self(records))
    }

    /// Lets later records win over these.
    pub(super) fn extend(&mut self, later: Self) {
        self.0.extend(later.0);
    }

    /// The value in force: the last one; an empty one takes an earlier one back.
    pub(super) fn get(&self, key: &[u8]) -> Option<&[u8]> {
        let (_, value) = self.0.iter().rev().find(|(name, _)| name == key)?;
        Some(&value[..]).filter(|value| !value.is_empty())
    }

    /// A decimal number.
    pub(super) fn number(&self, key: &[u8]) -> Result<Option<u64>> {
        let parse = |value| decimal(value).ok_or_else(|| not_a_number(key, value));
        self.get(key).map(parse).transpose()
    }

    /// A time, rounded down to whole seconds.
    pub(super) fn seconds(&self, key: &[u8]) -> Result<Option<i64>> {
        let parse = |value: &[u8]| {
            let text = str::from_utf8(value).ok()?;
            let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
            if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            let seconds: i64 = whole.parse().ok()?;
            let below = whole.starts_with('-') && fraction.bytes().any(|byte| byte != b'0');
            seconds.checked_sub(below.into())
        };
        self.get(key).map(|value| parse(value).ok_or_else(|| not_a_number(key, value))).transpose()
    }

    /// All records, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.0.iter().map(|(key, value)| (&key[..], &value[..]))
    }
}

/// A number of decimal digits and nothing else.
pub(super) fn decimal(digits: &[u8]) -> Option<u64> {
    let text = str::from_utf8(digits).ok()?;
    if text.starts_with('+') { None } else { text.parse().ok() }
}

fn not_a_number(key: &[u8], value: &[u8]) -> Error {
    let why = format!("the PAX record `{}` is `{}`, not a number", key.escape_ascii(), value.escape_ascii());
    Error::malformed("the archive", why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_of_a_record_counts_itself() {
        for size in [0, 1, 88, 89, 90, 91, 92, 93, 94, 984, 985, 986, 987, 988, 989, 9_983, 9_984, 9_985] {
            let mut out = Vec::new();
            append(&mut out, b"path", &vec![b'x'; size]);
            append(&mut out, b"b", b"a=b\n");
            let records = Records::parse(&out).unwrap();
            assert_eq!(records.iter().map(|(_, value)| value.len()).collect::<Vec<_>>(), [size, 4]);
        }
    }

    #[test]
    fn broken_records_are_refused() {
        for body in
            ["6 a=b", "7 a=b\n", "5 ab\n", "x a=b\n", "4 =\n", "99999999999999999999 a=b\n", "0 a=b\n", "+6 a=b\n"]
        {
            assert!(Records::parse(body.as_bytes()).is_err(), "{body:?}");
        }
    }

    #[test]
    fn the_last_value_counts_and_an_empty_one_takes_back() {
        let records = Records::parse(b"6 a=1\n6 a=2\n6 b=3\n5 b=\n").unwrap();
        assert_eq!((records.get(b"a"), records.get(b"b")), (Some(&b"2"[..]), None));
    }

    #[test]
    fn times_are_rounded_down() {
        let seconds = |value: &str| {
            let mut out = Vec::new();
            append(&mut out, b"mtime", value.as_bytes());
            Records::parse(&out).unwrap().seconds(b"mtime").ok().flatten()
        };
        assert_eq!(seconds("12.999"), Some(12));
        assert_eq!(seconds("-1.5"), Some(-2));
        assert_eq!(seconds("-1.000"), Some(-1));
        assert_eq!(seconds("1e5"), None);
    }
}
