//! What becomes of an image, and that other programs take it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rplan::event::Event;
use rplan::exec::{Destination, Output, Outputs, Request, Settings};
use rplan::tree::{Kind, Walk};

use crate::support::builds::{Built, Workshop};
use crate::support::dockerd::Dockerd;
use crate::support::registry::DockerRegistry;
use crate::support::system::system_tests_run;

const DOCKERFILE: &str = "\
FROM busybox
RUN mkdir /d && echo one > /d/one && ln /d/one /d/two && ln -s one /d/three && chown 5:6 /d/one && chmod 4755 /d/two
RUN rm /etc/group && touch -d @1000000000 /d/old
CMD [\"/bin/true\"]
";

fn build(workshop: &Workshop, output: Output) {
    let outputs = Outputs { names: vec!["me/out:1".to_owned()], written: vec![output.into()], load: false };
    let settings = Settings { epoch: Some(1_600_000_000), ..Settings::default() };
    workshop.build_request(&Request { outputs, settings, ..workshop.request(DOCKERFILE) }).succeeded();
}

/// Every path of a tree with all that matters.
fn tree(root: &Path) -> BTreeMap<PathBuf, String> {
    let describe = |entry: rplan::tree::Entry| {
        let content = match &entry.kind {
            Kind::File => rplan::digest::Digest::of(fs::read(root.join(&entry.path)).unwrap()).short(),
            other => format!("{other:?}"),
        };
        let links = entry.inode.filter(|_| !entry.is_directory()).map_or(0, |inode| inode.links);
        let a = entry.attributes;
        (entry.path, format!("{content} {:o} {}:{} {} {links}", a.mode, a.uid, a.gid, a.mtime.seconds))
    };
    Walk::new(root).map(|entry| describe(entry.unwrap())).collect()
}

/// Fails with what differs, and only that.
fn assert_same(left: &Path, right: &Path) {
    let (left, right) = (tree(left), tree(right));
    let differing = left.keys().chain(right.keys()).filter(|path| left.get(*path) != right.get(*path));
    let differing: Vec<_> = differing.map(|path| (path, left.get(path), right.get(path))).collect();
    assert!(differing.is_empty(), "{differing:#?}");
}

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap_or_else(|error| panic!("{program}: {error}"));
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn umoci_unpacks_the_layout_to_what_the_local_output_is() {
    if !system_tests_run("root, busybox-static and umoci") {
        return;
    }
    let workshop = Workshop::new();
    let (layout, local, bundle) = (workshop.path("layout"), workshop.path("local"), workshop.path("bundle"));
    build(&workshop, Output::Oci { dest: Destination::Path(layout.clone()), archive: false });
    build(&workshop, Output::Local(local.clone()));
    run("umoci", &["unpack", "--image", &format!("{}:1", layout.display()), &bundle.display().to_string()]);
    assert_same(&local, &bundle.join("rootfs"));
    let ours = tree(&local);
    assert!(ours[Path::new("d/one")].ends_with("4755 5:6 1600000000 2"), "{:?}", ours[Path::new("d/one")]);
    assert!(!ours.contains_key(Path::new("etc/group")) && ours.contains_key(Path::new("etc/passwd")));
}

#[test]
fn skopeo_reads_both_archives() {
    if !system_tests_run("root, busybox-static and skopeo") {
        return;
    }
    let workshop = Workshop::new();
    let (oci, docker) = (workshop.path("new/oci.tar"), workshop.path("docker.tar"));
    build(&workshop, Output::Oci { dest: Destination::Path(oci.clone()), archive: true });
    build(&workshop, Output::Docker(Destination::Path(docker.clone())));
    let layers = |place: String| {
        let inspected: serde_json::Value =
            serde_json::from_str(&run("skopeo", &["inspect", "--config", &place])).unwrap();
        inspected["rootfs"]["diff_ids"].as_array().expect("layers").clone()
    };
    let from_oci = layers(format!("oci-archive:{}", oci.display()));
    assert_eq!(from_oci.len(), 3);
    assert_eq!(from_oci, layers(format!("docker-archive:{}", docker.display())));
    let copied = workshop.path("copied");
    run(
        "skopeo",
        &["copy", "--quiet", &format!("oci-archive:{}", oci.display()), &format!("dir:{}", copied.display())],
    );
}

#[test]
fn the_tar_output_is_the_file_system() {
    if !system_tests_run("root, busybox-static and tar") {
        return;
    }
    let workshop = Workshop::new();
    let (tar, local, unpacked) = (workshop.path("fs.tar"), workshop.path("local"), workshop.path("unpacked"));
    build(&workshop, Output::Tar(Destination::Path(tar.clone())));
    build(&workshop, Output::Local(local.clone()));
    fs::create_dir(&unpacked).unwrap();
    run("tar", &["--numeric-owner", "-xpf", &tar.display().to_string(), "-C", &unpacked.display().to_string()]);
    assert_same(&local, &unpacked);
}

#[test]
fn docker_loads_and_runs_what_was_built() {
    if !system_tests_run("root, busybox-static and docker.io") {
        return;
    }
    let workshop = Workshop::new();
    let archive = workshop.path("docker.tar");
    build(&workshop, Output::Docker(Destination::Path(archive.clone())));
    let daemon = Dockerd::start();
    daemon.docker(&["load", "-q", "-i", &archive.display().to_string()]).unwrap();
    let said = daemon.docker(&["run", "--rm", "--network", "host", "me/out:1", "/bin/cat", "/d/three"]).unwrap();
    assert_eq!(said, "one\n");
    let history = daemon.docker(&["history", "--no-trunc", "--format", "{{.CreatedBy}}", "me/out:1"]).unwrap();
    assert!(history.starts_with("CMD [\"/bin/true\"]\nRUN /bin/sh -c rm /etc/group"), "{history}");
}

#[test]
fn an_image_in_a_registry_is_a_base_and_is_fetched_once() {
    if !system_tests_run("root, busybox-static, skopeo and docker-registry") {
        return;
    }
    let workshop = Workshop::new();
    let registry = DockerRegistry::start();
    let name = format!("{}/me/base:1", registry.host());
    let layout = format!("oci:{}", workshop.path("base").display());
    run("skopeo", &["copy", "--quiet", "--dest-tls-verify=false", &layout, &format!("docker://{name}")]);
    let dockerfile = format!("FROM {name}\nRUN echo pulled\n");
    let built = workshop.build_pulling(&workshop.request(&dockerfile));
    built.succeeded();
    assert_eq!(built.output(), ["pulled"]);
    let moved = |built: &Built| built.events.iter().any(|timed| matches!(timed.event, Event::ImageMoved { .. }));
    assert!(moved(&built));
    let again = workshop.build_pulling(&workshop.request(&dockerfile));
    assert_eq!((again.ran(), moved(&again)), (Vec::new(), false));
}
