//! `RUN --mount`: what a step is shown, who may write to it, and that none of it reaches the image.

use std::fs;
use std::os::unix::net::UnixListener;
use std::path::Path;

use rplan::exec::SecretSource;

use crate::support::builds::{Built, Workshop};
use crate::support::system::system_tests_run;

/// Builds and gives what the steps said.
fn output(workshop: &Workshop, dockerfile: &str) -> Vec<String> {
    let built = workshop.build(dockerfile);
    built.succeeded();
    built.output().into_iter().map(str::to_owned).collect()
}

fn failure(built: &Built) -> String {
    format!("{:?}", built.outcome().failure.as_ref().expect("a failure"))
}

#[test]
fn a_bind_shows_the_context_as_copy_would_bring_it() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    for path in ["dir/a", "dir/b", "secret"] {
        workshop.write(path, &format!("{path}\n"));
    }
    workshop.write(".dockerignore", "secret\n");
    let lines = output(
        &workshop,
        "FROM busybox\nRUN --mount=target=/ctx cd /ctx && find . -type f | sort && stat -c '%u:%g' dir/a && ! touch new 2>/dev/null\n\
         RUN --mount=source=dir/a,target=/only,rw cat /only && echo changed > /only && cat /only\n\
         RUN ls -d /ctx /only 2>/dev/null || echo gone\n",
    );
    assert_eq!(lines, ["./.dockerignore", "./dir/a", "./dir/b", "0:0", "dir/a", "changed", "gone"]);
    assert_eq!(fs::read_to_string(workshop.path("context/dir/a")).expect("the context is as it was"), "dir/a\n");
}

#[test]
fn what_a_bind_shows_is_part_of_the_key_and_the_rest_is_not() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    workshop.write("shown", "1");
    workshop.write("other", "1");
    let dockerfile = "FROM busybox\nRUN --mount=source=shown,target=/shown cat /shown > /out\n";
    workshop.build(dockerfile).succeeded();
    workshop.write("other", "2");
    assert_eq!(workshop.build(dockerfile).ran(), [] as [&str; 0]);
    workshop.write("shown", "2");
    let built = workshop.build(dockerfile);
    assert_eq!(built.ran(), ["[2/2]"]);
    let because = &built.outcome().steps.last().expect("a step").because;
    assert!(because.iter().any(|reason| reason.contains("shown")), "{because:?}");
}

#[test]
fn a_bind_of_a_stage_is_read_only_or_thrown_away() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    let dockerfile = "FROM busybox AS made\nRUN mkdir /d && echo 1 > /d/f && chown 3:4 /d/f && echo x > /unused\n\
         FROM busybox\nRUN --mount=from=made,source=/d,target=/m cat /m/f && stat -c '%u:%g' /m/f && ! echo 2 > /m/f\n\
         RUN --mount=from=made,source=/d,target=/m,rw echo 2 > /m/f && cat /m/f\n\
         RUN --mount=from=made,target=/all cat /all/d/f\n";
    let lines: Vec<String> = output(&workshop, dockerfile).into_iter().filter(|line| !line.contains("sh:")).collect();
    assert_eq!(lines, ["1", "3:4", "2", "1"]);
    // What is not taken does not count: only the mount of everything runs again.
    let changed = dockerfile.replace("echo x", "echo y");
    assert_eq!(workshop.build(&changed).ran(), ["[made 2/2]", "[4/4]"]);
}

#[test]
fn what_is_not_there_is_told_where_it_is_written() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    let built = workshop.build("FROM busybox\nRUN --mount=source=nowhere,target=/m true\n");
    assert!(failure(&built).contains("nowhere"), "{}", failure(&built));
}

#[test]
fn a_cache_lives_on_and_reaches_no_image() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    let visit = |visit: &str| {
        format!(
            "FROM busybox\nRUN --mount=type=cache,target=/var/cache/it echo {visit} >> /var/cache/it/visits; cat /var/cache/it/visits\n\
             RUN ls /var/cache/it 2>/dev/null || echo gone\n"
        )
    };
    assert_eq!(output(&workshop, &visit("one")), ["one", "gone"]);
    // The next step does not run again: what is below it is the same.
    assert_eq!(output(&workshop, &visit("two")), ["one", "two"]);
    // Another id is another cache, and so is another owner.
    let lines = output(
        &workshop,
        "FROM busybox\nRUN --mount=type=cache,id=other,target=/var/cache/it ls /var/cache/it\n\
         RUN --mount=type=cache,uid=7,gid=8,mode=0750,target=/var/cache/it ls /var/cache/it; stat -c '%a %u:%g' /var/cache/it\n",
    );
    assert_eq!(lines, ["750 7:8"]);
}

#[test]
fn a_cache_begins_with_what_it_is_taken_from() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    let lines = output(
        &workshop,
        "FROM busybox AS seed\nRUN mkdir /s && echo seed > /s/f\nFROM busybox\n\
         RUN --mount=type=cache,from=seed,source=/s,target=/c cat /c/f && echo more >> /c/f\n\
         RUN --mount=type=cache,from=seed,source=/s,target=/d cat /d/f\n\
         RUN --mount=type=cache,id=/c,from=seed,source=/s,target=/e cat /e/f\n",
    );
    assert_eq!(lines, ["seed", "seed", "seed", "more"]);
}

