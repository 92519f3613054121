//! A build as one place writes it: what is left out there may be said elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::{Build, Inline, Recipe, Setting};

/// What one place says of a build.
#[derive(Debug, Clone, Default)]
pub(super) struct Fragment {
    /// The directory; none where it is elsewhere or not known.
    pub(super) context: Option<Option<PathBuf>>,
    /// Relative to the context.
    pub(super) dockerfile: Option<Setting>,
    /// In place of a file; none where it is not known what it says.
    pub(super) inline: Option<Option<Arc<Inline>>>,
    pub(super) target: Option<Setting>,
    pub(super) args: BTreeMap<String, Setting>,
    pub(super) has_further_args: bool,
    pub(super) named_contexts: BTreeSet<String>,
    pub(super) platforms: Option<Option<BTreeSet<String>>>,
}

impl Fragment {
    /// Something that nobody knows.
    pub(super) fn unknown() -> Self {
        Self {
            context: Some(None),
            dockerfile: Some(None),
            target: Some(None),
            has_further_args: true,
            platforms: Some(None),
            ..Self::default()
        }
    }

    /// This one, and what it leaves out from `below`.
    pub(super) fn over(self, below: Self) -> Self {
        Self {
            context: self.context.or(below.context),
            dockerfile: self.dockerfile.or(below.dockerfile),
            inline: self.inline.or(below.inline),
            target: self.target.or(below.target),
            args: below.args.into_iter().chain(self.args).collect(),
            has_further_args: self.has_further_args || below.has_further_args,
            named_contexts: below.named_contexts.into_iter().chain(self.named_contexts).collect(),
            platforms: self.platforms.or(below.platforms),
        }
    }

    /// The build, if it can be said which Dockerfile it is of. Without a context it has the directory `folder`.
    pub(super) fn build(self, name: &str, folder: &Path) -> Option<Build> {
        let context = self.context.unwrap_or_else(|| Some(joined(folder, ".")));
        let dockerfile = self.dockerfile.unwrap_or_else(|| Some("Dockerfile".to_owned()));
        let recipe = match self.inline {
            Some(inline) => Recipe::Inline(inline?),
            None => Recipe::File(joined(context.as_ref()?, &dockerfile?)),
        };
        Some(Build {
            name: name.to_owned(),
            recipe,
            context,
            target: self.target.filter(|target| target.as_deref() != Some("")),
            args: self.args,
            has_further_args: self.has_further_args,
            named_contexts: self.named_contexts,
            platforms: self.platforms,
        })
    }
}

/// The path below `folder`, `..` taken back as far as it goes.
pub(super) fn joined(folder: &Path, path: &str) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in folder.join(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if clean.components().next_back().is_some_and(is_name) => _ = clean.pop(),
            Component::ParentDir if clean.has_root() => {}
            part => clean.push(part),
        }
    }
    if clean == Path::new("") { PathBuf::from(".") } else { clean }
}

fn is_name(part: Component<'_>) -> bool {
    matches!(part, Component::Normal(_))
}

/// Whether a context is fetched from elsewhere.
pub(super) fn is_remote(context: &str) -> bool {
    context.contains("://") || context.starts_with("git@") || context.starts_with("github.com/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_written_as_shortly_as_they_go() {
        let shown = |folder: &str, path: &str| joined(Path::new(folder), path).display().to_string();
        assert_eq!(shown("", "."), ".");
        assert_eq!(shown("a", "."), "a");
        assert_eq!(shown("deploy", "../app"), "app");
        assert_eq!(shown("deploy", ".."), ".");
        assert_eq!(shown("", "../../x"), "../../x");
        assert_eq!(shown("a", "/srv/../../x"), "/x");
    }
}
