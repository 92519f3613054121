//! package.json and what lies beside it, as npm, yarn, pnpm and bun read it: the manifests of workspaces come along;
//! whatever runs scripts that read sources is refused.

use serde::Deserialize;
use serde_json::Value as Json;

use super::{Asked, Manifests, file_name, leads_out, parent, within, yarn};

/// The scripts that an install runs, in its order.
const LIFECYCLE: [&str; 7] =
    ["preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare"];

/// What npm calls an install that does nothing without a lock file.
const CLEAN_INSTALL: [&str; 3] = ["ci", "clean-install", "ic"];

/// The lock files of npm.
const LOCKS: [&str; 2] = ["package-lock.json", "npm-shrinkwrap.json"];

pub(in crate::effect::ecosystem) fn read(asked: &Asked<'_>) -> Result<Manifests, String> {
    let tool = asked.words.first().map_or("npm", |word| file_name(word));
    let mut manifests = Manifests::of(asked.named.iter().cloned());
    if asked.words.iter().any(|word| word == "fetch") {
        return super::plain::read(asked);
    }
    let manifest = asked.manifest("package.json", tool)?;
    let directory = parent(&manifest).to_owned();
    let is_clean = asked.words.iter().any(|word| CLEAN_INSTALL.contains(&word.as_str()));
    if tool == "npm" && is_clean && !manifests.paths.iter().any(|path| LOCKS.contains(&file_name(path))) {
        return Err("there is no lock file in the build context where npm looks for it".to_owned());
    }
    let json = asked.json(&manifest)?;
    without_scripts(asked, tool, &manifest, &json)?;
    manifests.paths.extend(
        ["yarn.config.cjs", ".npmrc"].map(|name| within(&directory, name)).into_iter().filter(|path| asked.has(path)),
    );
    let mut members = Vec::new();
    for pattern in patterns(asked, &directory, &json)? {
        let directories = asked.directories_like(&within_workspace(&directory, &pattern, asked.directory));
        members.extend(directories.into_iter().filter(|member| asked.has(&within(member, "package.json"))));
    }
    let locks = locks(asked, &directory)?;
    let linked = if tool == "npm" { linked(asked, &locks, &directory) } else { Vec::new() };
    members.extend(linked.iter().cloned());
    members.sort();
    members.dedup();
    for member in &members {
        member_comes_along(asked, tool, member, &mut manifests)?;
    }
    manifests.writes.insert(within(&directory, "node_modules"));
    local_packages(&directory, &members, &linked, &json, &locks)?;
    yarn::add(asked, tool, &directory, &mut manifests)?;
    if let Some(patches) = patches(&directory, &json).filter(|path| asked.has_directory(path)) {
        manifests.directories.insert(patches);
    }
    Ok(manifests)
}

/// A pattern that is seen from the manifest, as one that is seen from where the install works.
fn within_workspace(directory: &str, pattern: &str, base: &str) -> String {
    let pattern = within(directory, pattern);
    pattern.strip_prefix(base).unwrap_or(&pattern).trim_start_matches('/').to_owned()
}

fn without_scripts(asked: &Asked<'_>, tool: &str, manifest: &str, json: &Json) -> Result<(), String> {
    if asked.words.iter().any(|word| word == "--ignore-scripts") {
        return Ok(());
    }
    if asked.has(&manifest.replace("package.json", "binding.gyp")) {
        return Err(format!("{tool} compiles the sources that binding.gyp names"));
    }
    match LIFECYCLE.iter().find(|name| json.pointer(&format!("/scripts/{name}")).is_some()) {
        Some(script) => Err(format!("{tool} runs the script `{script}` of `{manifest}`, which may read any file")),
        None => Ok(()),
    }
}

/// The patterns of the directories of workspaces.
fn patterns(asked: &Asked<'_>, directory: &str, json: &Json) -> Result<Vec<String>, String> {
    #[derive(Deserialize)]
    struct Workspace {
        #[serde(default)]
        packages: Vec<String>,
    }
    let listed = json.pointer("/workspaces/packages").or(json.get("workspaces")).and_then(Json::as_array);
    let mut patterns: Vec<String> = listed.into_iter().flatten().filter_map(Json::as_str).map(str::to_owned).collect();
    let workspace = within(directory, "pnpm-workspace.yaml");
    if asked.has(&workspace) {
        let parsed: Workspace = serde_yaml::from_str(&asked.text(&workspace)?)
            .map_err(|_| format!("which packages `{workspace}` names cannot be read from it"))?;
        patterns.extend(parsed.packages);
    }
    match patterns.iter().find(|pattern| pattern.starts_with('!')) {
        Some(pattern) => Err(format!("the workspace leaves out `{pattern}`, which is not understood")),
        None => Ok(patterns),
    }
}

