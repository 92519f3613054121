//! The proposals for many Dockerfiles, one after the other.

use std::io;

use super::json::Document;
use super::text::ProposalText;
use super::{OptimizeFormat, OptimizeView};
use crate::report::count::counted;
use crate::report::envelope;
use crate::report::style::Style;
use serde::Serialize;

/// Writes those for which there are any, for people.
pub fn write_all_text(views: &[OptimizeView], style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    if views.is_empty() {
        return writeln!(out, "No Dockerfile was found.");
    }
    let with_proposals: Vec<&OptimizeView> = views.iter().filter(|view| !view.proposals.moves.is_empty()).collect();
    for view in &with_proposals {
        ProposalText { style }.write(view, out)?;
        writeln!(out)?;
    }
    let (files, better) = (counted(views.len(), "Dockerfile"), with_proposals.len());
    let written = views.iter().filter(|view| view.written).count();
    match (better, written) {
        (0, _) => writeln!(out, "{files}, nothing to propose."),
        (_, 0) => {
            writeln!(out, "{files}, proposals for {better}. Building both to compare: one at a time, with --verify.")
        }
        _ => writeln!(out, "{files}, proposals for {better}, written for {written}."),
    }
}

#[derive(Serialize)]
struct Documents<'a> {
    files: Vec<Document<'a>>,
}

/// Writes all as JSON, in rplan's envelope.
pub fn write_all_json(views: &[OptimizeView], out: &mut dyn io::Write) -> io::Result<()> {
    let files = views.iter().map(Document::of).collect::<io::Result<_>>()?;
    envelope::write("optimize", &Documents { files }, out)
}
