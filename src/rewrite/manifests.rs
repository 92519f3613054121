//! Which files of the build context an installer reads: computed from what the files themselves say.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::effect::{PackageManager, command};
use crate::model::BuildContext;

/// The manifests of one install.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Manifests {
    /// Context paths, sorted.
    pub(super) paths: BTreeSet<String>,
    /// What is worth knowing about them.
    pub(super) notes: Vec<String>,
}

/// The files that `manager` reads when it is told to read `named` (context paths; those that do not exist are left out
/// where the tool may do without), or why they cannot be told.
pub(super) fn read(manager: PackageManager, named: &[String], context: &dyn BuildContext) -> Result<Manifests, String> {
    match manager {
        PackageManager::Pip => requirements(named, context),
        PackageManager::Npm => node(named, context),
        PackageManager::Go => go(named, context),
        _ => Err("it reads no manifest of the build context".to_owned()),
    }
}

fn text(path: &str, context: &dyn BuildContext) -> Result<String, String> {
    let bytes =
        context.read(path).map_err(|error| format!("`{path}` cannot be read from the build context: {error}"))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// pip's requirement files, and those that they include by `-r` and `-c`.
fn requirements(named: &[String], context: &dyn BuildContext) -> Result<Manifests, String> {
    let mut manifests = Manifests::default();
    let mut loose = BTreeSet::new();
    let mut waiting: Vec<String> = named.to_vec();
    while let Some(path) = waiting.pop() {
        if !manifests.paths.insert(path.clone()) {
            continue;
        }
        for line in text(&path, context)?.replace("\\\n", "").lines() {
            let line = line.split(" #").next().unwrap_or(line).trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            match line.strip_prefix('-') {
                Some(_) => waiting.extend(included(&path, line)?),
                None => named_package(&path, line, &mut loose)?,
            }
        }
    }
    if let Some(first) = loose.first() {
        let names =
            if loose.len() > 1 { format!("{first} and {} more have", loose.len() - 1) } else { format!("{first} has") };
        let whose = manifests.paths.iter().cloned().collect::<Vec<_>>().join(" or ");
        manifests.notes.push(format!("{names} no version: a newer one now comes only when {whose} changes"));
    }
    Ok(manifests)
}

/// The file that an option line of a requirement file includes, if it does; local paths are refused.
fn included(path: &str, line: &str) -> Result<Option<String>, String> {
    let (option, value) = match line.split_once([' ', '=']) {
        Some((option, value)) => (option, value.trim()),
        None => line.split_at_checked(2).unwrap_or((line, "")),
    };
    match option {
        "-r" | "--requirement" | "-c" | "--constraint" if value.contains("://") => Ok(None),
        "-r" | "--requirement" | "-c" | "--constraint" => {
            let directory = path.rfind('/').map_or("", |end| &path[..end]);
            let joined = crate::effect::paths::join(&format!("/{directory}"), value);
            Ok(Some(joined.trim_start_matches('/').to_owned()))
        }
        "-e" | "--editable" => Err(format!("`{path}` installs `{value}` as an editable path")),
        "-f" | "--find-links" if command::is_path(value) => {
            Err(format!("`{path}` looks for packages in `{value}`, a path in the image"))
        }
        _ => Ok(None),
    }
}

fn named_package(path: &str, line: &str, loose: &mut BTreeSet<String>) -> Result<(), String> {
    // `name @ address` and plain paths may both lead to a directory of the image.
    let location = line.split_once('@').map_or(line, |(_, address)| address.trim());
    let without_marker = location.split(';').next().unwrap_or(location).trim();
    if command::is_path(without_marker) {
        return Err(format!("`{path}` installs `{without_marker}`, a path in the image"));
    }
    if !line.contains("==") && !line.contains("://") {
        let end = line.find(|c: char| !(c.is_alphanumeric() || "-_.[]".contains(c))).unwrap_or(line.len());
        loose.insert(line[..end].to_owned());
    }
    Ok(())
}

/// npm's manifest, lock file and settings; whatever would run scripts that read sources is refused.
fn node(named: &[String], context: &dyn BuildContext) -> Result<Manifests, String> {
    let present: BTreeSet<String> = named.iter().filter(|path| context.entry(path).is_some()).cloned().collect();
    let Some(manifest) = present.iter().find(|path| path.ends_with("package.json")) else {
        return Err("there is no package.json in the build context where npm looks for it".to_owned());
    };
    let Some(lock) =
        present.iter().find(|path| path.ends_with("package-lock.json") || path.ends_with("npm-shrinkwrap.json"))
    else {
        return Err("there is no lock file in the build context where npm looks for it".to_owned());
    };
    let json: Json = parse(manifest, context)?;
    if json.get("workspaces").is_some() {
        return Err(format!("`{manifest}` has workspaces, whose own manifests npm reads too"));
    }
    let beside = |name: &str| manifest.replace("package.json", name);
    if context.entry(&beside("binding.gyp")).is_some() {
        return Err("npm compiles the sources that binding.gyp names".to_owned());
    }
    const LIFECYCLE: [&str; 7] =
        ["preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare"];
    if let Some(script) = LIFECYCLE.iter().find(|name| json.pointer(&format!("/scripts/{name}")).is_some()) {
        return Err(format!("npm runs the script `{script}` of `{manifest}`, which may read any file"));
    }
    let lock_json: Json = parse(lock, context)?;
    if let Some(location) = local_package(&lock_json) {
        return Err(format!("`{lock}` installs `{location}`, a path in the image"));
    }
    Ok(Manifests { paths: present, notes: Vec::new() })
}

fn parse(path: &str, context: &dyn BuildContext) -> Result<Json, String> {
    serde_json::from_str(&text(path, context)?).map_err(|error| format!("`{path}` is not valid JSON: {error}"))
}

/// A package of the lock file that comes from a path instead of a registry.
fn local_package(lock: &Json) -> Option<String> {
    let packages = lock.get("packages")?.as_object()?;
    packages.iter().find_map(|(place, package)| {
        let resolved = package.get("resolved").and_then(Json::as_str).unwrap_or_default();
        let is_link = package.get("link").and_then(Json::as_bool).unwrap_or(false);
        let outside = !place.is_empty() && !place.starts_with("node_modules/");
        (is_link || outside || resolved.starts_with("file:")).then(|| place.clone())
    })
}

/// The module files of Go; vendored, workspace and replaced modules are refused.
fn go(named: &[String], context: &dyn BuildContext) -> Result<Manifests, String> {
    let paths: BTreeSet<String> = named.iter().filter(|path| context.entry(path).is_some()).cloned().collect();
    let Some(module) = paths.iter().find(|path| path.ends_with("go.mod")) else {
        return Err("there is no go.mod in the build context where Go looks for it".to_owned());
    };
    let directory = module.strip_suffix("go.mod").unwrap_or_default();
    if context.entry(&format!("{directory}vendor/modules.txt")).is_some() {
        return Err("the modules are vendored, so there is nothing to fetch".to_owned());
    }
    if context.entry(&format!("{directory}go.work")).is_some() {
        return Err("go.work makes Go read other modules of the build context".to_owned());
    }
    let text = text(module, context)?;
    if let Some(target) = text.lines().filter_map(replacement).find(|target| target.starts_with(['.', '/'])) {
        return Err(format!("`{module}` replaces a module by `{target}`, a path in the image"));
    }
    if !text.contains("require") {
        return Err(format!("`{module}` requires no module, so there is nothing to fetch"));
    }
    Ok(Manifests { paths, notes: Vec::new() })
}

fn replacement(line: &str) -> Option<&str> {
    let line = line.split("//").next().unwrap_or(line);
    line.split_once("=>").map(|(_, target)| target.trim())
}
