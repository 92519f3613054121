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

/// Groups that are there as long as this lives.
#[derive(Debug)]
pub struct Group {
    directories: Vec<PathBuf>,
}

impl Group {
    /// Makes the group: below `parent`, which is made where it is missing, or else where this process is.
    pub fn new(limits: Limits, parent: Option<&str>) -> io::Result<Self> {
        let own = fs::read_to_string("/proc/self/cgroup")?;
        let mut group = Self { directories: Vec::new() };
        if Path::new(MOUNTED_AT).join("cgroup.controllers").exists() {
            group.limit_v2(limits, &own, parent)?;
        } else {
            group.limit_v1(limits, &own, parent)?;
        }
        Ok(group)
    }

    /// Takes in a process, and with it all that it starts from now on.
    pub(super) fn adopt(&self, process: u32) -> io::Result<()> {
        self.directories.iter().try_for_each(|group| fs::write(group.join("cgroup.procs"), process.to_string()))
    }

    fn limit_v1(&mut self, limits: Limits, own: &str, parent: Option<&str>) -> io::Result<()> {
        let place = |controller: &str| match parent {
            Some(parent) => below(&Path::new(MOUNTED_AT).join(controller), parent),
            None => own_of_v1(own, controller),
        };
        // What limits all that is below the parent is not known, so that the build is in it for every controller.
        for controller in JOINED.into_iter().filter(|_| parent.is_some()) {
            let is_limited =
                limits.memory.is_some() && controller == "memory" || limits.millicpus.is_some() && controller == "cpu";
            if !is_limited && Path::new(MOUNTED_AT).join(controller).is_dir() {
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

    fn limit_v2(&mut self, limits: Limits, own: &str, parent: Option<&str>) -> io::Result<()> {
        let mut wanted = Vec::new();
        wanted.extend(limits.memory.map(|_| "memory"));
        wanted.extend(limits.millicpus.map(|_| "cpu"));
        let above = match parent {
            Some(parent) => {
                let above = below(Path::new(MOUNTED_AT), parent)?;
                let asked = wanted.iter().map(|name| format!("+{name}")).collect::<Vec<_>>().join(" ");
                fs::write(above.join("cgroup.subtree_control"), asked)?;
                above
            }
            None => ancestor_of_v2(own, &wanted)?,
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
fn own_of_v1(own: &str, controller: &str) -> io::Result<PathBuf> {
    let path = own.lines().find_map(|line| {
        let mut fields = line.splitn(3, ':').skip(1);
        fields.next()?.split(',').any(|name| name == controller).then(|| fields.next()).flatten()
    });
    let missing = || io::Error::other(format!("this kernel counts no {controller}"));
    let group = Path::new(MOUNTED_AT).join(controller).join(path.ok_or_else(missing)?.trim_start_matches('/'));
    match group.is_dir() {
        true => Ok(group),
        // In a container the path is that of the machine, and what is mounted is the group itself.
        false => Ok(Path::new(MOUNTED_AT).join(controller)),
    }
}

/// The nearest group above this process's own that hands `wanted` on to its children.
fn ancestor_of_v2(own: &str, wanted: &[&str]) -> io::Result<PathBuf> {
    let path = own.lines().find_map(|line| line.strip_prefix("0::")).unwrap_or("/");
    let own = Path::new(MOUNTED_AT).join(path.trim_start_matches('/'));
    let hands_on = |group: &&Path| {
        let handed = || fs::read_to_string(group.join("cgroup.subtree_control")).unwrap_or_default();
        let has_all = || wanted.iter().all(|name| handed().split_whitespace().any(|handed| handed == *name));
        let asked = wanted.iter().map(|name| format!("+{name}")).collect::<Vec<_>>().join(" ");
        has_all() || (fs::write(group.join("cgroup.subtree_control"), asked).is_ok() && has_all())
    };
    let may_make = |group: &&Path| rustix::fs::access(*group, rustix::fs::Access::WRITE_OK).is_ok();
    let found = own
        .ancestors()
        .take_while(|group| group.starts_with(MOUNTED_AT))
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

    #[test]
    fn the_group_of_a_controller_is_found_by_its_name() {
        let own = "3:cpu,cpuacct:/a\n2:memory:/b/c\n0::/\n";
        // Not a directory here, so what is mounted itself.
        assert_eq!(own_of_v1(own, "memory").ok().as_deref(), Some(Path::new("/sys/fs/cgroup/memory")));
        assert!(own_of_v1(own, "pids").is_err());
    }
}
