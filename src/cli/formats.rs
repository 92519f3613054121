//! Writing an answer in every form that was asked for: one of them on stdout, the others into files.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use crate::cli::args::FormatSpec;
use crate::cli::console::Console;
use crate::cli::exit::{Answer, Failure};
use crate::report::Style;

/// Writes each form. Where only files were asked for, `usual` goes to stdout besides, as without any `--format`.
pub(super) fn write_all<F: Copy>(
    asked: &[FormatSpec<F>],
    usual: F,
    console: &mut Console,
    write: impl Fn(F, Style, &mut dyn Write) -> io::Result<()>,
) -> Answer<()> {
    let on_stdout = on_stdout(asked)?.unwrap_or(usual);
    write_files(asked, console, &write)?;
    let style = console.out_style;
    Ok(write(on_stdout, style, &mut console.out)?)
}

/// The form that was asked for on stdout.
pub(super) fn on_stdout<F: Copy>(asked: &[FormatSpec<F>]) -> Answer<Option<F>> {
    let on_stdout: Vec<F> = asked.iter().filter(|spec| spec.file.is_none()).map(|spec| spec.name).collect();
    match on_stdout[..] {
        [] => Ok(None),
        [only] => Ok(Some(only)),
        _ => {
            Err(Failure::usage("only one form can go to stdout")
                .with_help("give the others a file: --format NAME=FILE"))
        }
    }
}

/// Writes the forms that go into files.
pub(super) fn write_files<F: Copy>(
    asked: &[FormatSpec<F>],
    console: &Console,
    write: impl Fn(F, Style, &mut dyn Write) -> io::Result<()>,
) -> Answer<()> {
    for spec in asked {
        let Some(path) = &spec.file else { continue };
        let cannot =
            |error: io::Error| Failure::environment(format_args!("cannot write `{}`: {error}", path.display()));
        let mut file = BufWriter::new(File::create(path).map_err(cannot)?);
        write(spec.name, console.file_style(), &mut file).and_then(|()| file.flush()).map_err(cannot)?;
    }
    Ok(())
}
