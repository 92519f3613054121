//! What `rplan build` writes on stdout when the build is over, in every form that was asked for.

use std::io::{self, Write};

use crate::cli::args::{AnswerFormatName, BuildArgs, ProgressName, SchemaName};
use crate::cli::console::Console;
use crate::cli::exit::{Answer, Exit, Failure};
use crate::cli::formats;
use crate::event::Timed;
use crate::exec::{Destination, Made, Output, Outputs};
use crate::report::{BuildResult, BuildSummary, EVENTS_SCHEMA, RESULT_SCHEMA, Style};

/// Gathers it while the build goes on.
pub(super) struct Closing<'a> {
    args: &'a BuildArgs,
    summary: BuildSummary,
    result: BuildResult,
    /// Whether an output of the build goes to stdout.
    is_stdout_taken: bool,
}

impl<'a> Closing<'a> {
    /// For a build that writes `outputs`; refused where stdout would get two things.
    pub(super) fn of(args: &'a BuildArgs, outputs: &Outputs, summary: BuildSummary, subject: String) -> Answer<Self> {
        let is_stdout_taken = outputs.written.iter().any(|written| is_stdout(&written.output));
        if formats::on_stdout(&args.formats)?.is_some() && is_stdout_taken {
            let refusal = Failure::usage("an output of the build goes to stdout, and so does --format");
            return Err(refusal.with_help("give one of them a file: --format NAME=FILE"));
        }
        Ok(Self { args, summary, result: BuildResult::of(subject), is_stdout_taken })
    }

    /// Takes note of an event.
    pub(super) fn observe(&mut self, event: &Timed) {
        self.summary.observe(event);
        self.result.observe(event);
    }

    /// Writes it for a build that gave `made`, or that an `error` stopped which is no step's.
    pub(super) fn write(&self, made: Option<&Made>, error: Option<&str>, console: &mut Console) -> Answer<()> {
        let is_quiet = console.quiet;
        let lines = |style: Style| match made {
            None => Vec::new(),
            Some(made) if is_quiet => vec![made.digest.to_string()],
            Some(_) => self.summary.lines(style),
        };
        let write = |name: AnswerFormatName, style: Style, out: &mut dyn Write| -> io::Result<()> {
            match name {
                AnswerFormatName::Json => self.result.write_json(error, out),
                AnswerFormatName::Pretty => lines(style).iter().try_for_each(|line| writeln!(out, "{line}")),
            }
        };
        formats::write_files(&self.args.formats, console, write)?;
        let on_stdout = formats::on_stdout(&self.args.formats)?.unwrap_or(AnswerFormatName::Pretty);
        let follows_progress = made.is_some() && !is_quiet && self.args.progress != ProgressName::Quiet;
        if follows_progress && on_stdout == AnswerFormatName::Pretty {
            console.say("");
        }
        let style = console.out_style;
        match self.is_stdout_taken {
            false => write(on_stdout, style, &mut console.out)?,
            true if is_quiet || made.is_none() => {}
            true => console.say(lines(style).join("\n")),
        }
        Ok(console.flush()?)
    }

    /// Whether any step had to run.
    pub(super) fn has_run_anything(&self) -> bool {
        self.result.has_run_anything()
    }

    /// Tells where the roots of failed steps are.
    pub(super) fn tell_kept(&self, console: &mut Console) {
        for (step, path) in self.result.kept_roots() {
            console.say(format_args!("The root of {step} is in {path}"));
        }
        if self.result.kept_roots().next().is_some() {
            console.note("it is a copy, without what was mounted: `rplan cache prune` removes it");
        }
    }
}

/// `--schema`
pub(super) fn write_schema(name: SchemaName, console: &mut Console) -> Answer {
    let schema = match name {
        SchemaName::Events => EVENTS_SCHEMA,
        SchemaName::Result => RESULT_SCHEMA,
    };
    console.out.write_all(schema.as_bytes())?;
    Ok(Exit::Fine)
}

fn is_stdout(output: &Output) -> bool {
    match output {
        Output::Oci { dest, .. } | Output::Docker(dest) | Output::Tar(dest) => *dest == Destination::Stdout,
        Output::Local(_) | Output::Image { .. } => false,
    }
}
