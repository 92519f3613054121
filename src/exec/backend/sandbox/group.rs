//! A control group for all steps of a build together: how much memory and processor time they have.
//!
//! Both hierarchies are understood: one group below this process's own for each controller (v1), or one beside it in
//! the nearest ancestor that hands the controllers on (v2).

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

const MOUNTED_AT: &str = "/sys/fs/cgroup";
/// Microseconds over which processor time is counted.
const PERIOD: u64 = 100_000;

/// What the steps of a build have together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// Bytes of memory.
    pub memory: Option<u64>,
    /// Thousandths of a processor.
    pub millicpus: Option<u64>,
}

impl Limits {
    fn quota(&self) -> Option<u64> {
        self.millicpus.map(|millicpus| (millicpus * PERIOD / 1000).max(1000))
    }
}

/// Where groups are made.
#[derive(Debug, Clone, Copy)]
struct Hierarchy<'a> {
    mounted_at: &'a Path,
    /// The groups of this process, as the kernel tells them.
    own: &'a str,
    /// What the group is to be below.
    parent: Option<&'a str>,
}

/// Groups that are there as long as this lives.
#[derive(Debug)]
pub struct Group {
    directories: Vec<PathBuf>,
}

impl Group {
    /// Makes the group: below `parent`, which is made where it is missing, or else where this process is.
    pub fn new(limits: Limits, parent: Option<&str>) -> io::Result<Self> {
        let own = fs::read_to_string("/proc/self/cgroup")?;
        Self::within(Hierarchy { mounted_at: Path::new(MOUNTED_AT), own: &own, parent }, limits)
    }

    fn within(at: Hierarchy<'_>, limits: Limits) -> io::Result<Self> {
        let mut group = Self { directories: Vec::new() };
        if at.mounted_at.join("cgroup.controllers").exists() {
            group.limit_v2(limits, at)?;
        } else {
            group.limit_v1(limits, at)?;
        }
        Ok(group)
    }

    /// Takes in a process, and with it all that it starts from now on.
    pub(super) fn adopt(&self, process: u32) -> io::Result<()> {
        self.directories.iter().try_for_each(|group| fs::write(group.join("cgroup.procs"), process.to_string()))
    }

    fn limit_v1(&mut self, limits: Limits, at: Hierarchy<'_>) -> io::Result<()> {
        let place = |controller: &str| match at.parent {
            Some(parent) => below(&at.mounted_at.join(controller), parent),
            None => own_of_v1(at, controller),
        };
        // What limits all that is below the parent is not known, so that the build is in it for every controller.
        for controller in JOINED.into_iter().filter(|_| at.parent.is_some()) {
            let is_limited =
                limits.memory.is_some() && controller == "memory" || limits.millicpus.is_some() && controller == "cpu";
            if !is_limited && at.mounted_at.join(controller).is_dir() {
                self.make(&place(controller)?)?;
            }
        }
        if let Some(memory) = limits.memory {
            let group = self.make(&place("memory")?)?;
            fs::write(group.join("memory.limit_in_bytes"), memory.to_string())?;
            // Where swap is counted at all: what is limited does not go there instead.
            let _ = fs::write(group.join("memory.memsw.limit_in_bytes"), memory.to_string());
        }
        if let Some(quota) = limits.quota() {
            let group = self.make(&place("cpu")?)?;
            fs::write(group.join("cpu.cfs_period_us"), PERIOD.to_string())?;
            fs::write(group.join("cpu.cfs_quota_us"), quota.to_string())?;
        }
        Ok(())
    }

    fn limit_v2(&mut self, limits: Limits, at: Hierarchy<'_>) -> io::Result<()> {
        let mut wanted = Vec::new();
        wanted.extend(limits.memory.map(|_| "memory"));
        wanted.extend(limits.millicpus.map(|_| "cpu"));
        let above = match at.parent {
            Some(parent) => {
                let above = below(at.mounted_at, parent)?;
                let asked = wanted.iter().map(|name| format!("+{name}")).collect::<Vec<_>>().join(" ");
                fs::write(above.join("cgroup.subtree_control"), asked)?;
                above
            }
            None => ancestor_of_v2(at, &wanted)?,
        };
        let group = self.make(&above)?;
        if let Some(memory) = limits.memory {
            fs::write(group.join("memory.max"), memory.to_string())?;
            let _ = fs::write(group.join("memory.swap.max"), "0");
        }
        if let Some(quota) = limits.quota() {
            fs::write(group.join("cpu.max"), format!("{quota} {PERIOD}"))?;
        }
        Ok(())
    }

