//! Running the binary as a shell would, in an environment that holds nothing of the machine.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A directory to run in, gone when dropped.
pub struct Place {
    directory: tempfile::TempDir,
}

/// What a run left behind.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Place {
    /// A directory with these files.
    pub fn with(files: &[(&str, &str)]) -> Self {
        let place = Self { directory: tempfile::tempdir().expect("a temporary directory") };
        std::fs::create_dir(place.directory.path().join("home")).expect("a home");
        std::fs::create_dir(place.directory.path().join("work")).expect("a place to work");
        files.iter().for_each(|(path, text)| place.write(path, text));
        place
    }

    /// A directory with a copy of what is in `examples/<name>`.
    pub fn with_example(name: &str) -> Self {
        let place = Self::with(&[]);
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name), &place.path());
        place
    }

    /// A directory with a copy of what is in `examples/<name>`, at that path.
    pub fn holding_example(name: &str) -> Self {
        let place = Self::with(&[]);
        std::fs::create_dir(place.path().join("examples")).expect("a directory");
        copy(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name),
            &place.path().join("examples").join(name),
        );
        place
    }

    /// Where commands run.
    pub fn path(&self) -> PathBuf {
        self.directory.path().join("work")
    }

    /// Where the user's settings would be.
    pub fn home(&self) -> PathBuf {
        self.directory.path().join("home")
    }

    /// Writes a file, with the directories above it.
    pub fn write(&self, path: &str, text: &str) {
        self.write_bytes(path, text.as_bytes());
    }

    /// Writes a file of any bytes, with the directories above it.
    pub fn write_bytes(&self, path: &str, bytes: &[u8]) {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().expect("it is in a directory")).expect("a directory");
        std::fs::write(path, bytes).expect("a file");
    }

    /// Reads a file.
    pub fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path().join(path)).expect("a file of text")
    }

    /// Commits everything here, in a repository that is made when there is none.
    pub fn commit(&self, message: &str) {
        self.git(&["init", "--quiet"]);
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", message]);
    }

    /// Runs git here.
    pub fn git(&self, arguments: &[&str]) {
        let settings = ["-c", "user.name=n", "-c", "user.email=n@x", "-c", "commit.gpgSign=false"];
        let output = self.command(Path::new("git")).args(settings).args(arguments).output().expect("git");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Runs rplan here.
    pub fn rplan(&self, args: &[&str]) -> Run {
        self.rplan_with(args, &[], "")
    }

    /// Runs rplan here with variables of the environment and something on stdin.
    pub fn rplan_with(&self, args: &[&str], variables: &[(&str, &str)], stdin: impl AsRef<[u8]>) -> Run {
        let mut command = self.command(Path::new(env!("CARGO_BIN_EXE_rplan")));
        command.args(args).envs(variables.iter().copied());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("rplan starts");
        // A command that does not read stdin may be gone before it is written.
        let _ = child.stdin.take().expect("stdin is piped").write_all(stdin.as_ref());
        let output = child.wait_with_output().expect("rplan ends");
        Run {
            code: output.status.code().expect("rplan is not killed"),
            stdout: String::from_utf8(output.stdout).expect("results are UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("messages are UTF-8"),
        }
    }

    /// Any program here: PATH and a home, and a locale that can show everything, are all it is told.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().current_dir(self.path());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", self.home()).env("LANG", "C.UTF-8");
        command
    }
}

impl Run {
    /// All of it as one text for a snapshot.
    pub fn shown(&self) -> String {
        format!("exit {}\n--- stdout\n{}--- stderr\n{}", self.code, self.stdout, self.stderr)
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a directory");
    for entry in std::fs::read_dir(from).expect("the example is there") {
        let entry = entry.expect("the example can be read");
        let target = to.join(entry.file_name());
        match entry.file_type().expect("it has a type").is_dir() {
            true => copy(&entry.path(), &target),
            false => _ = std::fs::copy(entry.path(), target).expect("a file"),
        }
    }
}
