//! The store: what survives, what is shared, what is removed.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use rplan::digest::Digest;
use rplan::store::{
    Collector, Kind, Layer, NewSnapshot, PackedLayer, Record, Rules, Scope, Sharing, Shelf, Snapshot, SnapshotId,
    Store, StoreError, Swept, Tag,
};
use tempfile::TempDir;

use crate::support::system::system_tests_run;

fn place() -> TempDir {
    TempDir::new().expect("a directory")
}

fn open(place: &TempDir) -> Store {
    Store::open(place.path().join("store")).expect("a store")
}

fn seize(place: &TempDir) -> Collector {
    Collector::seize(place.path().join("store")).expect("no failure").expect("nobody uses the store")
}

/// Commits a snapshot with one file on `parent`.
fn commit(store: &Store, parent: Option<&SnapshotId>, text: &str) -> Snapshot {
    let scratch = store.snapshots.begin().expect("a scratch");
    fs::write(scratch.upper().join("file"), text).expect("a file");
    let new = NewSnapshot { parent: parent.cloned(), changes: Digest::of(text), size: text.len() as u64 };
    store.snapshots.commit(scratch, new).expect("a snapshot")
}

fn record_of(snapshot: &Snapshot) -> Record {
    Record { snapshot: Some(snapshot.id.clone()), ..Record::default() }
}

/// Every path in the store but its fixed furniture.
fn content(place: &TempDir) -> Vec<String> {
    let root = place.path().join("store");
    let furniture = ["version", "in-use", "tmp/.door"];
    let files =
        rplan::tree::Walk::new(&root).map(|entry| entry.expect("an entry")).filter(|entry| !entry.is_directory());
    files.map(|entry| entry.path.display().to_string()).filter(|path| !furniture.contains(&path.as_str())).collect()
}

#[test]
fn a_blob_is_found_under_its_digest_by_a_later_process() {
    let place = place();
    let mut writer = open(&place).blobs.create().expect("a blob");
    writer.write_all(b"con").and_then(|()| writer.write_all(b"tent")).expect("written");
    let (digest, size) = writer.finish().expect("published");
    assert_eq!((digest, size), (Digest::of("content"), 7));
    let later = open(&place);
    assert_eq!(later.blobs.read(&digest).expect("no failure"), Some(b"content".to_vec()));
    assert_eq!(later.blobs.size(&digest).expect("no failure"), Some(7));
    assert_eq!(later.blobs.keep(b"content").expect("kept"), digest);
    assert!(later.blobs.open(&Digest::of("other")).expect("no failure").is_none());
}

#[test]
fn a_blob_that_is_not_what_was_promised_is_not_kept() {
    let place = place();
    let store = open(&place);
    let mut writer = store.blobs.create().expect("a blob");
    writer.write_all(b"forged").expect("written");
    let promised = Digest::of("genuine");
    assert!(matches!(writer.finish_as(&promised), Err(StoreError::Corrupt { expected, .. }) if expected == promised));
    drop(store.blobs.create().expect("a blob that is given up"));
    drop(store);
    assert_eq!(content(&place), [""; 0]);
}

#[test]
fn a_blob_that_was_damaged_later_is_noticed() {
    let place = place();
    let store = open(&place);
    let digest = store.blobs.keep(b"content").expect("kept");
    fs::write(store.blobs.path(&digest), "damaged").expect("damaged");
    assert!(matches!(store.blobs.read(&digest), Err(StoreError::Corrupt { .. })));
}

#[test]
fn snapshots_stand_on_each_other() {
    let place = place();
    let store = open(&place);
    let base = commit(&store, None, "base");
    let top = commit(&store, Some(&base.id), "top");
    store.snapshots.settle().expect("settled");
    drop(store);
    let store = open(&place);
    let chain = store.snapshots.chain(&top.id).expect("no failure").expect("a chain");
    let texts = chain.iter().map(|snapshot| store.snapshots.changes(&snapshot.id).join("file"));
    let texts: Vec<String> = texts.map(|path| fs::read_to_string(path).expect("a file")).collect();
    assert_eq!(texts, ["top", "base"]);
    assert_eq!((chain[0].changes, chain[0].size), (Digest::of("top"), 3));
}

