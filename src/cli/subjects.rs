//! Every Dockerfile below a directory, each as a subject of its own: found as `lint` finds them, in the contexts that
//! settings, Compose and Bake files give them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::cli::args::{DockerfileArgs, FilesArgs};
use crate::cli::console::Console;
use crate::cli::exit::{Answer, Exit, Failure};
use crate::cli::files::{Input, inputs};
use crate::cli::situation::Situations;
use crate::cli::subject::{Subject, dockerfile_edits};

/// The Dockerfiles of a directory.
pub(super) struct Subjects {
    /// Those that can be built, by what people call them, in the order of their names.
    pub(super) found: Vec<(String, Subject)>,
    /// How it ends: some may be wrong, and that has been told.
    pub(super) exit: Exit,
}

impl Subjects {
    /// Finds and reads them, and what as many past commits as that changed in their contexts.
    pub(super) fn below(args: &DockerfileArgs, commits: Option<usize>, console: &mut Console) -> Answer<Self> {
        if args.file.is_some() || args.target.is_some() {
            return Err(Failure::usage("--all looks at every Dockerfile: it goes with no --file and no --target"));
        }
        let files = FilesArgs {
            paths: args.context.clone().into_iter().collect(),
            build_args: args.build_args.clone(),
            ..FilesArgs::default()
        };
        let inputs = inputs(&files, console)?;
        let situations = Situations::of_builds(&files, args.platform.as_deref(), commits)?;
        let names = names(&inputs);
        let mut subjects = Self { found: Vec::new(), exit: Exit::Fine };
        for (input, name) in inputs.iter().zip(names) {
            match subject(input, &situations) {
                Ok(subject) => subjects.found.push((name, subject)),
                Err(failure) => subjects.exit = subjects.exit.or(failure.report(console)),
            }
        }
        subjects.found.sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(subjects)
    }
}

fn subject(input: &Input, situations: &Situations) -> Answer<Subject> {
    let source = input.read().map_err(|why| Failure::no(format_args!("`{}` {why}", input.name())))?;
    let situation = situations.around(input, &source);
    let mut subject = Subject::of(source, input.inline.is_none().then(|| input.path.clone()), situation)?;
    if let (Some(path), Some(history)) = (&subject.path, &subject.around.history) {
        subject.around.edits = dockerfile_edits(path, history);
    }
    Ok(subject)
}

/// What people call each: the folder, or the file where the folder has several or where it is the one they stand in.
fn names(inputs: &[Input]) -> Vec<String> {
    let mut sharing: BTreeMap<PathBuf, usize> = BTreeMap::new();
    inputs.iter().for_each(|input| *sharing.entry(folder(input)).or_default() += 1);
    let name = |input: &Input| {
        let folder = folder(input);
        let is_alone = sharing[&folder] == 1 && folder != Path::new("");
        if is_alone { folder.display().to_string() } else { input.name() }
    };
    inputs.iter().map(name).collect()
}

fn folder(input: &Input) -> PathBuf {
    let folder = input.path.parent().unwrap_or(Path::new(""));
    folder.strip_prefix(".").unwrap_or(folder).to_owned()
}
