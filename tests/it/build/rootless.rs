//! Building as an ordinary user: the same image as root's, and clear words where that cannot be.

use std::path::Path;
use std::process::{Command, Output};

use crate::support::builds::Workshop;
use crate::support::system::system_tests_run;
use crate::support::user::OrdinaryUser;

/// What makes owners, modes, links, removals and whole directories anew, in RUN and COPY, as several users.
const DOCKERFILE: &str = "\
FROM busybox AS first
RUN chmod 1777 /tmp && mkdir -p /srv/kept /srv/gone && echo a > /srv/kept/a && echo b > /srv/gone/b && chown -R 33:34 /srv
RUN rm -r /srv/gone && mkdir /srv/gone && echo c > /srv/gone/c && chmod 4755 /srv/kept/a && rm /bin/vi
RUN ln /srv/kept/a /srv/kept/b && ln -s /nowhere /srv/link && mkfifo /srv/pipe && chown 65534:65534 /srv/pipe
USER web
RUN id -u > /tmp/me && touch /tmp/mine && test $(id -G | wc -w) -eq 2 && head -c 1 /dev/zero > /dev/null
FROM busybox
COPY --from=first /srv /data
COPY --chown=1000:2000 --chmod=640 app /app/
WORKDIR /site
RUN --mount=type=cache,target=/cache,uid=33 --mount=type=tmpfs,target=/fast \\
    --mount=type=bind,from=first,source=/srv,target=/srv \\
    touch /cache/x /fast/x && cp /srv/gone/c /site && test -e /proc/1 && test -d /sys/class
RUN --network=none ls /sys/class/net > /site/devices && test -s /data/kept/a
";

/// The binary where another user can execute it: the path to the one that was built may be closed to others.
fn program(place: &Path) -> String {
    let program = place.join("rplan");
    std::fs::copy(env!("CARGO_BIN_EXE_rplan"), &program).expect("a copy of the program");
    program.to_str().expect("a text").to_owned()
}

/// A workshop with something to copy.
fn workshop() -> Workshop {
    let workshop = Workshop::new();
    workshop.write("Dockerfile", DOCKERFILE);
    workshop.write("app/one", "1");
    workshop
}

fn build_arguments(workshop: &Workshop, jobs: &str) -> Vec<String> {
    let (base, context) = (workshop.path("base"), workshop.path("context"));
    let base = format!("busybox=oci-layout://{}", base.display());
    let context = context.to_str().expect("a text");
    ["build", "-q", "--no-cache", "--jobs", jobs, "--build-context", &base, context].map(str::to_owned).to_vec()
}

const EPOCH: (&str, &str) = ("SOURCE_DATE_EPOCH", "1700000000");

/// How many jobs, and where the store is: each number twice, from nothing.
const ROUNDS: [(&str, &str); 4] = [("1", "one"), ("8", "eight"), ("1", "one-more"), ("8", "eight-more")];

#[test]
fn root_and_an_ordinary_user_make_the_same_image_however_often_and_with_however_many_jobs() {
    if !system_tests_run("root, useradd and busybox-static") {
        return;
    }
    // The same files, in two directories.
    let workshops = [workshop(), workshop()];
    let user = OrdinaryUser::new("lent", true);
    let program = program(&user.home());
    let mut digests = Vec::new();
    let mut keep = |who: &str, jobs: &str, built: Output| {
        assert!(built.status.success(), "{who}: {}", String::from_utf8_lossy(&built.stderr));
        digests.push((String::from_utf8_lossy(&built.stdout).into_owned(), format!("{who}, {jobs} jobs")));
    };
    for (number, (jobs, data)) in ROUNDS.into_iter().enumerate() {
        let workshop = &workshops[number / 2];
        let by_root = Command::new(&program)
            .args(build_arguments(workshop, jobs))
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", workshop.path(data))
            .envs([EPOCH])
            .output();
        keep("root", jobs, by_root.expect("rplan runs"));
    }
    for (number, (jobs, data)) in ROUNDS.into_iter().enumerate() {
        let workshop = &workshops[number / 2];
        user.own(&workshop.path(""));
        let arguments = build_arguments(workshop, jobs);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let place = user.home().join(data);
        let data_home = ("XDG_DATA_HOME", place.to_str().expect("a text"));
        keep("a user", jobs, user.run(&program, &arguments, &[EPOCH, data_home]));
    }
    assert_eq!(digests.len(), 8);
    assert!(digests[0].0.starts_with("sha256:"), "{digests:?}");
    assert!(digests.iter().all(|(digest, _)| *digest == digests[0].0), "{digests:#?}");
}

#[test]
fn files_written_for_an_ordinary_user_are_that_users() {
    if !system_tests_run("root, useradd and busybox-static") {
        return;
    }
    let workshop = workshop();
    let user = OrdinaryUser::new("local", true);
    let program = program(&user.home());
    user.own(&workshop.path(""));
    let mut arguments = build_arguments(&workshop, "4");
    arguments.extend(["-o", "out"].map(str::to_owned));
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let built = user.run(&program, &arguments, &[]);
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let others = Command::new("find").arg(user.home().join("out")).args(["!", "-user", user.name()]).output();
    assert_eq!(String::from_utf8_lossy(&others.expect("find runs").stdout), "");
}

#[test]
fn a_user_without_lent_ids_builds_what_is_roots_alone_and_is_told_what_cannot_be() {
    if !system_tests_run("root, useradd and busybox-static") {
        return;
    }
    let workshop = workshop();
    let user = OrdinaryUser::new("alone", false);
    let program = program(&user.home());
    let build = |dockerfile: &str| {
        workshop.write("Dockerfile", dockerfile);
        user.own(&workshop.path(""));
        let mut arguments = build_arguments(&workshop, "2");
        arguments.retain(|argument| argument != "-q");
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let built = user.run(&program, &arguments, &[]);
        (built.status.code(), String::from_utf8_lossy(&built.stderr).into_owned())
    };
    let (code, told) = build("FROM busybox\nCOPY app /app\nRUN echo hi > /app/new && id -u && tty || true\n");
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("/etc/subuid lends no ids to rplan-alone"), "{told}");
    let (code, told) = build("FROM busybox\nCOPY --chown=7:8 app /app\n");
    assert_eq!(code, Some(4), "{told}");
    assert!(told.contains("7:8, an id that whoever builds does not have"), "{told}");
    let (code, told) = build("FROM busybox\nUSER web\nRUN id\n");
    assert_eq!(code, Some(3), "{told}");
    assert!(told.contains("whoever builds has no such id"), "{told}");
}

#[test]
fn the_doctor_says_that_an_ordinary_user_can_build() {
    if !system_tests_run("root and useradd") {
        return;
    }
    for (label, has_lent_ids, verdict) in [("well", true, "works  user"), ("poor", false, "lacks  user")] {
        let user = OrdinaryUser::new(label, has_lent_ids);
        let asked = user.run(&program(&user.home()), &["doctor"], &[]);
        let told = String::from_utf8_lossy(&asked.stdout);
        assert!(asked.status.success() && told.contains(verdict) && told.contains("works  step"), "{told}");
    }
}
