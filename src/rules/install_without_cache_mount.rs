//! A package manager of a language that fetches everything again whenever its RUN runs. Silent where some cache is mounted,
//! where the cache is turned off or put elsewhere, and where another user than root, with another home, runs the step.
//!
//! A mount makes it needless to leave the cache out or to clean it up, and the other way round. So the fix writes all
//! of the lines anew: whatever else would mend them does not fit, and finds nothing to mend in the next round.

use super::leftovers::sets;
use super::{Check, Cx, Out, RunCommand};
use crate::model::image_ref::ImageRef;
use crate::model::{Base, Instruction, MountKind, Operation, StageId};
use crate::text::{Edit, Span};

pub(super) struct InstallWithoutCacheMount;

/// A package manager and where root keeps what it fetches.
struct Manager {
    names: &'static [&'static str],
    acts: &'static [&'static str],
    places: &'static [&'static str],
    /// The image of Docker's own library in which it is there; none where that does not matter.
    image: Option<&'static str>,
}

const fn manager(
    names: &'static [&'static str],
    acts: &'static [&'static str],
    places: &'static [&'static str],
    image: Option<&'static str>,
) -> Manager {
    Manager { names, acts, places, image }
}

#[rustfmt::skip]
const MANAGERS: &[Manager] = &[
    manager(&["bundle"], &["install"], &["/usr/local/bundle/cache"], Some("library/ruby")),
    manager(&["cargo"], &["build", "install", "fetch", "test"], &["/usr/local/cargo/registry"], Some("library/rust")),
    manager(&["composer"], &["install", "update", "require"], &["/root/.composer/cache"], Some("library/composer")),
    manager(&["dotnet"], &["restore", "build", "publish", "test"], &["/root/.nuget/packages"], None),
    manager(&["go"], &["build", "install", "test", "mod", "get"], &["/go/pkg/mod", "/root/.cache/go-build"], Some("library/golang")),
    manager(&["gradle", "./gradlew"], &["build", "assemble", "bootJar", "jar", "test"], &["/root/.gradle"], None),
    manager(&["mvn", "./mvnw"], &["package", "install", "verify", "test", "dependency:go-offline", "clean"], &["/root/.m2"], None),
    manager(&["npm"], &["ci", "clean-install", "install", "i"], &["/root/.npm"], None),
    manager(&["pip", "pip3"], &["install", "wheel", "download"], &["/root/.cache/pip"], None),
    manager(&["pnpm"], &["install", "i", "fetch"], &["/root/.local/share/pnpm/store"], None),
    manager(&["poetry"], &["install", "sync"], &["/root/.cache/pypoetry"], None),
    manager(&["uv"], &["sync", "pip"], &["/root/.cache/uv"], None),
    manager(&["yarn"], &["install", "add"], &["/usr/local/share/.cache/yarn"], None),
];

/// Variables that turn a cache off or put it elsewhere.
const VARIABLES: &[&str] = &[
    "BUNDLE_PATH",
    "CARGO_HOME",
    "COMPOSER_CACHE_DIR",
    "COMPOSER_HOME",
    "GEM_HOME",
    "GOCACHE",
    "GOMODCACHE",
    "GRADLE_USER_HOME",
    "HOME",
    "NPM_CONFIG_CACHE",
    "NUGET_PACKAGES",
    "PIP_CACHE_DIR",
    "PIP_NO_CACHE_DIR",
    "PNPM_HOME",
    "POETRY_CACHE_DIR",
    "UV_CACHE_DIR",
    "UV_NO_CACHE",
    "XDG_CACHE_HOME",
    "YARN_CACHE_FOLDER",
    "npm_config_cache",
];
/// Options that do so.
const OPTIONS: &[&str] =
    &["--no-cache-dir", "--cache-dir", "--no-cache", "--cache", "--cache-folder", "--version", "--help", "--offline"];

impl Check for InstallWithoutCacheMount {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let (Operation::Run(run), Some(stage)) = (&instruction.operation, instruction.stage) else { return };
        let has_cache = run.mounts.iter().any(|mount| matches!(mount.kind, Some(MountKind::Cache) | None));
        if has_cache {
            return;
        }
        let called: Vec<(RunCommand<'_>, &Manager)> =
            cx.commands(instruction).filter_map(|command| Some((command, of(&command, stage, cx)?))).collect();
        let Some((first, _)) = called.first() else { return };
        if !is_root(instruction, stage, cx) || sets(VARIABLES, instruction, cx) {
            return;
        }
        let mut places: Vec<&str> = called.iter().flat_map(|(_, manager)| manager.places).copied().collect();
        places.sort_unstable();
        places.dedup();
        let name = first.command.name().unwrap_or_default();
        out.find(first.head(), format!("{name} fetches everything again whenever this step runs"))
            .help(format!("mount a cache at {}", places.join(" and ")))
            .fix("mount a cache", || {
                let mounts: String = places.iter().map(|place| format!(" --mount=type=cache,target={place}")).collect();
                let place = Span::new(instruction.keyword_span.end, cx.lines(instruction).end);
                Some(vec![Edit::replace(place, format!("{mounts}{}", cx.text(place)))])
            });
    }
}

/// The package manager that the command is, when it fetches packages into its usual place.
fn of(command: &RunCommand<'_>, stage: StageId, cx: &Cx<'_>) -> Option<&'static Manager> {
    let found = MANAGERS.iter().find(|manager| command.calls(manager.names, manager.acts))?;
    let is_there = found.image.is_none_or(|wanted| match cx.root(stage) {
        Base::Image(name) => {
            ImageRef::parse(name).is_ok_and(|image| image.registry() == "docker.io" && image.repository() == wanted)
        }
        _ => false,
    });
    (is_there && !command.has_option(OPTIONS)).then_some(found)
}

/// Whether no USER above the instruction names another user than root.
fn is_root(instruction: &Instruction, stage: StageId, cx: &Cx<'_>) -> bool {
    let above = cx.lineage(stage).flat_map(|stage| stage.instructions.iter().rev());
    let user = above.filter(|one| one.id < instruction.id).find_map(|one| match &one.operation {
        Operation::User(user) => Some(&user.user),
        _ => None,
    });
    user.is_none_or(|user| matches!(cx.resolved.known(user), Some("root" | "0")))
}
