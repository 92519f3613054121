//! What `editors/` gives to editors understands what `compact` writes.

use std::path::{Path, PathBuf};
use std::process::Command;

use rplan::diagnostic::{Finding, RuleId, Severity};
use rplan::report::{Compact, ContextNote, FileView, LintFormat, LintView};
use rplan::text::{SourceFile, Span};

use crate::support::system::system_tests_run;

/// One finding of each severity, in files with awkward names.
fn compact() -> String {
    let file = |name: &str, severity: Severity, message: &str| FileView {
        source: SourceFile::new(name, "FROM a\nRUN b: c\n"),
        context: ContextNote::Unknown,
        findings: vec![Finding::new(RuleId::builtin("some-rule"), severity, Span::new(11, 12), message)],
        hidden: vec![],
        ignored: 0,
        known: 0,
        untouched: 0,
    };
    let files = vec![
        file("Dockerfile", Severity::Error, "it is wrong"),
        file("a b/Dockerfile", Severity::Warning, "it: costs [much] 1:2:"),
        file("/srv/x.Dockerfile", Severity::Info, "it is so"),
        file("./Dockerfile.dev", Severity::Style, "it is ugly"),
    ];
    let mut out = Vec::new();
    Compact.write(&LintView { files, ..LintView::default() }, &mut out).expect("writing into memory does not fail");
    String::from_utf8(out).expect("it is text")
}

fn editor_file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("editors").join(name)
}

#[test]
fn the_vscode_problem_matcher_understands_every_line() {
    let text = std::fs::read_to_string(editor_file("vscode-problem-matcher.json")).expect("the file is there");
    let tasks: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    let pattern = &tasks["tasks"][0]["problemMatcher"]["pattern"];
    let regex = regex::Regex::new(pattern["regexp"].as_str().expect("a text")).expect("a regular expression");
    let group = |name: &str| pattern[name].as_u64().expect("a number") as usize;
    let matched: Vec<[String; 6]> = compact()
        .lines()
        .map(|line| {
            let captures = regex.captures(line).unwrap_or_else(|| panic!("not matched: {line}"));
            ["file", "line", "column", "severity", "code", "message"].map(|name| captures[group(name)].to_owned())
        })
        .collect();
    assert_eq!(
        matched,
        [
            ["Dockerfile", "2", "5", "error", "some-rule", "it is wrong"],
            ["a b/Dockerfile", "2", "5", "warning", "some-rule", "it: costs [much] 1:2:"],
            ["/srv/x.Dockerfile", "2", "5", "info", "some-rule", "it is so"],
            ["./Dockerfile.dev", "2", "5", "style", "some-rule", "it is ugly"],
        ]
    );
}

#[test]
fn vims_quickfix_list_understands_every_line() {
    if !system_tests_run("vim") {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary directory");
    let path = |name: &str| folder.path().join(name);
    std::fs::create_dir(path("compiler")).expect("a directory");
    std::fs::copy(editor_file("rplan.vim"), path("compiler/rplan.vim")).expect("the file is there");
    std::fs::write(path("output"), compact()).expect("a file");
    let script = "compiler rplan\ncall writefile([&makeprg], 'makeprg')\ncfile output\n\
        call writefile(map(getqflist(), {_, e -> join([bufname(e.bufnr), e.lnum, e.col, e.type, e.text], '|')}), 'list')\n\
        qall!\n";
    std::fs::write(path("script.vim"), script).expect("a file");
    let run = Command::new("vim")
        .args(["-es", "-N", "-i", "NONE", "-u", "NONE", "--cmd", "set runtimepath^=.", "-S", "script.vim"])
        .current_dir(folder.path())
        .output()
        .expect("vim is installed");
    let list = std::fs::read_to_string(path("list"))
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&run.stderr)));
    assert_eq!(
        list.lines().collect::<Vec<_>>(),
        [
            "Dockerfile|2|5|e|[some-rule] it is wrong",
            "a b/Dockerfile|2|5|w|[some-rule] it: costs [much] 1:2:",
            "/srv/x.Dockerfile|2|5|i|[some-rule] it is so",
            "./Dockerfile.dev|2|5|s|[some-rule] it is ugly",
        ]
    );
    let makeprg = std::fs::read_to_string(path("makeprg")).expect("vim wrote it");
    assert_eq!(makeprg.trim(), "rplan lint --format compact %:S");
}
