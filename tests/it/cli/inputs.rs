//! What `rplan lint` is given: files that are none, directories that are closed, links that lead nowhere.

use super::*;

const CLEAN: &str = "FROM alpine:3.20\nWORKDIR /srv\nCMD [\"date\"]\n";
const UNTAGGED: &str = "FROM alpine\nWORKDIR /srv\nCMD [\"date\"]\n";

/// What `rplan lint --format compact` says, one line a finding, and how it ends.
fn lint(place: &Place, args: &[&str]) -> (i32, String) {
    let run = place.rplan(&[&["lint", "--format", "compact"], args].concat());
    assert_eq!(run.stderr, "");
    (run.code, run.stdout)
}

#[test]
fn what_is_no_text_is_a_finding_and_stops_no_other() {
    let place = Place::with(&[("a/Dockerfile", UNTAGGED)]);
    place.write_bytes("huge/Dockerfile", &[b'#'; (10 << 20) + 1]);
    place.write_bytes("binary/Dockerfile", b"\x7fELF\x02\x01\0\0");
    place.write_bytes("wide/Dockerfile", b"\xff\xfeF\0R\0O\0M\0");
    let (code, shown) = lint(&place, &["--fail-on", "error"]);
    assert_eq!(code, 1);
    in_area("cli", || insta::assert_snapshot!("lint_no_text", shown));
}

/// It is a rule like any other, but that no selection leaves it out by the way.
#[test]
fn what_cannot_be_read_is_told_unless_that_is_ignored() {
    let place = Place::with(&[]);
    let told = |args: &[&str]| {
        let (code, shown) = lint(&place, &[&["gone"], args].concat());
        (code, shown.contains("[unreadable-file]"))
    };
    for all in [&[][..], &["--select", "latest-tag"], &["--profile", "buildkit"], &["--fail-on", "error"]] {
        assert_eq!(told(all), (1, true), "{all:?}");
    }
    assert_eq!(told(&["--ignore", "unreadable-file"]), (0, false));
    place.write("rplan.toml", "[lint.rule.unreadable-file]\nseverity = 'warning'\n");
    assert_eq!(told(&["--fail-on", "error"]), (0, true));
}

#[test]
fn stdin_is_held_to_the_same() {
    let place = Place::with(&[]);
    let run = place.rplan_with(&["lint", "-", "--format", "compact", "--stdin-filename", "a/Dockerfile"], &[], "F\0R");
    assert_eq!(run.code, 1);
    assert_eq!(run.stdout, "a/Dockerfile:1:1: error[unreadable-file] is no text: there are NUL bytes in it\n");
}

#[test]
fn a_directory_or_a_path_that_is_none_is_told() {
    let place = Place::with(&[("file", CLEAN), ("empty/note", "")]);
    let (code, shown) = lint(&place, &["file/below", "gone", "empty"]);
    assert_eq!(code, 1);
    in_area("cli", || insta::assert_snapshot!("lint_no_files", shown));
}

#[cfg(unix)]
#[test]
fn links_are_followed_to_files_and_never_in_circles() {
    use std::os::unix::fs::symlink;
    let place = Place::with(&[("real/Dockerfile", UNTAGGED), ("prod.txt", UNTAGGED)]);
    let link = |target: &str, name: &str| symlink(target, place.path().join(name)).expect("a link");
    link("..", "real/up");
    link("Dockerfile", "real/Containerfile");
    link("prod.txt", "Dockerfile");
    link("prod.Dockerfile", "prod.Dockerfile");
    link("gone", "lost.Dockerfile");
    link("real", "dir.Dockerfile");
    let (code, shown) = lint(&place, &[]);
    assert_eq!(code, 1);
    in_area("cli", || insta::assert_snapshot!("lint_links", shown));
    assert_eq!(lint(&place, &["prod.Dockerfile"]).0, 1);
}

#[cfg(target_os = "linux")]
#[test]
fn a_directory_or_file_that_may_not_be_read_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::with(&[("closed/Dockerfile", CLEAN), ("mute/Dockerfile", CLEAN), ("open/Dockerfile", UNTAGGED)]);
    let set = |path: &str, mode| {
        std::fs::set_permissions(place.path().join(path), std::fs::Permissions::from_mode(mode)).expect("a mode");
    };
    set("closed", 0o000);
    set("mute/Dockerfile", 0o000);
    // Root is let in everywhere, unless it gives that up.
    let mut command = place.command(std::path::Path::new("setpriv"));
    let capabilities = "-dac_override,-dac_read_search";
    let output = command
        .args(["--bounding-set", capabilities, "--inh-caps", capabilities, env!("CARGO_BIN_EXE_rplan"), "lint"])
        .args(["--format", "compact"])
        .output()
        .expect("setpriv is part of every Debian");
    set("closed", 0o755);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    in_area("cli", || insta::assert_snapshot!("lint_no_permission", String::from_utf8(output.stdout).expect("text")));
}

