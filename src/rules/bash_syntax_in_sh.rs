//! What only bash has, in the text of a shell that is certainly another one: dash, which is `/bin/sh` of Debian and Ubuntu,
//! or the shell of BusyBox, which is that of Alpine. Silent about everything else.

use super::shell_in_force::{self, Kind};
use super::{Check, Cx, Out};
use crate::model::shell::{Extension, Script, ShellWord, SimpleCommand};
use crate::model::{Command, Instruction, Operation, Stage};
use crate::text::{Edit, Span};

pub(super) struct BashSyntaxInSh;

impl Check for BashSyntaxInSh {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        let mut is_first = true;
        for instruction in &stage.instructions {
            let Some((script, kind)) = judged(instruction, cx) else { continue };
            let mut found: Vec<(Span, String)> = constructs(script, kind);
            found.extend(script.commands.iter().flat_map(|command| in_command(command, kind, cx)));
            for (span, what) in &found {
                let help = match kind {
                    Kind::Dash => "set the shell: SHELL [\"/bin/bash\", \"-c\"], or write it for a plain sh",
                    _ => "install bash and set it with SHELL, or write it for a plain sh",
                };
                out.find(*span, format!("{} {what}", name(kind))).help(help).fix("use bash", || {
                    let keyword = super::cased_like("SHELL", cx.text(instruction.keyword_span));
                    let line = format!("{keyword} [\"/bin/bash\", \"-c\"]{}", cx.line_end());
                    let start = cx.lines(instruction).start;
                    (kind == Kind::Dash && is_first).then(|| vec![Edit::insert(start, line)])
                });
            }
            is_first &= found.is_empty();
        }
    }
}

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Bash => "bash",
        Kind::Dash => "`/bin/sh` is dash here, and",
        Kind::Ash => "`/bin/sh` is that of BusyBox here, and",
    }
}

/// The text of a RUN and the shell that reads it, where that is certainly not bash.
fn judged<'a>(instruction: &'a Instruction, cx: &Cx<'_>) -> Option<(&'a Script, Kind)> {
    let Operation::Run(run) = &instruction.operation else { return None };
    let script = run.command.body()?.script()?;
    let names_its_shell = matches!(&run.command, Command::Script { heredoc, .. } if heredoc.content.starts_with("#!"));
    let kind = shell_in_force::kind(instruction, cx).filter(|kind| *kind != Kind::Bash && !names_its_shell)?;
    Some((script, kind))
}

fn constructs(script: &Script, kind: Kind) -> Vec<(Span, String)> {
    let told = |extension| match (extension, kind) {
        // BusyBox has these.
        (Extension::Test | Extension::Function | Extension::ProcessSubstitution, Kind::Ash) => None,
        (Extension::Test, _) => Some("has no `[[`"),
        (Extension::Arithmetic, _) => Some("takes `((` for two subshells"),
        (Extension::ArithmeticFor, _) => Some("has no `for ((`"),
        (Extension::Function, _) => Some("does not know the word `function`"),
        (Extension::Coprocess, _) => Some("has no `coproc`"),
        (Extension::ProcessSubstitution, _) => Some("has no `<( )`"),
        (Extension::Array, _) => Some("has no arrays"),
    };
    let all = script.extensions.iter().filter_map(|one| Some((one.span, told(one.value)?.to_owned())));
    all.collect()
}

fn in_command(command: &SimpleCommand, kind: Kind, cx: &Cx<'_>) -> Vec<(Span, String)> {
    let mut found = Vec::new();
    if let (Some(name), Some(word)) = (command.name(), command.words.first()) {
        let only_bash = matches!(name, "declare" | "typeset" | "shopt" | "pushd" | "popd" | "mapfile" | "readarray");
        if only_bash || (kind == Kind::Dash && matches!(name, "source" | "let")) {
            found.push((word.span, format!("has no command `{name}`")));
        }
    }
    let operators = command.redirects.iter().filter(|_| kind == Kind::Dash).filter_map(|redirect| {
        let operator = redirect.operator.trim_start_matches(|c: char| c.is_ascii_digit());
        match operator {
            "&>" | "&>>" => {
                Some((redirect.span, format!("reads `{operator}` as `&`: the command runs beside the rest")))
            }
            "<<<" => Some((redirect.span, "has no `<<<`".to_owned())),
            _ if cx.text(redirect.span).starts_with("|&") => Some((redirect.span, "has no `|&`".to_owned())),
            _ => None,
        }
    });
    found.extend(operators);
    // curl expands braces itself.
    let words = command.words.iter().skip(1).filter(|_| command.name() != Some("curl"));
    found.extend(
        words.filter(|word| has_braces(word)).map(|word| (word.span, format!("leaves `{}` as it is", word.raw))),
    );
    found
}

/// Whether bash would make several words of it: `{a,b}` or `{1..3}`, outside quotes.
fn has_braces(word: &ShellWord) -> bool {
    let raw = word.raw.as_str();
    let opens = raw.match_indices('{').map(|(at, _)| at);
    !raw.contains(['\'', '"', '`', '\\', '('])
        && opens.into_iter().any(|open| {
            let inside = raw[open + 1..].split_once('}').map_or("", |(inside, _)| inside);
            !raw[..open].ends_with(['$', '{', '%'])
                && !inside.contains('{')
                && (inside.contains(',') || inside.contains(".."))
        })
}
