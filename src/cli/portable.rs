//! `rplan cache export` and `rplan cache import`, and what a build is told of caches elsewhere.

use serde_json::json;

use crate::cli::args::{AnswerFormatName, PortableArgs, PortableMounts, PortablePlace, PortableSpec};
use crate::cli::build::in_full;
use crate::cli::console::Console;
use crate::cli::exit::{Answer, Exit, Failure};
use crate::cli::formats;
use crate::cli::machine::Machine;
use crate::cli::registries::registries;
use crate::exec::{self, CacheExport, CacheImport, CacheMounts, CachePlace, export_store, import_store};
use crate::report::{counted, write_carried_json};
use crate::store::Store;
use crate::tree::Blame;

/// `--cache-from`
pub(super) fn import(spec: &PortableSpec) -> CacheImport {
    CacheImport { place: place(spec), mounts: mounts(spec) }
}

/// `--cache-to`
pub(super) fn export(spec: &PortableSpec) -> CacheExport {
    let PortableSpec { is_max, is_required, .. } = *spec;
    CacheExport { place: place(spec), is_max, mounts: mounts(spec), is_required }
}

fn place(spec: &PortableSpec) -> CachePlace {
    match &spec.place {
        PortablePlace::Local(path, tag) => CachePlace::Directory { path: path.clone(), tag: tag.clone() },
        PortablePlace::Registry(reference) => CachePlace::Registry(reference.clone()),
    }
}

fn mounts(spec: &PortableSpec) -> CacheMounts {
    match &spec.mounts {
        PortableMounts::None => CacheMounts::None,
        PortableMounts::All => CacheMounts::All,
        PortableMounts::Called(ids) => CacheMounts::Called(ids.clone()),
    }
}

/// Exports what the store has.
pub(super) fn send(args: &PortableArgs<'_>, console: &mut Console) -> Answer {
    let machine = Machine::read()?;
    let store = Store::open(&machine.store).map_err(|error| refused(error.into()))?;
    let registries = registries(&machine.settings).map_err(refused)?;
    let place = place(args.place);
    let sent = export_store(&store, &place, &mounts(args.place), Some(&registries)).map_err(refused)?;
    sent.notes.iter().for_each(|note| console.note(note));
    tell("cache export", &place, (sent.steps, sent.mounts, sent.bytes), args, console)
}

/// Imports what a cache has.
pub(super) fn bring(args: &PortableArgs<'_>, console: &mut Console) -> Answer {
    let machine = Machine::read()?;
    let store = Store::open(&machine.store).map_err(|error| refused(error.into()))?;
    let registries = registries(&machine.settings).map_err(refused)?;
    let place = place(args.place);
    let brought = import_store(&store, &place, &mounts(args.place), Some(&registries)).map_err(refused)?;
    tell("cache import", &place, (brought.steps, brought.mounts, brought.bytes), args, console)
}

fn tell(
    command: &'static str,
    place: &CachePlace,
    (steps, mounts, bytes): (usize, usize, u64),
    args: &PortableArgs<'_>,
    console: &mut Console,
) -> Answer {
    let document = json!({ "place": place.to_string(), "steps": steps, "cache_mounts": mounts, "bytes": bytes });
    let words = format!("{place}: {}, {}, {bytes} bytes", counted(steps, "step"), counted(mounts, "cache mount"));
    formats::write_all(args.formats, AnswerFormatName::Pretty, console, |name, _, out| match name {
        AnswerFormatName::Pretty => writeln!(out, "{words}"),
        AnswerFormatName::Json => write_carried_json(command, &document, out),
    })?;
    Ok(Exit::Fine)
}

fn refused(error: exec::Error) -> Failure {
    match error.blame() {
        Blame::Input => Failure::usage(in_full(&error)),
        Blame::Environment | Blame::Internal => Failure::environment(in_full(&error)),
    }
}
