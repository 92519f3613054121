//! What a rewritten file is measured against: builds of the original, what differs between those by itself, and what the
//! rewrites declare.

use std::path::Path;

use super::bench::{Bench, Built};
use super::compare::{Aspect, Change, Changes, changes, shown};
use super::config;
use super::error::Result;
use super::footing::Footing;
use super::noise::Noise;
use super::survey::Survey;
use crate::exec::Fresh;
use crate::oci::config::ImageConfig;
use crate::rewrite::{Declared, Difference};

/// No more differences are told than anybody reads.
const MOST_TOLD: usize = 20;

/// Builds of the original.
pub struct Standard {
    /// The one that began with nothing.
    pub built: Box<Built>,
    /// Its tree.
    pub survey: Survey,
    /// How often it was built.
    pub builds: usize,
    /// What differs from one to the next.
    pub noise: Noise,
    is_sure: bool,
}

/// What a comparison came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judgement {
    /// What differs that nobody declared, config first; at most so many as anybody reads.
    pub differences: Vec<Difference>,
    /// How many there are in all.
    pub count: usize,
    /// How many differ as declared.
    pub declared: usize,
}

impl Standard {
    /// Builds the original twice, the second time without any earlier result.
    pub fn build(bench: &mut Bench<'_>) -> Result<Self> {
        let first = bench.build_original("the original", Fresh::Nothing)?;
        let first = bench.survey(&first, None)?;
        let built = bench.build_original("the original again, without any earlier result", Fresh::Everything)?;
        let survey = bench.survey(&built, None)?;
        let mut noise = Noise::default();
        noise.add(&changes(&first, &survey));
        Ok(Self { built, survey, builds: 2, noise, is_sure: false })
    }

    /// Compares a build of a rewritten file with the original. Before anything is held against a rewrite, the original is
    /// built once more: what differs by the minute does not show between two builds in a row.
    pub fn judge(&mut self, bench: &mut Bench<'_>, built: &Built, declared: &Declared) -> Result<Judgement> {
        let survey = bench.survey(built, None)?;
        let footing = bench.footing(declared)?;
        let footing = footing.as_deref();
        // Where files are taken out on purpose, what stays must still have what it is loaded with.
        let lacks = match declared.removes.is_empty() {
            true => Vec::new(),
            false => bench.lacks(built, &survey, &self.survey, footing)?,
        };
        if !lacks.is_empty() {
            let count = lacks.len();
            let differences = lacks.into_iter().take(MOST_TOLD).map(|lack| lack.difference).collect();
            return Ok(Judgement { differences, count, declared: 0 });
        }
        let first = self.compare(built, &survey, declared, footing);
        if first.count == 0 || self.is_sure {
            return Ok(first);
        }
        let again = bench.build_original("the original once more, to be fair", Fresh::Everything)?;
        self.noise.add(&changes(&self.survey, &bench.survey(&again, None)?));
        self.builds += 1;
        self.is_sure = true;
        Ok(self.compare(built, &survey, declared, footing))
    }

    fn compare(&self, built: &Built, survey: &Survey, declared: &Declared, footing: Option<&Footing>) -> Judgement {
        let before = (&self.survey, &self.built.image.config);
        let allowed = Allowed { declared, footing };
        judge(&self.noise, allowed, before, (survey, &built.image.config))
    }
}

/// What may differ on purpose.
#[derive(Clone, Copy)]
pub struct Allowed<'a> {
    /// What the rewrites say.
    pub declared: &'a Declared,
    /// The image that they put in the place of the first one.
    pub footing: Option<&'a Footing>,
}

