//! composer.json and composer.lock; path repositories are refused, plugins are a doubt.

use serde_json::Value as Json;

use super::{Asked, Manifests, parent, within};

pub(in crate::effect::ecosystem) fn read(asked: &Asked<'_>) -> Result<Manifests, String> {
    let manifest = asked.manifest("composer.json", "Composer")?;
    let mut manifests = Manifests::of(asked.named.iter().cloned());
    let json = asked.json(&manifest)?;
    if json.pointer("/config/vendor-dir").is_some() {
        return Err(format!("`{manifest}` puts packages elsewhere than into vendor"));
    }
    let repositories = json.get("repositories").into_iter().flat_map(|list| match list {
        Json::Array(values) => values.iter().collect::<Vec<_>>(),
        Json::Object(values) => values.values().collect(),
        _ => Vec::new(),
    });
    for repository in repositories {
        if matches!(repository.get("type").and_then(Json::as_str), Some("path" | "artifact")) {
            let path = repository.get("url").and_then(Json::as_str).unwrap_or("a directory");
            return Err(format!("`{manifest}` installs from `{path}`, a path in the image"));
        }
    }
    if json.pointer("/extra/installer-paths").is_some() {
        return Err(format!("`{manifest}` puts packages elsewhere than into vendor"));
    }
    let lock = within(parent(&manifest), "composer.lock");
    if asked.has(&lock) {
        let json = asked.json(&lock)?;
        let packages = json.get("packages").and_then(Json::as_array).into_iter().flatten();
        let is_plugin = |package: &&Json| package.get("type").and_then(Json::as_str) == Some("composer-plugin");
        let plugin = packages.clone().find(is_plugin);
        if let Some(name) = plugin.and_then(|package| package.get("name")).and_then(Json::as_str) {
            manifests.doubts.push(format!("the plugin {name} reads and writes nothing outside vendor"));
        }
        if let Some(path) = packages
            .filter_map(|package| package.pointer("/dist/url"))
            .filter_map(Json::as_str)
            .find(|url| !url.contains("://"))
        {
            return Err(format!("`{lock}` installs `{path}`, a path in the image"));
        }
    }
    manifests.writes.insert(asked.here("vendor"));
    manifests.is_all = true;
    Ok(manifests)
}
