//! Which steps there are, what they are called and what they wait for.

use std::fmt::Write as _;

use rplan::model::RuntimeConfig;
use rplan::plan::{BasePlace, Filesystem, Images, Operation, Origin, Outcome, Planned, Source};

use super::{Case, planned, step};
use crate::support::snapshot::in_area;

/// A plan as text: each line of each stage with its step and what that waits for.
fn drawn(planned: &Planned) -> String {
    let mut text = String::new();
    for stage in &planned.stages {
        let name = stage.name.as_deref().unwrap_or("-");
        writeln!(text, "stage {} {name}, on {:?}, ends with {:?}", stage.id.0, stage.base, stage.filesystem).unwrap();
        for line in &stage.lines {
            let Some(id) = line.step else {
                writeln!(text, "  {:<14} {}", "", line.text).unwrap();
                continue;
            };
            let step = planned.step(id);
            let waits: Vec<String> =
                step.waits_for().iter().map(|input| planned.step(*input).name.to_string()).collect();
            let waits = if waits.is_empty() { String::new() } else { format!("   <- {}", waits.join(" ")) };
            writeln!(text, "  {:<14} {}{waits}", step.name.to_string(), line.text).unwrap();
        }
    }
    text
}

#[test]
fn a_diamond_of_stages() {
    let planned = planned(
        "FROM alpine AS base\nRUN apk add make\n\
         FROM base AS left\nWORKDIR /l\nRUN make left\n\
         FROM base AS right\nRUN make right\n\
         FROM scratch\nCOPY --from=left /l /l\nCOPY --from=right /r /r\nCMD [\"/l\"]\n",
    );
    in_area("plan", || insta::assert_snapshot!("diamond", drawn(&planned)));
}

#[test]
fn only_what_the_target_needs_is_planned() {
    let file = "FROM a AS one\nRUN 1\nFROM b AS two\nRUN 2\nFROM Bad AS three\nCOPY --chmod=nine x y\n";
    let planned = Case::of(file).target("two").planned();
    assert_eq!(planned.steps.iter().map(|step| step.name.to_string()).collect::<Vec<_>>(), ["[two 1/2]", "[two 2/2]"]);
    assert!(Case::of(file).outcome(Images::MayBeAssumed).is_err());
}

#[test]
fn a_stage_without_a_name_is_told_by_number_only_among_several() {
    let names = |file: &str| -> Vec<String> { planned(file).steps.iter().map(|step| step.name.to_string()).collect() };
    assert_eq!(names("FROM a AS x\nRUN 1\nFROM b\nCOPY --from=x /a /\n"), ["[x 1/2]", "[x 2/2]", "[1/2]", "[2/2]"]);
    assert_eq!(names("FROM a\nFROM b\nCOPY --from=0 /a /\n"), ["[stage-0 1/1]", "[stage-1 1/2]", "[stage-1 2/2]"]);
}

#[test]
fn metadata_lines_have_no_step_and_nobody_waits_for_them() {
    let planned = planned("FROM a\nENV A=1\nLABEL b=2\nRUN x\nUSER u\nWORKDIR /\nEXPOSE 80\nRUN y\n");
    assert_eq!(planned.steps.len(), 3);
    assert_eq!(planned.target_stage().lines.len(), 8);
    assert_eq!(step(&planned, "[3/3]").waits_for(), [step(&planned, "[2/3]").id]);
}

#[test]
fn scratch_and_stages_below_take_no_step() {
    let planned = planned("FROM scratch AS a\nCOPY x /\nFROM a AS b\nFROM b\nRUN y\n");
    assert_eq!(planned.steps.len(), 2);
    assert_eq!(planned.steps[0].below, Some(Filesystem::Empty));
    assert_eq!(planned.steps[1].below, Some(Filesystem::Of(planned.steps[0].id)));
    assert_eq!(planned.history(planned.target_stage()).len(), 2);
    assert_eq!(planned.base_step(planned.target_stage()), None);
}

