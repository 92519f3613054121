//! Ecosystems: what is compiled in of `rules/ecosystem/*.yaml`, and every example of every ecosystem.

mod examples;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use serde::Deserialize;

/// A file of `rules/ecosystem`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Ecosystem {
    id: String,
    summary: String,
    tool: String,
    manager: String,
    reader: String,
    #[serde(default)]
    locks: Vec<String>,
    #[serde(default)]
    outputs: Vec<String>,
    variables: String,
    premise: String,
    references: Vec<String>,
    #[serde(default)]
    calls: Vec<Call>,
    #[serde(default)]
    caches: Vec<Cache>,
    /// Calls that have to do with manifests; none where no call has.
    #[serde(default)]
    examples: Vec<Example>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Call {
    words: Vec<String>,
    early: Early,
    #[serde(default)]
    frozen: Vec<String>,
    #[serde(default)]
    differs: String,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Early {
    Itself(String),
    With { with: Vec<String> },
    Run { run: String },
    Never { never: String },
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Cache {
    path: String,
    #[serde(default)]
    at: Vec<(String, String)>,
    #[serde(default)]
    moved_by: Vec<String>,
    #[serde(default)]
    without: Vec<String>,
    #[serde(default)]
    dropped: Vec<String>,
    #[serde(default)]
    replaced: Vec<(String, String)>,
    #[serde(default)]
    added: String,
    #[serde(default)]
    filled_by: Vec<String>,
    #[serde(default)]
    purged_by: Vec<String>,
    #[serde(default)]
    renewed_by: Vec<String>,
    #[serde(default)]
    prepared_by: String,
    #[serde(default)]
    prepared: String,
    sharing: String,
    #[serde(default)]
    needs: Vec<(String, String)>,
    #[serde(default)]
    needed_later: bool,
    #[serde(default)]
    in_base: bool,
    #[serde(default)]
    compiled: bool,
    #[serde(default)]
    unless: Vec<String>,
    image: Option<String>,
    #[serde(default)]
    differs: String,
}

/// A call of the installer in `/app`, which holds the whole context, and what it reads of that.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Example {
    run: String,
    context: BTreeMap<String, String>,
    #[serde(default)]
    paths: BTreeSet<String>,
    #[serde(default)]
    directories: BTreeSet<String>,
    #[serde(default)]
    writes: BTreeSet<String>,
    refused: Option<String>,
}

/// Every ecosystem, sorted by id.
fn ecosystems() -> &'static [Ecosystem] {
    static ECOSYSTEMS: OnceLock<Vec<Ecosystem>> = OnceLock::new();
    ECOSYSTEMS.get_or_init(|| {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/ecosystem");
        let mut paths: Vec<_> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        let read = |path: &std::path::PathBuf| {
            let ecosystem: Ecosystem = serde_yaml::from_str(&fs::read_to_string(path).unwrap())
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let stem = path.file_stem().unwrap().to_str();
            assert_eq!(stem, Some(ecosystem.id.as_str()), "a file is named after its ecosystem");
            ecosystem
        };
        paths.iter().map(read).collect()
    })
}
