//! What each instruction leaves in the image.

use crate::support::builds::Workshop;
use crate::support::system::system_tests_run;

/// Builds and gives what the last RUN said.
fn output(workshop: &Workshop, dockerfile: &str) -> Vec<String> {
    let built = workshop.build(dockerfile);
    built.succeeded();
    built.output().into_iter().map(str::to_owned).collect()
}

#[test]
fn copy_takes_files_directories_and_patterns() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    for path in ["a.txt", "b.txt", "dir/inner/c", "dir/d"] {
        workshop.write(path, path);
    }
    let found = output(
        &workshop,
        "FROM busybox\nWORKDIR /srv\nCOPY a.txt renamed\nCOPY *.txt many/\nCOPY dir target\nCOPY nothing* none/\nRUN find . -type f | sort\n",
    );
    assert_eq!(found, ["./many/a.txt", "./many/b.txt", "./renamed", "./target/d", "./target/inner/c"]);
}

#[test]
fn copy_with_parents_keeps_directories_below_the_pivot() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    for path in ["a/b/c/x.txt", "a/b/y.txt", "a/z.md", "d/x.txt"] {
        workshop.write(path, path);
    }
    let found = output(
        &workshop,
        "FROM busybox AS s\nRUN mkdir -p /o/p && chmod 700 /o && chown 3:4 /o && touch /o/p/f /o/q\nFROM busybox\n\
         COPY --parents a/b/y.txt d /one/\nCOPY --parents a/**/*.txt /two\nCOPY --parents a/./b/c /three/\n\
         COPY --parents nothing/* /four/\nCOPY --parents --from=s /o/p /five/\n\
         RUN for d in one two three five; do cd /$d && find . -type f | sort; done; stat -c '%a %u:%g' /five/o; ls /four 2>/dev/null | wc -l\n",
    );
    assert_eq!(
        found,
        ["./a/b/y.txt", "./d/x.txt", "./a/b/c/x.txt", "./a/b/y.txt", "./b/c/x.txt", "./o/p/f", "700 3:4", "0"]
    );
    let missing = workshop.build("FROM busybox\nCOPY --parents a/nothing /\n");
    assert!(format!("{:?}", missing.outcome().failure).contains("a/nothing"));
}

#[test]
fn what_copy_excludes_does_not_arrive() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    for path in ["src/a.rs", "src/a.md", "src/deep/b.md", "src/deep/c.md", "only/x.md", "one.txt", "two.md"] {
        workshop.write(path, path);
    }
    let dockerfile = "FROM busybox\nCOPY --exclude=**/*.md --exclude=!deep/b.md src /src/\n\
                      COPY --exclude=*.md only /only/\nCOPY --exclude=*.md *.* /files/\nCOPY --exclude=*.md two.md /named\n\
                      RUN find /src /files /only /named | sort\n";
    let found = output(&workshop, dockerfile);
    assert_eq!(
        found,
        ["/files", "/files/one.txt", "/named", "/only", "/src", "/src/a.rs", "/src/deep", "/src/deep/b.md"]
    );
    // What is left out does not count.
    workshop.write("src/a.md", "changed");
    assert_eq!(workshop.build(dockerfile).ran(), [] as [&str; 0]);
}

#[test]
fn what_the_ignore_file_excludes_is_not_there() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    for path in ["kept", "secret", "dir/out", "dir/in"] {
        workshop.write(path, path);
    }
    workshop.write(".dockerignore", "secret\ndir\n!dir/in\n.dockerignore\n");
    assert_eq!(
        output(&workshop, "FROM busybox\nCOPY . /c\nRUN cd /c && find . -type f | sort\n"),
        ["./dir/in", "./kept"]
    );
}

#[test]
fn copies_arrive_with_the_owner_and_mode_that_are_asked_for() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    workshop.write("f", "f");
    let lines = output(
        &workshop,
        "FROM busybox AS s\nRUN echo x > /theirs && chown 33:34 /theirs\nFROM busybox\n\
         COPY f /plain\nCOPY --chown=web f /named\nCOPY --chown=5:log --chmod=4711 f /both\nCOPY --chmod=u+x f /symbolic\n\
         COPY --from=s /theirs /\nRUN stat -c '%n %a %u:%g' /plain /named /both /symbolic /theirs\n",
    );
    assert_eq!(
        lines,
        ["/plain 644 0:0", "/named 644 33:34", "/both 4711 5:40", "/symbolic 744 0:0", "/theirs 644 33:34"]
    );
}

