//! The engine: which rules run, what comments silence, in which order findings come, and that fixes are not trusted.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use rplan::diagnostic::{Finding, RuleId, Safety, Severity};
use rplan::lint::{self, Profile, Report, Selection, try_rule};
use rplan::model::{self, BuildContext, ResolveOptions, Surroundings};
use rplan::rules::{Catalogue, OptionValue, read_user_rule, skeleton};
use rplan::syntax;
use rplan::text::{SourceFile, Span};

use crate::support::memory::MemoryContext;

fn options() -> ResolveOptions {
    ResolveOptions { platform: "linux/amd64".to_owned(), ..ResolveOptions::default() }
}

fn report_with(text: &[u8], catalogue: &Catalogue, selection: &Selection, further: Vec<Finding>) -> Report {
    let around = Surroundings { today: Some("2030-01-01".to_owned()), ..Surroundings::default() };
    let parsed = syntax::parse(&SourceFile::new("Dockerfile", text));
    let resolved = model::resolve(model::analyze(parsed.tree), &options(), &around);
    lint::lint(&resolved, &parsed.errors, &around, catalogue, selection, further)
}

fn report(text: &str, selection: &Selection) -> Report {
    report_with(text.as_bytes(), &Catalogue::builtin(), selection, Vec::new())
}

