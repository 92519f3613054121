//! The names an image is stored under.

/// A name with its tag, written out in full: `docker.io/library/app:1.0`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImageName(String);

impl ImageName {
    /// Takes a name that is written out in full; without a tag it gets `latest`.
    pub fn new(full: impl Into<String>) -> Self {
        let mut full = full.into();
        if split(&full).1.is_none() {
            full.push_str(":latest");
        }
        Self(full)
    }

    /// The whole name.
    pub fn full(&self) -> &str {
        &self.0
    }

    /// What follows the last colon.
    pub fn tag(&self) -> &str {
        split(&self.0).1.expect("a name always has a tag")
    }

    /// The name as people write it: Docker Hub and its `library` left out.
    pub fn familiar(&self) -> &str {
        let short = self.0.strip_prefix("docker.io/").unwrap_or(&self.0);
        short.strip_prefix("library/").filter(|rest| !rest.contains('/') && short != self.0).unwrap_or(short)
    }

    /// [`familiar`](Self::familiar) without the tag.
    pub fn familiar_repository(&self) -> &str {
        split(self.familiar()).0
    }

    /// Whether a person who says `name` means this one.
    pub fn answers_to(&self, name: &str) -> bool {
        [self.full(), self.familiar(), self.tag()].contains(&name)
            || [split(&self.0).0, self.familiar_repository()].contains(&name) && self.tag() == "latest"
    }
}

/// The repository and the tag. A colon before the last slash belongs to the host's port.
fn split(name: &str) -> (&str, Option<&str>) {
    match name.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository, Some(tag)),
        _ => (name, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_shown_as_people_write_them() {
        let familiar = |full: &str| ImageName::new(full).familiar().to_owned();
        assert_eq!(familiar("docker.io/library/app:1"), "app:1");
        assert_eq!(familiar("docker.io/me/app:1"), "me/app:1");
        assert_eq!(familiar("localhost:5000/library/app"), "localhost:5000/library/app:latest");
    }

    #[test]
    fn a_port_is_no_tag() {
        let name = ImageName::new("localhost:5000/app");
        assert_eq!((name.tag(), name.familiar_repository()), ("latest", "localhost:5000/app"));
    }

    #[test]
    fn a_name_answers_to_its_short_forms_only() {
        let name = ImageName::new("docker.io/library/app:latest");
        for said in ["app", "app:latest", "latest", "docker.io/library/app", "docker.io/library/app:latest"] {
            assert!(name.answers_to(said), "{said}");
        }
        assert!(!name.answers_to("app:1"));
        assert!(!ImageName::new("docker.io/library/app:1").answers_to("app"));
    }
}
