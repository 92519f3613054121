//! Past commits, built one after the other with the file as it is and with the rewritten one.
//!
//! Each of the two has a store of its own that is empty at first, so that neither finds what the other made, and the one
//! goes first that went second before. The Dockerfile and the ignore rules are those of today: what is replayed is what
//! happened to the other files.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use super::bench::{Attempt, Bench, Built, Job};
use super::compare::changes;
use super::edit::Sound;
use super::error::{Error, Result};
use super::forecast::Experience;
use super::noise::Noise;
use super::standard::judge;
use crate::exec::{self, Fresh, StoreBlobs};
use crate::model::Model;
use crate::oci::manifest::Descriptor;
use crate::oci::{self, Image, Platform};
use crate::rewrite::{Checked, Forecast, Rebuild, Replay, Replayed, Sides};
use crate::store::{Store, Tag};
use crate::text::SourceFile;
use crate::tree::Time;
use crate::tree::times::clamp_times;
use crate::workspace::Context;
use crate::workspace::commits::{Commit, latest, write_out};

/// The time of every file of every commit: that of a checkout says nothing.
const WRITTEN_AT: Time = Time { seconds: 1_577_836_800, nanoseconds: 0 };
/// How much of the name of a commit is told.
const NAME: usize = 10;

/// One of the two files on its way through the commits.
struct Runner<'a> {
    series: &'static str,
    model: &'a Model,
    /// The ignore rules, where they are not those of today.
    rules: Option<&'a SourceFile>,
    store: Store,
    experience: Experience,
    before: Option<Box<Built>>,
}

/// Replays the last `count` commits of the build context. What differs by itself may grow by what shows at other commits.
pub fn replay(bench: &mut Bench<'_>, sound: &Sound<'_>, noise: &mut Noise, count: usize) -> Result<Replay> {
    let original = bench.original;
    let Some(today) = &original.context else {
        return Err(Error::NothingToReplay("there is no build context whose commits could be replayed".to_owned()));
    };
    let commits = latest(today.root(), count)?;
    if commits.len() < 2 {
        let message = format!("{} has {} commits: two are the least to replay", today.root().display(), commits.len());
        return Err(Error::NothingToReplay(message));
    }
    // Beside the user's own store, where overlays are known to work.
    let place = bench.tools.store.root().parent().unwrap_or(Path::new("."));
    let room = tempfile::Builder::new()
        .prefix("replay-")
        .tempdir_in(place)
        .map_err(Error::io("make a directory for a replay beside rplan's store"))?;
    let mut runners = [
        Runner::new("original", &original.model, None, &room.path().join("original"), bench)?,
        Runner::new("rewritten", &sound.resolved.model, sound.rules.as_ref(), &room.path().join("rewritten"), bench)?,
    ];
    let checked: BTreeSet<usize> = [0, commits.len() / 2, commits.len() - 1].into();
    let mut replay = Replay { commits: Vec::new(), differing: Vec::new() };
    for (number, commit) in commits.iter().enumerate() {
        let place = room.path().join("context");
        lay_out(today, commit, &place)?;
        // Whoever goes second finds the disk warm.
        if number % 2 == 1 {
            runners.reverse();
        }
        let mut told = Vec::new();
        for runner in &mut runners {
            told.push((
                runner.series,
                runner.run(bench, commit, (number, commits.len()), &runner.context(today, &place)?)?,
            ));
        }
        if number % 2 == 1 {
            runners.reverse();
            told.reverse();
        }
        let [(_, (old, old_forecast)), (_, (new, new_forecast))] =
            <[_; 2]>::try_from(told).unwrap_or_else(|_| unreachable!("two files were built"));
        replay.commits.push(Replayed {
            commit: short(commit),
            changed: commit.changed.len(),
            rebuilds: Sides { original: old, rewritten: Some(new) },
            forecasts: old_forecast.map(|old| Sides { original: old, rewritten: new_forecast }),
        });
        if checked.contains(&number) {
            replay.differing.push(check(bench, &runners, sound, noise, commit, &runners[0].context(today, &place)?)?);
        }
        fs::remove_dir_all(&place).map_err(Error::io("remove the files of a commit"))?;
    }
    Ok(replay)
}

