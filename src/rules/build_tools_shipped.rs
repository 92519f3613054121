//! A compiler that is installed to build something, and that the image then ships. Judged for a stage with a command of
//! its own to start, where a step below compiles; silent where the same RUN removes packages again.

use super::{Check, Cx, Out, RunCommand};
use crate::effect::packages::{APK, APT, DNF, Installer, YUM, ZYPPER};
use crate::model::shell::ShellWord;
use crate::model::{Command, Operation, Stage};

pub(super) struct BuildToolsShipped;

const INSTALLERS: &[&Installer] = &[&APK, &APT, &DNF, &YUM, &ZYPPER];
/// Packages that are for building alone.
const TOOLS: &[&str] = &[
    "autoconf",
    "automake",
    "bison",
    "build-base",
    "build-essential",
    "clang",
    "cmake",
    "flex",
    "g++",
    "gcc",
    "gcc-c++",
    "libtool",
    "linux-headers",
    "make",
    "meson",
    "musl-dev",
    "ninja-build",
    "pkg-config",
    "rustc",
];
/// Commands that compile, or may while they install.
const BUILDERS: &[&str] = &[
    "./configure",
    "bundle",
    "cargo",
    "cc",
    "cmake",
    "g++",
    "gcc",
    "gem",
    "go",
    "make",
    "meson",
    "ninja",
    "npm",
    "pip",
    "pip3",
    "yarn",
];
const SHELLS: &[&str] = &["ash", "bash", "sh", "zsh", "/bin/ash", "/bin/bash", "/bin/sh", "/bin/zsh"];

impl Check for BuildToolsShipped {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        if !cx.is_target(stage.id) || !starts_something(stage) {
            return;
        }
        let mut stages: Vec<&Stage> = cx.lineage(stage.id).collect();
        stages.reverse();
        let commands: Vec<RunCommand<'_>> =
            stages.iter().flat_map(|stage| &stage.instructions).flat_map(|one| cx.commands(one)).collect();
        for (at, command) in commands.iter().enumerate() {
            let Some(tool) = tool(command) else { continue };
            let builder =
                commands[at..].iter().find(|one| one.command.name().is_some_and(|name| BUILDERS.contains(&name)));
            let mut removals = commands[at..].iter().filter(|one| removes(one));
            let removal = removals.next();
            let is_gone = removal.is_some_and(|one| one.instruction.id == command.instruction.id);
            let Some(builder) = builder.filter(|_| !is_gone) else { continue };
            let mut draft = out
                .find(tool.span, format!("{} is needed for building alone, and ships", tool.raw))
                .related(builder.command.span, "builds with it")
                .help("build in a stage of its own, and copy what comes of it");
            if let Some(removal) = removal {
                draft = draft.related(removal.command.span, "too late: the layer above keeps it");
            }
            let _ = draft;
            return;
        }
    }
}

/// Whether the stage says what a container starts, and that is no shell.
fn starts_something(stage: &Stage) -> bool {
    stage.instructions.iter().any(|instruction| match &instruction.operation {
        Operation::Cmd(command) | Operation::Entrypoint(command) => match command {
            Command::Exec(words) => words.first().is_some_and(|word| !SHELLS.contains(&word.value.as_str())),
            other => other.body().is_some_and(|body| {
                body.commands().first().and_then(|one| one.name()).is_some_and(|name| !SHELLS.contains(&name))
            }),
        },
        _ => false,
    })
}

/// The first package of an install that is for building alone.
fn tool<'a>(command: &RunCommand<'a>) -> Option<&'a ShellWord> {
    let request = INSTALLERS.iter().find_map(|installer| installer.request(command.command))?;
    request.packages.into_iter().find(|word| {
        let name = word.literal.as_deref().unwrap_or_default().split(['=', ':', '~']).next().unwrap_or_default();
        TOOLS.contains(&name)
    })
}

/// Whether the command removes packages.
fn removes(command: &RunCommand<'_>) -> bool {
    command.calls(&["apk"], &["del"])
        || command.calls(&["apt-get", "apt"], &["purge", "remove", "autoremove"])
        || command.calls(&["dnf", "microdnf", "yum", "zypper"], &["remove", "erase", "autoremove", "rm"])
}
