//! `rplan optimize --all`: what could be done to every Dockerfile of a repository, and writing it when told.
//!
//! Dockerfiles that share a context share its ignore file: a line that one of them proposes is written only if all of
//! them do, since the others may need what it leaves out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::cli::args::{OptimizeArgs, OptimizeFormatName};
use crate::cli::console::Console;
use crate::cli::earlier::{LastBuild, recall};
use crate::cli::exit::{Answer, Exit};
use crate::cli::formats;
use crate::cli::ignored::IgnoreFile;
use crate::cli::optimize::{Optimized, costs, found, put, view};
use crate::cli::subject::Subject;
use crate::cli::subjects::Subjects;
use crate::cli::wanted::Wanted;
use crate::plan::stale::Builder;
use crate::report::{OptimizeView, write_all_json, write_all_text, write_patch};
use crate::rewrite::{Costs, Proposal, applied};

/// Shows, checks or writes the proposals for every Dockerfile.
pub(super) fn run(args: &OptimizeArgs, console: &mut Console) -> Answer {
    let subjects = Subjects::below(&args.dockerfile, (!args.diff).then_some(args.commits), console)?;
    let wanted = Wanted::of(args)?;
    let files = subjects.found.into_iter().map(|(_, subject)| File::of(subject, args, &wanted));
    let mut files = files.collect::<Answer<Vec<File>>>()?;
    let agreed = agreed(&files);
    files.iter_mut().try_for_each(|file| file.agree(&agreed, &wanted))?;
    let ignored = ignore_files(&files);
    let changes = files.iter().any(File::changes) || !ignored.is_empty();
    if args.write {
        ignored.iter().try_for_each(IgnoreFile::write)?;
        files.iter().try_for_each(|file| put(&file.subject, &file.after()))?;
    }
    if args.diff {
        for file in &files {
            let (style, out) = (console.out_style, &mut console.out);
            write_patch(file.subject.source.name(), file.subject.source.bytes(), &file.after(), style, out)?;
        }
        ignored.iter().try_for_each(|ignored| ignored.write_patch(console))?;
    } else if !(args.check && console.quiet) {
        show(&files, args, console)?;
    }
    Ok(subjects.exit.or(if args.check && changes { Exit::No } else { Exit::Fine }))
}

fn show(files: &[File], args: &OptimizeArgs, console: &mut Console) -> Answer<()> {
    let is_written: Vec<_> =
        files.iter().map(|file| |proposal: &Proposal| file.optimized.writable.has_like(proposal)).collect();
    let views = files.iter().zip(&is_written).map(|(file, is_written)| {
        let File { subject, last_build, costs, optimized } = file;
        let view = view(subject, last_build.as_ref(), costs, &optimized.proposals, is_written);
        OptimizeView { written: args.write && file.changes(), is_one_of_many: true, ..view }
    });
    let views: Vec<OptimizeView> = views.collect();
    formats::write_all(&args.formats, OptimizeFormatName::Pretty, console, |name, style, out| match name {
        OptimizeFormatName::Pretty => write_all_text(&views, style, out),
        OptimizeFormatName::Json => write_all_json(&views, out),
    })
}

/// A Dockerfile with what is proposed for it.
struct File {
    subject: Subject,
    last_build: Option<LastBuild>,
    costs: Costs,
    optimized: Optimized,
}

impl File {
    fn of(mut subject: Subject, args: &OptimizeArgs, wanted: &Wanted) -> Answer<Self> {
        let last_build = recall(&mut subject, None, None)?;
        let costs = costs(&subject, last_build.as_ref(), args.builder.map(Builder::from))?;
        let optimized = found(&subject, &costs, wanted, &|_| true)?;
        Ok(Self { subject, last_build, costs, optimized })
    }

    /// Takes back what rests on lines of an ignore file that not all agree on.
    fn agree(&mut self, agreed: &BTreeMap<PathBuf, BTreeSet<String>>, wanted: &Wanted) -> Answer<()> {
        let Some(lines) = IgnoreFile::of(&self.subject).and_then(|file| agreed.get(file.path())) else { return Ok(()) };
        let is_agreed = |proposal: &Proposal| proposal.ignored.iter().all(|line| lines.contains(line));
        if !self.optimized.writable.moves.iter().all(is_agreed) {
            self.optimized = found(&self.subject, &self.costs, wanted, &is_agreed)?;
        }
        Ok(())
    }

    fn after(&self) -> Vec<u8> {
        applied(self.subject.source.bytes(), &self.optimized.writable.moves)
    }

    fn changes(&self) -> bool {
        !self.optimized.writable.moves.is_empty()
    }

    fn ignored(&self) -> BTreeSet<String> {
        self.optimized.writable.moves.iter().flat_map(|proposal| proposal.ignored.iter().cloned()).collect()
    }
}

/// For each ignore file the lines that every Dockerfile under it proposes.
fn agreed(files: &[File]) -> BTreeMap<PathBuf, BTreeSet<String>> {
    let mut agreed: BTreeMap<PathBuf, BTreeSet<String>> = BTreeMap::new();
    for file in files {
        let Some(path) = IgnoreFile::of(&file.subject).map(|ignored| ignored.path().to_owned()) else { continue };
        let lines = file.ignored();
        agreed.entry(path).and_modify(|all| all.retain(|line| lines.contains(line))).or_insert(lines);
    }
    agreed
}

/// The ignore files that are others afterwards, by their paths.
fn ignore_files(files: &[File]) -> Vec<IgnoreFile> {
    let mut all: BTreeMap<PathBuf, IgnoreFile> = BTreeMap::new();
    for file in files {
        let Some(own) = IgnoreFile::of(&file.subject) else { continue };
        let known = all.remove(own.path()).unwrap_or(own).with(&file.optimized.writable.moves);
        all.insert(known.path().to_owned(), known);
    }
    all.into_values().filter(IgnoreFile::changes).collect()
}
