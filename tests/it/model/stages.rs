//! The stage graph: which names mean which stages.

use std::collections::BTreeSet;

use rplan::model::{
    Base, ImageFacts, Operation, Resolved, RuntimeConfig, SourceRef, StageId, StageUse, Surroundings, Unknown, Value,
};

use super::{last_values, options, problems, resolved, resolved_with, values};

/// What the references of the last stage stand for, in order: `stage N`, an image, or `!`.
fn references(resolved: &Resolved) -> Vec<String> {
    let stage = resolved.model.stages.last().expect("a stage");
    let graph = &resolved.model.graph;
    let all = stage.instructions.iter().flat_map(|one| (0..3).filter_map(|at| graph.reference(one.id, at)));
    all.map(|reference| match reference {
        SourceRef::Stage(stage) => format!("stage {}", stage.0),
        SourceRef::Image(image) => image.clone(),
        SourceRef::Invalid => "!".to_owned(),
    })
    .collect()
}

fn with_contexts(names: &[&str]) -> Surroundings {
    let named_contexts: BTreeSet<String> = names.iter().map(|name| (*name).to_owned()).collect();
    Surroundings { named_contexts, ..Surroundings::default() }
}

#[test]
fn from_knows_stages_above_by_their_name_in_lower_case() {
    let model = resolved("FROM alpine AS Base\nFROM base\nFROM other\nFROM scratch AS other");
    assert_eq!(model.bases[1], Base::Stage(StageId(0)));
    assert_eq!(model.bases[2], Base::Image("other".to_owned()));
    let model = resolved("FROM alpine AS base\nFROM Base");
    assert_eq!(problems(&model), ["Base: `Base` is no image: `Base` must be in lower case"]);
}

#[test]
fn copy_knows_stages_by_any_case_and_by_number() {
    let model =
        resolved("FROM alpine AS a\nFROM scratch\nCOPY --from=A /x /x\nCOPY --from=0 /x /y\nCOPY --from=busybox /x /z");
    let copies = &model.model.stages[1].instructions[1..];
    let reference = |index: usize| model.model.graph.reference(copies[index].id, 0).cloned();
    assert_eq!(reference(0), Some(SourceRef::Stage(StageId(0))));
    assert_eq!(reference(1), Some(SourceRef::Stage(StageId(0))));
    assert_eq!(reference(2), Some(SourceRef::Image("busybox".to_owned())));
    assert_eq!(model.model.graph.inputs(StageId(1)).len(), 2);
}

#[test]
fn a_stage_cannot_copy_from_itself_or_from_below() {
    let model = resolved("FROM scratch AS a\nCOPY --from=a /x /x");
    assert_eq!(problems(&model), ["a: stage `a` copies from itself: circular dependency"]);
    let model = resolved("FROM scratch AS a\nCOPY --from=b /x /x\nFROM scratch AS b");
    assert_eq!(problems(&model), ["b: stage `b` needs to be defined before stage `a`"]);
    let model = resolved("FROM scratch AS a\nCOPY --from=b /x /x\nFROM scratch AS b\nCOPY --from=a /x /x");
    assert_eq!(problems(&model), ["b: circular dependency: stage `a` and stage `b` need each other"]);
    assert_eq!(model.all_problems()[0].related.len(), 1);
}

#[test]
fn of_several_stages_of_one_name_from_takes_the_latest_above_and_copy_the_last_in_the_file() {
    let model = resolved("FROM alpine AS x\nFROM x AS x\nFROM x\nCOPY --from=x a b");
    assert_eq!(model.bases[1..], [Base::Stage(StageId(0)), Base::Stage(StageId(1))]);
    assert_eq!(references(&model), ["stage 1"]);
    let model = resolved("FROM alpine AS x\nFROM scratch\nCOPY --from=x a b\nFROM scratch AS x");
    assert_eq!(problems(&model), ["x: stage `x` needs to be defined before stage 1"]);
}

#[test]
fn a_stage_stands_before_an_image_of_its_name() {
    let model = resolved("FROM alpine AS scratch\nFROM scratch\nFROM alpine AS busybox\nFROM busybox");
    assert_eq!((&model.bases[1], &model.bases[3]), (&Base::Stage(StageId(0)), &Base::Stage(StageId(2))));
}

#[test]
fn mounts_know_stages_by_name_only() {
    let model = resolved("FROM alpine AS a\nFROM scratch\nRUN --mount=from=A,target=/x --mount=from=0,target=/y z");
    assert_eq!(references(&model), ["stage 0", "0"]);
}

#[test]
fn images_that_copies_name_are_numbered_behind_the_stages() {
    let file = "FROM alpine AS a\nCOPY --from=busybox x y\nFROM scratch\nCOPY --from=2 x y";
    assert_eq!(references(&resolved(file)), ["busybox"]);
    let model = resolved("FROM scratch\nCOPY --from=1 x y\nCOPY --from=-1 x y");
    assert_eq!(references(&model), ["!", "!"]);
    assert_eq!(
        problems(&model),
        [
            "1: there is no stage number 1: stages are numbered 0 to 0",
            "-1: there is no stage number -1: stages are numbered 0 to 0"
        ]
    );
}

