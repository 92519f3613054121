//! Proposals as JSON, in rplan's envelope.

use std::io;

use serde::Serialize;

use super::{OptimizeFormat, OptimizeView};
use crate::report::context::ContextEntry;
use crate::report::diff::write_patch;
use crate::report::envelope;
use crate::report::place::Region;
use crate::report::style::Style;
use crate::rewrite::{Outlook, Proposal, Refusal, Scores, Verdict};
use crate::text::Encoding;

/// One JSON document.
#[derive(Debug, Clone, Copy)]
pub struct ProposalJson;

/// What is said of one Dockerfile.
#[derive(Serialize)]
pub(super) struct Document<'a> {
    file: &'a str,
    context: Option<ContextEntry<'a>>,
    builder: &'static str,
    written: bool,
    commits: Option<usize>,
    outlook: Option<&'a Outlook>,
    /// Null where there are too few commits to say.
    scores: Option<&'a Scores>,
    moves: Vec<Move<'a>>,
    refused: Vec<Refused<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<&'a Verdict>,
}

#[derive(Serialize)]
struct Move<'a> {
    #[serde(flatten)]
    proposal: &'a Proposal,
    /// The change as a patch on the text that the moves before leave.
    patch: String,
}

#[derive(Serialize)]
struct Refused<'a> {
    #[serde(flatten)]
    refusal: &'a Refusal,
    #[serde(flatten)]
    region: Region,
}

impl OptimizeFormat for ProposalJson {
    fn write(&self, view: &OptimizeView, out: &mut dyn io::Write) -> io::Result<()> {
        envelope::write("optimize", &Document::of(view)?, out)
    }
}

impl<'a> Document<'a> {
    pub(super) fn of(view: &'a OptimizeView<'a>) -> io::Result<Self> {
        let mut moves = Vec::new();
        for (proposal, before, after) in view.versions() {
            let mut patch = Vec::new();
            write_patch(view.source.name(), &before, &after, Style::PLAIN, &mut patch)?;
            moves.push(Move { proposal, patch: String::from_utf8_lossy(&patch).into_owned() });
        }
        let refused = view
            .proposals
            .refused
            .iter()
            .map(|refusal| Refused { refusal, region: Region::of(view.source, refusal.span, Encoding::Chars) });
        Ok(Self {
            file: view.source.name(),
            context: view.context.entry(),
            builder: view.builder.as_str(),
            written: view.written,
            commits: view.commits,
            outlook: view.proposals.outlook.as_ref(),
            scores: view.proposals.scores.as_ref(),
            moves,
            refused: refused.collect(),
            verdict: view.verdict,
        })
    }
}
