//! What the builds of one Dockerfile say of it together.

use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::Build;

/// What holds in every build, and what may be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// Build arguments that every build gives the same value.
    pub args: BTreeMap<String, String>,
    /// Build arguments that some build gives a value, which nobody knows or not all of them give.
    pub unknown_args: BTreeSet<String>,
    /// Whether any other argument may be given a value too.
    pub has_further_args: bool,
    /// The stages that builds end at, by name.
    pub targets: BTreeSet<String>,
    /// Whether a build ends at a stage that nobody knows.
    pub has_unknown_target: bool,
    /// The stage that all builds end at, where they name one.
    pub only_target: Option<String>,
    /// The names of named contexts.
    pub named_contexts: BTreeSet<String>,
    /// The platform that every build names, and no other.
    pub only_platform: Option<String>,
    /// Whether builds are for several platforms, or for one that nobody knows.
    pub has_unknown_platform: bool,
    /// The context of the first build that has one here.
    pub context: Option<PathBuf>,
}

impl Facts {
    /// Those of these builds.
    pub fn of<B: Borrow<Build>>(builds: &[B]) -> Self {
        let builds = || builds.iter().map(Borrow::borrow);
        let mut facts = Self::default();
        for name in builds().flat_map(|build| build.args.keys()) {
            let mut values = builds().map(|build| build.args.get(name).cloned().flatten());
            match values.next().flatten() {
                Some(first) if values.all(|value| value.as_ref() == Some(&first)) => {
                    facts.args.insert(name.clone(), first);
                }
                _ => _ = facts.unknown_args.insert(name.clone()),
            }
        }
        for build in builds() {
            facts.has_further_args |= build.has_further_args;
            facts.has_unknown_target |= build.target == Some(None);
            facts.targets.extend(build.target.clone().flatten());
            facts.named_contexts.extend(build.named_contexts.iter().cloned());
        }
        facts.only_platform = only_platform(&builds().map(|build| &build.platforms).collect::<Vec<_>>());
        facts.has_unknown_platform = facts.only_platform.is_none() && builds().any(|build| build.platforms.is_some());
        facts.context = builds().find_map(|build| build.context.clone());
        let first = facts.targets.first().cloned();
        facts.only_target =
            first.filter(|first| builds().all(|build| build.target.as_ref() == Some(&Some(first.clone()))));
        facts
    }
}

/// The platform that all of these name alone.
fn only_platform(named: &[&Option<Option<BTreeSet<String>>>]) -> Option<String> {
    let (first, others) = named.split_first()?;
    let first = first.as_ref()?.as_ref().filter(|platforms| platforms.len() == 1)?;
    let is_same = |one: &&Option<Option<BTreeSet<String>>>| one.as_ref().is_some_and(|one| one.as_ref() == Some(first));
    first.first().filter(|_| others.iter().all(is_same)).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::builds::Recipe;

    fn build(args: &[(&str, Option<&str>)], target: Option<&str>) -> Build {
        let args = args.iter().map(|(name, value)| ((*name).to_owned(), value.map(str::to_owned)));
        Build {
            name: String::new(),
            recipe: Recipe::File(PathBuf::from("Dockerfile")),
            context: None,
            target: target.map(|target| Some(target.to_owned())),
            args: args.collect(),
            has_further_args: false,
            named_contexts: BTreeSet::new(),
            platforms: None,
        }
    }

    #[test]
    fn an_argument_is_known_where_all_builds_agree() {
        let first = build(&[("SAME", Some("1")), ("OTHER", Some("1")), ("ONE", Some("1")), ("ENV", None)], None);
        let second = build(&[("SAME", Some("1")), ("OTHER", Some("2")), ("ENV", None)], None);
        let facts = Facts::of(&[first, second]);
        assert_eq!(facts.args, BTreeMap::from([("SAME".to_owned(), "1".to_owned())]));
        assert_eq!(facts.unknown_args, ["ENV", "ONE", "OTHER"].map(str::to_owned).into());
    }

    #[test]
    fn one_target_holds_only_where_all_builds_name_it() {
        let only = |targets: &[Option<&str>]| {
            let builds: Vec<Build> = targets.iter().map(|target| build(&[], *target)).collect();
            Facts::of(&builds).only_target
        };
        assert_eq!(only(&[Some("dev"), Some("dev")]).as_deref(), Some("dev"));
        assert_eq!(only(&[Some("dev"), None]), None);
        assert_eq!(only(&[Some("dev"), Some("prod")]), None);
        assert_eq!(only(&[]), None);
    }

    #[test]
    fn a_platform_is_known_where_all_builds_are_for_that_alone() {
        let known = |builds: &[Option<&[&str]>]| {
            let build = |platforms: &Option<&[&str]>| {
                let platforms = platforms.map(|named| Some(named.iter().map(|&name| name.to_owned()).collect()));
                Build { platforms, ..build(&[], None) }
            };
            let facts = Facts::of(&builds.iter().map(build).collect::<Vec<_>>());
            (facts.only_platform, facts.has_unknown_platform)
        };
        let (one, two) = (Some(&["linux/arm64"][..]), Some(&["linux/amd64", "linux/arm64"][..]));
        assert_eq!(known(&[one, one]), (Some("linux/arm64".to_owned()), false));
        assert_eq!(known(&[two]), (None, true));
        assert_eq!(known(&[one, None]), (None, true));
        assert_eq!(known(&[None]), (None, false));
        let unknown = Build { platforms: Some(None), ..build(&[], None) };
        assert!(Facts::of(&[unknown]).has_unknown_platform);
    }
}
