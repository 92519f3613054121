//! Rewrites: every example of every rewrite, and what must hold of any proposal.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;

use rplan::diagnostic::RuleId;
use rplan::model::{self, DockerfileEdit, History, ResolveOptions, Resolved, Surroundings};
use rplan::plan::stale::Builder;
use rplan::rewrite::{self, Costs, Origin, Proposal, Proposals};
use rplan::syntax;
use rplan::text::SourceFile;
use serde::Deserialize;

use crate::support::memory::MemoryContext;

#[derive(Deserialize)]
struct Rewrite {
    id: String,
    class: String,
    /// Other rewrites that have their part in the examples.
    #[serde(default)]
    with: Vec<String>,
    examples: Vec<Example>,
}

#[derive(Deserialize)]
struct Example {
    name: String,
    context: BTreeMap<String, String>,
    /// How many bytes files of the context have that are not written out.
    #[serde(default)]
    sizes: BTreeMap<String, usize>,
    /// What past commits changed, newest first.
    #[serde(default)]
    history: Vec<BTreeSet<String>>,
    before: String,
    after: String,
    refused: Option<String>,
    /// The class where it is another one than that of the page.
    class: Option<String>,
    /// The lines that the ignore file gets.
    #[serde(default)]
    ignored: Vec<String>,
}

impl Example {
    fn surroundings(&self, ignored: &[String]) -> Surroundings {
        let history =
            (!self.history.is_empty()).then(|| History { commits: self.history.clone(), ..History::default() });
        let mut context = self.context.clone();
        context.extend(self.sizes.iter().map(|(path, size)| (path.clone(), "0".repeat(*size))));
        Surroundings { history, ..surroundings(&context, ignored) }
    }
}

fn catalogue() -> Vec<Rewrite> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/rewrite");
    let mut paths: Vec<_> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
        .iter()
        .map(|path| {
            let rewrite: Rewrite = serde_yaml::from_str(&fs::read_to_string(path).unwrap())
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            assert_eq!(
                path.file_stem().unwrap().to_str(),
                Some(rewrite.id.as_str()),
                "a file is named after its rewrite"
            );
            rewrite
        })
        .collect()
}

fn surroundings(context: &BTreeMap<String, String>, ignored: &[String]) -> Surroundings {
    let files = context.iter().map(|(path, content)| (path.clone(), content.clone()));
    let lines: Vec<&str> = ignored.iter().map(String::as_str).collect();
    Surroundings { context: Some(Arc::new(MemoryContext::new(files).ignoring(&lines))), ..Surroundings::default() }
}

/// The lines that the ignore file gets by all proposals.
fn ignored(proposals: &Proposals) -> Vec<String> {
    proposals.moves.iter().flat_map(|proposal| proposal.ignored.clone()).collect()
}

fn resolve(text: &str, around: &Surroundings) -> Resolved {
    let parsed = syntax::parse(&SourceFile::new("Dockerfile", text.as_bytes()));
    assert!(parsed.errors.is_empty(), "{text}");
    let options = ResolveOptions { platform: "linux/amd64".to_owned(), ..ResolveOptions::default() };
    model::resolve(model::analyze(parsed.tree), &options, around)
}

/// The proposals for a file, and the file after all of them that have one of these classes.
fn rewritten(text: &str, around: &Surroundings) -> (Proposals, String) {
    let proposals = rewrite::propose(&resolve(text, around), around, &Costs::default());
    let after = applied(text, &proposals);
    (proposals, after)
}

impl Rewrite {
    fn shows(&self, id: &RuleId) -> bool {
        id.as_str() == self.id || self.with.iter().any(|other| other == id.as_str())
    }

    /// What the rewrites of the page propose and refuse, and the file after it.
    fn rewritten(&self, text: &str, around: &Surroundings) -> (Proposals, String) {
        let wanted = |proposal: &Proposal| self.shows(&proposal.id);
        let mut proposals = rewrite::propose_where(&resolve(text, around), around, &Costs::default(), &wanted);
        proposals.refused.retain(|refusal| self.shows(&refusal.id));
        let after = applied(text, &proposals);
        (proposals, after)
    }
}

fn applied(text: &str, proposals: &Proposals) -> String {
    let bytes = proposals.moves.iter().fold(text.as_bytes().to_vec(), |bytes, one| one.edits.apply(&bytes));
    String::from_utf8(bytes).unwrap()
}

