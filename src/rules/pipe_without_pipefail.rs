//! Pipes whose first commands may fail unseen: the shell looks at the last one alone. Silent where SHELL or the text sets
//! pipefail; where it would change nothing, since the status of the pipe fails nothing or the commands before the last
//! cannot fail; and where it would be wrong, since the last one stops reading early. Told once a RUN. Where the shell is
//! known, the fix sets pipefail in the text, or turns to bash where `/bin/sh` has no such option.

use super::cx::is_option;
use super::shell_in_force::{self, Kind};
use super::{Check, Cx, Out};
use crate::model::shell::{Pipeline, Script, SimpleCommand};
use crate::model::{Command, Instruction, Operation, Stage};
use crate::text::{Edit, Span};

pub(super) struct PipeWithoutPipefail;

const NEVER_FAIL: &[&str] = &["echo", "printf", "true", "yes", ":"];
const OPTION: &str = "set -o pipefail";
const SHELL: &str = "SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]";

impl Check for PipeWithoutPipefail {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        // One line with SHELL is enough for all that come after it.
        let mut is_first = true;
        for instruction in &stage.instructions {
            let pipes = unguarded(instruction, cx);
            let Some(((pipeline, first), others)) = pipes.split_first() else { continue };
            let name = first.words.first().map_or_else(|| cx.text(first.span), |word| &word.raw);
            let draft = out
                .find(*pipeline, format!("the shell does not look whether `{name}` fails"))
                .help(format!("set pipefail: {SHELL}, or `{OPTION}` in the text"))
                .fix("set pipefail", || repair(instruction, is_first, cx));
            others.iter().fold(draft, |draft, (pipeline, _)| draft.related(*pipeline, "nor here"));
            is_first = false;
        }
    }
}

/// The pipes of a RUN of which something before the last command may fail, with that command.
fn unguarded<'a>(instruction: &'a Instruction, cx: &Cx<'_>) -> Vec<(Span, &'a SimpleCommand)> {
    let Operation::Run(run) = &instruction.operation else { return Vec::new() };
    let Some(script) = run.command.body().and_then(|body| body.script()) else { return Vec::new() };
    let shell = shell_in_force::words(instruction, cx).unwrap_or_default();
    if script.pipelines.is_empty() || sets_pipefail(script) || shell.iter().any(|word| word.contains("pipefail")) {
        return Vec::new();
    }
    let weak = |pipeline: &Pipeline| {
        let members: Vec<&SimpleCommand> =
            script.commands.iter().filter(|one| one.in_pipeline && pipeline.span.encloses(one.span)).collect();
        let (last, before) = members.split_last()?;
        let may_fail = |command: &&&SimpleCommand| command.name().is_none_or(|name| !NEVER_FAIL.contains(&name));
        before
            .iter()
            .find(may_fail)
            .filter(|_| !compares_checksums(last) && !searches(last) && !stops_early(last))
            .map(|first| (pipeline.span, *first))
    };
    script.pipelines.iter().filter(|pipeline| pipeline.decides).filter_map(weak).collect()
}

/// Whether the command fails by itself when less arrives than was sent.
fn compares_checksums(command: &SimpleCommand) -> bool {
    let is_sum = command.name().is_some_and(|name| name.ends_with("sum"));
    let mut words = command.arguments().iter().filter_map(|word| word.literal.as_deref());
    is_sum && words.any(|word| is_option(word, "-c") || is_option(word, "--check"))
}

/// Whether the command fails by itself where nothing arrives that it looks for.
fn searches(command: &SimpleCommand) -> bool {
    let mut words = command.arguments().iter().filter_map(|word| word.literal.as_deref());
    let is_inverted = words.any(|word| is_option(word, "-v") || is_option(word, "--invert-match"));
    matches!(command.name(), Some("grep" | "egrep" | "fgrep")) && !is_inverted
}

/// Whether the command may end before it has read everything, which kills the one that writes.
fn stops_early(command: &SimpleCommand) -> bool {
    command.name() == Some("head")
}

fn sets_pipefail(script: &Script) -> bool {
    script.commands.iter().any(|command| {
        command.name() == Some("set") && command.arguments().iter().any(|word| word.raw.contains("pipefail"))
    })
}

fn repair(instruction: &Instruction, is_first: bool, cx: &Cx<'_>) -> Option<Vec<Edit>> {
    let Operation::Run(run) = &instruction.operation else { return None };
    match (shell_in_force::kind(instruction, cx)?, &run.command) {
        (Kind::Dash, _) => {
            let keyword = super::cased_like("SHELL", cx.text(instruction.keyword_span));
            let line = SHELL.replacen("SHELL", &keyword, 1);
            is_first.then(|| vec![Edit::insert(cx.lines(instruction).start, format!("{line}{}", cx.line_end()))])
        }
        (_, Command::Script { heredoc, .. }) if !heredoc.content.starts_with("#!") => {
            Some(vec![Edit::insert(heredoc.body.start, format!("{OPTION}{}", cx.line_end()))])
        }
        (_, Command::Shell { text, .. }) => Some(vec![Edit::insert(text.span().start, format!("{OPTION} && "))]),
        _ => None,
    }
}
