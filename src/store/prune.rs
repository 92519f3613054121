//! Which keepers are given up: by age, by room, by kind. Pure; the collector carries it out.
//!
//! Invariant: an image keeps what it needs, and what is known of that: giving it up would free nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use super::keepers::{Keeper, Name, Thing};
use super::records::Kind;

/// What is to go. Without any rule only what nothing keeps does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rules {
    /// What was used since then stays.
    pub unused_since: Option<SystemTime>,
    /// As soon as no more bytes than these are left, everything else stays; what was used longest ago goes first.
    pub keep_size: Option<u64>,
    /// Everything goes that another rule does not keep.
    pub all: bool,
    /// What the rules are about.
    pub scope: Scope,
}

/// What rules are about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Scope {
    /// Results of steps, base images, and cache mounts.
    #[default]
    Everything,
    /// All but cache mounts.
    Steps,
    /// Cache mounts.
    CacheMounts,
    /// The cache mounts that are called so, whatever the rules say.
    Called(Vec<String>),
}

impl Rules {
    /// The keepers to give up, in the order in which they go. `things` is everything that takes room.
    pub(super) fn choose(&self, keepers: &[Keeper], things: &BTreeMap<Thing, u64>) -> Vec<Name> {
        let is_silent = !self.all && self.unused_since.is_none() && self.keep_size.is_none();
        if is_silent && !matches!(self.scope, Scope::Called(_)) {
            return Vec::new();
        }
        let of_images: BTreeSet<&Thing> =
            keepers.iter().filter(|keeper| matches!(keeper.name, Name::Tag(_))).flat_map(|tag| &tag.holds).collect();
        let mut candidates: Vec<&Keeper> = keepers
            .iter()
            .filter(|keeper| self.is_meant(&keeper.name))
            .filter(|keeper| self.unused_since.is_none_or(|limit| keeper.used < limit))
            .filter(|keeper| keeper.holds.is_empty() || !keeper.holds.iter().all(|thing| of_images.contains(thing)))
            .collect();
        candidates.sort_by_key(|keeper| (keeper.used, &keeper.name));
        match self.keep_size {
            None => candidates.into_iter().map(|keeper| keeper.name.clone()).collect(),
            Some(most) => until_it_fits(most, &candidates, keepers, things),
        }
    }

    fn is_meant(&self, name: &Name) -> bool {
        match (name, &self.scope) {
            (Name::Tag(_), _) => false,
            // What the last build was, and what took how long, is small and tells why and for how long steps run again;
            // only its age counts.
            (Name::Record(Kind::Build | Kind::Took, _), scope) => {
                self.unused_since.is_some()
                    && self.keep_size.is_none()
                    && matches!(scope, Scope::Everything | Scope::Steps)
            }
            (Name::Record(..), scope) => matches!(scope, Scope::Everything | Scope::Steps),
            (Name::Cache(_, id), Scope::Called(wanted)) => wanted.contains(id),
            (Name::Cache(..), scope) => matches!(scope, Scope::Everything | Scope::CacheMounts),
        }
    }
}

/// The first of `candidates` whose end leaves no more than `most` bytes.
fn until_it_fits(most: u64, candidates: &[&Keeper], keepers: &[Keeper], things: &BTreeMap<Thing, u64>) -> Vec<Name> {
    let mut holders: BTreeMap<&Thing, usize> = BTreeMap::new();
    keepers.iter().flat_map(distinct).for_each(|thing| *holders.entry(thing).or_default() += 1);
    // What nothing keeps goes in any case.
    let mut left: u64 = things.iter().filter(|(thing, _)| holders.contains_key(thing)).map(|(_, size)| size).sum();
    let mut chosen = Vec::new();
    for keeper in candidates {
        if left <= most {
            break;
        }
        chosen.push(keeper.name.clone());
        for thing in distinct(keeper) {
            let count = holders.get_mut(thing).expect("every keeper is counted");
            *count -= 1;
            if *count == 0 {
                left -= things.get(thing).copied().unwrap_or_default();
            }
        }
    }
    chosen
}

fn distinct(keeper: &Keeper) -> BTreeSet<&Thing> {
    keeper.holds.iter().collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::digest::Digest;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn blob(name: &str) -> Thing {
        Thing::Blob(Digest::of(name))
    }

    fn step(name: &str, used: u64, holds: &[&str]) -> Keeper {
        let holds = holds.iter().map(|name| blob(name)).collect();
        Keeper {
            name: Name::Record(Kind::Step, Digest::of(name)),
            used: at(used),
            holds,
            notes: Vec::new(),
            is_whole: true,
        }
    }

    fn cache(id: &str, used: u64) -> Keeper {
        let name = Name::Cache(id.to_owned(), id.to_owned());
        let holds = vec![Thing::Cache(id.to_owned())];
        Keeper { name, used: at(used), holds, notes: Vec::new(), is_whole: true }
    }

    /// A tagged image of `a`, three steps and a cache mount; each thing is 10 bytes.
    fn store() -> (Vec<Keeper>, BTreeMap<Thing, u64>) {
        let tag = Keeper { name: Name::Tag("web".to_owned()), ..step("", 1, &["a"]) };
        let keepers = vec![
            tag,
            step("one", 1, &["a"]),
            step("two", 2, &["a", "b"]),
            step("three", 4, &["a", "b", "c"]),
            cache("pip", 3),
        ];
        let things = [blob("a"), blob("b"), blob("c"), Thing::Cache("pip".to_owned())].map(|thing| (thing, 10));
        (keepers, things.into())
    }

    fn chosen(rules: &Rules) -> Vec<Name> {
        let (keepers, things) = store();
        rules.choose(&keepers, &things)
    }

    fn name(step: &str) -> Name {
        Name::Record(Kind::Step, Digest::of(step))
    }

    fn pip() -> Name {
        Name::Cache("pip".to_owned(), "pip".to_owned())
    }

    #[test]
    fn without_a_rule_nothing_is_given_up() {
        assert_eq!(chosen(&Rules::default()), []);
        assert_eq!(chosen(&Rules { scope: Scope::CacheMounts, ..Rules::default() }), []);
    }

    #[test]
    fn all_leaves_what_images_need() {
        assert_eq!(chosen(&Rules { all: true, ..Rules::default() }), [name("two"), pip(), name("three")]);
    }

    #[test]
    fn what_was_used_lately_stays() {
        assert_eq!(chosen(&Rules { unused_since: Some(at(4)), ..Rules::default() }), [name("two"), pip()]);
    }

    #[test]
    fn room_is_made_from_the_oldest_on_and_no_further_than_needed() {
        let keep = |bytes| Rules { keep_size: Some(bytes), ..Rules::default() };
        assert_eq!(chosen(&keep(40)), []);
        // The second step frees nothing: the third still stands on it.
        assert_eq!(chosen(&keep(30)), [name("two"), pip()]);
        assert_eq!(chosen(&keep(10)), [name("two"), pip(), name("three")]);
        let both = Rules { unused_since: Some(at(3)), keep_size: Some(0), ..Rules::default() };
        assert_eq!(chosen(&both), [name("two")]);
    }

    #[test]
    fn a_scope_leaves_the_rest_alone() {
        let within = |scope| chosen(&Rules { all: true, scope, ..Rules::default() });
        assert_eq!(within(Scope::Steps), [name("two"), name("three")]);
        assert_eq!(within(Scope::CacheMounts), [pip()]);
        assert_eq!(chosen(&Rules { scope: Scope::Called(vec!["pip".into()]), ..Rules::default() }), [pip()]);
        assert_eq!(within(Scope::Called(vec!["npm".into()])), []);
    }
}
