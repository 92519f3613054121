//! The context of `rplan build` where it is no directory here: an address, or whatever comes through stdin. It is brought
//! into the store first, and the Dockerfile is read there. A Dockerfile may have an address by itself too.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use crate::cli::afar::file_address;
use crate::cli::args::DockerfileArgs;
use crate::cli::build::failure;
use crate::cli::exit::{Answer, Failure};
use crate::cli::input;
use crate::cli::subject::{NAMES, Subject};
use crate::exec::{self, BroughtContext, Fetching};
use crate::model::{BuildContext, Remote};
use crate::text::{SourceFile, Span};
use crate::workspace::{Context, StatCache};

/// Where a context is that does not lie here.
pub(super) enum Elsewhere<'a> {
    /// At an address.
    Address(&'a str),
    /// Somebody sends it, or a Dockerfile alone.
    Stdin,
    /// It lies here, and only the Dockerfile is at an address.
    Here(&'a str),
}

impl<'a> Elsewhere<'a> {
    /// What CONTEXT names, if it does not lie here. A directory goes before an address of the same name.
    pub(super) fn of(args: &'a DockerfileArgs) -> Answer<Option<Self>> {
        let only_file = file_address(args.file.as_deref()).map(Self::Here);
        let Some(path) = &args.context else { return Ok(only_file) };
        if input::is_stdin(path) {
            return match &args.file {
                Some(file) if input::is_stdin(file) => {
                    let refusal = Failure::usage("the context and the Dockerfile cannot both come from stdin");
                    Err(refusal
                        .with_help("`rplan build -` takes an archive with a Dockerfile in it, or a Dockerfile alone"))
                }
                _ => Ok(Some(Self::Stdin)),
            };
        }
        let address = path.to_str().filter(|text| Remote::of_context(text).is_some());
        Ok(address.filter(|_| !path.exists()).map(Self::Address).or(only_file))
    }

    /// Brings the context, and reads the Dockerfile in it.
    pub(super) fn subject(
        &self,
        args: &DockerfileArgs,
        named_contexts: BTreeSet<String>,
        fetching: &Fetching<'_>,
    ) -> Answer<Subject> {
        let address = match self {
            Self::Address(address) => address,
            Self::Stdin => "-",
            Self::Here(address) => return fetched_file(address, args, named_contexts, fetching),
        };
        // What is wrong with it is drawn as it was typed.
        let typed = SourceFile::new("CONTEXT", address);
        let brought = match self {
            Self::Address(address) => exec::fetch_context(fetching, address, Span::new(0, address.len())),
            _ => exec::read_context(fetching, &mut io::stdin().lock()),
        };
        match brought.map_err(|error| failure(&typed, error))? {
            BroughtContext::Tree { root, keeps_owners } => {
                let context = context(&root, keeps_owners, fetching.settings.plain_modes);
                let (source, path) = self.dockerfile(&context, args)?;
                Subject::brought(source, path, Some(context), address, args, named_contexts)
            }
            BroughtContext::File(bytes) => {
                if let Some(file) = &args.file {
                    let (what, file) = (self.in_words(), file.display());
                    let refusal = Failure::usage(format_args!("{what} is a Dockerfile by itself, and has no `{file}`"));
                    return Err(refusal.with_help("leave -f out"));
                }
                let name = if matches!(self, Self::Stdin) { "<stdin>" } else { address };
                Subject::brought(SourceFile::new(name, bytes), None, None, address, args, named_contexts)
            }
        }
    }

    /// The Dockerfile of a context: from stdin, or one that lies in it. Links on the way stay in it.
    fn dockerfile(&self, context: &Context, args: &DockerfileArgs) -> Answer<(SourceFile, Option<PathBuf>)> {
        let named = match args.file.as_deref() {
            Some(file) if input::is_stdin(file) => return Ok((input::read(file)?, None)),
            file => file,
        };
        let candidates: Vec<&Path> = named.map_or_else(|| NAMES.map(Path::new).to_vec(), |named| vec![named]);
        for candidate in &candidates {
            let name = candidate.display().to_string();
            match context.read(&name) {
                Ok(bytes) => return Ok((SourceFile::new(name, bytes), Some(candidate.to_path_buf()))),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => {
                    let why = input::reason(&error);
                    return Err(Failure::usage(format_args!("cannot read `{name}` in {}: {why}", self.in_words())));
                }
            }
        }
        let what = match named {
            Some(named) => format!("`{}`", named.display()),
            None => "Dockerfile and no Containerfile".to_owned(),
        };
        Err(Failure::usage(format_args!("there is no {what} in {}", self.in_words())).with_help("-f names one in it"))
    }

    fn in_words(&self) -> &str {
        match self {
            Self::Address(address) | Self::Here(address) => address,
            Self::Stdin => "what came through stdin",
        }
    }
}

/// Fetches the Dockerfile at `address`, for a context here.
fn fetched_file(
    address: &str,
    args: &DockerfileArgs,
    named_contexts: BTreeSet<String>,
    fetching: &Fetching<'_>,
) -> Answer<Subject> {
    let typed = SourceFile::new("--file", address);
    match exec::fetch_context(fetching, address, Span::new(0, address.len())).map_err(|error| failure(&typed, error))? {
        BroughtContext::File(bytes) => Subject::fetched(address, bytes, args, named_contexts),
        BroughtContext::Tree { .. } => {
            let refusal = Failure::usage(format_args!("`{address}` is an archive, and no Dockerfile"));
            Err(refusal.with_help("an archive is a context: rplan build ADDRESS"))
        }
    }
}

fn context(root: &Path, keeps_owners: bool, plain_modes: bool) -> Context {
    let context = Context::of_archive(root, StatCache::in_memory());
    let context = if keeps_owners { context } else { context.with_root_as_owner() };
    if plain_modes { context.with_plain_modes() } else { context }
}
