//! conda's environment files, and the requirement files that their pip sections include.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::{Asked, Manifests, parent, requirements, within};

#[derive(Deserialize)]
struct Environment {
    #[serde(default)]
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Dependency {
    Conda(String),
    Pip { pip: Vec<String> },
}

pub(in crate::effect::ecosystem) fn read(asked: &Asked<'_>) -> Result<Manifests, String> {
    let mut named = asked.named.to_vec();
    let is_environment = asked.words.iter().any(|word| word == "env");
    if is_environment && named.is_empty() {
        named = asked.present(&["environment.yml"]);
    }
    if named.is_empty() {
        return Err("no environment file that it names is in the build context".to_owned());
    }
    let mut manifests = Manifests::of(named.iter().cloned());
    if !is_environment {
        return Ok(manifests);
    }
    let mut loose = BTreeSet::new();
    for path in &named {
        let environment: Environment = serde_yaml::from_str(&asked.text(path)?)
            .map_err(|_| format!("what `{path}` installs cannot be read from it"))?;
        for dependency in &environment.dependencies {
            match dependency {
                Dependency::Conda(line) if !line.contains('=') => drop(loose.insert(line.clone())),
                Dependency::Conda(_) => {}
                Dependency::Pip { pip } => {
                    for line in pip {
                        manifests.paths.extend(pip_line(asked, path, line, &mut loose)?);
                    }
                }
            }
        }
    }
    if let Some(first) = loose.first() {
        let whose = named.join(" or ");
        manifests.notes.push(format!("{first} has no version: a newer one now comes only when {whose} changes"));
    }
    Ok(manifests)
}

/// The files that a line of a pip section leads to.
fn pip_line(
    asked: &Asked<'_>,
    path: &str,
    line: &str,
    loose: &mut BTreeSet<String>,
) -> Result<BTreeSet<String>, String> {
    match line.split_once(' ') {
        Some(("-r" | "-c" | "--requirement" | "--constraint", file)) => {
            Ok(requirements::follow(asked, vec![within(parent(path), file.trim())])?.paths)
        }
        Some(("-e" | "--editable", package)) => {
            Err(format!("`{path}` installs `{}` as an editable path", package.trim()))
        }
        _ if line.starts_with('-') => Ok(BTreeSet::new()),
        _ => requirements::named_package(path, line, loose).map(|()| BTreeSet::new()),
    }
}