#[test]
fn a_snapshot_given_up_leaves_nothing() {
    let place = place();
    let store = open(&place);
    let scratch = store.snapshots.begin().expect("a scratch");
    fs::write(scratch.upper().join("file"), "x").expect("a file");
    drop(scratch);
    let outlives_the_store = store.snapshots.begin().expect("a scratch");
    drop(store);
    assert!(outlives_the_store.upper().exists());
    drop(outlives_the_store);
    assert_eq!(content(&place), [""; 0]);
}

#[test]
fn the_root_of_a_snapshot_is_open_to_its_users_whatever_the_umask() {
    let place = place();
    let store = open(&place);
    let scratch = store.snapshots.begin().expect("a scratch");
    let mode = fs::metadata(scratch.upper()).expect("metadata").permissions().mode();
    assert_eq!(mode & 0o7777, 0o755);
}

#[test]
fn a_snapshot_from_before_the_machine_went_down_counts_only_if_it_was_settled() {
    let place = place();
    let store = open(&place);
    let settled = commit(&store, None, "settled");
    store.snapshots.settle().expect("settled");
    let lost = commit(&store, None, "lost");
    // As if another boot had written it.
    let path = place.path().join("store/snapshots").join(lost.id.to_string()).join("snapshot.json");
    let text = fs::read_to_string(&path).expect("a record");
    let mut value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert!(value["boot"].is_string(), "{text}");
    value["boot"] = "another".into();
    fs::write(&path, value.to_string()).expect("rewritten");
    assert!(store.snapshots.get(&settled.id).expect("no failure").is_some());
    assert!(store.snapshots.get(&lost.id).expect("no failure").is_none());
    let on_it = commit(&store, Some(&lost.id), "on it");
    assert!(matches!(store.snapshots.chain(&on_it.id), Err(StoreError::BrokenChain { .. })));
}

#[test]
fn the_layer_of_a_snapshot_is_remembered() {
    let place = place();
    let store = open(&place);
    let snapshot = commit(&store, None, "x");
    assert_eq!(store.snapshots.layer(&snapshot.id).expect("no failure"), None);
    let packed = PackedLayer {
        media_type: "application/vnd.oci.image.layer.v1.tar+gzip".to_owned(),
        blob: Digest::of("packed"),
        size: 6,
        packed_by: "zlib-rs 6".to_owned(),
    };
    let layer = Layer { diff_id: Digest::of("tar"), size: 1024, packed: vec![packed] };
    store.snapshots.set_layer(&snapshot.id, &layer).expect("set");
    assert_eq!(store.snapshots.layer(&snapshot.id).expect("no failure"), Some(layer));
}

#[test]
fn records_are_kept_by_kind_and_key_and_replaced_whole() {
    let place = place();
    let store = open(&place);
    let key = Digest::of("key");
    let record = |detail: &str| Record { detail: detail.into(), ..Record::default() };
    store.records.put(Kind::Step, &key, &record("first")).expect("put");
    store.records.put(Kind::Step, &key, &record("second")).expect("put");
    store.records.put(Kind::Build, &key, &record("a build")).expect("put");
    assert_eq!(store.records.get(Kind::Step, &key).expect("no failure"), Some(record("second")));
    assert_eq!(store.records.get(Kind::Chain, &key).expect("no failure"), None);
    assert!(store.records.forget(Kind::Step, &key).expect("no failure"));
    assert!(!store.records.forget(Kind::Step, &key).expect("no failure"));
    assert_eq!(store.records.all(Kind::Build).expect("records").len(), 1);
}

