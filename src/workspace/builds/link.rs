//! Following Compose and Bake files from one to the next: what a service extends, what lies under an override, what is
//! included.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::bake::{self, BakeFile};
use super::compose::{self, ComposeFile, Service};
use super::fragment::{Fragment, joined};
use super::inline::Written;
use super::{Build, BuildFileError, BuildFileKind};
use crate::text::SourceFile;

/// A service that extends others over more steps than this is not followed.
const MOST_STEPS: usize = 32;
/// The Compose files that others are laid over, in the order in which they are looked for.
const BASES: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

/// The Bake files that an override is laid over, the later over the earlier.
const BAKE_BASES: [&str; 2] = ["docker-bake.json", "docker-bake.hcl"];

/// Why the builds of a file cannot be told.
#[derive(Debug, Clone)]
pub enum Trouble {
    /// It cannot be read, for this reason.
    Unreadable(String),
    /// It is wrong.
    Wrong {
        /// The file.
        source: SourceFile,
        /// What is wrong in it.
        error: BuildFileError,
    },
}

/// How a file is read: its text, or why there is none.
pub type ReadFile<'a> = dyn Fn(&Path) -> Result<SourceFile, String> + 'a;

/// Compose and Bake files, each read once.
pub struct BuildFiles<'a> {
    read: &'a ReadFile<'a>,
    compose: BTreeMap<PathBuf, Result<Arc<ComposeFile>, Trouble>>,
    bake: BTreeMap<PathBuf, Result<Arc<BakeFile>, Trouble>>,
}

impl<'a> BuildFiles<'a> {
    /// None read yet.
    pub fn new(read: &'a ReadFile<'a>) -> Self {
        Self { read, compose: BTreeMap::new(), bake: BTreeMap::new() }
    }

    /// The builds that the file declares, those of files that it includes among them.
    pub fn builds(&mut self, path: &Path, kind: BuildFileKind) -> Result<Vec<Build>, Trouble> {
        match kind {
            BuildFileKind::Compose => self.compose_builds(path),
            BuildFileKind::Bake => self.bake_builds(path),
        }
    }

    fn bake_builds(&mut self, path: &Path) -> Result<Vec<Build>, Trouble> {
        let own = self.bake(path)?;
        let bases = BAKE_BASES.iter().filter(|_| is_override(path)).map(|name| joined(folder(path), name));
        let below = bases.filter_map(|base| self.bake(&base).ok()).reduce(|below, file| Arc::new(file.over(&below)));
        let whole = below.map_or_else(|| Arc::clone(&own), |below| Arc::new(own.over(&below)));
        Ok(bake::builds(&whole, folder(path)))
    }

    fn bake(&mut self, path: &Path) -> Result<Arc<BakeFile>, Trouble> {
        if let Some(known) = self.bake.get(path) {
            return known.clone();
        }
        let file = self.parsed(path, BuildFileKind::Bake, bake::read);
        self.bake.insert(path.to_owned(), file.clone());
        file
    }

    fn parsed<T>(
        &self,
        path: &Path,
        kind: BuildFileKind,
        parse: impl FnOnce(&Arc<Written>) -> Result<T, BuildFileError>,
    ) -> Result<Arc<T>, Trouble> {
        let source = (self.read)(path).map_err(Trouble::Unreadable)?;
        let written = Arc::new(Written { kind, path: path.to_owned(), source: source.clone() });
        parse(&written).map(Arc::new).map_err(|error| Trouble::Wrong { source, error })
    }

    fn compose_builds(&mut self, path: &Path) -> Result<Vec<Build>, Trouble> {
        let file = self.compose(path)?;
        let mut builds = self.services(path, &file);
        let (mut waiting, mut seen) = (file.includes.clone(), BTreeSet::from([path.to_owned()]));
        while let Some(next) = waiting.pop() {
            if !seen.insert(next.clone()) {
                continue;
            }
            // Whoever is asked for the included file itself will tell what is wrong with it.
            let Ok(file) = self.compose(&next) else { continue };
            builds.extend(self.services(&next, &file));
            waiting.extend(file.includes.iter().cloned());
        }
        Ok(builds)
    }

    fn services(&mut self, path: &Path, file: &ComposeFile) -> Vec<Build> {
        let folder = folder(path);
        let base = self.base(path);
        let mut builds = Vec::new();
        for (name, service) in &file.services {
            let own = self.whole(path, service, 0);
            let is_partial = own.as_ref().is_some_and(|own| own.context.is_none());
            let below = match &base {
                Some((base, file)) if is_partial || is_override(path) => {
                    file.services.get(name).cloned().and_then(|below| self.whole(base, &below, 0))
                }
                _ => None,
            };
            builds.extend(laid_over(own, below).and_then(|whole| whole.build(name, folder)));
        }
        builds
    }

    /// The build of a service with what it extends.
    fn whole(&mut self, path: &Path, service: &Service, steps: usize) -> Option<Fragment> {
        let own = service.build.clone();
        let Some(extends) = service.extends.as_ref().filter(|_| steps < MOST_STEPS) else { return own };
        let place = extends.file.as_deref().unwrap_or(path);
        let below = self.compose(place).ok()?.services.get(&extends.service).cloned();
        let below = below.and_then(|below| self.whole(place, &below, steps + 1));
        laid_over(own, below)
    }

    /// The file that this one is laid over, where one of that name lies beside it.
    fn base(&mut self, path: &Path) -> Option<(PathBuf, Arc<ComposeFile>)> {
        let name = path.file_name()?.to_str()?;
        if BASES.contains(&name) {
            return None;
        }
        BASES.iter().find_map(|base| {
            let base = joined(folder(path), base);
            let file = self.compose(&base).ok()?;
            Some((base, file))
        })
    }

    fn compose(&mut self, path: &Path) -> Result<Arc<ComposeFile>, Trouble> {
        if let Some(known) = self.compose.get(path) {
            return known.clone();
        }
        let file = self.parsed(path, BuildFileKind::Compose, compose::read);
        self.compose.insert(path.to_owned(), file.clone());
        file
    }
}

fn laid_over(own: Option<Fragment>, below: Option<Fragment>) -> Option<Fragment> {
    match (own, below) {
        (Some(own), Some(below)) => Some(own.over(below)),
        (own, below) => own.or(below),
    }
}

fn folder(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

/// Whether Compose lays the file over the base without being asked.
fn is_override(path: &Path) -> bool {
    path.file_stem().and_then(|stem| stem.to_str()).is_some_and(|stem| stem.ends_with(".override"))
}
