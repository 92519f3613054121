//! What a change makes stale, on many shapes, and against a builder that really runs.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use rplan::model::BuildContext;
use rplan::plan::Planned;
use rplan::plan::stale::{Builder, Changes, Fate, Watch, invalidated};

use super::interpreter::{Cache, Files, build};
use super::planned;
use crate::support::memory::MemoryContext;

/// One letter for each step: runs, may run, or cached.
fn fates(planned: &Planned, context: Option<&dyn BuildContext>, changed: &[&str], builder: Builder) -> String {
    let changes = Changes::of_paths(changed.iter().copied(), context);
    let letter = |fate: &Fate| match fate {
        Fate::Runs(_) => 'R',
        Fate::MayRun(_) => 'm',
        Fate::Cached => '.',
    };
    invalidated(planned, &changes, context, builder).iter().map(letter).collect()
}

fn case(dockerfile: &str, changed: &[&str]) -> String {
    fates(&planned(dockerfile), None, changed, Builder::Rplan)
}

#[test]
fn a_copy_runs_if_a_changed_path_is_among_its_sources() {
    let file = "FROM a\nCOPY lib *.txt src/main.c /x/\nRUN y\n";
    for (path, expected) in [
        ("lib", ".Rm"),
        ("lib/deep/er", ".Rm"),
        ("library", "..."),
        ("a.txt", ".Rm"),
        ("sub/a.txt", "..."),
        ("src/main.c", ".Rm"),
        ("src/other.c", "..."),
        ("./src/../lib/x", ".Rm"),
    ] {
        assert_eq!(case(file, &[path]), expected, "{path}");
    }
}

#[test]
fn what_stands_on_a_copy_that_surely_differs_surely_runs() {
    assert_eq!(case("FROM a\nCOPY lib /x/\nRUN y\nWORKDIR /z\nRUN w\n", &["lib/a"]), ".RRRR");
    assert_eq!(case("FROM a\nRUN before\nCOPY . .\nRUN y\n", &["any"]), "..RR");
}

#[test]
fn what_stands_on_a_run_that_runs_may_run_unless_the_builder_never_looks() {
    let planned = planned("FROM a\nRUN --mount=target=/c x\nRUN y\n");
    assert_eq!(fates(&planned, None, &["f"], Builder::Rplan), ".Rm");
    for builder in [Builder::Buildkit, Builder::Buildah, Builder::Kaniko] {
        assert_eq!(fates(&planned, None, &["f"], builder), ".RR");
    }
}

#[test]
fn whoever_copies_in_every_build_still_keeps_what_follows() {
    let planned = planned("FROM a\nCOPY f /\nRUN x\nADD g /\nRUN y\n");
    assert_eq!(fates(&planned, None, &["other"], Builder::Buildkit), ".....");
    for builder in [Builder::Buildah, Builder::Kaniko] {
        assert_eq!(fates(&planned, None, &["other"], builder), ".R.R.");
        assert_eq!(fates(&planned, None, &["g"], builder), ".R.RR");
        assert_eq!(fates(&planned, None, &["f"], builder), ".RRRR");
        let unchanged = invalidated(&planned, &Changes::default(), None, builder);
        assert!(unchanged.iter().all(|fate| !fate.is_stale() || fate.is_repeated()), "{unchanged:?}");
    }
    let from_a_stage = super::planned("FROM a AS s\nCOPY f /\nRUN x\nFROM b\nCOPY --from=s /o /o\nRUN y\n");
    assert_eq!(fates(&from_a_stage, None, &["f"], Builder::Buildkit), ".RR.mm");
    assert_eq!(
        fates(&from_a_stage, None, &["f"], Builder::Buildah),
        ".RR.Rm",
        "it copies, and the cache may hold that"
    );
}

#[test]
fn buildah_looks_up_no_run_that_mounts_a_stage_which_ran() {
    let planned = planned("FROM a AS s\nCOPY f /\nFROM b\nRUN --mount=from=s,target=/s x\n");
    assert_eq!(fates(&planned, None, &["f"], Builder::Buildkit), ".R.m");
    assert_eq!(fates(&planned, None, &["f"], Builder::Buildah), ".R.R");
}

#[test]
fn kaniko_knows_no_linked_copies() {
    let planned = planned("FROM a\nCOPY f /\nCOPY --link g /\nRUN y\n");
    assert_eq!(fates(&planned, None, &["f"], Builder::Buildkit), ".R.R");
    assert_eq!(fates(&planned, None, &["f"], Builder::Kaniko), ".RRR");
}