#[test]
fn a_longer_loop_is_told_with_all_its_lines() {
    let file = "FROM scratch AS a\nCOPY --from=c x y\nFROM a AS b\nFROM scratch AS c\nCOPY --from=b x y";
    let model = resolved(file);
    assert_eq!(problems(&model), ["c: circular dependency: stage `a` and stage `c` need each other"]);
    let related: Vec<&str> = model.all_problems()[0].related.iter().map(|one| one.value.as_str()).collect();
    assert_eq!(related, ["stage `c` needs stage `b` here", "stage `b` needs stage `a` here"]);
    assert_eq!(references(&resolved(file)), ["stage 1"], "what can be had is kept");
}

#[test]
fn only_what_the_target_needs_is_reached() {
    let model =
        resolved("FROM a AS one\nFROM b AS two\nFROM one AS three\nFROM scratch\nRUN --mount=from=three,target=/x y");
    let needed: Vec<usize> = model.model.graph.needed_by(model.target).into_iter().map(|stage| stage.0).collect();
    assert_eq!(needed, [0, 2, 3]);
    let kinds: Vec<StageUse> = model.model.graph.users(StageId(2)).iter().map(|(_, edge)| edge.kind).collect();
    assert_eq!(kinds, [StageUse::Mount]);
}

#[test]
fn a_named_context_stands_for_an_image_or_a_whole_stage() {
    let file = "FROM alpine AS base\nRUN x\nFROM base\nCOPY --from=base a b\nCOPY --from=busybox a b";
    let model = resolved_with(file, &options(), &with_contexts(&["base", "docker.io/library/busybox:latest"]));
    assert_eq!(model.bases, [Base::Image("base".into()), Base::Image("base".into())]);
    assert_eq!(references(&model), ["base", "busybox"]);
    let needed = model.model.graph.needed_by(model.target);
    assert_eq!(needed.len(), 1, "the stage is not built");
}

#[test]
fn a_named_context_may_be_for_one_platform() {
    let file = "FROM Weird AS x";
    let known = |name: &str| problems(&resolved_with(file, &options(), &with_contexts(&[name]))).is_empty();
    assert!(known("Weird"));
    assert!(known("Weird::linux/amd64"));
    assert!(!known("Weird::linux/arm64"));
}

#[test]
fn triggers_of_a_known_image_fire_and_may_need_stages() {
    let config = RuntimeConfig {
        env: vec![("FROM_BASE".to_owned(), "yes".to_owned())],
        onbuild: vec!["COPY --from=src /$FROM_BASE /app".to_owned(), "RUN [\"x\"]".to_owned(), "RUN a && b".to_owned()],
        ..RuntimeConfig::default()
    };
    let facts = ImageFacts { config, ..ImageFacts::default() };
    let images = [("docker.io/library/base:latest".to_owned(), facts)].into_iter().collect();
    let surroundings = Surroundings { images, ..Surroundings::default() };
    let file = "FROM scratch AS src\nFROM base\nLABEL a=$FROM_BASE b=$NOPE";
    let model = resolved_with(file, &options(), &surroundings);
    let fired = model.triggered(StageId(1));
    assert_eq!(values(&model, &fired[0].operation), ["/yes", "/app"]);
    assert_eq!(last_values(&model), ["a", "yes", "b", ""]);
    assert_eq!(model.model.graph.reference(fired[0].id, 0), Some(&SourceRef::Stage(StageId(0))));
    assert_eq!(model.model.graph.inputs(StageId(1)).len(), 1);
    // Their text is nowhere in the file: they are told at the name of the image.
    let source = &model.model.tree.source;
    assert!(fired.iter().all(|one| source.slice(one.span) == "base"));
    let Operation::Run(run) = &fired[2].operation else { panic!("RUN") };
    assert!(run.command.body().expect("shell form").commands().iter().all(|one| source.slice(one.span) == "base"));
}

#[test]
fn a_bad_trigger_of_an_image_is_told() {
    let config = RuntimeConfig { onbuild: vec!["RUN a\nRUN b".to_owned()], ..RuntimeConfig::default() };
    let images = [("docker.io/library/base:latest".to_owned(), ImageFacts { config, ..ImageFacts::default() })];
    let surroundings = Surroundings { images: images.into_iter().collect(), ..Surroundings::default() };
    let model = resolved_with("FROM base", &options(), &surroundings);
    assert_eq!(
        problems(&model),
        ["base: the ONBUILD trigger `RUN a\nRUN b` of this image cannot be used: it is not one instruction"]
    );
}

#[test]
fn a_trigger_that_is_stored_has_no_values_yet() {
    let model = resolved("FROM scratch\nONBUILD ENV A=$B");
    let Operation::Onbuild(stored) = &model.model.stages[0].instructions[1].operation else { panic!("ONBUILD") };
    stored.trigger.operation.for_each_word(&mut |word| {
        assert_eq!(model.value(word), &Value::Unknown(Unknown::Deferred));
    });
}

#[test]
fn comments_above_describe_stages_and_arguments_by_name() {
    let model = resolved("# BASE which image\nARG BASE=alpine\n# build makes it\nFROM $BASE AS Build\n# other\nARG X");
    assert_eq!(model.model.stages[0].description.as_deref(), Some("makes it"));
    let Operation::Arg(args) = &model.model.globals[0].operation else { panic!("ARG") };
    assert_eq!(args[0].description.as_deref(), Some("which image"));
}
