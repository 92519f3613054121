//! RUN --device: what CDI specifications of this machine describe, for whoever allows it.

use std::fs;

use rplan::exec::{Entitlement, Request};

use crate::support::builds::Workshop;
use crate::support::system::system_tests_run;

const SPECIFICATION: &str = r#"
cdiVersion: "0.6.0"
kind: vendor.test/thing
containerEdits:
  env: [COMMON=all]
devices:
  - name: one
    containerEdits:
      env: [WHICH=one, "SET=by the device"]
      deviceNodes:
        - path: /dev/things/sink
          hostPath: /dev/null
      mounts:
        - hostPath: SHARED
          containerPath: /usr/share/thing
          options: [ro, bind]
  - name: hooked
    containerEdits:
      hooks: [{hookName: createRuntime, path: /bin/true}]
  - name: no-device
    containerEdits:
      deviceNodes: [{path: /dev/x, hostPath: SHARED}]
"#;

fn request(workshop: &Workshop, dockerfile: &str) -> Request {
    let (folder, shared) = (workshop.path("cdi"), workshop.path("shared"));
    fs::create_dir_all(&folder).expect("a directory");
    fs::write(&shared, "shared\n").expect("a file");
    let text = SPECIFICATION.replace("SHARED", &shared.display().to_string());
    fs::write(folder.join("vendor.yaml"), text).expect("a specification");
    let mut request = workshop.request(dockerfile);
    request.settings.device_folders = vec![folder, workshop.path("not-there")];
    request.settings.entitlements = [Entitlement::Device].into();
    request
}

#[test]
fn a_device_brings_its_node_its_files_and_its_variables() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    let dockerfile = "FROM busybox\nENV SET=here\n\
        RUN --device=vendor.test/thing=one echo gone > /dev/things/sink && test -c /dev/things/sink && \
        cat /usr/share/thing && echo $COMMON $WHICH $SET && ! echo x > /usr/share/thing\n\
        RUN test ! -e /dev/things && test ! -e /usr/share/thing && test -z \"$WHICH\"\n";
    let built = workshop.build_request(&request(&workshop, dockerfile));
    built.succeeded();
    assert_eq!(built.output()[..2], ["shared", "all one here"], "{:?}", built.output());
    // What it is made of is no part of any key: the step is kept when the device is gone.
    let mut without = request(&workshop, dockerfile);
    without.settings.device_folders.clear();
    assert_eq!(workshop.build_request(&without).ran(), [""; 0]);
}

#[test]
fn a_device_is_given_only_to_who_is_allowed_to_have_it() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    let mut refused = request(&workshop, "FROM busybox\nRUN --device=vendor.test/thing=one true\n");
    refused.settings.entitlements.clear();
    let error = workshop.build_request(&refused).error();
    assert!(error.contains("asks for a device of this machine: if you trust it, --allow device"), "{error}");
}

#[test]
fn a_device_that_is_not_there_matters_only_where_it_is_required() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    let run = |device: &str| {
        let dockerfile = format!("FROM busybox\nRUN --device={device} true\n");
        let built = workshop.build_request(&request(&workshop, &dockerfile));
        built.outcome().failure.as_ref().map(|failure| format!("{failure:?}"))
    };
    assert_eq!(run("vendor.test/thing=two"), None);
    assert_eq!(run("name=vendor.test/thing=one,required"), None);
    for (device, says) in [
        (
            "vendor.test/thing=two,required=true",
            "vendor.test/thing=hooked, vendor.test/thing=no-device, vendor.test/thing=one",
        ),
        ("vendor.test/thing=hooked", "programs that would run outside the sandbox"),
        ("vendor.test/thing=no-device", "it is no device"),
        ("thing", "expected VENDOR/CLASS=NAME"),
    ] {
        let failure = run(device).unwrap_or_else(|| panic!("{device} is had"));
        assert!(failure.contains(says), "{device}: {failure}");
    }
}
