//! Models of commands and ecosystems: what is compiled in of `rules/command/*.yaml`, and every example of every command.

mod ecosystem;
mod examples;
mod legality;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use serde::Deserialize;

/// A file of `rules/command`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Command {
    id: String,
    summary: String,
    names: Vec<String>,
    module: Option<String>,
    part: String,
    manager: Option<String>,
    variables: Option<Vec<String>>,
    #[serde(default)]
    relocated_by: Vec<String>,
    #[serde(default)]
    references: Vec<String>,
    forms: Vec<Form>,
    examples: Vec<Example>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Form {
    words: Vec<String>,
    #[serde(default = "other")]
    action: String,
    #[serde(default)]
    flags: Vec<String>,
    #[serde(default)]
    values: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    bundled: bool,
    operands: Operands,
    #[serde(default)]
    reads: Vec<String>,
    #[serde(default)]
    writes: Vec<String>,
    #[serde(default)]
    ensures: Vec<String>,
    #[serde(default)]
    spares: Vec<String>,
    #[serde(default)]
    writes_without_output: Vec<String>,
    #[serde(default)]
    manifests: Vec<String>,
    #[serde(default)]
    looked_up: Vec<String>,
    #[serde(default)]
    cells_read: Vec<String>,
    #[serde(default)]
    cells_written: Vec<String>,
    #[serde(default)]
    network: bool,
}

fn other() -> String {
    "other".to_owned()
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Operands {
    Each(String),
    First { first: String, others: String },
    Last { others: String, last: String },
}

/// A line of shell, run in `/app` as root, and what its commands do together. What is not named is not compared.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Example {
    run: String,
    unknown: Option<String>,
    action: Option<String>,
    output: Option<String>,
    manifests: Option<Vec<String>>,
    reads: Option<BTreeSet<String>>,
    writes: Option<BTreeSet<String>>,
    ensures: Option<BTreeSet<String>>,
    cells_read: Option<BTreeSet<String>>,
    cells_written: Option<BTreeSet<String>>,
}

/// Every command, sorted by id.
fn commands() -> &'static [Command] {
    static COMMANDS: OnceLock<Vec<Command>> = OnceLock::new();
    COMMANDS.get_or_init(|| {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/command");
        let mut paths: Vec<_> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        let read = |path: &std::path::PathBuf| {
            let command: Command = serde_yaml::from_str(&fs::read_to_string(path).unwrap())
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            assert_eq!(
                path.file_stem().unwrap().to_str(),
                Some(command.id.as_str()),
                "a file is named after its command"
            );
            command
        };
        paths.iter().map(read).collect()
    })
}
