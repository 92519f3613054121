//! `rplan cache`, with real builds.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;

use rplan::store::Store;
use serde_json::Value;

use super::build::Site;
use crate::support::registry::DockerRegistry;
use crate::support::system::system_tests_run;

const DOCKERFILE: &str = "\
FROM busybox AS tool
RUN --mount=type=cache,id=wheels,target=/cache head -c 5000 /dev/zero > /cache/wheel
RUN head -c 3000 /dev/zero > /tool
FROM busybox
COPY --from=tool /tool /
";

fn site() -> Site {
    let site = Site::with(&[("Dockerfile", DOCKERFILE)]);
    let run = site.build(&["-t", "tooled", "."]);
    assert_eq!(run.code, 0, "{run:?}");
    site
}

impl Site {
    fn json(&self, args: &[&str]) -> Value {
        let run = self.place.rplan(&[args, &["--format", "json"]].concat());
        assert_eq!(run.code, 0, "{run:?}");
        serde_json::from_str(&run.stdout).expect("it is JSON")
    }

    /// How many things of each kind there are.
    fn counts(&self) -> Vec<(String, usize)> {
        let usage = self.json(&["cache", "du"]);
        let kinds = usage["kinds"].as_array().expect("kinds").iter();
        let count = |kind: &Value| {
            (kind["kind"].as_str().expect("a kind").to_owned(), kind["items"].as_array().expect("items").len())
        };
        kinds.map(count).filter(|(kind, _)| kind != "records" && kind != "kept roots").collect()
    }
}

fn counts(snapshots: usize, blobs: usize, caches: usize, images: usize) -> Vec<(String, usize)> {
    let kinds = [("snapshots", snapshots), ("blobs", blobs), ("cache mounts", caches), ("images", images)];
    kinds.map(|(kind, count)| (kind.to_owned(), count)).into()
}

#[test]
fn du_counts_every_kind_and_prune_leaves_what_the_image_needs() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let site = site();
    // The manifest and the config of the base served to plan: nothing needs them any more.
    assert_eq!(site.json(&["cache", "prune"])["removed"]["blobs"], 2);
    // The base, the tool stage's two steps and the copy; the packed layers of the image, its manifest and config.
    assert_eq!(site.counts(), counts(4, 4, 1, 1));
    let usage = site.json(&["cache", "du"]);
    let mounts = &usage["kinds"][3]["items"][0];
    assert!(mounts["name"] == "wheels" && mounts["size"] == 5000 && mounts["used"].is_i64(), "{usage}");
    let reclaimable = usage["reclaimable"].as_u64().expect("a number");
    assert_eq!(reclaimable - usage["kinds"][2]["items"].as_array().map_or(0, |items| sizes(items)), 5000 + 3000);
    let text = site.place.rplan(&["cache", "du"]).stdout;
    assert!(text.contains("cache mounts      1     5.0 kB   20"), "{text}");
    let each = site.place.rplan(&["cache", "du", "-v"]).stdout;
    assert!(each.contains(" wheels\n") && each.contains(" docker.io/library/tooled:latest\n"), "{each}");

    let silent = site.json(&["cache", "prune"]);
    assert_eq!(silent["removed"]["bytes"], 0, "{silent}");
    assert_eq!(site.json(&["cache", "prune", "--older-than", "1h"])["removed"]["records"], 0);
    let all = site.json(&["cache", "prune", "--all"]);
    assert_eq!((&all["removed"]["bytes"], &all["removed"]["cache_mounts"]), (&8000.into(), &1.into()), "{all}");
    assert_eq!(site.counts(), counts(2, 4, 0, 1));
    let inspected = site.place.rplan(&["inspect", "tooled"]);
    assert_eq!(inspected.code, 0, "{inspected:?}");
    let again = site.build(&["-t", "tooled", "."]);
    assert!(again.code == 0 && again.stderr.contains("   pruned on 20"), "{again:?}");
    assert_eq!(site.counts(), counts(4, 4, 1, 1));
}

fn sizes(items: &[Value]) -> u64 {
    items.iter().filter_map(|item| item["size"].as_u64()).sum()
}

#[test]
fn cache_mounts_are_pruned_by_id_and_steps_without_them() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let site = site();
    assert_eq!(site.json(&["cache", "prune", "--mount", "other"])["removed"]["cache_mounts"], 0);
    assert_eq!(site.json(&["cache", "prune", "--all", "--only", "steps"])["removed"]["cache_mounts"], 0);
    let run = site.place.rplan(&["cache", "prune", "--mount", "wheels"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, "5.0 kB freed: 1 cache mount\n"));
    assert_eq!(site.place.rplan(&["cache", "prune", "--keep-size", "10MB"]).stdout, "Nothing to remove\n");
    assert_eq!(site.place.rplan(&["cache", "prune", "--older-than", "soon"]).code, 2);
    assert_eq!(site.place.rplan(&["cache", "prune", "--all", "--keep-size", "1GB"]).code, 2);
}