#[test]
fn what_copies_from_a_stage_that_runs_may_run() {
    let file = "FROM a AS s\nCOPY . .\nRUN make\nFROM b\nRUN own\nCOPY --from=s /out /out\nRUN end\n";
    assert_eq!(case(file, &["f"]), ".RR..mm");
    // The last line takes a changed file itself, whatever the stage gives.
    assert_eq!(case(&format!("{file}COPY f /f\nRUN x\n"), &["f"]), ".RR..mmRR");
}

#[test]
fn stages_that_build_on_each_other_are_one_chain() {
    assert_eq!(case("FROM a AS s\nCOPY f /\nFROM s\nRUN y\nFROM s AS t\nRUN z\n", &["f"]), ".RR");
}

#[test]
fn a_linked_copy_stays_cached_on_what_runs_and_passes_that_on() {
    assert_eq!(case("FROM a\nCOPY f /\nCOPY --link g /\nRUN y\n", &["f"]), ".R.R");
}

#[test]
fn excluded_and_ignored_files_do_not_count() {
    assert_eq!(case("FROM a\nCOPY --exclude=**/*.md . /x/\n", &["doc/a.md"]), "..");
    assert_eq!(case("FROM a\nCOPY --exclude=*.md a.md /x/\n", &["a.md"]), ".m");
    let context = MemoryContext::new([("a", "1"), ("b", "2")]).excluding("*.log");
    let planned = planned("FROM a\nCOPY . .\n");
    assert_eq!(fates(&planned, Some(&context), &["x.log"], Builder::Rplan), "..");
    assert_eq!(fates(&planned, Some(&context), &["new"], Builder::Rplan), ".R");
}

#[test]
fn a_directory_stands_for_what_is_in_it() {
    let context = MemoryContext::new([("src/a", "1"), ("src/b/c", "2"), ("d", "3")]);
    let planned = planned("FROM a\nCOPY src/b /x/\nFROM a\nCOPY d /\n");
    let planned_both = super::Case::of("FROM a AS x\nCOPY src/b /x/\nFROM x\nCOPY d /\n").planned();
    assert_eq!(fates(&planned_both, Some(&context), &["src"], Builder::Rplan), ".RR");
    assert_eq!(fates(&planned, Some(&context), &["src"], Builder::Rplan), "..");
}

#[test]
fn changed_ignore_rules_may_change_whatever_is_copied() {
    assert_eq!(case("FROM a\nCOPY f /\nRUN x\nCOPY --from=b /y /\n", &[".dockerignore"]), ".mm.m");
    assert_eq!(case("FROM a\nCOPY . .\nRUN x\n", &[".dockerignore"]), ".RR");
}

#[test]
fn links_are_followed_to_what_they_stand_for() {
    let context = MemoryContext::new([("real/f", "1"), ("other", "2")])
        .with_link("link", "real")
        .with_link("real/up", "../other");
    let file = |line: &str| planned(&format!("FROM a\n{line}\n"));
    let fates = |line: &str, path: &str| fates(&file(line), Some(&context), &[path], Builder::Rplan);
    assert_eq!(fates("COPY link/f /", "real/f"), ".R");
    assert_eq!(fates("COPY link/up /", "other"), ".R");
    assert_eq!(fates("COPY l* /x/", "real/f"), ".R");
    assert_eq!(fates("COPY link/f /", "link"), ".R");
    assert_eq!(fates("COPY real /x", "other"), "..", "a link inside a directory stays a link");
}

#[test]
fn where_several_files_land_on_one_name_only_the_last_decides() {
    let context = MemoryContext::new([("a/f", "1"), ("b/f", "2"), ("a/g", "3")]);
    let planned = planned("FROM a\nCOPY a b /x/\nRUN y\n");
    assert_eq!(fates(&planned, Some(&context), &["a/f"], Builder::Rplan), ".Rm");
    assert_eq!(fates(&planned, Some(&context), &["b/f"], Builder::Rplan), ".RR");
    assert_eq!(fates(&planned, Some(&context), &["a/g"], Builder::Rplan), ".RR");
}

#[test]
fn steps_that_run_for_a_reason_of_their_own_take_others_along() {
    let planned = planned("FROM a\nRUN x\nRUN y\n");
    let watch = Watch::new(&planned, None);
    let runs = |step: usize, builder| {
        let fates = watch.invalidated(&Changes::of_steps([planned.steps[step].id]), builder);
        fates.iter().map(|fate| (fate.runs(), fate.is_stale())).collect::<Vec<_>>()
    };
    assert_eq!(runs(0, Builder::Rplan), [(true, true); 3]);
    assert_eq!(runs(1, Builder::Rplan), [(false, false), (true, true), (false, true)]);
    assert_eq!(runs(1, Builder::Buildkit), [(false, false), (true, true), (true, true)]);
}

