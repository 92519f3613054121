//! The streams of the process: results on stdout, everything else on stderr.

use std::fmt::Display;
use std::io::{self, BufWriter, Stderr, Stdout, Write};

use crate::cli::args::Global;
use crate::cli::terminal;
use crate::report::{Style, Tone};

/// Where a command writes, and how that may look.
pub(super) struct Console {
    /// Results.
    pub(super) out: BufWriter<Stdout>,
    /// How results may look.
    pub(super) out_style: Style,
    /// How everything else may look.
    pub(super) err_style: Style,
    /// Whether notes, summaries and progress are unwanted.
    pub(super) quiet: bool,
    /// How much more than usual is wanted.
    pub(super) verbosity: u8,
    /// Never locked for long: a panic in another thread must be able to speak.
    err: Stderr,
}

impl Console {
    /// The console of this process.
    pub(super) fn new(global: &Global) -> Self {
        let (out, err) = (io::stdout(), io::stderr());
        Self {
            out_style: terminal::style_of(&out, global.color),
            err_style: terminal::style_of(&err, global.color),
            out: BufWriter::new(out),
            err,
            quiet: global.quiet,
            verbosity: global.verbose,
        }
    }

    /// Says something on stderr, whatever was asked for. Results written so far come first.
    pub(super) fn say(&mut self, text: impl Display) {
        // Nobody is left to be told that stderr cannot be written.
        let _ = self.out.flush();
        let _ = writeln!(self.err, "{text}");
    }

    /// A remark on stderr, unless quiet was asked for.
    pub(super) fn note(&mut self, text: impl Display) {
        if !self.quiet {
            let note = self.err_style.paint(Tone::Info, "note:");
            self.say(format_args!("{note} {text}"));
        }
    }

    /// How results may look in a file: without colour, as wide as without a terminal.
    pub(super) fn file_style(&self) -> Style {
        Style { colour: false, links: false, width: Style::PLAIN.width, ..self.out_style }
    }

    /// Hands all results to whoever reads them.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Says something on stderr where there is no console.
#[allow(clippy::print_stderr, reason = "the console is this program's only other way to stderr")]
pub(super) fn say_plainly(text: impl Display) {
    eprintln!("{text}");
}