#[test]
fn images_that_only_copies_name_are_brought_once() {
    let planned = planned("FROM a\nCOPY --from=tools:1 /x /\nCOPY --from=docker.io/library/tools:1 /y /\nRUN z\n");
    let names: Vec<String> = planned.steps.iter().map(|step| step.name.to_string()).collect();
    assert_eq!(names, ["[1/4]", "[tools:1 1/1]", "[2/4]", "[3/4]", "[4/4]"]);
    assert_eq!(step(&planned, "[3/4]").waits_for(), [rplan::plan::StepId(1), rplan::plan::StepId(2)]);
}

#[test]
fn mounts_make_edges() {
    let planned = planned(
        "FROM a AS src\nRUN 1\nFROM b\nWORKDIR /w\n\
         RUN --mount=from=src,source=/out,target=in --mount=type=cache,target=/c --mount=target=/ctx --mount=type=secret,id=s 2\n",
    );
    let run = step(&planned, "[3/3]");
    assert_eq!(run.waits_for(), [step(&planned, "[src 2/2]").id, step(&planned, "[2/3]").id]);
    let Operation::Run(run) = &run.operation else { panic!("a RUN") };
    let mounts: Vec<_> = run.mounts.iter().map(|mount| (mount.source.as_str(), mount.target.as_str())).collect();
    assert_eq!(mounts, [("out", "/w/in"), ("", "/c"), ("", "/ctx"), ("", "")]);
    assert_eq!(run.mounts[1].origin, None);
    assert_eq!(run.mounts[2].origin, Some(Origin::Context));
}

#[test]
fn sources_and_destinations_are_cleaned() {
    let case = |line: &str| {
        let planned = planned(&format!("FROM a\nWORKDIR /w\n{line}\n"));
        match &step(&planned, "[3/3]").operation {
            Operation::Copy(copy) => copy.transfer.clone(),
            Operation::Add(add) => add.transfer.clone(),
            _ => panic!("{line}"),
        }
    };
    let shape = |line: &str| {
        let transfer = case(line);
        let sources = transfer.sources.into_iter().map(|source| source.value).collect::<Vec<_>>();
        (sources, transfer.destination)
    };
    let path = |text: &str| Source::Path(text.to_owned());
    assert_eq!(shape("COPY . ."), (vec![path("")], "/w/".into()));
    assert_eq!(shape("COPY ../../etc/ /x/../y"), (vec![path("etc")], "/y".into()));
    assert_eq!(shape("COPY a b sub/"), (vec![path("a"), path("b")], "/w/sub/".into()));
    assert_eq!(shape("COPY a /"), (vec![path("a")], "/".into()));
    assert_eq!(shape("COPY a /d/."), (vec![path("a")], "/d/".into()));
    assert_eq!(shape("COPY --parents ./a/../b/./c/d /e/"), (vec![path("b/./c/d")], "/e/".into()));
    assert_eq!(
        shape("ADD https://x.org/a.tar git@x.org:a/b ./https://x /d/"),
        (
            vec![Source::Url("https://x.org/a.tar".into()), Source::Git("git@x.org:a/b".into()), path("https:/x")],
            "/d/".into()
        )
    );
    assert!(case("COPY --link a b").link);
    assert!(!case("COPY --link --chmod=755 a b").link, "with --chmod builders make a plain copy");
}

#[test]
fn commands_are_built_for_the_shell_in_force() {
    let argv = |file: &str| {
        let planned = planned(file);
        match &planned.steps.last().unwrap().operation {
            Operation::Run(run) => run.argv.clone(),
            _ => panic!("{file}"),
        }
    };
    assert_eq!(argv("FROM a\nRUN echo  $X\n"), ["/bin/sh", "-c", "echo  $X"]);
    assert_eq!(argv("FROM a\nRUN [\"x\", \"y z\"]\n"), ["x", "y z"]);
    assert_eq!(argv("FROM a\nSHELL [\"bash\", \"-ec\"]\nRUN x\n"), ["bash", "-ec", "x"]);
    assert_eq!(argv("FROM a\nRUN <<EOF\na\nb\nEOF\n"), ["/bin/sh", "-c", "a\nb\n"]);
    assert_eq!(argv("FROM a\nRUN <<-EOF\n\ta\n\tEOF\n"), ["/bin/sh", "-c", "a\n"]);
    assert_eq!(argv("FROM a\nRUN <<S\n#!/bin/env python\nx\nS\n"), ["/bin/sh", "-c", "/dev/pipes/S"]);
    assert_eq!(argv("FROM a\nRUN cat <<A <<B\na\nA\nb\nB\n"), ["/bin/sh", "-c", "cat <<A <<B\na\nA\nb\nB"]);
}

