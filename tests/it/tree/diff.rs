//! The diff of an overlay's upper directory, checked against what the kernel's overlay shows.

use std::fs;

use rplan::tree::diff::{Change, Difference, diff};
use rplan::tree::times::clamp_times;
use rplan::tree::{Time, TreeError};
use tempfile::TempDir;

use super::overlay::Overlay;
use super::{directory, file, link, mode, mtime, owner, touch};

/// The diff of `overlay`, a line for each change.
fn changes(overlay: &Overlay) -> Vec<String> {
    diff(&overlay.upper(), &overlay.lowers).expect("a diff").iter().map(describe).collect()
}

fn describe(change: &Change) -> String {
    let sign = match change.difference {
        Difference::Added(_) => '+',
        Difference::Modified(_) => '~',
        Difference::Implied(_) => '.',
        Difference::Deleted => '-',
    };
    format!("{sign} {}", change.path.display())
}

#[test]
fn additions_changes_and_deletions_are_told_apart() {
    let overlay = Overlay::new(&[&|lower| {
        file(lower, "etc/kept", "kept");
        file(lower, "etc/changed", "old");
        file(lower, "etc/removed", "old");
        file(lower, "gone/deep/file", "old");
        file(lower, "mode", "same");
        link(lower, "link", "old");
    }]);
    let Some(overlay) = overlay else { return };
    overlay.change(|root| {
        file(root, "etc/changed", "new");
        fs::remove_file(root.join("etc/removed")).expect("removed");
        fs::remove_dir_all(root.join("gone")).expect("removed");
        file(root, "new/dir/file", "new");
        mode(root, "mode", 0o600);
        fs::remove_file(root.join("link")).expect("removed");
        link(root, "link", "new");
        fs::write(root.join("brief"), "").expect("a file");
        fs::remove_file(root.join("brief")).expect("removed");
    });
    assert_eq!(
        changes(&overlay),
        [
            ". etc",
            "~ etc/changed",
            "- etc/removed",
            "- gone",
            "~ link",
            "~ mode",
            "+ new",
            "+ new/dir",
            "+ new/dir/file",
        ]
    );
}

#[test]
fn what_was_copied_up_and_put_back_is_no_change() {
    let overlay = Overlay::new(&[&|lower| {
        file(lower, "dir/file", "same");
        file(lower, "dir/whole-second", "same");
        touch(lower, "dir/whole-second", 1_000);
        file(lower, "dir/rewritten", "same");
        touch(lower, "dir/rewritten", 1_000);
        directory(lower, "touched");
    }]);
    let Some(overlay) = overlay else { return };
    overlay.change(|root| {
        for name in ["dir/file", "dir/whole-second"] {
            mode(root, name, 0o600);
            mode(root, name, 0o644);
        }
        file(root, "dir/rewritten", "diff");
        touch(root, "dir/rewritten", 1_000);
        touch(root, "touched", 5);
        mode(root, "dir", 0o700);
        mode(root, "dir", 0o755);
    });
    assert_eq!(changes(&overlay), [". dir", "~ dir/rewritten"]);
}

#[test]
fn a_file_moved_over_one_of_the_same_moment_is_a_change() {
    let overlay = Overlay::new(&[&|lower| {
        let moment = std::time::UNIX_EPOCH + std::time::Duration::from_nanos(1_000_000_000_500);
        for (name, text) in [("a", "new"), ("b", "old")] {
            file(lower, name, text);
            fs::File::open(lower.join(name)).and_then(|file| file.set_modified(moment)).expect("a time");
        }
    }]);
    let Some(overlay) = overlay else { return };
    overlay.change(|root| fs::rename(root.join("a"), root.join("b")).expect("moved"));
    assert_eq!(changes(&overlay), ["- a", "~ b"]);
}

#[test]
fn a_directory_whose_attributes_changed_is_a_change() {
    let overlay = Overlay::new(&[&|lower| file(lower, "dir/file", "same")]);
    let Some(overlay) = overlay else { return };
    overlay.change(|root| owner(root, "dir", 5, 5));
    assert_eq!(changes(&overlay), ["~ dir"]);
}

