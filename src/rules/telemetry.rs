//! A build tool that reports its use to its maker, although a variable would stop it.

use std::collections::BTreeSet;

use super::{Check, Cx, Out, RunCommand, insertion};
use crate::model::{Operation, Stage};

pub(super) struct Telemetry;

struct Tool {
    name: &'static str,
    /// The subcommands that report; none is all.
    subcommands: &'static [&'static str],
    /// The variable, and the value that stops it.
    variable: (&'static str, &'static str),
}

const fn tool(
    name: &'static str,
    subcommands: &'static [&'static str],
    variable: (&'static str, &'static str),
) -> Tool {
    Tool { name, subcommands, variable }
}

const TOOLS: &[Tool] = &[
    tool("astro", &["build"], ("ASTRO_TELEMETRY_DISABLED", "1")),
    tool("az", &[], ("AZURE_CORE_COLLECT_TELEMETRY", "false")),
    tool("brew", &["install", "update", "upgrade"], ("HOMEBREW_NO_ANALYTICS", "1")),
    tool(
        "dotnet",
        &["build", "new", "pack", "publish", "restore", "test", "tool", "workload"],
        ("DOTNET_CLI_TELEMETRY_OPTOUT", "1"),
    ),
    tool("gatsby", &["build"], ("GATSBY_TELEMETRY_DISABLED", "1")),
    tool("next", &["build"], ("NEXT_TELEMETRY_DISABLED", "1")),
    tool("ng", &["build"], ("NG_CLI_ANALYTICS", "false")),
    tool("nuxt", &["build", "generate"], ("NUXT_TELEMETRY_DISABLED", "1")),
    tool("nuxi", &["build", "generate"], ("NUXT_TELEMETRY_DISABLED", "1")),
    tool("pwsh", &[], ("POWERSHELL_TELEMETRY_OPTOUT", "1")),
    tool("sam", &["build"], ("SAM_CLI_TELEMETRY", "0")),
    tool("turbo", &[], ("TURBO_TELEMETRY_DISABLED", "1")),
    tool("vcpkg", &[], ("VCPKG_DISABLE_METRICS", "1")),
    tool("wrangler", &[], ("WRANGLER_SEND_METRICS", "false")),
];

/// The variable that many tools understand.
const FOR_ALL: &str = "DO_NOT_TRACK";

impl Check for Telemetry {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        let mut told = BTreeSet::new();
        for instruction in stage.instructions.iter().filter(|one| matches!(one.operation, Operation::Run(_))) {
            let is_set = |name: &str| cx.resolved.variable(name, instruction).is_some();
            for command in cx.commands(instruction) {
                let Some(tool) = called(&command) else { continue };
                let (name, value) = tool.variable;
                let is_given = command.command.assignments.iter().any(|(given, _)| given.value == name);
                // An `export` before it is as good.
                let is_said = is_given || cx.text(instruction.span).contains(name);
                if is_said || is_set(name) || is_set(FOR_ALL) || !told.insert(name) {
                    continue;
                }
                out.find(command.command.words[0].span, format!("{} reports its use to its maker", tool.name))
                    .help(format!("ENV {name}={value} stops it"))
                    .fix(format!("set {name}"), || {
                        Some(vec![insertion::above(instruction, "ENV", &format!("{name}={value}"), cx)])
                    });
            }
        }
    }
}

/// The tool that the command starts, by itself or through npx and the like.
fn called(command: &RunCommand<'_>) -> Option<&'static Tool> {
    let name = command.command.name()?;
    let mut words = std::iter::once(name).chain(command.literals()).filter(|word| !word.starts_with('-'));
    let mut first = words.next()?;
    if matches!(first, "npx" | "bunx" | "pnpx") {
        first = words.next()?;
    }
    let tool = TOOLS.iter().find(|tool| tool.name == first.rsplit('/').next().unwrap_or(first))?;
    let is_one = tool.subcommands.is_empty() || words.next().is_some_and(|word| tool.subcommands.contains(&word));
    is_one.then_some(tool)
}
