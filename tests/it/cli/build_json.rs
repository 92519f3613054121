//! What `rplan build` tells programs, and the schemas of it: the result, and the events.

use std::collections::BTreeSet;

use serde_json::Value;

use super::build::Site;
use super::*;
use crate::support::cli::Run;
use crate::support::registry::DockerRegistry;
use crate::support::schema::Schema;
use crate::support::system::system_tests_run;

const DOCKERFILE: &str = "FROM busybox AS tool\nRUN echo made > /tool; echo said\n\
                          FROM busybox\nCOPY --from=tool /tool /\nCOPY a /a\nCMD [\"/tool\"]\n";

fn schema(of: &str) -> Schema {
    let run = Place::with(&[]).rplan(&["build", "--schema", of]);
    assert_eq!(run.code, 0, "{run:?}");
    Schema::read(&run.stdout)
}

fn result(run: &Run) -> Value {
    let result = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:?}"));
    assert_eq!(schema("result").mistakes(&result, "result"), [""; 0], "{result}");
    result
}

#[test]
fn the_result_of_a_build_is_what_its_schema_says() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let site = Site::with(&[("Dockerfile", DOCKERFILE), ("a", "1")]);
    let build = |more: &[&str]| site.build(&[&["-t", "app", "-o", "type=oci,dest=app.tar"], more, &["."]].concat());
    let first = result(&build(&["--format", "json"]));
    assert_eq!(
        (&first["succeeded"], &first["image"]["names"][0]),
        (&true.into(), &"docker.io/library/app:latest".into())
    );
    assert_eq!(first["steps"][1]["layer"], Value::Null, "it is no layer of the image");
    assert_eq!(first["steps"][3]["layer"]["is_new"], true, "{first}");
    assert_eq!(first["outputs"][0], "OCI archive app.tar");

    // Beside the usual answer, in a file.
    let run = build(&["--format", "json=out.json"]);
    assert!(run.stdout.starts_with("app sha256:"), "{run:?}");
    let again: Value = serde_json::from_str(&site.place.read("out.json")).expect("it is JSON");
    assert_eq!(again["image"], first["image"]);
    let mut steps = again["steps"].as_array().expect("steps").iter();
    assert!(steps.all(|step| step["ending"]["how"] == "cached"), "{again}");

    site.place.write("Dockerfile", &DOCKERFILE.replace("echo said", "exit 7"));
    let run = build(&["--format", "json"]);
    assert_eq!((run.code, result(&run)["succeeded"].clone()), (3, false.into()));
    let failed =
        &result(&run)["steps"].as_array().expect("steps").iter().find(|step| step["name"] == "[tool 2/2]").cloned();
    assert_eq!(failed.as_ref().expect("the step")["ending"]["code"], 7);

    site.place.write("Dockerfile", "FROM nowhere.invalid/none\n");
    let run = build(&["--format", "json"]);
    let stopped = result(&run);
    assert!(
        run.code != 0 && stopped["error"].as_str().is_some_and(|error| error.contains("nowhere.invalid")),
        "{run:?}"
    );
}

#[test]
fn what_goes_to_stdout_is_one_thing() {
    let place = Place::with(&[("Dockerfile", "FROM scratch\nLABEL a=b\n")]);
    for (args, said) in [
        (&["-o", "type=tar,dest=-", "--format", "json"][..], "goes to stdout, and so does --format"),
        (&["--format", "json", "--format", "pretty"], "only one form can go to stdout"),
    ] {
        let run = place.rplan(&[&["build"], args, &["."]].concat());
        assert!(run.code == 2 && run.stderr.contains(said) && run.stdout.is_empty(), "{run:?}");
    }
}

#[test]
fn every_event_of_real_builds_is_what_the_schema_says() {
    if !system_tests_run("root, busybox-static and docker-registry") {
        return;
    }
    let (site, registry) = (Site::with(&[("Dockerfile", DOCKERFILE), ("a", "1")]), DockerRegistry::start());
    let name = format!("{}/app:1", registry.host());
    let mut seen = BTreeSet::new();
    let mut check = |args: &[&str]| {
        let run = site.build(&[args, &["--progress", "json", "."]].concat());
        // After the events comes what every command says.
        for line in run.stderr.lines().filter(|line| line.starts_with('{')) {
            let event: Value = serde_json::from_str(line).expect("it is JSON");
            assert_eq!(schema("events").mistakes(&event, "event"), [""; 0], "{line}");
            seen.insert(event["event"].as_str().expect("a name").to_owned());
        }
        run.code
    };
    assert_eq!(check(&["-t", &name, "--push", "--cache-from", "type=local,src=nowhere"]), 0);
    site.place.write("Dockerfile", &format!("FROM {name}\nRUN echo more > /more\n"));
    assert_eq!(check(&["--pull", "-o", "type=local,dest=out"]), 0);
    site.place.write("Dockerfile", "FROM busybox\nRUN echo said; exit 7\n");
    assert_eq!(check(&["--on-error", "keep"]), 3);
    let missing = ["image_wanted", "image_found", "image_sent", "planned", "step_began", "step_output", "step_ended"];
    let missing =
        missing.into_iter().chain(["root_kept", "layer_packed", "image_made", "written", "finished", "noted"]);
    assert_eq!(missing.filter(|name| !seen.contains(*name)).collect::<Vec<_>>(), [""; 0]);
}
