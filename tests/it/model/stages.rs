//! The stage graph: which names mean which stages.

use rplan::model::{Base, SourceRef, StageId};

use super::{problems, resolved};

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
