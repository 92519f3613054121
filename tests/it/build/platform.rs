//! Images of another platform than the machine's.

use std::fs;

use rplan::exec::{Destination, Output, Outputs, Request};
use rplan::model::ResolveOptions;
use rplan::oci::{Platform, open};

use crate::support::builds::Workshop;
use crate::support::system::system_tests_run;

/// A platform that is not this machine's, and that nothing runs here.
const FOREIGN: &str = "linux/mips64le";

fn request(workshop: &Workshop, dockerfile: &str, output: Output) -> Request {
    let host = Platform::host().to_string();
    let options = ResolveOptions { platform: FOREIGN.into(), build_platform: Some(host), ..ResolveOptions::default() };
    let outputs = Outputs { written: vec![output.into()], ..Outputs::default() };
    Request { options, outputs, ..workshop.request(dockerfile) }
}

#[test]
fn files_are_put_together_for_any_platform_by_programs_of_this_one() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    let dockerfile = "FROM --platform=$BUILDPLATFORM busybox AS tools\nARG TARGETARCH\nARG BUILDPLATFORM\n\
                      RUN echo $TARGETARCH from $BUILDPLATFORM > /made\nFROM scratch\nCOPY --from=tools /made /\n";
    let (archive, local) = (workshop.path("image.tar"), workshop.path("out"));
    let output = Output::Oci { dest: Destination::Path(archive.clone()), archive: true };
    workshop.build_request(&request(&workshop, dockerfile, output)).succeeded();
    let image = open(&archive).unwrap().load(None, None, &FOREIGN.parse().unwrap()).expect("an image");
    assert_eq!(image.config.platform.to_string(), FOREIGN);
    workshop.build_request(&request(&workshop, dockerfile, Output::Local(local.clone()))).succeeded();
    assert_eq!(fs::read_to_string(local.join("made")).unwrap(), format!("mips64le from {}\n", Platform::host()));
}

#[test]
fn a_program_of_another_processor_is_refused_with_what_would_help() {
    let workshop = Workshop::bare();
    let output = Output::Local(workshop.path("out"));
    let built = workshop.build_request(&request(&workshop, "FROM scratch\nRUN [\"/made\"]\n", output));
    let error = built.error();
    assert!(error.contains("is for linux/mips64le, and this machine") && error.contains("qemu-user-static"), "{error}");
}