#[test]
fn a_cache_cannot_be_left_through_a_link() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    let built = workshop.build(
        "FROM busybox\nRUN --mount=type=cache,id=c,target=/c ln -s /etc /c/out && mkdir /c/in\n\
         RUN --mount=type=cache,id=c,source=in,target=/m touch /m/here\n\
         RUN --mount=type=cache,id=c,source=out,target=/m ls /m\n",
    );
    assert!(failure(&built).contains("the cache has no `out`"), "{}", failure(&built));
}

#[test]
fn steps_that_lock_a_cache_take_turns() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    let mut dockerfile = String::new();
    for name in ["a", "b", "c"] {
        dockerfile.push_str(&format!(
            "FROM busybox AS {name}\nRUN --mount=type=cache,id=turns,sharing=locked,target=/c \
             test ! -e /c/busy && touch /c/busy && sleep 0.2 && rm /c/busy && touch /of-{name}\n"
        ));
    }
    dockerfile.push_str("FROM busybox\nCOPY --from=a /of-a /\nCOPY --from=b /of-b /\nCOPY --from=c /of-c /\n");
    workshop.build(&dockerfile).succeeded();
}

#[test]
fn a_private_cache_is_another_one_for_who_comes_later() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    let mut dockerfile = String::new();
    for name in ["a", "b"] {
        dockerfile.push_str(&format!(
            "FROM busybox AS {name}\nRUN --mount=type=cache,id=own,sharing=private,target=/c \
             test ! -e /c/busy && touch /c/busy && sleep 1 && touch /{name}\n"
        ));
    }
    dockerfile.push_str("FROM busybox\nCOPY --from=a /a /\nCOPY --from=b /b /\n");
    workshop.build(&dockerfile).succeeded();
}

#[test]
fn a_tmpfs_is_empty_and_small() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    let lines = output(
        &workshop,
        "FROM busybox\nRUN --mount=type=tmpfs,target=/scratch,size=1m ls /scratch; df -k /scratch | tail -1 | awk '{print $2}'\n\
         RUN --mount=type=tmpfs,target=/dev/shm --mount=type=tmpfs,target=/a/b --mount=type=tmpfs,target=/a touch /a/b/c && ls /a\n\
         RUN ls -d /scratch /a 2>/dev/null || echo gone\n",
    );
    assert_eq!(lines, ["1024", "b", "gone"]);
}

const TOKEN: &str = "hunter2-is-no-password";

#[test]
fn a_secret_is_a_file_in_memory_or_a_variable() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    fs::write(workshop.path("token"), TOKEN).expect("a secret");
    let mut request = workshop.request(
        "FROM busybox\nRUN --mount=type=secret,id=token md5sum < /run/secrets/token && stat -c '%a %u:%g' /run/secrets/token\n\
         RUN --mount=type=secret,id=token,target=/t,mode=0440,uid=33,gid=34 stat -c '%a %u:%g' /t\n\
         RUN --mount=type=secret,id=token,env=TOKEN printf %s \"$TOKEN\" | md5sum && test ! -e /run/secrets/token\n\
         RUN --mount=type=secret,id=absent ls /run/secrets/absent 2>/dev/null || echo absent\n",
    );
    request.settings.secrets = [("token".to_owned(), SecretSource::File(workshop.path("token")))].into();
    let built = workshop.build_request(&request);
    built.succeeded();
    let sum = "c01a79f1439b15211dfdadc828286bd6  -";
    assert_eq!(built.output(), [sum, "400 0:0", "440 33:34", sum, "absent"]);
    assert_nowhere(&workshop.path("store"), TOKEN.as_bytes());
    assert!(!format!("{:?}", built.events).contains(TOKEN));
    // A secret that changes changes no key.
    fs::write(workshop.path("token"), "another").expect("a secret");
    assert_eq!(workshop.build_request(&request).ran(), [] as [&str; 0]);
}

/// Fails if the bytes are in any file below the directory.
fn assert_nowhere(directory: &Path, bytes: &[u8]) {
    for entry in fs::read_dir(directory).expect("a list").map(|entry| entry.expect("an entry")) {
        let kind = entry.file_type().expect("a type");
        if kind.is_dir() {
            assert_nowhere(&entry.path(), bytes);
        } else if kind.is_file() {
            let content = fs::read(entry.path()).expect("a file");
            let holds = content.windows(bytes.len()).any(|window| window == bytes);
            assert!(!holds, "{}", entry.path().display());
        }
    }
}

#[test]
fn a_secret_that_is_required_must_be_handed_in() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    let built = workshop.build("FROM busybox\nRUN --mount=type=secret,id=token,required true\n");
    assert!(failure(&built).contains("--secret id=token,src=FILE"), "{}", failure(&built));
}

#[test]
fn an_agent_belongs_to_whoever_the_step_runs_as() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    let socket = workshop.path("agent");
    let _listener = UnixListener::bind(&socket).expect("a socket");
    let mut request = workshop.request(
        "FROM busybox\nUSER 33\nRUN --mount=type=ssh,uid=33 test -S $SSH_AUTH_SOCK && stat -c '%a %u' $SSH_AUTH_SOCK\nRUN test -z \"$SSH_AUTH_SOCK\"\n",
    );
    request.settings.agents = [("default".to_owned(), socket)].into();
    let built = workshop.build_request(&request);
    built.succeeded();
    assert_eq!(built.output(), ["600 33"]);
}
