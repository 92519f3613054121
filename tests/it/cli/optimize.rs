//! `rplan optimize`.

use super::*;

#[test]
fn the_naive_file_is_shown_as_the_efficient_one() {
    let place = Place::with_example("python-naive");
    let before = place.read("Dockerfile");
    let run = place.rplan(&["optimize"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    in_area("cli", || insta::assert_snapshot!("optimize_naive", run.stdout));
    assert_eq!(place.read("Dockerfile"), before, "nothing is written unless told");
}

#[test]
fn in_a_repository_the_gain_over_past_commits_is_shown() {
    let place = Place::with_example("python-naive");
    place.write(".dockerignore", ".git\n");
    place.commit("begin");
    for text in ["print(1)\n", "print(2)\n", "print(3)\n"] {
        place.write("app.py", text);
        place.commit("edit");
    }
    let run = place.rplan(&["optimize"]);
    in_area("cli", || insta::assert_snapshot!("optimize_with_history", run.stdout));
    let answer: serde_json::Value =
        serde_json::from_str(&place.rplan(&["optimize", "--format", "json", "--commits", "2"]).stdout).expect("JSON");
    assert_eq!((answer["commits"].as_u64(), answer["moves"][0]["gain"]["of"].as_u64()), (Some(2), Some(2)));
}

#[test]
fn write_puts_in_what_is_proved_and_nothing_else() {
    let place = Place::with_example("python-naive");
    let run = place.rplan(&["optimize", "--write"]);
    assert!(run.code == 0 && run.stdout.contains("\nWritten: 1. --write --verify builds both"), "{run:?}");
    let written = place.read("Dockerfile");
    assert!(written.contains("COPY requirements.txt ./\nRUN pip install"), "{written}");
    assert!(place.rplan(&["optimize", "--write"]).stdout.contains("\nNothing written. "));

    let place = Place::with_example("go-one-stage");
    let before = place.read("Dockerfile");
    let run = place.rplan(&["optimize", "--write"]);
    assert_eq!((run.code, place.read("Dockerfile")), (0, before));
    let run = place.rplan(&["optimize", "--write", "--unsafe"]);
    assert_eq!(run.code, 0);
    assert!(place.read("Dockerfile").contains("\nFROM scratch\n"));
}

#[test]
fn check_says_whether_write_would_change_something() {
    let place = Place::with_example("python-naive");
    assert_eq!(place.rplan(&["optimize", "--check"]).code, 1);
    assert_eq!(place.rplan(&["optimize", "--check", "--skip", "hoist-manifests"]).code, 0);
    let go = Place::with_example("go-one-stage");
    assert_eq!(go.rplan(&["optimize", "--check"]).code, 0);
    let quiet = go.rplan(&["optimize", "--check", "--unsafe", "-q"]);
    assert_eq!((quiet.code, quiet.stdout.as_str()), (1, ""));
}

#[test]
fn diff_is_a_patch_that_gives_what_write_gives() {
    let place = Place::with_example("python-naive");
    let patch = place.rplan(&["optimize", "--diff"]).stdout;
    in_area("cli", || insta::assert_snapshot!("optimize_naive_diff", patch));
}

#[test]
fn json_tells_moves_and_refusals() {
    let place = Place::with(&[
        ("Dockerfile", "FROM golang:1.20\nWORKDIR /app\nCOPY . .\nRUN go build -o app\nCMD ./app\n"),
        ("go.mod", "module m\n"),
        ("main.go", "package main\n\nfunc main() {}\n"),
    ]);
    let run = place.rplan(&["optimize", "--format", "json"]);
    let answer: serde_json::Value = serde_json::from_str(&run.stdout).expect("it is JSON");
    assert_eq!((answer["tool"].as_str(), answer["command"].as_str()), (Some("rplan"), Some("optimize")));
    let refused = answer["refused"].as_array().expect("a list");
    assert!(refused.iter().any(|refusal| refusal["id"] == "split-stage"), "{answer}");
    let shown = place.rplan(&["optimize"]).stdout;
    in_area("cli", || insta::assert_snapshot!("optimize_refused", shown));
}

#[test]
fn rewrites_are_chosen_by_name_on_the_line_or_in_the_settings() {
    let place = Place::with_example("python-naive");
    place.write("rplan.toml", "[optimize]\nskip = ['add-cache-mounts', 'hoist-manifests']\n");
    assert!(place.rplan(&["optimize"]).stdout.ends_with("\nNothing to propose.\n"));
    let run = place.rplan(&["optimize", "--only", "hoist-manifests"]);
    assert!(run.stdout.contains("1  hoist-manifests"), "what is typed wins over the settings");
    let run = place.rplan(&["optimize", "--only", "hoist-manifest"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("did you mean `hoist-manifests`?"), "{}", run.stderr);
}

#[test]
fn the_ignore_file_is_extended_when_asked_for_by_name() {
    let place = Place::with(&[
        ("Dockerfile", "FROM python:3.12-slim\nWORKDIR /app\nCOPY . .\nCMD [\"python\", \"app.py\"]\n"),
        ("app.py", ""),
        (".git/HEAD", "ref: refs/heads/main\n"),
        (".dockerignore", "*.md"),
    ]);
    let shown = place.rplan(&["optimize"]).stdout;
    in_area("cli", || insta::assert_snapshot!("optimize_ignore_git", shown));
    assert_eq!(place.rplan(&["optimize", "--write"]).code, 0);
    assert_eq!(place.read(".dockerignore"), "*.md", "it is advice, so nothing is written unless asked for");
    let patch = place.rplan(&["optimize", "--only", "ignore-git", "--diff"]).stdout;
    assert!(patch.contains("+++ b/") && patch.contains(".dockerignore") && patch.contains("+.git\n"), "{patch}");
    assert_eq!(place.rplan(&["optimize", "--only", "ignore-git", "--check"]).code, 1);
    let run = place.rplan(&["optimize", "--only", "ignore-git", "--write"]);
    assert!(run.code == 0 && run.stdout.ends_with("\nWritten: 1.\n"), "{run:?}");
    assert_eq!(place.read(".dockerignore"), "*.md\n.git\n");
    assert!(place.rplan(&["optimize"]).stdout.ends_with("\nNothing to propose.\n"));
}

#[test]
fn a_file_in_place_of_the_context_is_taken_as_the_dockerfile() {
    let place = Place::with(&[
        ("docker/app.Dockerfile", "FROM python\nWORKDIR /a\nCOPY src/ .\nRUN pip install -r requirements.txt\n"),
        ("src/requirements.txt", "idna==3.10\n"),
        ("src/app.py", ""),
        (".git/HEAD", ""),
    ]);
    let run = place.rplan(&["optimize", "docker/app.Dockerfile"]);
    assert!(run.stdout.starts_with("docker/app.Dockerfile, context . (4 files)"), "{}", run.stdout);
    let run = place.rplan(&["optimize", "-f", "docker/app.Dockerfile", "docker"]);
    assert!(run.stdout.starts_with("docker/app.Dockerfile, context docker (1 file)"), "{}", run.stdout);
    let run = place.rplan(&["optimize", "docker"]);
    assert_eq!(run.code, 2);
    in_area("cli", || insta::assert_snapshot!("optimize_no_dockerfile", run.shown()));
}

#[test]
fn stdin_is_shown_but_not_written() {
    let place = Place::with(&[("requirements.txt", "idna==3.10\n"), ("app.py", "")]);
    let file = "FROM python\nWORKDIR /a\nCOPY . .\nRUN pip install -r requirements.txt\n";
    let run = place.rplan_with(&["optimize", "-f", "-", "."], &[], file);
    assert!(run.stdout.starts_with("<stdin>, context . (2 files)") && run.code == 0, "{run:?}");
    let run = place.rplan_with(&["optimize", "-f", "-", ".", "--write"], &[], file);
    assert_eq!(run.code, 2);
}

#[test]
fn a_dockerfile_with_errors_is_drawn_with_all_of_them() {
    let place = Place::with(&[("Dockerfile", "FROM a\nRUNN x\nCOPPY a b\n")]);
    let run = place.rplan(&["optimize"]);
    in_area("cli", || insta::assert_snapshot!("optimize_broken", run.shown()));
    place.write("Dockerfile", "FROM a\nCOPY --from=nobody:$X a b\nWORKDIR ${X\n");
    assert_eq!(place.rplan(&["optimize"]).code, 1);
}

#[test]
fn wrong_settings_are_drawn() {
    let place = Place::with_example("python-naive");
    place.write("rplan.toml", "[lint]\nignor = ['a']\n[build]\nnetwork = 'none'\n");
    in_area("cli", || insta::assert_snapshot!("settings_wrong", place.rplan(&["optimize"]).shown()));
}

#[test]
fn many_dockerfiles_are_shown_in_a_table() {
    let place = Place::with(&[
        ("naive/Dockerfile", "FROM python\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\n"),
        ("naive/requirements.txt", "idna==3.10\n"),
        ("naive/app.py", "0\n"),
        ("good/Dockerfile", "FROM nginx\nCOPY index.html /usr/share/nginx/html/\n"),
        ("good/index.html", "hello\n"),
    ]);
    for number in 0..60 {
        place.write("naive/app.py", &format!("{number}\n"));
        place.commit("edit");
    }
    let run = place.rplan(&["optimize", "--all", "--summary"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    in_area("cli", || insta::assert_snapshot!("optimize_summary", run.stdout));
    let json = place.rplan(&["optimize", "--all", "--summary", "--format", "json"]).stdout;
    let answer: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(answer["files"][1]["proposals"][0], "hoist-manifests", "{answer}");
    assert!(answer["files"][1]["scores"]["headroom"]["value"].as_f64().expect("a figure") > 0.9, "{answer}");
    assert_eq!(place.rplan(&["optimize", "--all", "--summary", "--check", "-q"]).code, 1);
    assert_eq!(place.rplan(&["optimize", "--all", "--summary", "--check", "good"]).code, 0);
    let one = place.rplan(&["optimize", "naive"]).stdout;
    assert!(one.contains("Cache efficiency ") && one.contains("Per 100 commits: "), "{one}");
}

/// Two services that share a context with a secret in it, and a good one.
fn repository() -> Place {
    let naive = "FROM python\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\n";
    Place::with(&[
        ("api/Dockerfile", naive),
        ("api/worker.Dockerfile", &format!("{naive}CMD [\"python\", \"app.py\"]\n")),
        ("api/requirements.txt", "idna==3.10\n"),
        ("api/app.py", "0\n"),
        ("good/Dockerfile", "FROM nginx\nCOPY index.html /usr/share/nginx/html/\n"),
        ("good/index.html", "hello\n"),
    ])
}

#[test]
fn every_dockerfile_of_a_repository_is_shown_checked_and_written() {
    let place = repository();
    let run = place.rplan(&["optimize", "--all"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    in_area("cli", || insta::assert_snapshot!("optimize_all", run.stdout));
    let json = place.rplan(&["optimize", "--all", "--format", "json"]).stdout;
    let answer: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let files = answer["files"].as_array().expect("a list");
    let ids: Vec<_> = files.iter().map(|file| (file["file"].as_str(), file["moves"][0]["id"].as_str())).collect();
    assert_eq!(
        ids,
        [
            (Some("api/Dockerfile"), Some("hoist-manifests")),
            (Some("api/worker.Dockerfile"), Some("hoist-manifests")),
            (Some("good/Dockerfile"), None)
        ]
    );
    assert_eq!(place.rplan(&["optimize", "--all", "--check", "-q"]).code, 1);
    let patch = place.rplan(&["optimize", "--all", "--diff"]).stdout;
    assert_eq!(patch.matches("+++ b/").count(), 2, "{patch}");
    let run = place.rplan(&["optimize", "--all", "--write"]);
    assert!(run.code == 0 && run.stdout.ends_with("3 Dockerfiles, proposals for 2, written for 2.\n"), "{run:?}");
    let one = place.read("api/worker.Dockerfile");
    assert!(one.contains("COPY requirements.txt ./\nRUN pip install"), "{one}");
    assert_eq!(place.rplan(&["optimize", "--all", "--check", "-q"]).code, 0, "what is left is not proved");
    let run = place.rplan(&["optimize", "--all", "--check", "--skip", "add-cache-mounts"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, "3 Dockerfiles, nothing to propose.\n"));
}

#[test]
fn a_shared_ignore_file_gets_only_what_every_dockerfile_under_it_can_do_without() {
    let place = repository();
    place.write("api/.git/HEAD", "ref: refs/heads/main\n");
    // One of the two reads the history.
    place.write("api/worker.Dockerfile", "FROM python\nCOPY .git /src/.git\nCOPY . /app\n");
    let run = place.rplan(&["optimize", "--all", "--only", "ignore-git", "--write", "api"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(!place.path().join("api/.dockerignore").exists(), "the other one needs it: {}", run.stdout);
    place.write("api/worker.Dockerfile", "FROM python\nCOPY . /app\n");
    let run = place.rplan(&["optimize", "--all", "--only", "ignore-git", "--write", "api"]);
    assert_eq!((run.code, place.read("api/.dockerignore").as_str()), (0, ".git\n"), "{run:?}");
}

#[test]
fn one_thing_at_a_time_is_verified() {
    let place = repository();
    for wrong in [["--all", "--verify"], ["--all", "--replay=2"], ["--summary", "--check"]] {
        assert_eq!(place.rplan(&["optimize", wrong[0], wrong[1]]).code, 2, "{wrong:?}");
    }
}

/// A cache in a stage that is thrown away changes nothing of the image, but only the split throws it away.
#[test]
fn what_is_proved_on_top_of_a_split_alone_is_not_promised_without_it() {
    let file = "FROM python:3.12-alpine\nRUN apk add --no-cache gcc musl-dev\nCOPY needs.txt /srv/\n\
                WORKDIR /srv\nRUN pip3 install -U pip && pip3 install -r needs.txt\nCOPY . /srv\nCMD [\"python3\", \"a.py\"]\n";
    let place = Place::with(&[("Dockerfile", file), ("needs.txt", "idna==3.10\n"), ("a.py", "print(1)\n")]);
    let shown = place.rplan(&["optimize"]).stdout;
    assert!(
        shown.contains("split-stage") && shown.contains("2  add-cache-mounts     same files, same config"),
        "{shown}"
    );
    assert!(shown.ends_with("--write --verify builds both files and applies 1 and 2 if they agree.\n"), "{shown}");
    assert_eq!(place.rplan(&["optimize", "--write"]).code, 0);
    assert_eq!(place.read("Dockerfile"), file);
}