#[test]
fn a_record_that_cannot_be_read_counts_as_missing() {
    let place = place();
    let store = open(&place);
    let key = Digest::of("key");
    store.records.put(Kind::Step, &key, &Record::default()).expect("put");
    let path = place.path().join("store").join(&content(&place)[0]);
    fs::write(path, "{\"snap").expect("damaged");
    assert_eq!(store.records.get(Kind::Step, &key).expect("no failure"), None);
    assert!(store.records.all(Kind::Step).expect("records").is_empty());
}

#[test]
fn tags_name_images_and_can_be_listed() {
    let place = place();
    let store = open(&place);
    let tag = |name: &str| Tag {
        name: name.to_owned(),
        manifest: Digest::of(name),
        config: Digest::of("config"),
        layers: Vec::new(),
        snapshot: None,
        tagged_at: 1,
    };
    let long = format!("registry.example/{}:latest", "long/".repeat(80));
    for name in ["docker.io/library/web:latest", "docker.io/library/app:1", &long] {
        store.tags.put(&tag(name)).expect("tagged");
    }
    let names: Vec<String> = store.tags.all().expect("tags").into_iter().map(|tag| tag.name).collect();
    assert_eq!(names, ["docker.io/library/app:1", "docker.io/library/web:latest", &long]);
    assert_eq!(store.tags.get(&long).expect("no failure"), Some(tag(&long)));
    assert!(store.tags.remove(&long).expect("no failure"));
    assert_eq!(store.tags.get(&long).expect("no failure"), None);
}

#[test]
fn the_store_is_closed_to_others() {
    let place = place();
    let root = place.path().join("deep/store");
    fs::create_dir_all(&root).expect("a directory");
    fs::set_permissions(&root, fs::Permissions::from_mode(0o777)).expect("a mode");
    let _store = Store::open(&root).expect("a store");
    let mode = fs::metadata(&root).expect("metadata").permissions().mode();
    assert_eq!(mode & 0o7777, 0o700);
}

#[test]
fn a_directory_of_somebody_else_is_not_taken_over() {
    let place = place();
    fs::write(place.path().join("letters.txt"), "dear").expect("a file");
    let failure = Store::open(place.path()).expect_err("not a store");
    assert!(matches!(failure, StoreError::NotAStore { .. }), "{failure}");
    assert_eq!(fs::read_dir(place.path()).expect("a directory").count(), 1);
    assert!(Store::open_existing(place.path()).expect("no failure").is_none());
    assert!(Collector::seize(place.path()).expect("no failure").is_none());
}

#[test]
fn a_store_of_another_layout_is_refused() {
    let place = place();
    drop(open(&place));
    fs::write(place.path().join("store/version"), "rplan store 2\n").expect("a version");
    let failure = Store::open(place.path().join("store")).expect_err("another layout").to_string();
    assert!(failure.contains("holds `rplan store 2`, not `rplan store 1`"), "{failure}");
}

#[test]
fn one_thread_at_a_time_does_the_work_of_a_key() {
    let place = place();
    let store = open(&place);
    let (key, inside, worked) = (Digest::of("key"), AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..50 {
                    let _lock = store.keys.lock(&key).expect("the lock");
                    assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0, "somebody else is inside");
                    worked.fetch_add(1, Ordering::SeqCst);
                    inside.fetch_sub(1, Ordering::SeqCst);
                }
            });
        }
    });
    assert_eq!(worked.into_inner(), 400);
    let lock = store.keys.try_lock(&key).expect("no failure");
    assert!(lock.is_some());
    assert!(store.keys.try_lock(&key).expect("no failure").is_none());
    assert!(store.keys.try_lock(&Digest::of("other")).expect("no failure").is_some());
    drop(lock);
    assert_eq!(content(&place), [""; 0], "locks leave no files");
}

