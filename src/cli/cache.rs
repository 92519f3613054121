//! `rplan cache`: what is kept between builds, counted and removed.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::cli::args::{AnswerFormatName, CacheArgs, CacheWhat, DuArgs, PruneArgs, PruneKind};
use crate::cli::build::in_full;
use crate::cli::console::Console;
use crate::cli::exit::{Answer, Exit, Failure};
use crate::cli::machine::Machine;
use crate::cli::moment::written;
use crate::cli::rootless;
use crate::cli::{formats, portable};
use crate::report::{
    ItemUsage, KindUsage, PrunedView, UsageView, write_pruned_json, write_pruned_text, write_usage_json,
    write_usage_text,
};
use crate::store::{Collector, Held, Rules, Scope, Shelf, Store, StoreError};

/// Shows or prunes the cache.
pub(super) fn run(args: &CacheArgs, console: &mut Console) -> Answer {
    // What steps of an ordinary user left belongs to ids that only the namespace can read and remove.
    rootless::enter(console)?;
    match &args.what {
        CacheWhat::Du(args) => show(args, console),
        CacheWhat::Prune(args) => prune(args, console),
        CacheWhat::Export(args) => portable::send(&args.portable(), console),
        CacheWhat::Import(args) => portable::bring(&args.portable(), console),
    }
}

fn show(args: &DuArgs, console: &mut Console) -> Answer {
    let place = Machine::read()?.store;
    let store = Store::open_existing(&place).map_err(refused)?;
    let held = store.map_or(Ok(Vec::new()), |store| store.usage()).map_err(refused)?;
    let kinds = [
        (Shelf::Snapshots, "snapshots"),
        (Shelf::Blobs, "blobs"),
        (Shelf::Records, "records"),
        (Shelf::CacheMounts, "cache mounts"),
        (Shelf::Images, "images"),
        (Shelf::KeptRoots, "kept roots"),
    ];
    let kinds = kinds.map(|(shelf, kind)| KindUsage {
        kind,
        is_counted_elsewhere: shelf == Shelf::Images,
        items: held.iter().filter(|held| held.shelf == shelf).map(item).collect(),
    });
    let view = UsageView { store: place.display().to_string(), kinds: kinds.into() };
    let each = console.verbosity > 0;
    formats::write_all(&args.formats, AnswerFormatName::Pretty, console, |name, style, out| match name {
        AnswerFormatName::Pretty => write_usage_text(&view, each, style, out),
        AnswerFormatName::Json => write_usage_json(&view, out),
    })?;
    Ok(Exit::Fine)
}

fn item(held: &Held) -> ItemUsage {
    let used_at = held.used.map(seconds);
    ItemUsage {
        name: held.name.clone(),
        size: held.size,
        used: used_at.map(|at| (at, written(at))),
        used_at,
        in_image: held.is_of_image,
    }
}

fn seconds(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

fn prune(args: &PruneArgs, console: &mut Console) -> Answer {
    let place = Machine::read()?.store;
    let view = match seize(&place, args.wait, console)? {
        Some(collector) => {
            let swept = collector.prune(&rules(args)).map_err(refused)?;
            PrunedView {
                snapshots: swept.snapshots,
                blobs: swept.blobs,
                records: swept.records,
                cache_mounts: swept.caches,
                kept_roots: swept.kept,
                bytes: swept.bytes,
            }
        }
        None if Store::open_existing(&place).map_err(refused)?.is_none() => PrunedView::default(),
        None => {
            let message = format!("{} is in use, so nothing was removed", place.display());
            return Err(Failure::environment(message).with_help("`--wait` waits until the builds that use it are over"));
        }
    };
    formats::write_all(&args.formats, AnswerFormatName::Pretty, console, |name, _, out| match name {
        AnswerFormatName::Pretty => write_pruned_text(&view, out),
        AnswerFormatName::Json => write_pruned_json(&view, out),
    })?;
    Ok(Exit::Fine)
}

/// The store for oneself; none while somebody uses it who is not waited for, or where there is none.
fn seize(place: &Path, waits: bool, console: &mut Console) -> Answer<Option<Collector>> {
    match Collector::seize(place).map_err(refused)? {
        None if waits && Store::open_existing(place).map_err(refused)?.is_some() => {
            console.note(format_args!("waits until no build uses {}", place.display()));
            Collector::await_turn(place).map_err(refused)
        }
        seized => Ok(seized),
    }
}

fn rules(args: &PruneArgs) -> Rules {
    // An age that reaches back before there was time is one that nothing has.
    let limit = args.older_than.map(|age| SystemTime::now().checked_sub(age).unwrap_or(UNIX_EPOCH));
    Rules {
        unused_since: limit,
        keep_size: args.keep_size,
        all: args.all,
        scope: match args.only {
            _ if !args.mounts.is_empty() => Scope::Called(args.mounts.clone()),
            None => Scope::Everything,
            Some(PruneKind::Steps) => Scope::Steps,
            Some(PruneKind::CacheMounts) => Scope::CacheMounts,
        },
    }
}

fn refused(error: StoreError) -> Failure {
    Failure::environment(in_full(&error))
}
