//! What building both files showed, for people: what is the same, what is not, and what was predicted beside what was.

use std::io;

use super::text::seconds;
use crate::report::count::{counted, size};
use crate::report::style::{Style, Tone};
use crate::rewrite::{Checked, Difference, Edit, Fault, Forecast, Origin, Rebuild, Replay, Replayed, Sides, Verdict};

/// Where what is said about something begins.
const COLUMN: usize = 24;

/// For people.
pub(super) struct VerdictText {
    /// How it may look.
    pub(super) style: Style,
}

impl VerdictText {
    /// Writes all of it, a blank line first.
    pub(super) fn write(&self, verdict: &Verdict, out: &mut dyn io::Write) -> io::Result<()> {
        writeln!(out, "\n{}", self.style.paint(Tone::Strong, "Verified"))?;
        let files = format!(
            "{}, of which {} from one build of the original to the next ({} builds)",
            counted(verdict.paths, "path"),
            if verdict.noise == 1 { "1 differs".to_owned() } else { format!("{} differ", verdict.noise) },
            verdict.originals
        );
        self.line("files", &files, out)?;
        let beyond = match (verdict.cold.rewritten.is_some(), verdict.holds(), verdict.declared) {
            (false, _, _) => "nothing passed".to_owned(),
            (true, false, _) => "not the same everywhere, see below".to_owned(),
            (true, true, 0) => "the same files and the same config".to_owned(),
            (true, true, declared) => format!("{} as declared, and no other", counted(declared, "difference")),
        };
        self.line("rewritten", &beyond, out)?;
        self.line("from nothing", &self.sides(verdict.cold.map(|cold| seconds(cold.seconds))), out)?;
        self.line("image", &self.sides(verdict.cold.map(|cold| size(cold.size))), out)?;
        if let Some(edit) = &verdict.edit {
            self.edit(edit, out)?;
        }
        for fault in &verdict.failed {
            self.fault(fault, out)?;
        }
        match &verdict.replay {
            Some(replay) => self.replay(replay, out),
            None => Ok(()),
        }
    }

    fn edit(&self, edit: &Edit, out: &mut dyn io::Write) -> io::Result<()> {
        let origin = if edit.origin == Origin::Estimated { " (estimated)" } else { "" };
        let measured = self.sides(edit.measured.map(|rebuild| seconds(rebuild.seconds)));
        let predicted = self.sides(edit.predicted.map(|predicted| seconds(*predicted)));
        self.line(&format!("edit of {}", edit.file), &format!("{measured}, predicted {predicted}{origin}"), out)?;
        let reused = self.sides(edit.measured.map(share));
        self.line("", &format!("{reused} of the bytes of its image are those of before"), out)?;
        self.differences(&edit.differences, edit.count, out)
    }

    fn fault(&self, fault: &Fault, out: &mut dyn io::Write) -> io::Result<()> {
        writeln!(out, "\n{}", self.style.paint(Tone::Error, format_args!("Failed: {}", fault.proposal.id)))?;
        self.differences(&fault.differences, fault.count, out)
    }

    fn differences(&self, told: &[Difference], count: usize, out: &mut dyn io::Write) -> io::Result<()> {
        for Difference { place, what } in told {
            writeln!(out, "   {place} {what}")?;
        }
        match count.saturating_sub(told.len()) {
            0 => Ok(()),
            _ if told.is_empty() => writeln!(out, "   {}", counted(count, "difference")),
            _ => writeln!(out, "   {} in all", counted(count, "difference")),
        }
    }

    fn replay(&self, replay: &Replay, out: &mut dyn io::Write) -> io::Result<()> {
        let title = format!("Replayed {}", counted(replay.commits.len(), "commit"));
        writeln!(out, "\n{}, each file with a cache of its own", self.style.paint(Tone::Strong, title))?;
        writeln!(out, "   {:<12}{:>6}  {:>18}  {:>18}", "commit", "files", "original", "rewritten")?;
        for commit in &replay.commits {
            let Replayed { commit: name, changed, rebuilds, forecasts } = commit;
            let (old, new) = (run(&rebuilds.original), rebuilds.rewritten.as_ref().map(run).unwrap_or_default());
            let line = format!("   {name:<12}{changed:>6}  {old:>18}  {new:>18}  {}", as_predicted(forecasts.as_ref()));
            writeln!(out, "{}", line.trim_end())?;
        }
        // The first begins with nothing; it is no rebuild.
        let rebuilds = &replay.commits[replay.commits.len().min(1)..];
        let measured = sum(rebuilds.iter().map(|commit| commit.rebuilds.map(|rebuild| rebuild.seconds)));
        let forecast = |commit: &Replayed| Some(commit.forecasts.as_ref()?.map(|forecast| forecast.seconds));
        let predicted = sum(rebuilds.iter().filter_map(forecast));
        let (measured, predicted) = (measured.map(|all| seconds(*all)), predicted.map(|all| seconds(*all)));
        self.line("all rebuilds", &format!("{}, predicted {}", self.sides(measured), self.sides(predicted)), out)?;
        for Checked { commit, differences, count } in &replay.differing {
            let words = if *count == 0 { "as it should be".to_owned() } else { counted(*count, "difference") };
            self.line(&format!("image at {commit}"), &words, out)?;
            self.differences(differences, *count, out)?;
        }
        Ok(())
    }

    fn line(&self, about: &str, words: &str, out: &mut dyn io::Write) -> io::Result<()> {
        writeln!(out, "   {about:<width$} {words}", width = COLUMN - 4)
    }

    /// `30.6 s → 0.5 s`
    fn sides(&self, sides: Sides<String>) -> String {
        match sides.rewritten {
            Some(rewritten) => format!("{} {} {rewritten}", sides.original, self.style.pick("→", "->")),
            None => sides.original,
        }
    }
}

fn run(rebuild: &Rebuild) -> String {
    format!("{}, {}", counted(rebuild.ran.len(), "step"), seconds(rebuild.seconds))
}

/// How much of an image is that of before.
fn share(rebuild: &Rebuild) -> String {
    match rebuild.size {
        0 => "100 %".to_owned(),
        size => format!("{:.0} %", rebuild.reused as f64 * 100.0 / size as f64),
    }
}

fn as_predicted(forecasts: Option<&Sides<Forecast>>) -> &'static str {
    let is_exact = |forecasts: &Sides<Forecast>| {
        forecasts.original.is_exact && forecasts.rewritten.as_ref().is_none_or(|forecast| forecast.is_exact)
    };
    match forecasts.map(is_exact) {
        Some(true) => "as predicted",
        Some(false) => "not as predicted",
        None => "",
    }
}

fn sum(all: impl Iterator<Item = Sides<f64>>) -> Sides<f64> {
    all.fold(Sides { original: 0.0, rewritten: Some(0.0) }, |sum, one| Sides {
        original: sum.original + one.original,
        rewritten: sum.rewritten.zip(one.rewritten).map(|(sum, one)| sum + one),
    })
}
