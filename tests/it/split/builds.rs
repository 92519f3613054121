//! Splits that were verified: what is written builds, holds what the program needs and nothing of the compiler, and runs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::system::system_tests_run;

/// A project on one of the bases that `tests/run` makes.
struct Project {
    directory: tempfile::TempDir,
    contexts: Vec<String>,
}

impl Project {
    /// With these files; each image is stood for by a base.
    fn new(images: &[(&str, &str)], files: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let path = directory.path().join("context").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        let base = |base: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bases").join(base);
        let contexts = images.iter().map(|(image, name)| format!("{image}=oci-layout://{}", base(name).display()));
        Self { contexts: contexts.collect(), directory }
    }

    fn rplan(&self, arguments: &[&str]) -> (bool, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rplan"));
        command.args(arguments).current_dir(self.directory.path().join("context"));
        for context in &self.contexts {
            command.args(["--build-context", context]);
        }
        for name in ["DATA", "CACHE", "CONFIG"] {
            command.env(format!("XDG_{name}_HOME"), self.directory.path().join(name));
        }
        let ended = command.output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr).into_owned() + &String::from_utf8_lossy(&ended.stdout);
        (ended.status.success(), said)
    }

    fn dockerfile(&self) -> String {
        fs::read_to_string(self.directory.path().join("context/Dockerfile")).unwrap()
    }

    /// Verifies the split alone and writes it; the size of the image before and after, and what was written.
    fn split(&self) -> (u64, u64, String) {
        let answer = self.directory.path().join("answer.json");
        let json = format!("json={}", answer.display());
        let (passed, said) = self.rplan(&[
            "optimize",
            "--verify",
            "--write",
            "--only",
            "split-stage",
            "--format",
            "pretty",
            "--format",
            &json,
        ]);
        assert!(passed && said.ends_with("\nWritten: 1.\n"), "{said}\n{}", self.dockerfile());
        let answer: serde_json::Value = serde_json::from_slice(&fs::read(answer).unwrap()).unwrap();
        let size = |side: &str| answer["verdict"]["cold"][side]["size"].as_u64().unwrap();
        (size("original"), size("rewritten"), self.dockerfile())
    }

    /// The files of the image.
    fn files(&self) -> PathBuf {
        let files = self.directory.path().join("files");
        let output = format!("type=local,dest={}", files.display());
        let (built, said) = self.rplan(&["build", "--progress", "plain", "-o", &output]);
        assert!(built, "{said}");
        files
    }
}

/// What a command prints inside a directory that is a root file system.
fn inside(files: &Path, command: &str) -> String {
    let ended = Command::new("chroot").arg(files).args(["/bin/sh", "-c", command]).output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    String::from_utf8(ended.stdout).unwrap()
}

fn builds_run() -> bool {
    system_tests_run("root, and the base images that tests/run makes")
}

#[test]
fn a_program_in_c_keeps_its_library_its_data_and_its_account_and_loses_the_compiler() {
    if !builds_run() {
        return;
    }
    let project = Project::new(
        &[("debian:bookworm", "debian")],
        &[
            (
                "Dockerfile",
                "FROM debian:bookworm\n\
                 RUN apt-get update && apt-get install -y --no-install-recommends tcc libc6-dev libexpat1-dev make\n\
                 RUN useradd --uid 1234 app\n\
                 WORKDIR /src\n\
                 COPY . .\n\
                 RUN make\n\
                 USER app\n\
                 CMD [\"./hello\"]\n",
            ),
            ("Makefile", "hello: main.c\n\ttcc -o hello main.c -lexpat\n"),
            (
                "main.c",
                "#include <stdio.h>\n#include <expat.h>\n\
                 int main(void) {\n\
                 \x20   char word[20] = \"\";\n\
                 \x20   FILE *data = fopen(\"data/word\", \"r\");\n\
                 \x20   if (!data || fscanf(data, \"%19s\", word) != 1) return 1;\n\
                 \x20   printf(\"%s %d\\n\", word, XML_ExpatVersionInfo().major);\n\
                 \x20   return 0;\n\
                 }\n",
            ),
            ("data/word", "expat\n"),
            ("notes.md", "nothing reads this\n"),
        ],
    );
    let (before, after, dockerfile) = project.split();
    assert!(dockerfile.contains("install -y --no-install-recommends libexpat1 "), "{dockerfile}");
    assert!(!dockerfile.contains("/src/notes.md"), "{dockerfile}");
    assert!(after < before, "{before} to {after}");
    let files = project.files();
    assert_eq!(inside(&files, "cd /src && id -un 1234 && ./hello"), "app\nexpat 2\n");
    for gone in ["usr/bin/tcc", "usr/include/expat.h", "src/main.c", "src/notes.md"] {
        assert!(!files.join(gone).exists(), "{gone} is gone");
    }
    let (found, said) = project.rplan(&["optimize", "--verify", "--only", "split-stage"]);
    assert!(found && said.ends_with("Nothing to propose.\n"), "{said}");
}

