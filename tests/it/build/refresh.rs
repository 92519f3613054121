//! Earlier results that are not wanted: of some stages, of all, and images that the store has.

use std::process::Command;

use rplan::exec::Fresh;

use crate::support::builds::Workshop;
use crate::support::registry::DockerRegistry;
use crate::support::system::system_tests_run;

const DOCKERFILE: &str = "\
FROM busybox AS a
RUN cat /proc/sys/kernel/random/uuid > /a
FROM busybox AS b
RUN cat /proc/sys/kernel/random/uuid > /b
FROM busybox AS c
COPY --from=b /b /
FROM busybox
COPY --from=a /a /
COPY --from=c /b /
";

#[test]
fn stages_whose_results_are_not_wanted_run_again_and_others_only_where_they_take_from_them() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    let ran = |fresh: Fresh| {
        let mut request = workshop.request(DOCKERFILE);
        request.settings.fresh = fresh;
        let built = workshop.build_request(&request);
        built.succeeded();
        built.ran()
    };
    let stages = |names: &[&str]| Fresh::Stages(names.iter().map(|name| (*name).to_owned()).collect());
    assert_eq!(ran(Fresh::Nothing).len(), 9, "every line");
    assert_eq!(ran(Fresh::Nothing), [""; 0]);
    let of = |ran: Vec<String>| ran.into_iter().filter(|name| !name.contains("1/")).collect::<Vec<_>>();
    assert_eq!(of(ran(stages(&["a"]))), ["[a 2/2]", "[2/3]", "[3/3]"]);
    // A copy is done again too, and gives what it gave: nothing follows from that.
    assert_eq!(of(ran(stages(&["c"]))), ["[c 2/2]"]);
    assert_eq!(of(ran(stages(&["nobody"]))), [""; 0]);
    assert_eq!(ran(Fresh::Nothing), [""; 0], "what was made again is what counts now");
}

#[test]
fn an_image_that_the_store_has_is_asked_for_only_when_that_is_wanted() {
    if !system_tests_run("root, busybox-static, skopeo and docker-registry") {
        return;
    }
    let (workshop, registry) = (Workshop::new(), DockerRegistry::start());
    let name = format!("{}/me/base:1", registry.host());
    let layout = format!("oci:{}", workshop.path("base").display());
    let copied = Command::new("skopeo")
        .args(["copy", "--quiet", "--dest-tls-verify=false", &layout, &format!("docker://{name}")])
        .status();
    assert!(copied.is_ok_and(|status| status.success()));
    // What the store calls so has a file more.
    let mut request = workshop.request("FROM busybox\nRUN touch /of-the-store\n");
    request.outputs.names = vec![name.clone()];
    workshop.build_request(&request).succeeded();

    let output = |pull: bool| {
        let mut request = workshop.request(&format!("FROM {name}\nRUN ls / | grep -c of-the-store || true\n"));
        request.settings.pull = pull;
        let built = workshop.build_pulling(&request);
        built.succeeded();
        built.output().join(" ")
    };
    assert_eq!(output(false), "1");
    assert_eq!(output(true), "0");
    // Without a registry there is nothing to ask.
    let mut request = workshop.request(&format!("FROM {name}\n"));
    request.settings.pull = true;
    assert!(workshop.build_request(&request).error().contains("no registry may be asked"));
}
