//! Bytes that were written field by field, read again: the small binary files that are too many or too large for JSON.
//!
//! Does not know what the fields mean. Numbers have their low byte first. What is cut short or no text gives nothing.

/// What is left to be read.
#[derive(Debug)]
pub(crate) struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    /// All of `bytes` is left.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Whether nothing is.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next bytes.
    pub(crate) fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (field, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*field)
    }

    /// The next byte.
    pub(crate) fn byte(&mut self) -> Option<u8> {
        self.take().map(|[byte]| byte)
    }

    /// The next four bytes as a number.
    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    /// The next eight bytes as a number.
    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    /// The next eight bytes as a number that may be below zero.
    pub(crate) fn i64(&mut self) -> Option<i64> {
        self.take().map(i64::from_le_bytes)
    }

    /// The next text, with its length in bytes before it.
    pub(crate) fn text(&mut self) -> Option<String> {
        let length = self.u32()? as usize;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        String::from_utf8(text.to_vec()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_come_in_their_order_until_they_are_cut_short() {
        let bytes =
            [&[7][..], &5_u32.to_le_bytes(), &(-2_i64).to_le_bytes(), &2_u32.to_le_bytes(), b"ab", &[1]].concat();
        let mut fields = Fields::new(&bytes);
        assert_eq!((fields.byte(), fields.u32(), fields.i64()), (Some(7), Some(5), Some(-2)));
        assert_eq!(fields.text().as_deref(), Some("ab"));
        assert_eq!((fields.u64(), fields.is_empty(), fields.byte(), fields.is_empty()), (None, false, Some(1), true));
    }

    #[test]
    fn a_text_that_is_none_is_nothing() {
        assert_eq!(Fields::new(&[1, 0, 0, 0, 0xff]).text(), None);
        assert_eq!(Fields::new(&[9, 0, 0, 0, b'a']).text(), None);
    }
}
