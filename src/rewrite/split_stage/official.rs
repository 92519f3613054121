//! The names of official images, and which image of the same makers runs what another one builds.

/// An official image: its name without the registry, and its tag.
pub(super) struct Official<'a> {
    pub(super) name: &'a str,
    pub(super) tag: &'a str,
}

impl<'a> Official<'a> {
    /// None where it is pinned by a digest, has no tag, or comes from elsewhere.
    pub(super) fn of(reference: &'a str) -> Option<Self> {
        let name = ["docker.io/library/", "docker.io/", "library/"]
            .iter()
            .find_map(|prefix| reference.strip_prefix(prefix))
            .unwrap_or(reference);
        let (name, tag) = name.split_once(':')?;
        (!tag.contains('@') && !name.contains('/')).then_some(Self { name, tag })
    }

    /// The parts of the tag.
    pub(super) fn parts(&self) -> impl Iterator<Item = &'a str> {
        self.tag.split('-')
    }

    /// The release of Debian that the tag names.
    pub(super) fn debian(&self) -> Option<&'a str> {
        const RELEASES: &[&str] = &["bullseye", "bookworm", "trixie"];
        self.parts().find(|part| RELEASES.contains(part))
    }

    /// The release of Alpine that the tag names, as in `alpine3.20`.
    pub(super) fn alpine(&self) -> Option<&'a str> {
        self.parts().find_map(|part| part.strip_prefix("alpine"))
    }

    /// The version, and the release of Debian if there is one; none where the tag says anything more.
    pub(super) fn plain(&self) -> Option<(&'a str, Option<&'a str>)> {
        let mut parts = self.parts();
        let version = parts.next().filter(|part| is_version(part))?;
        match (parts.next(), parts.next()) {
            (None, _) => Some((version, None)),
            (Some(release), None) => self.debian().filter(|debian| *debian == release).map(|one| (version, Some(one))),
            _ => None,
        }
    }
}

/// Digits and dots.
pub(super) fn is_version(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit()) && text.chars().all(|c| c.is_ascii_digit() || c == '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read() {
        let plain = |reference: &'static str| Official::of(reference).and_then(|official| official.plain());
        assert_eq!(plain("node:22"), Some(("22", None)));
        assert_eq!(plain("docker.io/library/python:3.12-bookworm"), Some(("3.12", Some("bookworm"))));
        assert_eq!(plain("node:22-slim"), None);
        assert_eq!(plain("node"), None);
        assert_eq!(plain("example.com/node:22"), None);
        assert_eq!(Official::of("rust:1.80-alpine3.20").and_then(|official| official.alpine()), Some("3.20"));
    }
}
