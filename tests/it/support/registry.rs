//! Debian's docker-registry on a free port of this machine, gone when dropped.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use super::authority::{Authority, Identity};

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
        Self::start_with("", &[])
    }

    /// Starts a registry that takes [`USER`] alone.
    pub fn start_with_login() -> Self {
        let passwords = format!("{}:{PASSWORD_HASH}\n", USER.0);
        Self::start_with("auth: {htpasswd: {realm: test, path: DATA/htpasswd}}\n", &[("htpasswd", passwords)])
    }

    /// Starts a registry that speaks TLS alone, to clients for whom `clients` vouches.
    pub fn start_encrypted(identity: &Identity, clients: &Authority) -> Self {
        let files = [("its.crt", identity.pem()), ("its.key", identity.key_pem()), ("clients.crt", clients.pem())];
        Self::start_with(
            "  tls: {certificate: DATA/its.crt, key: DATA/its.key, clientcas: [DATA/clients.crt]}\n",
            &files,
        )
    }

    /// Starts a registry with `more` at the end of its settings, where DATA is the directory with `files`.
    fn start_with(more: &str, files: &[(&str, String)]) -> Self {
        let data = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(data.path().join(name), text).unwrap();
        }
        // Between the release of the port and its use by the registry another process might take it; then try again.
        for _ in 0..5 {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let host = format!("127.0.0.1:{port}");
            let mut process = launch(data.path(), &host, more);
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

fn launch(data: &Path, host: &str, more: &str) -> Child {
    let config = data.join("config.yml");
    let more = more.replace("DATA", &data.display().to_string());
    let storage = data.join("storage");
    let settings = format!(
        "version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {}}}}}\nhttp:\n  addr: \"{host}\"\n{more}",
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
