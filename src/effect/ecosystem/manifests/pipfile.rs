//! pipenv's Pipfile and its lock file; editable and local paths are refused.

use toml::Value;

use super::{Asked, Manifests};

pub(in crate::effect::ecosystem) fn read(asked: &Asked<'_>) -> Result<Manifests, String> {
    let pipfile = asked.manifest("Pipfile", "pipenv")?;
    let table = asked.toml(&pipfile)?;
    let tables =
        table.iter().filter(|(name, _)| !matches!(name.as_str(), "source" | "requires" | "scripts" | "pipenv"));
    for (_, packages) in tables {
        for (name, package) in packages.as_table().into_iter().flatten() {
            let is_editable = package.get("editable").and_then(Value::as_bool).unwrap_or(false);
            let path = package.get("path").or(package.get("file")).and_then(Value::as_str);
            if let Some(path) = path.filter(|path| !path.contains("://")) {
                return Err(format!("`{pipfile}` installs `{path}`, a path in the image"));
            }
            if is_editable && package.get("git").is_none() {
                return Err(format!("`{pipfile}` installs `{name}` as an editable path"));
            }
        }
    }
    Ok(Manifests { is_all: true, ..Manifests::of(asked.named.iter().cloned()) })
}
