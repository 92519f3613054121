//! Dockerfiles that are written into Compose and Bake files.

use super::*;

const COMPOSE: &str = "\
services:
  web:
    build:
      context: app
      args:
        TAG: latest
      dockerfile_inline: |
        ARG TAG
        FROM alpine:$$TAG AS Base
        MAINTAINER me

        RUN cd /x && echo $${HOME} é > y
        COPY gone /z
";

const BAKE: &str = "\
target \"app\" {
  dockerfile-inline = <<EOT
FROM alpine
RUN echo $${HOME}
EOT
}
target \"other\" {
  dockerfile-inline = <<-EOT
    FROM alpine:3.20
    MAINTAINER me
      RUN echo $HOME \"${TAG}\"
  EOT
}
target \"quoted\" {
  dockerfile-inline = \"FROM alpine:3.20\\nMAINTAINER me\\nRUN echo é\\nSHELL x\"
}
";

#[test]
fn findings_have_their_place_in_the_file_around() {
    let place = Place::with(&[("compose.yaml", COMPOSE), ("docker-bake.hcl", BAKE), ("app/here", "")]);
    let run = place.rplan(&["lint", "--severity", "info", "compose.yaml", "docker-bake.hcl", "--format", "compact"]);
    in_area("cli", || insta::assert_snapshot!("lint_inline", run.shown()));
    assert_eq!(place.rplan(&["lint", "--severity", "info", "--format", "compact"]).stdout, run.stdout, "searched");
    let run = place.rplan(&["lint", "compose.yaml", "--select", "latest-tag,maintainer"]);
    in_area("cli", || insta::assert_snapshot!("lint_inline_drawn", run.shown()));
}

#[test]
fn repairs_change_the_file_around() {
    let place = Place::with(&[("compose.yaml", COMPOSE), ("docker-bake.hcl", BAKE)]);
    let run = place.rplan(&["fix", "--diff", "--unsafe"]);
    in_area("cli", || insta::assert_snapshot!("fix_inline_diff", run.shown()));
    let run = place.rplan(&["fix", "--unsafe"]);
    assert_eq!(run.code, 0, "{run:?}");
    let once = [place.read("compose.yaml"), place.read("docker-bake.hcl")];
    assert!(place.rplan(&["fix", "--unsafe"]).stdout.is_empty(), "a second run changes nothing");
    assert_eq!([place.read("compose.yaml"), place.read("docker-bake.hcl")], once);
}

#[test]
fn what_the_environment_fills_in_is_neither_judged_nor_changed() {
    let compose = "services:\n  a:\n    build:\n      dockerfile_inline: |\n        FROM alpine:${TAG}\n        MAINTAINER $WHO\n        \
                   ENV A ${B:-b}\n        ENV C d\n        MAINTAINER you\n";
    let place = Place::with(&[("compose.yaml", compose)]);
    let run = place.rplan(&["lint", "--severity", "style", "--format", "compact"]);
    let lines: Vec<&str> = run.stdout.lines().filter_map(|line| line.split(':').nth(1)).collect();
    assert_eq!(lines, ["7", "8", "9"], "{run:?}");
    assert_eq!(place.rplan(&["fix"]).code, 0);
    assert_eq!(place.read("compose.yaml"), compose, "a rule that would change what is filled in changes nothing");
    let plain = compose.replace("ENV A ${B:-b}", "ENV A=${B:-b}").replace("MAINTAINER $WHO", "USER $WHO");
    place.write("compose.yaml", &plain);
    assert_eq!(place.rplan(&["fix"]).stdout, "repaired compose.yaml: legacy-key-value, maintainer\n");
    let expected = plain.replace("ENV C d", "ENV C=d");
    assert!(
        place.read("compose.yaml").starts_with(expected.split("MAINTAINER").next().unwrap()),
        "{}",
        place.read("compose.yaml")
    );
}

#[test]
fn one_dockerfile_of_two_services_is_judged_once() {
    let compose = "services:\n  a:\n    build: &build\n      target: one\n      dockerfile_inline: |\n        FROM alpine AS one\n        \
                   FROM alpine:3.20 AS two\n        FROM alpine:3.20 AS three\n  b:\n    build:\n      <<: *build\n      target: two\n";
    let place = Place::with(&[("compose.yaml", compose)]);
    let run =
        place.rplan(&["lint", "--severity", "info", "--format", "compact", "--select", "untagged-image,unused-stage"]);
    assert_eq!(run.stdout.lines().count(), 1, "{run:?}");
    assert!(run.stdout.starts_with("compose.yaml:6:14: warning[untagged-image]"), "{run:?}");
}

#[test]
fn json_and_folded_texts_are_linted_and_never_repaired() {
    let json =
        "{\"target\": {\"app\": {\"dockerfile-inline\": \"FROM alpine\\nENV A b\\nRUN echo \\\"$${X}\\\"\\n\"}}}\n";
    let folded = "services:\n  a:\n    build:\n      dockerfile_inline: >\n        FROM\n        alpine\n";
    let place = Place::with(&[("docker-bake.json", json), ("compose.yaml", folded)]);
    let run = place.rplan(&[
        "lint",
        "--format",
        "compact",
        "--select",
        "untagged-image,legacy-key-value",
        "--severity",
        "style",
    ]);
    assert_eq!(
        run.stdout.lines().map(|line| line.split(" ").next().unwrap()).collect::<Vec<_>>(),
        ["compose.yaml:5:9:", "docker-bake.json:1:48:", "docker-bake.json:1:60:"],
        "{run:?}"
    );
    assert_eq!(place.rplan(&["fix"]).stdout, "");
    assert_eq!((place.read("docker-bake.json"), place.read("compose.yaml")), (json.to_owned(), folded.to_owned()));
}

#[test]
fn an_ignore_within_silences_what_is_within() {
    let compose = "services:\n  a:\n    build:\n      dockerfile_inline: |\n        # rplan ignore=untagged-image reason=\"x\"\n        FROM alpine\n";
    let place = Place::with(&[("compose.yaml", compose), ("rplan.toml", "[lint]\nselect = ['untagged-image']\n")]);
    assert_eq!(place.rplan(&["lint"]).code, 0);
}

#[test]
fn stdin_is_no_compose_file() {
    let run = Place::with(&[]).rplan_with(&["lint", "-", "--stdin-filename", "compose.yaml"], &[], COMPOSE);
    assert!(run.code == 2 && run.stderr.contains("stdin is read as a Dockerfile"), "{run:?}");
}
