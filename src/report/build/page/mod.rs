//! `--report`: a build on one page, to be read in a browser, kept and sent around.
//!
//! Made of the event log and of what `rplan optimize` proposes. The page is one file that needs nothing else: no script,
//! no font, no network, and a policy in it that forbids all of these. Whatever came from outside is escaped.

mod account;
mod markup;
mod rows;

use std::io;

use account::Account;
use markup::{text, time_of};

use crate::event::Timed;
use crate::report::count::{counted, size};
use crate::rewrite::Proposals;

const STYLE: &str = include_str!("style.css");

/// Gathers what happens in a build, for a page about it.
#[derive(Debug, Clone)]
pub struct BuildPage {
    subject: String,
    account: Account,
}

impl BuildPage {
    /// The page of a build that is about to begin; `subject` says in words what is built.
    pub fn of(subject: String) -> Self {
        Self { subject, account: Account::default() }
    }

    /// Takes note of an event.
    pub fn observe(&mut self, timed: &Timed) {
        self.account.take_in(timed);
    }

    /// Writes the page, with what would make the next build faster.
    pub fn write(&self, proposals: &Proposals, out: &mut dyn io::Write) -> io::Result<()> {
        let (verdict, class) = self.account.verdict();
        let subject = text(&self.subject);
        writeln!(
            out,
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n<title>{verdict}: {subject}</title>\n\
             <style>\n{STYLE}</style>\n</head>\n<body>\n<main>"
        )?;
        writeln!(out, "<header>\n<p class=\"verdict {class}\">{verdict}</p>\n<h1>{subject}</h1>")?;
        self.write_facts(out)?;
        writeln!(out, "</header>")?;
        rows::write_timeline(&self.account, out)?;
        self.write_savings(proposals, out)?;
        rows::write_layers(&self.account, out)?;
        writeln!(out, "<footer>Made by rplan {}.</footer>", env!("CARGO_PKG_VERSION"))?;
        writeln!(out, "</main>\n</body>\n</html>")
    }

    fn write_facts(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let account = &self.account;
        let ran = account.steps.iter().filter(|step| step.ran()).count();
        let cached = account.steps.iter().filter(|step| step.is_cached() && step.is_named()).count();
        writeln!(out, "<dl class=\"facts\">")?;
        let mut fact = |name: &str, value: &str| writeln!(out, "<div><dt>{name}</dt><dd>{}</dd></div>", text(value));
        fact("Time", &time_of(account.took_ms))?;
        fact("Steps", &format!("{ran} ran, {cached} cached"))?;
        fact("Saved by the cache", &time_of(account.saved_ms()))?;
        if let Some(image) = &account.image {
            fact("Image", &format!("{}, sha256:{}…", size(image.size), image.digest.short()))?;
            let new: Vec<u64> =
                account.steps.iter().filter_map(|step| step.layer).filter(|l| l.1).map(|l| l.0).collect();
            fact("New layers", &format!("{} ({})", new.len(), size(new.iter().sum())))?;
            if !image.names.is_empty() {
                fact("Names", &image.names.join(", "))?;
            }
        }
        for output in &account.outputs {
            fact("Written", output)?;
        }
        writeln!(out, "</dl>")?;
        account.notes.iter().try_for_each(|note| writeln!(out, "<p class=\"note\">{}</p>", text(note)))
    }

    fn write_savings(&self, proposals: &Proposals, out: &mut dyn io::Write) -> io::Result<()> {
        if proposals.moves.is_empty() {
            return Ok(());
        }
        writeln!(
            out,
            "<section aria-labelledby=\"savings\">\n<h2 id=\"savings\">What would save time</h2>\n<ul class=\"savings\">"
        )?;
        for proposal in &proposals.moves {
            let gain = proposal.gain.as_ref().map(|gain| {
                let source = match gain.origin {
                    crate::rewrite::Origin::Measured => "measured",
                    crate::rewrite::Origin::Estimated => "estimated",
                };
                let commits = counted(gain.of, "commit");
                format!("{:.1} s less in {} of {commits} ({source})", gain.seconds, gain.commits)
            });
            let gain = gain.map(|gain| format!(" <span class=\"gain\">{}</span>", text(&gain))).unwrap_or_default();
            writeln!(out, "<li><strong>{}</strong>{gain}", text(proposal.id.as_str()))?;
            let reasons = std::iter::once(&proposal.claim).chain(&proposal.because);
            reasons.into_iter().try_for_each(|reason| writeln!(out, "<br>{}", text(reason)))?;
            writeln!(out, "</li>")?;
        }
        writeln!(
            out,
            "</ul>\n<p><code>rplan optimize</code> shows the changes and writes them when told.</p>\n</section>"
        )
    }
}
