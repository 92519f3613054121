//! Keys: change one thing, see which keys move.

use rplan::digest::Digest;
use rplan::plan::key::{self, InputDigest};
use rplan::plan::{Operation, Planned, Step};

use super::{Case, planned, step};

/// The names of the steps whose definition differs between two plans that have the same steps.
fn moved(old: &Planned, new: &Planned) -> Vec<String> {
    assert_eq!(old.steps.len(), new.steps.len());
    let differs = |(old, new): &(&Step, &Step)| old.definition != new.definition;
    old.steps.iter().zip(&new.steps).filter(differs).map(|(_, new)| new.name.to_string()).collect()
}

fn moved_between(old: &str, new: &str) -> Vec<String> {
    moved(&planned(old), &planned(new))
}

/// The content key of a step whose inputs are all the same.
fn content(step: &Step) -> Digest {
    let inputs: Vec<InputDigest> = step.inputs().iter().map(|_| InputDigest(Digest::of("input"))).collect();
    key::content(step, &inputs)
}

const NOTHING: [&str; 0] = [];

#[test]
fn a_changed_line_moves_its_key_and_those_above_it() {
    let file = "FROM a AS x\nRUN 1\nRUN 2\nFROM b\nRUN 3\nCOPY --from=x /o /o\nRUN 4\n";
    assert_eq!(moved_between(file, file), NOTHING);
    assert_eq!(moved_between(file, &file.replace("RUN 2", "RUN 22")), ["[x 3/3]", "[3/4]", "[4/4]"],);
    assert_eq!(moved_between(file, &file.replace("RUN 4", "RUN 44")), ["[4/4]"]);
}

#[test]
fn what_cannot_change_a_result_moves_no_key() {
    let file = "FROM a AS x\nRUN --mount=type=cache,target=/c,id=one make\nCOPY d e\nFROM x\nRUN --mount=from=x,target=/m end\n";
    for (old, new) in [
        ("FROM a AS x\n", "# a comment\nfrom  a  as X\nLABEL l=1\nEXPOSE 80\nCMD [\"c\"]\nSTOPSIGNAL 9\n\n"),
        ("id=one", "id=two,sharing=locked"),
        ("COPY d e", "COPY ./d  /e"),
        ("COPY d e", "VOLUME /v\nCOPY d e"),
        ("FROM x\n", "FROM x AS last\n"),
    ] {
        assert!(file.contains(old));
        assert_eq!(moved_between(file, &file.replacen(old, new, 1)), NOTHING, "{new}");
    }
    let planned = Case::of(file).planned();
    assert_eq!(moved(&planned, &Case::of(file).arg("http_proxy", "p").arg("UNUSED", "u").planned()), NOTHING);
}

#[test]
fn variables_move_the_keys_of_every_run_behind_them() {
    let file = "FROM a\nRUN 0\nARG A=1\nCOPY x y\nRUN 1\nENV E=1\nRUN 2\n";
    assert_eq!(moved_between(file, &file.replace("A=1", "A=2")), ["[4/5]", "[5/5]"]);
    assert_eq!(moved_between(file, &file.replace("E=1", "E=2")), ["[5/5]"]);
    assert_eq!(moved(&planned(file), &Case::of(file).arg("A", "2").planned()), ["[4/5]", "[5/5]"]);
    let proxied = file.replace("A=1", "http_proxy");
    assert_eq!(moved(&planned(&proxied), &Case::of(&proxied).arg("http_proxy", "p").planned()), ["[4/5]", "[5/5]"]);
}

#[test]
fn the_later_of_arg_and_env_is_what_run_sees() {
    let value = |file: &str| {
        let planned = planned(file);
        let Operation::Run(run) = &planned.steps.last().unwrap().operation else { panic!("{file}") };
        run.env.iter().find(|variable| variable.name == "E").map(|variable| variable.value.clone())
    };
    assert_eq!(value("FROM a\nENV E=env\nARG E=arg\nRUN x\n"), Some("arg".into()));
    assert_eq!(value("FROM a\nARG E=arg\nENV E=env\nRUN x\n"), Some("env".into()));
    assert_eq!(value("FROM a AS b\nENV E=env\nARG E=arg\nRUN x\nFROM b\nRUN y\n"), Some("env".into()));
    assert_eq!(value("FROM a\nARG E\nRUN x\n"), None);
    assert_eq!(value("FROM a\nARG E=\nRUN x\n"), Some(String::new()));
}

