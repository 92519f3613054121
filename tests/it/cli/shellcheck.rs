//! ShellCheck as a program: which one is asked, what is made of its answers, and what is said where there are none.

use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::support::cli::Run;
use crate::support::system::system_tests_run;

/// Two RUNs: what is wrong stands behind a continuation, a comment and a letter that is no ASCII.
const DOCKERFILE: &str = "FROM debian:12\nARG set\nRUN echo é && \\\n    # why\n    \
                          echo $set $HOME `date`\nRUN <<-EOF\n\tcd /x\n\techo \"$unset\"\nEOF\n";

const LINT: &[&str] = &["lint", "Dockerfile", "--format", "compact", "--severity", "style", "--select"];

/// A program in place of ShellCheck, which the user's settings name.
fn with_program(place: &Place, script: &str) {
    let program = place.home().join("checker");
    std::fs::write(&program, script).expect("a program");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("it can be run");
    set(place, &program.display().to_string());
}

fn set(place: &Place, program: &str) {
    let folder = place.home().join(".config/rplan");
    std::fs::create_dir_all(&folder).expect("a directory");
    std::fs::write(folder.join("config.toml"), format!("shellcheck = '{program}'\n")).expect("settings");
}

fn lint(place: &Place, select: &str, more: &[&str]) -> Run {
    place.rplan_with(&[LINT, &[select], more].concat(), &[("PATH", "/usr/bin:/bin")], "")
}

/// A program that says these remarks, once, of whatever it is asked.
fn saying(remarks: &str) -> String {
    format!("#!/bin/sh\ncat <<'END'\n{{\"comments\":[{remarks}]}}\nEND\nexit 1\n")
}

fn remark(code: u32, level: &str, line: usize, columns: (usize, usize)) -> String {
    let (column, end) = columns;
    format!(
        "{{\"file\":\"0\",\"line\":{line},\"endLine\":{line},\"column\":{column},\"endColumn\":{end},\
         \"level\":\"{level}\",\"code\":{code},\"message\":\"It is wrong.\",\"fix\":null}}"
    )
}

#[test]
fn a_number_is_a_name_like_any_other() {
    let place = Place::with(&[("Dockerfile", DOCKERFILE)]);
    let both =
        [remark(2086, "info", 3, (11, 15)), remark(2046, "warning", 3, (22, 28)), remark(2034, "info", 2, (1, 2))];
    with_program(&place, &saying(&both.join(",")));
    let told = |select: &str, more: &[&str]| {
        let run = lint(&place, select, more);
        run.stdout.lines().map(|line| line.split_once(' ').expect("a place").1.to_owned()).collect::<Vec<_>>()
    };
    let info = "info[SC2086] It is wrong";
    let warning = "warning[SC2046] It is wrong";
    assert_eq!(told("shellcheck", &[]), [info, warning]);
    assert_eq!(told("SC2086", &[]), [info]);
    assert_eq!(told("shellcheck", &["--ignore", "SC2086"]), [warning]);
    assert_eq!(told("relative-workdir", &["--extend-select", "SC2046"]), [warning]);
    place.write("rplan.toml", "[lint.rule.SC2086]\nseverity = 'error'\n");
    assert_eq!(told("shellcheck", &[]), ["error[SC2086] It is wrong", warning]);
    place.write("rplan.toml", "[lint.rule.shellcheck]\nseverity = 'style'\n[lint.rule.SC2046]\nseverity = 'error'\n");
    assert_eq!(told("shellcheck", &[]), ["style[SC2086] It is wrong", "error[SC2046] It is wrong"]);
    place.write("rplan.toml", "");
    for comment in ["# rplan ignore=SC2086", "# hadolint ignore=SC2086", "# check=skip=SC2086"] {
        place.write("Dockerfile", &DOCKERFILE.replacen("RUN", &format!("{comment}\nRUN"), 1));
        assert_eq!(told("shellcheck", &[]), [warning], "{comment}");
    }
    place.write("Dockerfile", &format!("# rplan file-ignore=shellcheck\n{DOCKERFILE}"));
    assert_eq!(told("shellcheck", &[]), Vec::<String>::new());
    assert_eq!(place.rplan(&["lint", "--select", "SC20866"]).code, 2, "no number");
}

#[test]
fn what_a_rule_says_already_is_not_said_again() {
    let place = Place::with(&[("Dockerfile", "FROM debian:12\nENV APP='/my app'\nRUN rm -rf $APP $HOME\n")]);
    with_program(&place, &saying(&[remark(2086, "info", 3, (8, 12)), remark(2086, "info", 3, (13, 18))].join(",")));
    let run = lint(&place, "SC2086", &[]);
    let found: Vec<&str> = run.stdout.lines().map(|line| line.split_once(']').expect("a name").0).collect();
    assert_eq!(found, ["Dockerfile:3:12: warning[unquoted-path", "Dockerfile:3:17: info[SC2086"], "{run:?}");
}

#[test]
fn shellcheck_runs_where_its_findings_are_wanted() {
    let place = Place::with(&[("Dockerfile", DOCKERFILE)]);
    with_program(&place, &saying(&remark(2046, "warning", 3, (22, 28))));
    let finds = |args: &[&str]| place.rplan(&[&["lint"], args].concat()).stdout.contains("SC2046");
    assert!(!finds(&[]), "what is found does not depend on what is installed, unless asked for");
    assert!(finds(&["--profile", "hadolint"]) && finds(&["--profile", "strict"]) && finds(&["--select", "shell"]));
    assert!(!finds(&["--profile", "buildkit"]));
    let json = place.rplan(&["lint", "--profile", "hadolint", "--format", "hadolint"]).stdout;
    assert!(json.contains("\"code\":\"SC2046\""), "{json}");
}