const NAMES: [&str; 6] = ["a.txt", "b.txt", "d/a.txt", "d/c.txt", "e/a.txt", "d/f/g"];
const SOURCES: [&str; 9] = [".", "a.txt", "d", "e", "*.txt", "*/a.txt", "d/f", "*", "a.txt b.txt"];
const COMMANDS: [&str; 3] = ["constant", "count", "gather"];

/// A line of a stage with `stages` stages before it.
fn line(stages: usize) -> impl Strategy<Value = String> {
    let source = || (0..SOURCES.len()).prop_map(|index| SOURCES[index]);
    let destination = || prop_oneof![Just("/x/"), Just("/y/"), Just("/z")];
    let copy = (source(), destination(), any::<u8>()).prop_map(|(source, destination, flags)| {
        let link = if flags % 5 == 0 { "--link " } else { "" };
        let exclude = if flags % 7 == 0 { "--exclude=a.txt " } else { "" };
        format!("COPY {link}{exclude}{source} {destination}")
    });
    let run = (0..COMMANDS.len(), 0..4).prop_map(|(command, name)| format!("RUN {} {name}", COMMANDS[command]));
    let mount = (0..COMMANDS.len(), prop_oneof![Just("d"), Just("")], 0..4).prop_map(|(command, source, name)| {
        format!("RUN --mount=target=/c,source=/{source} {} {name}", COMMANDS[command])
    });
    let from = prop_oneof![Just("/out"), Just("/x"), Just("/out/1"), Just("/")];
    let copy_from = (0..stages.max(1), from, destination()).prop_map(move |(stage, path, destination)| match stages {
        0 => "WORKDIR /w".to_owned(),
        _ => format!("COPY --from=s{stage} {path} {destination}"),
    });
    prop_oneof![3 => copy, 3 => run, 1 => mount, 2 => copy_from]
}

fn dockerfile() -> impl Strategy<Value = String> {
    let stage = |number: usize| {
        (prop::collection::vec(line(number), 0..5), 0..number.max(1) * 2).prop_map(move |(lines, base)| {
            let base = if base < number { format!("s{base}") } else { "image".to_owned() };
            let lines: String = lines.iter().map(|line| format!("{line}\n")).collect();
            format!("FROM {base} AS s{number}\n{lines}")
        })
    };
    (stage(0), stage(1), stage(2), stage(3)).prop_map(|(a, b, c, d)| format!("{a}{b}{c}{d}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, rng_seed: RngSeed::Fixed(4), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_said_to_run_runs_and_nothing_else_does_but_what_may(
        file in dockerfile(),
        present in prop::collection::vec(any::<bool>(), NAMES.len()),
        touched in prop::collection::vec(prop_oneof![4 => Just(0), 1 => Just(1), 1 => Just(2)], NAMES.len()),
    ) {
        let mut before = Files::from([("always".to_owned(), "here".to_owned())]);
        before.extend(NAMES.iter().zip(&present).filter(|(_, is)| **is).map(|(name, _)| (name.to_string(), format!("old {name}"))));
        let mut after = before.clone();
        let mut changed = Vec::new();
        for (name, touch) in NAMES.iter().zip(&touched) {
            match touch {
                1 => drop(after.insert(name.to_string(), format!("new {name}"))),
                2 => drop(after.remove(*name)),
                _ => continue,
            }
            if before.get(*name) != after.get(*name) {
                changed.push(*name);
            }
        }
        let planned = planned(&file);
        let context = MemoryContext::new(after.clone());
        for builder in [Builder::Rplan, Builder::Buildkit] {
            for context in [Some(&context as &dyn BuildContext), None] {
                let changes = Changes::of_paths(changed.iter().copied(), context);
                let fates = invalidated(&planned, &changes, context, builder);
                let mut cache = Cache::default();
                build(&planned, &before, builder, &mut cache);
                prop_assert!(build(&planned, &before, builder, &mut cache).is_empty());
                let ran = build(&planned, &after, builder, &mut cache);
                for (step, fate) in planned.steps.iter().zip(&fates) {
                    let said = format!("{builder:?} {}: {fate:?}, changed {changed:?}\n{file}", step.name);
                    prop_assert!(!fate.runs() || ran.contains(&step.id), "said to run, did not: {said}");
                    prop_assert!(fate.is_stale() || !ran.contains(&step.id), "ran, was not said to: {said}");
                }
            }
        }
    }
}
