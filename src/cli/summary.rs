//! `rplan optimize --all`: every Dockerfile of a repository in a table.

use crate::cli::args::{OptimizeArgs, OptimizeFormatName};
use crate::cli::console::Console;
use crate::cli::earlier::recall;
use crate::cli::exit::{Answer, Exit};
use crate::cli::formats;
use crate::cli::optimize::{costs, found};
use crate::cli::subject::Subject;
use crate::cli::subjects::Subjects;
use crate::cli::wanted::Wanted;
use crate::plan::stale::Builder;
use crate::report::{SummaryRow, SummaryView, write_summary_json, write_summary_text};

/// Shows how well each uses the cache and what could be done, or only whether anything could be.
pub(super) fn show(args: &OptimizeArgs, console: &mut Console) -> Answer {
    let subjects = Subjects::below(&args.dockerfile, Some(args.commits), console)?;
    let mut rows = Vec::new();
    for (name, mut subject) in subjects.found {
        rows.push(row(name, &mut subject, args)?);
    }
    let could_be_written = rows.iter().any(|row| row.writable > 0);
    let view = SummaryView { rows };
    if !(args.check && console.quiet) {
        formats::write_all(&args.formats, OptimizeFormatName::Pretty, console, |name, style, out| match name {
            OptimizeFormatName::Pretty => write_summary_text(&view, style, out),
            OptimizeFormatName::Json => write_summary_json(&view, out),
        })?;
    }
    Ok(subjects.exit.or(if args.check && could_be_written { Exit::No } else { Exit::Fine }))
}

fn row(name: String, subject: &mut Subject, args: &OptimizeArgs) -> Answer<SummaryRow> {
    let last_build = recall(subject, None, None)?;
    let costs = costs(subject, last_build.as_ref(), args.builder.map(Builder::from))?;
    let wanted = Wanted::of(args)?;
    let found = found(subject, &costs, &wanted, &|_| true)?;
    Ok(SummaryRow {
        name,
        dockerfile: subject.source.name().to_owned(),
        commits: subject.around.history.as_ref().map_or(0, |history| history.commits.len()),
        builder: costs.builder,
        size: last_build.and_then(|build| build.size()),
        moves: found.proposals.moves.iter().map(|proposal| proposal.id.to_string()).collect(),
        writable: found.writable.moves.len(),
        scores: found.proposals.scores,
    })
}
