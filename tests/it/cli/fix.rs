//! `rplan fix`.

use super::*;

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
    let patch =
        "--- a/Dockerfile\n+++ b/Dockerfile\n@@ -1,3 +1,3 @@\n FROM alpine:3.20\n-ENV A b\n+ENV A=b\n CMD [\"date\"]\n";
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
