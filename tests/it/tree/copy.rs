//! COPY: destinations, owners, modes and links.

use std::fs;
use std::os::unix::net::UnixListener;
use std::path::Path;

use rplan::tree::copy::{Arrival, copy};
use rplan::tree::select::SourceTree;
use rplan::tree::{Entry, TreeError, Verdict};
use tempfile::TempDir;

use super::{directory, file, inode, link, listing, mode, mtime, owner, root, touch};
use crate::support::system::system_tests_run;

/// A source and a target tree.
struct Trees {
    source: TempDir,
    target: TempDir,
}

fn take_all(_: &Entry) -> Verdict {
    Verdict::Take
}

impl Trees {
    /// Empty trees; `None` without the rights to give files away.
    fn new() -> Option<Self> {
        let trees =
            || Self { source: TempDir::new().expect("a directory"), target: TempDir::new().expect("a directory") };
        system_tests_run("root, to give files away").then(trees)
    }

    fn source(&self) -> &Path {
        self.source.path()
    }

    fn target(&self) -> &Path {
        self.target.path()
    }

    /// Copies from the source as a build context.
    fn copy(&self, sources: &[&str], destination: &str, arrival: &Arrival) -> Result<(), TreeError> {
        let source = root(self.source());
        self.copy_from(&SourceTree::of_context(&source, &take_all), sources, destination, arrival)
    }

    /// Copies from the source as the file system of a stage.
    fn copy_from_stage(&self, sources: &[&str], destination: &str) -> Result<(), TreeError> {
        let source = root(self.source());
        self.copy_from(&SourceTree::of_stage(&source), sources, destination, &Arrival::default())
    }

    fn copy_from(
        &self,
        tree: &SourceTree<'_>,
        sources: &[&str],
        destination: &str,
        arrival: &Arrival,
    ) -> Result<(), TreeError> {
        let mut hits = Vec::new();
        for source in sources {
            hits.extend(tree.select(source)?);
        }
        copy(tree, &hits, &root(self.target()), destination, arrival).map(drop)
    }

    fn listing(&self) -> Vec<String> {
        listing(self.target())
    }
}

fn arrival(owner: Option<(u32, u32)>, mode: &str) -> Arrival {
    Arrival { owner, mode: (!mode.is_empty()).then(|| mode.parse().expect("a mode")) }
}

fn plain() -> Arrival {
    Arrival::default()
}

#[test]
fn a_file_takes_the_name_of_the_destination_unless_that_is_a_directory() {
    let Some(trees) = Trees::new() else { return };
    file(trees.source(), "a", "A");
    directory(trees.target(), "dir");
    for destination in ["/named", "/new/", "/dir", "/deep/down/x", "/dotted/."] {
        trees.copy(&["a"], destination, &plain()).expect(destination);
    }
    assert_eq!(
        trees.listing(),
        [
            "deep/ 755 0:0",
            "deep/down/ 755 0:0",
            "deep/down/x 644 0:0 \"A\"",
            "dir/ 755 0:0",
            "dir/a 644 0:0 \"A\"",
            "dotted/ 755 0:0",
            "dotted/a 644 0:0 \"A\"",
            "named 644 0:0 \"A\"",
            "new/ 755 0:0",
            "new/a 644 0:0 \"A\"",
        ]
    );
}

#[test]
fn the_last_of_several_files_to_one_name_wins() {
    let Some(trees) = Trees::new() else { return };
    file(trees.source(), "a", "A");
    file(trees.source(), "b", "B");
    trees.copy(&["a", "b"], "/one", &plain()).expect("a copy");
    assert_eq!(trees.listing(), ["one 644 0:0 \"B\""]);
}

