//! `rplan fix`.

use super::*;
use crate::support::system::system_tests_run;

const LEGACY: &str = "FROM alpine:3.20\nENV A b\nCMD [\"date\"]\n";
const MODERN: &str = "FROM alpine:3.20\nENV A=b\nCMD [\"date\"]\n";

#[test]
fn files_are_repaired_in_place() {
    let place = Place::with(&[("a/Dockerfile", LEGACY), ("b/Dockerfile", MODERN)]);
    let run = place.rplan(&["fix"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, "repaired a/Dockerfile: legacy-key-value\n"));
    assert_eq!(place.read("a/Dockerfile"), MODERN);
    let run = place.rplan(&["fix"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""));
}

#[test]
fn diff_and_check_write_nothing() {
    let place = Place::with(&[("Dockerfile", LEGACY)]);
    let run = place.rplan(&["fix", "--diff"]);
    let patch = "--- a/Dockerfile\n+++ b/Dockerfile\n\
        @@ -1,3 +1,3 @@ legacy-key-value: `ENV A` is the old form without `=`\n \
        FROM alpine:3.20\n-ENV A b\n+ENV A=b\n CMD [\"date\"]\n";
    assert_eq!((run.code, run.stdout.as_str()), (0, patch));
    assert_eq!(place.rplan(&["fix", "--diff", "--check"]).code, 1);
    let run = place.rplan(&["fix", "--check"]);
    assert_eq!((run.code, run.stdout.as_str()), (1, "would repair Dockerfile: legacy-key-value\n"));
    assert_eq!(place.read("Dockerfile"), LEGACY);
    place.write("Dockerfile", MODERN);
    assert_eq!(place.rplan(&["fix", "--check"]).code, 0);
}

#[test]
fn stdin_comes_out_repaired() {
    let place = Place::with(&[]);
    let run = place.rplan_with(&["fix", "-"], &[], LEGACY);
    assert_eq!((run.code, run.stdout.as_str()), (0, MODERN));
    assert_eq!(place.rplan_with(&["fix", "-"], &[], MODERN).stdout, MODERN);
}

#[test]
fn only_selected_rules_repair() {
    let place = Place::with(&[("Dockerfile", LEGACY)]);
    assert_eq!(place.rplan(&["fix", "--ignore", "legacy-key-value"]).stdout, "");
    assert_eq!(place.rplan(&["fix", "--select", "keyword-casing"]).stdout, "");
    assert_eq!(place.read("Dockerfile"), LEGACY);
}

#[test]
fn a_file_that_cannot_be_read_is_told_and_stops_no_other() {
    let place = Place::with(&[("Dockerfile", LEGACY)]);
    let run = place.rplan(&["fix", "gone", "Dockerfile"]);
    assert_eq!((run.code, place.read("Dockerfile").as_str()), (1, MODERN));
    assert!(run.stderr.contains("gone: cannot be read: No such file or directory\n"), "{}", run.stderr);
}

#[test]
fn nothing_to_repair_is_fine() {
    assert_eq!(Place::with(&[]).rplan(&["fix"]).code, 0);
}

#[test]
fn each_hunk_says_which_rules_made_it_and_why() {
    let calm = "RUN true\n".repeat(8);
    let text = format!("FROM alpine:3.20\nENV A b\nENV C d\nexpose 80\n{calm}MAINTAINER me\n");
    let place = Place::with(&[("Dockerfile", &text)]);
    let run = place.rplan(&["fix", "--diff"]);
    in_area("cli", || insta::assert_snapshot!("fix_diff", run.stdout));
    place.write("patch", &run.stdout);
    let applied = place.command("git".as_ref()).args(["apply", "patch"]).status().expect("git is installed");
    assert!(applied.success(), "git takes the patch");
    let patched = place.read("Dockerfile");
    place.write("Dockerfile", &text);
    let run = place.rplan(&["fix", "-v"]);
    in_area("cli", || insta::assert_snapshot!("fix_verbose", run.shown()));
    assert_eq!(place.read("Dockerfile"), patched);
}

#[cfg(unix)]
#[test]
fn behind_a_link_the_file_changes_and_the_link_stays() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::with(&[("real/file", LEGACY)]);
    let (link, file) = (place.path().join("Dockerfile"), place.path().join("real/file"));
    std::os::unix::fs::symlink("real/file", &link).expect("a link");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o751)).expect("a mode");
    assert_eq!(place.rplan(&["fix", "Dockerfile"]).code, 0);
    assert!(link.symlink_metadata().expect("it is there").is_symlink());
    assert_eq!(file.metadata().expect("it is there").permissions().mode() & 0o7777, 0o751);
    assert_eq!(place.read("real/file"), MODERN);
}

/// `/proc` lets nobody make a file, not even root.
#[cfg(target_os = "linux")]
#[test]
fn a_file_that_cannot_be_written_is_told_and_stops_no_other() {
    // Nothing but a file system that is mounted read-only stops root.
    if !system_tests_run("root") {
        return;
    }
    let place = Place::with(&[("a/Dockerfile", LEGACY), ("b/Dockerfile", LEGACY)]);
    let mount = |program: &str, arguments: &[&str]| {
        let status = std::process::Command::new(program).args(arguments).arg(place.path().join("a")).status();
        assert!(status.expect("mount is there").success(), "{program} {arguments:?}");
    };
    mount("mount", &["--bind", &place.path().join("a").display().to_string()]);
    mount("mount", &["-o", "remount,bind,ro"]);
    let run = place.rplan(&["fix", "a/Dockerfile", "b/Dockerfile"]);
    mount("umount", &[]);
    assert_eq!((run.code, place.read("b/Dockerfile").as_str()), (4, MODERN), "{run:?}");
    assert!(run.stderr.contains("cannot write `a/Dockerfile`: "), "{}", run.stderr);
}
