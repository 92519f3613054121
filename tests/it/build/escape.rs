//! The escape suite: hostile archives, base images, contexts and Dockerfiles, each built whole. Whether a build fails or
//! not, nothing outside its root is read or written: a canary tree beside it stays as it was, and what it holds is found
//! nowhere in the store and in no output. Every published hole of other builders that has a counterpart here is a case.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use rplan::digest::Digest;
use rplan::exec::NamedContext;
use rplan::oci::config::ImageConfig;
use rplan::oci::manifest::Descriptor;
use rplan::oci::{BlobSink, BlobSource, ImageName, Layer, Layout, Platform, assemble, copy};

use super::hostile::{self, Archive, tar};
use crate::support::builds::{BASE, Workshop};
use crate::support::system::system_tests_run;
use crate::tree::listing;

const SECRET: &str = "canary-7f3a-secret";

/// A workshop beside a canary.
struct World {
    workshop: Workshop,
    canary: tempfile::TempDir,
    before: Vec<String>,
}

impl World {
    fn new() -> Self {
        let canary = tempfile::tempdir().expect("a directory");
        fs::create_dir(canary.path().join("dir")).expect("a directory");
        for name in ["secret", "dir/secret", "passwd", "ptmx"] {
            let content =
                if name == "passwd" { format!("intruder:x:77:77:{SECRET}:/:/bin/sh\n") } else { SECRET.to_owned() };
            fs::write(canary.path().join(name), content).expect("a file");
        }
        let before = listing(canary.path());
        Self { workshop: Workshop::new(), canary, before }
    }

    fn canary(&self) -> &str {
        self.canary.path().to_str().expect("text")
    }

    /// Builds, and looks whether anything got out or in.
    fn survives(&self, name: &str, dockerfile: &str) {
        let mut request = self.workshop.request(dockerfile);
        let context = listing(&self.workshop.path("context"));
        // A console may have nothing to say.
        request.settings.timeout = Some(std::time::Duration::from_secs(3));
        let built = self.workshop.build_request(&request);
        assert_eq!(listing(self.canary.path()), self.before, "{name}: the canary was changed");
        assert_eq!(listing(&self.workshop.path("context")), context, "{name}: the context was changed");
        assert!(
            !built.events.iter().any(|event| format!("{event:?}").contains(SECRET)),
            "{name}: the canary was shown"
        );
        assert!(!holds_secret(&self.workshop.path("store")), "{name}: the canary was read");
    }

    /// Makes an image of one layer the base of the builds that follow.
    fn base(&self, layer: Vec<u8>) -> NamedContext {
        let place = self.workshop.path("hostile-base");
        let _ = fs::remove_dir_all(&place);
        let digest = Digest::of(&layer);
        let blob = Descriptor::new("application/vnd.oci.image.layer.v1.tar", digest, layer.len() as u64);
        let image =
            assemble(ImageConfig::new(Platform::host()), vec![Layer { blob, diff_id: digest }], Default::default());
        let layout = Layout::create(&place).expect("a layout");
        copy(&image, &OneBlob(layer), &layout as &dyn BlobSink, &|_| {}).expect("a copy");
        layout.publish(&image, &[ImageName::new("docker.io/library/hostile:latest")]).expect("an index");
        NamedContext::Layout { path: place, tag: None, digest: None }
    }
}

struct OneBlob(Vec<u8>);

impl BlobSource for OneBlob {
    fn open(&self, _: &Descriptor) -> rplan::oci::Result<Box<dyn std::io::Read + Send + '_>> {
        Ok(Box::new(&self.0[..]))
    }
}

fn holds_secret(directory: &Path) -> bool {
    rplan::tree::Walk::new(directory).flatten().filter(|entry| entry.kind == rplan::tree::Kind::File).any(|entry| {
        let content = fs::read(directory.join(&entry.path)).unwrap_or_default();
        content.windows(SECRET.len()).any(|window| window == SECRET.as_bytes())
    })
}

