//! `rplan build --on-error`: a shell in the root of a failed step at a terminal, or that root kept.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use serde_json::Value;

use super::build::Site;
use crate::support::system::system_tests_run;
use crate::support::terminal::Terminal;

const DOCKERFILE: &str = "FROM busybox\nRUN mkdir -p /srv/web && chown web /srv/web\nWORKDIR /srv/web\nENV COLOUR=green\nUSER web\n\
                          RUN --mount=type=secret,id=token,uid=33 --mount=type=cache,target=/cache,uid=33 \\\n    \
                          echo half > done; echo before; exit 7\n";

fn at_terminal(site: &Site, args: &[&str]) -> Terminal {
    let mut command = site.place.command(Path::new(env!("CARGO_BIN_EXE_rplan")));
    command.args(site.arguments(args)).env("TERM", "xterm").env("NO_COLOR", "1").env("TOKEN", "t0k3n");
    Terminal::start(&command, 80, 24)
}

#[test]
fn a_shell_opens_where_the_step_failed() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let site = Site::with(&[("Dockerfile", DOCKERFILE)]);
    let mut terminal = at_terminal(&site, &["--on-error", "shell", "--secret", "id=token,env=TOKEN", "."]);
    terminal.wait_for("A shell in the root of the step, as web, in /srv/web.");
    assert!(terminal.raw.contains("before") && terminal.raw.contains("failed: exit code 7"), "{}", terminal.raw);
    // What is typed is echoed: answers are told from it by what only the shell can put in.
    terminal.write("echo \"<$COLOUR $(pwd) $(id -u) $(cat done) $(cat /run/secrets/token)>\"\r");
    terminal.wait_for("<green /srv/web 33 half t0k3n>");
    terminal.write("test -t 0 && test -w /cache && echo is''fine\r");
    terminal.wait_for("isfine");
    // Interrupts what runs in the shell, and neither the shell nor the build.
    terminal.write("sh -c 'echo rea\"\"dy; sleep 1000'\r");
    terminal.wait_for("ready");
    terminal.write("\u{3}");
    terminal.write("echo af''ter\r");
    terminal.wait_for("after");
    terminal.write("exit\r");
    assert_eq!(terminal.end(), 3);
    assert!(terminal.raw.contains("[4/4] failed: exit code 7"), "{}", terminal.raw);
}

#[test]
fn an_image_without_a_shell_is_told_and_the_build_ends() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let site = Site::with(&[("Dockerfile", "FROM scratch\nCOPY Dockerfile /\nRUN [\"/nothing\"]\n")]);
    let mut terminal = at_terminal(&site, &["--on-error", "shell", "."]);
    assert_eq!(terminal.end(), 3);
    assert!(terminal.raw.contains("error: there is no shell `/bin/sh` to open: "), "{}", terminal.raw);
}

#[test]
fn without_a_terminal_there_is_no_shell() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let site = Site::with(&[("Dockerfile", "FROM busybox\nRUN false\n")]);
    let run = site.build(&["--on-error", "shell", "."]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.stderr.starts_with("error: --on-error shell needs a terminal"), "{run:?}");
}

#[test]
fn a_root_is_kept_without_what_was_mounted_until_it_is_pruned() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let dockerfile = DOCKERFILE
        .replace("chown web /srv/web", "touch /srv/web/gone && chown -R web /srv/web")
        .replace("echo half > done", "echo half > done; rm gone; ln -s done link");
    let site = Site::with(&[("Dockerfile", &dockerfile), ("token", "t0k3n")]);
    let run = site.build(&["--on-error", "keep", "--secret", "id=token,src=token", "--format", "json", "."]);
    assert_eq!(run.code, 3, "{run:?}");
    let result: Value = serde_json::from_str(&run.stdout).expect("it is JSON");
    let step = &result["steps"].as_array().expect("steps").iter().find(|step| step["name"] == "[4/4]").expect("it");
    let root = Path::new(step["kept_root"].as_str().expect("a path"));
    assert!(run.stderr.ends_with(&format!(
        "The root of [4/4] is in {}\nnote: it is a copy, without what was mounted: `rplan cache prune` removes it\n",
        root.display()
    )), "{run:?}");
    assert_eq!(std::fs::read_to_string(root.join("srv/web/done")).expect("what the step wrote"), "half\n");
    assert_eq!(std::fs::read_link(root.join("srv/web/link")).expect("a link"), Path::new("done"));
    assert_eq!(std::fs::metadata(root.join("srv/web/done")).expect("a file").uid(), 33);
    assert!(root.join("etc/passwd").exists() && !root.join("srv/web/gone").exists(), "what was below, less what went");
    let secrets = std::fs::read_dir(root.join("run/secrets")).map_or(0, Iterator::count);
    assert_eq!((secrets, root.join("cache/x").exists()), (0, false));

    let usage = site.place.rplan(&["cache", "du", "-v"]).stdout;
    assert!(usage.contains("kept roots        1") && usage.contains(&root.display().to_string()), "{usage}");
    let pruned = site.place.rplan(&["cache", "prune"]);
    assert!(pruned.code == 0 && pruned.stdout.contains("1 kept root"), "{pruned:?}");
    assert!(!root.exists());
}