#[test]
fn every_rewrite_has_its_page_and_every_page_its_rewrite() {
    let pages: Vec<String> = catalogue().into_iter().map(|rewrite| rewrite.id).collect();
    let ids: Vec<String> = rewrite::ids::ALL.iter().map(ToString::to_string).collect();
    assert_eq!(pages, ids);
}

#[test]
fn every_example_becomes_what_its_page_says() {
    for page in catalogue() {
        for example in &page.examples {
            let around = example.surroundings(&[]);
            let (proposals, after) = page.rewritten(&example.before, &around);
            assert_eq!(after, example.after, "{}: {}", page.id, example.name);
            assert_eq!(ignored(&proposals), example.ignored, "{}: {}", page.id, example.name);
            let mine = proposals.moves.iter().filter(|proposal| proposal.id.as_str() == page.id);
            for proposal in mine {
                let class = serde_json::to_value(proposal.class).unwrap();
                let wanted = example.class.as_ref().unwrap_or(&page.class);
                assert!(wanted.contains(class.as_str().unwrap()), "{}: {}", page.id, example.name);
                assert!(!proposal.because.is_empty(), "{}: a proposal says why it is legal", example.name);
            }
            let reasons: Vec<&str> = proposals.refused.iter().map(|refusal| refusal.reason.as_str()).collect();
            match &example.refused {
                Some(words) => {
                    assert!(reasons.iter().any(|reason| reason.contains(words)), "{}: {reasons:?}", example.name)
                }
                None => assert!(reasons.is_empty() || !proposals.moves.is_empty(), "{}: {reasons:?}", example.name),
            }
        }
    }
}

#[test]
fn a_rewritten_file_is_left_alone() {
    for page in catalogue() {
        for example in &page.examples {
            let (proposals, once) = page.rewritten(&example.before, &example.surroundings(&[]));
            let (again, twice) = page.rewritten(&once, &example.surroundings(&ignored(&proposals)));
            assert!(again.moves.is_empty(), "{}: {}", page.id, example.name);
            assert_eq!(once, twice);
        }
    }
}

#[test]
fn line_ends_and_a_missing_last_newline_survive() {
    let context = BTreeMap::from([
        ("requirements.txt".to_owned(), "idna==3.10\n".to_owned()),
        ("a.py".to_owned(), String::new()),
    ]);
    let around = surroundings(&context, &[]);
    let text = "FROM python\r\nWORKDIR /a\r\nCOPY . .\r\nRUN pip install -r requirements.txt";
    let wanted = |proposal: &Proposal| proposal.id == rewrite::ids::HOIST_MANIFESTS;
    let proposals = rewrite::propose_where(&resolve(text, &around), &around, &Costs::default(), &wanted);
    let after = applied(text, &proposals);
    assert_eq!(
        after,
        "FROM python\r\nWORKDIR /a\r\nCOPY requirements.txt ./\r\nRUN pip install -r requirements.txt\r\nCOPY . ."
    );
}

#[test]
fn without_a_context_nothing_is_moved() {
    let around = Surroundings::default();
    let (proposals, _) = rewritten("FROM python\nCOPY . /app\nRUN pip install -r /app/requirements.txt\n", &around);
    assert!(proposals.moves.iter().all(|proposal| proposal.id == rewrite::ids::ADD_CACHE_MOUNTS));
}

/// A naive Python project of which ten commits changed the program, and one of them the manifest too.
fn with_history() -> (&'static str, Surroundings) {
    let files = [("app.py", "print()\n"), ("requirements.txt", "idna==3.10\n")];
    let mut commits = vec![BTreeSet::from(["app.py".to_owned()]); 10];
    commits[3].insert("requirements.txt".to_owned());
    commits.push(BTreeSet::from(["gone.md".to_owned()]));
    let around = Surroundings {
        context: Some(Arc::new(MemoryContext::new(files).ignoring(&["*.md"]))),
        history: Some(History { commits, ..History::default() }),
        ..Surroundings::default()
    };
    ("FROM python\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\n", around)
}