fn ids(report: &Report) -> Vec<&str> {
    report.findings.iter().map(|finding| finding.rule.as_str()).collect()
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

const TEXT: &str = "FROM debian\nMAINTAINER me\nRUN sudo apt-get install vim\n";

#[test]
fn rules_are_selected_by_id_category_and_foreign_name() {
    let only = |name: &str| Selection { select: names(&[name]), ..Selection::default() };
    assert_eq!(ids(&report(TEXT, &only("maintainer"))), ["maintainer"]);
    assert_eq!(ids(&report(TEXT, &only("DL4000"))), ["maintainer"]);
    assert_eq!(ids(&report(TEXT, &only("MaintainerDeprecated"))), ["maintainer"]);
    assert_eq!(ids(&report(TEXT, &only("deprecated"))), ["maintainer"]);
    assert!(ids(&report(TEXT, &only("all"))).len() >= 3);
    let without = Selection { ignore: names(&["deprecated", "DL3004"]), ..Selection::default() };
    assert_eq!(ids(&report(TEXT, &without)), ["untagged-image"]);
}

#[test]
fn the_name_of_a_place_holds_no_secret() {
    let text = "FROM debian:12\nRUN git clone https://me:hunter2@example.com/a && sudo b\n";
    let findings = report(text, &Selection::default()).findings;
    let anchors: Vec<&str> =
        findings.iter().filter_map(|one| Some(one.anchor.as_ref()?.instruction.as_ref())).collect();
    assert!(anchors.len() >= 2 && anchors.iter().all(|text| text.contains("://***@example.com")), "{anchors:?}");
}

/// A catalogue of one rule of a user's, which finds every RUN.
fn catalogue_of(keys: &str) -> Catalogue {
    let yaml = skeleton("any-run").replace("edition: 1\nstatus: stable", keys).replace("curl .*\\| *(ba)?sh", ".");
    assert!(yaml.contains(keys), "the skeleton has these keys");
    let rule = read_user_rule(&SourceFile::new("any-run.yaml", yaml)).expect("a rule");
    Catalogue::builtin().with([rule]).expect("its name is free")
}

/// How grave the rule's finding is in each profile, and when it is selected; `-` where it does not run.
fn runs(keys: &str, edition: u16) -> String {
    let catalogue = catalogue_of(keys);
    let shown = |selection: Selection| {
        let report = report_with(b"FROM debian:12\nRUN x\n", &catalogue, &selection, Vec::new());
        let found = report.findings.iter().find(|finding| finding.rule.as_str() == "any-run");
        found.map_or("-", |finding| finding.severity.as_str())
    };
    let profiles = Profile::ALL.map(|profile| shown(Selection { profile, edition, ..Selection::default() }));
    let selected = shown(Selection { extend: names(&["any-run"]), edition, ..Selection::default() });
    format!("{} selected {selected}", profiles.join(" "))
}

#[test]
fn a_rule_runs_from_its_edition_on_and_changes_only_with_editions() {
    let keys = "edition: 2\nstatus: stable\nseverity-from: {4: info, 3: error}";
    assert_eq!(runs(keys, 1), "- - - - selected warning");
    assert_eq!(runs(keys, 2), "warning warning - - selected warning");
    assert_eq!(runs(keys, 3), "error error - - selected error");
    assert_eq!(runs(keys, 9), "info info - - selected info");
}

/// Whoever names an edition that only a rule of their own has would wait for it in vain.
#[test]
fn rules_of_ones_own_make_no_edition() {
    let builtin = Catalogue::builtin().newest_edition();
    assert_eq!(catalogue_of("edition: 99\nstatus: stable\nseverity-from: {100: error}").newest_edition(), builtin);
}

#[test]
fn what_is_optional_runs_for_the_strict_and_what_is_opt_in_for_who_selects_it() {
    assert_eq!(runs("edition: 1\nstatus: optional", 1), "- warning - - selected warning");
    assert_eq!(runs("edition: opt-in\nstatus: optional", 1), "- - - - selected warning");
    assert_eq!(runs("edition: 1\nstatus: preview", 1), "- - - - selected warning");
}

#[test]
fn profiles_of_other_linters_hold_what_has_their_names_as_grave_as_they_say() {
    let known = |aliases: &str| runs(&format!("edition: opt-in\nstatus: optional\naliases: [{aliases}]"), 1);
    assert_eq!(known("DL9998: style, DL9999: error"), "- - error - selected warning");
    assert_eq!(known("DL9999: ignore"), "- - - - selected warning");
    assert_eq!(known("SC9999, DF999"), "- - - - selected warning");
    // A rule of rplan has the name of each check of BuildKit, so none is left to make one up with.
    let findings =
        |profile| report("FROM a:1\nMAINTAINER me\n", &Selection { profile, ..Selection::default() }).findings;
    let graveness =
        |profile| findings(profile).iter().map(|one| (one.rule.to_string(), one.severity)).collect::<Vec<_>>();
    assert_eq!(graveness(Profile::BuildKit), [("maintainer".to_owned(), Severity::Warning)]);
    assert!(graveness(Profile::Default).contains(&("maintainer".to_owned(), Severity::Info)));
}

#[test]
fn what_other_linters_tell_apart_is_selected_and_silenced_apart() {
    let text = "FROM debian:12\nCMD [\"a\"]\nENTRYPOINT [\"a\"]\nCMD [\"b\"]\nENTRYPOINT [\"b\"]\n";
    let shown = |text: &str, selection: Selection| -> Vec<String> {
        let of_rule = |finding: &&Finding| finding.rule.as_str() == "multiple-cmd";
        let findings = report(text, &selection).findings;
        findings.iter().filter(of_rule).map(|finding| format!("{} {}", finding.severity, finding.message)).collect()
    };
    let [cmd, entrypoint] = ["warning this CMD has no effect", "warning this ENTRYPOINT has no effect"];
    assert_eq!(shown(text, Selection::default()), [cmd, entrypoint]);
    assert_eq!(shown(text, Selection { ignore: names(&["DL4004"]), ..Selection::default() }), [cmd]);
    assert_eq!(shown(text, Selection { select: names(&["DL4004"]), ..Selection::default() }), [entrypoint]);
    assert_eq!(shown(text, Selection { ignore: names(&["multiple-cmd"]), ..Selection::default() }), [""; 0]);
    assert_eq!(shown(&format!("# hadolint global ignore=dl4004\n{text}"), Selection::default()), [cmd]);
    let hadolint = Selection { profile: Profile::Hadolint, ..Selection::default() };
    assert_eq!(shown(text, hadolint.clone()), [cmd, "error this ENTRYPOINT has no effect"]);
    let severities =
        BTreeMap::from([("DL4003".to_owned(), Severity::Style), ("multiple-cmd".to_owned(), Severity::Info)]);
    let expected = ["style this CMD has no effect", "info this ENTRYPOINT has no effect"];
    assert_eq!(shown(text, Selection { severities, ..hadolint }), expected);
}

#[test]
fn severities_and_options_are_values() {
    let severities = BTreeMap::from([("maintainer".to_owned(), Severity::Error)]);
    let selection = Selection { select: names(&["maintainer"]), severities, ..Selection::default() };
    assert_eq!(report(TEXT, &selection).findings[0].severity, Severity::Error);
    let allowed = OptionValue::Texts(vec!["quay.io".into()].into());
    let options =
        BTreeMap::from([("registry-not-allowed".to_owned(), BTreeMap::from([("allowed".to_owned(), allowed)]))]);
    let selection = Selection { select: names(&["registry-not-allowed"]), options, ..Selection::default() };
    assert_eq!(ids(&report(TEXT, &selection)), ["registry-not-allowed"]);
    assert_eq!(selection.mistakes(&Catalogue::builtin()), []);
}

#[test]
fn names_and_options_that_do_not_exist_are_told() {
    let options = BTreeMap::from([
        ("registry-not-allowed".to_owned(), BTreeMap::from([("allowed".to_owned(), OptionValue::Flag(true))])),
        ("maintainer".to_owned(), BTreeMap::from([("x".to_owned(), OptionValue::Flag(true))])),
    ]);
    let selection = Selection { select: names(&["maintainr", "style"]), options, ..Selection::default() };
    let told: Vec<String> = selection.mistakes(&Catalogue::builtin()).iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "there is no rule `maintainr`; did you mean `maintainer`?",
            "maintainer has no option `x`: it has none",
            "`allowed` of registry-not-allowed takes a list of texts",
        ]
    );
}

