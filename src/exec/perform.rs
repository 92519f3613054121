//! Performing one step: its inputs, its key, its result from the cache, or the work.
//!
//! Runs on a worker's thread, which has mounts of its own. Knows the step, the chains it works on and nothing of the
//! other steps; what it says goes through `say`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rayon::ThreadPool;

use super::backend::Cancel;
use super::cache::{self, Hit, Memory};
use super::chain::Chain;
use super::commit::commit;
use super::error::{Error, Result};
use super::floor::Floor;
use super::images::BaseImage;
use super::origin::{Fetched, Origin, with_chain, with_trees};
use super::overlay::{Mounted, Stack};
use super::portable::Elsewhere;
use super::remote::{self, Fetcher};
use super::request::{Cause, Failure, Fresh, Settings, Tools};
use super::transfer::{Delivery, Unpacks, exclusion, records, select, verdict};
use super::{base, restack};
use crate::digest::Digest;
use crate::event::{Ending, Event, StepNumber};
use crate::plan::files::FileList;
use crate::plan::key::{self, InputDigest};
use crate::plan::{self, Filesystem, Input, Operation, Planned, Step, StepId, Transfer, Workdir};
use crate::store::{KeyLock, Scratch, Store};
use crate::text::Spanned;
use crate::tree::accounts::Accounts;
use crate::tree::copy::Arrival;
use crate::tree::mode::ModeChange;
use crate::tree::record;
use crate::tree::{NewDirectory, Root};
use crate::workspace::Context;

/// How often a step looks whether another thread or process has made what it needs.
pub(super) const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// What all workers share.
pub(super) struct Site<'a> {
    pub(super) planned: &'a Planned,
    pub(super) tools: Tools<'a>,
    pub(super) settings: &'a Settings,
    pub(super) context: Option<&'a Context>,
    /// By reference written out in full, and platform.
    pub(super) images: &'a BTreeMap<(String, String), BaseImage<'a>>,
    /// The named contexts that are nothing but files, by reference written out in full.
    pub(super) trees: &'a BTreeMap<String, Context>,
    /// No time in what is made is later than this.
    pub(super) newest: Option<i64>,
    /// Digests and compresses.
    pub(super) pool: &'a ThreadPool,
    /// Results from other machines.
    pub(super) imports: &'a dyn Elsewhere,
    /// Below the roots of steps.
    pub(super) floor: Floor,
}

/// A step that can begin.
pub(super) struct StepOrder {
    pub(super) step: StepId,
    /// What it changes.
    pub(super) below: Chain,
    /// Where it takes files from, one for each input of files; none where that is the build context.
    pub(super) origins: Vec<Option<Chain>>,
}

/// How a step ended.
pub(super) enum StepEnd {
    /// With a result.
    Kept(Kept),
    /// Without.
    Failed(Failure, Duration),
}

/// How COPY and ADD differ.
#[derive(Default)]
struct Manner<'a> {
    /// The ADD, which may fetch what it takes.
    add: Option<&'a plan::Add>,
    /// Which archives are unpacked.
    unpacks: Unpacks,
    /// Whether what is copied keeps the directories it is in: `--parents`.
    keeps_parents: bool,
}

/// The result of a step.
pub(super) struct Kept {
    pub(super) chain: Chain,
    pub(super) ending: Ending,
    pub(super) took: Duration,
    /// When it was made, in seconds since 1970; not known of a base image.
    pub(super) made_at: Option<i64>,
    pub(super) key: Option<Digest>,
    /// The list of the files that it took.
    pub(super) files: Option<Digest>,
}

/// Hears what happens while a step is performed.
pub(super) type Say<'a> = &'a (dyn Fn(Event) + Sync);

