//! How fast Dockerfiles are linted, as whole processes, beside tally and hadolint where they are installed.
//!
//! `cargo bench --bench lint`. `LINT_FILES` names a directory of Dockerfiles to be linted instead of made-up ones;
//! `TALLY` and `HADOLINT` name the peers, which are looked for in `PATH` otherwise. hadolint always runs ShellCheck, and is
//! to be compared with rplan that asks it too; tally runs here without it.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use divan::Bencher;
use divan::counter::ItemsCount;

fn main() {
    divan::main();
}

/// One file as people write them.
fn ordinary(number: usize) -> String {
    format!(
        r#"# service {number}
FROM golang:1.24 AS builder
WORKDIR /src
ENV CGO_ENABLED=0 GOFLAGS="-trimpath -mod=readonly"
COPY go.mod go.sum ./
RUN go mod download && \
    # the generator is no module
    go install example.com/generate@v1.{number}.0
COPY . .
RUN go generate ./... && go build -o /out/service ./cmd/service

FROM debian:12-slim
ARG VERSION=1.{number}
LABEL org.opencontainers.image.version=$VERSION
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates=2023* curl \
    && rm -rf /var/lib/apt/lists/*
RUN curl -fsSL https://example.com/data-$VERSION.tar.gz | tar xz -C /opt
COPY --from=builder /out/service /usr/local/bin/
EXPOSE 8080/tcp
USER 65534
ENTRYPOINT ["service"]
CMD ["--port", "8080"]
"#
    )
}

/// Dockerfiles on disk, and the directory that is removed with them.
struct Files {
    paths: Vec<PathBuf>,
    _made: Option<tempfile::TempDir>,
}

impl Files {
    fn new(count: usize) -> Self {
        if let Some(given) = std::env::var_os("LINT_FILES") {
            let entries = fs::read_dir(given).expect("LINT_FILES is a directory");
            let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
            paths.sort();
            paths.truncate(count);
            return Self { paths, _made: None };
        }
        let made = tempfile::tempdir().expect("a directory");
        let write = |number: usize| {
            let path = made.path().join(format!("{number}.Dockerfile"));
            fs::write(&path, ordinary(number)).expect("a file");
            path
        };
        Self { paths: (0..count).map(write).collect(), _made: Some(made) }
    }

    /// Runs a linter over them all; whatever it finds, it must not break down.
    fn lint_with(&self, bencher: Bencher<'_, '_>, program: &str, arguments: &[&str]) {
        let lint = || {
            let mut command = Command::new(program);
            command.args(arguments).args(&self.paths).stdout(Stdio::null()).stderr(Stdio::null());
            let code = command.status().expect("the linter runs").code();
            assert!(matches!(code, Some(0 | 1)), "{program} ended with {code:?}");
        };
        bencher.counter(ItemsCount::new(self.paths.len())).bench(lint);
    }
}

/// The peer, if it is installed.
fn peer(variable: &str, name: &str) -> Option<String> {
    let program = std::env::var(variable).unwrap_or_else(|_| name.to_owned());
    let runs = Command::new(&program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    runs.is_ok().then_some(program)
}

#[divan::bench(args = [1, 500])]
fn rplan(bencher: Bencher<'_, '_>, count: usize) {
    Files::new(count).lint_with(bencher, env!("CARGO_BIN_EXE_rplan"), &["lint", "--format", "compact"]);
}

#[divan::bench(args = [1, 500], sample_count = 3, sample_size = 1)]
fn rplan_with_shellcheck(bencher: Bencher<'_, '_>, count: usize) {
    if peer("SHELLCHECK", "shellcheck").is_some() {
        let arguments = ["lint", "--format", "compact", "--profile", "hadolint"];
        Files::new(count).lint_with(bencher, env!("CARGO_BIN_EXE_rplan"), &arguments);
    }
}

#[divan::bench(args = [1, 500], sample_count = 3, sample_size = 1)]
fn tally_without_shellcheck(bencher: Bencher<'_, '_>, count: usize) {
    if let Some(tally) = peer("TALLY", "tally") {
        // Its slow checks ask registries, and would be timed by those.
        let arguments = ["lint", "--slow-checks", "off", "--ignore", "shellcheck/*", "--no-config"];
        Files::new(count).lint_with(bencher, &tally, &arguments);
    }
}

#[divan::bench(args = [1, 500], sample_count = 3, sample_size = 1)]
fn hadolint(bencher: Bencher<'_, '_>, count: usize) {
    if let Some(hadolint) = peer("HADOLINT", "hadolint") {
        Files::new(count).lint_with(bencher, &hadolint, &[]);
    }
}