fn member_comes_along(asked: &Asked<'_>, tool: &str, member: &str, manifests: &mut Manifests) -> Result<(), String> {
    let path = within(member, "package.json");
    let json = asked.json(&path)?;
    without_scripts(asked, tool, &path, &json)?;
    if json.get("bin").is_some() {
        return Err(format!("`{path}` has programs, which {tool} links only when their files are there"));
    }
    manifests.paths.insert(path);
    manifests
        .paths
        .extend([".npmrc", ".yarnrc"].map(|name| within(member, name)).into_iter().filter(|path| asked.has(path)));
    manifests.writes.insert(within(member, "node_modules"));
    Ok(())
}

/// npm's lock files beside the manifest, each with its path.
fn locks(asked: &Asked<'_>, directory: &str) -> Result<Vec<(String, Json)>, String> {
    let there = LOCKS.map(|name| within(directory, name)).into_iter().filter(|path| asked.has(path));
    there.map(|path| asked.json(&path).map(|lock| (path, lock))).collect()
}

/// The directories that npm's lock files link to. Of each, npm reads what it reads of a member of a workspace.
fn linked(asked: &Asked<'_>, locks: &[(String, Json)], directory: &str) -> Vec<String> {
    let packages = locks.iter().filter_map(|(_, lock)| lock.get("packages")?.as_object()).flatten();
    let links = packages.filter(|(_, package)| package.get("link").and_then(Json::as_bool) == Some(true));
    let targets = links.filter_map(|(_, link)| link.get("resolved").and_then(Json::as_str));
    let inside = targets.filter(|target| !leads_out(directory, target)).map(|target| within(directory, target));
    inside.filter(|target| asked.has(&within(target, "package.json"))).collect()
}

/// A package that comes from a path which is no member of the workspace has to be there before it is installed.
fn local_packages(
    directory: &str,
    members: &[String],
    linked: &[String],
    json: &Json,
    locks: &[(String, Json)],
) -> Result<(), String> {
    let manifest = within(directory, "package.json");
    for kind in ["dependencies", "devDependencies", "optionalDependencies"] {
        for version in
            json.get(kind).and_then(Json::as_object).into_iter().flatten().filter_map(|(_, value)| value.as_str())
        {
            let path = ["file:", "link:", "portal:"].iter().find_map(|scheme| version.strip_prefix(scheme));
            if let Some(path) = path.filter(|path| !linked.contains(&within(directory, path))) {
                return Err(format!("`{manifest}` installs `{path}`, a path in the image"));
            }
        }
    }
    for (lock, packages) in locks {
        if let Some(path) = local_package(packages, directory, members) {
            return Err(format!("`{lock}` installs `{path}`, a path in the image"));
        }
    }
    Ok(())
}

/// A package of npm's lock file that comes from a path instead of a registry or the workspace.
fn local_package(lock: &Json, directory: &str, members: &[String]) -> Option<String> {
    let packages = lock.get("packages")?.as_object()?;
    let is_member = |place: &str| members.iter().any(|member| *member == within(directory, place));
    packages.iter().find_map(|(place, package)| {
        let resolved = package.get("resolved").and_then(Json::as_str).unwrap_or_default();
        let is_link = package.get("link").and_then(Json::as_bool).unwrap_or(false) && !is_member(resolved);
        let of_member = place.split("/node_modules/").next().is_some_and(is_member);
        let outside = !place.is_empty() && !place.starts_with("node_modules/") && !of_member;
        (is_link || outside || resolved.starts_with("file:")).then(|| place.clone())
    })
}

/// The directory of patches that pnpm applies.
fn patches(directory: &str, json: &Json) -> Option<String> {
    let patched = json.pointer("/pnpm/patchedDependencies").and_then(Json::as_object)?;
    let first = patched.values().filter_map(Json::as_str).next()?;
    Some(within(directory, parent(first)))
}
