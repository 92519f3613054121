//! Proposals for people: the change with its line numbers, why it is legal, what was assumed, what it gains.

use std::io;
use std::time::Duration;

use similar::{DiffOp, DiffTag};

use super::verdict::VerdictText;
use super::{OptimizeFormat, OptimizeView};
use crate::report::count::{counted, listed, time};
use crate::report::diff::{hunks, lines};
use crate::report::place::Place;
use crate::report::style::{Style, Tone};
use crate::report::wrap::wrap;
use crate::rewrite::{Class, FEWEST_COMMITS, Gain, Origin, Outlook, Proposal, Score};
use crate::text::Encoding;

/// Unchanged lines around a change.
const CONTEXT: usize = 4;
/// Where the lines about a proposal begin.
const INDENT: usize = 12;

/// For people.
#[derive(Debug, Clone, Copy)]
pub struct ProposalText {
    /// How it may look.
    pub style: Style,
}

impl OptimizeFormat for ProposalText {
    fn write(&self, view: &OptimizeView, out: &mut dyn io::Write) -> io::Result<()> {
        writeln!(out, "{}", header(view))?;
        for (index, (proposal, before, after)) in view.versions().iter().enumerate() {
            writeln!(out)?;
            self.write_title(index + 1, proposal, out)?;
            self.write_change(before, after, out)?;
            self.write_ignored(proposal, out)?;
            self.write_list("because", &proposal.because, out)?;
            self.write_list("assumed", &proposal.assumed, out)?;
            self.write_list("note", &proposal.notes, out)?;
        }
        if !view.proposals.refused.is_empty() {
            writeln!(out, "\n{}", self.style.paint(Tone::Strong, "Refused"))?;
        }
        for refusal in &view.proposals.refused {
            let Place { line, .. } = Place::of(view.source, refusal.span.start, Encoding::Chars);
            let text = match &refusal.help {
                Some(help) => format!("line {line}: {}; {help}", refusal.reason),
                None => format!("line {line}: {}", refusal.reason),
            };
            self.write_hanging(&format!("   {:<20} ", refusal.id.as_str()), &text, out)?;
        }
        if let Some(verdict) = view.verdict {
            VerdictText { style: self.style }.write(verdict, out)?;
        }
        writeln!(out)?;
        if let Some(outlook) = view.proposals.outlook.as_ref().filter(|outlook| outlook.edit.0 > 0.0) {
            let has_scores = view.proposals.scores.is_some();
            writeln!(out, "{}", self.outlook(outlook, has_scores))?;
        }
        for line in standing_of_file(view) {
            writeln!(out, "{line}")?;
        }
        writeln!(out, "{}", verdict(view))
    }
}

impl ProposalText {
    fn write_title(&self, number: usize, proposal: &Proposal, out: &mut dyn io::Write) -> io::Result<()> {
        let id = self.style.paint(Tone::Strong, format_args!("{:<20}", proposal.id.as_str()));
        let title = format!("{number}  {id} {:<30}  {}", proposal.claim, standing(proposal));
        writeln!(out, "{}", title.trim_end())
    }

    fn write_change(&self, before: &[u8], after: &[u8], out: &mut dyn io::Write) -> io::Result<()> {
        let (old, new) = (lines(before), lines(after));
        let width = old.len().to_string().len();
        for (index, hunk) in hunks(&old, &new, CONTEXT).iter().enumerate() {
            if index > 0 {
                writeln!(out, "    {:>width$}", self.style.pick("⋮", ":"))?;
            }
            for op in hunk {
                self.write_lines(op, &old, &new, width, out)?;
            }
        }
        Ok(())
    }

    /// The lines that the ignore file gets.
    fn write_ignored(&self, proposal: &Proposal, out: &mut dyn io::Write) -> io::Result<()> {
        if !proposal.ignored.is_empty() {
            writeln!(out, "    .dockerignore")?;
        }
        proposal
            .ignored
            .iter()
            .try_for_each(|line| writeln!(out, "        {}", self.style.paint(Tone::Good, format_args!("+ {line}"))))
    }

    fn write_lines(
        &self,
        op: &DiffOp,
        old: &[&[u8]],
        new: &[&[u8]],
        width: usize,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        for number in op.old_range() {
            let text = shown(old[number]);
            match op.tag() {
                DiffTag::Equal => writeln!(out, "    {:>width$}     {text}", number + 1)?,
                _ => {
                    let line = self.style.paint(Tone::Error, format_args!("- {text}"));
                    writeln!(out, "    {:>width$}   {line}", number + 1)?;
                }
            }
        }
        if op.tag() != DiffTag::Equal {
            for line in &new[op.new_range()] {
                let line = format!("+ {}", shown(line));
                let line = self.style.paint(Tone::Good, line.trim_end());
                writeln!(out, "    {:>width$}   {line}", "")?;
            }
        }
        Ok(())
    }

    /// `An edit of app.py: 30.6 s → 0.5 s. Per 100 commits: 51 min → 3 min.`
    fn outlook(&self, outlook: &Outlook, has_scores: bool) -> String {
        let arrow = self.style.pick("→", "->");
        let change = |(before, after)| format!("{} {arrow} {}", seconds(before), seconds(after));
        let (edit, per_hundred) = (change(outlook.edit), change(outlook.per_hundred));
        let edit = format!("An edit of {}: {edit}.", outlook.edited);
        // A handful of commits says what they cost, and nothing of a hundred.
        if has_scores { format!("{edit} Per 100 commits: {per_hundred}.") } else { edit }
    }

    /// Sentences under one word: `because  …`, each on its own line.
    fn write_list(&self, word: &str, sentences: &[String], out: &mut dyn io::Write) -> io::Result<()> {
        for (index, sentence) in sentences.iter().enumerate() {
            let lead = if index == 0 { word } else { "" };
            self.write_hanging(&format!("   {lead:<9}"), sentence, out)?;
        }
        Ok(())
    }

