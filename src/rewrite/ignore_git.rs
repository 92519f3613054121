//! Leave the history of the repository out of the build context: each commit changes it, and the image would ship it.
//!
//! Adds `.git` to the ignore file. Deliberately refuses where a step or a manifest shows that it reads the history. What
//! nobody can see from here may still read it, so it is yours to decide.

use crate::model::{BuildContext, Resolved, Surroundings};
use crate::rewrite::change::Change;
use crate::rewrite::search::Found;
use crate::rewrite::taken::Taken;
use crate::rewrite::{Class, Declared, Proposal, Refusal, Rewrite, ids};

pub(super) const REWRITE: Rewrite =
    Rewrite { id: ids::IGNORE_GIT, page: include_str!("../../rules/rewrite/ignore-git.yaml"), find };

/// What a manifest mentions that takes the version from the history, by the name of the manifest.
const READERS: &[(&str, &[&str])] = &[
    (
        "pyproject.toml",
        &["setuptools_scm", "setuptools-scm", "hatch-vcs", "versioningit", "dunamai", "dynamic-versioning", "pbr"],
    ),
    ("setup.py", &["setuptools_scm", "use_scm_version", "versioneer", "pbr"]),
    ("setup.cfg", &["setuptools_scm", "versioneer", "[pbr]"]),
    ("Cargo.toml", &["vergen", "git-version", "built", "shadow-rs"]),
    ("build.rs", &["git describe", "rev-parse", "\"git\""]),
    ("Makefile", &["git describe", "git rev-parse", "git log"]),
    ("package.json", &["git describe", "git rev-parse", "git-revision", "git log"]),
    ("pom.xml", &["git-commit-id", "buildnumber-maven-plugin"]),
    ("build.gradle", &["gitVersion", "git-properties", "rev-parse"]),
    ("build.gradle.kts", &["gitVersion", "git-properties", "rev-parse"]),
];

fn find(resolved: &Resolved, around: &Surroundings, found: &mut Found) {
    let Some(taken) = Taken::of(resolved, around) else { return };
    let Some((target, instruction)) = taken.taker(".git") else { return };
    let git = taken.context.entry(".git");
    if git.is_none() || taken.is_named(".git") {
        return;
    }
    if let Some(reason) = reader(&taken) {
        found.refuse(Refusal::new(ids::IGNORE_GIT, instruction.span, reason));
        return;
    }
    let size = taken.size(".git");
    let claim = match taken.ships(instruction) {
        true => format!("removes {target} ({size})"),
        false => format!("builds without {target} ({size})"),
    };
    let line = resolved.model.tree.source.line_of(instruction.span.start) + 1;
    let builds_go = taken.commands().any(|command| command.name() == Some("go"));
    let proposal = Proposal {
        because: vec![
            format!("each commit changes .git, so line {line} and all below it run again after each"),
            "no step calls git, and no manifest here takes a version from the history".to_owned(),
        ],
        notes: builds_go
            .then(|| "`go build` no longer writes the revision into the binary".to_owned())
            .into_iter()
            .collect(),
        ignored: vec![".git".to_owned()],
        declared: Declared { removes: vec![target.clone()], ..Declared::default() },
        ..Proposal::new(ids::IGNORE_GIT, Class::Advice, claim, instruction.span)
    };
    if let Ok(unchanged) = Change::of(resolved).finish() {
        found.propose(proposal, unchanged);
    }
}

/// What reads the history, if anything shows it.
fn reader(taken: &Taken) -> Option<String> {
    if taken.commands().any(|command| command.name() == Some("git")) {
        return Some("a step calls git, which may read the history".to_owned());
    }
    taken.context.entries().iter().find_map(|entry| {
        let name = entry.path.rsplit('/').next().unwrap_or(&entry.path);
        let (_, words) = READERS.iter().find(|(manifest, _)| *manifest == name)?;
        let is_foreign = entry.path.split('/').any(|part| ["node_modules", "vendor", ".venv", "venv"].contains(&part));
        let mentioned = mention(taken.context, &entry.path, words).filter(|_| !is_foreign)?;
        Some(format!("`{}` mentions `{mentioned}`, which reads the history", entry.path))
    })
}

fn mention(context: &dyn BuildContext, path: &str, words: &[&'static str]) -> Option<&'static str> {
    let bytes = context.read(path).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    words.iter().copied().find(|word| text.contains(word))
}