#[test]
fn the_gain_is_what_past_commits_would_have_saved() {
    let (text, around) = with_history();
    let (proposals, _) = rewritten(text, &around);
    let gain = proposals.moves[0].gain.as_ref().expect("there is a history");
    // A commit that changes the manifest installs again either way, one of an ignored file never does.
    assert_eq!((gain.commits, gain.of, gain.origin), (9, 11, Origin::Estimated));
    assert!((gain.seconds - 20.0).abs() < 1e-9, "{gain:?}");
    let outlook = proposals.outlook.expect("there is a history");
    let near = |figure: f64, expected: f64| assert!((figure - expected).abs() < 1e-9, "{figure}, not {expected}");
    assert_eq!(outlook.edited, "app.py");
    near(outlook.edit.0, 20.2);
    near(outlook.edit.1, 0.2);
    // Newer commits count more.
    let weight = |age: i32| 0.5_f64.powf(f64::from(age) / 100.0);
    let all: f64 = (0..11).map(weight).sum();
    near(outlook.per_hundred.0, (all - weight(10)) * 20.2 * 100.0 / all);
    near(outlook.per_hundred.1, ((all - weight(10)) * 0.2 + weight(3) * 20.2) * 100.0 / all);
    assert_eq!(proposals.scores, None, "eleven commits are too few for scores");
}

#[test]
fn scores_tell_how_well_the_cache_is_used() {
    let (text, around) = with_history();
    let once = around.history.clone().unwrap().commits;
    let commits = std::iter::repeat_n(once, 5).flatten().collect();
    let around = Surroundings { history: Some(History { commits, ..History::default() }), ..around };
    let scores_of = |text: &str| rewrite::propose(&resolve(text, &around), &around, &Costs::default()).scores.unwrap();
    let naive = scores_of(text);
    assert_eq!((naive.commits, naive.origin), (55, Origin::Estimated));
    // Ten of eleven commits run nearly all there is, nine of them without need.
    let is_about = |figure: f64, expected: f64| assert!((figure - expected).abs() < 0.03, "{figure}, not {expected}");
    is_about(naive.cache_efficiency.value, 1.0 / 11.0);
    is_about(naive.needless_share.value, 0.9);
    is_about(naive.headroom.value, 0.89);
    for score in [naive.cache_efficiency, naive.needless_share, naive.headroom, naive.seconds_per_100_commits] {
        assert!(score.low <= score.value && score.value <= score.high && score.low < score.high, "{score:?}");
    }
    let good = scores_of(
        "FROM python\nWORKDIR /app\nCOPY requirements.txt ./\nRUN pip install -r requirements.txt\nCOPY . .\n",
    );
    assert!(good.cache_efficiency.value > 0.85 && good.headroom.value == 0.0, "{good:?}");
    assert!(good.needless_share.value < 0.05, "{good:?}");
    assert_eq!(
        good,
        scores_of(
            "FROM python\nWORKDIR /app\nCOPY requirements.txt ./\nRUN pip install -r requirements.txt\nCOPY . .\n"
        )
    );
}

#[test]
fn what_was_measured_counts_more_than_what_is_usual() {
    let (text, around) = with_history();
    let measured = BTreeMap::from([("RUN pip install -r requirements.txt".to_owned(), 31.5)]);
    let proposals = rewrite::propose(&resolve(text, &around), &around, &Costs { measured, ..Costs::default() });
    let gain = proposals.moves[0].gain.as_ref().unwrap();
    assert_eq!((gain.seconds, gain.origin), (31.5, Origin::Measured));
}

#[test]
fn without_a_history_nothing_is_said_of_the_gain() {
    let (text, around) = with_history();
    let (proposals, _) = rewritten(text, &Surroundings { history: None, ..around });
    assert_eq!((proposals.moves[0].gain.as_ref(), proposals.outlook), (None, None));
}

/// A project whose program every commit changes.
fn always_edited() -> Surroundings {
    let files = [("main.c", ""), ("build.sh", "")];
    let commits = vec![BTreeSet::from(["main.c".to_owned()]); 60];
    Surroundings {
        context: Some(Arc::new(MemoryContext::new(files))),
        history: Some(History { commits, ..History::default() }),
        ..Surroundings::default()
    }
}

#[test]
fn a_run_is_cut_only_where_that_opens_what_saves_something() {
    let around = always_edited();
    let file = |run: &str| format!("FROM a\nWORKDIR /app\nCOPY . .\nRUN {run}\n");
    let cut = file("curl -fsSLo /opt/tool https://example.org/tool && chmod 755 /opt/tool && ./build.sh");
    let (proposals, after) = rewritten(&cut, &around);
    let ids: Vec<&str> = proposals.moves.iter().map(|proposal| proposal.id.as_str()).collect();
    assert_eq!(ids, ["split-run", "hoist-independent"]);
    assert!(
        after.contains("RUN curl -fsSLo /opt/tool https://example.org/tool && chmod 755 /opt/tool\nCOPY . ."),
        "{after}"
    );
    let (proposals, _) = rewritten(&cut, &Surroundings { history: None, ..around.clone() });
    assert_eq!(proposals.moves, [], "without a history nothing says that it pays");
    let (proposals, _) = rewritten(&file("mkdir -p /opt/a && ./build.sh"), &around);
    assert_eq!(proposals.moves, [], "it takes no time");
    let (proposals, _) = rewritten(&file("curl -fsSLo tool https://example.org/tool && ./build.sh"), &around);
    assert_eq!(proposals.moves, [], "what it writes stands in the way of the sources");
}

