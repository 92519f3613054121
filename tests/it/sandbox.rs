//! What a RUN sees, what it leaves behind, and how it ends.

use std::collections::BTreeSet;
use std::fs;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rplan::exec::backend::allowance::Resource;
use rplan::exec::backend::sandbox::{Group, Limits, Sandbox, landlock_abi};
use rplan::exec::backend::{
    Allowance, Backend, Cancel, Io, Mount, Network, PreparedRun, Root, Script, Shows, Status, Ulimit,
};

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
        let root = Root {
            lowers: vec![self.path("lower")],
            floor: None,
            upper: self.path("upper"),
            work: self.path("work"),
            mount_at: self.path("root"),
        };
        let argv = ["/bin/sh", "-c", script].map(str::to_owned).to_vec();
        PreparedRun { env: vec![("PATH".into(), "/usr/bin:/bin".into())], ..PreparedRun::new(root, argv) }
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
fn every_way_to_name_a_user_gives_the_ids_and_groups_that_docker_gives() {
    let Some(bench) = Bench::new() else { return };
    let cases = [
        ("", "0 0 | 0 10"),
        ("root", "0 0 | 0 10"),
        ("0", "0 0 | 0 10"),
        ("root:root", "0 0 | 0"),
        ("0:0", "0 0 | 0"),
        ("root:wheel", "0 10 | 10"),
        ("0:10", "0 10 | 10"),
        ("web", "33 34 | 34 40"),
        ("33", "33 34 | 34 40"),
        ("web:web", "33 34 | 34"),
        ("web:34", "33 34 | 34"),
        ("33:34", "33 34 | 34"),
        ("33:web", "33 34 | 34"),
        ("web:log", "33 40 | 40"),
        ("33:log", "33 40 | 40"),
        ("web:0", "33 0 | 0"),
        ("web:77", "33 77 | 77"),
        ("99", "99 0 | 0"),
        ("99:7", "99 7 | 7"),
        ("99:log", "99 40 | 40"),
    ];
    for (user, expected) in cases {
        let mut step = bench.shell("echo $(id -u) $(id -g) '|' $(id -G)");
        step.user = user.into();
        assert_eq!(run(&step), (Status::Succeeded, vec![expected.to_owned()]), "USER {user}");
    }
    for user in ["nobody", "web:nogroup", "99:nogroup", "nobody:web"] {
        let mut step = bench.shell("id");
        step.user = user.into();
        assert!(matches!(run(&step).0, Status::CouldNotStart { why } if why.starts_with("USER: no ")), "USER {user}");
    }
}

