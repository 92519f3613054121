//! `rplan fix`: repairs in place, whole files at a time, never one line past another.

use std::io::Write;

use rayon::prelude::*;

use crate::cli::args::{FixArgs, ThresholdArgs};
use crate::cli::console::Console;
use crate::cli::exit::{Answer, Exit, Failure};
use crate::cli::files::{Input, inputs};
use crate::cli::in_force::Typed;
use crate::cli::rulebook::Rulebooks;
use crate::cli::situation::Situations;
use crate::cli::{inline, lint, write};
use crate::diagnostic::Safety;
use crate::lint::{Fixed, fix};
use crate::report::{LintFormat, LintView, Pretty, repairs, write_repair_patch, write_repairs};
use crate::text::SourceFile;
use crate::workspace::builds::Inline;

/// A file and what repairing it gives; or why it cannot be read.
type Repair<'a> = (&'a Input, Result<(SourceFile, Fixed), String>);

/// Repairs, or shows what repairing would do.
pub(super) fn run(args: &FixArgs, console: &mut Console) -> Answer {
    let inputs = inputs(&args.files, console)?;
    if inputs.is_empty() {
        console.note("nothing to repair: no Dockerfile was found");
    }
    let thresholds = ThresholdArgs::default();
    let typed = Typed { rules: &args.files.rules, selection: &args.selection, thresholds, verbosity: 0 };
    let books = Rulebooks::new(&inputs, &typed)?;
    let situations = Situations::of(&args.files, &books)?;
    let allowed = if args.allow_unsafe { Safety::Unsafe } else { Safety::Safe };
    let repairs = repaired(&inputs, &books, &situations, allowed);
    let (mut changes, mut exit) = (false, Exit::Fine);
    for (input, result) in &repairs {
        let Ok((source, fixed)) = result else { continue };
        changes |= fixed.bytes != source.bytes();
        if args.diff {
            write_repair_patch(source, fixed, console.out_style, &mut console.out)?;
        } else if input.stdin.is_some() && !args.check {
            console.out.write_all(&fixed.bytes)?;
        } else if fixed.bytes != source.bytes() {
            exit = exit.or(put(input, source, fixed, !args.check, console)?);
        }
    }
    tell_defects(&repairs, console);
    if allowed == Safety::Unsafe {
        situations.tell_trouble(console);
    }
    let unreadable = unreadable(&repairs);
    if !unreadable.files.is_empty() {
        let mut drawn = Vec::new();
        Pretty { style: console.err_style, summary: false }.write(&unreadable, &mut drawn)?;
        console.say(String::from_utf8_lossy(&drawn).trim_end());
        exit = exit.or(Exit::No);
    }
    Ok(if args.check && changes { exit.or(Exit::No) } else { exit })
}

/// Repairs in place what can be repaired safely, for `lint --fix`; what cannot be read is left to the report.
pub(super) fn repair(inputs: &[Input], books: &Rulebooks, situations: &Situations, console: &mut Console) -> Answer {
    if inputs.iter().any(|input| input.stdin.is_some()) {
        return Err(Failure::usage("stdin cannot be repaired in place").with_help("rplan fix - prints the result"));
    }
    let repairs = repaired(inputs, books, situations, Safety::Safe);
    let mut exit = Exit::Fine;
    for (input, result) in &repairs {
        if let Ok((source, fixed)) = result
            && fixed.bytes != source.bytes()
        {
            match write::replace(&input.path, &fixed.bytes) {
                Ok(()) => console.note(repairs_line("repaired", source, fixed)),
                Err(failure) => exit = exit.or(failure.report(console)),
            }
        }
    }
    tell_defects(&repairs, console);
    Ok(exit)
}

fn repaired<'a>(inputs: &'a [Input], books: &Rulebooks, situations: &Situations, allowed: Safety) -> Vec<Repair<'a>> {
    let mend = |input: &Input, source: &SourceFile, without: &[String]| {
        let book = books.of(input);
        let mut selection = book.selection.clone();
        selection.ignore.extend_from_slice(without);
        let mut situation = situations.around(input, source);
        if allowed == Safety::Safe {
            // Nothing that it proposes is safe.
            situation.around.shell_checker = None;
        }
        fix(source, &situation.options, &situation.around, &book.catalogue, &selection, allowed)
    };
    let one = |inputs: &'a [Input]| {
        let mend_inline = |input: &Input, inline: &Inline, without: &[String]| mend(input, inline.source(), without);
        let result = match inline::repaired(inputs, &mend_inline) {
            Some(repaired) => Ok(repaired),
            None => inputs[0].read().map(|source| {
                let fixed = mend(&inputs[0], &source, &[]);
                (source, fixed)
            }),
        };
        (&inputs[0], result)
    };
    // What is written into one file is repaired together.
    let files: Vec<&[Input]> = inputs.chunk_by(Input::is_beside).collect();
    files.into_par_iter().map(one).collect()
}

/// Writes a repaired file, or says that it would be. One that cannot be written stops no other.
fn put(input: &Input, source: &SourceFile, fixed: &Fixed, really: bool, console: &mut Console) -> Answer {
    if really && let Err(failure) = write::replace(&input.path, &fixed.bytes) {
        return Ok(failure.report(console));
    }
    if !console.quiet {
        let verb = if really { "repaired" } else { "would repair" };
        writeln!(console.out, "{}", repairs_line(verb, source, fixed))?;
        if console.verbosity > 0 {
            write_repairs(source, fixed, console.out_style, &mut console.out)?;
        }
    }
    Ok(Exit::Fine)
}

fn repairs_line(verb: &str, source: &SourceFile, fixed: &Fixed) -> String {
    format!("{verb} {}: {}", source.name(), repairs(fixed.applied.iter().map(|applied| applied.rule.as_str())))
}

fn tell_defects(repairs: &[Repair], console: &mut Console) {
    for (input, result) in repairs {
        let Ok((_, fixed)) = result else { continue };
        for defect in &fixed.defects {
            console.note(format_args!("{}: {defect}; that is a bug: please report it", input.name()));
        }
    }
}

fn unreadable(repairs: &[Repair]) -> LintView {
    let files = repairs.iter().filter_map(|(input, result)| Some(lint::unreadable(input, result.as_ref().err()?)));
    LintView { files: files.collect(), ..LintView::default() }
}
