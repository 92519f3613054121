//! `rplan lint --baseline`.

use super::*;

const LINT: [&str; 5] = ["lint", "--format", "compact", "--baseline", "known.toml"];

/// Three warnings: no tag, twice; and a pipe whose failure nobody sees.
const OLD: &str = "FROM debian\nRUN a | b\nFROM debian AS last\nCMD [\"date\"]\n";

fn lint(place: &Place, more: &[&str]) -> (i32, String, String) {
    let run = place.rplan(&[&LINT, more].concat());
    (run.code, run.stdout, run.stderr)
}

fn drawn(files: &[(&str, &str)]) -> Place {
    let place = Place::with(files);
    let run = place.rplan(&[&LINT, &["--write-baseline"][..]].concat());
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{run:?}");
    place
}

fn none() -> (i32, String, String) {
    (0, String::new(), String::new())
}

#[test]
fn a_baseline_is_drawn_once_and_its_bytes_say_what_it_knows() {
    let place = drawn(&[("Dockerfile", OLD), ("api/Dockerfile", "FROM alpine\nCMD date | cat 'a'\n")]);
    let first = place.read("known.toml");
    in_area("cli", || insta::assert_snapshot!("lint_baseline", first));
    let (_, _, told) = lint(&place, &["--write-baseline"]);
    assert_eq!(told, "note: known.toml knows 4 findings now\n");
    assert_eq!(place.read("known.toml"), first);
    assert!(
        place.path().read_dir().unwrap().all(|entry| !entry.unwrap().file_name().to_string_lossy().contains(".rplan"))
    );
}