/// Nobody writes into it: whoever opened it would wait for ever.
#[cfg(unix)]
fn pipe(place: &Place, name: &str) {
    let path = place.path().join(name);
    std::fs::create_dir_all(path.parent().expect("it is in a directory")).expect("a directory");
    let made = place.command(std::path::Path::new("mkfifo")).arg(path).status().expect("mkfifo is everywhere");
    assert!(made.success());
}

#[cfg(unix)]
#[test]
fn a_pipe_that_nobody_writes_into_is_told_and_not_waited_for() {
    let place = Place::with(&[("open/Dockerfile", UNTAGGED)]);
    pipe(&place, "waiting");
    pipe(&place, "found/Dockerfile");
    pipe(&place, "found/compose.yaml");
    let (code, shown) = lint(&place, &["waiting", "open", "found", "--fail-on", "error"]);
    let why = "cannot be read: it is a pipe; `-` reads what comes on stdin";
    assert_eq!((code, shown.contains(&format!("waiting:1:1: error[unreadable-file] {why}\n"))), (1, true), "{shown}");
    assert_eq!(shown.lines().count(), 2, "one that is only found is no Dockerfile: {shown}");
    for command in [&["fix", "waiting"][..], &["lint", "--fix", "waiting"]] {
        let run = place.rplan(command);
        assert_eq!((run.code, (run.stdout + &run.stderr).contains("it is a pipe")), (1, true), "{command:?}");
    }
    let plan = place.rplan(&["plan", "-f", "waiting", "."]);
    assert_eq!((plan.code, plan.stderr.contains("cannot read `waiting`: it is a pipe")), (2, true), "{plan:?}");
}

#[cfg(unix)]
#[test]
fn an_ignore_file_that_is_a_pipe_leaves_the_context_unknown() {
    let place = Place::with(&[("Dockerfile", "FROM alpine:3.20\nWORKDIR /srv\nCOPY a .\nCMD [\"date\"]\n"), ("a", "")]);
    pipe(&place, ".dockerignore");
    assert_eq!(lint(&place, &["Dockerfile"]), (0, String::new()));
    assert_eq!(place.rplan(&["plan"]).code, 4);
}

/// What a shell hands in has its writer.
#[cfg(unix)]
#[test]
fn a_pipe_of_a_shell_is_read() {
    let place = Place::with(&[("prod.txt", UNTAGGED)]);
    let rplan = format!("'{}' lint --format compact", env!("CARGO_BIN_EXE_rplan"));
    let scripts = [
        format!("cat prod.txt | {rplan} /dev/stdin"),
        format!("{rplan} /dev/stdin < prod.txt"),
        format!("cat prod.txt | {rplan} /proc/self/fd/0"),
        format!("{rplan} <(cat prod.txt)"),
        format!("mkfifo given; cat prod.txt > given & {rplan} /dev/stdin < given"),
    ];
    for script in scripts {
        let output = place.command(std::path::Path::new("bash")).args(["-c", &script]).output().expect("bash");
        let shown = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!((output.status.code(), shown.lines().count()), (Some(1), 1), "{script}: {shown}");
        assert!(shown.contains("[untagged-image]"), "{script}: {shown}");
    }
}

/// A loop in the build context, and in a directory that is searched, ends.
#[cfg(unix)]
#[test]
fn directories_that_hold_themselves_end() {
    use std::os::unix::fs::symlink;
    let text = "FROM alpine:3.20\nWORKDIR /srv\nCOPY loop/loop/a b/b/a ./\nCOPY . .\nCMD [\"date\"]\n";
    let place = Place::with(&[("Dockerfile", text), ("a", "")]);
    let link = |target: &str, name: &str| symlink(target, place.path().join(name)).expect("a link");
    link(".", "loop");
    link("c", "b");
    link("b", "c");
    for args in [&["."][..], &["--select", "all", "--ignore", "shellcheck", "--fail-on", "never"]] {
        let run = place.rplan(&[&["lint"], args].concat());
        assert!(run.code < 2, "{run:?}");
    }
    assert!(place.rplan(&["fix", "--unsafe", "--diff"]).code < 2);
}