impl<'a> Runner<'a> {
    fn new(
        series: &'static str,
        model: &'a Model,
        rules: Option<&'a SourceFile>,
        store: &Path,
        bench: &Bench<'_>,
    ) -> Result<Self> {
        let store = Store::open(store).map_err(exec::Error::from)?;
        lend_images(bench.tools.store, &store)?;
        Ok(Self { series, model, rules, store, experience: Experience::default(), before: None })
    }

    /// The files at `place` as the build context of this file.
    fn context(&self, today: &Context, place: &Path) -> Result<Arc<Context>> {
        let rules = self.rules.or(today.ignore_file()).cloned();
        Ok(Arc::new(today.taken_alike(place, rules)?))
    }

    fn run(
        &mut self,
        bench: &mut Bench<'_>,
        commit: &Commit,
        (number, count): (usize, usize),
        context: &Arc<Context>,
    ) -> Result<(Rebuild, Option<Forecast>)> {
        let title = format!("commit {} of {count}, {}, the {} file", number + 1, short(commit), self.series);
        let built = self.build(bench, &title, context, Fresh::Nothing)?;
        let forecast =
            self.before.as_ref().map(|_| self.experience.forecast(&built, &commit.changed, context.as_ref()));
        self.experience.learn(&built, self.before.is_none());
        let rebuild = built.after(self.before.as_deref());
        self.before = Some(built);
        Ok((rebuild, forecast))
    }

    fn build(&self, bench: &mut Bench<'_>, title: &str, context: &Arc<Context>, fresh: Fresh) -> Result<Box<Built>> {
        let (context, series, store) = (Some(Arc::clone(context)), Some(self.series), Some(&self.store));
        match bench.build(&Job { title, model: self.model, context, fresh, series, store })? {
            Attempt::Built(built) => Ok(built),
            Attempt::Failed(outcome) => Err(Error::AtCommit { title: title.to_owned(), outcome }),
        }
    }
}

/// Compares what both files left of a commit.
fn check(
    bench: &mut Bench<'_>,
    runners: &[Runner<'_>; 2],
    sound: &Sound<'_>,
    noise: &mut Noise,
    commit: &Commit,
    context: &Arc<Context>,
) -> Result<Checked> {
    let [old, new] = runners;
    let (Some(before), Some(after)) = (&old.before, &new.before) else {
        unreachable!("a commit is checked when both files were built");
    };
    let (survey, rewritten) = (bench.survey(before, Some(&old.store))?, bench.survey(after, Some(&new.store))?);
    let configs = (&before.image.config, &after.image.config);
    let mut judgement = judge(noise, sound.allowed, (&survey, configs.0), (&rewritten, configs.1));
    if judgement.count > 0 {
        // What differs by itself may be other files at this commit than today.
        let title = format!("the original at {} once more, to be fair", short(commit));
        let again = old.build(bench, &title, context, Fresh::Everything)?;
        noise.add(&changes(&survey, &bench.survey(&again, Some(&old.store))?));
        judgement = judge(noise, sound.allowed, (&survey, configs.0), (&rewritten, configs.1));
    }
    Ok(Checked { commit: short(commit), differences: judgement.differences, count: judgement.count })
}

/// Writes the files of the build context out as they were at a commit.
fn lay_out(today: &Context, commit: &Commit, place: &Path) -> Result<()> {
    fs::create_dir(place).map_err(Error::io("make a directory for the files of a commit"))?;
    write_out(today.root(), &commit.name, place)?;
    Ok(clamp_times(place, WRITTEN_AT)?)
}

/// Puts every image of one store that has a name into another: base images need not be fetched again, and some cannot.
fn lend_images(from: &Store, to: &Store) -> Result<()> {
    for tag in from.tags.all().map_err(exec::Error::from)? {
        let Some(size) = from.blobs.size(&tag.manifest).map_err(exec::Error::from)? else { continue };
        let root = Descriptor::new("", tag.manifest, size);
        // What is damaged there would be of no use here.
        let Ok(image) = Image::load(&StoreBlobs(from), &root, &Platform::host()) else { continue };
        if oci::copy(&image, &StoreBlobs(from), &StoreBlobs(to), &|_| {}).is_ok() {
            to.tags.put(&Tag { snapshot: None, ..tag }).map_err(exec::Error::from)?;
        }
    }
    Ok(())
}

fn short(commit: &Commit) -> String {
    commit.name.chars().take(NAME).collect()
}
