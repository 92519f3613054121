//! Debian's dockerd with everything in a temporary directory, gone when dropped.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

/// A running Docker daemon without networks of its own: containers use the host's.
pub struct Docker {
    process: Child,
    data: TempDir,
}

impl Docker {
    /// Starts one and waits until it answers.
    pub fn start() -> Self {
        // The path of a socket must be short.
        let data = tempfile::Builder::new().prefix("docker").tempdir_in("/tmp").unwrap();
        let place = |name: &str| data.path().join(name).display().to_string();
        let log = fs::File::create(data.path().join("log")).unwrap();
        let process = Command::new("dockerd")
            .args(["--iptables=false", "--ip6tables=false", "--bridge=none"])
            .args(["-H", &format!("unix://{}", place("socket")), "--data-root", &place("data")])
            .args(["--exec-root", &place("exec"), "-p", &place("pid")])
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .expect("install docker.io");
        let docker = Self { process, data };
        for _ in 0..300 {
            if docker.command(&["info"]).output().is_ok_and(|output| output.status.success()) {
                return docker;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("dockerd does not start: {}", fs::read_to_string(docker.data.path().join("log")).unwrap_or_default());
    }

    /// What `docker` with these arguments says.
    pub fn run(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().expect("install docker.io");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "docker {arguments:?}: {said}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("docker");
        command.args(["-H", &format!("unix://{}/socket", self.data.path().display())]).args(arguments);
        command
    }
}

impl Drop for Docker {
    fn drop(&mut self) {
        // It unmounts what it mounted when it is asked to go.
        let _ = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status();
        let _ = self.process.wait();
    }
}
