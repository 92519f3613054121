//! What `RUN --mount` shows: its share of the key of the step, and the mounts themselves.
//!
//! Files of the build context are copied, so that a step sees what COPY would bring and cannot change the context;
//! those of a stage or image are mounted where they lie. What is written to either is thrown away. Caches, secrets and
//! agents are no part of any key.

mod agent;
mod cache;
mod secret;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::backend::{self, Secret, Shows};
use super::chain::Chain;
use super::error::{Error, Result};
use super::origin::{Fetched, Origin, with_trees};
use super::overlay::{Mounted, Stack};
use super::perform::Site;
use super::transfer::Readable;
use crate::digest::{Digest, Hasher};
use crate::model::{MountKind, MountOptions};
use crate::plan::{Mount, Run};
use crate::store::{Cache, Scratch};
use crate::tree::Root;
use crate::tree::copy::{Arrival, copy};
use crate::tree::record::{self, Record, arriving};
use crate::tree::select::Hit;
use agent::Agent;

/// Where an agent is found that asks for no place of its own.
const AGENT_TARGET: &str = "/run/buildkit/ssh_agent";

/// The mounts of one RUN.
pub(super) struct Mounting<'a> {
    site: &'a Site<'a>,
    mounts: Vec<Showing<'a>>,
    /// Only its directories are used, to work in.
    room: &'a Scratch,
    corners: Cell<usize>,
}

/// One mount, and what it shows something of; where it shows no files, that does not matter.
#[derive(Clone, Copy)]
struct Showing<'a> {
    mount: &'a Mount,
    origin: Origin<'a>,
}

/// What a mount takes from elsewhere.
pub(super) struct Taken {
    /// Its share of the key.
    pub(super) digest: Digest,
    /// File by file; nothing where all of a file system is taken.
    pub(super) records: Vec<Record>,
}

/// What a step is given, and what has to be held as long as it runs.
#[derive(Default)]
pub(super) struct Given {
    pub(super) mounts: Vec<backend::Mount>,
    pub(super) variables: Vec<(String, String)>,
    pub(super) secrets: Vec<(String, Secret)>,
    trees: Vec<Mounted>,
    caches: BTreeMap<Digest, Cache>,
    agents: Vec<Agent>,
}

