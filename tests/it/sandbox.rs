//! What a RUN sees, what it leaves behind, and how it ends.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rplan::exec::backend::sandbox::Sandbox;
use rplan::exec::backend::{Backend, Cancel, Io, Network, PreparedRun, Root, Script, Status};

use crate::support::rootfs::lay_out_busybox;
use crate::support::system::system_tests_run;

/// A busybox root with room for one step's changes.
struct Bench {
    directory: tempfile::TempDir,
}

impl Bench {
    /// `None`, with a printed reason, where system tests do not run.
    fn new() -> Option<Self> {
        if !system_tests_run("root and busybox-static") {
            return None;
        }
        let directory = tempfile::tempdir().expect("a directory");
        for name in ["lower", "upper", "work", "root"] {
            fs::create_dir(directory.path().join(name)).expect("a directory");
        }
        lay_out_busybox(&directory.path().join("lower"));
        Some(Self { directory })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn shell(&self, script: &str) -> PreparedRun {
        PreparedRun {
            root: Root {
                lowers: vec![self.path("lower")],
                upper: self.path("upper"),
                work: self.path("work"),
                mount_at: self.path("root"),
            },
            argv: ["/bin/sh", "-c", script].map(str::to_owned).to_vec(),
            env: vec![("PATH".into(), "/usr/bin:/bin".into())],
            cwd: "/".into(),
            user: String::new(),
            network: Network::Host,
            secrets: Vec::new(),
            mounts: Vec::new(),
            scripts: Vec::new(),
            timeout: None,
        }
    }

    /// Every path in the upper directory, directories that only lead there included.
    fn changed(&self) -> BTreeSet<String> {
        fn visit(directory: &Path, base: &Path, found: &mut BTreeSet<String>) {
            for entry in fs::read_dir(directory).expect("a list") {
                let path = entry.expect("an entry").path();
                found.insert(path.strip_prefix(base).expect("below").to_string_lossy().into_owned());
                if path.symlink_metadata().expect("metadata").is_dir() {
                    visit(&path, base, found);
                }
            }
        }
        let mut found = BTreeSet::new();
        visit(&self.path("upper"), &self.path("upper"), &mut found);
        found
    }
}

fn sandbox() -> Sandbox {
    Sandbox::new(Path::new(env!("CARGO_BIN_EXE_rplan")))
}

fn run(run: &PreparedRun) -> (Status, Vec<String>) {
    // A work directory serves one mount.
    fs::remove_dir_all(&run.root.work).and_then(|()| fs::create_dir(&run.root.work)).expect("an empty directory");
    let cancel = Cancel::new().expect("a switch");
    let mut lines = Vec::new();
    let mut collect = |line: &[u8]| lines.push(String::from_utf8_lossy(line).into_owned());
    let ended = sandbox().run(run, &mut Io { line: &mut collect, cancel: &cancel });
    (ended.status, lines)
}

#[test]
fn output_comes_line_by_line_in_order() {
    let Some(bench) = Bench::new() else { return };
    let (status, lines) = run(&bench.shell("echo one; echo two >&2; printf three"));
    assert_eq!((status, lines), (Status::Succeeded, vec!["one".into(), "two".into(), "three".into()]));
}

#[test]
fn exit_codes_and_signals_are_told_as_shells_do() {
    let Some(bench) = Bench::new() else { return };
    assert_eq!(run(&bench.shell("exit 3")).0, Status::Failed { code: 3 });
    assert_eq!(run(&bench.shell("kill -9 $$")).0, Status::Failed { code: 137 });
    assert_eq!(run(&bench.shell("nosuchcommand")).0, Status::Failed { code: 127 });
}

#[test]
fn a_command_that_is_not_there_could_not_start() {
    let Some(bench) = Bench::new() else { return };
    let mut step = bench.shell("");
    step.argv = vec!["nosuchcommand".into()];
    let (status, _) = run(&step);
    assert_eq!(
        status,
        Status::CouldNotStart { why: "nosuchcommand: not found in the image (PATH=/usr/bin:/bin)".into() }
    );
}

#[test]
fn system_calls_are_filtered_and_setuid_programs_still_work() {
    let Some(bench) = Bench::new() else { return };
    let (_, lines) = run(&bench.shell("grep -E '^(NoNewPrivs|Seccomp):' /proc/self/status; unshare -n true 2>&1"));
    let [privileges, filter, refused] = lines.as_slice() else { panic!("{lines:?}") };
    assert_eq!((privileges.as_str(), filter.as_str()), ("NoNewPrivs:\t0", "Seccomp:\t2"));
    assert!(refused.ends_with("Operation not permitted"), "{refused}");
}

#[test]
fn the_environment_is_the_steps_alone() {
    let Some(bench) = Bench::new() else { return };
    let mut step = bench.shell("env | sort");
    step.env.push(("GREETING".into(), "hello  world\n=".into()));
    let (_, lines) = run(&step);
    let own = ["=", "GREETING=hello  world", "HOME=/root", "PATH=/usr/bin:/bin", "PWD=/", "SHLVL=1"];
    assert_eq!(lines, own);
}

#[test]
fn a_named_user_gets_its_ids_groups_and_home_and_no_capability() {
    let Some(bench) = Bench::new() else { return };
    let mut step = bench.shell("id -u; id -g; id -G; echo $HOME; grep CapEff /proc/self/status");
    step.user = "web".into();
    let (status, lines) = run(&step);
    assert_eq!(status, Status::Succeeded);
    assert_eq!(lines, ["33", "34", "34 40", "/srv/web", "CapEff:\t0000000000000000"]);
    step.user = "nobody".into();
    assert_eq!(
        run(&step).0,
        Status::CouldNotStart { why: "USER: no user `nobody` in /etc/passwd of the image".into() }
    );
}

#[test]
fn root_gets_dockers_capabilities_and_may_gain_privileges() {
    let Some(bench) = Bench::new() else { return };
    let (_, lines) = run(&bench.shell("grep -E 'Cap|NoNewPrivs' /proc/self/status"));
    let dockers = "00000000a80425fb";
    let expected = [
        "CapInh:\t0000000000000000".to_owned(),
        format!("CapPrm:\t{dockers}"),
        format!("CapEff:\t{dockers}"),
        format!("CapBnd:\t{dockers}"),
        "CapAmb:\t0000000000000000".to_owned(),
        "NoNewPrivs:\t0".to_owned(),
    ];
    assert_eq!(lines, expected);
}

#[test]
fn nothing_stays_of_what_the_sandbox_put_there() {
    let Some(bench) = Bench::new() else { return };
    let before = fs::metadata(bench.path("lower/etc")).expect("etc").modified().expect("a time");
    let (status, _) = run(&bench.shell("test -s /etc/hosts && test -e /etc/resolv.conf && test -d /proc/1"));
    assert_eq!(status, Status::Succeeded);
    let changed = bench.changed();
    assert!(changed.is_subset(&BTreeSet::from(["etc".to_owned()])), "{changed:?}");
    if !changed.is_empty() {
        assert_eq!(fs::metadata(bench.path("upper/etc")).expect("etc").modified().expect("a time"), before);
    }
}

#[test]
fn changes_land_in_the_upper_directory() {
    let Some(bench) = Bench::new() else { return };
    let (status, _) = run(&bench.shell("echo hi > /tmp/new; rm /etc/group; mkdir -p /srv/a"));
    assert_eq!(status, Status::Succeeded);
    let changed: Vec<_> = bench.changed().into_iter().collect();
    assert_eq!(changed, ["etc", "etc/group", "srv", "srv/a", "tmp", "tmp/new"]);
    assert!(bench.path("lower/etc/group").exists());
}

#[test]
fn a_missing_working_directory_is_made_and_stays() {
    let Some(bench) = Bench::new() else { return };
    let mut step = bench.shell("pwd; stat -c '%a %u' .");
    step.cwd = "/srv/app".into();
    step.user = "web".into();
    assert_eq!(run(&step), (Status::Succeeded, vec!["/srv/app".into(), "755 0".into()]));
    assert!(bench.changed().contains("srv/app"));
}

#[test]
fn a_step_on_scratch_changes_its_own_root() {
    let Some(bench) = Bench::new() else { return };
    let mut step = bench.shell("rm /bin/vi; ls /");
    step.root.lowers = Vec::new();
    step.root.upper = bench.path("lower");
    let (status, lines) = run(&step);
    assert_eq!((status, lines.join(" ").as_str()), (Status::Succeeded, "bin dev etc proc sys tmp"));
    let mut left: Vec<_> =
        fs::read_dir(bench.path("lower")).expect("a list").map(|e| e.expect("entry").file_name()).collect();
    left.sort();
    assert_eq!(left, ["bin", "etc", "tmp"]);
    assert!(fs::symlink_metadata(bench.path("lower/bin/vi")).is_err());
}

#[test]
fn without_network_only_loopback_is_there() {
    let Some(bench) = Bench::new() else { return };
    let mut step = bench.shell("tail -n +3 /proc/net/dev | cut -d: -f1; ping -c1 -w2 127.0.0.1 >/dev/null && echo up");
    step.network = Network::None;
    let (_, lines) = run(&step);
    assert_eq!(lines.iter().map(|line| line.trim()).collect::<Vec<_>>(), ["lo", "up"]);
}

#[test]
fn the_step_has_a_host_name_and_process_ids_of_its_own() {
    let Some(bench) = Bench::new() else { return };
    let (_, lines) = run(&bench.shell("hostname; test $$ -lt 10 && echo own; readlink /proc/self/fd/0; tty"));
    assert_eq!(lines, ["buildkitsandbox", "own", "/dev/null", "not a tty"]);
}

#[test]
fn devices_work_and_those_it_makes_do_not_open() {
    let Some(bench) = Bench::new() else { return };
    let script = "echo x > /dev/null && head -c4 /dev/zero | wc -c && head -c4 /dev/urandom | wc -c \
                  && mknod /disk b 8 0 && mknod /dev/mem2 c 1 1 && (head -c1 /disk; head -c1 /dev/mem2) 2>&1 | grep -c denied";
    assert_eq!(run(&bench.shell(script)), (Status::Succeeded, vec!["4".into(), "4".into(), "2".into()]));
}

#[test]
fn devices_are_open_to_every_user() {
    let Some(bench) = Bench::new() else { return };
    let mut step =
        bench.shell("echo a > /dev/null && head -c 1 /dev/zero > /dev/full; stat -c '%a' /dev/null /dev/tty");
    step.user = "65534:65534".to_owned();
    assert_eq!(run(&step).1.iter().rev().take(2).map(String::as_str).collect::<Vec<_>>(), ["666", "666"]);
    step.argv[2] = "echo a > /dev/null".to_owned();
    assert_eq!(run(&step).0, Status::Succeeded);
}

#[test]
fn the_kernels_knobs_are_masked_or_read_only() {
    let Some(bench) = Bench::new() else { return };
    let script = "wc -c < /proc/keys; ls /sys/firmware | wc -l; (echo 0 > /proc/sys/vm/swappiness) 2>/dev/null || echo no; \
                  mkdir /sys/x 2>/dev/null || echo no; (echo x >> /etc/hosts) 2>/dev/null || echo no";
    assert_eq!(run(&bench.shell(script)).1, ["0", "0", "no", "no", "no"]);
}

#[test]
fn the_helper_program_cannot_be_written_from_inside() {
    let Some(bench) = Bench::new() else { return };
    let script = "for p in /proc/[0-9]*; do (: >> $p/exe) 2>/dev/null && readlink $p/exe; done; true";
    let (status, lines) = run(&bench.shell(script));
    // The shell's own program is in the step's own layers.
    assert_eq!(status, Status::Succeeded);
    assert!(lines.iter().all(|line| line.starts_with("/bin/busybox")), "{lines:?}");
}

#[test]
fn a_heredoc_script_is_an_executable_that_cannot_be_changed() {
    let Some(bench) = Bench::new() else { return };
    let mut step = bench.shell("/dev/pipes/EOF; (echo x >> /dev/pipes/EOF) 2>/dev/null || echo fixed; touch /dev/x");
    step.scripts = vec![Script { name: "EOF".into(), contents: "#!/bin/sh\necho from $0\n".into() }];
    assert_eq!(run(&step), (Status::Succeeded, vec!["from /dev/pipes/EOF".into(), "fixed".into()]));
    assert_eq!(bench.changed(), bench.changed().into_iter().filter(|path| !path.contains("dev")).collect());
}

#[test]
fn orphans_are_buried_and_nothing_outlives_the_step() {
    let Some(bench) = Bench::new() else { return };
    let script =
        "(sleep 0.01 & sleep 0.01 &); sleep 0.2; grep -l Z /proc/[0-9]*/stat | wc -l; (sleep 1000 &); echo done";
    let (status, lines) = run(&bench.shell(script));
    assert_eq!((status, lines), (Status::Succeeded, vec!["0".into(), "done".into()]));
}

#[test]
fn a_step_can_be_called_off() {
    let Some(bench) = Bench::new() else { return };
    let cancel = Cancel::new().expect("a switch");
    let mut line = |_: &[u8]| cancel.cancel();
    let step = bench.shell("echo running; sleep 1000");
    let ended = sandbox().run(&step, &mut Io { line: &mut line, cancel: &cancel });
    assert_eq!(ended.status, Status::Cancelled);
}

#[test]
fn a_step_that_takes_too_long_is_ended() {
    let Some(bench) = Bench::new() else { return };
    let mut step = bench.shell("trap '' TERM; echo running; while :; do sleep 1000; done");
    step.timeout = Some(Duration::from_millis(100));
    assert_eq!(run(&step).0, Status::TimedOut);
}