#[test]
fn no_archive_that_is_added_gets_out() {
    if !system_tests_run("root") {
        return;
    }
    for Archive { name, entries } in hostile::ARCHIVES {
        let world = World::new();
        fs::write(world.workshop.path("context/a.tar"), tar(&entries(world.canary()))).expect("an archive");
        world.survives(name, "FROM scratch AS s\nADD a.tar /into/\nFROM scratch\nCOPY --from=s / /again/\n");
    }
}

#[test]
fn no_archive_that_is_the_context_gets_out() {
    if !system_tests_run("root") {
        return;
    }
    for Archive { name, entries } in hostile::ARCHIVES {
        let world = World::new();
        let dockerfile = "FROM scratch\nCOPY . /into/\nCOPY l* d* /one/by/one/\n";
        let mut archive = entries(world.canary());
        archive.insert(0, hostile::named("Dockerfile", dockerfile));
        let mut build = Command::new(env!("CARGO_BIN_EXE_rplan"))
            .args(["build", "--progress", "plain", "-"])
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", world.workshop.path("home"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        // It may have seen enough before the end.
        let _ = build.stdin.take().expect("a pipe").write_all(&tar(&archive));
        let output = build.wait_with_output().expect("it ends");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!said.contains(SECRET) && !said.contains("panicked"), "{name}: {said}");
        assert_eq!(listing(world.canary.path()), world.before, "{name}: the canary was changed");
        assert!(!holds_secret(&world.workshop.path("home")), "{name}: the canary was read");
    }
}

#[test]
fn no_layer_of_a_base_image_gets_out() {
    if !system_tests_run("root") {
        return;
    }
    for Archive { name, entries } in hostile::ARCHIVES {
        let world = World::new();
        let base = world.base(tar(&entries(world.canary())));
        let mut request =
            world.workshop.request("FROM hostile\nWORKDIR /l\nWORKDIR /d/x\nCOPY --from=hostile /l /taken/\n");
        request.named_contexts.insert("hostile".to_owned(), base.clone());
        let _ = world.workshop.build_request(&request);
        // The root of a step is made of it too, before anything of it runs.
        let mut request = world.workshop.request("FROM hostile\nUSER intruder\nRUN [\"/bin/nothing\"]\n");
        request.named_contexts.insert("hostile".to_owned(), base);
        let _ = world.workshop.build_request(&request);
        assert_eq!(listing(world.canary.path()), world.before, "{name}: the canary was changed");
        // The image itself may hold what it likes; what was made of it may not hold the canary.
        assert!(!holds_secret(&world.workshop.path("store")), "{name}: the canary was read");
    }
}

#[test]
fn no_smuggled_entry_is_unpacked() {
    if !system_tests_run("root") {
        return;
    }
    // CVE-2025-62518 (TARmageddon), RUSTSEC-2026-0068: the size in the PAX header is the one that counts, so what
    // looks like a header inside the content is content.
    let world = World::new();
    fs::write(world.workshop.path("context/a.tar"), tar(&hostile::nested(world.canary()))).expect("an archive");
    let built = world.workshop.build("FROM busybox\nADD a.tar /into/\nRUN ls /into\n");
    built.succeeded();
    assert_eq!(built.output(), ["after", "outer"]);
}

#[test]
fn no_dockerfile_or_context_gets_out() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    // Without this, a sandbox that runs nothing would pass.
    World::new().workshop.build("FROM busybox\nRUN true\n").succeeded();
    for (name, lines) in hostile::DOCKERFILES {
        let world = World::new();
        let canary = world.canary();
        let context = world.workshop.path("context");
        std::os::unix::fs::symlink(canary, context.join("link")).expect("a link");
        std::os::unix::fs::symlink(format!("{canary}/secret"), context.join("secret")).expect("a link");
        let up = format!("{}{}", "../".repeat(30), canary.trim_start_matches('/'));
        std::os::unix::fs::symlink(&up, context.join("up")).expect("a link");
        fs::create_dir(context.join("deep")).expect("a directory");
        std::os::unix::fs::symlink(&up, context.join("deep/inner")).expect("a link");
        nix::unistd::mkfifo(&context.join("pipe"), nix::sys::stat::Mode::from_bits_truncate(0o644)).expect("a pipe");
        let text = format!("FROM {BASE} AS first\n{lines}\n").replace("CANARY", canary);
        world.survives(name, &text);
    }
}