#[test]
fn findings_of_others_are_sorted_and_silenced_like_the_rules_own() {
    let proposal = || Finding::new(RuleId::builtin("hoist-manifests"), Severity::Info, Span::new(12, 22), "move it");
    let catalogue = Catalogue::builtin();
    let none = Selection { select: names(&["maintainer"]), ..Selection::default() };
    let found = report_with(TEXT.as_bytes(), &catalogue, &none, vec![proposal(), proposal()]);
    assert_eq!(ids(&found), ["hoist-manifests", "maintainer"]);
    let text = format!("FROM debian\n# rplan ignore=hoist-manifests\n{}", &TEXT[12..]);
    let moved =
        Finding { primary: rplan::diagnostic::Label { span: Span::new(43, 53), message: String::new() }, ..proposal() };
    let found = report_with(text.as_bytes(), &catalogue, &none, vec![moved]);
    assert_eq!((ids(&found), found.silenced), (vec!["maintainer"], 1));
}

#[test]
fn a_comment_inside_a_continued_run_speaks_for_the_next_line() {
    let sudo = Selection { select: names(&["sudo-in-run"]), ..Selection::default() };
    let text = "FROM a\nRUN sudo a && \\\n    # rplan ignore=sudo-in-run\n    sudo b && \\\n    sudo c\n";
    let found = report(text, &sudo);
    let lines: Vec<usize> =
        found.findings.iter().map(|finding| text[..finding.primary.span.start].matches('\n').count() + 1).collect();
    assert_eq!((lines, found.silenced), (vec![2, 5], 1));
}

/// Every form of every tool, and how long it holds. Today is 2030-01-01.
#[test]
fn comments_speak_in_three_tools_words_and_to_the_day() {
    let cd = Selection { select: names(&["cd-in-run"]), ..Selection::default() };
    let is_silent = |comment: &str, text: &str| {
        let found = report(&text.replace("COMMENT", comment), &cd);
        assert_eq!(found.findings.len() + found.silenced, 1, "{comment}: {text}");
        found.findings.is_empty()
    };
    let (above_run, above_from) = ("FROM a\nCOMMENT\n\n# why\nRUN cd /a && b\n", "COMMENT\nFROM a\nRUN cd /a && b\n");
    let (below, inside) = ("FROM a\nRUN cd /a && b\nCOMMENT\n", "FROM a\nRUN a && \\\n  COMMENT\n  cd /a && b\n");
    for (comment, above_run_is, above_from_is, below_is, inside_is) in [
        ("# rplan ignore=cd-in-run", true, false, false, true),
        ("# rplan ignore=latest-tag,DL3003 reason=\"so it is\" expires=2030-01-01", true, false, false, true),
        ("# rplan ignore=all", true, false, false, true),
        ("# rplan ignore=cd-in-run expires=2029-12-31", false, false, false, false),
        ("# rplan ignore=latest-tag", false, false, false, false),
        ("# rplan stage-ignore=cd-in-run", false, true, false, false),
        ("# rplan file-ignore=cd-in-run", true, true, true, true),
        ("# rplan file-ignore=all", true, true, true, true),
        ("# hadolint ignore=DL3003", true, false, false, true),
        ("# hadolint ignore=DL3003,DL3004 # why", true, false, false, true),
        ("# hadolint stage ignore=DL3003", false, true, false, false),
        ("# hadolint global ignore=DL3003", true, true, true, true),
        ("# check=skip=all", true, true, false, false),
        ("# check=skip=StageNameCasing", false, false, false, false),
    ] {
        let is = [above_run, above_from, below, inside].map(|text| is_silent(comment, text));
        assert_eq!(is, [above_run_is, above_from_is, below_is, inside_is], "{comment}");
    }
}

