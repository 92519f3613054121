//! Shell texts inside a file: each word in its place, whatever continuations and heredocs do to the lines.

use rplan::model::shell::{ShellBody, SimpleCommand};
use rplan::model::{Operation, Resolved};

use super::resolved;

/// The body of the last instruction of the file, a RUN.
fn body(model: &Resolved) -> &ShellBody {
    let stage = model.model.stages.last().expect("a stage");
    match &stage.instructions.last().expect("an instruction").operation {
        Operation::Run(run) => run.command.body().expect("shell form"),
        _ => panic!("the last instruction is no RUN"),
    }
}

/// The commands of the last RUN as words separated by `|`, each as it stands in the file.
fn commands(text: &str) -> Vec<String> {
    let model = resolved(text);
    let source = &model.model.tree.source;
    let words = |command: &SimpleCommand| {
        command.words.iter().map(|word| source.slice(word.span)).collect::<Vec<_>>().join("|")
    };
    body(&model).commands().iter().map(words).collect()
}

fn opaque(text: &str) -> String {
    match body(&resolved(text)) {
        ShellBody::Opaque { reason, .. } => reason.clone(),
        ShellBody::Script(_) => "a script".to_owned(),
    }
}

#[test]
fn words_are_found_through_continuations_and_comments() {
    let text =
        "FROM a\nRUN apt-get update && \\\n    # why\n    apt-get install -y \\\n\n      curl=1 \\\n  ; rm -rf 'a b'";
    assert_eq!(commands(text), ["apt-get|update", "apt-get|install|-y|curl=1", "rm|-rf|'a b'"]);
    let text = "# escape=`\nFROM a\nRUN echo é `\n  && x \\\"y";
    assert_eq!(commands(text), ["echo|é", "x|\\\"y"]);
}

#[test]
fn a_word_may_be_torn_by_a_continuation() {
    assert_eq!(commands("FROM a\nRUN ec\\\nho x"), ["ec\\\nho|x"]);
}

#[test]
fn heredoc_bodies_are_scripts_where_they_are_all_there_is() {
    let text = "FROM a\nRUN <<-EOF\n\tset -e\n\tif x; then\n\t\ty \\\n\t  z\n\tfi\nEOF\n";
    assert_eq!(commands(text), ["set|-e", "x", "y|z"]);
    assert_eq!(commands("FROM a\nRUN <<EOF\n#!/usr/bin/env bash\na\nEOF"), ["a"]);
    assert_eq!(opaque("FROM a\nRUN <<EOF\n#!/usr/bin/env python3\na\nEOF"), "python3 is not a POSIX shell");
}

#[test]
fn heredocs_on_a_line_with_more_are_not_searched() {
    assert_eq!(commands("FROM a\nRUN cat <<EOF > x && y\nz z\nEOF"), ["cat", "y"]);
}

#[test]
fn text_for_another_shell_is_opaque() {
    assert_eq!(opaque("FROM a\nSHELL [\"powershell\", \"-c\"]\nRUN x"), "powershell is not a POSIX shell");
    assert_eq!(opaque("FROM a AS b\nSHELL [\"cmd\"]\nFROM b\nRUN x"), "cmd is not a POSIX shell");
    assert_eq!(commands("FROM a\nSHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\nRUN x"), ["x"]);
    assert_eq!(commands("FROM a AS b\nSHELL [\"cmd\"]\nFROM a\nRUN x"), ["x"]);
}

#[test]
fn what_does_not_parse_is_opaque_and_says_why() {
    assert!(opaque("FROM a\nRUN if x").starts_with("it does not parse: "));
    assert!(opaque(&format!("FROM a\nRUN {}x", "(".repeat(1000))).contains("levels deep"));
}