    fn make(&mut self, parent: &Path) -> io::Result<PathBuf> {
        remove_abandoned(parent);
        let group = parent.join(format!("{PREFIX}{}", std::process::id()));
        fs::create_dir(&group)?;
        self.directories.push(group.clone());
        Ok(group)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        for group in &self.directories {
            // Its processes have ended; a group that will not go is taken away by the next build.
            let _ = fs::remove_dir(group);
        }
    }
}

/// The controllers of the older form whose groups under a parent a build joins; the others count the same processes.
const JOINED: [&str; 4] = ["memory", "cpu", "pids", "blkio"];

/// The group `parent` of the hierarchy at `root`, made if it is missing.
fn below(root: &Path, parent: &str) -> io::Result<PathBuf> {
    let parent = Path::new(parent.trim_start_matches('/'));
    if parent.components().any(|part| !matches!(part, Component::Normal(_))) {
        return Err(io::Error::other("a parent is a path of names"));
    }
    let group = root.join(parent);
    fs::create_dir_all(&group)?;
    Ok(group)
}

/// How groups of builds are called, before the id of the process.
const PREFIX: &str = "rplan-";

/// Removes what builds left that were killed.
fn remove_abandoned(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let Some(process) = name.to_str().and_then(|name| name.strip_prefix(PREFIX)) else { continue };
        if process.parse::<u32>().is_ok() && !Path::new("/proc").join(process).exists() {
            let _ = fs::remove_dir(entry.path());
        }
    }
}

/// The group of this process for a controller: lines of `number:controllers:path`.
fn own_of_v1(Hierarchy { mounted_at, own, .. }: Hierarchy<'_>, controller: &str) -> io::Result<PathBuf> {
    let path = own.lines().find_map(|line| {
        let mut fields = line.splitn(3, ':').skip(1);
        fields.next()?.split(',').any(|name| name == controller).then(|| fields.next()).flatten()
    });
    let missing = || io::Error::other(format!("this kernel counts no {controller}"));
    let group = mounted_at.join(controller).join(path.ok_or_else(missing)?.trim_start_matches('/'));
    match group.is_dir() {
        true => Ok(group),
        // In a container the path is that of the machine, and what is mounted is the group itself.
        false => Ok(mounted_at.join(controller)),
    }
}

