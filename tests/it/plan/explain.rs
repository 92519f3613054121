//! Why a step runs again: each reason, in the words people read.

use rplan::digest::Digest;
use rplan::plan::explain::{Explainer, differences};
use rplan::plan::files::FileList;
use rplan::plan::reason::Reason;
use rplan::plan::record::{FileKind, FileRecord, StepRecord};
use rplan::plan::{Planned, StepId, VariableKind};

use super::{Case, planned};

fn records(planned: &Planned) -> Vec<StepRecord> {
    planned.steps.iter().map(|step| StepRecord::of(planned, step)).collect()
}

/// The sentences for the last step.
fn sentences(old: &Planned, new: &Planned) -> Vec<String> {
    let (old, new) = (records(old), records(new));
    let none = FileList::new();
    let (old, new) = (old.last().unwrap(), new.last().unwrap());
    differences((old, &none), (new, &none)).iter().map(Reason::to_string).collect()
}

fn file(content: &str, mode: u32) -> FileRecord {
    let what = FileKind::File { size: content.len() as u64, content: Digest::of(content) };
    FileRecord { what, mode: Some(mode), owner: (0, 0), digest: Some(Digest::of(format!("{content}{mode}"))) }
}

/// A COPY of the context.
fn copy() -> StepRecord {
    records(&planned("FROM a\nCOPY . .\n")).pop().unwrap()
}

fn list(files: &[(&str, FileRecord)]) -> FileList {
    files.iter().map(|(path, file)| ((*path).to_owned(), file.clone())).collect()
}

#[test]
fn files_differ_by_content_existence_mode_or_owner() {
    let owned = FileRecord { owner: (33, 33), ..file("o", 0o644) };
    let attributed = FileRecord { digest: Some(Digest::of("capable")), ..file("x", 0o644) };
    let link = FileRecord { what: FileKind::Symlink { target: "a/b".into() }, ..file("l", 0o777) };
    let (long, longer) = ("x".repeat(1204), "x".repeat(1251));
    let old = list(&[
        ("app.py", file(&long, 0o644)),
        ("old.py", file("o", 0o644)),
        ("run.sh", file("r", 0o755)),
        ("owned", file("o", 0o644)),
        ("capable", file("x", 0o644)),
        ("link", file("l", 0o777)),
        ("same", file("s", 0o644)),
    ]);
    let new = list(&[
        ("app.py", file(&longer, 0o644)),
        ("new.html", file("n", 0o644)),
        ("run.sh", file("r", 0o644)),
        ("owned", owned),
        ("capable", attributed),
        ("link", link),
        ("same", file("s", 0o644)),
    ]);
    let sentences: Vec<String> = differences((&copy(), &old), (&copy(), &new)).iter().map(Reason::to_string).collect();
    let digest = |content: &str| Digest::of(content).short();
    assert_eq!(
        sentences,
        [
            format!("app.py changed: sha256 {}… → {}…, 1,204 → 1,251 bytes", digest(&long), digest(&longer)),
            "capable: other attributes, same content".to_owned(),
            format!("link changed: sha256 {}… → a link to a/b", digest("l")),
            "new.html is new".to_owned(),
            "old.py is gone".to_owned(),
            "owned: owner 0:0 → 33:33, same content".to_owned(),
            "run.sh: mode 0755 → 0644, same content (a umask?)".to_owned(),
        ]
    );
}

#[test]
fn variables_are_told_with_their_values_but_for_secrets() {
    let run = |lines: &str| planned(&format!("FROM a\n{lines}\nRUN x\n"));
    assert_eq!(sentences(&run("ARG R=1"), &run("ARG R=2")), ["ARG R: 1 → 2"]);
    assert_eq!(sentences(&run("ENV E=1"), &run("ENV E=")), ["ENV E: 1 → nothing"]);
    assert_eq!(sentences(&run("ARG R=1"), &run("ARG Q=1")), ["ARG Q is new: 1", "ARG R is gone"]);
    assert_eq!(sentences(&run("ARG API_TOKEN=abc"), &run("ARG API_TOKEN=def")), ["ARG API_TOKEN: value hidden"]);
    assert_eq!(
        sentences(&run("USER u"), &run("ARG API_TOKEN=def")),
        ["USER: u → nothing", "ARG API_TOKEN is new: value hidden"]
    );
    let json = serde_json::to_string(&records(&run("ARG API_TOKEN=hushhush"))).unwrap();
    assert!(!json.contains("hushhush"), "{json}");
}

#[test]
fn lines_and_settings_are_told_old_and_new() {
    let pair =
        |old: &str, new: &str| sentences(&planned(&format!("FROM a\n{old}\n")), &planned(&format!("FROM a\n{new}\n")));
    assert_eq!(pair("RUN x", "RUN y"), ["the line changed: RUN x → RUN y"]);
    assert_eq!(pair("RUN x", "RUN   x"), [""; 0]);
    assert_eq!(pair("USER u\nRUN x", "WORKDIR /w\nRUN x"), ["USER: u → nothing", "WORKDIR: / → /w"]);
    assert_eq!(pair("RUN x", "SHELL [\"bash\", \"-c\"]\nRUN x"), ["SHELL: [\"/bin/sh\", \"-c\"] → [\"bash\", \"-c\"]"]);
    assert_eq!(pair("RUN <<E\na\nb\nE", "RUN <<E\na\nc\nE"), ["the line changed: b → c"]);
    assert_eq!(pair("ENV D=/x\nCOPY a $D", "ENV D=/y\nCOPY a $D"), ["the line changed: /x → /y"]);
    assert_eq!(pair("RUN --network=none x", "RUN x"), ["the line changed: RUN --network=none x → RUN x"]);
    assert_eq!(
        sentences(
            &planned("FROM a AS s\nFROM b\nCOPY --from=s x y\n"),
            &planned("FROM a AS t\nFROM b\nCOPY --from=t x y\n")
        ),
        ["the line changed: COPY --from=s x y → COPY --from=t x y"]
    );
}

