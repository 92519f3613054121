//! What is to be told of a build, gathered from its events.

use crate::digest::Digest;
use crate::event::{Ending, Event, StepInfo, StepNumber, Timed};
use crate::report::build::spoken::printable;

/// A build as far as it is known.
#[derive(Debug, Clone, Default)]
pub(super) struct Account {
    pub(super) steps: Vec<Told>,
    pub(super) notes: Vec<String>,
    pub(super) image: Option<MadeImage>,
    pub(super) outputs: Vec<String>,
    pub(super) took_ms: u64,
    succeeded: Option<bool>,
}

/// The image that came of it.
#[derive(Debug, Clone)]
pub(super) struct MadeImage {
    pub(super) digest: Digest,
    pub(super) size: u64,
    pub(super) names: Vec<String>,
}

/// One step of it.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) info: StepInfo,
    pub(super) began_ms: Option<u64>,
    pub(super) end: Option<End>,
    /// What it said; forgotten when it succeeds.
    pub(super) log: Vec<String>,
    /// The size of its layer as it travels, and whether this build packed it.
    pub(super) layer: Option<(u64, bool)>,
}

/// How a step ended.
#[derive(Debug, Clone)]
pub(super) struct End {
    pub(super) at_ms: u64,
    pub(super) ending: Ending,
    pub(super) took_ms: u64,
    pub(super) size: u64,
    pub(super) because: Vec<String>,
}

impl Told {
    /// Whether it makes a layer, or could.
    pub(super) fn is_named(&self) -> bool {
        !self.info.name.is_empty()
    }

    /// Whether nothing had to run.
    pub(super) fn is_cached(&self) -> bool {
        self.end.as_ref().is_some_and(|end| end.ending == Ending::Cached)
    }

    /// Whether it ran, to whatever end.
    pub(super) fn ran(&self) -> bool {
        self.began_ms.is_some()
    }
}

impl Account {
    /// Takes note of an event.
    pub(super) fn take_in(&mut self, timed: &Timed) {
        self.took_ms = self.took_ms.max(timed.at_ms);
        match &timed.event {
            Event::Planned { steps } => {
                let told = |info: &StepInfo| Told {
                    info: info.clone(),
                    began_ms: None,
                    end: None,
                    log: Vec::new(),
                    layer: None,
                };
                self.steps = steps.iter().map(told).collect();
            }
            Event::StepBegan { step } => self.at(*step, |told| told.began_ms = Some(timed.at_ms)),
            Event::StepOutput { step, line } => self.at(*step, |told| told.log.push(printable(line))),
            Event::StepEnded { step, ending, took_ms, size, because } => self.at(*step, |told| {
                let (ending, because) = (ending.clone(), because.clone());
                if !matches!(ending, Ending::Failed { .. }) {
                    told.log.clear();
                }
                told.end = Some(End { at_ms: timed.at_ms, ending, took_ms: *took_ms, size: *size, because });
            }),
            Event::LayerPacked { step, size, is_new, .. } => self.at(*step, |told| {
                let (before, was_new) = told.layer.unwrap_or_default();
                told.layer = Some((before + size, was_new || *is_new));
            }),
            Event::ImageMade { digest, size, names } => {
                self.image = Some(MadeImage { digest: *digest, size: *size, names: names.clone() });
            }
            Event::Noted { note } => self.notes.push(note.clone()),
            Event::Written { output } => self.outputs.push(output.clone()),
            Event::Finished { succeeded } => self.succeeded = Some(*succeeded),
            _ => {}
        }
    }

    fn at(&mut self, step: StepNumber, change: impl FnOnce(&mut Told)) {
        if let Some(told) = self.steps.get_mut(step.0) {
            change(told);
        }
    }

    /// How it ended, in a word, and the class of that.
    pub(super) fn verdict(&self) -> (&'static str, &'static str) {
        let has_failed = self.steps.iter().filter_map(|step| step.end.as_ref());
        match (self.succeeded, has_failed.map(|end| &end.ending).any(|ending| matches!(ending, Ending::Failed { .. })))
        {
            (Some(true), _) => ("Built", "good"),
            (_, true) => ("Failed", "bad"),
            (_, false) => ("Not built", "bad"),
        }
    }

    /// How long the steps ran, once, that did not have to now.
    pub(super) fn saved_ms(&self) -> u64 {
        self.steps
            .iter()
            .filter(|step| step.is_cached())
            .filter_map(|step| step.end.as_ref())
            .map(|end| end.took_ms)
            .sum()
    }

    /// The steps that the build could not have been faster than: of those that ran the one that ended last, and each
    /// time the one that was waited for longest.
    pub(super) fn critical_path(&self) -> Vec<usize> {
        let end = |number: &usize| self.steps[*number].end.as_ref().map_or(0, |end| end.at_ms);
        let latest = |numbers: &mut dyn Iterator<Item = usize>| {
            numbers.filter(|number| self.steps.get(*number).is_some_and(Told::ran)).max_by_key(end)
        };
        let before = |number: &usize| latest(&mut self.steps[*number].info.waits_for.iter().map(|step| step.0));
        let mut path: Vec<usize> = std::iter::successors(latest(&mut (0..self.steps.len())), before).collect();
        path.reverse();
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_critical_path_is_what_was_waited_for() {
        let step = |waits_for: &[usize]| StepInfo {
            waits_for: waits_for.iter().copied().map(StepNumber).collect(),
            ..StepInfo::called("[1/1]".into(), String::new())
        };
        let mut account = Account::default();
        let mut happens = |at_ms, event| account.take_in(&Timed { at_ms, event });
        happens(0, Event::Planned { steps: vec![step(&[]), step(&[]), step(&[0, 1]), step(&[])] });
        let ended =
            |step, ending| Event::StepEnded { step: StepNumber(step), ending, took_ms: 9, size: 0, because: vec![] };
        let ran = Ending::Ran { same_layer: false };
        happens(1, Event::StepBegan { step: StepNumber(0) });
        happens(1, Event::StepBegan { step: StepNumber(1) });
        happens(1, ended(3, Ending::Cached));
        happens(20, ended(1, ran.clone()));
        happens(30, ended(0, ran.clone()));
        happens(30, Event::StepBegan { step: StepNumber(2) });
        happens(40, ended(2, ran));
        assert_eq!(account.critical_path(), [0, 2]);
        assert_eq!(account.saved_ms(), 9);
    }
}