    /// `text` behind `lead`, further lines below its beginning.
    fn write_hanging(&self, lead: &str, text: &str, out: &mut dyn io::Write) -> io::Result<()> {
        let indent = lead.chars().count();
        let wrapped = wrap(text, self.style.width.saturating_sub(indent).max(INDENT));
        writeln!(out, "{lead}{}", wrapped.replace('\n', &format!("\n{}", " ".repeat(indent))))
    }
}

/// `Dockerfile, context . (14 files, 180 commits), for buildkit, times measured`
fn header(view: &OptimizeView) -> String {
    let context = view.context.words().unwrap_or_else(|| "unknown".to_owned());
    let sizes = [view.files.map(|count| counted(count, "file")), view.commits.map(|count| counted(count, "commit"))];
    let sizes: Vec<String> = sizes.into_iter().flatten().collect();
    let sizes = if sizes.is_empty() { String::new() } else { format!(" ({})", sizes.join(", ")) };
    let times = match (view.is_measured, view.commits) {
        (true, _) => match &view.times_from {
            Some(from) => format!(", times measured ({from})"),
            None => ", times measured".to_owned(),
        },
        (false, Some(_)) => ", times estimated".to_owned(),
        (false, None) => String::new(),
    };
    format!("{}, context {context}{sizes}, for {}{times}", view.source.name(), view.builder.as_str())
}

/// `Cache efficiency 12 % (9 to 15), …`: how the file stands now, or why nothing is said of it.
fn standing_of_file(view: &OptimizeView) -> Vec<String> {
    let Some(scores) = &view.proposals.scores else {
        let few = view.commits.filter(|commits| *commits < FEWEST_COMMITS);
        let few = few.map(|count| format!("No scores: {}, and {FEWEST_COMMITS} are needed.", counted(count, "commit")));
        return few.into_iter().collect();
    };
    let percent = |score: &Score| {
        let whole = |share: f64| format!("{:.0}", (share * 100.0).clamp(-999.0, 100.0) + 0.0);
        format!("{} % ({} to {})", whole(score.value), whole(score.low), whole(score.high))
    };
    let figures = [
        format!("Cache efficiency {}", percent(&scores.cache_efficiency)),
        format!("needless share {}", percent(&scores.needless_share)),
        format!("headroom {}", percent(&scores.headroom)),
    ];
    let basis = match scores.origin {
        Origin::Measured => "",
        Origin::Estimated => ", times estimated",
    };
    let mut events = vec![counted(scores.commits, "commit")];
    events.extend(
        (scores.dockerfile_edits > 0)
            .then(|| format!("{} of the Dockerfile", counted(scores.dockerfile_edits, "edit"))),
    );
    let moves = scores.base_moves.round() as usize;
    events.extend((moves > 0).then(|| format!("about {} of its base images met", counted(moves, "move"))));
    vec![format!("{}, over {}{basis}.", figures.join(", "), listed(&events))]
}

/// What there is to say beside the claim: the gain, or who has to decide.
fn standing(proposal: &Proposal) -> String {
    let gain = proposal.gain.as_ref().map(gain);
    let decision = match proposal.class {
        Class::Same => None,
        Class::Verify => Some("not proved".to_owned()),
        Class::Advice => Some(format!("yours to decide: --only {}", proposal.id)),
    };
    [gain, decision].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn gain(gain: &Gain) -> String {
    let saved = seconds(gain.seconds);
    let origin = match gain.origin {
        Origin::Measured => "",
        Origin::Estimated => " (estimated)",
    };
    format!("{saved} less{origin} in {} of {}", gain.commits, counted(gain.of, "commit"))
}

pub(super) fn seconds(seconds: f64) -> String {
    time(Duration::from_secs_f64(seconds.max(0.0)))
}

/// The last line: what happened to the file, and what would happen next.
fn verdict(view: &OptimizeView) -> String {
    let numbers = |wanted: &dyn Fn(&Proposal) -> bool| -> Vec<String> {
        let moves = view.proposals.moves.iter().enumerate();
        moves.filter(|(_, proposal)| wanted(proposal)).map(|(index, _)| (index + 1).to_string()).collect()
    };
    let writable = numbers(view.is_written);
    let is_open = |proposal: &Proposal| view.verdict.is_none() && !(view.is_written)(proposal);
    // What is proved on top of something unproved alone is built with it.
    let unproved = numbers(&|proposal| proposal.class != Class::Advice && is_open(proposal));
    let happened = match (view.written, view.proposals.moves.is_empty()) {
        (_, true) => return "Nothing to propose.".to_owned(),
        (true, _) => format!("Written: {}.", listed(&writable)),
        (false, _) => "Nothing written.".to_owned(),
    };
    let how = if view.is_one_of_many { "--write --verify with this file alone" } else { "--write --verify" };
    let if_they_agree = format!("{how} builds both files and applies {} if they agree", listed(&unproved));
    let next = match (view.written || writable.is_empty(), unproved.is_empty()) {
        (true, true) => return happened,
        (true, false) => if_they_agree,
        (false, true) if view.is_one_of_many => format!("--write applies {}", listed(&writable)),
        (false, true) if view.verdict.is_some() => format!("--write --verify applies {}", listed(&writable)),
        (false, true) => {
            format!("--write applies {}; --write --verify builds both files and compares first", listed(&writable))
        }
        (false, false) => format!("--write applies {}; {if_they_agree}", listed(&writable)),
    };
    format!("{happened} {next}.")
}

fn shown(line: &[u8]) -> String {
    String::from_utf8_lossy(line).trim_end_matches(['\n', '\r']).to_owned()
}
