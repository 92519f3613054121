//! A command in shell form as the JSON array that runs the same program with the same arguments.

use super::Cx;
use crate::model::Command;

/// The array, when the shell does nothing but start one program, whose words all stand for themselves.
pub(super) fn of(command: &Command, cx: &Cx<'_>) -> Option<String> {
    let Command::Shell { text, body } = command else { return None };
    let [only] = body.commands() else { return None };
    let is_bare = only.assignments.is_empty() && only.redirects.is_empty();
    if !is_bare || !body.script()?.is_flat || cx.text(text.span()).contains('\n') {
        return None;
    }
    let words: Option<Vec<&str>> = only.words.iter().map(|word| word.literal.as_deref()).collect();
    let words = words?;
    // Built-ins of the shell are no programs, and a pattern is expanded by the shell.
    let is_program = !matches!(
        *words.first()?,
        "exec" | "cd" | "export" | "source" | "." | "set" | "ulimit" | "eval" | "trap" | "exit"
    );
    let is_plain = !words.iter().any(|word| word.contains(['*', '?', '[']));
    (is_program && is_plain).then(|| {
        let quoted: Vec<String> = words.iter().map(|word| serde_json::Value::from(*word).to_string()).collect();
        format!("[{}]", quoted.join(", "))
    })
}