#[test]
fn triggers_of_stages_and_images_become_steps() {
    let config =
        RuntimeConfig { onbuild: vec!["COPY --from=tools /t /t".into(), "RUN make".into()], ..Default::default() };
    let case = Case::of(
        "FROM scratch AS tools\nCOPY t /t\nFROM with-triggers AS app\nONBUILD RUN child\nRUN own\nFROM app\nRUN last\n",
    )
    .image("with-triggers", config);
    in_area("plan", || insta::assert_snapshot!("triggers", drawn(&case.planned())));
    let planned = case.planned();
    assert_eq!(planned.stages[1].config.onbuild, ["RUN child"]);
    assert!(planned.target_stage().config.onbuild.is_empty());
}

#[test]
fn images_are_asked_for_or_assumed() {
    let case = Case::of(
        "FROM alpine:3 AS a\nFROM --platform=linux/arm64 alpine:3\nCOPY --from=a /x /\nCOPY --from=tools /y /\n",
    );
    let Ok(Outcome::Needs(needed)) = case.outcome(Images::Required) else { panic!("images are missing") };
    let needed: Vec<_> = needed.iter().map(|image| (image.normalized.as_str(), image.platform.as_str())).collect();
    let (alpine, tools) = ("docker.io/library/alpine:3", "docker.io/library/tools:latest");
    assert_eq!(needed, [(alpine, "linux/amd64"), (alpine, "linux/arm64"), (tools, "linux/amd64")]);
    assert_eq!(case.planned().assumed, ["alpine:3", "tools"]);
    let case = case.image("alpine:3", RuntimeConfig::default()).image("tools", RuntimeConfig::default());
    assert!(matches!(case.outcome(Images::Required), Ok(Outcome::Planned(planned)) if planned.assumed.is_empty()));
}

#[test]
fn what_nobody_can_know_is_shown_as_written_or_refused() {
    let case = Case::of("ARG TAG\nFROM alpine:$TAG\nENV P=$HOME/x\nWORKDIR $P\n");
    let planned = case.planned();
    assert_eq!(planned.assumed, ["alpine:$TAG"]);
    assert_eq!(planned.target_stage().config.workdir, "/$P");
    let case = case.image("alpine:$TAG", RuntimeConfig::default());
    let problems = case.outcome(Images::Required).unwrap_err();
    assert!(problems[0].message.contains("alpine:$TAG"), "{problems:?}");
}

#[test]
fn a_plan_reads_back_what_it_writes() {
    let planned =
        planned("FROM a AS x\nRUN --mount=target=/c 1\nFROM b\nCOPY --from=x <<E /y\nhi\nE\nADD a /\nWORKDIR c\n");
    let json = serde_json::to_string(&planned).unwrap();
    assert_eq!(serde_json::from_str::<Planned>(&json).unwrap(), planned);
}

#[test]
fn a_named_context_stands_for_an_image_or_for_a_whole_stage() {
    let mut case =
        Case::of("FROM alpine AS deps\nRUN install\nFROM base\nCOPY --from=deps /d /d\nCOPY --from=extra /e /e\n");
    case.surroundings.named_contexts = ["deps", "base", "extra"].map(str::to_owned).into();
    let planned = case.planned();
    let shown: Vec<(String, BasePlace)> = planned
        .steps
        .iter()
        .filter_map(|step| match &step.operation {
            Operation::Base(base) => Some((format!("{} {}", step.name, base.reference), base.place)),
            _ => None,
        })
        .collect();
    let context = |text: &str| (text.to_owned(), BasePlace::NamedContext);
    assert_eq!(shown, [context("[1/3] base"), context("[deps 1/1] deps"), context("[extra 1/1] extra")]);
    assert_eq!(planned.steps.len(), 5, "the lines of the stage are gone");
    assert_eq!(case.target("deps").planned().steps.len(), 1, "also where it is what is built");
}
