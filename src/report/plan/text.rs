//! A plan for people: one line a step, stage by stage, and what it comes to.

use std::io;

use unicode_width::UnicodeWidthStr;

use super::{PlanFormat, PlanView, Row, times_known, total};
use crate::plan::StepId;
use crate::plan::critical::Cost;
use crate::plan::stale::Fate;
use crate::report::count::{counted, listed, time};
use crate::report::style::{Style, Tone};
use crate::report::wrap::cut;

/// A label longer than this is cut, so that what follows stays in sight.
const LABEL_WIDTH: usize = 60;
/// What stands before a line that has no step.
const INDENT: &str = "      ";
/// A longer critical path is shown by its ends.
const CHAIN_SHOWN: usize = 6;

/// For people.
#[derive(Debug, Clone, Copy)]
pub struct PlanText {
    /// How it may look.
    pub style: Style,
}

/// One line of the table.
struct Cells {
    label: String,
    status: String,
    tone: Tone,
    time: String,
    why: String,
}

impl PlanFormat for PlanText {
    fn write(&self, view: &PlanView, out: &mut dyn io::Write) -> io::Result<()> {
        writeln!(out, "{}", header(view))?;
        let stages: Vec<Vec<Cells>> = view
            .planned
            .stages
            .iter()
            .map(|stage| view.rows(stage).iter().map(|row| self.cells(view, row)).collect())
            .collect();
        let widest = |of: &dyn Fn(&Cells) -> usize| stages.iter().flatten().map(of).max().unwrap_or(0);
        let label = widest(&|cells| cells.label.width());
        let status = widest(&|cells| if cells.tone == Tone::Faint { 0 } else { cells.status.len() }).max(6);
        let has_times = stages.iter().flatten().any(|cells| !cells.time.is_empty());
        let time = if has_times { 10 } else { 0 };
        for cells in &stages {
            writeln!(out)?;
            cells.iter().try_for_each(|cells| self.write_line(cells, label, status, time, out))?;
        }
        writeln!(out)?;
        self.summary(view).iter().try_for_each(|line| writeln!(out, "{line}"))
    }
}

impl PlanText {
    fn cells(&self, view: &PlanView, row: &Row) -> Cells {
        let step = match row {
            Row::Step(step) => step,
            Row::Plain(line) => {
                let label = cut(&format!("{INDENT}{}", line.text), LABEL_WIDTH, self.style);
                let status = if view.fates.is_some() { "no layer" } else { "" }.to_owned();
                return Cells { label, status, tone: Tone::Faint, time: String::new(), why: String::new() };
            }
        };
        let label = cut(&format!("{} {}", step.name, step.text), LABEL_WIDTH, self.style);
        let (status, tone) = match view.fate(step.id) {
            Some(Fate::Cached) => ("cached", Tone::Faint),
            Some(Fate::Runs(_)) => ("runs", Tone::Warning),
            Some(Fate::MayRun(_)) => ("may run", Tone::Info),
            None => ("", Tone::Faint),
        };
        let cost = if view.is_live(step.id) { view.cost(step.id) } else { Cost::Unknown };
        let mut why = view.causes(step);
        if view.needless.contains(&step.id) {
            why.push("needless: rplan optimize".to_owned());
        }
        Cells {
            label,
            status: status.to_owned(),
            tone,
            time: match cost {
                Cost::Measured(took) => time(took),
                Cost::Estimated(takes) => format!("~{}", time(takes)),
                Cost::Unknown => String::new(),
            },
            why: self.style.plain(&why.join("; ")).into_owned(),
        }
    }

    fn write_line(
        &self,
        cells: &Cells,
        label: usize,
        status: usize,
        time: usize,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        let gap = " ".repeat(label.saturating_sub(cells.label.width()));
        let pad = " ".repeat(status.saturating_sub(cells.status.len()));
        let painted = if cells.status.is_empty() { String::new() } else { self.style.paint(cells.tone, &cells.status) };
        let line = format!("{}{gap}   {painted}{pad}{:>time$}   {}", cells.label, cells.time, cells.why);
        writeln!(out, "{}", line.trim_end())
    }

    /// What it comes to: what runs, for how long, how much of it at once.
    fn summary(&self, view: &PlanView) -> Vec<String> {
        let steps = view.planned.steps.len();
        let live = view.live();
        let certain = |step: &&StepId| view.fate(**step).is_some_and(Fate::runs);
        let runs = live.iter().filter(certain).count();
        let mut sentence = match view.fates {
            None => counted(steps, "step"),
            Some(_) if live.is_empty() => {
                return self.closing(view, format!("All {} are cached.", counted(steps, "step")));
            }
            Some(_) if runs == live.len() => format!("{runs} of {} run", counted(steps, "step")),
            Some(_) => format!("{runs} of {} run, {} may", counted(steps, "step"), live.len() - runs),
        };
        if let Some(sum) = total(live.iter().map(|step| view.cost(*step))) {
            sentence += &format!(", {}", time(sum));
        }
        match view.at_once() {
            0 | 1 if live.len() > 1 => sentence += ", one after the other",
            0 | 1 => {}
            count => sentence += &format!(", up to {count} at once"),
        }
        sentence += ".";
        if !view.needless.is_empty() {
            let of_it = match total(view.needless.iter().map(|step| view.cost(*step))) {
                Some(sum) => format!("{} of it is", time(sum)),
                None if view.needless.len() == 1 => "1 of them is".to_owned(),
                None => format!("{} of them are", view.needless.len()),
            };
            sentence += &format!(" {of_it} needless: rplan optimize");
        }
        self.closing(view, sentence)
    }

    fn closing(&self, view: &PlanView, sentence: String) -> Vec<String> {
        let mut lines = vec![sentence];
        let chain = view.critical_path();
        if view.at_once() > 1 && chain.steps.len() > 1 {
            let names: Vec<String> = chain.steps.iter().map(|step| view.planned.step(*step).name.to_string()).collect();
            let arrow = self.style.pick(" → ", " -> ");
            let shown = match names.len() {
                count if count <= CHAIN_SHOWN => names.join(arrow),
                count => {
                    [&names[..3], &[self.style.pick("…", "...").to_owned()], &names[count - 2..]].concat().join(arrow)
                }
            };
            let takes = match chain.time.is_zero() {
                true => counted(chain.steps.len(), "step"),
                false => time(chain.time),
            };
            lines.push(format!("Critical path, {takes}: {shown}"));
        }
        if !view.unused_stages.is_empty() {
            let (noun, verb) = if view.unused_stages.len() == 1 { ("stage", "is") } else { ("stages", "are") };
            lines.push(format!("Not needed, and not built: {noun} {} {verb} left out", listed(&view.unused_stages)));
        }
        if !view.planned.assumed.is_empty() {
            lines.push(format!("Assumed: {} (not at hand)", listed(&view.planned.assumed)));
        }
        if view.fates.is_none() {
            lines.push("No earlier build is known. What an edit would rebuild: --changed PATH".to_owned());
        }
        lines
    }
}

/// `Dockerfile, context ., for buildkit, times measured`
fn header(view: &PlanView) -> String {
    let context = view.context.words().unwrap_or_else(|| "unknown".to_owned());
    let origins = view.live().into_iter().map(|step| view.cost(step));
    let times = match times_known(origins) {
        Some(how) => match view.times_from.as_ref().filter(|_| how != "estimated") {
            Some(from) => format!(", times {how} ({from})"),
            None => format!(", times {how}"),
        },
        None => String::new(),
    };
    format!("{}, context {context}, for {}{times}", view.source.name(), view.builder.as_str())
}
