//! What commands usually take, and how often bases move: what is compiled in of `rules/prior/*.yaml` and
//! `rules/bases.yaml`, and every example there.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use rplan::plan::usual::{moves_a_year, usual_of_shell};
use serde::Deserialize;

const HEAD: &str = "\
//! Generated from `rules/prior/*.yaml` and `rules/bases.yaml` by `RPLAN_UPDATE=1 cargo test --test it plan::prior`; do not edit.

use super::{Form, Prior};

/// Every prior, sorted by id.
pub(super) static PRIORS: &[Prior] = &[
";

const BASES: &str = "\
/// How often official images move in a year, sorted by name.
pub(super) static BASES: &[(&str, u32)] = &[
";

fn bases() -> BTreeMap<String, u32> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/bases.yaml");
    serde_yaml::from_str(&fs::read_to_string(path).unwrap()).expect("names with numbers")
}

/// A file of `rules/prior`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Prior {
    id: String,
    summary: String,
    names: Vec<String>,
    forms: Vec<Form>,
    examples: Vec<Example>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    words: Vec<String>,
    seconds: f64,
    /// Seconds more for each package that is named.
    #[serde(default)]
    each: f64,
    basis: Basis,
    because: String,
}

/// Where a figure comes from.
#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Basis {
    /// Such commands were timed.
    Measured,
    /// It follows from what was.
    Derived,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    run: String,
    seconds: f64,
}

fn priors() -> Vec<Prior> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/prior");
    let mut paths: Vec<_> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: &std::path::PathBuf| {
        let prior: Prior = serde_yaml::from_str(&fs::read_to_string(path).unwrap())
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(path.file_stem().unwrap().to_str(), Some(prior.id.as_str()), "a file is named after its prior");
        prior
    };
    paths.iter().map(read).collect()
}

#[test]
fn the_table_holds_every_prior() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/plan/usual/table.rs");
    let bases: String = bases().iter().map(|(name, moves)| format!("    ({name:?}, {moves}),\n")).collect();
    let priors: String = priors().iter().map(entry).collect();
    let content = format!("{HEAD}{priors}];\n\n{BASES}{bases}];\n");
    if std::env::var_os("RPLAN_UPDATE").is_some() {
        fs::write(&path, &content).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == content, "{}: RPLAN_UPDATE=1 cargo test --test it plan::prior", path.display());
}

#[test]
fn every_example_takes_what_it_says() {
    for Prior { id, examples, .. } in priors() {
        assert!(!examples.is_empty(), "{id}: show what it is for");
        for Example { run, seconds } in examples {
            let taken = usual_of_shell(&run).as_secs_f64();
            assert!((taken - seconds).abs() < 1e-9, "{id}: `{run}` takes {taken} s, not {seconds}");
        }
    }
}

#[test]
fn every_prior_says_where_it_comes_from() {
    let mut owners = BTreeMap::new();
    for Prior { id, summary, names, forms, .. } in priors() {
        assert!(summary.ends_with('.') && summary.len() < 120, "{id}: the summary is one sentence");
        for name in names {
            if let Some(other) = owners.insert(name.clone(), id.clone()) {
                panic!("`{name}` is both {other} and {id}");
            }
        }
        assert!(forms.iter().all(|form| form.because.len() > 10), "{id}: each figure has its reason");
        let (last, others) = forms.split_last().expect("a way of calling it");
        assert!(last.words.is_empty(), "{id}: the last form is every other way of calling it");
        assert!(others.iter().all(|form| !form.words.is_empty()), "{id}: only the last");
    }
    let measured = priors().iter().flat_map(|prior| &prior.forms).filter(|form| form.basis == Basis::Measured).count();
    assert!(measured > 0, "some figures were measured, and the others follow from them");
}

#[test]
fn a_text_takes_what_its_commands_take() {
    let seconds = |text: &str| usual_of_shell(text).as_secs_f64();
    assert_eq!(seconds("apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*"), 15.505);
    assert_eq!(seconds("./build.sh"), 5.0, "nobody knows it");
    assert_eq!(seconds("npm run ci"), 30.0, "what is run is called ci, and is no install");
    assert_eq!(seconds("python manage.py migrate"), 8.0);
    assert_eq!(seconds("python setup.py install"), 5.0);
    let many = (0..99).map(|number| format!(" p{number}")).collect::<String>();
    assert_eq!(seconds(&format!("apt-get install -y{many}")), 48.0, "beyond some they share what they need");
}

#[test]
fn official_images_move_and_of_others_nobody_knows() {
    assert_eq!(moves_a_year("docker.io/library/python:3.9"), Some(30.0));
    assert_eq!(moves_a_year("docker.io/library/pythonic:3.9"), None);
    assert_eq!(moves_a_year("docker.io/me/python:3.9"), None);
}

fn entry(prior: &Prior) -> String {
    let mut entry = format!("    Prior {{\n        names: &{:?},\n        forms: &[\n", prior.names);
    for Form { words, seconds, each, .. } in &prior.forms {
        let milliseconds = |seconds: &f64| (seconds * 1e3).round() as u64;
        let (all, each) = (milliseconds(seconds), milliseconds(each));
        writeln!(entry, "            Form {{ words: &{words:?}, milliseconds: {all}, each: {each} }},").unwrap();
    }
    entry + "        ],\n    },\n"
}
