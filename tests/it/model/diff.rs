//! What changed in meaning between two versions of a file.

use rplan::model;

use super::resolved;

/// The changes by name, stages first.
fn changes(before: &str, after: &str) -> Vec<String> {
    model::diff(&resolved(before), &resolved(after)).iter().map(ToString::to_string).collect()
}

#[test]
fn what_only_looks_different_is_no_change() {
    for (before, after) in [
        ("from alpine as Build\nrun a &&   b", "FROM alpine AS build\n# why\n\nRUN a && \\\n  b"),
        ("FROM scratch\nENV A \"x\"", "FROM scratch\nENV A='x'"),
        ("FROM scratch\nENV A=1\nLABEL a=\"$A\"", "FROM scratch\nENV A=1\nLABEL a=${A}"),
        ("FROM alpine\nENV A $PATH", "FROM alpine\nENV A=\"${PATH}\""),
        ("FROM a\nENV B ${A:-c} $D", "FROM a\nENV B=\"${A:-'c'} ${D}\""),
        ("FROM scratch\nCOPY --link=false a b", "FROM scratch\nCOPY a b"),
        ("FROM scratch\nCOPY [\"a\", \"b\"]", "FROM scratch\nCOPY a b"),
        ("FROM a\nHEALTHCHECK --interval=60s CMD x", "FROM a\nHEALTHCHECK --interval=1m CMD x"),
        ("FROM a\nRUN --network=default x", "FROM a\nRUN x"),
    ] {
        assert_eq!(changes(before, after), [""; 0], "{before:?} → {after:?}");
    }
}

#[test]
fn each_respect_has_its_name() {
    for (before, after, expected) in [
        ("FROM a", "FROM b", vec!["from.image"]),
        ("FROM a", "FROM a AS x", vec!["from.name"]),
        ("FROM a\nCOPY x y", "FROM a\nCOPY --chown=1 x z", vec!["copy.destination, copy.chown"]),
        ("FROM a\nRUN x", "FROM a\nRUN [\"x\"]", vec!["run.command"]),
        ("FROM a\nRUN x", "FROM a\nRUN 'x'", vec!["run.command"]),
        ("FROM a\nRUN x\\ y", "FROM a\nRUN x\\  y", vec!["run.command"]),
        (
            "FROM a\nRUN --mount=type=cache,target=/x y",
            "FROM a\nRUN --mount=type=cache,target=/z y",
            vec!["run.mounts"],
        ),
        ("FROM a\nENV A=1", "FROM a\nENV A=2", vec!["env.pairs"]),
        ("FROM a\nENV B=${A-c}", "FROM a\nENV B=${A:-c}", vec!["env.pairs"]),
        ("FROM a\nENV B=${A:-$C}", "FROM a\nENV B=${A:-}", vec!["env.pairs"]),
        ("FROM a\nENV B=${A:+c}", "FROM a\nENV B=${A:+d}", vec!["env.pairs"]),
        ("FROM a\nENV B=${A#c}", "FROM a\nENV B=${A#'c'}", vec!["env.pairs"]),
        ("FROM a\nONBUILD RUN x", "FROM a\nONBUILD RUN y", vec!["onbuild.command"]),
    ] {
        assert_eq!(changes(before, after), expected, "{before:?} → {after:?}");
    }
}

#[test]
fn moves_are_told_as_moves() {
    assert_eq!(changes("FROM a\nRUN x\nRUN y\nRUN z", "FROM a\nRUN z\nRUN x\nRUN y"), ["run.moved"]);
    assert_eq!(changes("FROM a\nCOPY . .\nRUN x", "FROM a\nRUN x\nCOPY . ."), ["copy.moved"]);
    assert_eq!(
        changes("FROM a AS x\nUSER u\nFROM b AS y", "FROM a AS x\nFROM b AS y\nUSER u"),
        ["user.moved"],
        "to another stage"
    );
}

#[test]
fn what_moves_past_a_variable_it_uses_changes() {
    let before = "FROM scratch\nENV A=1\nLABEL a=$A";
    assert_eq!(changes(before, "FROM scratch\nLABEL a=$A\nENV A=1"), ["label.pairs"]);
}

#[test]
fn a_value_in_place_of_a_variable_is_a_change() {
    let before = "FROM scratch\nARG A=1\nLABEL a=$A";
    assert_eq!(changes(before, "FROM scratch\nARG A=1\nLABEL a=1"), ["label.pairs"]);
}

#[test]
fn stages_and_instructions_come_and_go() {
    assert_eq!(
        changes("FROM a\nRUN x\nCMD y", "FROM a AS build\nRUN x\nFROM scratch\nCOPY --from=build /x /x\nCMD y"),
        ["stage.added", "from.added", "run.moved", "from.image", "copy.added"]
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    );
    assert_eq!(changes("FROM a\nRUN x", "FROM a"), ["run.removed"]);
    assert_eq!(changes("ARG A\nFROM a", "FROM a"), ["arg.removed"]);
    assert_eq!(changes("FROM a\nENV X=1", "FROM a\nENV X=1\nENV X=1"), ["env.added"]);
}
