//! RUN: its key with what its mounts take, and handing it to the backend.

use std::collections::VecDeque;
use std::path::PathBuf;

use super::backend::{Io, Network, PreparedRun, Root as RunRoot, Script, Status};
use super::cache;
use super::devices::{Equipment, equip};
use super::error::Result;
use super::mounts::{Given, Mounting};
use super::perform::{Keys, Say, Site, StepEnd, StepOrder};
use super::request::{Cause, Failure};
use crate::digest::Digest;
use crate::event::{Event, StepNumber};
use crate::plan::files::FileList;
use crate::plan::key::{self, InputDigest};
use crate::plan::{self, Run, Step};
use crate::store::Scratch;

/// How many of the last lines of output a failure shows.
const TAIL: usize = 40;

impl Site<'_> {
    pub(super) fn run(&self, step: &Step, run: &Run, order: &StepOrder, say: Say<'_>) -> Result<StepEnd> {
        if run.mounts.is_empty() {
            let keys = Keys { content: key::content(step, &self.below(step, order)), coarse: None };
            return self.once(step, &keys, FileList::new, order, say, |scratch, lowers| {
                self.execute(step, run, self.prepared(run, scratch, lowers, &mut Given::default()), say)
            });
        }
        let room = self.tools.store.snapshots.begin()?;
        let mounting = Mounting::new(self, run, self.origins(step, order), &room);
        let key_with = |digests: &mut dyn Iterator<Item = Digest>| {
            let mut inputs = self.below(step, order);
            inputs.extend(digests.map(InputDigest));
            key::content(step, &inputs)
        };
        let from_context = mounting.taken_from_context()?;
        let coarse = mounting.coarse(&from_context).map(|digests| key_with(&mut digests.into_iter()));
        if let Some(coarse) = &coarse
            && let Some(hit) = self.recall(step, coarse, order)?
        {
            return Ok(hit);
        }
        let taken = mounting.taken(from_context)?;
        let content = key_with(&mut taken.iter().map(|taken| taken.digest));
        let keys = Keys { content, coarse };
        let files = || taken.iter().flat_map(|taken| cache::files(&taken.records)).collect();
        self.once(step, &keys, files, order, say, |scratch, lowers| {
            let mut given = mounting.give()?;
            self.execute(step, run, self.prepared(run, scratch, lowers, &mut given), say)
        })
    }

    fn execute(&self, step: &Step, run: &Run, prepared: PreparedRun, say: Say<'_>) -> Result<Option<Failure>> {
        let prepared = equipped(prepared, equip(run, &self.settings.device_folders)?);
        let mut tail = VecDeque::new();
        let mut line = |line: &[u8]| {
            let line = String::from_utf8_lossy(line).into_owned();
            tail.push_back(line.clone());
            if tail.len() > TAIL {
                tail.pop_front();
            }
            say(Event::StepOutput { step: StepNumber(step.id.0), line });
        };
        let ran = self.tools.backend.run(&prepared, &mut Io { line: &mut line, cancel: self.tools.cancel });
        self.keep_failed(step, &prepared.root, &ran.status, say);
        self.receive(step, run, prepared, &ran.status, say)?;
        Ok(match ran.status {
            Status::Succeeded => None,
            status => Some(Failure { step: step.id, cause: Cause::Command(status), tail: tail.into() }),
        })
    }

    fn prepared(&self, run: &Run, scratch: &Scratch, lowers: &[PathBuf], given: &mut Given) -> PreparedRun {
        let variables = run.env.iter().map(|variable| (variable.name.clone(), variable.value.clone()));
        PreparedRun {
            root: RunRoot {
                lowers: lowers.to_vec(),
                floor: self.floor.path(self.tools),
                upper: scratch.upper(),
                work: scratch.work(),
                mount_at: scratch.mount_point(),
            },
            argv: run.argv.clone(),
            env: variables.chain(run.proxies.iter().cloned()).chain(given.variables.drain(..)).collect(),
            secrets: std::mem::take(&mut given.secrets),
            cwd: run.cwd.clone(),
            user: run.user.clone(),
            network: match run.network {
                plan::Network::Default => self.settings.network,
                plan::Network::None => Network::None,
                plan::Network::Host => Network::Host,
            },
            scripts: run
                .script
                .iter()
                .map(|script| Script { name: script.name.clone(), contents: script.content.clone() })
                .collect(),
            mounts: std::mem::take(&mut given.mounts),
            allowance: self.settings.allowance.clone(),
            is_insecure: run.is_insecure(),
            timeout: self.settings.timeout,
        }
    }
}

/// The same with what belongs to its devices; what the Dockerfile says of a variable counts.
fn equipped(mut prepared: PreparedRun, equipment: Equipment) -> PreparedRun {
    let set: Vec<String> = prepared.env.iter().map(|(name, _)| name.clone()).collect();
    prepared.env.extend(equipment.variables.into_iter().filter(|(name, _)| !set.contains(name)));
    prepared.mounts.extend(equipment.mounts);
    prepared
}
