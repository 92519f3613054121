//! Whiteouts: how a layer says that something below it is gone.
//!
//! `dir/.wh.name` removes `dir/name`; `dir/.wh..wh..opq` hides everything below `dir`. A name that would decode to
//! `.`, `..` or nothing is no whiteout but an attempt to remove what it must not.

const PREFIX: &[u8] = b".wh.";
const META_PREFIX: &[u8] = b".wh..wh.";
const OPAQUE: &[u8] = b".wh..wh..opq";

/// What a path in a layer means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The path itself.
    Plain,
    /// This path is gone.
    Whiteout(Vec<u8>),
    /// All that lies below this directory in lower layers is gone.
    Opaque(Vec<u8>),
    /// Book-keeping of AUFS, without meaning.
    Ignored,
    /// A reserved name where it cannot mean anything.
    Refused,
}

/// What the (cleaned) `path` of a layer's entry means.
pub(super) fn meaning(path: &[u8]) -> Meaning {
    let (parent, name) = split(path);
    if name == OPAQUE {
        return Meaning::Opaque(parent.to_vec());
    }
    if path.split(|&byte| byte == b'/').any(|part| part.starts_with(META_PREFIX)) {
        return Meaning::Ignored;
    }
    if parent.split(|&byte| byte == b'/').any(|part| part.starts_with(PREFIX)) {
        return Meaning::Refused;
    }
    match name.strip_prefix(PREFIX) {
        None => Meaning::Plain,
        Some(b"" | b"." | b"..") => Meaning::Refused,
        Some(hidden) => Meaning::Whiteout(join(parent, hidden)),
    }
}

/// The name under which a layer says that `path` is gone.
pub(super) fn encode(path: &[u8]) -> Vec<u8> {
    let (parent, name) = split(path);
    join(parent, &[PREFIX, name].concat())
}

/// Whether `path` could not be told from a whiteout when the layer is read.
pub(super) fn is_reserved(path: &[u8]) -> bool {
    path.split(|&byte| byte == b'/').any(|part| part.starts_with(PREFIX))
}

fn split(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|&byte| byte == b'/') {
        Some(slash) => (&path[..slash], &path[slash + 1..]),
        None => (b"", path),
    }
}

fn join(parent: &[u8], name: &[u8]) -> Vec<u8> {
    if parent.is_empty() { name.to_vec() } else { [parent, b"/", name].concat() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whiteout_decodes_to_what_it_encodes() {
        for path in [&b"a"[..], b"a/b", b"a/.b", b"a/wh."] {
            assert_eq!(meaning(&encode(path)), Meaning::Whiteout(path.to_vec()));
        }
    }

    #[test]
    fn opaque_markers_name_their_directory() {
        assert_eq!(meaning(b"a/b/.wh..wh..opq"), Meaning::Opaque(b"a/b".to_vec()));
        assert_eq!(meaning(b".wh..wh..opq"), Meaning::Opaque(Vec::new()));
    }

    #[test]
    fn whiteouts_of_dots_and_of_nothing_are_refused() {
        for path in [&b"a/.wh."[..], b".wh..", b"a/.wh...", b".wh.a/b"] {
            assert_eq!(meaning(path), Meaning::Refused, "{}", path.escape_ascii());
        }
        assert_eq!(meaning(b".wh..wh.plnk/12.34"), Meaning::Ignored);
        assert_eq!(meaning(b"a.wh.b"), Meaning::Plain);
    }
}