#[test]
fn no_descriptor_of_rplan_reaches_the_step() {
    let Some(bench) = Bench::new() else { return };
    // One that is open for whatever rplan starts, as CVE-2024-21626 had it: `cd /proc/self/fd/N` led out of the root.
    let leak = fs::File::open("/").expect("the root");
    rustix::io::fcntl_setfd(&leak, rustix::io::FdFlags::empty()).expect("it stays open in programs");
    let (status, lines) =
        run(&bench.shell("cd /proc/self/fd && echo *; for fd in *; do ls -d $fd/etc/hostname; done 2>/dev/null"));
    // The last one is that of the shell that lists them.
    assert!(
        lines.first().is_some_and(|fds| fds.starts_with("0 1 2") && fds.split(' ').count() <= 4),
        "{status:?} {lines:?}"
    );
    assert_eq!(lines.len(), 1, "{lines:?}");
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
fn hosts_limits_and_shared_memory_are_as_allowed() {
    let Some(bench) = Bench::new() else { return };
    let mut step = bench.shell("grep -w db /etc/hosts; ulimit -Sn; ulimit -Hn; ulimit -c; df -k /dev/shm | tail -1");
    step.allowance = Allowance {
        hosts: vec![("db".into(), "10.0.0.7".into())],
        ulimits: vec![
            Ulimit { resource: Resource::Nofile, soft: Some(100), hard: Some(200) },
            Ulimit { resource: Resource::Core, soft: Some(0), hard: Some(0) },
        ],
        shm_size: Some(1 << 20),
    };
    let (status, lines) = run(&step);
    assert_eq!((status, &lines[..4]), (Status::Succeeded, &["10.0.0.7\tdb", "100", "200", "0"].map(str::to_owned)[..]));
    assert!(lines[4].split_whitespace().any(|field| field == "1024"), "{lines:?}");
}

#[test]
fn an_insecure_step_keeps_every_capability_and_sees_the_kernel_as_it_is() {
    let Some(bench) = Bench::new() else { return };
    let mut step = bench.shell(
        "grep -E '^(CapEff|Seccomp):' /proc/self/status; mount -t tmpfs none /tmp && echo mounted; \
         grep -q CPU /proc/interrupts && echo seen; mknod /dev/zero2 c 1 5 && head -c 1 /dev/zero2 | wc -c",
    );
    step.is_insecure = true;
    let (status, lines) = run(&step);
    let own = fs::read_to_string("/proc/self/status").expect("a status");
    let own = own.lines().find(|line| line.starts_with("CapEff")).expect("capabilities").to_owned();
    assert_eq!(
        (status, lines),
        (Status::Succeeded, [&own, "Seccomp:\t0", "mounted", "seen", "1"].map(str::to_owned).to_vec())
    );
}

#[test]
fn steps_that_take_more_memory_than_there_is_for_the_build_are_ended() {
    let Some(bench) = Bench::new() else { return };
    let group = match Group::new(Limits { memory: Some(64 << 20), millicpus: Some(1500) }, None) {
        Ok(group) => group,
        Err(error) => {
            eprintln!("nothing to see: {error}");
            return;
        }
    };
    let sandbox = sandbox().within(group);
    let cancel = Cancel::new().expect("a switch");
    let run = |script: &str| {
        let step = bench.shell(script);
        fs::remove_dir_all(&step.root.work).and_then(|()| fs::create_dir(&step.root.work)).expect("an empty directory");
        sandbox.run(&step, &mut Io { line: &mut |_| {}, cancel: &cancel }).status
    };
    // One long line, which `tail` keeps in memory.
    assert_eq!(run("head -c 1000000 /dev/zero | tail -n 1 > /dev/null"), Status::Succeeded);
    assert_eq!(run("head -c 200000000 /dev/zero | tail -n 1 > /dev/null"), Status::Failed { code: 137 });
}

#[test]
fn abstract_sockets_of_the_machine_are_out_of_reach_where_the_kernel_can() {
    let Some(bench) = Bench::new() else { return };
    if landlock_abi().is_none_or(|version| version < 6) {
        eprintln!("nothing to see: this kernel cannot scope abstract sockets");
        return;
    }
    let name = format!("rplan-test-{}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).expect("a name");
    let _listener = UnixListener::bind_addr(&address).expect("a socket");
    let mut step = bench.shell("");
    // busybox cannot speak to one; the socket of a step of its own stays reachable, so it is not all refused.
    step.mounts = ["/usr", "/lib", "/lib64"]
        .into_iter()
        .filter(|path| Path::new(path).exists())
        .map(|path| Mount {
            target: path.to_owned(),
            shows: Shows::Tree { root: path.into(), path: PathBuf::new() },
            is_read_only: true,
        })
        .collect();
    let script = format!(
        "import socket\nown = socket.socket(socket.AF_UNIX); own.bind('\\0own'); own.listen()\n\
         socket.socket(socket.AF_UNIX).connect('\\0own')\n\
         try:\n  socket.socket(socket.AF_UNIX).connect('\\0{name}'); print('reached')\n\
         except PermissionError: print('refused')"
    );
    step.argv = vec!["/usr/bin/python3".into(), "-c".into(), script];
    assert_eq!(run(&step), (Status::Succeeded, vec!["refused".into()]));
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
