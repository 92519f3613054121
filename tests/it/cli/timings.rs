//! `--timings`: a build that docker made as the last known one.

use super::*;

/// A vertex of BuildKit's progress that began at second `from` of a minute and took `seconds`.
fn vertex(name: &str, from: u32, seconds: f64, more: &str) -> String {
    let digest = format!("sha256:{:064x}", name.len() * 1000 + name.bytes().map(usize::from).sum::<usize>());
    let at = |second: f64| format!("2026-03-04T14:02:{second:09.6}Z");
    let (started, completed) = (at(f64::from(from)), at(f64::from(from) + seconds));
    format!(
        "{{\"vertexes\":[{{\"digest\":\"{digest}\",\"name\":\"{name}\"}}]}}\n\
         {{\"vertexes\":[{{\"digest\":\"{digest}\",\"name\":\"{name}\",\"started\":\"{started}\",\"completed\":\"{completed}\"{more}}}]}}\n"
    )
}

/// What docker would tell of a build of the naive example.
fn progress(pip: f64) -> String {
    [
        "#0 building with \"default\" instance using docker driver\n".to_owned(),
        vertex("[internal] load build definition from Dockerfile", 0, 0.1, ""),
        vertex("[1/4] FROM docker.io/library/python:3.9@sha256:abc", 1, 0.1, ",\"cached\":true"),
        vertex("[2/4] COPY . /app", 2, 0.5, ""),
        vertex("[3/4] WORKDIR /app", 3, 0.1, ""),
        vertex("[4/4] RUN pip install -r requirements.txt", 4, pip, ""),
        vertex("exporting to image", 50, 1.0, ""),
    ]
    .concat()
}

#[test]
fn times_of_docker_are_shown_and_kept() {
    let place = Place::with_example("python-naive");
    place.write("../build.json", &progress(30.1));
    let run = place.rplan(&["plan", "--changed", "app.py", "--timings", "../build.json"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    in_area("cli", || insta::assert_snapshot!("plan_timings", run.stdout));
    #[cfg(all(feature = "exec", target_os = "linux"))]
    {
        let kept = place.rplan(&["plan", "--changed", "app.py"]);
        assert_eq!(kept.stdout, run.stdout, "it is the last known build now");
        let why = place.rplan(&["why"]).stdout;
        assert!(why.contains("by docker buildx") && why.contains("30.1 s"), "{why}");
        assert_eq!(place.rplan(&["why", "--for", "docker"]).stdout, why);
        let run = place.rplan(&["why", "--for", "rplan"]);
        assert!(run.code == 1 && run.stderr.contains("no build of Dockerfile by rplan is known here"), "{run:?}");
        let run = place.rplan(&["why", "--for", "kaniko"]);
        assert!(run.code == 2 && run.stderr.contains("rplan plan --for kaniko"), "{run:?}");
    }
}

#[cfg(all(feature = "exec", target_os = "linux"))]
#[test]
fn what_changed_since_docker_built_is_told() {
    let place = Place::with_example("python-naive");
    place.write("../build.json", &progress(30.1));
    assert_eq!(place.rplan(&["plan", "--timings", "../build.json"]).code, 0);
    place.write("app.py", "print('other')\n");
    let shown = place.rplan(&["plan"]).stdout;
    assert!(shown.contains("copies app.py") && shown.contains("of it is needless: rplan optimize"), "{shown}");
    // The next build of docker's ran for that reason.
    place.write("../again.json", &progress(29.0));
    let why = place.rplan(&["why", "--timings", "../again.json"]).stdout;
    assert!(why.contains("app.py changed") && why.contains("follows [2/4]"), "{why}");
    assert!(why.contains("never reads app.py: rplan optimize saves 29.0 s"), "{why}");
}

#[test]
fn gains_are_counted_in_the_seconds_that_docker_took() {
    let place = Place::with_example("python-naive");
    place.commit("begin");
    place.write("app.py", "print(1)\n");
    place.commit("edit");
    place.write("../build.json", &progress(41.0));
    let shown = place.rplan(&["optimize", "--timings", "../build.json"]).stdout;
    assert!(shown.contains("for buildkit, times measured (docker buildx, 2026-03-04 14:02 UTC)"), "{shown}");
    assert!(shown.contains("41.1 s less in 1 of 2 commits"), "{shown}");
    let estimated = place.rplan(&["optimize", "--for", "kaniko", "--skip", "reorder-steps"]).stdout;
    assert!(estimated.contains("for kaniko"), "{estimated}");
}

#[test]
fn what_is_no_progress_or_that_of_another_build_is_refused() {
    let place = Place::with_example("python-naive");
    place.write("plain.txt", "#1 [internal] load\n#2 DONE 0.1s\n");
    let run = place.rplan(&["plan", "--timings", "plain.txt"]);
    assert!(run.code == 2 && run.stderr.contains("--progress=rawjson"), "{run:?}");
    place.write("other.json", &vertex("[web 1/1] FROM scratch", 1, 1.0, ""));
    let run = place.rplan(&["plan", "--timings", "other.json"]);
    assert!(run.code == 2 && run.stderr.contains("another build"), "{run:?}");
}
