//! The build from end to end: prepare, drain, finish.

use std::collections::BTreeMap;
use std::sync::mpsc::channel;
use std::time::Instant;

use rayon::{ThreadPool, ThreadPoolBuilder};

use super::cache::files_of;
use super::drain::{Post, drain};
use super::durations;
use super::error::{Error, Result};
use super::finish::{assemble, full_names, keep, made, packed_layers};
use super::floor::Floor;
use super::foreman::{Build, Earlier, Ended, Findings, LAYERS, Order, STEPS, in_full, lineage};
use super::last_build::{self, BuildRecord, BuiltStep, last_build};
use super::layers::{Packing, layer_of};
use super::output::{Finished, check};
use super::perform::{Site, perform};
use super::portable::{CacheExport, Exported, Imports, export_steps};
use super::prepare::{Prepared, prepare};
use super::request::{ImageFormat, Made, Outcome, Request, Settings, Tools, Written};
use crate::digest::Digest;
use crate::event::{Event, StepNumber, Timed, millis};
use crate::plan::{Planned, StepId};

/// How many layers are read at the same time; each is compressed on as many threads as there are.
const PACKERS: usize = 2;

/// Builds what `request` asks for. Events are told as they happen, the last one in any case.
///
/// A step that fails is no error but part of the outcome: whatever was made before it is kept.
pub fn build(request: &Request, tools: Tools<'_>, listener: &mut dyn FnMut(Timed)) -> Result<Outcome> {
    let begun = Instant::now();
    let built = build_and_tell(request, tools, begun, listener);
    let succeeded = built.as_ref().is_ok_and(|outcome| outcome.failure.is_none());
    listener(Timed { at_ms: millis(begun.elapsed()), event: Event::Finished { succeeded } });
    // What was kept outlives a power failure only once it is on disk; a build that failed keeps its steps too.
    let settled = tools.store.snapshots.settle();
    let outcome = built?;
    settled?;
    Ok(outcome)
}

fn build_and_tell(
    request: &Request,
    tools: Tools<'_>,
    begun: Instant,
    listener: &mut dyn FnMut(Timed),
) -> Result<Outcome> {
    let names = full_names(&request.outputs.names)?;
    for Written { output, .. } in &request.outputs.written {
        check(output, tools.registries.is_some())?;
    }
    let mut tell = |event| listener(Timed { at_ms: millis(begun.elapsed()), event });
    let Prepared { planned, epoch, images, trees, facts } = prepare(request, tools, &mut tell)?;
    tools.backend.ready().map_err(Error::io("run the steps of a build"))?;
    let settings = &Settings { epoch, ..request.settings.clone() };
    let pool = ThreadPoolBuilder::new()
        .num_threads(settings.cores.max(1))
        .thread_name(|number| format!("pack-{number}"))
        .build()
        .map_err(|error| Error::io("start threads")(std::io::Error::other(error)))?;
    let mut formats =
        request.outputs.written.iter().filter_map(|written| written.format.as_ref()).chain([&settings.format]);
    // A time that is gone cannot come back for the one output that wants it.
    let newest = settings.epoch.filter(|_| formats.all(|format| format.rewrites_times));
    let imports = Imports::new(tools.store, tools.registries, &request.settings.cache_from);
    let site = Site {
        planned: &planned,
        tools,
        settings,
        context: request.context.as_deref(),
        images: &images,
        trees: &trees,
        newest,
        pool: &pool,
        imports: &imports,
        floor: Floor::default(),
    };
    let last = last_build(tools.store, &request.identity)?;
    let old = last.as_ref().map(BuildRecord::step_records).unwrap_or_default();
    let lists = |list: &Digest| files_of(tools.store, list);
    let earlier = Earlier { build: last.as_ref(), records: &old, lists: &lists };
    let mut foreman = Build::new(&planned, settings, tools.cancel, earlier, begun, listener);
    let pruned = last.as_ref().map(|last| tools.store.first_prune_since(last.at)).transpose()?.flatten();
    if let Some(time) = pruned.and_then(|pruned| jiff::Timestamp::from_second(pruned).ok()) {
        foreman.pruned_on = jiff::tz::Offset::UTC.to_datetime(time).date().to_string();
    }
    foreman.announce();
    let mut lanes = [0; 2];
    (lanes[STEPS], lanes[LAYERS]) = (settings.jobs, PACKERS);
    drain(&mut foreman, &lanes, &|order, post| work(&site, order, post));
    imports.notes().into_iter().for_each(|note| foreman.tell(Event::Noted { note }));

    let mut findings = std::mem::take(&mut foreman.findings);
    findings.steps.sort_by_key(|result| result.step);
    if let Some(error) = findings.error {
        return Err(error);
    }
    if findings.failure.is_some() {
        let record = BuildRecord { image: None, bases: facts, ..record(foreman.record(), begun) };
        last_build::remember(tools.store, &request.identity, &record)?;
        return Ok(outcome(planned, findings, None, begun));
    }
    if !foreman.is_done() {
        return Err(Error::Cancelled);
    }
    let chain = foreman.chain(planned.target_stage().filesystem);
    let assembled = |layers, format: &ImageFormat| assemble(&planned, &images, layers, &findings, settings, format);
    let image = assembled(packed_layers(&chain, &findings), &settings.format);
    keep(tools.store, &image, &chain, &names)?;
    let result = made(&image, &names, &findings, &chain);
    foreman.tell(Event::ImageMade { digest: result.digest, size: result.size, names: result.names.clone() });

    let finished = Finished { store: tools.store, image: &image, names: &names, chain: &chain, newest: settings.epoch };
    for Written { output, format } in &request.outputs.written {
        let other = match format {
            Some(format) if *format != settings.format => {
                let layers = chain.prefixes().map(|prefix| {
                    layer_of(tools.store, &prefix, packing(format, settings, &pool), &|_| {}).map(|packed| packed.layer)
                });
                Some(assembled(layers.collect::<Result<_>>()?, format))
            }
            _ => None,
        };
        let finished = Finished { image: other.as_ref().unwrap_or(&image), ..finished };
        let told = watching(&mut foreman, |say| finished.write(output, tools.registries, say))?;
        told.into_iter().for_each(|output| foreman.tell(Event::Written { output }));
    }
    if request.outputs.load {
        let output = finished.load()?;
        foreman.tell(Event::Written { output });
    }
    let steps = foreman.record();
    for to in &settings.cache_to {
        let exported = export(&site, &steps, to);
        match exported {
            Ok(Exported { steps, mounts, bytes, notes }) => {
                notes.into_iter().for_each(|note| foreman.tell(Event::Noted { note }));
                let mounts = if mounts == 0 { String::new() } else { format!(", cache mounts: {mounts}") };
                let output = format!("step cache {} (steps: {steps}{mounts}, {bytes} bytes)", to.place);
                foreman.tell(Event::Written { output });
            }
            Err(error) if to.is_required => return Err(error),
            Err(error) => {
                let note = format!("the step cache was not written to {}: {}", to.place, in_full(&error));
                foreman.tell(Event::Noted { note });
            }
        }
    }
    durations::note(tools.store, &planned, &steps)?;
    let record = BuildRecord { image: Some(image.digest()), bases: facts, ..record(steps, begun) };
    last_build::remember(tools.store, &request.identity, &record)?;
    Ok(outcome(planned, findings, Some(result), begun))
}

