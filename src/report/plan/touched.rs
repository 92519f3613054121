//! Which images of a repository a change touches: for people, as names for a CI matrix, and as JSON.

use std::io;

use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use super::named;
use crate::plan::critical::Cost;
use crate::report::context::{ContextEntry, ContextNote};
use crate::report::count::{counted, time};
use crate::report::envelope;
use crate::report::style::{Style, Tone};

/// The images that change.
#[derive(Debug, Clone)]
pub struct TouchedView {
    /// They, in the order of their names.
    pub images: Vec<TouchedImage>,
    /// Of how many.
    pub of: usize,
    /// Since which commit.
    pub revision: String,
}

/// One of them.
#[derive(Debug, Clone)]
pub struct TouchedImage {
    /// What people call it.
    pub name: String,
    /// Its Dockerfile.
    pub dockerfile: String,
    /// Its build context.
    pub context: ContextNote,
    /// How many steps it has.
    pub steps: usize,
    /// How many of them run.
    pub runs: usize,
    /// How many besides may run.
    pub may_run: usize,
    /// How long the longest chain of those takes.
    pub takes: Cost,
    /// The changed files that it begins with.
    pub because: Vec<String>,
}

/// Writes it for people.
pub fn write_touched_text(view: &TouchedView, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let rows: Vec<[String; 3]> = view.images.iter().map(cells).collect();
    let widest = |column: usize| rows.iter().map(|row| row[column].width()).max().unwrap_or(0);
    let (name, steps, takes) = (widest(0), widest(1), widest(2));
    for (row, image) in rows.iter().zip(&view.images) {
        let pad = |text: &str, width: usize| " ".repeat(width - text.width());
        let line = format!(
            "{}{}   {}{}   {}{}   {}",
            style.paint(Tone::Strong, &row[0]),
            pad(&row[0], name),
            row[1],
            pad(&row[1], steps),
            pad(&row[2], takes),
            row[2],
            style.plain(&named(&image.because))
        );
        writeln!(out, "{}", line.trim_end())?;
    }
    let (of, revision) = (counted(view.of, "image"), &view.revision);
    match view.images.len() {
        0 => writeln!(out, "None of {of} changes since {revision}."),
        1 => writeln!(out, "1 of {of} changes. For a CI matrix: --format names"),
        count => writeln!(out, "{count} of {of} change. For a CI matrix: --format names"),
    }
}

fn cells(image: &TouchedImage) -> [String; 3] {
    let takes = match image.takes {
        Cost::Measured(took) => time(took),
        Cost::Estimated(takes) => format!("~{}", time(takes)),
        Cost::Unknown => String::new(),
    };
    let live = image.runs + image.may_run;
    [image.name.clone(), format!("{live} of {}", counted(image.steps, "step")), takes]
}

/// Writes one name a line.
pub fn write_touched_names(view: &TouchedView, out: &mut dyn io::Write) -> io::Result<()> {
    view.images.iter().try_for_each(|image| writeln!(out, "{}", image.name))
}

#[derive(Serialize)]
struct Document<'a> {
    since: &'a str,
    of: usize,
    images: Vec<Image<'a>>,
}

#[derive(Serialize)]
struct Image<'a> {
    name: &'a str,
    file: &'a str,
    context: Option<ContextEntry<'a>>,
    steps: usize,
    runs: usize,
    may_run: usize,
    seconds: Option<f64>,
    seconds_are: Option<&'static str>,
    because: &'a [String],
}

/// Writes it as JSON, in rplan's envelope: `images` is what a CI matrix includes.
pub fn write_touched_json(view: &TouchedView, out: &mut dyn io::Write) -> io::Result<()> {
    let images = view.images.iter().map(|image| Image {
        name: &image.name,
        file: &image.dockerfile,
        context: image.context.entry(),
        steps: image.steps,
        runs: image.runs,
        may_run: image.may_run,
        seconds: image.takes.time().map(|time| time.as_secs_f64()),
        seconds_are: match image.takes {
            Cost::Measured(_) => Some("measured"),
            Cost::Estimated(_) => Some("estimated"),
            Cost::Unknown => None,
        },
        because: &image.because,
    });
    let document = Document { since: &view.revision, of: view.of, images: images.collect() };
    envelope::write("plan", &document, out)
}
