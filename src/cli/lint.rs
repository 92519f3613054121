//! `rplan lint` and `rplan fix`: files side by side, each read, judged, repaired where that was asked for.

use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;

use crate::cli::args::{BuildArg, FilesArgs, FixArgs, LintArgs, LintFormatName, SelectionArgs};
use crate::cli::console::Console;
use crate::cli::exit::{Answer, Exit, Failure};
use crate::cli::files::{self, Input, Settings};
use crate::cli::subject::{note, resolve_options, today};
use crate::cli::{formats, write};
use crate::diagnostic::{Finding, RuleId, Safety, Severity};
use crate::lint::{Defect, Selection, lint as lint_file};
use crate::model::{Surroundings, analyze, resolve};
use crate::report::{Compact, ContextNote, FileView, Github, Json, LintFormat, LintView, Pretty, Sarif, write_patch};
use crate::rules::{Catalogue, read_user_rule};
use crate::syntax::parse;
use crate::text::{SourceFile, Span, Spanned};
use crate::workspace::{Context, ContextRoot, StatCache, context_root, discover};

/// The rule under which a file that cannot be read is reported.
const UNREADABLE: RuleId = RuleId::builtin("unreadable-file");

/// Reports what is wrong.
pub(super) fn lint(args: &LintArgs, console: &mut Console) -> Answer {
    let catalogue = catalogue(&args.files)?;
    check_names(&args.selection, &catalogue)?;
    let inputs = files::inputs(&args.files)?;
    if inputs.is_empty() {
        console.note("nothing to lint: there is no Dockerfile here");
        return Ok(Exit::Fine);
    }
    if args.fix {
        let repaired = repair(&inputs, &args.files, &args.selection, &catalogue, Safety::Safe);
        write_back(&repaired)?;
    }
    let judged: Vec<Judged> =
        inputs.par_iter().map(|input| judge(input, &args.files, &args.selection, &catalogue, args.severity)).collect();
    let fails = |(input, judged): (&Input, &Judged)| {
        let settings = input.settings.as_deref().and_then(|located| located.settings.lint.fail_on);
        let level = args.fail_on.or(settings).unwrap_or(Severity::Warning);
        judged.worst.is_some_and(|worst| worst >= level)
    };
    let failed = inputs.iter().zip(&judged).any(fails);
    let view = LintView { files: judged.into_iter().map(|judged| judged.view).collect(), statistics: args.statistics };
    let summary = !console.quiet;
    formats::write_all(&args.formats, LintFormatName::Pretty, console, |name, style, out| match name {
        LintFormatName::Pretty => Pretty { style, summary }.write(&view, out),
        LintFormatName::Compact => Compact.write(&view, out),
        LintFormatName::Json => Json.write(&view, out),
        LintFormatName::Sarif => Sarif.write(&view, out),
        LintFormatName::Github => Github.write(&view, out),
    })?;
    Ok(if failed { Exit::No } else { Exit::Fine })
}

/// Repairs in place, shows what it would repair, or checks that there is nothing to repair.
pub(super) fn fix(args: &FixArgs, console: &mut Console) -> Answer {
    let catalogue = catalogue(&args.files)?;
    check_names(&args.selection, &catalogue)?;
    let inputs = files::inputs(&args.files)?;
    if inputs.is_empty() {
        console.note("nothing to repair: there is no Dockerfile here");
        return Ok(Exit::Fine);
    }
    let allowed = if args.allow_unsafe { Safety::Unsafe } else { Safety::Safe };
    let repaired = repair(&inputs, &args.files, &args.selection, &catalogue, allowed);
    let mut changed = 0;
    for repair in &repaired {
        if let Some(trouble) = &repair.trouble {
            console.say(format_args!("{}: {trouble}", repair.input.name()));
            continue;
        }
        let before = repair.source.bytes();
        changed += usize::from(before != repair.after);
        let style = console.out_style;
        if args.diff {
            write_patch(repair.source.name(), before, &repair.after, style, &mut console.out)?;
        } else if repair.input.stdin.is_some() && !args.check {
            std::io::Write::write_all(&mut console.out, &repair.after)?;
        }
        for (rule, title) in repair.applied.iter().filter(|_| !args.diff) {
            console.note(format_args!("{}: {title} ({rule})", repair.source.name()));
        }
        for defect in &repair.defects {
            console.note(format_args!("{}: {defect}; this is a bug in rplan", repair.source.name()));
        }
    }
    if !args.diff && !args.check {
        write_back(&repaired)?;
    }
    let unreadable = repaired.iter().any(|repair| repair.trouble.is_some());
    Ok(if unreadable || (args.check && changed > 0) { Exit::No } else { Exit::Fine })
}

