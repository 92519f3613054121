//! ADD of a URL: what arrives, when the server is asked again, and what is refused.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rplan::digest::Digest;
use rplan::exec::SecretSource;

use crate::support::builds::{Built, Workshop};
use crate::support::scripted_registry::{Answer, Request, ScriptedRegistry};
use crate::support::system::system_tests_run;

const MODIFIED: &str = "Wed, 21 Oct 2015 07:28:00 GMT";

/// A server of one file, which may be changed, at every path. It knows the file's ETag.
struct Server {
    web: ScriptedRegistry,
    content: Arc<Mutex<Vec<u8>>>,
}

impl Server {
    fn start(content: &[u8]) -> Self {
        let content = Arc::new(Mutex::new(content.to_vec()));
        let served = Arc::clone(&content);
        let web = ScriptedRegistry::start(move |_, request| {
            let body = served.lock().expect("the file").clone();
            let etag = format!("\"{}\"", Digest::of(&body).short());
            let headers = vec![("etag", etag.clone()), ("last-modified", MODIFIED.to_owned())];
            match request.header("if-none-match") == Some(&etag) {
                true => Answer { status: 304, headers, body: Vec::new(), cut_after: None },
                false => Answer { headers, ..Answer::ok(&body) },
            }
        });
        Self { web, content }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.web.host())
    }
}

/// What failed, in full.
fn failure(built: &Built) -> String {
    format!("{:?}", built.outcome().failure)
}

#[test]
fn a_file_arrives_under_its_name_for_its_owner_with_the_time_of_the_server() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let (workshop, server) = (Workshop::new(), Server::start(b"hello"));
    let url = server.url("a/tool%20one.txt?token=1");
    let built = workshop.build(&format!(
        "FROM busybox\nADD {url} /in/\nADD {url} /named\nADD --chown=3:4 --chmod=755 {url} /own/\nADD {root} /un/\n\
         RUN stat -c '%n %a %u:%g %Y %s' '/in/tool one.txt' /named '/own/tool one.txt' /un/__unnamed__\n",
        root = server.url(""),
    ));
    built.succeeded();
    let expected = [
        "/in/tool one.txt 600 0:0 1445412480 5",
        "/named 600 0:0 1445412480 5",
        "/own/tool one.txt 755 3:4 1445412480 5",
        "/un/__unnamed__ 600 0:0 1445412480 5",
    ];
    assert_eq!(built.output(), expected);
}

#[test]
fn an_archive_is_unpacked_only_on_demand() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let mut writer = rplan::oci::layer::EntryWriter::new(Vec::new());
    let entry = rplan::oci::layer::Entry::new("inner", rplan::oci::layer::Kind::File { size: 2 }, 0o644);
    writer.append(&entry, &b"hi"[..]).expect("an entry");
    let (workshop, server) = (Workshop::new(), Server::start(&writer.finish().expect("an archive")));
    let url = server.url("a.tar");
    let dockerfile = format!(
        "FROM busybox\nADD {url} /plain/\nADD --unpack=true {url} /open/\nADD --unpack=false {url} /shut/\n\
         RUN find /plain /open /shut -type f\n"
    );
    let built = workshop.build(&dockerfile);
    built.succeeded();
    assert_eq!(built.output(), ["/plain/a.tar", "/open/inner", "/shut/a.tar"]);
}

#[test]
fn an_unchanged_file_is_asked_for_and_not_sent_and_a_change_is_told() {
    if !system_tests_run("root") {
        return;
    }
    let (workshop, server) = (Workshop::new(), Server::start(b"one"));
    let url = server.url("f");
    let dockerfile = format!("FROM scratch\nADD {url} /\n");
    assert_eq!(workshop.build(&dockerfile).ran().len(), 1);
    assert_eq!(workshop.build(&dockerfile).ran().len(), 0);
    assert_eq!(server.web.seen().len(), 2);

    *server.content.lock().expect("the file") = b"three".to_vec();
    let built = workshop.build(&dockerfile);
    let old = Digest::of(b"one").short();
    let new = Digest::of(b"three").short();
    let because = &built.succeeded().steps[0].because;
    assert_eq!(*because, [format!("{url} changed: sha256 {old}… → {new}…, 3 → 5 bytes")]);
}

