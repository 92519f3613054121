//! Debian's docker-registry on a free port of this machine, gone when dropped.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

/// The user of a registry that wants a login, and the password.
pub const USER: (&str, &str) = ("me", "secret");
const PASSWORD_HASH: &str = "$2b$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a";

/// A running registry with its data in a temporary directory.
pub struct DockerRegistry {
    process: Child,
    host: String,
    _data: TempDir,
}

impl DockerRegistry {
    /// Starts a registry that takes anybody.
    pub fn start() -> Self {
        Self::start_with("")
    }

    /// Starts a registry that takes [`USER`] alone.
    pub fn start_with_login() -> Self {
        Self::start_with("auth: {htpasswd: {realm: test, path: HTPASSWD}}\n")
    }

    fn start_with(auth: &str) -> Self {
        let data = tempfile::tempdir().unwrap();
        // Between the release of the port and its use by the registry another process might take it; then try again.
        for _ in 0..5 {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let host = format!("127.0.0.1:{port}");
            let mut process = launch(data.path(), &host, auth);
            if answers(&host, &mut process) {
                return Self { process, host, _data: data };
            }
        }
        panic!("docker-registry does not start");
    }

    /// Its host and port.
    pub fn host(&self) -> &str {
        &self.host
    }
}

impl Drop for DockerRegistry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn launch(data: &Path, host: &str, auth: &str) -> Child {
    let (config, passwords) = (data.join("config.yml"), data.join("htpasswd"));
    std::fs::write(&passwords, format!("{}:{PASSWORD_HASH}\n", USER.0)).unwrap();
    let auth = auth.replace("HTPASSWD", &passwords.display().to_string());
    let storage = data.join("storage");
    let settings = format!(
        "version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {}}}}}\nhttp: {{addr: \"{host}\"}}\n{auth}",
        storage.display(),
    );
    std::fs::write(&config, settings).unwrap();
    let mut command = Command::new("docker-registry");
    command.arg("serve").arg(&config).env_clear().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("docker-registry is installed (Debian package of that name)")
}

/// Waits until the registry takes connections; false when it ended instead.
fn answers(host: &str, process: &mut Child) -> bool {
    for _ in 0..500 {
        if TcpStream::connect(host).is_ok() {
            return process.try_wait().unwrap().is_none();
        }
        if process.try_wait().unwrap().is_some() {
            return false;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}