/// One file, judged.
struct Judged {
    view: FileView,
    /// The gravest finding, shown or not.
    worst: Option<Severity>,
}

fn judge(
    input: &Input,
    files: &FilesArgs,
    selected: &SelectionArgs,
    catalogue: &Catalogue,
    severity: Option<Severity>,
) -> Judged {
    let settings = input.settings.as_deref().and_then(|located| located.settings.lint.severity);
    let shown = severity.or(settings).unwrap_or(Severity::Warning);
    let source = match input.read() {
        Ok(source) => source,
        Err(trouble) => {
            let message = format!("the file cannot be read: {trouble}");
            let finding = Finding::new(UNREADABLE, Severity::Error, Span::at(0), message);
            let source = SourceFile::new(input.name(), Vec::new());
            let view = FileView {
                source,
                context: ContextNote::Unknown,
                findings: vec![finding],
                hidden: Vec::new(),
                ignored: 0,
            };
            return Judged { view, worst: Some(Severity::Error) };
        }
    };
    let place = Place::of(input, &source, files);
    let parsed = parse(&source);
    let resolved = resolve(analyze(parsed.tree), &place.options, &place.around);
    let selection = selection(selected, &input.settings);
    let mut report = lint_file(&resolved, &parsed.errors, &place.around, catalogue, &selection, Vec::new());
    let worst = report.findings.iter().map(|finding| finding.severity).max();
    let count = |level: Severity| report.findings.iter().filter(|finding| finding.severity == level).count();
    let hidden: Vec<(Severity, usize)> =
        Severity::ALL.into_iter().filter(|level| *level < shown).map(|level| (level, count(level))).collect();
    let hidden = hidden.into_iter().filter(|(_, count)| *count > 0).collect();
    report.findings.retain(|finding| finding.severity >= shown);
    let view = FileView { source, context: place.note, findings: report.findings, hidden, ignored: report.silenced };
    Judged { view, worst }
}

/// What a file is read under, and what is around it.
struct Place {
    options: crate::model::ResolveOptions,
    around: Surroundings,
    note: ContextNote,
}

impl Place {
    fn of(input: &Input, source: &SourceFile, files: &FilesArgs) -> Self {
        let build_args: &[BuildArg] = &files.build_args;
        let options = resolve_options(build_args, files.target.as_deref());
        let mut around = Surroundings { today: Some(today()), ..Surroundings::default() };
        let root = match &files.context {
            Some(directory) => ContextRoot::Known(directory.clone()),
            None if input.stdin.is_some() && files.stdin_filename.is_none() => ContextRoot::Unknown,
            None => {
                let resolved = resolve(analyze(parse(source).tree), &options, &around);
                context_root(&input.path, &resolved, &discover::absolute(Path::new(".")))
            }
        };
        // A context that cannot be opened is an unknown one: linting goes on without it.
        let context = root.path().and_then(|path| Context::open(path, Some(&input.path), StatCache::in_memory()).ok());
        let note = if context.is_some() { note(&root) } else { ContextNote::Unknown };
        around.context = context.map(|context| Arc::new(context) as _);
        Self { options, around, note }
    }
}

