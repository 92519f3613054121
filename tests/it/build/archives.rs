//! Archives that would become too large: refused wherever a build unpacks one, with a word on the limit.

use std::fs;
use std::io::Write;

use rplan::exec::Request;
use rplan::oci::layer::{Entry, EntryWriter, Kind, Limits};

use crate::support::builds::Workshop;
use crate::support::scripted_registry::{Answer, ScriptedRegistry};
use crate::support::system::system_tests_run;

/// A gzipped archive of a few KiB that becomes 4 MiB.
fn bomb() -> Vec<u8> {
    let zeros = vec![0; 4 << 20];
    let mut writer = EntryWriter::new(Vec::new());
    writer.append(&Entry::new("zeros", Kind::File { size: 4 << 20 }, 0o644), &zeros[..]).expect("an entry");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(&writer.finish().expect("an archive")).expect("compressed");
    gzip.finish().expect("compressed")
}

fn strictly(mut request: Request) -> Request {
    request.settings.limits = Limits { free: 1 << 20, ratio: 20, ..Limits::default() };
    request
}

#[test]
fn an_archive_that_is_added_is_refused_and_nothing_of_it_stays() {
    if !system_tests_run("root") {
        return;
    }
    let workshop = Workshop::new();
    fs::write(workshop.path("context/a.tar.gz"), bomb()).expect("a file");
    let served = ScriptedRegistry::start(move |_, _| Answer::ok(&bomb()));
    let url = format!("http://{}/a.tar.gz", served.host());
    for add in ["ADD a.tar.gz /a/".to_owned(), format!("ADD --unpack=true {url} /a/")] {
        let dockerfile = format!("FROM scratch\n{add}\n");
        let built = workshop.build_request(&strictly(workshop.request(&dockerfile)));
        let failure = format!("{:?}", built.outcome().failure);
        assert!(failure.contains("TooLarge") && failure.contains("`ratio`, 20"), "{add}: {failure}");
        workshop.build(&dockerfile).succeeded();
    }
    // What is not unpacked is just a file.
    let dockerfile = format!("FROM scratch\nADD --unpack=false a.tar.gz /a/\nADD {url} /b/\n");
    workshop.build_request(&strictly(workshop.request(&dockerfile))).succeeded();
}

#[test]
fn a_layer_of_a_base_image_has_the_same_limits() {
    if !system_tests_run("root") {
        return;
    }
    let workshop = Workshop::new();
    let mut request = workshop.request("FROM busybox\nCOPY . /here\n");
    request.settings.limits = Limits { entries: 3, ..Limits::default() };
    let failure = format!("{:?}", workshop.build_request(&request).outcome().failure);
    assert!(failure.contains("it has more entries than 3"), "{failure}");
    workshop.build("FROM busybox\nCOPY . /here\n").succeeded();
}

#[test]
fn xz_and_bzip2_are_unpacked_like_any_other() {
    if !system_tests_run("root, busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    let mut writer = EntryWriter::new(Vec::new());
    writer.append(&Entry::new("inner", Kind::File { size: 2 }, 0o640), &b"hi"[..]).expect("an entry");
    let tar = writer.finish().expect("an archive");
    let mut xz = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(6)).expect("options");
    xz.write_all(&tar).expect("compressed");
    fs::write(workshop.path("context/a"), xz.finish().expect("compressed")).expect("a file");
    let mut bzip2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
    bzip2.write_all(&tar).expect("compressed");
    fs::write(workshop.path("context/b"), bzip2.finish().expect("compressed")).expect("a file");
    let built = workshop.build("FROM busybox\nADD a /a\nADD b /b\nRUN stat -c '%n %a %s' /a/inner /b/inner\n");
    built.succeeded();
    assert_eq!(built.output(), ["/a/inner 640 2", "/b/inner 640 2"]);
}
