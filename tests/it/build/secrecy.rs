//! What must be nowhere: secrets of a build, in anything that outlives the step that was given them.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::builds::Workshop;
use crate::support::system::system_tests_run;

const SECRET: &str = "correct-horse-battery-staple-8271";

const DOCKERFILE: &str = "\
FROM busybox
RUN --mount=type=secret,id=token grep -c horse /run/secrets/token
RUN --mount=type=secret,id=token,env=TOKEN echo ${#TOKEN} > /length
RUN --mount=type=secret,id=token,env=TOKEN --mount=type=secret,id=token,target=/etc/token,mode=444 \\
    --mount=type=cache,target=/cache wc -c < /etc/token > /cache/length
RUN --mount=type=secret,id=token --mount=type=secret,id=token,env=TOKEN test -d /nowhere || exit 0
";

/// Every file below `place` that holds the secret.
fn holding(place: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in walkdir::WalkDir::new(place).into_iter().flatten().filter(|entry| entry.file_type().is_file()) {
        let bytes = fs::read(entry.path()).expect("a file that root can read");
        if bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes()) {
            found.push(entry.path().display().to_string());
        }
    }
    found
}

#[test]
fn a_secret_is_in_no_key_log_history_layer_or_record() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    workshop.write("Dockerfile", DOCKERFILE);
    let [home, out] = ["home", "out"].map(|name| workshop.path(name));
    [&home, &out].into_iter().for_each(|path| fs::create_dir(path).expect("a directory"));
    let rplan = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_rplan"))
            .args(arguments)
            .current_dir(&out)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", &home)
            .env("token", SECRET)
            .output()
            .expect("rplan runs");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        [output.stdout, output.stderr].concat()
    };
    let base = format!("busybox=oci-layout://{}", workshop.path("base").display());
    let context = workshop.path("context");
    let context = context.to_str().expect("a text");
    let common = ["build", "--build-context", &base, "--secret", "id=token,env=token", "-t", "test"];
    let built = |more: &[&str]| rplan(&[&common, more, &[context]].concat());
    let mut said = built(&[
        "--progress=json",
        "--metadata-file=metadata.json",
        "-o=type=oci,dest=layout,tar=false",
        "-o=type=docker,dest=image.tar",
        "-o=tree",
    ]);
    // A second time, so that keys are looked up and reasons told too.
    said.extend(built(&["--progress=plain", "--no-cache", "-v"]));
    said.extend(rplan(&["why", "--context", context, "--format", "json"]));
    said.extend(rplan(&["inspect", "test", "--format", "json"]));
    fs::write(out.join("said"), said).expect("a file");
    assert_eq!((holding(&home), holding(&out)), (Vec::new(), Vec::new()));
    // The search finds what is there.
    fs::write(out.join("there"), SECRET).expect("a file");
    assert_eq!(holding(&out).len(), 1);
    assert_eq!(
        fs::read_to_string(out.join("tree/length")).expect("what the step wrote"),
        format!("{}\n", SECRET.len())
    );
}
