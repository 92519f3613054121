//! Gradle's settings, build scripts, properties, version catalogue, wrapper and buildSrc: programs, so nothing is proved.

use super::{Asked, Manifests, file_name};

/// Files that every project may have, and that decide what it needs.
fn is_script(name: &str) -> bool {
    name.ends_with(".gradle")
        || name.ends_with(".gradle.kts")
        || matches!(name, "gradle.properties" | "gradle.lockfile")
}

pub(in crate::effect::ecosystem) fn read(asked: &Asked<'_>) -> Result<Manifests, String> {
    let own_or_source = |path: &String| {
        let inside = path.strip_prefix(asked.directory).unwrap_or(path).trim_start_matches('/');
        !inside.split('/').any(|part| matches!(part, "node_modules" | ".gradle")) && !inside.starts_with("buildSrc/")
    };
    let scripts: Vec<String> = asked.files_below(asked.directory, is_script).filter(own_or_source).collect();
    let is_root = |path: &String| {
        ["build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts"].contains(&file_name(path))
    };
    if !scripts.iter().any(is_root) {
        return Err("there is no build script in the build context where Gradle looks for it".to_owned());
    }
    for path in scripts.iter().filter(|path| file_name(path).starts_with("settings.gradle")) {
        if asked.text(path)?.contains("includeBuild") {
            return Err(format!("`{path}` includes another build"));
        }
    }
    let mut manifests = Manifests::of(scripts);
    for directory in ["gradle", "buildSrc"].map(|name| asked.here(name)) {
        if asked.has_directory(&directory) {
            manifests.directories.insert(directory);
        }
    }
    manifests.paths.extend(asked.present(&["gradlew"]));
    manifests.writes.extend([".gradle", "build"].map(|name| asked.here(name)));
    manifests.doubts.push("the build scripts read no further file to tell what they need".to_owned());
    manifests.is_all = true;
    Ok(manifests)
}