#[test]
fn a_chain_of_many_commands_is_cut_where_it_pays_or_not_at_all() {
    let around = always_edited();
    let quick: Vec<String> = (0..40).map(|number| format!("mkdir -p /opt/{number}")).collect();
    let runs: String = (0..6).map(|_| format!("RUN {} && ./build.sh\n", quick.join(" && "))).collect();
    let (proposals, _) = rewritten(&format!("FROM a\nWORKDIR /app\nCOPY . .\n{runs}"), &around);
    assert_eq!(proposals.moves, []);
}

#[test]
fn moves_of_the_base_and_edits_of_the_dockerfile_are_events_too() {
    let (_, around) = with_history();
    let text = "FROM python\nWORKDIR /app\nCOPY requirements.txt ./\nRUN pip install -r requirements.txt\nCOPY . .\n";
    let commits = vec![BTreeSet::from(["app.py".to_owned()]); 60];
    let history = History { commits, ..History::default() };
    let scores = |around: &Surroundings, text: &str| {
        rewrite::propose(&resolve(text, around), around, &Costs::default()).scores.expect("enough commits")
    };
    let near = |figure: f64, expected: f64| assert!((figure - expected).abs() < 1e-6, "{figure}, not {expected}");
    let around = Surroundings { history: Some(history.clone()), ..around };
    let still = scores(&around, text);
    near(still.seconds_per_100_commits.value, 20.0);
    assert_eq!((still.dockerfile_edits, still.base_moves), (0, 0.0));
    // Each commit half a year after the one before surely meets another image, and all of it runs: 2.0, 0.01, 0.2, 20.0
    // and 0.2 s.
    let times = (0..60).rev().map(|number| number * 15_778_800).collect();
    let moving = Surroundings { history: Some(History { times, ..history.clone() }), ..around.clone() };
    let moved = scores(&moving, text);
    assert!((moved.base_moves - 59.0).abs() < 0.01, "{moved:?}");
    let weight = |age: i32| 0.5_f64.powf(f64::from(age) / 100.0);
    let oldest = weight(59) / (0..60).map(weight).sum::<f64>();
    let expected = (22.41 * (1.0 - oldest) + 0.2 * oldest) * 100.0;
    assert!((moved.seconds_per_100_commits.value - expected).abs() < 0.01, "{moved:?}, not {expected}");
    let together = Surroundings { history: Some(History { times: vec![7; 60], ..history }), ..around.clone() };
    near(scores(&together, text).base_moves, 0.0);
    let pinned = text.replace("python\n", &format!("python@sha256:{}\n", "0".repeat(64)));
    near(scores(&moving, &pinned).base_moves, 0.0);
    // The oldest commit has edited the line of the install.
    let edit = DockerfileEdit { commit: 59, before: text.replace("-r ", "--require "), after: text.to_owned() };
    let edited = scores(&Surroundings { edits: vec![edit.clone()], ..around.clone() }, text);
    assert_eq!(edited.dockerfile_edits, 1);
    assert!(edited.seconds_per_100_commits.value > still.seconds_per_100_commits.value + 10.0, "{edited:?}");
    // A label makes nothing run but where every line is part of the key.
    let label = |text: &str| format!("{}LABEL a=b\nRUN true\n", text);
    let edit = DockerfileEdit { commit: 59, before: label(text).replace("a=b", "a=c"), after: label(text) };
    let with = Surroundings { edits: vec![edit], ..around.clone() };
    let of = |builder, around: &Surroundings| {
        let costs = Costs { builder, ..Costs::default() };
        let file = label(text);
        rewrite::propose(&resolve(&file, around), around, &costs).scores.expect("enough").seconds_per_100_commits.value
    };
    near(of(Builder::Buildkit, &with), of(Builder::Buildkit, &around));
}
