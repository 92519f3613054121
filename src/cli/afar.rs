//! Builds whose context or Dockerfile has an address: what they are called in the store, which knows them by that.

use std::path::Path;

use crate::cli::args::WhyArgs;
use crate::cli::input;
use crate::cli::subject::{NAMES, full, identity};
use crate::model::Remote;

/// What a build of an address may be called, and what was built, in words; none where all of it lies here.
pub(super) fn identities(args: &WhyArgs) -> Option<(Vec<String>, String)> {
    let named = |files: &[Option<&str>], context: &str| -> Vec<String> {
        files.iter().map(|file| identity(context, *file, args.target.as_deref())).collect()
    };
    let context = args.context.as_deref().unwrap_or(Path::new("."));
    let file = args.file.as_deref().map(|file| file.display().to_string());
    let stdin = Some("-").filter(|_| input::is_stdin(context));
    if let Some(address) = stdin.or_else(|| address(context, |remote| remote.is_some())) {
        // Without -f it was one of the usual names, or a Dockerfile by itself.
        let files = match &file {
            Some(file) => vec![Some(file.as_str())],
            None => NAMES.into_iter().map(Some).chain([None]).collect(),
        };
        let words = file.as_ref().map(|file| format!("{file}, ")).unwrap_or_default();
        return Some((named(&files, address), format!("{words}context {address}")));
    }
    let address = file_address(args.file.as_deref())?;
    Some((named(&[Some(address)], &full(context)), format!("{address}, context {}", context.display())))
}

/// The address of the Dockerfile that `-f` names on a web server. A file here goes before an address of the same name.
pub(super) fn file_address(file: Option<&Path>) -> Option<&str> {
    address(file?, |remote| remote == Some(Remote::Url))
}

fn address(path: &Path, suits: impl Fn(Option<Remote>) -> bool) -> Option<&str> {
    let text = path.to_str().filter(|_| !path.exists())?;
    suits(Remote::of_context(text)).then_some(text)
}
