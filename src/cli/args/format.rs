//! `--format NAME[=FILE]`, the same for every command that has several forms of answer.

use std::path::PathBuf;

use clap::ValueEnum;

/// A form of the answer, and the file it goes to; stdout without one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct FormatSpec<F> {
    /// The form.
    pub(in crate::cli) name: F,
    /// The file.
    pub(in crate::cli) file: Option<PathBuf>,
}

/// Reads `NAME` or `NAME=FILE`.
pub(in crate::cli) fn format_spec<F: ValueEnum>(text: &str) -> Result<FormatSpec<F>, String> {
    let (name, file) = match text.split_once('=') {
        Some((name, file)) => (name, Some(file)),
        None => (text, None),
    };
    if file == Some("") {
        return Err("a file name is missing after `=`".to_owned());
    }
    match F::from_str(name, false) {
        Ok(name) => Ok(FormatSpec { name, file: file.map(PathBuf::from) }),
        Err(_) => {
            let known = F::value_variants().iter().filter_map(F::to_possible_value);
            let names: Vec<String> = known.map(|value| value.get_name().to_owned()).collect();
            Err(format!("expected one of {}, with =FILE to write a file", names.join(", ")))
        }
    }
}