/// The comment that is needed for a rule that does not run here is needed all the same.
#[test]
fn whether_a_comment_is_needed_does_not_depend_on_what_is_selected() {
    let text = "FROM alpine:3.20\n# rplan ignore=cd-in-run\nRUN cd /a && b\n# rplan ignore=cd-in-run\nRUN b\n";
    let place = |selection: &Selection, around: &Surroundings| -> Vec<usize> {
        let parsed = syntax::parse(&SourceFile::new("Dockerfile", text));
        let resolved = model::resolve(model::analyze(parsed.tree), &options(), around);
        let found = lint::lint(&resolved, &parsed.errors, around, &Catalogue::builtin(), selection, Vec::new());
        let line = |finding: &Finding| text[..finding.primary.span.start].matches('\n').count() + 1;
        let unused = found.findings.iter().filter(|finding| finding.rule.as_str() == "unused-ignore");
        unused.map(line).collect()
    };
    let context: Arc<dyn BuildContext> = Arc::new(MemoryContext::new(Vec::<(String, Vec<u8>)>::new()));
    let known = Surroundings { context: Some(context), ..Surroundings::default() };
    for profile in Profile::ALL {
        let selection = Selection { profile, extend: names(&["unused-ignore"]), ..Selection::default() };
        assert_eq!(place(&selection, &known), [4], "{profile:?}");
        assert_eq!(place(&selection, &Surroundings::default()), [0; 0], "nobody knows without a context");
    }
    let deaf = Selection { inline_ignores: false, ..Selection::default() };
    assert_eq!(place(&deaf, &known), [0; 0]);
}

#[test]
fn instructions_with_foreign_bytes_are_judged_and_never_rewritten() {
    let text = b"FROM a\nMAINTAINER J\xfcrgen\nrun true\n";
    let selection = Selection { fixes: true, ..Selection::default() };
    let found = report_with(text, &Catalogue::builtin(), &selection, Vec::new());
    let fixes: BTreeMap<&str, usize> =
        found.findings.iter().map(|finding| (finding.rule.as_str(), finding.fixes.len())).collect();
    assert_eq!((fixes["maintainer"], fixes["keyword-casing"]), (0, 1));
    let source = SourceFile::new("Dockerfile", text.to_vec());
    let fixed =
        lint::fix(&source, &options(), &Surroundings::default(), &Catalogue::builtin(), &selection, Safety::Unsafe);
    assert_eq!(fixed.bytes, b"FROM a\nMAINTAINER J\xfcrgen\nRUN true\n");
}

#[test]
fn fixes_cost_nothing_when_they_are_not_wanted() {
    assert!(report(TEXT, &Selection::default()).findings.iter().all(|finding| finding.fixes.is_empty()));
    let wanted = Selection { fixes: true, ..Selection::default() };
    assert!(report(TEXT, &wanted).findings.iter().any(|finding| !finding.fixes.is_empty()));
}

/// Removing two neighbours in one fix would touch the same place twice.
#[test]
fn commands_side_by_side_are_taken_out_one_after_the_other() {
    let selection = Selection { select: names(&["apk-with-index"]), ..Selection::default() };
    let source = SourceFile::new("Dockerfile", "FROM alpine:3.20\nRUN apk update && apk update && apk add curl\n");
    let fixed =
        lint::fix(&source, &options(), &Surroundings::default(), &Catalogue::builtin(), &selection, Safety::Unsafe);
    assert_eq!(fixed.bytes, b"FROM alpine:3.20\nRUN apk add --no-cache curl\n");
    assert!(fixed.defects.is_empty());
}

#[test]
fn the_examples_of_the_project_need_no_fix_that_is_wrong() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let all = Selection { select: names(&["all"]), ..Selection::default() };
    let mut tried = 0;
    for entry in walkdir::WalkDir::new(root).into_iter().filter_map(Result::ok) {
        if entry.file_name() == "Dockerfile" {
            let source = SourceFile::new("Dockerfile", std::fs::read(entry.path()).unwrap());
            let around = Surroundings::default();
            let fixed = lint::fix(&source, &options(), &around, &Catalogue::builtin(), &all, Safety::Unsafe);
            assert_eq!(fixed.defects, [], "{}", entry.path().display());
            tried += 1;
        }
    }
    assert!(tried > 5);
}

#[test]
fn a_rule_of_ones_own_runs_and_its_examples_are_tried() {
    let source = SourceFile::new("no-curl-pipe.yaml", skeleton("no-curl-pipe"));
    let trial = try_rule(&source).unwrap();
    assert_eq!((trial.examples, trial.failures.as_slice()), (2, &[][..]));
    let catalogue = Catalogue::builtin().with([read_user_rule(&source).unwrap()]).unwrap();
    let found = report_with(b"FROM a:1\nRUN curl x | sh\n", &catalogue, &Selection::default(), Vec::new());
    assert!(ids(&found).contains(&"no-curl-pipe"));

    let wrong = SourceFile::new("r.yaml", skeleton("no-curl-pipe").replace("line: 2", "line: 1"));
    assert_eq!(
        try_rule(&wrong).unwrap().failures,
        ["example 1: nothing is found on line 1 that says `runs what it fetched`"]
    );
    let taken = SourceFile::new("r.yaml", skeleton("latest-tag"));
    assert!(try_rule(&taken).unwrap_err().message.contains("there is one of that name"));
}
