//! `rplan config migrate`: hadolint's settings as an `rplan.toml`, with a remark for whatever rplan has no setting for.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::cli::args::MigrateArgs;
use crate::cli::console::Console;
use crate::cli::exit::{Answer, Exit, Failure};
use crate::cli::files::metas;
use crate::cli::write;
use crate::config::{PROJECT_FILES, hadolint_file, translate_hadolint_file};
use crate::rules::Catalogue;

pub(super) fn migrate(args: &MigrateArgs, console: &mut Console) -> Answer {
    let catalogue = Catalogue::builtin();
    let file = args.file.clone().or_else(hadolint_file).ok_or_else(|| {
        Failure::usage("hadolint has no settings here").with_help("name its file: rplan config migrate FILE")
    })?;
    let translation = translate_hadolint_file(&file, &metas(&catalogue))?;
    let name = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy();
    let text = format!("# What {} says, by `rplan config migrate`.\n{}", name.replace('\n', " "), translation.text);
    for one in &translation.left_out {
        console.note(format_args!("not taken over: {one}"));
    }
    match args.write {
        false => console.out.write_all(text.as_bytes())?,
        true => {
            let path = place(args.file.as_deref())?;
            write::start(&path, text.as_bytes())?;
            writeln!(console.out, "{}", path.display())?;
        }
    }
    Ok(Exit::Fine)
}

/// Where the new file belongs, if there is none of its kind yet.
fn place(named: Option<&Path>) -> Answer<PathBuf> {
    let folder = named.and_then(Path::parent).unwrap_or(Path::new(""));
    match PROJECT_FILES.iter().map(|name| folder.join(name)).find(|path| path.symlink_metadata().is_ok()) {
        Some(path) => Err(already(&path)),
        None => Ok(folder.join(PROJECT_FILES[0])),
    }
}

fn already(path: &Path) -> Failure {
    Failure::usage(format_args!("there is a file `{}` already", path.display()))
        .with_help("leave out --write, and take what you need")
}
