//! Programs and engines beside rplan: none is needed to build, each makes something possible.

use std::env;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use super::Check;

/// Looks for all of them.
pub(super) fn checks() -> Vec<Check> {
    vec![
        program("git", "the history of changes and --since are left out", "apt-get install git"),
        program("shellcheck", "its rules are left out of lint", "apt-get install shellcheck"),
        engine("docker", &["/run/docker.sock", "/var/run/docker.sock"]),
        engine("podman", &["/run/podman/podman.sock"]),
    ]
}

/// The program called `name`, as a shell would find it.
pub(super) fn find(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let is_program = |path: &PathBuf| {
        path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
    };
    env::split_paths(&path).map(|directory| directory.join(name)).find(is_program)
}

fn program(name: &'static str, without: &str, mend: &str) -> Check {
    match find(name) {
        Some(path) => Check::works(name, path.display().to_string()),
        None => Check::lacks(name, format!("not installed: {without}"), mend),
    }
}

/// An engine that `--load` could hand an image to.
fn engine(name: &'static str, sockets: &[&str]) -> Check {
    let answers = |socket: &&&str| UnixStream::connect(Path::new(socket)).is_ok();
    match (sockets.iter().find(answers), find(name)) {
        (Some(socket), _) => Check::works(name, format!("runs at {socket}")),
        // Podman has no daemon.
        (None, Some(path)) if name == "podman" => Check::works(name, path.display().to_string()),
        (None, Some(_)) => Check::lacks(name, "installed, but does not answer: --load cannot use it", "start it"),
        (None, None) => Check::lacks(name, "not installed: --load cannot use it", "install it, or use -o type=docker"),
    }
}
