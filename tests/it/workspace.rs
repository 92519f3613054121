//! What is read around a Dockerfile.

mod builds;
mod history;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use rplan::digest::Digest;
use rplan::model::{BuildContext, EntryKind};
use rplan::workspace::{Context, ContextError, StatCache};
use tempfile::TempDir;

fn context_with(files: &[(&str, &str)]) -> TempDir {
    let directory = TempDir::new().expect("a directory");
    for (path, text) in files {
        let place = directory.path().join(path);
        fs::create_dir_all(place.parent().expect("a parent")).expect("parents");
        fs::write(place, text).expect("a file");
    }
    directory
}

fn open(directory: &Path) -> Context {
    Context::open(directory, Some(&directory.join("Dockerfile")), StatCache::in_memory()).expect("a context")
}

fn paths(context: &Context) -> Vec<&str> {
    context.entries().iter().map(|entry| entry.path.as_str()).collect()
}

#[test]
fn a_context_lists_what_is_not_ignored_in_the_order_of_paths() {
    let directory = context_with(&[
        (".dockerignore", "node_modules\nsecret*\nvendor\n!vendor/keep/*.txt\n"),
        ("Dockerfile", ""),
        ("app/main.go", "package main"),
        ("app-test/x", ""),
        ("node_modules/a/b", ""),
        ("secret.key", ""),
        ("vendor/keep/a.txt", ""),
        ("vendor/keep/b.md", ""),
        ("vendor/other/a.txt", ""),
    ]);
    let context = open(directory.path());
    assert_eq!(
        paths(&context),
        [
            ".dockerignore",
            "Dockerfile",
            "app",
            "app-test",
            "app-test/x",
            "app/main.go",
            "vendor",
            "vendor/keep",
            "vendor/keep/a.txt",
        ]
    );
    let main = context.entry("app/main.go").expect("it is included");
    assert_eq!((&main.kind, main.size), (&EntryKind::File, 12));
    assert!(context.unreadable().is_empty());
}

#[test]
fn what_is_excluded_exists_but_cannot_be_read() {
    let directory = context_with(&[(".dockerignore", "secret"), ("secret", "x"), ("open", "y")]);
    let context = open(directory.path());
    assert!(context.has_ignore_file());
    assert!(context.is_excluded("secret"));
    assert!(!context.is_excluded("open"));
    assert!(!context.is_excluded("secret/below-a-file"));
    assert!(context.read("secret").is_err());
    assert!(context.digest("secret").is_err());
    assert_eq!(context.read("open").expect("it is included"), b"y");
    assert_eq!(context.digest("open").expect("it is included"), Digest::of("y"));
}

#[test]
fn the_ignore_file_of_a_dockerfile_wins() {
    let directory = context_with(&[
        (".dockerignore", "general"),
        ("Dockerfile.dockerignore", "special"),
        ("general", ""),
        ("special", ""),
    ]);
    let context = open(directory.path());
    assert!(context.is_excluded("special") && !context.is_excluded("general"));
    let name = context.ignore_file().expect("there is one").name();
    assert!(name.ends_with("Dockerfile.dockerignore"), "{name}");
    let named = Context::open(directory.path(), None, StatCache::in_memory()).expect("a context");
    assert!(named.is_excluded("general") && !named.is_excluded("special"));
}

#[test]
fn a_wrong_line_of_an_ignore_file_is_shown_with_its_place() {
    let directory = context_with(&[(".dockerignore", "fine\n[open\n")]);
    let failure = Context::open(directory.path(), None, StatCache::in_memory()).err().expect("a wrong line");
    let ContextError::Ignore { file, error } = failure else { panic!("{failure}") };
    assert_eq!(file.slice(error.span), "[open");
}

#[test]
fn what_is_no_directory_is_no_context() {
    let directory = context_with(&[("file", "")]);
    for path in ["file", "gone"] {
        let failure = Context::open(&directory.path().join(path), None, StatCache::in_memory()).err();
        assert!(matches!(failure, Some(ContextError::NotADirectory { .. })), "{path}");
    }
}

#[cfg(unix)]
#[test]
fn links_are_followed_inside_the_context_alone() {
    use std::os::unix::fs::symlink;

    let world = context_with(&[
        ("outside", "secret"),
        ("context/real/file", "inside"),
        ("context/.dockerignore", "hidden"),
        ("context/hidden", ""),
    ]);
    let root = world.path().join("context");
    for (name, target) in [
        ("link", "real"),
        ("absolute", "/real/file"),
        ("up", "../outside"),
        ("far", world.path().join("outside").to_str().expect("text")),
        ("loop", "loop"),
        ("around", "hidden"),
    ] {
        symlink(target, root.join(name)).expect("a link");
    }
    let context = open(&root);
    for path in ["link/file", "absolute", "../real/file"] {
        assert_eq!(context.read(path).expect(path), b"inside", "{path}");
    }
    for path in ["up", "far", "loop", "../outside", "around"] {
        assert!(context.read(path).is_err(), "{path}");
    }
    assert_eq!(context.entry("link").map(|entry| &entry.kind), Some(&EntryKind::Symlink("real".to_owned())));
    assert!(!paths(&context).contains(&"link/file"));
}

#[cfg(unix)]
#[test]
fn a_pipe_is_no_file_to_read() {
    let directory = context_with(&[]);
    let made = std::process::Command::new("mkfifo").arg(directory.path().join("pipe")).status().expect("mkfifo");
    assert!(made.success());
    let context = open(directory.path());
    assert_eq!(context.entry("pipe").map(|entry| &entry.kind), Some(&EntryKind::Other));
    assert!(context.read("pipe").is_err() && context.digest("pipe").is_err());
}

#[test]
fn a_context_can_be_shared_between_threads() {
    let directory = context_with(&[("a", "A"), ("b", "B")]);
    let context: Arc<dyn BuildContext> = Arc::new(open(directory.path()));
    std::thread::scope(|scope| {
        for (path, text) in [("a", "A"), ("b", "B")] {
            let context = Arc::clone(&context);
            scope.spawn(move || {
                assert_eq!(context.entries().len(), 2);
                assert_eq!(context.digest(path).expect("a digest"), Digest::of(text));
            });
        }
    });
}

#[test]
fn a_rewritten_file_gets_a_new_digest_at_once() {
    let (directory, cache) = (context_with(&[("a", "old")]), TempDir::new().expect("a directory"));
    let open = || {
        let cache = StatCache::in_directory(cache.path(), directory.path());
        Context::open(directory.path(), None, cache).expect("a context")
    };
    assert_eq!(open().digest("a").expect("a digest"), Digest::of("old"));
    fs::write(directory.path().join("a"), "new").expect("rewritten");
    assert_eq!(open().digest("a").expect("a digest"), Digest::of("new"));
}