#[test]
fn a_directory_is_merged_and_only_inner_directories_bring_their_attributes() {
    let Some(trees) = Trees::new() else { return };
    file(trees.source(), "src/inner/new", "new");
    mode(trees.source(), "src", 0o700);
    mode(trees.source(), "src/inner", 0o750);
    touch(trees.source(), "src/inner", 1_000);
    file(trees.target(), "kept/inner/old", "old");
    mode(trees.target(), "kept", 0o711);
    owner(trees.target(), "kept", 7, 7);
    owner(trees.target(), "kept/inner", 7, 7);
    trees.copy(&["src"], "/kept", &plain()).expect("a copy");
    trees.copy(&["src/."], "/made", &plain()).expect("a copy");
    assert_eq!(
        trees.listing(),
        [
            "kept/ 711 7:7",
            "kept/inner/ 750 0:0",
            "kept/inner/new 644 0:0 \"new\"",
            "kept/inner/old 644 0:0 \"old\"",
            "made/ 755 0:0",
            "made/inner/ 750 0:0",
            "made/inner/new 644 0:0 \"new\"",
        ]
    );
    assert_eq!(mtime(trees.target(), "kept/inner"), 1_000);
    assert_eq!(mtime(trees.target(), "made/inner"), 1_000);
    assert_ne!(mtime(trees.target(), "made"), mtime(trees.source(), "src/inner"));
}

#[test]
fn files_and_directories_do_not_replace_each_other() {
    let Some(trees) = Trees::new() else { return };
    file(trees.source(), "file", "F");
    file(trees.source(), "dir/x", "X");
    file(trees.source(), "shape/dir", "a file here");
    file(trees.target(), "file", "old");
    directory(trees.target(), "dir/x");
    let refused = |sources: &[&str], destination: &str| trees.copy(sources, destination, &plain());
    assert!(matches!(refused(&["dir"], "/dir"), Err(TreeError::IsADirectory { .. })));
    assert!(matches!(refused(&["dir"], "/file"), Err(TreeError::NotADirectory { .. })));
    assert!(matches!(refused(&["shape"], "/"), Err(TreeError::IsADirectory { .. })));
    assert!(matches!(refused(&["file"], "/file/"), Err(TreeError::NotADirectory { .. })));
    assert!(matches!(refused(&["file"], "/file/below"), Err(TreeError::NotADirectory { .. })));
}

#[test]
fn replacing_a_file_leaves_its_other_names_alone() {
    let Some(trees) = Trees::new() else { return };
    file(trees.source(), "a", "new");
    file(trees.target(), "a", "old");
    fs::hard_link(trees.target().join("a"), trees.target().join("sibling")).expect("a hard link");
    trees.copy(&["a"], "/a", &plain()).expect("a copy");
    assert_eq!(trees.listing(), ["a 644 0:0 \"new\"", "sibling 644 0:0 \"old\""]);
}

#[test]
fn wildcards_copy_each_hit_as_if_named_and_may_hit_nothing() {
    let Some(trees) = Trees::new() else { return };
    for name in [".hidden", "a.txt", "b.txt", "d1/x", "d2/x", "d2/y", "[odd]"] {
        file(trees.source(), name, name);
    }
    trees.copy(&["*.md"], "/nothing/", &plain()).expect("no hit is fine");
    assert!(trees.listing().is_empty());
    trees.copy(&["*.txt", ".h*", "[[]odd]"], "/files/", &plain()).expect("a copy");
    trees.copy(&["d?"], "/merged", &plain()).expect("a copy");
    trees.copy(&["*/x"], "/inner/", &plain()).expect("a copy");
    assert_eq!(
        trees.listing(),
        [
            "files/ 755 0:0",
            "files/.hidden 644 0:0 \".hidden\"",
            "files/[odd] 644 0:0 \"[odd]\"",
            "files/a.txt 644 0:0 \"a.txt\"",
            "files/b.txt 644 0:0 \"b.txt\"",
            "inner/ 755 0:0",
            "inner/x 644 0:0 \"d2/x\"",
            "merged/ 755 0:0",
            "merged/x 644 0:0 \"d2/x\"",
            "merged/y 644 0:0 \"d2/y\"",
        ]
    );
}

#[test]
fn a_missing_name_and_a_broken_pattern_are_errors() {
    let Some(trees) = Trees::new() else { return };
    assert!(matches!(trees.copy(&["gone"], "/", &plain()), Err(TreeError::NotFound { .. })));
    assert!(matches!(trees.copy(&["gone/[x"], "/", &plain()), Err(TreeError::BadPattern { .. })));
}

#[test]
fn sources_stay_in_their_root_and_climb_no_higher() {
    let Some(trees) = Trees::new() else { return };
    file(trees.source(), "a", "A");
    trees.copy(&["/a", "../../a", "./x/../a"], "/d/", &plain()).expect("a copy");
    assert_eq!(trees.listing(), ["d/ 755 0:0", "d/a 644 0:0 \"A\""]);
}