#[test]
fn a_file_with_a_checksum_is_checked_and_then_never_asked_for_again() {
    if !system_tests_run("root") {
        return;
    }
    let (workshop, server) = (Workshop::new(), Server::start(b"one"));
    let add = |digest: Digest| format!("FROM scratch\nADD --checksum={digest} {} /\n", server.url("f"));
    workshop.build(&add(Digest::of(b"one"))).succeeded();
    workshop.build(&add(Digest::of(b"one"))).succeeded();
    assert_eq!(server.web.seen().len(), 1);
    let other = workshop.build(&add(Digest::of(b"two")));
    assert!(failure(&other).contains(&Digest::of(b"one").to_string()), "{}", failure(&other));
    for wrong in ["--checksum=sha256:1", "--checksum=md5:1234"] {
        let built = workshop.build(&format!("FROM scratch\nADD {wrong} {} /\n", server.url("f")));
        assert!(failure(&built).contains("is not sha256"), "{}", failure(&built));
    }
    workshop.write("f", "here");
    let local = workshop.build(&format!("FROM scratch\nADD --checksum={} f /\n", Digest::of(b"here")));
    assert_eq!(local.error(), "--checksum is for a URL or a git repository");
}

#[test]
fn trouble_that_passes_is_waited_for_and_what_stays_is_told() {
    if !system_tests_run("root") {
        return;
    }
    let tries = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&tries);
    let answer = move |_: usize, request: &Request| match request.path.as_str() {
        "/gone" => Answer::status(404, ""),
        "/private" if request.header("authorization") == Some("Bearer open sesame") => Answer::ok(b"in"),
        "/private" => Answer::status(401, ""),
        "/cut" if counted.fetch_add(1, Ordering::SeqCst) == 0 => Answer { cut_after: Some(2), ..Answer::ok(b"whole") },
        "/busy" if counted.fetch_add(1, Ordering::SeqCst) < 2 => Answer::status(503, ""),
        _ => Answer::ok(b"whole"),
    };
    let (workshop, web) = (Workshop::new(), ScriptedRegistry::start(answer));
    let add = |path: &str| format!("FROM scratch\nADD http://{}/{path} /\n", web.host());
    workshop.build(&add("cut")).succeeded();
    workshop.build(&add("busy")).succeeded();
    let gone = workshop.build(&add("gone"));
    assert!(failure(&gone).contains("the server answered 404"), "{}", failure(&gone));
    let private = workshop.build(&add("private"));
    assert!(failure(&private).contains("HTTP_AUTH_TOKEN_127.0.0.1"), "{}", failure(&private));

    std::fs::write(workshop.path("token"), "open sesame\n").expect("a token");
    let mut request = workshop.request(&add("private"));
    let token = SecretSource::File(workshop.path("token"));
    request.settings.secrets.insert("HTTP_AUTH_TOKEN_127.0.0.1".to_owned(), token);
    workshop.build_request(&request).succeeded();
}

#[test]
fn a_file_that_was_fetched_is_no_reason_to_pass_over_a_server_that_is_gone() {
    if !system_tests_run("root") {
        return;
    }
    let (workshop, gone) = (Workshop::new(), Arc::new(AtomicUsize::new(0)));
    let asked = Arc::clone(&gone);
    let web = ScriptedRegistry::start(move |_, _| match asked.load(Ordering::SeqCst) {
        0 => Answer::ok(b"whole"),
        _ => Answer::status(410, ""),
    });
    let dockerfile = format!("FROM scratch\nADD http://{}/f /\n", web.host());
    workshop.build(&dockerfile).succeeded();
    gone.store(1, Ordering::SeqCst);
    let built = workshop.build(&dockerfile);
    assert!(failure(&built).contains("the server answered 410"), "{}", failure(&built));
}