#[test]
fn a_name_cannot_own_what_goes_on_nothing() {
    if !system_tests_run("root") {
        return;
    }
    let workshop = Workshop::bare();
    workshop.write("f", "f");
    let built = workshop.build("FROM scratch\nCOPY --chown=web f /\n");
    let failure = format!("{:?}", built.outcome().failure.as_ref().expect("a failure"));
    assert!(failure.contains("no file system here to look `web` up in"), "{failure}");
    workshop.build("FROM scratch\nCOPY --chown=12:13 f /\n").succeeded();
}

#[test]
fn heredocs_are_files_and_scripts() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    let lines = output(
        &workshop,
        "FROM busybox\nARG WHO=world\nCOPY <<greeting <<'raw' /etc/\nhello $WHO\ngreeting\nhello $WHO\nraw\n\
         RUN cat /etc/greeting /etc/raw; stat -c %a /etc/greeting\n\
         RUN <<EOF\necho one\necho two\nEOF\n\
         RUN <<EOF\n#!/bin/sh\necho \"$0 with $WHO\"\nEOF\n\
         RUN cat <<A && cat /dev/fd/3 3<<B\nfirst\nA\nsecond\nB\n",
    );
    assert_eq!(
        lines,
        ["hello world", "hello $WHO", "644", "one", "two", "/dev/pipes/EOF with world", "first", "second"]
    );
}

#[test]
fn add_unpacks_archives_and_copies_the_rest() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    let mut tar = rplan::oci::layer::EntryWriter::new(Vec::new());
    let kind = rplan::oci::layer::Kind::File { size: 2 };
    let entry = rplan::oci::layer::Entry { uid: 7, gid: 8, ..rplan::oci::layer::Entry::new("deep/inner", kind, 0o640) };
    tar.append(&entry, &b"hi"[..]).unwrap();
    std::fs::write(workshop.path("context/archive.bin"), tar.finish().unwrap()).unwrap();
    workshop.write("plain.tar", "not an archive");
    let lines = output(
        &workshop,
        "FROM busybox\nADD archive.bin plain.tar /in/\nADD --unpack=false archive.bin /packed\n\
         RUN cd /in && stat -c '%n %a %u:%g' deep deep/inner plain.tar && test -f /packed && cat deep/inner\n",
    );
    assert_eq!(lines, ["deep 755 0:0", "deep/inner 640 7:8", "plain.tar 644 0:0", "hi"]);
}

#[test]
fn workdir_makes_directories_for_the_user_in_force() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    let lines = output(
        &workshop,
        "FROM busybox\nUSER web\nWORKDIR /a/b\nUSER root\nWORKDIR c\nWORKDIR /etc\nWORKDIR /a/b/c\n\
         RUN pwd; stat -c '%n %a %u:%g' /a /a/b /a/b/c /etc\n",
    );
    assert_eq!(lines, ["/a/b/c", "/a 755 33:34", "/a/b 755 33:34", "/a/b/c 755 0:0", "/etc 755 0:0"]);
}

#[test]
fn run_sees_user_shell_and_variables() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    let lines = output(
        &workshop,
        "FROM busybox\nENV A=env\nARG B=arg\nENV A=later$A\nUSER web\nRUN echo $A $B $(id -u) $HOME\n\
         SHELL [\"/bin/sh\", \"-ec\"]\nRUN case $- in *e*) echo strict;; esac\n",
    );
    assert_eq!(lines, ["laterenv arg 33 /srv/web", "strict"]);
}

#[test]
fn triggers_of_a_stage_fire_where_it_is_the_base() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    workshop.write("f", "from the context\n");
    let lines =
        output(&workshop, "FROM busybox AS base\nONBUILD COPY f /f\nONBUILD RUN cat /f\nFROM base\nRUN echo own\n");
    assert_eq!(lines, ["from the context", "own"]);
}

#[test]
fn what_run_removes_is_gone_from_the_image() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    let lines = output(
        &workshop,
        "FROM busybox\nRUN mkdir -p /d/e && echo 1 > /d/e/f && echo 2 > /d/g\nRUN rm -r /d/e && rm /etc/group\n\
         RUN rm -r /d && mkdir /d && echo new > /d/h\nRUN find /d | sort; ls -d /etc/*s*w* /etc/group 2>/dev/null || true\n",
    );
    assert_eq!(lines, ["/d", "/d/h", "/etc/passwd"]);
}

#[test]
fn a_network_that_is_cut_off_is_cut_off() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    let count = "tail -n +3 /proc/net/dev | wc -l";
    let lines = output(
        &workshop,
        &format!("FROM busybox\nRUN --network=none {count}\nRUN test $({count}) -gt 1 && echo more\n"),
    );
    assert_eq!(lines, ["1", "more"]);
}
