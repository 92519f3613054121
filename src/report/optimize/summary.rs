//! Many Dockerfiles in a table: how well each uses the cache, how much could be gained.

use std::io;
use std::time::Duration;

use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use crate::plan::stale::Builder;
use crate::report::count::{counted, size, time};
use crate::report::envelope;
use crate::report::style::{Style, Tone};
use crate::rewrite::{FEWEST_COMMITS, Origin, Scores};

/// The Dockerfiles of a repository.
#[derive(Debug, Clone)]
pub struct SummaryView {
    /// They, in the order of their names.
    pub rows: Vec<SummaryRow>,
}

/// One of them.
#[derive(Debug, Clone)]
pub struct SummaryRow {
    /// What people call it.
    pub name: String,
    /// The Dockerfile.
    pub dockerfile: String,
    /// How many past commits were looked at.
    pub commits: usize,
    /// Whose rules of caching count.
    pub builder: Builder,
    /// Bytes of content in the image, where a build is known.
    pub size: Option<u64>,
    /// The rewrites that are proposed.
    pub moves: Vec<String>,
    /// How many of them `--write` puts in.
    pub writable: usize,
    /// How well it uses the cache; none where that cannot be said.
    pub scores: Option<Scores>,
}

const HEADINGS: [&str; 8] =
    ["", "cache efficiency", "needless", "headroom", "at once", "per 100 commits", "size", "proposals"];

/// Writes it for people.
pub fn write_summary_text(view: &SummaryView, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    if view.rows.is_empty() {
        return writeln!(out, "No Dockerfile was found.");
    }
    let rows: Vec<[String; 8]> = view.rows.iter().map(cells).collect();
    let headings = HEADINGS.map(str::to_owned);
    let widths: Vec<usize> = (0..HEADINGS.len())
        .map(|column| rows.iter().chain([&headings]).map(|row| row[column].width()).max().unwrap_or(0))
        .collect();
    let line = |row: &[String; 8]| {
        let padded = row.iter().zip(&widths).enumerate().map(|(column, (text, width))| {
            let gap = " ".repeat(width - text.width());
            // Names to the left, figures to the right.
            if column == 0 || column == 7 { format!("{text}{gap}") } else { format!("{gap}{text}") }
        });
        padded.collect::<Vec<_>>().join("   ").trim_end().to_owned()
    };
    writeln!(out, "{}", style.paint(Tone::Faint, line(&headings)))?;
    rows.iter().try_for_each(|row| writeln!(out, "{}", line(row)))?;
    writeln!(out)?;
    closing(view).iter().try_for_each(|line| writeln!(out, "{line}"))
}

fn cells(row: &SummaryRow) -> [String; 8] {
    let size = row.size.map(size).unwrap_or_default();
    let moves = row.moves.join(", ");
    let Some(scores) = &row.scores else {
        let nothing = || "-".to_owned();
        return [row.name.clone(), nothing(), nothing(), nothing(), nothing(), nothing(), size, moves];
    };
    let percent = |share: f64| format!("{:.0} %", share * 100.0 + 0.0);
    let mark = if scores.origin == Origin::Estimated { "~" } else { "" };
    [
        row.name.clone(),
        percent(scores.cache_efficiency.value),
        percent(scores.needless_share.value),
        percent(scores.headroom.value),
        format!("{:.1}", scores.parallelism),
        format!("{mark}{}", time(Duration::from_secs_f64(scores.seconds_per_100_commits.value.max(0.0)))),
        size,
        moves,
    ]
}

fn closing(view: &SummaryView) -> Vec<String> {
    let mut lines = Vec::new();
    if view.rows.iter().any(|row| row.scores.is_none()) {
        lines.push(format!(
            "- no estimate: there is nothing to build, or less than {FEWEST_COMMITS} commits tell of it"
        ));
    }
    let better = view.rows.iter().filter(|row| !row.moves.is_empty()).count();
    let files = counted(view.rows.len(), "Dockerfile");
    lines.push(match better {
        0 => format!("{files}, nothing to propose."),
        _ => format!("{files}, proposals for {better}. What they are: rplan optimize -f FILE CONTEXT"),
    });
    lines
}

#[derive(Serialize)]
struct Document<'a> {
    files: Vec<File<'a>>,
}

#[derive(Serialize)]
struct File<'a> {
    name: &'a str,
    file: &'a str,
    commits: usize,
    builder: &'static str,
    size: Option<u64>,
    proposals: &'a [String],
    writable: usize,
    scores: Option<&'a Scores>,
}

/// Writes it as JSON, in rplan's envelope.
pub fn write_summary_json(view: &SummaryView, out: &mut dyn io::Write) -> io::Result<()> {
    let files = view.rows.iter().map(|row| File {
        name: &row.name,
        file: &row.dockerfile,
        commits: row.commits,
        builder: row.builder.as_str(),
        size: row.size,
        proposals: &row.moves,
        writable: row.writable,
        scores: row.scores.as_ref(),
    });
    envelope::write("optimize", &Document { files: files.collect() }, out)
}
