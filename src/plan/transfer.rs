//! COPY and ADD: where the sources are and where they go.

use crate::model::{self, CopySource, Instruction, Remote, Word, path};
use crate::plan::history;
use crate::plan::planner::{Course, Done, Planner};
use crate::plan::{Add, Copy, Inline, Operation, Origin, Source, Transfer};
use crate::text::Spanned;

impl Planner<'_> {
    pub(super) fn copy(&mut self, course: &Course<'_>, instruction: &Instruction, copy: &model::Copy) -> Done {
        let keeps_parents = copy.parents.as_ref().is_some_and(|parents| parents.value);
        let (transfer, shown) = self.transfer(course, &copy.transfer, |text| match keeps_parents {
            true => Source::Path(with_pivot(text)),
            false => Source::Path(path::inside(text)),
        });
        let origin = match &copy.from {
            // What leads nowhere is a problem already.
            Some(_) => self.origin(instruction, 0, course.stage.id).unwrap_or(Origin::Context),
            None => Origin::Context,
        };
        let mut flags: Vec<String> = Vec::new();
        flags.extend(keeps_parents.then(|| "--parents".to_owned()));
        flags.extend(shown.flags);
        let created_by = history::transfer("COPY", &flags, &shown.sources, &shown.destination);
        Done::step(Operation::Copy(Copy { transfer, origin, parents: copy.parents.clone() }), created_by)
    }

    pub(super) fn add(&mut self, course: &Course<'_>, add: &model::Add) -> Done {
        let (transfer, shown) = self.transfer(course, &add.transfer, |text| match Remote::of(text) {
            Some(Remote::Url) => Source::Url(text.to_owned()),
            Some(Remote::Git) => Source::Git(text.to_owned()),
            None => Source::Path(path::inside(text)),
        });
        let checksum = add.checksum.as_ref().map(|word| Spanned::new(self.text(word), word.span()));
        let created_by = history::transfer("ADD", &shown.flags, &shown.sources, &shown.destination);
        let operation = Add { transfer, checksum, unpack: add.unpack.clone(), keep_git_dir: add.keep_git_dir.clone() };
        Done::step(Operation::Add(operation), created_by)
    }

    /// What both share, and how the history shows it.
    fn transfer(
        &mut self,
        course: &Course<'_>,
        transfer: &model::Transfer,
        source_of: impl Fn(&str) -> Source,
    ) -> (Transfer, Shown) {
        let mut sources = Vec::new();
        let mut shown = Shown::default();
        for source in &transfer.sources {
            let text = self.text(source.word());
            match source {
                CopySource::Path(word) => {
                    sources.push(Spanned::new(source_of(&text), word.span()));
                    shown.sources.push(text);
                }
                CopySource::Heredoc { heredoc, .. } => {
                    shown.sources.push(format!("<<{}", heredoc.name));
                    let inline = Inline { name: heredoc.name.clone(), content: text };
                    sources.push(Spanned::new(Source::Inline(inline), heredoc.span));
                }
            }
        }
        shown.destination = self.text(&transfer.destination);
        let owner = self.flag(transfer.chown.as_ref(), "chown", &mut shown);
        let mode = self.flag(transfer.chmod.as_ref(), "chmod", &mut shown);
        let transfer = Transfer {
            sources,
            destination: destination(course, &shown.destination),
            // With --chmod builders quietly make a plain copy.
            link: transfer.link.as_ref().is_some_and(|link| link.value) && mode.is_none(),
            owner,
            mode,
            exclude: transfer.exclude.clone(),
        };
        (transfer, shown)
    }

    /// The value of a flag; an empty one is as good as none.
    fn flag(&mut self, word: Option<&Word>, name: &str, shown: &mut Shown) -> Option<Spanned<String>> {
        let word = word?;
        let value = Some(self.text(word)).filter(|value| !value.is_empty())?;
        shown.flags.push(format!("--{name}={value}"));
        Some(Spanned::new(value, word.span()))
    }
}

/// How the history shows a transfer.
#[derive(Default)]
struct Shown {
    flags: Vec<String>,
    sources: Vec<String>,
    destination: String,
}

/// The destination from the root, with a slash at its end if it says that it is a directory.
fn destination(course: &Course<'_>, written: &str) -> String {
    let absolute = course.running.absolute(written);
    let is_directory = matches!(written, "" | ".") || written.ends_with('/') || written.ends_with("/.");
    match is_directory && absolute != "/" {
        true => absolute + "/",
        false => absolute,
    }
}

/// A source of `--parents`, cleaned on both sides of its pivot.
fn with_pivot(written: &str) -> String {
    match written.split_once("/./") {
        Some((base, kept)) => format!("{}/./{}", path::inside(base), path::inside(kept)),
        None => path::inside(written),
    }
}
