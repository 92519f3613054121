//! Control groups: which of the two hierarchies there is, and what of it whoever builds may use.

use std::fs;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};

use super::Check;

const NAME: &str = "cgroups";
const MOUNTED_AT: &str = "/sys/fs/cgroup";
/// What a limit of a build would need.
const WANTED: [&str; 2] = ["memory", "cpu"];

/// Looks at the groups of this process.
pub(super) fn check() -> Check {
    let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let (version, usable) = match Path::new(MOUNTED_AT).join("cgroup.controllers").exists() {
        true => ("v2", usable_of_v2(&groups)),
        false => ("v1", usable_of_v1(&groups)),
    };
    if groups.is_empty() || !Path::new(MOUNTED_AT).exists() {
        return Check::lacks(NAME, "none are mounted", "mount cgroup2 at /sys/fs/cgroup");
    }
    match usable.is_empty() {
        false => Check::works(NAME, format!("{version}, with {} for whoever builds", usable.join(" and "))),
        true => Check::lacks(
            NAME,
            format!("{version}, with neither memory nor cpu for whoever builds"),
            "delegate them: systemd-run --user --scope -p Delegate=yes rplan …",
        ),
    }
}

fn usable_of_v2(groups: &str) -> Vec<&'static str> {
    let own = groups.lines().find_map(|line| line.strip_prefix("0::")).unwrap_or("/");
    let own = Path::new(MOUNTED_AT).join(own.trim_start_matches('/'));
    let controllers = fs::read_to_string(own.join("cgroup.controllers")).unwrap_or_default();
    let has = |name: &str| controllers.split_whitespace().any(|controller| controller == name);
    WANTED.into_iter().filter(|name| has(name) && is_writable(&own)).collect()
}

fn usable_of_v1(groups: &str) -> Vec<&'static str> {
    let own = |controller: &str| -> Option<PathBuf> {
        groups.lines().find_map(|line| {
            let mut fields = line.splitn(3, ':').skip(1);
            let has = fields.next()?.split(',').any(|name| name == controller);
            let path = fields.next()?.trim_start_matches('/');
            has.then(|| Path::new(MOUNTED_AT).join(controller).join(path))
        })
    };
    WANTED.into_iter().filter(|name| own(name).is_some_and(|path| is_writable(&path))).collect()
}

fn is_writable(directory: &Path) -> bool {
    access(directory, Access::WRITE_OK).is_ok()
}
