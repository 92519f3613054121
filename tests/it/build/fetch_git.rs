//! ADD of a git repository: what arrives, when it is fetched again, and what is refused.

use std::fs;

use crate::support::builds::{Built, Workshop};
use crate::support::repository::Repository;
use crate::support::system::system_tests_run;

fn failure(built: &Built) -> String {
    match &built.outcome {
        Ok(outcome) => format!("{:?}", outcome.failure),
        Err(_) => built.error(),
    }
}

#[test]
fn a_repository_arrives_as_git_has_it() {
    if !system_tests_run("root, git and busybox-static") {
        return;
    }
    let (workshop, repository) = (Workshop::new(), Repository::start());
    let url = repository.url();
    let built = workshop.build(&format!(
        "FROM busybox\nADD {url} /all\nADD {url}#v1 /tag/\nADD {url}?branch=old&mtime=commit /old\nADD --chown=3:4 {url}#main:docs /docs\n\
         ADD --keep-git-dir {url} /kept\nADD --exclude=docs {url} /less\n\
         RUN cd / && stat -c '%n %a %u:%g' $(find all tag docs less | sort) && cat tag/README && stat -c %Y old/README && ls kept/.git/HEAD\n"
    ));
    built.succeeded();
    let expected = [
        "all 755 0:0",
        "all/README 644 0:0",
        "all/docs 755 0:0",
        "all/docs/inner 755 0:0",
        "all/docs/inner/guide 644 0:0",
        "all/run.sh 755 0:0",
        "docs 755 3:4",
        "docs/inner 755 3:4",
        "docs/inner/guide 644 3:4",
        "less 755 0:0",
        "less/README 644 0:0",
        "less/run.sh 755 0:0",
        "tag 755 0:0",
        "tag/README 644 0:0",
        "first1000000000",
        "kept/.git/HEAD",
    ];
    assert_eq!(built.output(), expected);
}

#[test]
fn a_repository_is_fetched_again_only_when_it_moved_and_the_move_is_told() {
    if !system_tests_run("root and git") {
        return;
    }
    let (workshop, repository) = (Workshop::new(), Repository::start());
    let url = repository.url();
    let old = repository.git(&["rev-parse", "HEAD"], "work");
    let dockerfile = format!("FROM scratch\nADD {url} /\n");
    assert_eq!(workshop.build(&dockerfile).ran().len(), 1);
    let asked = repository.web.seen().len();
    assert_eq!(workshop.build(&dockerfile).ran().len(), 0);
    let again = &repository.web.seen()[asked..];
    assert!(again.iter().all(|request| !request.contains("/objects/")), "{again:?}");

    let new = repository.commit("README", "third");
    let built = workshop.build(&dockerfile);
    assert_eq!(built.succeeded().steps[0].because, [format!("{url} changed: commit {old} → commit {new}")]);
    // The part that is taken has not changed.
    let part = format!("FROM scratch\nADD {url}#:docs /\n");
    workshop.build(&part).succeeded();
    repository.commit("README", "fourth");
    assert_eq!(workshop.build(&part).ran().len(), 0);
}

#[test]
fn a_commit_that_is_written_out_is_never_asked_for_again_and_is_checked() {
    if !system_tests_run("root and git") {
        return;
    }
    let (workshop, repository) = (Workshop::new(), Repository::start());
    let (url, id) = (repository.url(), repository.git(&["rev-parse", "v1^{}"], "work"));
    workshop.build(&format!("FROM scratch\nADD {url}#{id} /\n")).succeeded();
    let asked = repository.web.seen().len();
    assert_eq!(workshop.build(&format!("FROM scratch\nADD {url}#{id} /\n")).ran().len(), 0);
    assert_eq!(repository.web.seen().len(), asked);

    workshop.build(&format!("FROM scratch\nADD --checksum={} {url}#v1 /x\n", &id[..12])).succeeded();
    let other = workshop.build(&format!("FROM scratch\nADD --checksum={} {url}#main /\n", &id[..12]));
    assert!(failure(&other).contains(&format!("not {}", &id[..12])), "{}", failure(&other));
}

#[test]
fn a_commit_that_is_here_is_not_transferred_again_whatever_part_of_it_is_wanted() {
    if !system_tests_run("root and git") {
        return;
    }
    let (workshop, repository) = (Workshop::new(), Repository::start());
    let url = repository.url();
    workshop.build(&format!("FROM scratch\nADD {url} /\n")).succeeded();
    let asked = repository.web.seen().len();
    let part = format!("FROM scratch\nADD {url}#:docs /\nADD {url}?mtime=commit /all\n");
    assert_eq!(workshop.build(&part).ran().len(), 2);
    let again = &repository.web.seen()[asked..];
    assert!(!again.is_empty() && again.iter().all(|request| !request.contains("/objects/")), "{again:?}");

    // A later commit brings only what is new.
    repository.commit("README", "third");
    workshop.build(&format!("FROM scratch\nADD {url} /\n")).succeeded();
    assert!(workshop.store().caches.all().expect("caches").iter().any(|cache| cache.id.contains("git mirror of http")));
}

#[test]
fn what_a_repository_does_not_have_or_may_not_name_is_told() {
    if !system_tests_run("root and git") {
        return;
    }
    let (workshop, repository) = (Workshop::new(), Repository::start());
    let url = repository.url();
    for (source, words) in [
        (format!("{url}#nothing"), "no branch, tag or commit `nothing`"),
        (format!("{url}#main:nothing"), "nothing"),
        (format!("{url}?depth=1"), "`depth` means nothing"),
        (format!("{url}#--upload-pack=touch"), "is no branch, tag or commit"),
        (format!("http://{}/other.git", repository.web.host()), "not found"),
    ] {
        let built = workshop.build(&format!("FROM scratch\nADD {source} /\n"));
        assert!(failure(&built).contains(words), "{source}: {}", failure(&built));
    }
}

#[test]
fn a_subdirectory_that_is_a_link_leads_to_nothing_outside_the_repository() {
    // CVE-2026-33748.
    if !system_tests_run("root and git") {
        return;
    }
    let (workshop, repository) = (Workshop::new(), Repository::start());
    let outside = repository.path("outside");
    fs::create_dir(&outside).expect("a directory");
    fs::write(outside.join("file"), "outside").expect("a file");
    let up = format!("{}{}", "../".repeat(40), outside.display());
    std::os::unix::fs::symlink(&outside, repository.path("work/link")).expect("a link");
    std::os::unix::fs::symlink(up, repository.path("work/up")).expect("a link");
    repository.commit("README", "third");
    for link in ["link", "up"] {
        let built = workshop.build(&format!("FROM scratch\nADD {}#main:{link} /x/\n", repository.url()));
        assert!(failure(&built).contains("NotFound"), "{}", failure(&built));
    }
}

/// CVE-2024-32002 and its kind are git's to mend; that a submodule names a repository of this machine is ours.
#[test]
fn a_submodule_cannot_name_a_repository_of_this_machine() {
    if !system_tests_run("root and git") {
        return;
    }
    let (workshop, repository) = (Workshop::new(), Repository::start());
    let secret = repository.path("project.git").display().to_string();
    repository.git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", &secret, "stolen"], "work");
    repository.commit("README", "third");
    let built = workshop.build(&format!("FROM scratch\nADD {} /\n", repository.url()));
    assert!(failure(&built).contains("transport 'file' not allowed"), "{}", failure(&built));
    workshop.build(&format!("FROM scratch\nADD {}?submodules=0 /\n", repository.url())).succeeded();
}