#[test]
fn nothing_is_pruned_while_a_build_runs_and_nothing_is_made_where_no_store_is() {
    let place = super::Place::with(&[]);
    assert_eq!(place.rplan(&["cache", "prune"]).stdout, "Nothing to remove\n");
    let empty = place.rplan(&["cache", "du"]);
    assert!(empty.code == 0 && empty.stdout.contains("images            0        0 B\n"), "{empty:?}");
    let root = place.home().join(".local/share/rplan/store");
    assert!(!root.exists());
    let _in_use = rplan::store::Store::open(&root).expect("a store");
    let refused = place.rplan(&["cache", "prune", "--all"]);
    assert!(refused.code == 4 && refused.stderr.contains("is in use, so nothing was removed"), "{refused:?}");
}

/// Another machine: another place with the same files and base, and an empty store.
fn another() -> Site {
    Site::with(&[("Dockerfile", DOCKERFILE)])
}

fn digest(site: &Site, args: &[&str]) -> String {
    let run = site.build(&[args, &["-q", "."]].concat());
    assert_eq!(run.code, 0, "{run:?}");
    run.stdout
}

#[test]
fn another_machine_takes_results_and_cache_mounts_from_a_directory() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let (here, there) = (site(), another());
    let cache = here.place.path().join("cache").display().to_string();
    let sent = here.build(&["--cache-to", &format!("type=local,dest={cache},mode=max,cache-mounts=true"), "."]);
    assert!(sent.code == 0 && sent.stdout.contains(" (steps: 3, cache mounts: 1, "), "{sent:?}");
    let from = format!("type=local,src={cache},cache-mounts=wheels");
    let taken = there.build(&["--cache-from", &from, "."]);
    assert!(taken.code == 0 && taken.stderr.matches(" cached ").count() == 3, "{taken:?}");
    assert_eq!(digest(&here, &[]), digest(&there, &[]));
    // Nothing has asked for the cache mount yet; this step does.
    let use_it = DOCKERFILE.replace("head -c 5000 /dev/zero > /cache/wheel", "wc -c < /cache/wheel");
    there.place.write("Dockerfile", &use_it);
    let used = there.build(&["--progress", "plain", "--cache-from", &from, "."]);
    assert!(used.code == 0 && used.stderr.contains("| 5000\n"), "{used:?}");

    // Of the min mode only the copy comes along, and what it is copied from has to be made.
    let (least, third) = (format!("{cache}-min"), another());
    assert_eq!(here.build(&["--cache-to", &format!("type=local,dest={least}"), "."]).code, 0);
    let taken = third.build(&["--cache-from", &format!("type=local,src={least}"), "."]);
    assert!(
        taken.code == 0 && taken.stderr.contains("COPY --from=tool /tool /                                 cached"),
        "{taken:?}"
    );
    assert!(taken.stderr.contains("/dev/zero > /tool                  ran"), "{taken:?}");
}

#[test]
fn a_directory_keeps_no_blobs_of_exports_that_were_replaced() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let here = site();
    let cache = here.place.path().join("cache");
    let to = |tag: &str| format!("type=local,dest={},mode=max{tag}", cache.display());
    let blobs = || std::fs::read_dir(cache.join("blobs/sha256")).expect("blobs").count();
    assert_eq!(here.build(&["--cache-to", &to(""), "."]).code, 0);
    let before = blobs();
    here.place.write("Dockerfile", &DOCKERFILE.replace("/dev/zero > /tool", "/dev/zero | tr '\\0' x > /tool"));
    assert_eq!(here.build(&["--cache-to", &to(""), "."]).code, 0);
    assert_eq!(blobs(), before, "as many layers, one config and one manifest");
    // What another tag leads to stays.
    here.place.write("Dockerfile", DOCKERFILE);
    assert_eq!(here.build(&["--cache-to", &to(",tag=other"), "."]).code, 0);
    assert!(blobs() > before);
    let there = another();
    let taken = there.build(&["--cache-from", &format!("type=local,src={},tag=other", cache.display()), "."]);
    assert!(taken.code == 0 && taken.stderr.matches(" cached ").count() == 3, "{taken:?}");
}