/// What is remembered of a build that is over now.
fn record(steps: Vec<BuiltStep>, begun: Instant) -> BuildRecord {
    let (at, took_ms) = (jiff::Timestamp::now().as_second(), millis(begun.elapsed()));
    BuildRecord { at, took_ms, image: None, bases: BTreeMap::new(), steps }
}

/// Lets the foreman tell what `work` says while it is at work.
fn watching<T: Send>(foreman: &mut Build<'_>, work: impl FnOnce(&(dyn Fn(Event) + Sync)) -> T + Send) -> T {
    let (sender, events) = channel();
    std::thread::scope(|scope| {
        let working = scope.spawn(move || {
            work(&|event| {
                // The foreman listens until the work is done.
                let _ = sender.send(event);
            })
        });
        events.into_iter().for_each(|event| foreman.tell(event));
        working.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// How layers are packed for images of this form.
fn packing<'a>(format: &ImageFormat, settings: &Settings, pool: &'a ThreadPool) -> Packing<'a> {
    let ImageFormat { compression, recompresses_base, rewrites_times, .. } = *format;
    Packing { newest: settings.epoch.filter(|_| rewrites_times), compression, recompresses_base, pool }
}

/// Writes results of this build to a cache for other machines.
fn export(site: &Site<'_>, steps: &[BuiltStep], to: &CacheExport) -> Result<Exported> {
    let of_image = lineage(site.planned);
    let numbered = steps.iter().enumerate();
    let wanted = numbered.filter(|(number, _)| to.is_max || of_image.contains(&StepId(*number)));
    let packing = packing(&site.settings.format, site.settings, site.pool);
    let keys = wanted.filter_map(|(_, step)| step.record.key);
    export_steps(site.tools.store, keys, to, packing, site.tools.registries)
}

fn outcome(planned: Planned, findings: Findings, image: Option<Made>, begun: Instant) -> Outcome {
    let Findings { steps, failure, also_failed, .. } = findings;
    Outcome { planned, steps, image, failure, also_failed, took: begun.elapsed() }
}

/// What a worker does with an order.
fn work(site: &Site<'_>, order: Order, post: &Post<Build<'_>>) -> Ended {
    match order {
        Order::Step(order) => {
            let say = |event| post.say((Instant::now(), event));
            let ended = perform(site, &order, &say);
            Ended::Step(order.step, ended)
        }
        Order::Layer(step, chain) => {
            let packing = packing(&site.settings.format, site.settings, site.pool);
            let total = chain.top().map_or(0, |top| top.size);
            let moved = |done| {
                let event = Event::LayerMoved { step: StepNumber(step.0), done, total };
                post.say((Instant::now(), event));
            };
            let packed = layer_of(site.tools.store, &chain, packing, &moved);
            Ended::Layer(step, chain, packed)
        }
    }
}
