//! `pretty`: findings drawn into their source. The only file that knows miette.

use std::borrow::Cow;
use std::fmt;
use std::io;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode,
    SourceSpan, SpanContents,
};

use super::{LintFormat, LintView, summary};
use crate::diagnostic::{Finding, Severity};
use crate::report::style::Style;
use crate::report::wrap::wrap;
use crate::text::{Encoding, SourceFile, Span};

/// A span over more lines than this is drawn as its first line: a page of underlined heredoc tells nobody anything.
const LINES_DRAWN: usize = 8;

/// For people.
#[derive(Debug, Clone, Copy)]
pub struct Pretty {
    /// How it may look.
    pub style: Style,
    /// Whether to end with the summary.
    pub summary: bool,
}

impl LintFormat for Pretty {
    fn write(&self, view: &LintView, out: &mut dyn io::Write) -> io::Result<()> {
        for file in view.files.iter().filter(|file| !file.findings.is_empty()) {
            let canvas = Canvas::new(&file.source, &file.findings);
            for finding in &file.findings {
                let address = view.rules.get(finding.rule.as_str()).and_then(|rule| rule.url.as_deref());
                writeln!(out, "{}", canvas.draw(finding, address, self.style))?;
            }
        }
        if view.statistics {
            let lines = summary::statistics(view);
            lines.iter().try_for_each(|line| writeln!(out, "{line}"))?;
            if !lines.is_empty() {
                writeln!(out)?;
            }
        }
        if self.summary {
            writeln!(out, "{}", summary::line(view))?;
        }
        Ok(())
    }
}

/// One finding drawn into its source; ends with a newline.
pub fn draw(source: &SourceFile, finding: &Finding, style: Style) -> String {
    Canvas::new(source, std::slice::from_ref(finding)).draw(finding, None, style)
}

/// A source file made fit for a terminal, byte for byte as long as it was.
struct Canvas<'a> {
    source: &'a SourceFile,
    text: Cow<'a, str>,
}

impl<'a> Canvas<'a> {
    /// The secrets among the findings are made unreadable, whichever finding is drawn beside them.
    fn new(source: &'a SourceFile, findings: &[Finding]) -> Self {
        let mut text = without_controls(source.text());
        for finding in findings.iter().filter(|finding| finding.hides) {
            let place = finding.primary.span.range();
            let hidden: String =
                text[place.clone()].bytes().map(|byte| if byte == b'\n' { '\n' } else { '*' }).collect();
            text.to_mut().replace_range(place, &hidden);
        }
        Self { source, text }
    }

    fn draw(&self, finding: &Finding, address: Option<&str>, style: Style) -> String {
        let handler = GraphicalReportHandler::new_themed(theme(style)).with_width(style.width).with_wrap_lines(false);
        let picture = Picture { canvas: self, finding, address, style };
        let mut drawn = String::new();
        handler.render_report(&mut drawn, &picture).expect("writing into a string does not fail");
        // miette ends the line of an empty source line with a blank.
        drawn.lines().map(|line| format!("{}\n", line.trim_end())).collect()
    }

    fn label(&self, span: Span, message: &str, primary: bool) -> LabeledSpan {
        let span = self.drawable(span);
        let place = SourceSpan::from((span.start, span.len()));
        let message = Some(message.to_owned()).filter(|text| !text.is_empty());
        match primary {
            true => LabeledSpan::new_primary_with_span(message, place),
            false => LabeledSpan::new_with_span(message, place),
        }
    }

    /// The part of `span` that can be drawn: without the line end, on a few lines at most, never behind the last line.
    fn drawable(&self, span: Span) -> Span {
        let last_byte = self.source.len().saturating_sub(1);
        let first_line = self.source.line_of(span.start.min(last_byte));
        let last_line = self.source.line_of(span.end.saturating_sub(1).max(span.start).min(last_byte));
        let content = self.source.line_span(first_line);
        let start = span.start.min(content.end);
        let end = if last_line - first_line >= LINES_DRAWN { content.end } else { span.end };
        let drawn = &self.text.as_bytes()[start..end.max(start)];
        let ends = drawn.iter().rev().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
        Span::new(start, start + drawn.len() - ends)
    }
}

fn theme(style: Style) -> GraphicalTheme {
    match (style.unicode, style.colour) {
        (true, true) => GraphicalTheme::unicode(),
        (true, false) => GraphicalTheme::unicode_nocolor(),
        (false, true) => GraphicalTheme::ascii(),
        (false, false) => GraphicalTheme::none(),
    }
}

/// The text with every control character but tab and line end replaced by one of equal length: a Dockerfile must not
/// steer the terminal that shows it.
fn without_controls(text: &str) -> Cow<'_, str> {
    let harmless = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
    if text.chars().all(harmless) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let ends_line = c == '\r' && characters.peek() == Some(&'\n');
        safe.push(match c {
            c if harmless(c) || ends_line => c,
            // Beyond ASCII, control characters have two bytes.
            c if c.len_utf8() == 2 => '\u{BF}',
            _ => '?',
        });
    }
    Cow::Owned(safe)
}

/// One finding as miette wants it.
struct Picture<'a> {
    canvas: &'a Canvas<'a>,
    finding: &'a Finding,
    /// Where the rule is documented.
    address: Option<&'a str>,
    style: Style,
}

impl fmt::Display for Picture<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = self.canvas.source;
        let message = match source.is_empty() {
            // Nothing can be drawn, so the message alone must tell where it is.
            true => format!("{}: {}", source.name(), self.finding.message),
            false => self.finding.message.clone(),
        };
        f.write_str(&wrap(&without_controls(&message), self.style.width.saturating_sub(4)))
    }
}

impl fmt::Debug for Picture<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Picture<'_> {}

impl Diagnostic for Picture<'_> {
    fn code<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        Some(Box::new(self.style.link(&self.finding.rule, self.address)))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.finding.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Info | Severity::Style => miette::Severity::Advice,
        })
    }

    fn help<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        let help = self.finding.help.as_ref()?;
        Some(Box::new(wrap(&without_controls(help), self.style.width.saturating_sub(8))))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        // A file that could not be read has nothing to draw.
        (!self.canvas.source.is_empty()).then_some(self.canvas)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let primary = &self.finding.primary;
        let primary = std::iter::once(self.canvas.label(primary.span, &primary.message, true));
        let related = self.finding.related.iter().map(|label| self.canvas.label(label.span, &label.message, false));
        Some(Box::new(primary.chain(related)))
    }
}

impl SourceCode for Canvas<'_> {
    fn read_span<'b>(
        &'b self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'b> + 'b>, MietteError> {
        let end = span.offset() + span.len();
        if end > self.text.len() {
            return Err(MietteError::OutOfBounds);
        }
        let first = self.source.line_of(span.offset()).saturating_sub(lines_before);
        let last_touched = self.source.line_of(end.saturating_sub(1).max(span.offset()));
        let last = (last_touched + lines_after).min(self.source.line_count() - 1).max(first);
        let start = self.source.line_span(first).start;
        let stop = self.source.line_span(last).end;
        // miette asks without context for the place to print, and with context for the lines to draw.
        let column = match lines_before {
            0 => self.source.position(span.offset(), Encoding::Chars).column,
            _ => 0,
        };
        let data = &self.text.as_bytes()[start..stop];
        let name = self.source.name().to_owned();
        let shown = SourceSpan::from((start, data.len()));
        Ok(Box::new(MietteSpanContents::new_named(name, data, shown, first, column, last - first + 1)))
    }
}
