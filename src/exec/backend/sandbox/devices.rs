//! What a step sees of the kernel: `/proc`, `/dev`, `/sys`, and the files rplan lays over its own.
//!
//! Runs inside the new root, in namespaces of its own, so every path here is the step's. Masks what Docker masks.

use std::ffi::CString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt, fchown, symlink};
use std::path::Path;

use rustix::fs::{CWD, FileType, Mode, OFlags, makedev, mknodat};
use rustix::io::Errno;
use rustix::mount::{MountFlags, mount, mount_bind};

use super::super::SCRIPTS_DIR;
use super::borrowed::Borrowed;
use super::job::{During, Failure, Job};
use super::stubs::Kind;
use crate::exec::overlay::restrict;

/// Everything that is mounted over, and what it must be.
pub(super) const MOUNT_POINTS: [(&str, Kind); 5] = [
    ("/proc", Kind::Directory),
    ("/dev", Kind::Directory),
    ("/sys", Kind::Directory),
    ("/etc/hosts", Kind::File),
    ("/etc/resolv.conf", Kind::File),
];

/// Character devices that everybody may use, with their numbers.
pub(super) const NODES: [(&str, u32, u32); 6] =
    [("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9), ("tty", 5, 0)];

const LINKS: [(&str, &str); 6] = [
    ("/proc/self/fd", "fd"),
    ("/proc/self/fd/0", "stdin"),
    ("/proc/self/fd/1", "stdout"),
    ("/proc/self/fd/2", "stderr"),
    ("/proc/kcore", "core"),
    ("pts/ptmx", "ptmx"),
];

const MASKED: [&str; 12] = [
    "/proc/acpi",
    "/proc/asound",
    "/proc/interrupts",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/sys/devices/virtual/powercap",
    "/sys/firmware",
];

const READ_ONLY: [&str; 5] = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

/// Bytes of `/dev/shm` where nothing else is said: what Docker gives.
const SHARED_MEMORY: u64 = 64 << 20;

const STRICT: MountFlags = MountFlags::NOSUID.union(MountFlags::NODEV).union(MountFlags::NOEXEC);

/// Mounts `/proc` and `/sys`.
pub(super) fn mount_proc_and_sys(job: &Job, borrowed: &Borrowed) -> Result<(), Failure> {
    mount("proc", "/proc", "proc", STRICT, None).during("mount /proc")?;
    let read_only = if job.run.is_insecure { MountFlags::empty() } else { MountFlags::RDONLY };
    let own_sys = || Ok(mount("sysfs", "/sys", "sysfs", STRICT | read_only, None)?);
    borrowed.put_sys().unwrap_or_else(own_sys).during("mount /sys")
}

/// Mounts and masks all the rest.
pub(super) fn mount_kernel_views(job: &Job, borrowed: &Borrowed) -> Result<(), Failure> {
    mount_cgroup();
    mount_dev(job, borrowed).during("set up /dev")?;
    lay_over("/etc/hosts", &job.hosts).during("set up /etc/hosts")?;
    lay_over("/etc/resolv.conf", &job.resolv_conf).during("set up /etc/resolv.conf")?;
    if !job.run.scripts.is_empty() {
        write_scripts(job).during(&format!("set up {SCRIPTS_DIR}"))?;
    }
    if job.run.is_insecure {
        return Ok(());
    }
    for path in MASKED {
        mask(path).during(&format!("mask {path}"))?;
    }
    for path in READ_ONLY {
        make_read_only(path, MountFlags::empty()).during(&format!("make {path} read-only"))?;
    }
    Ok(())
}

/// The step's own group, where the host has one hierarchy for all controllers; the older split form is left out.
fn mount_cgroup() {
    let _ = mount("cgroup", "/sys/fs/cgroup", "cgroup2", STRICT | MountFlags::RDONLY, None);
}

/// `/dev` itself cannot hold working devices (a step may call mknod); the few it offers come from a hidden mount.
fn mount_dev(job: &Job, borrowed: &Borrowed) -> io::Result<()> {
    let hidden = match borrowed.has_nodes() {
        true => None,
        false => Some(hidden_nodes()?),
    };
    // What may do everything may make devices there too.
    let no_devices = if job.run.is_insecure { MountFlags::empty() } else { MountFlags::NODEV };
    mount("tmpfs", "/dev", "tmpfs", MountFlags::NOSUID | no_devices, c"mode=755,size=65536k")?;
    for (number, (name, ..)) in NODES.into_iter().enumerate() {
        let path = format!("/dev/{name}");
        File::create(&path)?;
        match &hidden {
            Some(hidden) => mount_bind(format!("/proc/self/fd/{}/{name}", hidden.as_raw_fd()), &path)?,
            None => borrowed.put_node(number, &path)?,
        }
    }
    for (target, name) in LINKS {
        symlink(target, Path::new("/dev").join(name))?;
    }
    for directory in ["/dev/pts", "/dev/shm", "/dev/mqueue"] {
        fs::create_dir(directory)?;
    }
    mount_terminals()?;
    let size = job.run.allowance.shm_size.unwrap_or(SHARED_MEMORY);
    let options = CString::new(format!("mode=1777,size={size}")).map_err(io::Error::other)?;
    mount("shm", "/dev/shm", "tmpfs", STRICT, options.as_c_str())?;
    match mount("mqueue", "/dev/mqueue", "mqueue", STRICT, None) {
        // A kernel without message queues.
        Err(Errno::NODEV) => Ok(()),
        done => Ok(done?),
    }
}

fn mount_terminals() -> io::Result<()> {
    let strict = MountFlags::NOSUID | MountFlags::NOEXEC;
    let terminals = |options: &std::ffi::CStr| mount("devpts", "/dev/pts", "devpts", strict, options);
    match terminals(c"newinstance,ptmxmode=0666,mode=0620,gid=5") {
        // A namespace without the group that terminals belong to.
        Err(Errno::INVAL) => Ok(terminals(c"newinstance,ptmxmode=0666,mode=0620")?),
        done => Ok(done?),
    }
}

/// Device nodes on a mount of their own, which is about to be covered.
fn hidden_nodes() -> io::Result<OwnedFd> {
    let strict = MountFlags::NOSUID | MountFlags::NOEXEC;
    mount("tmpfs", "/dev", "tmpfs", strict, c"mode=755,size=1m")?;
    for (name, major, minor) in NODES {
        let path = Path::new("/dev").join(name);
        mknodat(CWD, &path, FileType::CharacterDevice, Mode::from_raw_mode(0o666), makedev(major, minor))?;
        // Whatever umask rplan was started with has taken bits away.
        fs::set_permissions(&path, fs::Permissions::from_mode(0o666))?;
    }
    Ok(rustix::fs::open("/dev", OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?)
}

/// Shows `contents` at `path`, read-only.
fn lay_over(path: &str, contents: &str) -> io::Result<()> {
    lay_over_with(path, contents.as_bytes(), 0o644, (0, 0), MountFlags::RDONLY)
}

/// Shows `contents` at `path` as a file in memory with this mode and owner.
pub(super) fn lay_over_with(
    path: &str,
    contents: &[u8],
    mode: u32,
    (uid, gid): (u32, u32),
    flags: MountFlags,
) -> io::Result<()> {
    let source = "/dev/.rplan";
    let mut file = File::options().write(true).create_new(true).mode(0o600).open(source)?;
    file.write_all(contents)?;
    fchown(&file, Some(uid), Some(gid))?;
    file.set_permissions(fs::Permissions::from_mode(mode))?;
    drop(file);
    mount_bind(source, path)?;
    fs::remove_file(source)?;
    restrict(Path::new(path), STRICT | flags)
}

fn write_scripts(job: &Job) -> io::Result<()> {
    fs::create_dir(SCRIPTS_DIR)?;
    for script in &job.run.scripts {
        let path = Path::new(SCRIPTS_DIR).join(&script.name);
        let mut file = File::options().write(true).create_new(true).mode(0o755).open(path)?;
        file.write_all(script.contents.as_bytes())?;
    }
    mount_bind(SCRIPTS_DIR, SCRIPTS_DIR)?;
    restrict(Path::new(SCRIPTS_DIR), MountFlags::RDONLY | MountFlags::NOSUID | MountFlags::NODEV)
}

/// Hides `path`, where this kernel has it.
fn mask(path: &str) -> io::Result<()> {
    let Ok(metadata) = fs::symlink_metadata(path) else { return Ok(()) };
    if metadata.is_dir() {
        return Ok(mount("tmpfs", path, "tmpfs", STRICT | MountFlags::RDONLY, c"size=0")?);
    }
    Ok(mount_bind("/dev/null", path)?)
}

fn make_read_only(path: &str, more: MountFlags) -> io::Result<()> {
    match mount_bind(path, path) {
        Err(Errno::NOENT) => Ok(()),
        done => {
            done?;
            restrict(Path::new(path), MountFlags::RDONLY | STRICT | more)
        }
    }
}
