//! What `package.json` says of the packages that only development needs.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::effect::paths;
use crate::rewrite::split_stage::data::Contents;
use crate::rewrite::split_stage::starting::Starting;
use crate::rewrite::split_stage::{Site, literal_words};

/// The part of `package.json` that counts here.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Manifest {
    #[serde(default)]
    dependencies: BTreeMap<String, serde_json::Value>,
    #[serde(default, rename = "devDependencies")]
    dev_dependencies: BTreeMap<String, serde_json::Value>,
    #[serde(default)]
    scripts: BTreeMap<String, String>,
    #[serde(default)]
    workspaces: Option<serde_json::Value>,
}

impl Manifest {
    /// The manifest that is copied to the working directory; none where there is none or it cannot be read.
    pub(super) fn read(site: &Site, contents: &Contents, home: &str) -> Option<Self> {
        let path = contents.source_of(&paths::join(home, "package.json"))?;
        serde_json::from_slice(&site.context.read(path).ok()?).ok()
    }

    /// Whether packages are left to bring.
    pub(super) fn has_packages(&self, is_pruned: bool) -> bool {
        !self.dependencies.is_empty() || (!is_pruned && !self.dev_dependencies.is_empty())
    }

    /// The script that `npm start`, `npm run NAME` or `yarn NAME` means.
    pub(super) fn script(&self, words: &[String]) -> Option<&str> {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let name = match words[..] {
            ["npm" | "yarn" | "pnpm", "run", name, ..] => name,
            ["npm", name @ ("start" | "test"), ..] => name,
            ["yarn" | "pnpm", name, ..] => name,
            _ => return None,
        };
        self.scripts.get(name).map(String::as_str)
    }

    /// Whether npm can take out the packages that only development needs, or why not.
    pub(super) fn prunable(
        &self,
        site: &Site,
        contents: &Contents,
        starting: &Starting,
        end: usize,
    ) -> Result<(), String> {
        if self.dev_dependencies.is_empty() {
            return Err("package.json names none".to_owned());
        }
        if self.workspaces.is_some() {
            return Err("there are workspaces".to_owned());
        }
        let installs = |words: &[&str]| matches!(words, ["npm", "ci" | "install" | "i", ..]);
        if !site.commands().any(|(index, command)| index <= end && installs(&literal_words(command))) {
            return Err("another tool than npm installs them".to_owned());
        }
        let script = self.script(&starting.words).map(|script| script.split_whitespace().next().unwrap_or_default());
        let program = match (script, &starting.words[..]) {
            (Some(program), _) => program,
            (None, [npx, rest @ ..]) if npx == "npx" => {
                rest.iter().find(|word| !word.starts_with('-')).map_or("", String::as_str)
            }
            (None, words) => words.first().map_or("", String::as_str),
        };
        if program != "node" && !self.dependencies.contains_key(program) {
            return Err(format!("`{program}` may be one of them"));
        }
        match self.used_when_it_runs(site, contents, &starting.words) {
            Some((path, name)) => Err(format!("`{path}` loads `{name}`, which is one of them")),
            None => Ok(()),
        }
    }

    /// A source that loads a package which only development should need.
    fn used_when_it_runs<'a>(
        &'a self,
        site: &Site,
        contents: &'a Contents,
        started: &[String],
    ) -> Option<(&'a str, &'a str)> {
        let start = self.script(started);
        let others = self.scripts.values().map(String::as_str).filter(|script| Some(*script) != start);
        let tools: Vec<&str> =
            others.flat_map(str::split_whitespace).map(|word| word.trim_start_matches("./")).collect();
        let is_of_the_program = |path: &str| {
            let name = path.rsplit('/').next().unwrap_or(path);
            let is_code = ["js", "cjs", "mjs", "jsx", "ts", "tsx"].iter().any(|end| name.ends_with(&format!(".{end}")));
            let is_for_development =
                ["test", "spec", "config", "stories", "mock"].iter().any(|word| path.contains(word));
            is_code
                && !is_for_development
                && !tools.contains(&path)
                && !path.contains("node_modules/")
                && !name.starts_with('.')
        };
        for (_, path) in contents.files().filter(|(_, path)| is_of_the_program(path)) {
            let text = site.source_text(path);
            let lines = text.lines().filter(|line| !line.trim_start().starts_with("import type"));
            let lines: Vec<&str> =
                lines.filter(|line| ["import", "require", "from"].iter().any(|word| line.contains(word))).collect();
            let loads = |name: &&String| {
                let ends = ["'", "\"", "/"].map(|end| [format!("'{name}{end}"), format!("\"{name}{end}")]);
                let ends = ends.concat();
                lines.iter().any(|line| ends.iter().any(|quoted| line.contains(quoted)))
            };
            if let Some(name) = self.dev_dependencies.keys().find(loads) {
                return Some((path, name));
            }
        }
        None
    }
}
