//! Forms of a lint report.

use std::collections::BTreeMap;

use rplan::diagnostic::{Finding, Fix, Label, RuleId, Safety, Severity};
use rplan::report::{
    Checkstyle, Compact, ContextNote, FileView, Github, Gitlab, Hadolint, Json, Junit, LintFormat, LintView, Pretty,
    RuleView, Sarif, Style, draw,
};
use rplan::rules::Catalogue;
use rplan::text::{Edit, EditSet, SourceFile, Span};

use super::UNICODE;
use crate::support::snapshot::in_area;

const NAIVE: &str = "\
FROM python:3.9
COPY . /app
WORKDIR /app
RUN pip install -r requirements.txt
CMD [\"python\", \"app.py\"]
";

fn span(text: &str, part: &str) -> Span {
    let start = text.find(part).expect("the part is in the text");
    Span::new(start, start + part.len())
}

fn label(span: Span, message: &str) -> Label {
    Label { span, message: message.to_owned() }
}

/// The two findings of the naive file, as the design shows them.
fn naive() -> FileView {
    let dot = span(NAIVE, ". /app");
    let dot = Span::new(dot.start, dot.start + 1);
    let mut order = Finding::new(
        RuleId::builtin("copy-before-deps"),
        Severity::Warning,
        dot,
        "an edit of any file reinstalls the Python packages",
    );
    order.primary.message = "takes in every file of the context".into();
    order.related = vec![label(span(NAIVE, "pip install -r requirements.txt"), "needs requirements.txt alone")];
    order.help = Some(
        "copy requirements.txt, install, then copy the rest:\n\
         `rplan optimize` writes it and shows the proof and the gain"
            .into(),
    );
    let mut git = Finding::new(
        RuleId::builtin("git-in-context"),
        Severity::Warning,
        dot,
        "each commit changes this layer, and the image ships the history",
    );
    git.primary.message = "copies .git (2.1 MB)".into();
    git.help = Some("add `.git` to .dockerignore; no step here reads it".into());
    FileView {
        source: SourceFile::new("Dockerfile", NAIVE),
        context: ContextNote::Known(".".into()),
        findings: vec![order, git],
        hidden: vec![(Severity::Info, 3)],
        ignored: 0,
        known: 0,
        untouched: 0,
    }
}

/// Everything that is awkward at once: wide characters before the span, a fix, a path with blanks, control characters.
fn awkward() -> FileView {
    let text = "FROM alpine\nRUN echo \"é😀\u{1b}[31m\" && apt install curl\nRUN <<EOF\none\ntwo\nEOF\n";
    let source = SourceFile::new("a b,c/Docker:file", text);
    let command = span(text, "apt ");
    let apt = Span::new(command.start, command.end - 1);
    let mut finding =
        Finding::new(RuleId::builtin("apt-cli"), Severity::Style, apt, "`apt` is for people,\nits output may change");
    finding.help = Some("say `apt-get`: 100% the same".into());
    finding.fixes = vec![
        Fix {
            title: "say apt-get".into(),
            safety: Safety::Safe,
            edits: EditSet::from_edits([Edit::replace(apt, "apt-get")]).expect("one edit"),
        },
        Fix { title: "only to be seen".into(), safety: Safety::Display, edits: EditSet::new() },
    ];
    let lines = Finding::new(RuleId::user("mine"), Severity::Error, span(text, "<<EOF\none\ntwo\nEOF"), "over lines");
    FileView {
        source,
        context: ContextNote::Unknown,
        findings: vec![finding, lines],
        hidden: vec![],
        ignored: 1,
        known: 0,
        untouched: 0,
    }
}

fn unreadable() -> FileView {
    let message = "cannot be read: permission denied";
    let finding = Finding::new(RuleId::builtin("unreadable-file"), Severity::Error, Span::at(0), message);
    FileView {
        source: SourceFile::new("secret/Dockerfile", ""),
        context: ContextNote::NotNeeded,
        findings: vec![finding],
        hidden: vec![],
        ignored: 0,
        known: 0,
        untouched: 0,
    }
}

pub(super) fn written(format: &dyn LintFormat, view: &LintView) -> String {
    let mut out = Vec::new();
    format.write(view, &mut out).expect("writing into memory does not fail");
    String::from_utf8(out).expect("formats write UTF-8")
}

pub(super) fn all_files() -> LintView {
    let catalogue = Catalogue::builtin();
    let known = catalogue.by_id("copy-before-deps").expect("there is such a rule").meta.clone();
    let page = "copy-before-deps: all is copied\ncache, warning\n\nWhy\n  One edit\n  costs much.\n\nBad\n  COPY . .\n";
    let url = Some("https://example.com/copy-before-deps".to_owned());
    let rules = BTreeMap::from([(known.id.to_string(), RuleView { meta: known, page: page.to_owned(), url })]);
    LintView { files: vec![naive(), awkward(), unreadable()], rules, statistics: true }
}

#[test]
fn pretty_draws_the_naive_file_as_designed() {
    let view = LintView { files: vec![naive()], ..LintView::default() };
    let drawn = written(&Pretty { style: UNICODE, summary: true }, &view);
    in_area("report", || insta::assert_snapshot!("lint_pretty_naive", drawn));
}

#[test]
fn pretty_draws_awkward_files_in_ascii() {
    let drawn = written(&Pretty { style: Style::PLAIN, summary: true }, &all_files());
    assert!(drawn.lines().filter(|line| !line.contains("echo")).all(|line| line.is_ascii()), "{drawn}");
    assert!(!drawn.contains('\u{1b}'), "a Dockerfile steers the terminal");
    in_area("report", || insta::assert_snapshot!("lint_pretty_awkward", drawn));
}

#[test]
fn no_form_shows_a_secret() {
    let text = "FROM a\nENV A=1 TOKEN=hunter2\n";
    let id = RuleId::builtin("literal-credential");
    let mut secret = Finding::new(id.clone(), Severity::Error, span(text, "hunter2"), "a token");
    secret.hides = true;
    let beside = Finding::new(id, Severity::Error, span(text, "A=1"), "beside it");
    let file = FileView { source: SourceFile::new("Dockerfile", text), findings: vec![beside, secret], ..naive() };
    let view = LintView { files: vec![file], ..LintView::default() };
    let pretty = Pretty { style: UNICODE, summary: true };
    let forms: [&dyn LintFormat; 9] =
        [&pretty, &Compact, &Json, &Sarif, &Github, &Gitlab, &Checkstyle, &Junit, &Hadolint];
    for form in forms {
        let written = written(form, &view);
        assert!(written.contains("beside it") && !written.contains("hunter2"), "{written}");
    }
    assert!(written(&pretty, &view).contains("TOKEN=*******"));
}

#[test]
fn pretty_is_coloured_only_when_asked() {
    let coloured = written(&Pretty { style: Style { colour: true, ..UNICODE }, summary: true }, &all_files());
    assert!(coloured.contains("\u{1b}["));
}

/// Only a rule of which the address is known has a link; nothing else of the picture changes.
#[test]
fn rules_are_links_only_where_links_are_wanted() {
    let plain = written(&Pretty { style: UNICODE, summary: true }, &all_files());
    let linked = written(&Pretty { style: Style { links: true, ..UNICODE }, summary: true }, &all_files());
    let link = "\u{1b}]8;;https://example.com/copy-before-deps\u{1b}\\copy-before-deps\u{1b}]8;;\u{1b}\\";
    assert!(!plain.contains('\u{1b}') && linked.contains(link), "{linked}");
    assert_eq!(linked.replace(link, "copy-before-deps"), plain);
}

#[test]
fn compact_has_one_line_a_finding() {
    in_area("report", || insta::assert_snapshot!("lint_compact", written(&Compact, &all_files())));
}

#[test]
fn json_tells_everything() {
    in_area("report", || insta::assert_snapshot!("lint_json", written(&Json, &all_files())));
}

#[test]
fn sarif_points_with_utf16_columns() {
    in_area("report", || insta::assert_snapshot!("lint_sarif", written(&Sarif, &all_files())));
}

#[test]
fn github_commands_are_escaped() {
    in_area("report", || insta::assert_snapshot!("lint_github", written(&Github, &all_files())));
}

#[test]
fn forms_for_other_tools_escape_and_place_alike() {
    let view = all_files();
    in_area("report", || {
        insta::assert_snapshot!("lint_gitlab", written(&Gitlab, &view));
        insta::assert_snapshot!("lint_checkstyle", written(&Checkstyle, &view));
        insta::assert_snapshot!("lint_junit", written(&Junit, &view));
        insta::assert_snapshot!("lint_hadolint", written(&Hadolint, &view));
    });
}

#[test]
fn nothing_wrong_is_one_line() {
    let clean = FileView { findings: vec![], hidden: vec![], ..naive() };
    let view = LintView { files: vec![clean], statistics: true, ..LintView::default() };
    assert_eq!(written(&Pretty { style: UNICODE, summary: true }, &view), "No findings in 1 file (context: .).\n");
    assert_eq!(written(&Compact, &view), "");
}

#[test]
fn any_span_of_any_file_can_be_drawn() {
    for text in ["", "\n", "a", "a\n", "a\r\n\r\nb", "é\n\t😀", "\u{1b}\u{85}\r x\n", "\u{feff}FROM a\n"] {
        let source = SourceFile::new("f", text);
        for start in 0..=text.len() {
            for end in start..=text.len() {
                let finding = Finding::new(RuleId::builtin("any"), Severity::Error, Span::new(start, end), "x");
                let drawn = draw(&source, &finding, UNICODE);
                assert!(!drawn.contains("Failed to read"), "{text:?} {start}..{end}: {drawn}");
            }
        }
    }
}
