//! Maven's pom.xml with its parents and modules, the wrapper and the files in .mvn.

use super::{Asked, Manifests, leads_out, parent, within, xml};

pub(in crate::effect::ecosystem) fn read(asked: &Asked<'_>) -> Result<Manifests, String> {
    let root = asked.manifest("pom.xml", "Maven")?;
    let mut manifests = Manifests::default();
    let mut waiting = vec![root.clone()];
    while let Some(path) = waiting.pop() {
        if !asked.has(&path) {
            return Err(format!("`{path}`, which another pom names, is not in the build context"));
        }
        if !manifests.paths.insert(path.clone()) {
            continue;
        }
        let text = asked.text(&path)?;
        let directory = parent(&path);
        if xml::has_element(&text, "systemPath") {
            return Err(format!("`{path}` takes a library from a path (`systemPath`)"));
        }
        for module in xml::contents(&text, "module") {
            if module.contains("${") || leads_out(directory, &module) {
                return Err(format!("where the module `{module}` of `{path}` lies is not written out"));
            }
            let module = within(directory, &module);
            waiting.push(if module.ends_with(".xml") { module } else { within(&module, "pom.xml") });
        }
        waiting.extend(parent_of(&text, directory).filter(|path| asked.has(path)));
    }
    let settings = within(parent(&root), ".mvn");
    if asked.has_directory(&settings) {
        manifests.directories.insert(settings);
    }
    manifests.paths.extend(asked.present(&["mvnw"]));
    manifests.doubts.push("the plugins of the build need no file but the poms to tell what they need".to_owned());
    manifests.is_all = true;
    Ok(manifests)
}

/// The pom that this one says it is a child of, where it would be looked for.
fn parent_of(text: &str, directory: &str) -> impl Iterator<Item = String> {
    let element =
        text.split_once("<parent>").and_then(|(_, rest)| rest.split_once("</parent>")).map(|(parent, _)| parent);
    let path = element.and_then(|parent| match xml::contents(parent, "relativePath").pop() {
        Some(path) if path.is_empty() => None,
        _ if parent.contains("<relativePath/>") => None,
        Some(path) => Some(path),
        None => Some("../pom.xml".to_owned()),
    });
    let outside = path.as_deref().is_some_and(|path| leads_out(directory, path));
    let path = path.filter(|_| !outside).map(|path| within(directory, &path));
    path.map(|path| if path.ends_with(".xml") { path } else { within(&path, "pom.xml") }).into_iter()
}
