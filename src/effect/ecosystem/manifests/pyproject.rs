//! pyproject.toml with a lock file, as poetry, pdm and uv read it: path dependencies are refused, the members of a uv
//! workspace come along.

use toml::{Table, Value};

use super::{Asked, Manifests, within};

pub(in crate::effect::ecosystem) fn read(asked: &Asked<'_>) -> Result<Manifests, String> {
    if asked.words.iter().any(|word| word == "pip") {
        return super::requirements::read(asked);
    }
    let project = asked.manifest("pyproject.toml", "the installer")?;
    let mut manifests = Manifests::of(asked.named.iter().cloned());
    manifests.paths.extend(asked.present(&["poetry.toml", "pdm.toml", "uv.toml"]));
    manifests.is_all = true;
    let table = asked.toml(&project)?;
    no_local_path(&project, &table)?;
    for member in members(asked, &table) {
        let path = within(&member, "pyproject.toml");
        if !asked.has(&path) {
            continue;
        }
        if !asked.words.iter().any(|word| word == "--no-install-workspace") {
            return Err(format!("it installs the member `{member}` of the workspace, not only what others publish"));
        }
        manifests.paths.insert(path);
    }
    Ok(manifests)
}

/// The members of a uv workspace beside the project itself.
fn members(asked: &Asked<'_>, table: &Table) -> Vec<String> {
    let workspace = at(table, &["tool", "uv", "workspace"]).and_then(Value::as_table);
    let patterns = |key: &str| {
        let listed = workspace.and_then(|workspace| workspace.get(key)).and_then(Value::as_array);
        listed.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>()
    };
    let without: Vec<String> = patterns("exclude").iter().flat_map(|pattern| asked.directories_like(pattern)).collect();
    let mut found: Vec<String> =
        patterns("members").iter().flat_map(|pattern| asked.directories_like(pattern)).collect();
    found.retain(|member| !without.contains(member) && *member != asked.directory);
    found.sort();
    found.dedup();
    found
}

fn at<'t>(table: &'t Table, path: &[&str]) -> Option<&'t Value> {
    let (first, rest) = path.split_first()?;
    let mut value = table.get(*first)?;
    for key in rest {
        value = value.get(key)?;
    }
    Some(value)
}

/// A dependency that comes from a path has to be there before it is installed.
fn no_local_path(project: &str, table: &Table) -> Result<(), String> {
    const PLACES: &[&[&str]] = &[
        &["tool", "poetry", "dependencies"],
        &["tool", "poetry", "dev-dependencies"],
        &["tool", "poetry", "group"],
        &["tool", "uv", "sources"],
        &["tool", "pdm", "dev-dependencies"],
        &["project", "dependencies"],
        &["project", "optional-dependencies"],
        &["dependency-groups"],
    ];
    let found = PLACES.iter().filter_map(|place| at(table, place)).find_map(local_path);
    match found {
        Some(path) => Err(format!("`{project}` installs `{path}`, a path in the image")),
        None => Ok(()),
    }
}

/// A path that a dependency comes from, anywhere below a value.
fn local_path(value: &Value) -> Option<String> {
    match value {
        Value::Table(table) => {
            let own = table.get("path").and_then(Value::as_str).map(str::to_owned);
            own.or_else(|| table.values().find_map(local_path))
        }
        Value::Array(values) => values.iter().find_map(local_path),
        Value::String(text) => {
            let address = text.split_once('@').map(|(_, address)| address.trim());
            let local = address.filter(|address| address.starts_with("file:")).or_else(|| text.strip_prefix("-e "));
            local.map(str::to_owned)
        }
        _ => None,
    }
}
