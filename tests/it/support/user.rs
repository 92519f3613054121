//! Ordinary users for tests: made for one test, gone with it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A user of this machine with a home of its own.
pub struct OrdinaryUser {
    name: String,
    home: tempfile::TempDir,
}

impl OrdinaryUser {
    /// Makes one; with ids lent to it, or without.
    pub fn new(label: &str, has_lent_ids: bool) -> Self {
        let name = format!("rplan-{label}-{}", std::process::id());
        let home = tempfile::tempdir().expect("a home");
        // A system account is lent nothing.
        let kind: &[&str] = if has_lent_ids { &[] } else { &["--system"] };
        run(Command::new("useradd").args(kind).args(["--no-create-home", "--home-dir"]).arg(home.path()).arg(&name));
        let user = Self { name, home };
        user.own(user.home.path());
        user
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its home.
    pub fn home(&self) -> PathBuf {
        self.home.path().to_owned()
    }

    /// Makes everything below `place` its own.
    pub fn own(&self, place: &Path) {
        run(Command::new("chown").arg("-R").arg(format!("{0}:", self.name)).arg(place));
    }

    /// Runs `program` as this user, in its home and with no other environment.
    pub fn run(&self, program: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
        let user = ["--reuid", &self.name, "--regid", &self.name, "--init-groups", "--"];
        Command::new("setpriv")
            .args(user)
            .arg(program)
            .args(arguments)
            .current_dir(self.home.path())
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("HOME", self.home.path())
            .envs(variables.iter().copied())
            .output()
            .expect("setpriv runs")
    }
}

impl Drop for OrdinaryUser {
    fn drop(&mut self) {
        let _ = Command::new("userdel").arg(&self.name).output();
    }
}

fn run(command: &mut Command) {
    let output = command.output().expect("a program of the system");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