impl<'a> Mounting<'a> {
    /// The mounts of `run`, which show files of `origins`; works in the directories of `room`.
    pub(super) fn new(site: &'a Site<'a>, run: &'a Run, origins: Vec<Origin<'a>>, room: &'a Scratch) -> Self {
        let mut origins = origins.into_iter();
        let showing = |mount: &'a Mount| {
            let origin = mount.origin.and_then(|_| origins.next());
            Showing { mount, origin: origin.unwrap_or(Origin::Context(site.context)) }
        };
        Self { site, mounts: run.mounts.iter().map(showing).collect(), room, corners: Cell::new(0) }
    }

    /// What the mounts take from the build context: one entry for each mount that shows files, none for those of a file
    /// system.
    pub(super) fn taken_from_context(&self) -> Result<Vec<Option<Taken>>> {
        let from_context = |showing: Showing<'_>| match showing.origin.chain() {
            None => self.files(showing).map(Some),
            Some(_) => Ok(None),
        };
        self.showing_files().map(from_context).collect()
    }

    /// For each mount that shows files a digest without looking at the files of a file system; none if all come from the
    /// context.
    pub(super) fn coarse(&self, from_context: &[Option<Taken>]) -> Option<Vec<Digest>> {
        if from_context.iter().all(Option::is_some) {
            return None;
        }
        let digest = |(showing, taken): (Showing<'_>, &Option<Taken>)| match (taken, showing.origin.chain()) {
            (Some(taken), _) => Some(taken.digest),
            (None, chain) => chain.map(|chain| part_of(chain, &showing.mount.source)),
        };
        self.showing_files().zip(from_context).map(digest).collect()
    }

    /// What each mount that shows files takes, in order.
    pub(super) fn taken(&self, from_context: Vec<Option<Taken>>) -> Result<Vec<Taken>> {
        let taken = |(showing, taken): (Showing<'_>, Option<Taken>)| match (taken, showing.origin.chain()) {
            (Some(taken), _) => Ok(taken),
            // To look at each file of an image would take longer than most steps.
            (None, Some(chain)) if showing.mount.source.is_empty() => {
                Ok(Taken { digest: part_of(chain, ""), records: Vec::new() })
            }
            (None, _) => self.files(showing),
        };
        self.showing_files().zip(from_context).map(taken).collect()
    }

    /// Makes what the step is to be given.
    pub(super) fn give(&self) -> Result<Given> {
        let mut given = Given::default();
        self.take_caches(&mut given)?;
        for showing in &self.mounts {
            let mount = showing.mount;
            match mount.options.kind {
                MountKind::Bind => self.show_files(*showing, &mut given)?,
                MountKind::Cache => self.show_cache(*showing, &mut given)?,
                MountKind::Tmpfs => given.add(mount, Shows::Memory { size: mount.options.size }),
                MountKind::Secret => self.show_secret(mount, &mut given)?,
                MountKind::Ssh => self.show_agent(mount, &mut given)?,
            }
        }
        Ok(given)
    }

    fn showing_files(&self) -> impl Iterator<Item = Showing<'a>> {
        self.mounts.iter().copied().filter(|showing| showing.mount.origin.is_some())
    }

    /// A new directory, open to the users of the step.
    fn corner(&self) -> Result<PathBuf> {
        let number = self.corners.replace(self.corners.get() + 1);
        let corner = self.room.work().join(number.to_string());
        let made = fs::create_dir(&corner).and_then(|()| fs::set_permissions(&corner, Permissions::from_mode(0o755)));
        made.map_err(Error::io(format!("make {}", corner.display())))?;
        Ok(corner)
    }

    /// Lets `use_it` use what a mount shows.
    fn look<T>(
        &self,
        Showing { mount, origin }: Showing<'_>,
        use_it: impl FnOnce(Readable<'_>, Hit) -> Result<T>,
    ) -> Result<T> {
        // A mount shows only what is here.
        let fetched = Fetched { fetcher: self.site.fetcher(), pinned: &[] };
        with_trees(self.site.tools.store, origin, &[], &fetched, &self.corner()?, |trees| {
            let hit = trees.paths.tree.find(&mount.source).map_err(|error| Error::at(error, mount.span))?;
            use_it(trees.paths, hit)
        })
    }

    fn files(&self, showing: Showing<'_>) -> Result<Taken> {
        self.look(showing, |from, hit| {
            let records = arriving(&from.tree, &[hit], &Arrival::default(), from.content)?;
            Ok(Taken { digest: record::digest(&records), records })
        })
    }

    /// Copies what a mount shows to `name` in the directory `root`.
    fn copy(&self, showing: Showing<'_>, root: &Path, name: &str) -> Result<()> {
        self.look(showing, |from, hit| {
            copy(&from.tree, &[hit], &Root::open(root)?, name, &Arrival::default())?;
            Ok(())
        })
    }

    fn show_files(&self, showing: Showing<'_>, given: &mut Given) -> Result<()> {
        let mount = showing.mount;
        let root = self.corner()?;
        let path = match showing.origin.chain() {
            None => {
                self.copy(showing, &root, "shown")?;
                "shown"
            }
            Some(chain) => {
                let (lowers, upper, work) = (chain.lowers(self.site.tools.store), self.corner()?, self.corner()?);
                let upper = (!mount.options.readonly).then_some((upper.as_path(), work.as_path()));
                let mounted = Mounted::new(Stack { lowers: &lowers, upper }, &root);
                given.trees.push(mounted.map_err(Error::io("mount the file system of a stage"))?);
                &mount.source
            }
        };
        given.add(mount, Shows::Tree { root, path: PathBuf::from(path) });
        Ok(())
    }

    fn show_secret(&self, mount: &Mount, given: &mut Given) -> Result<()> {
        let Some(contents) = secret::contents(mount, &self.site.settings.secrets)? else { return Ok(()) };
        let options = &mount.options;
        if let Some(variable) = &options.env {
            given.secrets.push((variable.clone(), contents.clone()));
        }
        if !mount.target.is_empty() || options.env.is_none() {
            let target = match mount.target.as_str() {
                "" => format!("/run/secrets/{}", secret::id(mount)),
                target => target.to_owned(),
            };
            let Attributes { mode, uid, gid } = Attributes::of(mount, 0o400);
            let shows = Shows::Secret { contents, mode, uid, gid };
            given.mounts.push(backend::Mount { target, shows, is_read_only: true });
        }
        Ok(())
    }

    fn show_agent(&self, mount: &Mount, given: &mut Given) -> Result<()> {
        let options = &mount.options;
        let id = options.id.as_deref().filter(|id| !id.is_empty()).unwrap_or("default");
        let Some(socket) = self.site.settings.agents.get(id) else {
            if !options.required {
                return Ok(());
            }
            let message = format!("the ssh agent `{id}` is required: hand one in with --ssh {id}");
            return Err(Error::Wrong { message, span: Some(mount.span) });
        };
        let root = self.corner()?;
        let Attributes { mode, uid, gid } = Attributes::of(mount, 0o600);
        let failed = Error::io(format!("offer the ssh agent `{id}` to the step"));
        let agent = Agent::forward(socket, &root.join("socket"), mode, (uid, gid)).map_err(failed)?;
        let target = match mount.target.as_str() {
            "" => format!("{AGENT_TARGET}.{}", given.agents.len()),
            target => target.to_owned(),
        };
        if given.agents.is_empty() {
            given.variables.push(("SSH_AUTH_SOCK".to_owned(), target.clone()));
        }
        let shows = Shows::Tree { root, path: PathBuf::from("socket") };
        given.mounts.push(backend::Mount { target, shows, is_read_only: false });
        given.agents.push(agent);
        Ok(())
    }
}

impl Given {
    fn add(&mut self, mount: &Mount, shows: Shows) {
        let target = mount.target.clone();
        self.mounts.push(backend::Mount { target, shows, is_read_only: mount.options.readonly });
    }
}

/// With which mode and owner something new is made.
struct Attributes {
    mode: u32,
    uid: u32,
    gid: u32,
}

impl Attributes {
    fn of(mount: &Mount, mode: u32) -> Self {
        let MountOptions { mode: written, uid, gid, .. } = &mount.options;
        Self { mode: written.unwrap_or(mode), uid: uid.unwrap_or_default(), gid: gid.unwrap_or_default() }
    }
}

/// Tells the file system and the path apart from all others, without looking at what is there.
fn part_of(chain: &Chain, path: &str) -> Digest {
    let mut hasher = Hasher::new();
    hasher.field(chain.identity().as_bytes());
    hasher.field(path);
    hasher.finish()
}