/// Performs `order`.
pub(super) fn perform(site: &Site<'_>, order: &StepOrder, say: Say<'_>) -> StepEnd {
    let begun = Instant::now();
    let step = site.planned.step(order.step);
    let ended = match &step.operation {
        Operation::Base(base) => match site.trees.get(&base.normalized) {
            Some(context) => site.lay_down(step, context, order, say),
            None => site.bring(step, base, say),
        },
        Operation::Run(run) => site.run(step, run, order, say),
        Operation::Workdir(workdir) => site.make_directory(step, workdir, order, say),
        Operation::Copy(copy) => {
            let keeps_parents = copy.parents.as_ref().is_some_and(|parents| parents.value);
            site.transfer(step, &copy.transfer, Manner { keeps_parents, ..Manner::default() }, order, say)
        }
        Operation::Add(add) => {
            let said = add.unpack.as_ref().map(|unpack| unpack.value);
            let unpacks = Unpacks { local: said.unwrap_or(true), remote: said.unwrap_or(false) };
            site.transfer(step, &add.transfer, Manner { add: Some(add), unpacks, keeps_parents: false }, order, say)
        }
    };
    ended.unwrap_or_else(|error| {
        let failure = Failure { step: order.step, cause: Cause::Error(error), tail: Vec::new() };
        StepEnd::Failed(failure, begun.elapsed())
    })
}