#[test]
fn the_collector_keeps_what_tags_and_records_stand_for() {
    let place = place();
    let store = open(&place);
    let [manifest, config, layer, noted, orphan] =
        ["manifest", "config", "layer", "noted", "orphan"].map(|text| store.blobs.keep(text.as_bytes()).expect("kept"));
    let base = commit(&store, None, "base");
    let tagged = commit(&store, Some(&base.id), "tagged");
    let cached = commit(&store, Some(&base.id), "cached");
    let dropped = commit(&store, Some(&cached.id), "dropped");
    let packed = vec![PackedLayer { media_type: "t".into(), blob: layer, size: 5, packed_by: "p".into() }];
    store.snapshots.set_layer(&base.id, &Layer { diff_id: Digest::of("x"), size: 1, packed }).expect("set");
    let snapshot = Some(tagged.id.clone());
    let tag = Tag { name: "n".into(), manifest, config, layers: Vec::new(), snapshot, tagged_at: 0 };
    store.tags.put(&tag).expect("tagged");
    let cached_record = Record { blobs: vec![noted], ..record_of(&cached) };
    store.records.put(Kind::Step, &Digest::of("cached"), &cached_record).expect("put");
    store.records.put(Kind::Step, &Digest::of("gone"), &record_of(&dropped)).expect("put");
    fs::remove_file(store.snapshots.changes(&dropped.id).with_file_name("snapshot.json")).expect("broken");
    drop(store);

    let swept = seize(&place).sweep().expect("swept");
    let bytes = "orphan".len() as u64;
    assert_eq!(swept, Swept { snapshots: 1, blobs: 1, records: 1, caches: 0, kept: 0, bytes });

    let store = open(&place);
    for digest in [manifest, config, layer, noted] {
        assert!(store.blobs.size(&digest).expect("no failure").is_some());
    }
    assert!(store.blobs.size(&orphan).expect("no failure").is_none());
    assert!(store.snapshots.chain(&tagged.id).expect("no failure").is_some());
    assert!(store.snapshots.chain(&cached.id).expect("no failure").is_some());
    assert!(store.records.get(Kind::Step, &Digest::of("gone")).expect("no failure").is_none());
}

#[test]
fn a_note_lasts_as_long_as_a_record_names_it_and_is_never_believed_when_damaged() {
    let place = place();
    let store = open(&place);
    let [kept, damaged, lost] =
        ["kept", "damaged", "lost"].map(|text| store.notes.keep(text.as_bytes()).expect("a note"));
    let notes = vec![kept, damaged];
    store.records.put(Kind::Build, &Digest::of("build"), &Record { notes, ..Record::default() }).expect("put");
    let place_of = |note: &Digest| place.path().join("store/notes").join(note.hex());
    fs::write(place_of(&damaged), "demaged").expect("damaged");
    drop(store);

    let swept = seize(&place).sweep().expect("swept");
    assert_eq!(swept, Swept::default(), "notes are not counted: they are part of their records");
    let store = open(&place);
    let read = |note: &Digest| store.notes.read(note).expect("no failure");
    assert_eq!(read(&kept).as_deref(), Some(&b"kept"[..]));
    assert_eq!((read(&damaged), read(&lost)), (None, None));
    assert_eq!(store.notes.keep(b"damaged").expect("a note"), damaged);
    assert_eq!(read(&damaged).as_deref(), Some(&b"damaged"[..]), "it is mended when it is kept again");
    assert!(!place_of(&lost).exists());
}

