//! Other builders that are given the same cases: Debian's dockerd with BuildKit inside, and buildah.

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};

use super::place::{Builder, Place};
use crate::support::dockerd::Dockerd;
use crate::support::mounted::unmount_below;

/// Debian's client: a newer one wants a plugin before it builds.
const DOCKER: &str = "/usr/bin/docker";

/// Starts the builder that is called `name`.
pub(super) fn start(name: &str) -> Box<dyn Builder> {
    match name {
        "dockerd" => Box::new(Docker(RefCell::new(Dockerd::start()))),
        "buildah" => Box::new(Buildah(tempfile::tempdir().expect("a directory"))),
        _ => panic!("`{name}` is no builder that is known here"),
    }
}

struct Docker(RefCell<Dockerd>);

impl Builder for Docker {
    fn script(&self, place: &Place, image: &Path) -> String {
        // It has been seen to die of a case.
        if self.0.borrow().docker(&["info"]).is_err() {
            self.0.replace(Dockerd::start());
        }
        let (base, image, socket) = (place.base_archive(), image.display(), self.0.borrow().socket());
        format!(
            "export DOCKER_HOST=unix://{} DOCKER_BUILDKIT=1\n{DOCKER} load --quiet --input {}\n\
             {DOCKER} build --quiet --no-cache --network host --tag made \"$@\"\n{DOCKER} save --output {image} made\n",
            socket.display(),
            base.display(),
        )
    }

    fn complaint(&self, _: i32, said: &str) -> String {
        said.to_owned()
    }
}

struct Buildah(tempfile::TempDir);

impl Buildah {
    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

impl Drop for Buildah {
    fn drop(&mut self) {
        unmount_below(self.0.path());
    }
}

impl Builder for Buildah {
    fn script(&self, place: &Place, image: &Path) -> String {
        let (base, image) = (place.base_archive(), image.display());
        let policy = self.path("policy.json");
        fs::write(&policy, r#"{"default": [{"type": "insecureAcceptAnything"}]}"#).expect("a policy");
        format!(
            "buildah() {{ command buildah --root {root} --runroot {run} --storage-driver overlay \"$@\"; }}\n\
             buildah pull --quiet --signature-policy {policy} docker-archive:{base} >/dev/null\n\
             buildah build --quiet --layers=false --pull=never --network host --isolation chroot --format docker --identity-label=false \
             --signature-policy {policy} --tag made \"$@\"\n\
             rm -f {image}\n\
             buildah push --quiet --signature-policy {policy} made docker-archive:{image}:localhost/made:latest\n",
            root = self.path("root").display(),
            run = self.path("run").display(),
            policy = policy.display(),
            base = base.display(),
        )
    }

    fn complaint(&self, _: i32, said: &str) -> String {
        said.to_owned()
    }
}