#[test]
fn a_python_program_keeps_its_environment_and_loses_the_compiler() {
    if !builds_run() {
        return;
    }
    let project = Project::new(
        &[("debian:bookworm", "debian")],
        &[
            (
                "Dockerfile",
                "FROM debian:bookworm\n\
                 RUN apt-get update && apt-get install -y --no-install-recommends tcc libc6-dev python3-venv\n\
                 ENV VIRTUAL_ENV=/opt/venv PATH=/opt/venv/bin:$PATH\n\
                 RUN python3 -m venv $VIRTUAL_ENV\n\
                 WORKDIR /app\n\
                 COPY requirements.txt ./\n\
                 RUN pip install -r requirements.txt\n\
                 COPY . .\n\
                 RUN tcc -shared -o fast.so fast.c\n\
                 CMD [\"python\", \"app.py\"]\n",
            ),
            ("requirements.txt", "idna==3.10\n"),
            ("app.py", "import ctypes, idna\nprint(idna.__version__, ctypes.CDLL('./fast.so').twice(21))\n"),
            ("fast.c", "int twice(int number) { return 2 * number; }\n"),
        ],
    );
    let (before, after, dockerfile) = project.split();
    assert!(dockerfile.contains("install -y --no-install-recommends python3 "), "{dockerfile}");
    assert!(after < before, "{before} to {after}");
    let files = project.files();
    assert_eq!(inside(&files, "cd /app && /opt/venv/bin/python app.py"), "3.10 42\n");
    assert!(!files.join("usr/bin/tcc").exists() && !files.join("usr/include/stdio.h").exists());
}

#[test]
fn a_node_service_keeps_what_was_built_and_loses_what_only_development_needs() {
    if !builds_run() {
        return;
    }
    let project = Project::new(
        &[("node:18", "node"), ("node:18-slim", "node")],
        &[
            (
                "Dockerfile",
                "FROM node:18\n\
                 WORKDIR /app\n\
                 COPY package.json package-lock.json ./\n\
                 RUN npm ci\n\
                 COPY . .\n\
                 RUN npm run build\n\
                 CMD [\"node\", \"dist/main.js\"]\n",
            ),
            (
                "package.json",
                r#"{"name": "n", "version": "1.0.0", "private": true, "scripts": {"build": "node build.js"},
                    "dependencies": {"is-number": "7.0.0"}, "devDependencies": {"is-odd": "3.0.1"}}"#,
            ),
            (
                "package-lock.json",
                r#"{"name": "n", "version": "1.0.0", "lockfileVersion": 3, "requires": true, "packages": {
                    "": {"name": "n", "version": "1.0.0", "dependencies": {"is-number": "7.0.0"},
                         "devDependencies": {"is-odd": "3.0.1"}},
                    "node_modules/is-number": {"version": "7.0.0"},
                    "node_modules/is-odd": {"version": "3.0.1", "dev": true, "dependencies": {"is-number": "^6.0.0"}},
                    "node_modules/is-odd/node_modules/is-number": {"version": "6.0.0", "dev": true}}}"#,
            ),
            (
                "build.js",
                "const fs = require('fs');\nrequire('is-odd');\nfs.mkdirSync('dist');\n\
                 fs.copyFileSync('src/main.js', 'dist/main.js');\n",
            ),
            (
                "src/main.js",
                "const isNumber = require('is-number');\n\
                 const text = require('fs').readFileSync('greeting.txt', 'utf8');\n\
                 console.log(text.trim(), isNumber(1));\n",
            ),
            ("greeting.txt", "hello\n"),
        ],
    );
    let (_, _, dockerfile) = project.split();
    assert!(dockerfile.contains("\nRUN npm prune --omit=dev\n\nFROM node:18-slim\n"), "{dockerfile}");
    let files = project.files();
    assert_eq!(inside(&files, "cd /app && node dist/main.js"), "hello true\n");
    for gone in ["app/node_modules/is-odd", "app/src", "app/build.js"] {
        assert!(!files.join(gone).exists(), "{gone} is gone");
    }
}

#[test]
fn where_the_smaller_image_cannot_be_had_the_same_one_stays() {
    if !builds_run() {
        return;
    }
    let project = Project::new(
        &[("gcc:12-bookworm", "debian")],
        &[
            (
                "Dockerfile",
                "FROM gcc:12-bookworm\n\
                 RUN apt-get update && apt-get install -y --no-install-recommends tcc libc6-dev\n\
                 WORKDIR /src\n\
                 COPY . .\n\
                 RUN tcc -o hello main.c\n\
                 CMD [\"./hello\"]\n",
            ),
            ("main.c", "int puts(const char *);\nint main(void) { return puts(\"hello\") < 0; }\n"),
        ],
    );
    let (before, after, dockerfile) = project.split();
    assert!(dockerfile.contains("\n\nFROM gcc:12-bookworm\nWORKDIR"), "{dockerfile}");
    assert!(after < before, "{before} to {after}");
    assert_eq!(inside(&project.files(), "cd /src && ./hello"), "hello\n");
}
