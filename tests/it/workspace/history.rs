//! What git knows of a context.

use std::fs;
use std::path::Path;
use std::process::Command;

use rplan::workspace::edits::edits;
use rplan::workspace::history::{HistoryError, changed_since, history};
use rplan::workspace::revision::{Before, Revision};
use tempfile::TempDir;

/// A repository with nothing in it.
fn repository() -> TempDir {
    let directory = TempDir::new().expect("a directory");
    git(directory.path(), &["init", "--quiet", "--initial-branch=main"]);
    directory
}

fn git(directory: &Path, arguments: &[&str]) {
    let output = Command::new("git")
        .args(["-c", "user.name=n", "-c", "user.email=n@x", "-c", "commit.gpgSign=false", "-C"])
        .arg(directory)
        .args(arguments)
        .output()
        .expect("git");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn commit(directory: &Path, files: &[(&str, &str)]) {
    for (path, content) in files {
        let place = directory.join(path);
        fs::create_dir_all(place.parent().expect("a parent")).expect("parents");
        fs::write(place, content).expect("a file");
    }
    git(directory, &["add", "--all"]);
    git(directory, &["commit", "--quiet", "--message=x"]);
}

fn told(root: &Path, most: usize) -> Vec<String> {
    let history = history(root, most).expect("a history");
    history.commits.into_iter().map(|commit| commit.into_iter().collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn commits_are_told_newest_first_with_the_paths_of_the_context() {
    let repository = repository();
    let root = repository.path();
    commit(root, &[("app/a", "1"), ("app/b c", "1"), ("other", "1")]);
    commit(root, &[("other", "2")]);
    commit(root, &[("app/a", "2"), ("app/sub/é\n", "1")]);
    git(root, &["mv", "app/a", "app/z"]);
    commit(root, &[]);
    assert_eq!(told(&root.join("app"), 500), ["a z", "a sub/é\n", "a b c"]);
    assert_eq!(told(root, 2), ["app/a app/z", "app/a app/sub/é\n"]);
}

#[test]
fn a_merge_counts_once_with_all_that_it_brought() {
    let repository = repository();
    let root = repository.path();
    commit(root, &[("a", "1")]);
    git(root, &["checkout", "--quiet", "-b", "side"]);
    commit(root, &[("b", "1")]);
    commit(root, &[("c", "1")]);
    git(root, &["checkout", "--quiet", "main"]);
    commit(root, &[("a", "2")]);
    git(root, &["merge", "--quiet", "--no-ff", "--message=m", "side"]);
    assert_eq!(told(root, 500), ["b c", "a", "a"]);
}

#[test]
fn what_differs_from_a_commit_includes_what_nobody_has_added_yet() {
    let repository = repository();
    let root = repository.path();
    commit(root, &[("app/a", "1"), ("app/b", "1"), ("app/.gitignore", "*.log"), ("other", "1")]);
    git(root, &["tag", "old"]);
    commit(root, &[("app/b", "2")]);
    fs::write(root.join("app/a"), "2").unwrap();
    fs::write(root.join("app/new"), "1").unwrap();
    fs::write(root.join("app/x.log"), "1").unwrap();
    fs::write(root.join("other"), "2").unwrap();
    let changed: Vec<String> = changed_since(&root.join("app"), "old").unwrap().into_iter().collect();
    assert_eq!(changed, ["a", "b", "new"]);
    assert!(matches!(changed_since(root, "nowhere"), Err(HistoryError::Refused { .. })));
    assert!(matches!(changed_since(root, "--output=x"), Err(HistoryError::Refused { .. })));
    assert!(!root.join("x").exists());
}

#[test]
fn outside_a_repository_or_before_the_first_commit_there_is_no_history() {
    let directory = TempDir::new().unwrap();
    let Err(HistoryError::Refused { message, .. }) = history(directory.path(), 10) else { panic!("no repository") };
    assert!(message.contains("not a git repository"), "{message}");
    assert!(matches!(history(repository().path(), 10), Err(HistoryError::Refused { .. })));
}

#[cfg(unix)]
#[test]
fn a_repository_cannot_make_git_run_programs() {
    use std::os::unix::fs::PermissionsExt;
    let repository = repository();
    let root = repository.path();
    commit(root, &[("a", "1")]);
    fs::write(root.join("a"), "2").unwrap();
    let trap = root.join("trap");
    fs::write(&trap, format!("#!/bin/sh\ntouch {}\n", root.join("sprung").display())).unwrap();
    fs::set_permissions(&trap, fs::Permissions::from_mode(0o755)).unwrap();
    let trap = trap.to_str().unwrap();
    for key in ["core.fsmonitor", "diff.external", "core.pager", "gpg.program", "diff.x.textconv", "diff.x.command"] {
        git(root, &["config", key, trap]);
    }
    git(root, &["config", "log.showSignature", "true"]);
    fs::write(root.join(".gitattributes"), "a diff=x\n").unwrap();
    told(root, 10);
    changed_since(root, "HEAD").unwrap();
    let revision = Revision::open(root, "HEAD").unwrap();
    assert_eq!(revision.before(&root.join("a")).unwrap(), Before::Bytes(b"1".to_vec()));
    assert!(!root.join("sprung").exists());
}

#[test]
fn past_dockerfiles_are_told_with_the_commits_that_edited_them() {
    let repository = repository();
    let root = repository.path();
    commit(root, &[("app/Dockerfile", "FROM a\n"), ("app/main", "1")]);
    commit(root, &[("app/main", "2")]);
    commit(root, &[("app/Dockerfile", "FROM b\n"), ("app/main", "3")]);
    commit(root, &[("app/Dockerfile", "FROM c\n")]);
    commit(root, &[("app/main", "4")]);
    let history = history(&root.join("app"), 10).expect("a history");
    assert_eq!((history.names.len(), history.commits.len()), (5, 5));
    let edits = edits(&root.join("app/Dockerfile"), &history).expect("edits");
    let told: Vec<_> = edits.iter().map(|edit| (edit.commit, edit.before.as_str(), edit.after.as_str())).collect();
    assert_eq!(told, [(1, "FROM b\n", "FROM c\n"), (2, "FROM a\n", "FROM b\n")], "the first made it");
    assert!(rplan::workspace::edits::edits(&root.join("app/none"), &history).expect("an answer").is_empty());
}
