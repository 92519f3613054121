//! What an edit of one file costs: the context of today with a line more in it, built after the context of today.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use super::bench::{Attempt, Bench, Built, Job};
use super::error::{Error, Result};
use super::noise::Noise;
use super::standard::{Allowed, Judgement, Standard, judge};
use super::trial::SERIES;
use crate::exec::Fresh;
use crate::model::{Model, Resolved};
use crate::rewrite::{Difference, Edit, Outlook, Sides};
use crate::text::SourceFile;
use crate::tree::copy::{Arrival, copy};
use crate::tree::select::SourceTree;
use crate::tree::{Entry, Root};
use crate::workspace::Context;

/// A file that passed, and what building it left.
pub struct Sound<'a> {
    /// The file.
    pub resolved: &'a Resolved,
    /// What building it left.
    pub built: &'a Built,
    /// What it may change.
    pub allowed: Allowed<'a>,
    /// Its ignore rules, where they are not those of today.
    pub rules: Option<SourceFile>,
}

/// Builds the original and what passed after an edit of the file that `outlook` speaks of, and compares the two. Nothing
/// where the original does not build with such an edit.
pub fn try_edit(
    bench: &mut Bench<'_>,
    standard: &Standard,
    sound: &Sound<'_>,
    outlook: &Outlook,
) -> Result<Option<Edit>> {
    let original = bench.original;
    let Some(context) = &original.context else { return Ok(None) };
    let file = &outlook.edited;
    let room = tempfile::tempdir().map_err(Error::io("make a directory for an edited build context"))?;
    let edited = edited(context, room.path(), file)?;
    let Some(before) = build(bench, &original.model, &edited, file, "original")? else { return Ok(None) };
    let narrowed = match &sound.rules {
        Some(rules) => Arc::new(edited.taken_alike(edited.root(), Some(rules.clone()))?),
        None => edited,
    };
    let after = build(bench, &sound.resolved.model, &narrowed, file, SERIES)?;
    let judgement = match &after {
        Some(after) => compare(bench, &standard.noise, sound.allowed, &before, after)?,
        None => {
            let what = "does not build, and the original does".to_owned();
            let differences = vec![Difference { place: format!("an edit of {file}"), what }];
            Judgement { differences, count: 1, declared: 0 }
        }
    };
    Ok(Some(Edit {
        file: file.clone(),
        predicted: Sides { original: outlook.edit.0, rewritten: Some(outlook.edit.1) },
        origin: outlook.origin,
        measured: Sides {
            original: before.after(Some(&standard.built)),
            rewritten: after.map(|after| after.after(Some(sound.built))),
        },
        differences: judgement.differences,
        count: judgement.count,
    }))
}

fn compare(bench: &Bench<'_>, noise: &Noise, allowed: Allowed<'_>, before: &Built, after: &Built) -> Result<Judgement> {
    let (old, new) = (bench.survey(before, None)?, bench.survey(after, None)?);
    Ok(judge(noise, allowed, (&old, &before.image.config), (&new, &after.image.config)))
}

fn build(
    bench: &mut Bench<'_>,
    model: &Model,
    context: &Arc<Context>,
    file: &str,
    series: &str,
) -> Result<Option<Box<Built>>> {
    let title = format!("the {series} file after an edit of {file}");
    let (context, fresh) = (Some(Arc::clone(context)), Fresh::Nothing);
    let job = Job { title: &title, model, context, fresh, series: Some(series), store: None };
    match bench.build(&job)? {
        Attempt::Built(built) => Ok(Some(built)),
        Attempt::Failed(_) => Ok(None),
    }
}

/// A copy of a context below `room` in which one file has a line more.
fn edited(context: &Context, room: &Path, file: &str) -> Result<Arc<Context>> {
    let root = Root::open(context.root())?;
    let verdict = |entry: &Entry| context.verdict(entry);
    let tree = SourceTree::of_context(&root, &verdict);
    copy(&tree, &tree.select(".")?, &Root::open(room)?, "/", &Arrival::default())?;
    let failed = Error::io("edit a file of a copy of the build context");
    let open = || OpenOptions::new().append(true).open(room.join(file));
    open().and_then(|mut file: File| file.write_all(b"\n")).map_err(failed)?;
    // What the rules leave out is not there any more.
    Ok(Arc::new(context.taken_alike(room, None)?))
}
