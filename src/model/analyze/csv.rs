//! The comma-separated fields of `--mount` and `--device`, with quoting as in CSV files.

use crate::syntax::JoinedText;

/// The fields of a value, each with its own places; the error says what is wrong with the quoting.
pub(super) fn fields(value: &JoinedText) -> Result<Vec<JoinedText>, &'static str> {
    let text = value.as_str();
    let mut fields = Vec::new();
    let mut start = 0;
    loop {
        let (field, end) = match text[start..].starts_with('"') {
            true => quoted(value, start + 1)?,
            false => plain(value, start)?,
        };
        fields.push(field);
        match text.as_bytes().get(end) {
            None => return Ok(fields),
            Some(b',') => start = end + 1,
            Some(_) => return Err("a quoted field must be followed by a comma"),
        }
    }
}

fn plain(value: &JoinedText, start: usize) -> Result<(JoinedText, usize), &'static str> {
    let text = value.as_str();
    let end = text[start..].find(',').map_or(text.len(), |comma| start + comma);
    match text[start..end].contains('"') {
        true => Err("a quote inside a field needs quotes around the whole field, and to be doubled"),
        false => Ok((value.slice(start, end), end)),
    }
}

/// A field whose text begins at `start`, behind the quote.
fn quoted(value: &JoinedText, start: usize) -> Result<(JoinedText, usize), &'static str> {
    let text = value.as_str();
    let mut field = JoinedText::default();
    let mut start = start;
    loop {
        let quote = text[start..].find('"').ok_or("a quoted field has no closing quote")? + start;
        field.push(&text[start..quote], value.source_offset(start));
        match text[quote + 1..].starts_with('"') {
            // A doubled quote is one quote of the field.
            true => {
                field.push("\"", value.source_offset(quote));
                start = quote + 2;
            }
            false => return Ok((field, quote + 1)),
        }
    }
}
