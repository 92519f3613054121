//! ARG, ENV and scopes: the later line wins within a stage, and what stages hand down.

use rplan::model::{Base, Standing};

use super::{last_values, problems, resolved, resolved_with, values, with_args};

/// The value of `$X` at the end of a file.
fn x_at_end(text: &str) -> String {
    last_values(&resolved(&format!("{text}\nLABEL x=$X"))).pop().expect("a value")
}

#[test]
fn variables_of_one_instruction_see_the_state_before_it() {
    assert_eq!(x_at_end("FROM scratch\nENV A=hello\nENV A=bye X=$A"), "hello");
    assert_eq!(x_at_end("FROM scratch\nENV A=1\nENV X=$A\nENV A=2"), "1");
}

#[test]
fn the_later_of_arg_and_env_wins_within_a_stage() {
    assert_eq!(x_at_end("FROM scratch\nENV X=env\nARG X=arg"), "arg");
    assert_eq!(x_at_end("FROM scratch\nARG X=arg\nENV X=env"), "env");
    assert_eq!(x_at_end("FROM scratch\nENV X=env\nARG X"), "env");
}

#[test]
fn a_stage_on_another_sees_its_env_again_and_inherits_its_args() {
    assert_eq!(x_at_end("FROM scratch AS a\nENV X=env\nARG X=arg\nFROM a"), "env");
    assert_eq!(x_at_end("FROM scratch AS a\nARG X=arg\nFROM a"), "arg");
    assert_eq!(x_at_end("FROM scratch AS a\nARG X=1\nFROM a AS b\nARG X=2\nFROM b"), "2");
    assert_eq!(x_at_end("FROM scratch AS a\nARG X=arg\nFROM scratch"), "");
}

#[test]
fn global_arguments_enter_a_stage_only_where_it_declares_them() {
    assert_eq!(x_at_end("ARG X=global\nFROM scratch"), "");
    assert_eq!(x_at_end("ARG X=global\nFROM scratch\nARG X"), "global");
    assert_eq!(x_at_end("ARG X=global\nFROM scratch\nARG X=own"), "own");
    assert_eq!(x_at_end("ARG A=1\nARG X=$A.2\nFROM scratch\nARG X"), "1.2");
    assert_eq!(x_at_end("ARG A=1 X=$A\nFROM scratch\nARG X"), "1");
}

#[test]
fn build_arguments_win_over_defaults_and_need_a_declaration() {
    let file = "ARG X=default\nFROM scratch\nARG X=own\nLABEL x=$X";
    assert_eq!(last_values(&resolved_with(file, &with_args(&["X=given"]), &Default::default()))[1], "given");
    let file = "FROM scratch\nLABEL x=$X";
    assert_eq!(last_values(&resolved_with(file, &with_args(&["X=given"]), &Default::default()))[1], "");
}

#[test]
fn a_wrong_default_counts_only_if_it_is_used() {
    let file = "ARG X=${Y:?missing}\nFROM scratch\nARG Z=${Y?}";
    assert_eq!(problems(&resolved(file)), ["${Y:?missing}: Y: missing", "${Y?}: Y: is not allowed to be unset"]);
    assert_eq!(problems(&resolved_with(file, &with_args(&["X=1", "Z=1"]), &Default::default())), [""; 0]);
}

#[test]
fn platform_arguments_are_predefined_globally() {
    assert_eq!(x_at_end("FROM scratch\nARG TARGETARCH\nENV X=$TARGETARCH"), "amd64");
    assert_eq!(x_at_end("FROM scratch\nENV X=$TARGETARCH"), "");
    let file = "FROM alpine:$TARGETOS-$BUILDARCH AS last\nARG TARGETSTAGE\nLABEL x=$TARGETSTAGE";
    let model = resolved(file);
    assert_eq!(model.bases, [Base::Image("alpine:linux-amd64".to_owned())]);
    assert_eq!(last_values(&model)[1], "last");
    let model = resolved_with(file, &with_args(&["TARGETOS=plan9"]), &Default::default());
    assert_eq!(model.bases, [Base::Image("alpine:plan9-amd64".to_owned())]);
}

#[test]
fn what_an_unknown_base_may_set_is_unknown() {
    let model = resolved("FROM alpine\nENV A=1 PATH=/x:$PATH\nLABEL a=$A b=$PATH c=$B d=${B:-x} e=$1");
    assert_eq!(last_values(&model)[1], "1");
    assert_eq!(last_values(&model)[3], "?the value of `PATH` is unknown");
    assert_eq!(last_values(&model)[5], "?`B` may come from the base image");
    assert_eq!(last_values(&model)[7], "?`B` may come from the base image");
    assert_eq!(last_values(&model)[9], "");
}

#[test]
fn scratch_has_a_path_and_nothing_else() {
    assert!(x_at_end("FROM scratch\nENV X=$PATH").starts_with("/usr/local/sbin:"));
}

#[test]
fn uses_tell_how_the_variable_stood() {
    let model = resolved("FROM scratch\nARG A\nENV B=1\nLABEL a=$A b=$B c=${C:-}");
    let stood: Vec<_> = model.uses().iter().map(|one| (one.name.as_str(), one.standing)).collect();
    assert_eq!(stood, [("A", Standing::Declared), ("B", Standing::Set), ("C", Standing::Undefined)]);
    assert_eq!(model.model.tree.source.slice(model.uses()[2].span), "${C:-}");
}

#[test]
fn from_may_wait_for_a_build_argument() {
    let model = resolved("ARG TAG\nFROM alpine:$TAG");
    assert_eq!(model.bases, [Base::Unknown]);
    assert_eq!(problems(&model), [""; 0]);
    assert_eq!(problems(&resolved("ARG X=\nFROM $X")), ["$X: the name of the base image is empty"]);
}

#[test]
fn triggers_of_a_stage_fire_in_those_that_build_on_it() {
    let model = resolved("FROM scratch AS a\nARG X=1\nONBUILD ENV Y=$X\nFROM a\nLABEL y=$Y\nFROM scratch");
    let stages = &model.model.stages;
    let fired = model.triggered(stages[1].id);
    assert_eq!(values(&model, &fired[0].operation), ["Y", "1"]);
    assert_eq!(values(&model, &stages[1].instructions[1].operation), ["y", "1"]);
    assert!(model.triggered(stages[2].id).is_empty());
}