#[test]
fn a_named_link_is_followed_and_an_inner_one_stays() {
    let Some(trees) = Trees::new() else { return };
    file(trees.source(), "real/file", "R");
    link(trees.source(), "to-file", "/real/file");
    link(trees.source(), "to-dir", "real");
    link(trees.source(), "real/inner", "file");
    link(trees.source(), "broken", "nowhere");
    trees.copy(&["to-file"], "/d/", &plain()).expect("a copy");
    trees.copy(&["to-d*"], "/from-link", &plain()).expect("a copy");
    trees.copy(&["to-dir/file"], "/through", &plain()).expect("a copy");
    assert!(matches!(trees.copy(&["broken"], "/d/", &plain()), Err(TreeError::NotFound { .. })));
    assert_eq!(
        trees.listing(),
        [
            "d/ 755 0:0",
            "d/to-file 644 0:0 \"R\"",
            "from-link/ 755 0:0",
            "from-link/file 644 0:0 \"R\"",
            "from-link/inner -> file",
            "through 644 0:0 \"R\"",
        ]
    );
}

#[test]
fn destination_links_are_followed_even_where_they_dangle() {
    let Some(trees) = Trees::new() else { return };
    file(trees.source(), "a", "A");
    link(trees.target(), "dangling", "/made/by/copy");
    link(trees.target(), "up", "../../../up-there");
    trees.copy(&["a"], "/dangling/", &plain()).expect("a copy");
    trees.copy(&["a"], "/up", &plain()).expect("a copy");
    assert_eq!(
        trees.listing(),
        [
            "dangling -> /made/by/copy",
            "made/ 755 0:0",
            "made/by/ 755 0:0",
            "made/by/copy/ 755 0:0",
            "made/by/copy/a 644 0:0 \"A\"",
            "up -> ../../../up-there",
            "up-there 644 0:0 \"A\"",
        ]
    );
}

#[test]
fn owners_are_roots_from_a_context_and_kept_from_a_stage() {
    let Some(trees) = Trees::new() else { return };
    file(trees.source(), "d/a", "A");
    owner(trees.source(), "d/a", 5, 6);
    link(trees.source(), "d/l", "a");
    trees.copy(&["d"], "/context", &plain()).expect("a copy");
    trees.copy_from_stage(&["d"], "/stage").expect("a copy");
    trees.copy(&["d"], "/given/to", &arrival(Some((8, 9)), "")).expect("a copy");
    assert_eq!(
        trees.listing(),
        [
            "context/ 755 0:0",
            "context/a 644 0:0 \"A\"",
            "context/l -> a",
            "given/ 755 8:9",
            "given/to/ 755 8:9",
            "given/to/a 644 8:9 \"A\"",
            "given/to/l -> a",
            "stage/ 755 0:0",
            "stage/a 644 5:6 \"A\"",
            "stage/l -> a",
        ]
    );
}

#[test]
fn chmod_reaches_files_and_directories_and_parents_only_in_octal() {
    let Some(trees) = Trees::new() else { return };
    file(trees.source(), "d/e/a", "A");
    link(trees.source(), "d/l", "/etc/shadow");
    trees.copy(&["d"], "/octal/below", &arrival(None, "4711")).expect("a copy");
    trees.copy(&["d"], "/symbolic/below", &arrival(None, "go-r,a+X")).expect("a copy");
    assert_eq!(
        trees.listing(),
        [
            "octal/ 4711 0:0",
            "octal/below/ 4711 0:0",
            "octal/below/e/ 4711 0:0",
            "octal/below/e/a 4711 0:0 \"A\"",
            "octal/below/l -> /etc/shadow",
            "symbolic/ 755 0:0",
            "symbolic/below/ 755 0:0",
            "symbolic/below/e/ 711 0:0",
            "symbolic/below/e/a 600 0:0 \"A\"",
            "symbolic/below/l -> /etc/shadow",
        ]
    );
}

