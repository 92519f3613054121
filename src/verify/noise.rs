//! What differs from one build of a Dockerfile to the next although nothing was changed: no rewrite is to blame for it.
//!
//! A path that differed in one respect may differ again in that respect and in no other. Names that are made up anew in
//! each build (a log called after the time, a temporary file) cannot be known beforehand: where a directory held names
//! that only one of two builds had, on both sides, it may hold further ones.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::compare::{Aspect, Change, Changes};

/// The differences between builds of one file.
#[derive(Debug, Clone, Default)]
pub struct Noise {
    aspects: BTreeMap<PathBuf, BTreeSet<Aspect>>,
    restless: BTreeSet<PathBuf>,
}

impl Noise {
    /// Adds what differed between two more builds of the file.
    pub fn add(&mut self, changes: &Changes) {
        let mut sides: BTreeMap<&Path, BTreeSet<Aspect>> = BTreeMap::new();
        for (path, change) in changes {
            let known = self.aspects.entry(path.clone()).or_default();
            for aspect in &change.aspects {
                match aspect {
                    // What one of the builds lacks may be missing or be there.
                    Aspect::Missing | Aspect::New => known.extend([Aspect::Missing, Aspect::New]),
                    aspect => drop(known.insert(*aspect)),
                }
            }
            let presence = change.aspects.iter().find(|aspect| is_presence(**aspect));
            if let (Some(parent), Some(aspect)) = (path.parent(), presence) {
                sides.entry(parent).or_default().insert(*aspect);
            }
        }
        let restless = sides.into_iter().filter(|(_, aspects)| aspects.len() == 2).map(|(path, _)| path.to_owned());
        self.restless.extend(restless);
    }

    /// How many paths differed.
    pub fn paths(&self) -> usize {
        self.aspects.len()
    }

    /// Whether the change at `path`, one of `all`, may be one that no rewrite has caused.
    pub fn explains(&self, path: &Path, change: &Change, all: &Changes) -> bool {
        let known = self.aspects.get(path);
        if known.is_some_and(|known| change.aspects.is_subset(known)) {
            return true;
        }
        let is_new = |path: &Path| all.get(path).is_some_and(|change| change.aspects.contains(&Aspect::New));
        // What is new in a directory that is new as a whole is there because of that.
        let topmost = path.ancestors().take_while(|path| is_new(path)).last();
        topmost.and_then(Path::parent).is_some_and(|parent| self.restless.contains(parent))
    }
}

fn is_presence(aspect: Aspect) -> bool {
    matches!(aspect, Aspect::Missing | Aspect::New)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::compare::changes;
    use crate::verify::fixtures::{directory, file, tree};
    use crate::verify::survey::Survey;

    fn unexplained(originals: [&Survey; 2], rewritten: &Survey) -> Vec<String> {
        let mut noise = Noise::default();
        noise.add(&changes(originals[0], originals[1]));
        let all = changes(originals[1], rewritten);
        let open = all.iter().filter(|(path, change)| !noise.explains(path, change, &all));
        open.map(|(path, _)| path.display().to_string()).collect()
    }

    #[test]
    fn what_differs_between_two_builds_may_differ_again_in_that_respect_alone() {
        let (one, two) = (tree([("log", file("1")), ("a", file("x"))]), tree([("log", file("2")), ("a", file("x"))]));
        assert_eq!(unexplained([&one, &two], &tree([("log", file("3")), ("a", file("x"))])), [""; 0]);
        let mut executable = file("3");
        executable.mode = 0o755;
        assert_eq!(unexplained([&one, &two], &tree([("log", executable), ("a", file("y"))])), ["a", "log"]);
        assert_eq!(unexplained([&one, &two], &tree([("a", file("x"))])), ["log"]);
    }

    #[test]
    fn what_one_build_alone_has_may_be_there_or_not() {
        let (one, two) = (tree([("a", file("x")), ("b", file("x"))]), tree([("b", file("x"))]));
        assert_eq!(unexplained([&one, &two], &one), [""; 0]);
        assert_eq!(unexplained([&two, &one], &two), [""; 0]);
        assert_eq!(unexplained([&one, &two], &tree([("b", file("x")), ("c", file("x"))])), ["c"]);
    }

    #[test]
    fn names_that_are_made_up_anew_are_tolerated_where_they_were_seen() {
        let logs = |name: &str, further: &str| {
            let (folder, inside) = (format!("logs/{name}"), format!("logs/{name}/out"));
            tree([("logs", directory()), (&folder, directory()), (&inside, file(name)), (further, file("x"))])
        };
        let (one, two) = (logs("10:01", "a"), logs("10:02", "a"));
        assert_eq!(unexplained([&one, &two], &logs("10:03", "a")), [""; 0]);
        assert_eq!(unexplained([&one, &two], &logs("10:03", "b")), ["a", "b"]);
    }
}