#[test]
fn what_has_not_been_used_is_forgotten_and_then_swept() {
    let place = place();
    let store = open(&place);
    let (old, used) = (commit(&store, None, "old"), commit(&store, None, "used"));
    let (old_key, used_key) = (Digest::of("old"), Digest::of("used"));
    store.records.put(Kind::Step, &old_key, &record_of(&old)).expect("put");
    store.records.put(Kind::Step, &used_key, &record_of(&used)).expect("put");
    let now = SystemTime::now();
    let long_ago = now - Duration::from_secs(7 * 86_400);
    for path in content(&place).into_iter().filter(|path| path.starts_with("records/")) {
        File::open(place.path().join("store").join(path)).and_then(|file| file.set_modified(long_ago)).expect("aged");
    }
    store.records.get(Kind::Step, &used_key).expect("no failure").expect("it is used");
    drop(store);
    let unused_since = Some(now - Duration::from_secs(86_400));
    let swept = seize(&place).prune(&Rules { unused_since, ..Rules::default() }).expect("pruned");
    assert_eq!(swept, Swept { snapshots: 1, blobs: 0, records: 1, caches: 0, kept: 0, bytes: 3 });
    let store = open(&place);
    let usage = store.usage().expect("usage");
    let snapshots: Vec<u64> =
        usage.iter().filter(|held| held.shelf == Shelf::Snapshots).map(|held| held.size).collect();
    assert_eq!(snapshots, [4]);
    let this_second = now.duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_secs() as i64;
    assert!(store.first_prune_since(this_second).expect("no failure").is_some());
    assert!(store.first_prune_since(this_second + 3600).expect("no failure").is_none());
}

/// Puts a cache mount with one file into the store.
fn cache(store: &Store, id: &str, text: &str) {
    let begin = |content: &Path| {
        fs::write(content.join("file"), text).expect("a file");
        Ok::<(), StoreError>(())
    };
    store.caches.take(&Digest::of(id), id, Sharing::Shared, begin).expect("no failure").expect("a cache");
}

#[test]
fn cache_mounts_are_counted_and_go_when_they_are_meant() {
    let place = place();
    let store = open(&place);
    cache(&store, "pip", "wheels");
    cache(&store, "npm", "packages");
    let caches = |store: &Store| -> Vec<(String, u64)> {
        let held = store.usage().expect("usage").into_iter().filter(|held| held.shelf == Shelf::CacheMounts);
        held.map(|held| (held.name, held.size)).collect()
    };
    assert_eq!(caches(&store), [("npm".to_owned(), 8), ("pip".to_owned(), 6)]);
    drop(store);
    let swept = seize(&place).sweep().expect("swept");
    assert_eq!(swept, Swept::default(), "a cache mount keeps itself");
    let called = Rules { scope: Scope::Called(vec!["pip".to_owned()]), ..Rules::default() };
    let swept = seize(&place).prune(&called).expect("pruned");
    assert_eq!(swept, Swept { caches: 1, bytes: 6, ..Swept::default() });
    assert_eq!(caches(&open(&place)), [("npm".to_owned(), 8)]);
    seize(&place).prune(&Rules { all: true, ..Rules::default() }).expect("pruned");
    assert_eq!(content(&place), [""; 0]);
}

#[test]
fn a_store_of_another_user_is_refused() {
    if !system_tests_run("root") {
        return;
    }
    let place = place();
    drop(open(&place));
    let root = place.path().join("store");
    std::os::unix::fs::chown(&root, Some(12_345), None).expect("it can be given away");
    let refusals = [
        Store::open(&root).expect_err("it is not ours").to_string(),
        Store::open_existing(&root).expect_err("it is not ours").to_string(),
        Collector::seize(&root).expect_err("it is not ours").to_string(),
    ];
    for refusal in refusals {
        assert!(refusal.contains("belongs to user 12345, and this is user 0"), "{refusal}");
    }
}

#[test]
fn the_collector_stays_out_while_the_store_is_in_use() {
    let place = place();
    let (store, another) = (open(&place), open(&place));
    drop(store);
    assert!(Collector::seize(place.path().join("store")).expect("no failure").is_none());
    drop(another);
    let _collector = seize(&place);
}

