//! What the replay of a history comes to, in four figures, each with the range in which it would lie had other commits
//! of the same kind been made.

use serde::Serialize;

use super::Origin;
use super::replay::Rebuilds;
use super::window::mean;

/// With fewer commits no figure is given.
pub const FEWEST_COMMITS: usize = 50;
/// How often the commits are drawn anew for the range of a figure.
const DRAWS: usize = 200;
/// The part of the draws that lies outside of a range, at each end.
const OUTSIDE: f64 = 0.05;
/// Figures come out the same each time.
const SEED: u64 = 0x9e37_79b9_7f4a_7c15;

/// A figure, and the range in which nine of ten draws of the commits put it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Score {
    /// The figure.
    pub value: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// How well a file uses the cache, over the commits of its history.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scores {
    /// How much of a build of everything the rebuild after a commit is spared: 0 none, 1 all.
    pub cache_efficiency: Score,
    /// How much of the work of rebuilds was done by steps that had read nothing of what changed.
    pub needless_share: Score,
    /// How much of the rebuilds' time all that is proposed saves.
    pub headroom: Score,
    /// Seconds that the rebuilds after a hundred commits take.
    pub seconds_per_100_commits: Score,
    /// The work of a build of everything over its longest chain: how many steps are at work at once, on average.
    pub parallelism: f64,
    /// Over how many commits.
    pub commits: usize,
    /// How many of them edited the Dockerfile.
    pub dockerfile_edits: usize,
    /// How many of them are likely to meet base images that have moved, by how often those usually do.
    pub base_moves: f64,
    /// Where the seconds come from.
    pub origin: Origin,
}

impl Scores {
    /// The scores of a version, where `best` is the one with all that is proposed. None with too few commits, or where
    /// there is nothing to build.
    pub(in crate::rewrite) fn of(now: &Rebuilds, best: &Rebuilds) -> Option<Self> {
        let commits = now.commits.len();
        let (cold, work) = now.cold;
        if commits < FEWEST_COMMITS || cold <= 0.0 {
            return None;
        }
        let draws = draws(commits);
        let weights = &now.window.weights;
        let score = |figure: &dyn Fn(&[usize]) -> f64| Score::of(figure, commits, &draws);
        let mean = |values: &[f64], drawn: &[usize]| {
            let weights: Vec<f64> = drawn.iter().map(|commit| weights[*commit]).collect();
            mean(drawn.iter().map(|commit| values[*commit]), &weights)
        };
        let (now_commits, best_commits, now_work) = (now.moved_commits(), best.moved_commits(), now.moved_work());
        let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
        Some(Self {
            cache_efficiency: score(&|drawn| 1.0 - mean(&now_commits, drawn) / cold),
            needless_share: score(&|drawn| share(mean(&now.needless, drawn), mean(&now_work, drawn))),
            headroom: score(&|drawn| {
                share(mean(&now_commits, drawn) - mean(&best_commits, drawn), mean(&now_commits, drawn))
            }),
            seconds_per_100_commits: score(&|drawn| mean(&now_commits, drawn) * 100.0),
            parallelism: work / cold,
            commits,
            dockerfile_edits: now.edits,
            base_moves: now.moves.chances.iter().sum(),
            origin: now.origin.max(best.origin),
        })
    }
}

impl Score {
    fn of(figure: &dyn Fn(&[usize]) -> f64, commits: usize, draws: &[Vec<usize>]) -> Self {
        let all: Vec<usize> = (0..commits).collect();
        let mut drawn: Vec<f64> = draws.iter().map(|draw| figure(draw)).collect();
        drawn.sort_unstable_by(f64::total_cmp);
        let at = |part: f64| drawn[((drawn.len() - 1) as f64 * part).round() as usize];
        Self { value: figure(&all), low: at(OUTSIDE), high: at(1.0 - OUTSIDE) }
    }
}

/// Commits drawn at random, as many as there are, each as often as it comes.
fn draws(commits: usize) -> Vec<Vec<usize>> {
    let mut state = SEED;
    let mut draw = || (next(&mut state) % commits as u64) as usize;
    (0..DRAWS).map(|_| (0..commits).map(|_| draw()).collect()).collect()
}

/// The next number of SplitMix64.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
