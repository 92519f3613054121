//! Rules that users write: the YAML files of a directory, joined to the rules that are compiled in.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cli::exit::{Answer, Exit, Failure};
use crate::cli::input;
use crate::rewrite;
use crate::rules::{Catalogue, Rule, read_user_rule};
use crate::text::SourceFile;

/// The rules that are compiled in, with what can be proposed as well.
pub(super) fn builtin() -> Catalogue {
    let proposals = rewrite::metas().into_iter().map(Rule::decided_elsewhere);
    Catalogue::builtin().with(proposals).expect("no rewrite is called like a rule")
}

/// The same, and the rules of these directories or files.
pub(super) fn catalogue(paths: &[PathBuf]) -> Answer<Catalogue> {
    let mut own = Vec::new();
    for path in paths {
        for file in files(path)? {
            own.push(read(&file)?.1);
        }
    }
    builtin().with(own).map_err(Failure::usage)
}

/// The rule files of a directory, sorted; or the one file that is named.
pub(super) fn files(path: &Path) -> Answer<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let cannot = |error| input::cannot_read(path, &error);
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(cannot)? {
        let file = entry.map_err(cannot)?.path();
        if file.extension().is_some_and(|ending| ending == "yaml" || ending == "yml") {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

/// One rule and its file.
pub(super) fn read(path: &Path) -> Answer<(SourceFile, Rule)> {
    let source = input::read(path)?;
    match read_user_rule(&source) {
        Ok(rule) => Ok((source, rule)),
        Err(error) => Err(Failure::drawn(Exit::Usage, &source, "rule", error.span, error.message)),
    }
}