/// Not a test of its own: the other process of the tests below.
#[test]
fn another_process() {
    let Some(root) = std::env::var_os("RPLAN_TEST_STORE") else { return };
    let store = Store::open(root).expect("a store");
    let _lock = store.keys.lock(&Digest::of("key")).expect("the lock");
    let scratch = store.snapshots.begin().expect("a scratch");
    fs::write(scratch.upper().join("half-made"), "x").expect("a file");
    let mut blob = store.blobs.create().expect("a blob");
    blob.write_all(b"half").expect("written");
    commit(&store, None, "whole");
    std::io::stdout().write_all(b"\nready\n").expect("somebody listens");
    std::thread::sleep(Duration::from_secs(600));
}

/// Starts another process that has the key locked and things half made; returns once it is at that point.
fn start_another_process(place: &TempDir) -> Child {
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "store::another_process", "--nocapture"])
        .env("RPLAN_TEST_STORE", place.path().join("store"))
        .stdout(Stdio::piped())
        .spawn()
        .expect("another process");
    let output = BufReader::new(child.stdout.take().expect("its output"));
    let ready = output.lines().any(|line| line.is_ok_and(|line| line == "ready"));
    assert!(ready, "the other process ended early");
    child
}

fn kill(mut child: Child) {
    child.kill().and_then(|()| child.wait()).expect("killed");
}

fn half_made(place: &TempDir) -> Vec<String> {
    content(place).into_iter().filter(|path| path.starts_with("tmp/") || path.starts_with("keys/")).collect()
}

#[test]
fn what_a_killed_process_left_is_removed_and_what_it_finished_stays() {
    let place = place();
    let child = start_another_process(&place);
    let store = open(&place);
    let key = Digest::of("key");
    assert!(store.keys.try_lock(&key).expect("no failure").is_none(), "the living one holds its key");
    let _mine = store.snapshots.begin().expect("a scratch");
    let has_work = |path: &String| path.ends_with("/half-made");
    assert!(half_made(&place).iter().any(has_work), "nobody cleans up after the living");

    kill(child);
    assert!(store.keys.try_lock(&key).expect("no failure").is_some(), "the dead hold nothing");
    let later = open(&place);
    let _scratch = later.snapshots.begin().expect("a scratch");
    assert!(!half_made(&place).iter().any(has_work), "{:?}", half_made(&place));
    let whole = content(&place).into_iter().filter(|path| path.ends_with("/fs/file")).count();
    assert_eq!(whole, 1);
}

#[test]
fn the_collector_removes_leftovers_too() {
    let place = place();
    kill(start_another_process(&place));
    fs::write(place.path().join("store/tags/.new-x"), "half").expect("a leftover");
    assert!(!half_made(&place).is_empty());
    seize(&place).sweep().expect("swept");
    assert_eq!(content(&place), [""; 0]);
}

#[test]
fn many_processes_and_threads_write_the_same_things() {
    let place = place();
    let stores = [open(&place), open(&place), open(&place)];
    std::thread::scope(|scope| {
        for store in stores.iter().chain(&stores) {
            scope.spawn(move || {
                for number in 0..20 {
                    let text = format!("content {number}");
                    let digest = store.blobs.keep(text.as_bytes()).expect("kept");
                    let snapshot = commit(store, None, &text);
                    store.records.put(Kind::Step, &digest, &record_of(&snapshot)).expect("put");
                    let record = store.records.get(Kind::Step, &digest).expect("no failure").expect("a record");
                    let found = record.snapshot.expect("a snapshot");
                    let snapshot = store.snapshots.get(&found).expect("no failure").expect("it is there");
                    assert_eq!(snapshot.changes, digest);
                }
            });
        }
    });
    drop(stores);
    let swept = seize(&place).sweep().expect("swept");
    assert_eq!((swept.snapshots, swept.blobs), (6 * 20 - 20, 20));
}

#[test]
fn open_existing_makes_nothing() {
    let place = place();
    assert!(Store::open_existing(place.path().join("store")).expect("no failure").is_none());
    assert!(!Path::new(&place.path().join("store")).exists());
    drop(open(&place));
    assert!(Store::open_existing(place.path().join("store")).expect("no failure").is_some());
}
