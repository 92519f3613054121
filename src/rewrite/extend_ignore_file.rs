//! Leave out of the build context what no build wants: caches of tools, local dependency trees, secrets, the Dockerfile.
//!
//! Adds lines to the ignore file, or begins one, for what is there, is taken by a COPY of a whole directory, and is named
//! by no COPY. Deliberately refuses a dependency tree that no step installs: then the one of the context is what runs.

use crate::model::{EntryKind, Instruction, Resolved, Surroundings};
use crate::rewrite::change::Change;
use crate::rewrite::search::Found;
use crate::rewrite::taken::Taken;
use crate::rewrite::{Class, Declared, Proposal, Refusal, Rewrite, ids};

pub(super) const REWRITE: Rewrite =
    Rewrite { id: ids::EXTEND_IGNORE_FILE, page: include_str!("../../rules/rewrite/extend-ignore-file.yaml"), find };

/// Why something does not belong into a build.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Cache,
    /// What these commands make again in the image.
    Tree(&'static [&'static str]),
    Secret,
    Recipe,
}

/// What a path is, by the name of its last part.
fn kind_of(name: &str) -> Option<Kind> {
    const NODE: &[&str] = &["npm", "yarn", "pnpm", "bun", "corepack"];
    const PYTHON: &[&str] = &["pip", "pip3", "python", "python3", "uv", "poetry", "pdm", "pipenv", "virtualenv"];
    Some(match name {
        "__pycache__" | ".pytest_cache" | ".mypy_cache" | ".ruff_cache" | ".tox" | ".nox" | ".ipynb_checkpoints"
        | ".gradle" | ".parcel-cache" | ".turbo" | ".eslintcache" | ".terraform" | ".nyc_output" | "htmlcov"
        | ".coverage" | ".DS_Store" | "Thumbs.db" | ".idea" | ".vscode" | ".vs" => Kind::Cache,
        "node_modules" => Kind::Tree(NODE),
        ".venv" | "venv" => Kind::Tree(PYTHON),
        ".env" | ".netrc" | ".pypirc" | ".git-credentials" | "id_rsa" | "id_ecdsa" | "id_ed25519" | ".ssh" | ".aws"
        | ".gnupg" => Kind::Secret,
        "Dockerfile"
        | "Containerfile"
        | ".dockerignore"
        | "docker-compose.yml"
        | "docker-compose.yaml"
        | "compose.yml"
        | "compose.yaml" => Kind::Recipe,
        _ => return None,
    })
}

impl Kind {
    fn reason(self, line: &str) -> String {
        match self {
            Kind::Cache => format!("`{line}` is what a tool keeps for itself"),
            Kind::Tree(_) => format!("`{line}` was installed for another machine; a step here installs its own"),
            Kind::Secret => format!("`{line}` holds secrets of whoever builds, and no line names it"),
            Kind::Recipe => {
                format!("`{line}` tells how to build; an edit of it changes no file that the program reads")
            }
        }
    }
}

fn find(resolved: &Resolved, around: &Surroundings, found: &mut Found) {
    let Some(taken) = Taken::of(resolved, around) else { return };
    let mut lines: Vec<(Kind, String)> = Vec::new();
    let (mut removed, mut first) = (Vec::new(), None);
    for entry in taken.context.entries() {
        let name = entry.path.rsplit('/').next().unwrap_or(&entry.path);
        let Some(kind) = kind_of(name) else { continue };
        let Some((target, instruction)) = taken.taker(&entry.path) else { continue };
        let covered = lines.iter().any(|(_, line)| covers(line, &entry.path));
        if covered || taken.is_named(&entry.path) {
            continue;
        }
        if let Some(reason) = needed(&taken, kind, &entry.path) {
            found.refuse(Refusal::new(ids::EXTEND_IGNORE_FILE, instruction.span, reason));
            continue;
        }
        let below_root = entry.path.contains('/');
        lines.push((kind, if below_root { format!("**/{name}") } else { name.to_owned() }));
        if taken.ships(instruction) {
            removed.push(target.clone());
        }
        first = first.or(Some(*instruction));
    }
    // A Dockerfile in the context is no reason to begin an ignore file; where there is another, it goes along.
    let Some(first) = first.filter(|_| lines.iter().any(|(kind, _)| *kind != Kind::Recipe)) else { return };
    let all: Vec<String> = lines.iter().map(|(_, line)| line.clone()).collect();
    lines.retain(|(_, line)| !all.contains(&format!("**/{line}")));
    lines.sort_by(|one, other| (one.0, &one.1).cmp(&(other.0, &other.1)));
    propose(resolved, first, lines, &removed, found);
}

/// Whether a line leaves the path out.
fn covers(line: &str, path: &str) -> bool {
    match line.strip_prefix("**/") {
        Some(name) => path.split('/').any(|part| part == name),
        None => path.strip_prefix(line).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
    }
}

/// Why a path has to stay, if it has to.
fn needed(taken: &Taken, kind: Kind, path: &str) -> Option<String> {
    let Kind::Tree(installers) = kind else { return None };
    let is_directory = taken.context.entry(path).is_some_and(|entry| entry.kind == EntryKind::Directory);
    let installs = taken.commands().any(|command| {
        command.name().is_some_and(|name| {
            let name = name.rsplit('/').next().unwrap_or(name);
            installers.contains(&name)
        })
    });
    (is_directory && !installs).then(|| format!("no step installs anew what is in `{path}`"))
}

fn propose(resolved: &Resolved, at: &Instruction, lines: Vec<(Kind, String)>, removed: &[String], found: &mut Found) {
    let claim = match removed {
        [] => "builds without files that no step needs".to_owned(),
        [one] => format!("removes {one}"),
        [one, more @ ..] => format!("removes {one} and {} more", more.len()),
    };
    let proposal = Proposal {
        because: lines.iter().map(|(kind, line)| kind.reason(line)).collect(),
        assumed: vec!["neither a step nor the program reads them".to_owned()],
        ignored: lines.into_iter().map(|(_, line)| line).collect(),
        declared: Declared { removes: removed.to_vec(), ..Declared::default() },
        ..Proposal::new(ids::EXTEND_IGNORE_FILE, Class::Verify, claim, at.span)
    };
    if let Ok(unchanged) = Change::of(resolved).finish() {
        found.propose(proposal, unchanged);
    }
}