impl Site<'_> {
    /// FROM an image.
    fn bring(&self, step: &Step, base: &plan::Base, say: Say<'_>) -> Result<StepEnd> {
        let store = self.tools.store;
        let wanted = (base.normalized.clone(), base.platform.clone());
        let found = self.images.get(&wanted).expect("a plan is made when its base images are at hand");
        let kept =
            |chain, ending, took| StepEnd::Kept(Kept { chain, ending, took, made_at: None, key: None, files: None });
        if let Some(chain) = base::unpacked(store, &found.image)? {
            return Ok(kept(chain, Ending::Cached, Duration::ZERO));
        }
        let begun = Instant::now();
        say(Event::StepBegan { step: StepNumber(step.id.0) });
        base::fetch(store, found, &base.reference, say)?;
        let chain = base::unpack(store, &found.image, self.settings.limits)?;
        Ok(kept(chain, Ending::Ran { same_layer: false }, begun.elapsed()))
    }

    fn make_directory(&self, step: &Step, workdir: &Workdir, order: &StepOrder, say: Say<'_>) -> Result<StepEnd> {
        let keys = Keys { content: key::content(step, &self.below(step, order)), coarse: None };
        self.once(step, &keys, FileList::new, order, say, |scratch, lowers| {
            change(scratch, lowers, |root| {
                let is_bare = order.below.top().is_none();
                let accounts = if is_bare { bare_accounts() } else { Accounts::of(root)? };
                let owner = accounts.owner(&workdir.user);
                if let (true, Some(name)) = (is_bare, owner.unknown.first()) {
                    return Err(Error::Wrong { message: nowhere_to_look_up(name), span: Some(step.span) });
                }
                let new = NewDirectory { mode: 0o755, uid: owner.uid, gid: owner.gid };
                root.make_directories(Path::new(&workdir.path), new)?;
                Ok(())
            })?;
            Ok(None)
        })
    }

    fn transfer(
        &self,
        step: &Step,
        transfer: &Transfer,
        Manner { add, unpacks, keeps_parents }: Manner<'_>,
        order: &StepOrder,
        say: Say<'_>,
    ) -> Result<StepEnd> {
        let store = self.tools.store;
        let origin = self.origins(step, order).first().copied().unwrap_or(Origin::Context(self.context));
        let fetcher = self.fetcher();
        let pinned = add.map(|add| fetcher.pin(add)).transpose()?.unwrap_or_default();
        let whole = origin.chain().map(Chain::identity).or_else(|| remote::identity(&transfer.sources, &pinned));
        let coarse = whole.map(|whole| self.key_with(step, order, whole));
        if let Some(coarse) = &coarse
            && let Some(hit) = self.recall(step, coarse, order)?
        {
            return Ok(hit);
        }
        // Only its directories are used, to mount and write on.
        let room = store.snapshots.begin()?;
        let arrival = self.arrival(transfer, order, &room)?;
        let exclusion = exclusion(&transfer.exclude)?;
        let exclude = |path: &Path| verdict(&exclusion, path);
        let fetched = Fetched { fetcher, pinned: &pinned };
        with_trees(store, origin, &transfer.sources, &fetched, &room.work(), |trees| {
            let selected = select(trees.excluding(&exclude), &transfer.sources, keeps_parents)?;
            let taken = records(&selected, &arrival)?;
            let content = self.key_with(step, order, record::digest(&taken.concat()));
            let keys = Keys { content, coarse };
            // Of what was fetched one record stands for all.
            let here = selected.iter().zip(&taken).filter(|(selected, _)| !selected.is_remote);
            let files = || {
                let mut files = remote::described(&pinned);
                here.for_each(|(_, taken)| files.extend(cache::files(taken)));
                files
            };
            self.once(step, &keys, files, order, say, |scratch, lowers| {
                change(scratch, lowers, |target| {
                    let (destination, limits) = (transfer.destination.as_str(), self.settings.limits);
                    Delivery { target, destination, arrival: &arrival, unpacks, limits }.put(&selected)
                })?;
                Ok(None)
            })
        })
    }

    /// Where each input of files is.
    pub(super) fn origins<'o>(&'o self, step: &Step, order: &'o StepOrder) -> Vec<Origin<'o>> {
        let files = step.inputs().into_iter().filter_map(|input| match input {
            Input::Files(origin) => Some(origin.filesystem().and_then(Filesystem::step)),
            Input::Below(_) => None,
        });
        let one = |(step, chain): (Option<StepId>, &'o Option<Chain>)| match step.and_then(|step| self.tree_of(step)) {
            Some(context) => Origin::Context(Some(context)),
            None => chain.as_ref().map_or(Origin::Context(self.context), Origin::Chain),
        };
        files.zip(&order.origins).map(one).collect()
    }

    /// Fetches what ADD names by its address.
    pub(super) fn fetcher(&self) -> Fetcher<'_> {
        Fetcher { store: self.tools.store, settings: self.settings, cancel: self.tools.cancel }
    }

    /// With which owner and mode things arrive. Names are looked up in the file system that takes them.
    fn arrival(&self, transfer: &Transfer, order: &StepOrder, room: &Scratch) -> Result<Arrival> {
        let mode = match &transfer.mode {
            Some(mode) => Some(mode.value.parse::<ModeChange>().map_err(|error| wrong(mode, error.to_string()))?),
            None => None,
        };
        let Some(spec) = &transfer.owner else { return Ok(Arrival { owner: None, mode }) };
        let bare = transfer.link || order.below.top().is_none();
        let accounts = match bare {
            true => bare_accounts(),
            false => with_chain(self.tools.store, &order.below, &room.mount_point(), |root| Ok(Accounts::of(root)?))?,
        };
        let owner = accounts.owner(&spec.value);
        match owner.unknown.first() {
            Some(name) if bare => Err(wrong(spec, nowhere_to_look_up(name))),
            _ => Ok(Arrival { owner: Some((owner.uid, owner.gid)), mode }),
        }
    }

    /// The digest of what is below, where it is an input.
    pub(super) fn below(&self, step: &Step, order: &StepOrder) -> Vec<InputDigest> {
        let is_input = step.below.is_some() && step.reads_below();
        is_input.then(|| InputDigest(order.below.identity())).into_iter().collect()
    }

    fn key_with(&self, step: &Step, order: &StepOrder, files: Digest) -> Digest {
        let mut inputs = self.below(step, order);
        inputs.push(InputDigest(files));
        key::content(step, &inputs)
    }

    pub(super) fn is_fresh(&self, step: &Step) -> bool {
        match &self.settings.fresh {
            Fresh::Nothing => false,
            Fresh::Everything => true,
            Fresh::Stages(stages) => stages.iter().any(|stage| *stage == self.planned.stage_label(step.stage)),
        }
    }

    pub(super) fn recall(&self, step: &Step, key: &Digest, order: &StepOrder) -> Result<Option<StepEnd>> {
        if self.is_fresh(step) {
            return Ok(None);
        }
        let Some(Hit { chain, memory }) = cache::recall(self.tools.store, key, &order.below)? else { return Ok(None) };
        let chain = match step.reads_below() {
            true => chain,
            false => restack::on(self.tools.store, chain, &order.below)?,
        };
        let (took, made_at, key) = (memory.took(), Some(memory.made_at), Some(memory.key));
        Ok(Some(StepEnd::Kept(Kept { chain, ending: Ending::Cached, took, made_at, key, files: memory.files })))
    }

    /// The result under `keys`: kept from before, or made by `work`, which fills a scratch directory on top of the
    /// directories it is given, or says what failed. Of what it made it is remembered that it took `files`.
    pub(super) fn once(
        &self,
        step: &Step,
        keys: &Keys,
        files: impl FnOnce() -> FileList,
        order: &StepOrder,
        say: Say<'_>,
        work: impl FnOnce(&Scratch, &[PathBuf]) -> Result<Option<Failure>>,
    ) -> Result<StepEnd> {
        let store = self.tools.store;
        if let Some(hit) = self.recall(step, &keys.content, order)? {
            return Ok(hit);
        }
        let _alone = lock(store, self.tools.cancel, &keys.content)?;
        if let Some(hit) = self.recall(step, &keys.content, order)? {
            return Ok(hit);
        }
        if let Some(hit) = self.imported(step, keys, order)? {
            return Ok(hit);
        }
        let begun = Instant::now();
        say(Event::StepBegan { step: StepNumber(step.id.0) });
        let scratch = store.snapshots.begin()?;
        let lowers = if step.reads_below() { order.below.lowers(store) } else { Vec::new() };
        if let Some(failure) = work(&scratch, &lowers)? {
            return Ok(StepEnd::Failed(failure, begun.elapsed()));
        }
        let committed = commit(store, scratch, &order.below, &lowers, self.newest)?;
        let (took, made_at) = (begun.elapsed(), jiff::Timestamp::now().as_second());
        let memory = Memory::new(keys.content, took, made_at, cache::keep_files(store, &files())?);
        let all: Vec<Digest> = [keys.content].into_iter().chain(keys.coarse).collect();
        cache::remember(store, &all, &committed.chain, &memory)?;
        Ok(StepEnd::Kept(Kept {
            chain: committed.chain,
            ending: Ending::Ran { same_layer: committed.same_layer },
            took,
            made_at: Some(made_at),
            key: Some(keys.content),
            files: memory.files,
        }))
    }
}

