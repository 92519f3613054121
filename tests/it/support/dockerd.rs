//! Debian's dockerd without a bridge, its state in a temporary directory, gone when dropped.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use super::mounted::unmount_below;

/// A running daemon.
pub struct Dockerd {
    process: Child,
    room: TempDir,
}

impl Dockerd {
    /// Starts a daemon and waits until it answers.
    pub fn start() -> Self {
        let room = tempfile::tempdir().unwrap();
        let path = |name: &str| room.path().join(name);
        let log = std::fs::File::create(path("log")).unwrap();
        let process = Command::new("dockerd")
            .args(["--iptables=false", "--ip6tables=false", "--bridge=none", "--host"])
            .arg(format!("unix://{}", path("socket").display()))
            .arg("--data-root")
            .arg(path("data"))
            .arg("--exec-root")
            .arg(path("exec"))
            .arg("--pidfile")
            .arg(path("pid"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("dockerd is installed (Debian package docker.io)");
        let mut daemon = Self { process, room };
        for _ in 0..600 {
            if daemon.docker(&["info"]).is_ok() {
                return daemon;
            }
            if daemon.process.try_wait().unwrap().is_some() {
                break;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let log = std::fs::read_to_string(daemon.room.path().join("log")).unwrap_or_default();
        panic!("dockerd does not start:\n{log}");
    }

    /// Runs the docker command against it: what it printed, or what it complained about.
    pub fn docker(&self, arguments: &[&str]) -> Result<String, String> {
        let output = Command::new("docker")
            .env("DOCKER_HOST", format!("unix://{}", self.socket().display()))
            .env("DOCKER_CONFIG", self.room.path().join("config"))
            .args(arguments)
            .output()
            .expect("docker is installed (Debian package docker.io)");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
    }

    /// Where it listens.
    pub fn socket(&self) -> PathBuf {
        self.room.path().join("socket")
    }
}

impl Drop for Dockerd {
    fn drop(&mut self) {
        // Asked kindly, it unmounts most of what it has mounted and ends its containerd.
        let _ = kill(Pid::from_raw(self.process.id() as i32), Signal::SIGTERM);
        let mut has_ended = false;
        for _ in 0..100 {
            has_ended = !matches!(self.process.try_wait(), Ok(None));
            if has_ended {
                break;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        if !has_ended {
            let _ = self.process.kill();
            let _ = self.process.wait();
        }
        self.end_containerd();
        unmount_below(self.room.path());
    }
}

impl Dockerd {
    /// Ends the containerd of a daemon that could not do it.
    fn end_containerd(&self) {
        let file = self.room.path().join("exec/containerd/containerd.pid");
        let pid = std::fs::read_to_string(file).ok().and_then(|text| text.trim().parse::<i32>().ok());
        let is_ours = |pid: &i32| {
            let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&line).contains(&self.room.path().display().to_string())
        };
        if let Some(pid) = pid.filter(is_ours) {
            let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
        }
    }
}
