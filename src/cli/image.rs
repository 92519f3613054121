//! `rplan image`: the images in the store, without any build.

use std::collections::BTreeSet;
use std::io::Write;
use std::time::Instant;

use crate::cli::args::{AnswerFormatName, ImageArgs, ImageWhat, LsArgs, ProgressName, PullArgs, PushArgs};
use crate::cli::build::in_full;
use crate::cli::console::Console;
use crate::cli::exit::{Answer, Exit, Failure};
use crate::cli::formats;
use crate::cli::machine::Machine;
use crate::cli::registries::registries;
use crate::cli::rootless;
use crate::cli::watch::Watch;
use crate::event::{Event, Timed, millis};
use crate::exec;
use crate::exec::stored::{self, StoredImage};
use crate::model::image_ref::ImageRef;
use crate::oci::{self, Platform};
use crate::report::{ImageRow, LayerRow, write_images_json, write_images_text};
use crate::store::{Store, StoreError};
use crate::tree::Blame;

/// Does one of the things that can be done with images.
pub(super) fn run(args: &ImageArgs, console: &mut Console) -> Answer {
    let machine = Machine::read()?;
    match &args.what {
        ImageWhat::Ls(args) => list(&machine, args, console),
        ImageWhat::Tag { image, names } => {
            stored::name(&open(&machine)?, image, names).map_err(failure)?;
            Ok(Exit::Fine)
        }
        ImageWhat::Push(args) => push(&machine, args, console),
        ImageWhat::Pull(args) => pull(&machine, args, console),
        ImageWhat::Rm { images, force } => {
            rootless::enter(console)?;
            remove(&machine, images, *force, console)
        }
    }
}

fn open(machine: &Machine) -> Answer<Store> {
    Store::open(&machine.store).map_err(|error| failure(error.into()))
}

fn list(machine: &Machine, args: &LsArgs, console: &mut Console) -> Answer {
    let there = |error: StoreError| failure(error.into());
    let images = match Store::open_existing(&machine.store).map_err(there)? {
        Some(store) => stored::list(&store).map_err(failure)?,
        None => Vec::new(),
    };
    let rows: Vec<ImageRow> = images.iter().map(row).filter(|row| is_asked_for(row, &args.names)).collect();
    if console.quiet && args.formats.is_empty() {
        let digests: BTreeSet<String> = rows.iter().map(|row| row.digest.to_string()).collect();
        digests.iter().try_for_each(|digest| writeln!(console.out, "{digest}"))?;
        return Ok(Exit::Fine);
    }
    formats::write_all(&args.formats, AnswerFormatName::Pretty, console, |name, style, out| match name {
        AnswerFormatName::Pretty => write_images_text(&rows, style, out),
        AnswerFormatName::Json => write_images_json(&rows, out),
    })?;
    Ok(Exit::Fine)
}

/// Whether a row was asked for: everything, its name, or its name without the tag.
fn is_asked_for(row: &ImageRow, asked: &[String]) -> bool {
    let is_meant = |said: &String| {
        let Ok(said) = ImageRef::parse(said) else { return false };
        let repository = format!("{}/{}", said.registry(), said.repository());
        match (said.tag(), said.digest()) {
            (None, None) => row.repository == repository,
            _ => row.name == said.to_string(),
        }
    };
    asked.is_empty() || asked.iter().any(is_meant)
}

fn row(stored: &StoredImage) -> ImageRow {
    let name = stored.tag.name.clone();
    let parsed = ImageRef::parse(&name).ok();
    let repository = parsed.as_ref().map(|name| format!("{}/{}", name.registry(), name.repository()));
    let image = stored.image.as_ref();
    let layers = image.map(|image| image.layers.iter()).into_iter().flatten();
    let layers: Vec<LayerRow> = layers
        .map(|layer| LayerRow {
            media_type: layer.blob.media_type.clone(),
            digest: layer.blob.digest,
            size: layer.blob.size,
            diff_id: layer.diff_id,
        })
        .collect();
    ImageRow {
        familiar: parsed.as_ref().map_or_else(|| name.clone(), ImageRef::familiar),
        repository: repository.unwrap_or_else(|| name.clone()),
        tag: parsed.as_ref().and_then(|name| name.effective_tag().map(str::to_owned)),
        name,
        digest: stored.tag.manifest,
        config: stored.tag.config,
        platform: image.map(|image| image.config.platform.to_string()),
        created: image.and_then(|image| image.config.created.clone()),
        size: image.map(|image| {
            image.descriptor.size + image.config_descriptor.size + layers.iter().map(|layer| layer.size).sum::<u64>()
        }),
        layers,
    }
}

fn push(machine: &Machine, args: &PushArgs, console: &mut Console) -> Answer {
    let store = open(machine)?;
    let registries = registries(&machine.settings).map_err(failure)?;
    let pushed =
        watched(args.progress, console, |say| stored::push(&store, &registries, &args.image, &args.names, say))?;
    pushed.iter().try_for_each(|(name, digest)| writeln!(console.out, "{name}@{digest}"))?;
    Ok(Exit::Fine)
}

fn pull(machine: &Machine, args: &PullArgs, console: &mut Console) -> Answer {
    let platform = match &args.platform {
        Some(text) => text.parse().map_err(Failure::usage)?,
        None => Platform::host(),
    };
    let store = open(machine)?;
    let registries = registries(&machine.settings).map_err(failure)?;
    for name in &args.names {
        let pulled = watched(args.progress, console, |say| stored::pull(&store, &registries, name, &platform, say))?;
        let bare = pulled.name.split('@').next().unwrap_or(&pulled.name);
        writeln!(console.out, "{bare}@{}", pulled.digest)?;
        console.flush()?;
    }
    Ok(Exit::Fine)
}

fn remove(machine: &Machine, images: &[String], force: bool, console: &mut Console) -> Answer {
    let store = open(machine)?;
    let mut exit = Exit::Fine;
    // What is there goes, whatever else is not.
    for image in images {
        match stored::forget(&store, image, force) {
            Ok(names) => names.iter().try_for_each(|name| writeln!(console.out, "{name}"))?,
            Err(exec::Error::Oci(oci::Error::NotFound { .. })) if force => {}
            Err(error) => {
                let failed = failure(error).report(console);
                exit = exit.or(failed);
            }
        }
    }
    Ok(exit)
}

/// Does something that takes a while, and shows how far it is.
fn watched<T>(
    progress: ProgressName,
    console: &Console,
    work: impl FnOnce(&(dyn Fn(Event) + Sync)) -> exec::Result<T>,
) -> Answer<T> {
    let progress = if console.quiet { ProgressName::Quiet } else { progress };
    let watch = Watch::begin(progress, console.err_style);
    let begun = Instant::now();
    let say = |event| watch.show(&Timed { at_ms: millis(begun.elapsed()), event });
    let result = work(&say);
    say(Event::Finished { succeeded: result.is_ok() });
    watch.end();
    result.map_err(failure)
}

/// Why it could not be done.
fn failure(error: exec::Error) -> Failure {
    match error.blame() {
        Blame::Input => Failure::no(in_full(&error)),
        _ => Failure::environment(in_full(&error)),
    }
}