#[test]
fn what_is_known_is_neither_shown_nor_counted_but_summed_up() {
    let place = drawn(&[("Dockerfile", OLD)]);
    assert_eq!(lint(&place, &[]), none());
    let run = place.rplan(&["lint", "--baseline", "known.toml"]);
    assert!(
        run.stdout.starts_with("No findings in 1 file (context: ., assumed). 3 findings in the baseline. "),
        "{run:?}"
    );
    let run = place.rplan(&["lint", "--baseline", "known.toml", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&run.stdout).expect("it is JSON");
    assert_eq!((&json["summary"]["known"], &json["files"][0]["known"]), (&3.into(), &3.into()));
    assert_eq!(place.rplan(&["lint", "Dockerfile"]).code, 1, "without it all is as before");
}

#[test]
fn lines_may_move_and_be_laid_out_anew() {
    let place = drawn(&[("Dockerfile", OLD)]);
    let moved = "# first\n\nfrom   debian\n# why\nRUN \\\n   # because\n   a \\\n   | b\n\nCOPY x /x\nFROM debian \\\n AS last\n";
    place.write("Dockerfile", moved);
    assert_eq!(lint(&place, &[]), none());
}

#[test]
fn what_is_new_fails_though_it_looks_like_what_is_known() {
    let place = drawn(&[("Dockerfile", OLD)]);
    place.write("Dockerfile", &OLD.replace("RUN a | b\n", "RUN a | b\nRUN a | b\nRUN a | c\n"));
    let (code, shown, _) = lint(&place, &[]);
    let lines: Vec<&str> = shown.lines().map(|line| line.split(':').nth(1).unwrap()).collect();
    assert_eq!((code, lines), (1, vec!["3", "4"]));
    place.write("other/Dockerfile", OLD);
    assert!(lint(&place, &["other"]).1.lines().count() == 3, "a baseline knows one file, not its likes");
}

#[test]
fn entries_that_are_over_are_told_and_forgotten() {
    let place = drawn(&[("Dockerfile", OLD), ("gone/Dockerfile", OLD), ("api/Dockerfile", OLD)]);
    std::fs::remove_dir_all(place.path().join("gone")).unwrap();
    place.write("Dockerfile", &OLD.replace(" | b", "").replace("FROM debian AS", "# rplan ignore=all\nFROM debian AS"));
    let (code, shown, told) = lint(&place, &[]);
    assert_eq!((code, shown.as_str()), (0, ""));
    in_area("cli", || insta::assert_snapshot!("lint_baseline_over", told));
    assert_eq!(lint(&place, &["api"]).2.lines().count(), 4, "files that are there and were not linted stay: {told}");
    let (_, _, told) = lint(&place, &["--write-baseline", "Dockerfile"]);
    assert_eq!(told, "note: known.toml knows 4 findings now\n", "api is kept");
    assert_eq!(lint(&place, &[]), none());
}

#[test]
fn rules_that_did_not_run_and_files_that_cannot_be_read_end_no_entry() {
    let place = drawn(&[("Dockerfile", OLD)]);
    let before = place.read("known.toml");
    assert_eq!(lint(&place, &["--ignore", "untagged-image"]), none());
    assert_eq!(lint(&place, &["--select", "sudo-in-run", "--write-baseline"]).0, 0);
    place.write_bytes("Dockerfile", b"F\0");
    let (code, shown, told) = lint(&place, &["--write-baseline"]);
    assert!(code == 1 && shown.contains("[unreadable-file]"), "never known: {shown}");
    assert_eq!((place.read("known.toml"), told.as_str()), (before, "note: known.toml knows 3 findings now\n"));
}

#[test]
fn where_shellcheck_is_not_there_its_findings_are_not_over() {
    let place = Place::with(&[("Dockerfile", "FROM debian:12\nRUN echo\n")]);
    let entry =
        |rule| format!("\n[[finding]]\nfile = 'Dockerfile'\nrule = '{rule}'\nstage = '0'\ninstruction = 'RUN'\n");
    place.write("known.toml", &format!("version = 1\n{}{}", entry("SC2086"), entry("sudo-in-run")));
    let run = place.rplan_with(&[&LINT[..], &["--profile", "strict"]].concat(), &[("PATH", "/nowhere")], "");
    assert!(run.stderr.contains("1 entry of the baseline is over") && !run.stderr.contains(": SC2086"), "{run:?}");
}

#[test]
fn it_holds_wherever_it_lies_and_from_wherever_it_is_used() {
    let place = Place::with(&[("a/Dockerfile", OLD), ("ci/x", "")]);
    let run = place.rplan(&["lint", "-q", "a", "--baseline", "ci/known.toml", "--write-baseline"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert!(place.read("ci/known.toml").contains("file = \"../a/Dockerfile\"\n"));
    let absolute = place.path().join("a/Dockerfile");
    let run = place.rplan(&["lint", absolute.to_str().unwrap(), "--baseline", "ci/known.toml"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let stdin = ["lint", "-q", "-", "--stdin-filename", "a/Dockerfile", "--baseline", "ci/known.toml"];
    assert_eq!(place.rplan_with(&stdin, &[], OLD).code, 0);
}

#[test]
fn a_baseline_that_is_wrong_is_drawn_and_never_taken_for_an_empty_one() {
    let place = Place::with(&[("Dockerfile", OLD)]);
    assert_eq!(lint(&place, &[]).0, 2, "it is not there");
    assert_eq!(place.rplan(&["lint", "--write-baseline"]).code, 2, "which one?");
    place.write("known.toml", "version = 1\n\n[[finding]]\nfile = \"Dockerfile\"\nrule = 7\nstage = \"0\"\nline = 3\n");
    let run = place.rplan(&LINT);
    in_area("cli", || insta::assert_snapshot!("lint_baseline_wrong", run.shown()));
    assert_eq!(lint(&place, &["--write-baseline"]).0, 2, "nor written over");
    place.write("known.toml", "version = 2\n");
    assert!(lint(&place, &[]).2.contains("this is a baseline of version 2"));
}

/// They have one path, and what is wrong with one is not what is wrong with the other.
#[test]
fn dockerfiles_that_are_written_into_one_file_are_known_apart() {
    let inline = "build: {dockerfile_inline: \"FROM alpine\\n\"}";
    let both = format!("services:\n  a:\n    {inline}\n  b:\n    {inline}\n");
    let a = format!("services:\n  a:\n    {inline}\n");
    let place = drawn(&[("compose.yaml", &a)]);
    place.write("compose.yaml", &both);
    let (code, shown, told) = lint(&place, &[]);
    assert_eq!((code, shown.lines().count(), told.as_str()), (1, 1, ""));
    assert!(shown.starts_with("compose.yaml:5:"), "{shown}");
    lint(&place, &["--write-baseline"]);
    // Who else starts from it changes nothing.
    place.write("compose.yaml", &format!("{both}  Also: {{extends: b}}\n"));
    assert_eq!(lint(&place, &[]), none());
    place.write("compose.yaml", &a);
    let (code, _, told) = lint(&place, &[]);
    assert!(code == 0 && told.starts_with("note: 1 entry of the baseline is over"), "{told}");
}
