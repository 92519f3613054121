//! Following Compose and Bake files from one to the next: what a service extends, what lies under an override, what is
//! included.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::bake::{self, BakeFile};
use super::compose::{self, ComposeFile, Include, Service};
use super::dotenv::Env;
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

/// What a Compose file is read in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Project {
    /// What paths are relative to, where that is not each file's own folder.
    folder: Option<PathBuf>,
    env: Env,
}

/// Compose and Bake files, each read once in each project.
pub struct BuildFiles<'a> {
    read: &'a ReadFile<'a>,
    compose: BTreeMap<(PathBuf, Arc<Project>), Result<Arc<ComposeFile>, Trouble>>,
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
        let file = self.parsed(path, BuildFileKind::Bake, None, bake::read);
        self.bake.insert(path.to_owned(), file.clone());
        file
    }

    fn parsed<T>(
        &self,
        path: &Path,
        kind: BuildFileKind,
        project: Option<&Project>,
        parse: impl FnOnce(&Arc<Written>) -> Result<T, BuildFileError>,
    ) -> Result<Arc<T>, Trouble> {
        let source = (self.read)(path).map_err(Trouble::Unreadable)?;
        let mut written = Written::new(kind, path, source.clone());
        if let Some(Project { folder, env }) = project {
            written.env = env.clone();
            written.folder = folder.clone().unwrap_or(written.folder);
        }
        parse(&Arc::new(written)).map(Arc::new).map_err(|error| Trouble::Wrong { source, error })
    }

    fn compose_builds(&mut self, path: &Path) -> Result<Vec<Build>, Trouble> {
        let env = self.env(&[Env::beside(folder(path))]);
        let project = Arc::new(Project { folder: None, env });
        let file = self.compose(path, &project)?;
        let mut builds = self.services(path, &file, &project);
        let (mut waiting, mut seen) = (included(&file, &project), BTreeSet::from([path.to_owned()]));
        while let Some((include, around)) = waiting.pop() {
            let env = around.env.clone().over(self.env(&include.env_files));
            let project = Arc::new(Project { folder: Some(include.folder), env });
            for next in include.files.into_iter().filter(|next| seen.insert(next.clone())) {
                // Whoever is asked for the included file itself will tell what is wrong with it.
                let Ok(file) = self.compose(&next, &project) else { continue };
                builds.extend(self.services(&next, &file, &project));
                waiting.extend(included(&file, &project));
            }
        }
        Ok(builds)
    }

    /// What these files say together, the later over the earlier, as far as they are there.
    fn env(&self, files: &[PathBuf]) -> Env {
        let read = files.iter().filter_map(|file| (self.read)(file).ok());
        read.map(|source| Env::read(source.text())).reduce(|below, later| later.over(below)).unwrap_or_default()
    }

    fn services(&mut self, path: &Path, file: &ComposeFile, project: &Arc<Project>) -> Vec<Build> {
        let folder = project.folder.as_deref().unwrap_or_else(|| folder(path));
        let base = self.base(path, project);
        let mut builds = Vec::new();
        for (name, service) in &file.services {
            let own = self.whole(path, service, project, 0);
            let is_partial = own.as_ref().is_some_and(|own| own.context.is_none());
            let below = match &base {
                Some((base, file)) if is_partial || is_override(path) => {
                    file.services.get(name).cloned().and_then(|below| self.whole(base, &below, project, 0))
                }
                _ => None,
            };
            builds.extend(laid_over(own, below).and_then(|whole| whole.build(name, folder)));
        }
        builds
    }

    /// The build of a service with what it extends.
    fn whole(&mut self, path: &Path, service: &Service, project: &Arc<Project>, steps: usize) -> Option<Fragment> {
        let own = service.build.clone();
        let Some(extends) = service.extends.as_ref().filter(|_| steps < MOST_STEPS) else { return own };
        let (place, project) = match &extends.file {
            Some(file) => (file.as_path(), Arc::new(Project { folder: None, env: project.env.clone() })),
            None => (path, Arc::clone(project)),
        };
        let below = self.compose(place, &project).ok()?.services.get(&extends.service).cloned();
        let below = below.and_then(|below| self.whole(place, &below, &project, steps + 1));
        laid_over(own, below)
    }

    /// The file that this one is laid over, where one of that name lies beside it.
    fn base(&mut self, path: &Path, project: &Arc<Project>) -> Option<(PathBuf, Arc<ComposeFile>)> {
        let name = path.file_name()?.to_str()?;
        if BASES.contains(&name) {
            return None;
        }
        BASES.iter().find_map(|base| {
            let base = joined(folder(path), base);
            let file = self.compose(&base, project).ok()?;
            Some((base, file))
        })
    }

    fn compose(&mut self, path: &Path, project: &Arc<Project>) -> Result<Arc<ComposeFile>, Trouble> {
        let key = (path.to_owned(), Arc::clone(project));
        if let Some(known) = self.compose.get(&key) {
            return known.clone();
        }
        let file = self.parsed(path, BuildFileKind::Compose, Some(project), compose::read);
        self.compose.insert(key, file.clone());
        file
    }
}

/// What a file includes, each with the project that includes it.
fn included(file: &ComposeFile, project: &Arc<Project>) -> Vec<(Include, Arc<Project>)> {
    file.includes.iter().map(|include| (include.clone(), Arc::clone(project))).collect()
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