/// Waits for the lock on `key`: whoever holds it makes what is needed here. Gives up when the build is called off.
pub(super) fn lock(store: &Store, cancel: &Cancel, key: &Digest) -> Result<KeyLock> {
    loop {
        if let Some(lock) = store.keys.try_lock(key)? {
            return Ok(lock);
        }
        if cancel.is_cancelled() {
            return Err(Error::Cancelled);
        }
        std::thread::sleep(LOOK_AGAIN);
    }
}

/// The keys of a result.
pub(super) struct Keys {
    pub(super) content: Digest,
    /// Made of all of another stage instead of what is taken from it.
    pub(super) coarse: Option<Digest>,
}

/// Mounts a scratch directory on top of `lowers` and lets `work` change it.
pub(super) fn change(scratch: &Scratch, lowers: &[PathBuf], work: impl FnOnce(&Root) -> Result<()>) -> Result<()> {
    let (upper, room, at) = (scratch.upper(), scratch.work(), scratch.mount_point());
    let mounted = Mounted::new(Stack { lowers, upper: Some((&upper, &room)) }, &at)
        .map_err(Error::io("mount the file system to be changed"))?;
    let root = Root::open(&at)?;
    work(&root)?;
    drop(root);
    mounted.unmount().map_err(Error::io("unmount the changed file system"))
}

/// The accounts where there is no file system: root alone.
fn bare_accounts() -> Accounts {
    Accounts::parse("root:x:0:0:root:/root:", "root:x:0:")
}

fn nowhere_to_look_up(name: &str) -> String {
    format!("there is no file system here to look `{name}` up in: write numbers")
}

fn wrong(at: &Spanned<String>, message: String) -> Error {
    Error::Wrong { message, span: Some(at.span) }
}
