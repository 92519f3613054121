//! pubspec.yaml with its lock file and overrides: packages of the build context are named by `path:`, workspaces by name.

use super::{Asked, Manifests, parent, within};

pub(in crate::effect::ecosystem) fn read(asked: &Asked<'_>) -> Result<Manifests, String> {
    let manifest = asked.manifest("pubspec.yaml", "Dart")?;
    for path in asked.named.iter().filter(|path| !path.ends_with(".lock")) {
        let text = asked.text(path)?;
        let key = |line: &str, key: &str| line.trim_start().trim_start_matches('{').trim_start().starts_with(key);
        if text.lines().any(|line| key(line, "path:") || line.contains("{path:") || line.contains("{ path:")) {
            return Err(format!("`{path}` names a package of the build context"));
        }
        if text.lines().any(|line| key(line, "workspace:") || key(line, "resolution:")) {
            return Err(format!("`{path}` is of a workspace, whose members have manifests of their own"));
        }
    }
    let example = within(parent(&manifest), "example/pubspec.yaml");
    if asked.context.entry(&example).is_some() && !asked.words.iter().any(|word| word == "--no-example") {
        return Err("it installs for the example too: say --no-example".to_owned());
    }
    Ok(Manifests::of(asked.named.iter().cloned()))
}
