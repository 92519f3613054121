//! A git repository that a build can fetch.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::scripted_registry::{Answer, ScriptedRegistry};

/// A repository that is served over http.
pub struct Repository {
    directory: tempfile::TempDir,
    pub web: ScriptedRegistry,
}

impl Repository {
    /// With two commits, a branch, and a tag that is an object of its own.
    pub fn start() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let served = directory.path().to_owned();
        let web = ScriptedRegistry::start(move |_, request| {
            let path = request.path.split('?').next().unwrap_or_default().trim_start_matches('/');
            match fs::read(served.join(path)) {
                Ok(content) => Answer::ok(&content),
                Err(_) => Answer::status(404, ""),
            }
        });
        let repository = Self { directory, web };
        repository.git(&["init", "--quiet", "--bare", "project.git"], ".");
        repository.git(&["init", "--quiet", "--initial-branch=main", "work"], ".");
        repository.commit("README", "first");
        repository.git(&["tag", "-a", "-m", "one", "v1"], "work");
        repository.git(&["branch", "old"], "work");
        repository.write("docs/inner/guide", "guide");
        repository.write("run.sh", "#!/bin/sh");
        let executable = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        fs::set_permissions(repository.path("work/run.sh"), executable).expect("a mode");
        repository.commit("README", "second");
        repository
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.directory.path().join(path)
    }

    pub fn git(&self, arguments: &[&str], directory: &str) -> String {
        git(arguments, &self.path(directory))
    }

    pub fn write(&self, path: &str, content: &str) {
        let place = self.path("work").join(path);
        fs::create_dir_all(place.parent().expect("a parent")).expect("parents");
        fs::write(place, content).expect("a file");
    }

    /// Commits what is there with a file more, and serves it; gives the commit.
    pub fn commit(&self, path: &str, content: &str) -> String {
        self.write(path, content);
        self.git(&["add", "."], "work");
        self.git(&["commit", "--quiet", "-m", content], "work");
        let served = self.path("project.git");
        self.git(&["push", "--quiet", "--all", "--force", &served.display().to_string()], "work");
        self.git(&["push", "--quiet", "--tags", &served.display().to_string()], "work");
        self.git(&["symbolic-ref", "HEAD", "refs/heads/main"], "project.git");
        self.git(&["update-server-info"], "project.git");
        self.git(&["rev-parse", "HEAD"], "work")
    }

    pub fn url(&self) -> String {
        format!("http://{}/project.git", self.web.host())
    }
}

fn git(arguments: &[&str], directory: &Path) -> String {
    let names = ["GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"];
    let mut command = Command::new("git");
    command.args(arguments).current_dir(directory).envs(names.map(|name| (name, "test")));
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
    command.env("GIT_AUTHOR_DATE", "1000000000 +0000").env("GIT_COMMITTER_DATE", "1000000000 +0000");
    let output = command.output().expect("git runs");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