#[test]
fn a_moved_base_is_told_by_its_digests() {
    let at = |digest: &str| {
        let mut case = Case::of("FROM python:3.9\n").image("python:3.9", Default::default());
        case.surroundings.images.values_mut().for_each(|facts| facts.digest = Some(Digest::of(digest)));
        case.planned()
    };
    let short = |digest: &str| Digest::of(digest).short();
    assert_eq!(
        sentences(&at("one"), &at("two")),
        [format!("python:3.9 moved: sha256 {}… → {}…", short("one"), short("two"))]
    );
}

#[test]
fn files_of_a_stage_are_told_with_the_stage() {
    let planned = planned("FROM a AS builder\nFROM b\nCOPY --from=builder /out /out\nCOPY --from=img:1 /x /x\n");
    let steps = records(&planned);
    let app = |content: &str| list(&[("out/app", file(content, 0o755))]);
    let told = |record: &StepRecord| differences((record, &app("1")), (record, &app("2")))[0].to_string();
    assert_eq!(told(&steps[2]), "stage builder gave another /out/app");
    assert_eq!(told(&steps[4]), "img:1 gave another /out/app");
}

/// Records of a build, with a key and the digest of what is below for each step, made from these words.
fn finished(planned: &Planned, words: &[&str]) -> Vec<StepRecord> {
    let mut records = records(planned);
    for (record, word) in records.iter_mut().zip(words) {
        record.key = Some(Digest::of(word));
    }
    for below in records.iter_mut().filter_map(|record| record.below.as_mut()) {
        below.digest = Some(Digest::of(format!("left by {}", words[below.step.0])));
    }
    records
}

#[test]
fn what_follows_names_the_step_where_the_difference_began() {
    let text = "FROM a\nCOPY . .\nWORKDIR /app\nRUN pip install\nARG R=1\nRUN own\n";
    let (old_plan, new_plan) = (planned(text), planned(&text.replace("R=1", "R=2")));
    let old = finished(&old_plan, &["base", "copy", "dir", "pip", "own"]);
    let mut new = finished(&new_plan, &["base", "copy 2", "dir 2", "pip 2", "own 2"]);
    let (kept_as, lists) = (Digest::of("list"), list(&[("app.py", file("new", 0o644))]));
    new[1].files = Some(kept_as);
    let lists = |wanted: &Digest| (*wanted == kept_as).then(|| lists.clone());
    let mut explainer = Explainer::new(&old, &new_plan);
    let told: Vec<Vec<String>> = new
        .iter()
        .enumerate()
        .map(|(step, record)| explainer.explain(StepId(step), record, &lists).iter().map(Reason::to_string).collect())
        .collect();
    let told: Vec<String> = told.into_iter().map(|reasons| reasons.join("; ")).collect();
    assert_eq!(told, ["", "app.py is new", "follows [2/5]", "follows [2/5]", "ARG R: 1 → 2; follows [2/5]"]);
}

#[test]
fn equal_keys_need_no_reason_and_different_keys_have_one() {
    let planned = planned("FROM a\nRUN x\n");
    let old = finished(&planned, &["base", "run"]);
    let mut explainer = Explainer::new(&old, &planned);
    let never = |_: &Digest| unreachable!("no step took other files");
    assert_eq!(explainer.explain(StepId(1), &old[1], &never), []);
    let other = StepRecord { key: Some(Digest::of("another version's")), ..old[1].clone() };
    assert_eq!(explainer.explain(StepId(1), &other, &never), [Reason::OtherVersion]);
    assert_eq!(Explainer::new(&[], &planned).explain(StepId(1), &old[1], &never), [Reason::NoEarlierRun]);
}

#[test]
fn a_new_line_between_old_ones_has_no_earlier_run() {
    let old = finished(&planned("FROM a\nRUN x\nRUN y\n"), &["base", "x", "y"]);
    let new = planned("FROM a\nRUN x\nCOPY z /\nRUN y\n");
    let explainer = Explainer::new(&old, &new);
    let earlier: Vec<Option<&str>> =
        new.steps.iter().map(|step| explainer.earlier(step.id).map(|record| record.text.as_str())).collect();
    assert_eq!(earlier, [Some("FROM a"), Some("RUN x"), None, Some("RUN y")]);
}

#[test]
fn the_other_reasons_are_plain_words() {
    let hidden = Reason::VariableChanged { kind: VariableKind::Env, name: "A".into(), old: None, new: None };
    for (reason, sentence) in [
        (Reason::NoCache, "--no-cache"),
        (Reason::Pruned { date: "2026-11-24".into() }, "pruned on 2026-11-24"),
        (Reason::NoEarlierRun, "no earlier run known"),
        (hidden, "ENV A is gone"),
    ] {
        assert_eq!(reason.to_string(), sentence);
        let json = serde_json::to_string(&reason).unwrap();
        assert_eq!(serde_json::from_str::<Reason>(&json).unwrap(), reason);
    }
    let long = Reason::LineChanged { old: "x\ny".into(), new: "é".repeat(100) };
    assert_eq!(long.to_string(), format!("the line changed: x y → {}…", "é".repeat(60)));
}