#[test]
fn all_that_a_store_has_is_exported_and_imported() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let (here, there) = (site(), another());
    let cache = here.place.path().join("cache").display().to_string();
    let sent = here.json(&["cache", "export", &format!("type=local,dest={cache},cache-mounts=true")]);
    assert_eq!((&sent["steps"], &sent["cache_mounts"]), (&3.into(), &1.into()), "{sent}");
    let brought = there.json(&["cache", "import", &format!("type=local,src={cache},cache-mounts=true")]);
    assert_eq!((&brought["steps"], &brought["cache_mounts"]), (&3.into(), &1.into()), "{brought}");
    let taken = there.build(&["."]);
    assert!(taken.code == 0 && taken.stderr.matches(" cached ").count() == 3, "{taken:?}");
    assert_eq!(there.json(&["cache", "import", &cache])["bytes"], 0);
    let nothing = there.place.rplan(&["cache", "import", "nowhere"]);
    assert!(nothing.code == 2 && nothing.stderr.contains("no OCI layout"), "{nothing:?}");
}

#[test]
fn a_broken_or_foreign_cache_is_told_and_the_build_goes_on() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let here = site();
    let cache = here.place.path().join("cache");
    assert_eq!(here.place.rplan(&["cache", "export", "cache"]).code, 0);
    assert_eq!(here.build(&["-o", "type=oci,dest=image,tar=false", "-t", "x", "."]).code, 0);
    let from = |path: &std::path::Path| format!("type=local,src={}", path.display());
    let foreign = another();
    let run = foreign.build(&["--cache-from", &from(&here.place.path().join("image")), "."]);
    assert!(run.code == 0 && run.stderr.contains("note: nothing is taken from the cache"), "{run:?}");
    assert_eq!(foreign.build(&["--no-cache", "--cache-from", "type=local,src=nowhere", "."]).code, 0);

    for blob in std::fs::read_dir(cache.join("blobs/sha256")).expect("blobs") {
        let path = blob.expect("a blob").path();
        let bytes = std::fs::read(&path).expect("bytes");
        if bytes.starts_with(&[0x1f, 0x8b]) {
            std::fs::write(&path, [&bytes[..bytes.len() - 1], b"?"].concat()).expect("damaged");
        }
    }
    let damaged = another();
    let run = damaged.build(&["--cache-from", &from(&cache), "."]);
    assert!(run.code == 0 && run.stderr.contains("was not taken from the cache"), "{run:?}");
    assert!(run.stderr.contains("/dev/zero > /tool                  ran"), "{run:?}");
    let forbidden = "type=local,dest=/proc/nowhere";
    let run = damaged.build(&["--cache-to", forbidden, "."]);
    assert!(run.code == 0 && run.stderr.contains("the step cache was not written to /proc/nowhere"), "{run:?}");
    let run = damaged.build(&["--cache-to", &format!("{forbidden},ignore-error=false"), "."]);
    assert_ne!(run.code, 0, "{run:?}");
}

#[test]
fn a_cache_travels_through_a_registry() {
    if !system_tests_run("root, busybox-static and docker-registry") {
        return;
    }
    let (registry, here, there) = (DockerRegistry::start(), site(), another());
    let reference = format!("{}/app/cache:main", registry.host());
    let to = format!("type=registry,ref={reference},mode=max,cache-mounts=true");
    let sent = here.build(&["--cache-to", &to, "."]);
    assert!(sent.code == 0 && sent.stdout.contains("(steps: 3, cache mounts: 1, "), "{sent:?}");
    let taken = there.build(&["--cache-from", &reference, "."]);
    assert!(taken.code == 0 && taken.stderr.matches(" cached ").count() == 3, "{taken:?}");
    let brought = another().json(&["cache", "import", &format!("type=registry,ref={reference},cache-mounts=true")]);
    assert_eq!((&brought["steps"], &brought["cache_mounts"]), (&3.into(), &1.into()), "{brought}");
}

#[test]
fn prune_waits_on_request_until_no_build_uses_the_store() {
    if !system_tests_run("root") {
        return;
    }
    let site = Site::with(&[("Dockerfile", "FROM scratch\nLABEL a=b\n")]);
    assert_eq!(site.build(&["-t", "a", "."]).code, 0);
    let usage = site.json(&["cache", "du"]);
    let store = Store::open(usage["store"].as_str().expect("a path")).expect("a store");
    let refused = site.place.rplan(&["cache", "prune"]);
    assert!(refused.code == 4 && refused.stderr.contains("`--wait` waits"), "{refused:?}");

    let mut command = site.place.command(Path::new(env!("CARGO_BIN_EXE_rplan")));
    command.args(["cache", "prune", "--wait"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut waiting = command.spawn().expect("rplan starts");
    let mut said = String::new();
    BufReader::new(waiting.stderr.take().expect("stderr is piped")).read_line(&mut said).expect("a line");
    assert!(said.starts_with("note: waits until no build uses "), "{said}");
    assert!(waiting.try_wait().expect("it can be asked").is_none(), "it waits");
    drop(store);
    assert!(waiting.wait().expect("it ends").success());

    let elsewhere = Site::with(&[]);
    assert_eq!(elsewhere.json(&["cache", "prune", "--wait"])["removed"]["bytes"], 0, "where there is no store");
}
