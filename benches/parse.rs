//! How fast Dockerfiles parse, and that the time grows with the length and nothing else.
//!
//! `cargo bench --bench parse`. The figures to compare are the throughputs: equal for every size means linear.

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use rplan::syntax;
use rplan::text::SourceFile;

fn main() {
    divan::main();
}

/// Stages as people write them, repeated until the file has about `length` bytes.
fn ordinary(length: usize) -> String {
    let mut text = String::with_capacity(length + 1024);
    for stage in 0.. {
        if text.len() >= length {
            break;
        }
        text.push_str(&format!(
            r#"# builder{stage} makes one of the programs
FROM --platform=$BUILDPLATFORM golang:1.24 AS builder{stage}
WORKDIR /src/{stage}
ENV CGO_ENABLED=0 GOFLAGS="-trimpath -mod=readonly"
COPY --link go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod \
    # the modules first
    go mod download && \
    go vet ./...
COPY <<EOF /etc/motd
built by stage {stage}
EOF
CMD ["/bin/program", "--stage", "{stage}"]
"#
        ));
    }
    text
}

fn parse_all(bencher: Bencher<'_, '_>, files: &[SourceFile]) {
    let bytes: usize = files.iter().map(SourceFile::len).sum();
    let parse = || files.iter().map(|file| syntax::parse(divan::black_box(file)).tree.items.len()).sum::<usize>();
    bencher.counter(BytesCount::new(bytes)).counter(ItemsCount::new(files.len())).bench(parse);
}

#[divan::bench(args = [1 << 14, 1 << 17, 1 << 20, 1 << 22])]
fn one_file_of_bytes(bencher: Bencher<'_, '_>, length: usize) {
    parse_all(bencher, &[SourceFile::new("Dockerfile", ordinary(length))]);
}

#[divan::bench(args = [100, 1_000, 10_000])]
fn one_file_of_stages(bencher: Bencher<'_, '_>, stages: usize) {
    let text: String = (0..stages).map(|n| format!("FROM base AS s{n}\nRUN make part{n}\n")).collect();
    parse_all(bencher, &[SourceFile::new("Dockerfile", text)]);
}

#[divan::bench(args = [10, 500])]
fn small_files(bencher: Bencher<'_, '_>, count: usize) {
    let files: Vec<SourceFile> = (0..count).map(|_| SourceFile::new("Dockerfile", ordinary(1_500))).collect();
    parse_all(bencher, &files);
}

/// One instruction as long as the file: joints, words and flags must not cost more the more there are.
#[divan::bench(args = [1 << 14, 1 << 17, 1 << 20])]
fn one_instruction_of_bytes(bencher: Bencher<'_, '_>, length: usize) {
    let line = "    --mount=type=cache,target=/a \\\n";
    let text = format!(
        "FROM a\nRUN {} true && \\\n{} true\n",
        line.repeat(length / 2 / line.len()),
        "    true && \\\n".repeat(length / 26)
    );
    parse_all(bencher, &[SourceFile::new("Dockerfile", text)]);
}

/// Mistakes cost no more than what is right.
#[divan::bench(args = [1 << 14, 1 << 17, 1 << 20])]
fn mistakes_of_bytes(bencher: Bencher<'_, '_>, length: usize) {
    let lines = "FNTRYPOINT x\nCOPY --form=a --link --link b c\nENV a=b c\nCMD [1, 2]\nEXPOSE\n";
    parse_all(bencher, &[SourceFile::new("Dockerfile", lines.repeat(length / lines.len()))]);
}
