//! `rplan lint --since`.

use super::*;

const LINT: [&str; 6] = ["lint", "--format", "compact", "-q", "--since", "HEAD"];

/// Two warnings: no tag, and a pipe whose failure nobody sees.
const OLD: &str = "\
FROM debian
RUN a | b
SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]
RUN c | d
CMD [\"date\"]
";

fn committed(files: &[(&str, &str)]) -> Place {
    let place = Place::with(files);
    place.commit("begin");
    place
}

/// `path:line rule` of each finding.
fn found(place: &Place, more: &[&str]) -> Vec<String> {
    let run = place.rplan(&[&LINT, more].concat());
    assert_eq!(run.stderr, "");
    let shown = |line: &str| {
        let parts: Vec<&str> = line.splitn(4, ':').collect();
        let rule = parts[3].split(['[', ']']).nth(1).expect("a rule");
        format!("{}:{} {rule}", parts[0], parts[1])
    };
    let found: Vec<String> = run.stdout.lines().map(shown).collect();
    assert_eq!(run.code == 0, found.is_empty(), "{run:?}");
    found
}

const NONE: [&str; 0] = [];

#[test]
fn what_has_not_changed_is_summed_up_and_does_not_count() {
    let place = committed(&[("Dockerfile", OLD)]);
    assert_eq!(found(&place, &[]), NONE);
    let run = place.rplan(&["lint", "--since", "HEAD", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&run.stdout).expect("it is JSON");
    let untouched = json["summary"]["untouched"].as_u64().expect("a number");
    assert!(untouched >= 2 && json["files"][0]["untouched"] == untouched, "{json}");
    let run = place.rplan(&["lint", "--since", "HEAD"]);
    assert!(run.stdout.contains(&format!("{untouched} findings older than the change.")), "{run:?}");
}

#[test]
fn instructions_that_were_touched_speak_whether_they_mean_more_or_not() {
    let place = committed(&[("Dockerfile", OLD)]);
    place.write("Dockerfile", &OLD.replace("RUN a | b\n", "\n# more\nRUN a | b\nRUN e | f\n"));
    assert_eq!(found(&place, &[]), ["Dockerfile:5 pipe-without-pipefail"]);
    place.write("Dockerfile", &OLD.replace("RUN a | b", "RUN a \\\n  | b"));
    assert_eq!(found(&place, &[]), ["Dockerfile:2 pipe-without-pipefail"]);
    place.write("Dockerfile", &OLD.replace("FROM debian", "FROM  debian"));
    assert_eq!(found(&place, &[]), ["Dockerfile:1 untagged-image"]);
}

/// The RUN below is as it was; that it is wrong now, the change brought about.
#[test]
fn what_a_change_brings_about_elsewhere_speaks() {
    let place = committed(&[("Dockerfile", OLD)]);
    place.write("Dockerfile", &OLD.replace("SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\n", ""));
    assert_eq!(found(&place, &[]), ["Dockerfile:3 pipe-without-pipefail"]);
}

#[test]
fn what_only_moves_along_is_silent() {
    let place = committed(&[("Dockerfile", OLD)]);
    place.write("Dockerfile", &format!("FROM alpine:3.20\nRUN true\n\n{OLD}"));
    assert_eq!(found(&place, &[]), NONE, "the stage has another number now");
    place.write("Dockerfile", &OLD.replace('\n', "\r\n"));
    assert_eq!(found(&place, &[]), NONE, "line ends are git's business");
    place.write("Dockerfile", &OLD.replace("RUN a | b\n", "RUN a | b\nRUN a | b\n"));
    assert_eq!(found(&place, &[]).len(), 1, "once more is new");
}

#[test]
fn new_files_speak_and_renamed_ones_for_their_changes_alone() {
    let place = committed(&[("a/Dockerfile", OLD), ("b/Dockerfile", "FROM alpine\n")]);
    std::fs::create_dir(place.path().join("new")).expect("a directory");
    std::fs::rename(place.path().join("a"), place.path().join("c")).expect("it moves");
    place.write("c/Dockerfile", &OLD.replace("RUN a | b", "RUN a | bb"));
    place.write("new/Dockerfile", "FROM alpine\n");
    place.write(".gitignore", "hidden\n");
    place.write("hidden/Dockerfile", "FROM alpine\n");
    let all = ["b", "c", "new", "hidden/Dockerfile"];
    let untracked = found(&place, &all);
    assert_eq!(untracked[0], "c/Dockerfile:1 untagged-image", "git has not been told of it");
    assert!(untracked.ends_with(&["new/Dockerfile:1 untagged-image".to_owned()]), "{untracked:?}");
    place.git(&["add", "--all"]);
    let told = found(&place, &all);
    assert_eq!(
        told,
        [
            "c/Dockerfile:2 pipe-without-pipefail",
            "hidden/Dockerfile:1 untagged-image",
            "new/Dockerfile:1 untagged-image"
        ]
    );
}

#[test]
fn any_commit_will_do_and_nothing_else() {
    let place = committed(&[("Dockerfile", OLD)]);
    place.git(&["tag", "v1"]);
    place.write("Dockerfile", &OLD.replace("RUN a | b\n", "RUN a | b\nRUN e | f\n"));
    place.commit("more");
    let since = |revision: &str| place.rplan(&["lint", "--format", "compact", &format!("--since={revision}")]);
    assert_eq!((since("v1").code, since("HEAD").code), (1, 0));
    for revision in ["nowhere", "", "--output=x", "v1..HEAD", "HEAD:Dockerfile"] {
        let run = since(revision);
        assert!(run.code == 2 && run.stderr.contains("there is no commit `"), "{revision}: {run:?}");
    }
    assert!(!place.path().join("x").exists());
    let run = Place::with(&[("Dockerfile", OLD)]).rplan(&LINT);
    assert!(run.code == 2 && run.stderr.contains("not a git repository"), "{run:?}");
    assert_eq!(place.rplan(&["lint", "--since", "v1", "--baseline", "b", "--write-baseline"]).code, 2);
}

#[test]
fn a_text_on_stdin_is_compared_with_the_file_whose_name_it_has() {
    let place = committed(&[("api/Dockerfile", OLD)]);
    let typed = format!("# typed\n{}RUN cd x | y\n", OLD.replace("SHELL", "# SHELL"));
    let lines = |more: &[&str]| -> Vec<String> {
        let run = place.rplan_with(&[&LINT, more].concat(), &[], &typed);
        run.stdout.lines().map(|line| line.split(':').nth(1).expect("a line").to_owned()).collect()
    };
    assert_eq!(lines(&["-", "--stdin-filename", "api/Dockerfile"]), ["5", "7"]);
    assert_eq!(lines(&["-"]), ["2", "3", "5", "7"], "a text without a name is new");
}

#[test]
fn what_cannot_be_read_and_what_is_in_another_repository_is_told() {
    let place = committed(&[("Dockerfile", OLD), ("other/Dockerfile", OLD)]);
    place.write_bytes("binary/Dockerfile", b"F\0");
    assert_eq!(found(&place, &["gone", "binary"]), ["binary/Dockerfile:1 unreadable-file", "gone:1 unreadable-file"]);
    place.git(&["-C", "other", "init", "--quiet"]);
    assert_eq!(place.rplan(&LINT).code, 2, "that one has no commit");
}
