//! The shell text of a Dockerfile as its shell reads it: which shell that is, and what is set before it begins.

use std::collections::BTreeSet;

use super::{Cx, shell_in_force, windows};
use crate::model::shell::{Dialect, ShellText, shebang};
use crate::model::{Command, Instruction, Operation, Run, Stage};
use crate::syntax::{Heredoc, JoinedText};

/// Variables that a builder sets for every RUN without being asked to.
const FROM_BUILDER: &[&str] = &["all_proxy", "ftp_proxy", "http_proxy", "https_proxy", "no_proxy"];

/// A RUN's text, and whether ONBUILD stores it.
pub(super) struct Written {
    pub(super) text: ShellText,
    pub(super) is_stored: bool,
}

/// Every text that a shell will read, in the order of the file, as far as the language of that shell is known.
pub(super) fn shell_texts(cx: &Cx<'_>) -> Vec<Written> {
    cx.stages().iter().flat_map(|stage| texts_of(stage, cx)).collect()
}

fn texts_of(stage: &Stage, cx: &Cx<'_>) -> Vec<Written> {
    let mut texts = Vec::new();
    // What ONBUILD will have set.
    let mut stored = BTreeSet::new();
    for instruction in &stage.instructions {
        match &instruction.operation {
            Operation::Run(run) => {
                let text = text_of(run, instruction, &BTreeSet::new(), cx);
                texts.extend(text.map(|text| Written { text, is_stored: false }));
            }
            Operation::Onbuild(onbuild) => match &onbuild.trigger.operation {
                Operation::Arg(args) => stored.extend(args.iter().map(|arg| arg.name.value.clone())),
                Operation::Env(env) => stored.extend(env.pairs.iter().map(|pair| pair.key.raw.as_str().to_owned())),
                Operation::Run(run) => {
                    let text = text_of(run, instruction, &stored, cx);
                    texts.extend(text.map(|text| Written { text, is_stored: true }));
                }
                _ => {}
            },
            _ => {}
        }
    }
    texts
}

fn text_of(run: &Run, instruction: &Instruction, set_besides: &BTreeSet<String>, cx: &Cx<'_>) -> Option<ShellText> {
    let named = shell_in_force::words(instruction, cx);
    if named.is_none() && windows::is_certain(instruction.stage?, cx) {
        return None;
    }
    let words = || named.clone().unwrap_or_default();
    let (text, shell) = match &run.command {
        Command::Exec(_) => return None,
        Command::Shell { text, .. } => (text.clone(), words()),
        Command::Script { heredoc, .. } => {
            let own = shebang(&heredoc.content).map(Iterator::collect);
            (heredoc.text(cx.source()), own.unwrap_or_else(words))
        }
        Command::ShellWithHeredocs { text, heredocs, .. } => (with_bodies(text, heredocs, cx), words()),
    };
    let dialect = match Dialect::of(shell.iter().copied())? {
        Dialect::Sh => match shell_in_force::system_shell(instruction, cx) {
            Some(shell_in_force::Kind::Bash) => Dialect::Bash,
            Some(shell_in_force::Kind::Dash) => Dialect::Dash,
            Some(shell_in_force::Kind::Ash) => Dialect::Busybox,
            None => Dialect::Sh,
        },
        dialect => dialect,
    };
    let visible = cx.resolved.environment(instruction);
    let names = visible.keys().copied().chain(FROM_BUILDER.iter().copied());
    let variables = names.map(str::to_owned).chain(set_besides.iter().cloned()).collect();
    Some(ShellText { text, dialect, stops_at_failure: shell.iter().skip(1).any(|word| sets_e(word)), variables })
}

/// Whether the option makes a shell stop at the first command that fails.
fn sets_e(option: &str) -> bool {
    option.strip_prefix('-').is_some_and(|letters| !letters.starts_with('-') && letters.contains('e'))
}

/// A line and the bodies of its heredocs, as one text.
fn with_bodies(line: &JoinedText, heredocs: &[Heredoc], cx: &Cx<'_>) -> JoinedText {
    let mut text = line.clone();
    for heredoc in heredocs {
        text.push("\n", text.span().end);
        text.append(&heredoc.text(cx.source()));
        text.push(&heredoc.name, heredoc.terminator.start);
    }
    text
}
