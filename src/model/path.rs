//! Paths as builders see them: text with `/`, cleaned and joined without looking at any disk.

/// The shortest path that is lexically the same: no `.`, no repeated or trailing `/`, `..` taken back where possible.
/// An empty path becomes `.`; `..` above the root of an absolute path disappears.
pub fn clean(path: &str) -> String {
    let absolute = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if absolute => {}
            _ => parts.push(part),
        }
    }
    match (absolute, parts.is_empty()) {
        (true, _) => format!("/{}", parts.join("/")),
        (false, true) => ".".to_owned(),
        (false, false) => parts.join("/"),
    }
}

/// `path` seen from `directory`: cleaned, and itself where it is absolute.
pub fn join(directory: &str, path: &str) -> String {
    match path.starts_with('/') {
        true => clean(path),
        false => clean(&format!("{directory}/{path}")),
    }
}

/// A source of COPY as a path in its tree: cleaned as if absolute, so that `..` stays inside; the root is the empty
/// text.
pub fn inside(path: &str) -> String {
    clean(&format!("/{path}"))[1..].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned_lexically() {
        for (path, cleaned) in [
            ("", "."),
            (".", "."),
            ("./", "."),
            ("/", "/"),
            ("//a//b/", "/a/b"),
            ("a/./b/../c", "a/c"),
            ("../a/../..", "../.."),
            ("/../a", "/a"),
            ("a/..", "."),
        ] {
            assert_eq!(clean(path), cleaned, "{path:?}");
        }
    }

    #[test]
    fn joining_prefers_an_absolute_path() {
        assert_eq!(join("/srv", "app/"), "/srv/app");
        assert_eq!(join("/srv", "/opt//x"), "/opt/x");
        assert_eq!(join("/", ".."), "/");
    }

    #[test]
    fn a_source_cannot_leave_its_tree() {
        assert_eq!(inside("../../etc/passwd"), "etc/passwd");
        assert_eq!(inside("/"), "");
        assert_eq!(inside("a/"), "a");
    }
}