/// A file before and after its repair.
struct Repair<'a> {
    input: &'a Input,
    source: SourceFile,
    after: Vec<u8>,
    applied: Vec<(RuleId, String)>,
    defects: Vec<Defect>,
    trouble: Option<String>,
}

fn repair<'a>(
    inputs: &'a [Input],
    files: &FilesArgs,
    selected: &SelectionArgs,
    catalogue: &Catalogue,
    allowed: Safety,
) -> Vec<Repair<'a>> {
    let one = |input: &'a Input| match input.read() {
        Err(trouble) => {
            let source = SourceFile::new(input.name(), Vec::new());
            Repair {
                input,
                source,
                after: Vec::new(),
                applied: Vec::new(),
                defects: Vec::new(),
                trouble: Some(trouble),
            }
        }
        Ok(source) => {
            let place = Place::of(input, &source, files);
            let selection = selection(selected, &input.settings);
            let fixed = crate::lint::fix(&source, &place.options, &place.around, catalogue, &selection, allowed);
            Repair { input, source, after: fixed.bytes, applied: fixed.applied, defects: fixed.defects, trouble: None }
        }
    };
    inputs.par_iter().map(one).collect()
}

fn write_back(repaired: &[Repair<'_>]) -> Answer<()> {
    for repair in repaired {
        let is_file = repair.input.stdin.is_none() && repair.trouble.is_none();
        if is_file && repair.after != repair.source.bytes() {
            write::replace(&repair.input.path, &repair.after)?;
        }
    }
    Ok(())
}

/// What was typed, or else what the settings say.
fn selection(args: &SelectionArgs, settings: &Settings) -> Selection {
    let settings = settings.as_deref().map(|located| &located.settings.lint);
    let values = |names: &[Spanned<String>]| names.iter().map(|name| name.value.clone()).collect::<Vec<_>>();
    let select = settings.and_then(|lint| lint.select.as_deref()).map(values).unwrap_or_default();
    let mut ignore = args.ignore.clone();
    ignore.extend(settings.map(|lint| values(&lint.ignore)).unwrap_or_default());
    let mut extend = args.extend_select.clone();
    extend.extend(settings.map(|lint| values(&lint.extend_select)).unwrap_or_default());
    let select = if args.select.is_empty() { select } else { args.select.clone() };
    Selection { select, extend, ignore, ..Selection::default() }
}

/// The rules that are compiled in, and those of the directories that were named.
fn catalogue(files: &FilesArgs) -> Answer<Catalogue> {
    let mut further = Vec::new();
    for directory in &files.rules {
        let cannot =
            |error: std::io::Error| Failure::usage(format_args!("cannot read `{}`: {error}", directory.display()));
        let entries = std::fs::read_dir(directory).map_err(cannot)?;
        let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        paths.retain(|path| path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml"));
        paths.sort();
        for path in paths {
            let source = SourceFile::new(path.display().to_string(), std::fs::read(&path).map_err(cannot)?);
            further.push(read_user_rule(&source).map_err(|error| {
                let line = source.line_of(error.span.start) + 1;
                Failure::usage(format_args!("{}:{line}: {error}", path.display()))
            })?);
        }
    }
    Catalogue::builtin().with(further).map_err(Failure::usage)
}

/// Every name on the command line must mean something.
fn check_names(args: &SelectionArgs, catalogue: &Catalogue) -> Answer<()> {
    for name in args.select.iter().chain(&args.extend_select).chain(&args.ignore) {
        if !catalogue.is_name(name) {
            let failure = Failure::usage(format_args!("there is no rule `{name}`"));
            return Err(match catalogue.nearest(name) {
                Some(id) => failure.with_help(format!("did you mean `{id}`?")),
                None => failure.with_help("`rplan rules` lists them"),
            });
        }
    }
    Ok(())
}