#[test]
fn whatever_is_wrong_with_the_program_is_one_note() {
    let place = Place::with(&[("Dockerfile", DOCKERFILE), ("b/Dockerfile", DOCKERFILE)]);
    let note = |script: Option<&str>| {
        match script {
            Some(script) => with_program(&place, script),
            None => set(&place, "/nowhere/shellcheck"),
        }
        let run = place.rplan(&["lint", "--select", "shellcheck"]);
        assert_eq!((run.code, run.stderr.lines().count()), (0, 1), "{run:?}");
        run.stderr
    };
    assert!(note(None).starts_with("note: ShellCheck could not be run (/nowhere/shellcheck): "));
    assert!(note(Some("#!/bin/sh\nkill -9 $$\n")).starts_with("note: ShellCheck broke off over a file: signal: 9"));
    assert!(note(Some("#!/bin/sh\necho '{}'\nexit 4\n")).starts_with("note: ShellCheck broke off over a file: "));
    assert!(note(Some("#!/bin/sh\necho '{\"comments\": 3}'\n")).starts_with("note: what ShellCheck said of a file"));
    let nonsense = [remark(2086, "info", 99, (7, 3)), remark(2086, "info", 3, (0, 9999)).replace("\"0\"", "\"77\"")];
    with_program(&place, &saying(&nonsense.join(",")));
    let run = place.rplan(&["lint", "--select", "SC2086", "--severity", "info", "--fail-on", "error"]);
    assert_eq!(
        (run.code, run.stderr.as_str()),
        (0, ""),
        "a place outside is the end of the text, a text that is not there none: {run:?}"
    );
}

#[test]
fn a_missing_shellcheck_is_told_once_and_only_to_whom_it_matters() {
    let place = Place::with(&[("Dockerfile", DOCKERFILE), ("b/Dockerfile", DOCKERFILE)]);
    let notes = |args: &[&str]| {
        // A relative directory of PATH is one of the project's own.
        place.write("shellcheck", "#!/bin/sh\ntouch was-run\n");
        let run = place.rplan_with(&[&["lint", "--fail-on", "error"], args].concat(), &[("PATH", ".:empty")], "");
        assert_eq!(run.code, 0, "{run:?}");
        run.stderr
    };
    assert_eq!(notes(&[]), "");
    let told = notes(&["--profile", "hadolint"]);
    assert_eq!(told, "note: ShellCheck is not installed, so there are no findings of its own (SC2086 and the like)\n");
    assert_eq!(notes(&["--profile", "hadolint", "-q"]), "");
    place.write("Dockerfile", "FROM debian:12\n");
    assert_eq!(notes(&["--profile", "hadolint", "Dockerfile"]), "", "there is nothing to ask about");
    assert!(!place.path().join("was-run").exists());
}

#[test]
fn a_project_cannot_name_the_program() {
    let place = Place::with(&[("Dockerfile", DOCKERFILE), ("rplan.toml", "shellcheck = './evil'\n")]);
    let run = place.rplan(&["lint", "--select", "shellcheck"]);
    assert!(run.code == 2 && run.stderr.contains("there is no setting `shellcheck` in a project's file"), "{run:?}");
    set(&place, "evil");
    place.write("rplan.toml", "");
    let run = place.rplan(&["lint", "--select", "shellcheck"]);
    assert!(run.code == 2 && run.stderr.contains("`shellcheck` is an absolute path"), "{run:?}");
}

#[test]
fn the_real_shellcheck_is_understood() {
    if !system_tests_run("shellcheck") {
        return;
    }
    let place = Place::with(&[("Dockerfile", DOCKERFILE)]);
    let run = lint(&place, "shellcheck", &[]);
    assert_eq!((run.code, run.stderr.as_str()), (1, ""), "{run:?}");
    // What it says differs from version to version.
    let found: Vec<&str> = run.stdout.lines().map(|line| line.split_once(']').expect("a name").0).collect();
    in_area("cli", || insta::assert_snapshot!("lint_shellcheck", found.join("\n")));
    let fix = ["fix", "--unsafe", "--select", "shellcheck", "Dockerfile"];
    let run = place.rplan_with(&fix, &[("PATH", "/usr/bin:/bin")], "");
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
    in_area("cli", || insta::assert_snapshot!("fix_shellcheck", place.read("Dockerfile")));
}

#[test]
fn the_real_shellcheck_judges_each_text_by_its_own_shell() {
    if !system_tests_run("shellcheck") {
        return;
    }
    let text = "FROM scratch AS unknown\nRUN local=1; [[ $local ]]\n\
                FROM debian:12 AS debian\nRUN f() { local a=1; [[ $a ]]; }; f\n\
                FROM alpine:3.20 AS alpine\nRUN f() { local a=1; [[ $a ]]; }; f\n\
                FROM fedora:41 AS fedora\nRUN f() { local a=1; [[ $a ]]; }; f\n\
                FROM debian AS bash\nSHELL [\"/bin/bash\", \"-c\"]\nRUN [[ $HOME ]]\n\
                FROM bash\nRUN [[ $HOME ]]\nRUN <<EOF\n#!/bin/dash\n[[ $HOME ]]\nEOF\n";
    let place = Place::with(&[("Dockerfile", text)]);
    let run = lint(&place, "SC3010,SC3043,SC3057", &[]);
    let lines: Vec<&str> = run.stdout.lines().map(|line| line.split(':').nth(1).expect("a line")).collect();
    assert_eq!(lines, ["2", "4", "16"], "{run:?}");
}
