//! `rplan image`: names in the store, and the way to a registry and back.

use std::process::Command;

use super::*;
use crate::support::builds::Workshop;
use crate::support::cli::Run;
use crate::support::registry::DockerRegistry;
use crate::support::system::system_tests_run;

/// A registry with the base image of a workshop as `me/base:1`, and a place to run in.
struct Site {
    place: Place,
    registry: DockerRegistry,
}

impl Site {
    fn new() -> Self {
        let (place, registry, workshop) = (Place::with(&[]), DockerRegistry::start(), Workshop::new());
        let (from, to) = (format!("oci:{}", workshop.path("base").display()), format!("{}/me/base:1", registry.host()));
        let mut skopeo = Command::new("skopeo");
        skopeo.args(["copy", "--quiet", "--dest-tls-verify=false", &from, &format!("docker://{to}")]);
        assert!(skopeo.status().expect("skopeo").success());
        Self { place, registry }
    }

    /// Runs `rplan image`; `REG` in an argument is the host of the registry.
    fn image(&self, args: &[&str]) -> Run {
        let args: Vec<String> = args.iter().map(|arg| arg.replace("REG", self.registry.host())).collect();
        self.place.rplan(&[&["image"], &args.iter().map(String::as_str).collect::<Vec<_>>()[..]].concat())
    }

    fn said(&self, args: &[&str]) -> String {
        let run = self.image(args);
        assert_eq!(run.code, 0, "{args:?}: {run:?}");
        run.stdout.replace(self.registry.host(), "REG")
    }

    fn listed(&self) -> serde_json::Value {
        serde_json::from_str(&self.said(&["ls", "--format", "json"])).expect("it is JSON")
    }
}

#[test]
fn an_image_is_pulled_named_pushed_and_forgotten() {
    if !system_tests_run("busybox-static, skopeo and docker-registry") {
        return;
    }
    let site = Site::new();
    let pulled = site.said(&["pull", "REG/me/base:1"]);
    let digest = pulled.trim().strip_prefix("REG/me/base:1@").expect("the name and the digest").to_owned();

    site.said(&["tag", "REG/me/base:1", "app", "REG/you/app:2"]);
    let listed = site.listed();
    let names: Vec<&str> = listed["images"].as_array().unwrap().iter().map(|i| i["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["REG/me/base:1", "REG/you/app:2", "docker.io/library/app:latest"]);
    let image = &listed["images"][2];
    assert_eq!((&image["digest"], &image["tag"]), (&digest.clone().into(), &"latest".into()));
    assert!(image["platform"].as_str().unwrap().starts_with("linux/") && image["size"].as_u64().unwrap() > 1000);
    assert!(image["layers"][0]["diff_id"].as_str().unwrap().starts_with("sha256:"), "{image}");
    assert_eq!((&listed["tool"], &listed["command"]), (&"rplan".into(), &"image ls".into()));
    assert_eq!(site.said(&["ls", "-q"]), format!("{digest}\n"));
    assert_eq!(site.said(&["ls", "app"]).lines().count(), 2);

    let pushed = site.said(&["push", "app", "REG/you/app:2", "REG/you/app:3"]);
    assert_eq!(pushed, format!("REG/you/app:2@{digest}\nREG/you/app:3@{digest}\n"));
    assert_eq!(site.said(&["push", "REG/you/app:2"]), format!("REG/you/app:2@{digest}\n"));
    let by_digest = site.said(&["pull", &format!("REG/you/app@{digest}")]);
    assert_eq!(by_digest, format!("REG/you/app@{digest}\n"));

    let short = &digest["sha256:".len()..][..12];
    let several = site.image(&["rm", short]);
    assert!(several.code == 1 && several.stderr.contains("has several names"), "{several:?}");
    assert_eq!(site.said(&["rm", "app"]), "docker.io/library/app:latest\n");
    assert_eq!(site.said(&["rm", "--force", short, "gone"]).lines().count(), 3);
    assert_eq!(site.listed()["images"], serde_json::json!([]));
}

#[test]
fn what_cannot_be_done_is_said_with_the_name_it_is_about() {
    if !system_tests_run("busybox-static, skopeo and docker-registry") {
        return;
    }
    let site = Site::new();
    let fails = |args: &[&str], code: i32, why: &str| {
        let run = site.image(args);
        assert!(run.code == code && run.stderr.contains(why), "{args:?}: {run:?}");
    };
    fails(&["rm", "nothing"], 1, "there is no image `nothing` in rplan's store");
    fails(&["tag", "nothing", "x"], 1, "there is no image `nothing`");
    fails(&["push", "nothing"], 1, "there is no image `nothing`");
    fails(&["pull", "REG/me/base:2"], 1, "there is no manifest");
    fails(&["pull", "Not A Name"], 1, "`Not A Name`");
    fails(&["pull", "127.0.0.1:1/x"], 4, "127.0.0.1:1");
    fails(&["pull", "--platform", "plan9/mips", "REG/me/base:1"], 1, "plan9/mips was asked for");
    fails(&["pull", "--platform", "linux", "REG/me/base:1"], 2, "os/architecture[/variant]");
    site.said(&["pull", "REG/me/base:1"]);
    fails(&["tag", "REG/me/base:1", "me/Upper"], 1, "`me/Upper`");
    fails(&["push", "REG/me/base:1", "REG/me/base@sha256:00"], 1, "me/base@sha256:00");
}