/// Compares what two builds left.
pub fn judge(
    noise: &Noise,
    allowed: Allowed<'_>,
    before: (&Survey, &ImageConfig),
    after: (&Survey, &ImageConfig),
) -> Judgement {
    let all = changes(before.0, after.0);
    let mut judgement = Judgement::default();
    for cell in config::differences(before.1, after.1) {
        let comes_along = allowed.footing.is_some_and(|footing| footing.sets(&cell.place, after.1));
        match comes_along || allowed.declared.may_set(&cell.place) {
            true => judgement.declared += 1,
            false => judgement.differences.push(cell),
        }
    }
    judgement.count = judgement.differences.len();
    let mut open = Changes::new();
    for (path, change) in &all {
        if noise.explains(path, change, &all) {
            continue;
        }
        let comes_along = allowed.footing.is_some_and(|footing| footing.brings(path, after.0));
        match comes_along || is_declared(allowed.declared, path, change) {
            true => judgement.declared += 1,
            false => drop(open.insert(path.clone(), change.clone())),
        }
    }
    judgement.count += open.len();
    let topmost = open.iter().filter(|(path, change)| !is_below_another(path, change, &open));
    let told = topmost.map(|(path, change)| Difference { place: shown(path), what: in_words(path, change, &open) });
    judgement.differences.extend(told);
    judgement.differences.truncate(MOST_TOLD);
    judgement
}

fn is_declared(declared: &Declared, path: &Path, change: &Change) -> bool {
    let path = shown(path);
    let may_go = change.aspects.contains(&Aspect::Missing) && declared.may_remove(&path);
    may_go || declared.may_change(&path)
}

/// Whether it came or went with a directory above it, which tells it all.
fn is_below_another(path: &Path, change: &Change, open: &Changes) -> bool {
    let same =
        |parent: &Path| open.get(parent).is_some_and(|above| is_presence(above) && above.aspects == change.aspects);
    path.parent().is_some_and(same)
}

fn is_presence(change: &Change) -> bool {
    change.aspects.contains(&Aspect::Missing) || change.aspects.contains(&Aspect::New)
}

fn in_words(path: &Path, change: &Change, open: &Changes) -> String {
    let words = change.words.join(", ");
    if !is_presence(change) {
        return words;
    }
    let below = open.range(path.to_owned()..).skip(1).take_while(|(other, _)| other.starts_with(path));
    match below.filter(|(_, other)| other.aspects == change.aspects).count() {
        0 => words,
        count => format!("{words}, with {count} below it"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oci::Platform;
    use crate::verify::fixtures::{directory, file, tree};

    fn told(declared: &Declared, before: &Survey, after: &Survey) -> (Vec<String>, usize, usize) {
        let config = ImageConfig::new(Platform::host());
        let mut changed = config.clone();
        changed.config.user = "7".to_owned();
        let allowed = Allowed { declared, footing: None };
        let judgement = judge(&Noise::default(), allowed, (before, &config), (after, &changed));
        let words = judgement.differences.iter().map(|one| format!("{} {}", one.place, one.what)).collect();
        (words, judgement.count, judgement.declared)
    }

    #[test]
    fn what_is_declared_passes_and_nothing_else_does() {
        let before =
            tree([("", directory()), ("a", directory()), ("a/b", directory()), ("a/b/c", file("1")), ("d", file("1"))]);
        let after = tree([("", directory()), ("d", file("2"))]);
        let all = ["USER is new: 7", "/a is missing, with 2 below it", "/d has other content"];
        assert_eq!(told(&Declared::default(), &before, &after), (all.map(str::to_owned).to_vec(), 5, 0));
        let declared = Declared { removes: vec!["/a/b".into()], config: vec!["USER".into()], ..Declared::default() };
        // A directory goes with what it was made for.
        let rest = ["/d has other content"];
        assert_eq!(told(&declared, &before, &after), (rest.map(str::to_owned).to_vec(), 1, 4));
        let declared = Declared {
            removes: vec!["/".into()],
            changes: vec!["/d".into()],
            config: vec!["USER".into()],
            image: None,
        };
        assert_eq!(told(&declared, &before, &after), (vec![], 0, 5));
    }

    #[test]
    fn what_nobody_would_read_is_counted() {
        let names: Vec<String> = (0..30).map(|number| format!("file-{number:02}")).collect();
        let before: Survey = names.iter().map(|name| (name.into(), file("1"))).collect();
        let (words, count, _) = told(&Declared::default(), &before, &Survey::new());
        assert_eq!((words.len(), count), (MOST_TOLD, 31));
    }
}