#[test]
fn a_directory_made_anew_is_expanded_into_deletions() {
    let overlay = Overlay::new(&[
        &|lower| {
            file(lower, "dir/lowest", "1");
            file(lower, "dir/sub/lowest", "1");
            file(lower, "dir/same", "1");
            touch(lower, "dir/same", 1_000);
        },
        &|lower| {
            file(lower, "dir/middle", "2");
            file(lower, "dir/sub/middle", "2");
        },
    ]);
    let Some(overlay) = overlay else { return };
    overlay.change(|root| {
        fs::remove_dir_all(root.join("dir")).expect("removed");
        file(root, "dir/new", "3");
        file(root, "dir/sub/new", "3");
        file(root, "dir/same", "1");
        touch(root, "dir/same", 1_000);
    });
    assert_eq!(
        changes(&overlay),
        [
            ". dir",
            "- dir/lowest",
            "- dir/middle",
            "+ dir/new",
            ". dir/sub",
            "- dir/sub/lowest",
            "- dir/sub/middle",
            "+ dir/sub/new",
        ]
    );
}

#[test]
fn files_and_directories_that_change_places_are_modified() {
    let overlay = Overlay::new(&[&|lower| {
        file(lower, "was-dir/inner", "old");
        file(lower, "was-file", "old");
    }]);
    let Some(overlay) = overlay else { return };
    overlay.change(|root| {
        fs::remove_dir_all(root.join("was-dir")).expect("removed");
        file(root, "was-dir", "now a file");
        fs::remove_file(root.join("was-file")).expect("removed");
        file(root, "was-file/inner", "now a directory");
    });
    assert_eq!(changes(&overlay), ["~ was-dir", "~ was-file", "+ was-file/inner"]);
}

#[test]
fn whiteouts_and_opaque_directories_of_middle_layers_hide_what_is_below() {
    // The middle layers are themselves upper directories, as snapshots are.
    let base = Overlay::new(&[&|lower| {
        file(lower, "a", "1");
        file(lower, "dir/old", "1");
    }]);
    let Some(base) = base else { return };
    base.change(|root| {
        fs::remove_file(root.join("a")).expect("removed");
        fs::remove_dir_all(root.join("dir")).expect("removed");
        file(root, "dir/new", "2");
    });
    let top = base.on_top();
    top.change(|root| {
        file(root, "a", "3");
        file(root, "dir/old", "3");
        fs::remove_file(root.join("dir/new")).expect("removed");
    });
    assert_eq!(changes(&top), ["+ a", ". dir", "- dir/new", "+ dir/old"]);
}

#[test]
fn a_diff_over_nothing_adds_everything() {
    let upper = TempDir::new().expect("a directory");
    file(upper.path(), "dir/file", "x");
    let changes = diff(upper.path(), &[]).expect("a diff");
    assert_eq!(changes.iter().map(describe).collect::<Vec<_>>(), ["+ dir", "+ dir/file"]);
}

#[test]
fn content_that_only_the_mount_can_find_is_refused() {
    let overlay = Overlay::new(&[&|lower| file(lower, "dir/file", "x")]);
    let Some(overlay) = overlay else { return };
    directory(&overlay.upper(), "moved");
    xattr::set(overlay.upper().join("moved"), "trusted.overlay.redirect", b"/dir").expect("a mark");
    let failure = diff(&overlay.upper(), &overlay.lowers);
    assert!(matches!(failure, Err(TreeError::Overlay { feature: "redirect_dir", .. })), "{failure:?}");
}

#[test]
fn clamping_takes_newer_times_down_and_leaves_older_ones() {
    let tree = TempDir::new().expect("a directory");
    file(tree.path(), "dir/new", "x");
    file(tree.path(), "dir/old", "x");
    link(tree.path(), "link", "/nowhere");
    touch(tree.path(), "dir/old", 500);
    clamp_times(tree.path(), Time { seconds: 1_000, nanoseconds: 0 }).expect("clamped");
    let times = ["", "dir", "dir/new", "dir/old", "link"].map(|path| mtime(tree.path(), path));
    assert_eq!(times, [1_000, 1_000, 1_000, 500, 1_000]);
}