#[test]
fn the_order_of_variables_means_nothing() {
    assert_eq!(moved_between("FROM a\nENV A=1 B=2\nRUN x\n", "FROM a\nENV B=2 A=1\nRUN x\n"), NOTHING);
}

#[test]
fn settings_move_keys() {
    let run = "FROM a\nRUN x\n";
    for new in [
        "FROM a\nUSER u\nRUN x\n",
        "FROM a\nSHELL [\"bash\", \"-c\"]\nRUN x\n",
        "FROM a\nRUN --network=none x\n",
        "FROM a\nRUN --security=insecure x\n",
        "FROM a\nRUN --device=vendor.com/d=x x\n",
        "FROM a\nRUN --mount=type=tmpfs,target=/t x\n",
        "FROM a\nRUN [\"x\"]\n",
        "FROM a\nENV A=\nRUN x\n",
    ] {
        assert_eq!(moved_between(run, new), ["[2/2]"], "{new}");
    }
    let copy = "FROM a\nCOPY x y\n";
    for new in [
        "FROM a\nADD x y\n",
        "FROM a\nCOPY x y/\n",
        "FROM a\nCOPY z y\n",
        "FROM a\nCOPY --chown=1 x y\n",
        "FROM a\nCOPY --chmod=1 x y\n",
        "FROM a\nCOPY --link x y\n",
        "FROM a\nCOPY --exclude=z x y\n",
        "FROM a\nCOPY --parents x y\n",
        "FROM a\nCOPY <<x y\nx\n",
    ] {
        assert_eq!(moved_between(copy, new), ["[2/2]"], "{new}");
    }
    assert_eq!(moved_between("FROM a\nWORKDIR d\n", "FROM a\nUSER u\nWORKDIR d\n"), ["[2/2]"]);
    assert_eq!(moved_between("FROM a\nRUN x\n", "FROM --platform=linux/arm64 a\nRUN x\n"), ["[1/2]", "[2/2]"]);
    assert_eq!(moved_between("FROM a\nRUN x\n", "FROM b\nRUN x\n"), ["[1/2]", "[2/2]"]);
}

#[test]
fn a_base_is_its_digest_once_that_is_known() {
    let file = "FROM one\nRUN x\n";
    let at = |name: &str| {
        let case = Case::of(&file.replace("one", name)).image(name, Default::default());
        let mut surroundings = case.surroundings.clone();
        surroundings.images.values_mut().for_each(|facts| facts.digest = Some(Digest::of("same")));
        Case { surroundings, ..case }.planned()
    };
    assert_eq!(moved(&at("one"), &at("two")), NOTHING);
    assert_eq!(moved(&at("one"), &Case::of(file).planned()), ["[1/2]", "[2/2]"]);
}

#[test]
fn a_content_key_does_not_know_what_made_its_inputs() {
    let file = "FROM a AS x\nRUN 1\nFROM b\nCOPY --from=x /o /o\nRUN 2\n";
    let (old, new) = (planned(file), planned(&file.replace("RUN 1", "RUN 11")));
    for name in ["[2/3]", "[3/3]"] {
        assert_ne!(step(&old, name).definition, step(&new, name).definition);
        assert_eq!(content(step(&old, name)), content(step(&new, name)));
    }
    let changed = |step: &Step, index: usize| {
        let digest = |number| Digest::of(if number == index { "other" } else { "input" });
        key::content(step, &(0..step.inputs().len()).map(digest).map(InputDigest).collect::<Vec<_>>())
    };
    let copy = step(&old, "[2/3]");
    assert_eq!(copy.inputs().len(), 2);
    assert_ne!(changed(copy, 0), content(copy));
    assert_ne!(changed(copy, 1), content(copy));
    assert_ne!(changed(copy, 0), changed(copy, 1));
}

#[test]
fn a_linked_copy_depends_on_its_files_alone() {
    let (old, new) = (planned("FROM a\nCOPY --link x y\n"), planned("FROM b\nRUN z\nCOPY --link x y\n"));
    let (old, new) = (old.steps.last().unwrap(), new.steps.last().unwrap());
    assert_eq!(old.inputs().len(), 1);
    assert_eq!(content(old), content(new));
    assert_eq!(old.waits_for().len(), 1, "it is stacked on what is below");
}

#[test]
fn files_of_a_stage_are_not_files_of_the_context() {
    let planned = planned("FROM a AS x\nFROM b\nCOPY --from=x y z\nCOPY y z\n");
    assert_ne!(content(step(&planned, "[2/3]")), content(step(&planned, "[3/3]")));
}