#[test]
fn hard_links_times_and_attributes_survive() {
    let Some(trees) = Trees::new() else { return };
    file(trees.source(), "d/a", "A");
    touch(trees.source(), "d/a", 12_345);
    fs::hard_link(trees.source().join("d/a"), trees.source().join("d/b")).expect("a hard link");
    xattr::set(trees.source().join("d/a"), "user.note", b"kept").expect("an attribute");
    trees.copy(&["d"], "/d", &plain()).expect("a copy");
    trees.copy(&["d/a", "d/b"], "/apart/", &plain()).expect("a copy");
    assert_eq!(inode(trees.target(), "d/a"), inode(trees.target(), "d/b"));
    assert_ne!(inode(trees.target(), "apart/a"), inode(trees.target(), "apart/b"));
    assert_eq!(mtime(trees.target(), "d/b"), 12_345);
    let note = xattr::get(trees.target().join("apart/b"), "user.note").expect("attributes");
    assert_eq!(note.as_deref(), Some(&b"kept"[..]));
}

#[test]
fn special_files_are_copied_and_sockets_become_empty_files() {
    let Some(trees) = Trees::new() else { return };
    let _listener = UnixListener::bind(trees.source().join("socket")).expect("a socket");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        trees.source().join("null"),
        rustix::fs::FileType::CharacterDevice,
        rustix::fs::Mode::from_raw_mode(0o666),
        rustix::fs::makedev(1, 3),
    )
    .expect("a device");
    rustix::fs::mkfifoat(rustix::fs::CWD, trees.source().join("pipe"), rustix::fs::Mode::from_raw_mode(0o600))
        .expect("a pipe");
    for (name, bits) in [("socket", 0o640), ("null", 0o666), ("pipe", 0o600)] {
        mode(trees.source(), name, bits);
    }
    trees.copy(&["."], "/", &plain()).expect("a copy");
    assert_eq!(
        trees.listing(),
        ["null 666 0:0 CharDevice(Device { major: 1, minor: 3 })", "pipe 600 0:0 Fifo", "socket 640 0:0 \"\""]
    );
}

#[test]
fn sparse_files_keep_their_holes() {
    use std::os::unix::fs::{FileExt, MetadataExt};

    let Some(trees) = Trees::new() else { return };
    let size = 1 << 30;
    let sparse = fs::File::create(trees.source().join("sparse")).expect("a file");
    sparse.set_len(size).expect("a length");
    sparse.write_all_at(b"middle", size / 2).expect("some content");
    trees.copy(&["sparse"], "/copy", &plain()).expect("a copy");
    let copied = fs::File::open(trees.target().join("copy")).expect("the copy");
    let metadata = copied.metadata().expect("metadata");
    let mut middle = [0; 6];
    copied.read_exact_at(&mut middle, size / 2).expect("content");
    assert_eq!((metadata.len(), &middle), (size, b"middle"));
    assert!(metadata.blocks() * 512 < 1 << 20, "{} blocks", metadata.blocks());
}

#[test]
fn what_the_judge_leaves_out_does_not_exist() {
    let Some(trees) = Trees::new() else { return };
    for name in ["keep", "out/secret", "out/kept", "gone/x"] {
        file(trees.source(), name, name);
    }
    link(trees.source(), "way-in", "out/secret");
    let judge = |entry: &Entry| match entry.path.to_str() {
        Some("keep" | "out/kept" | "way-in") => Verdict::Take,
        Some("gone") => Verdict::Skip,
        _ => Verdict::Through,
    };
    let source = root(trees.source());
    let tree = SourceTree::of_context(&source, &judge);
    trees.copy_from(&tree, &["."], "/all", &plain()).expect("a copy");
    trees.copy_from(&tree, &["out"], "/out", &plain()).expect("an excluded directory with something in it");
    trees.copy_from(&tree, &["g*", "out/s*"], "/none", &plain()).expect("wildcards that hit nothing");
    for missing in ["gone", "gone/x", "out/secret", "way-in"] {
        assert!(matches!(tree.select(missing), Err(TreeError::NotFound { .. })), "{missing}");
    }
    assert_eq!(
        trees.listing(),
        [
            "all/ 755 0:0",
            "all/keep 644 0:0 \"keep\"",
            "all/out/ 755 0:0",
            "all/out/kept 644 0:0 \"out/kept\"",
            "all/way-in -> out/secret",
            "out/ 755 0:0",
            "out/kept 644 0:0 \"out/kept\"",
        ]
    );
}