/// The nearest group above this process's own that hands `wanted` on to its children.
fn ancestor_of_v2(Hierarchy { mounted_at, own, .. }: Hierarchy<'_>, wanted: &[&str]) -> io::Result<PathBuf> {
    let path = own.lines().find_map(|line| line.strip_prefix("0::")).unwrap_or("/");
    let own = mounted_at.join(path.trim_start_matches('/'));
    let hands_on = |group: &&Path| {
        let handed = || fs::read_to_string(group.join("cgroup.subtree_control")).unwrap_or_default();
        let has_all = || wanted.iter().all(|name| handed().split_whitespace().any(|handed| handed == *name));
        let asked = wanted.iter().map(|name| format!("+{name}")).collect::<Vec<_>>().join(" ");
        has_all() || (fs::write(group.join("cgroup.subtree_control"), asked).is_ok() && has_all())
    };
    let may_make = |group: &&Path| rustix::fs::access(*group, rustix::fs::Access::WRITE_OK).is_ok();
    let found = own
        .ancestors()
        .take_while(|group| group.starts_with(mounted_at))
        .filter(may_make)
        .find(hands_on)
        .map(Path::to_owned);
    found.ok_or_else(|| io::Error::other(format!("no control group of this user hands {} on", wanted.join(" and "))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_a_share_of_the_period() {
        let quota = |millicpus| Limits { memory: None, millicpus: Some(millicpus) }.quota();
        assert_eq!((quota(1500), quota(1)), (Some(150_000), Some(1000)));
        assert_eq!(Limits::default().quota(), None);
    }

    #[test]
    fn a_parent_stays_below_the_hierarchy() {
        let root = tempfile::tempdir().expect("a directory");
        let made = below(root.path(), "/ci/builds").expect("a group");
        assert!(made.is_dir() && made.ends_with("ci/builds"));
        assert!(below(root.path(), "ci/../../out").is_err());
    }

    /// A hierarchy that is nothing but files.
    fn hierarchy(groups: &[&str], files: &[(&str, &str)]) -> tempfile::TempDir {
        let mounted = tempfile::tempdir().expect("a directory");
        groups.iter().for_each(|group| fs::create_dir_all(mounted.path().join(group)).expect("a group"));
        files.iter().for_each(|(file, text)| fs::write(mounted.path().join(file), text).expect("a file"));
        mounted
    }

    fn at<'a>(mounted: &'a tempfile::TempDir, own: &'a str) -> Hierarchy<'a> {
        Hierarchy { mounted_at: mounted.path(), own, parent: None }
    }

    const LIMITS: Limits = Limits { memory: Some(1 << 30), millicpus: Some(2500) };

    fn of_this_process(group: &str) -> String {
        format!("{group}/{PREFIX}{}", std::process::id())
    }

    #[test]
    fn in_v2_the_group_is_made_where_the_controllers_are_handed_on() {
        let mounted = hierarchy(
            &["user.slice/session/app"],
            &[
                ("cgroup.controllers", "cpu io memory"),
                ("cgroup.subtree_control", "cpu memory"),
                ("user.slice/cgroup.subtree_control", "memory pids cpu"),
                ("user.slice/session/cgroup.subtree_control", "memory"),
            ],
        );
        let own = "1:name=systemd:/other\n0::/user.slice/session/app\n";
        let group = Group::within(at(&mounted, own), LIMITS).expect("a group");
        group.adopt(42).expect("adopted");
        let read = |file: &str| {
            let group = of_this_process("user.slice");
            fs::read_to_string(mounted.path().join(group).join(file)).unwrap_or_else(|error| format!("{file}: {error}"))
        };
        let files = ["memory.max", "memory.swap.max", "cpu.max", "cgroup.procs"].map(read);
        assert_eq!(files, ["1073741824", "0", "250000 100000", "42"]);
    }

    #[test]
    fn in_v2_a_limit_that_nobody_hands_on_is_an_error_and_leaves_no_group() {
        let files = [("cgroup.controllers", "memory"), ("cgroup.subtree_control", "memory")];
        let mounted = hierarchy(&["own"], &files);
        let error = Group::within(at(&mounted, "0::/own\n"), LIMITS).expect_err("there is no cpu");
        assert_eq!(error.to_string(), "no control group of this user hands memory and cpu on");
        assert!(!mounted.path().join(of_this_process(".")).exists());
        // A file takes in what a kernel refuses, so the attempt has spoilt this hierarchy.
        let mounted = hierarchy(&["own"], &files);
        let only_memory = Limits { millicpus: None, ..LIMITS };
        let group = Group::within(at(&mounted, "0::/own\n"), only_memory).expect("a group");
        assert_eq!(group.directories, [mounted.path().join(of_this_process(".")).components().collect::<PathBuf>()]);
    }

    #[test]
    fn in_v2_a_named_parent_is_made_and_asked_to_hand_on() {
        let mounted = hierarchy(&[], &[("cgroup.controllers", "cpu memory")]);
        let named = Hierarchy { parent: Some("/ci/builds"), ..at(&mounted, "0::/own\n") };
        let group = Group::within(named, LIMITS).expect("a group");
        assert_eq!(group.directories, [mounted.path().join(of_this_process("ci/builds"))]);
        let asked = fs::read_to_string(mounted.path().join("ci/builds/cgroup.subtree_control"));
        assert_eq!(asked.expect("asked"), "+memory +cpu");
    }

    #[test]
    fn in_v1_each_controller_has_its_own_group() {
        let mounted = hierarchy(&["memory/a", "cpu"], &[]);
        // The second is that of a container: what is mounted is the group itself.
        let own = "3:cpu,cpuacct:/docker/x\n2:memory:/a\n0::/\n";
        let group = Group::within(at(&mounted, own), LIMITS).expect("a group");
        group.adopt(42).expect("adopted");
        let read = |file: &str| fs::read_to_string(mounted.path().join(file)).expect(file);
        let (memory, cpu) = (of_this_process("memory/a"), of_this_process("cpu"));
        assert_eq!(read(&format!("{memory}/memory.limit_in_bytes")), "1073741824");
        assert_eq!(read(&format!("{cpu}/cpu.cfs_quota_us")), "250000");
        assert_eq!([memory, cpu].map(|group| read(&format!("{group}/cgroup.procs"))), ["42", "42"]);
        let without = Group::within(at(&mounted, "2:pids:/\n"), LIMITS).expect_err("there is no memory");
        assert_eq!(without.to_string(), "this kernel counts no memory");
    }

    #[test]
    fn groups_of_builds_that_are_gone_are_removed_and_others_stay() {
        let mounted = hierarchy(
            &["own/rplan-4000000000", "own/rplan-1", "own/rplan-x"],
            &[("cgroup.controllers", ""), ("own/cgroup.subtree_control", "memory cpu")],
        );
        let group = Group::within(at(&mounted, "0::/own\n"), LIMITS).expect("a group");
        let stays = |name: &str| mounted.path().join("own").join(name).exists();
        assert_eq!(["rplan-4000000000", "rplan-1", "rplan-x"].map(stays), [false, true, true]);
        drop(group);
    }
}
