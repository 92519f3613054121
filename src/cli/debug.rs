//! `rplan debug`: one stage of the work, shown as it is.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use crate::cli::args::{BuildArg, DebugArgs, DebugWhat};
use crate::cli::console::Console;
use crate::cli::exit::{Answer, Exit, Failure};
use crate::cli::input;
use crate::model::expand::{Binding, Dialect, expand};
use crate::model::ignore::IgnoreFile;
use crate::model::{Value, path};
use crate::syntax::{notation, parse};

/// Shows what was asked for.
pub(super) fn debug(args: &DebugArgs, console: &mut Console) -> Answer {
    match &args.what {
        DebugWhat::Ast { file } => ast(file, console),
        DebugWhat::Expand { env, escape, word } => expanded(word, env, *escape, console),
        DebugWhat::Ignored { ignorefile, paths } => ignored(ignorefile, paths, console),
    }
}

fn ast(file: &Path, console: &mut Console) -> Answer {
    let source = input::read(file)?;
    let parsed = parse(&source);
    match notation(&parsed) {
        Ok(text) => {
            write!(console.out, "{text}")?;
            Ok(Exit::Fine)
        }
        Err(error) => Err(Failure::syntax(&source, [error])),
    }
}

fn expanded(word: &str, env: &[BuildArg], escape: char, console: &mut Console) -> Answer {
    let variables: BTreeMap<&str, &str> =
        env.iter().map(|variable| (variable.name.as_str(), variable.value.as_deref().unwrap_or_default())).collect();
    let lookup = |name: &str| variables.get(name).map_or(Binding::Unset, |value| Binding::Set((*value).into()));
    match expand(word, Dialect::words(escape), &lookup).result {
        Ok(Value::Known(text)) => {
            writeln!(console.out, "{text}")?;
            Ok(Exit::Fine)
        }
        Ok(Value::Unknown(unknown)) => Err(Failure::no(unknown)),
        Err(error) => Err(Failure::no(error)),
    }
}

fn ignored(file: &Path, paths: &[String], console: &mut Console) -> Answer {
    let source = input::read(file)?;
    let rules = IgnoreFile::parse(&source)
        .map_err(|error| Failure::drawn(Exit::No, &source, "ignore-file", error.span, error.message))?;
    for path in paths {
        let verdict = if rules.excludes(&path::inside(path)) { "excluded" } else { "included" };
        writeln!(console.out, "{path}\t{verdict}")?;
    }
    Ok(Exit::Fine)
}
