//! .NET's project files: the solution or project that is restored, the projects that those refer to, central package
//! files, NuGet's settings and lock files.

use super::{Asked, Manifests, file_name, leads_out, parent, within, xml};

/// Files that count for every project below them, whatever the case that they are written in.
const SHARED: &[&str] = &[
    "directory.build.props",
    "directory.build.targets",
    "directory.packages.props",
    "directory.build.rsp",
    "nuget.config",
    "global.json",
];

fn is_project(name: &str) -> bool {
    [".csproj", ".fsproj", ".vbproj"].iter().any(|ending| name.ends_with(ending))
}

pub(in crate::effect::ecosystem) fn read(asked: &Asked<'_>) -> Result<Manifests, String> {
    let mut waiting = roots(asked)?;
    let mut manifests = Manifests::default();
    while let Some(path) = waiting.pop() {
        if !asked.has(&path) {
            return Err(format!("`{path}`, which another project names, is not in the build context"));
        }
        if !manifests.paths.insert(path.clone()) {
            continue;
        }
        let text = asked.text(&path)?;
        let directory = parent(&path).to_owned();
        if !is_project(file_name(&path)) {
            waiting.extend(listed(&text, &path, &directory)?);
            continue;
        }
        for import in xml::attributes(&text, "Import", "Project") {
            if import.contains("$(") {
                return Err(format!("where `{path}` imports `{import}` from is not written out"));
            }
            let import = within(&directory, &import.replace('\\', "/"));
            match asked.has(&import) {
                true => drop(manifests.paths.insert(import)),
                false => return Err(format!("`{import}`, which `{path}` imports, is not in the build context")),
            }
        }
        for reference in xml::attributes(&text, "ProjectReference", "Include") {
            waiting.push(project(&path, &directory, &reference)?);
        }
        manifests.paths.extend(Some(within(&directory, "packages.lock.json")).filter(|path| asked.has(path)));
        manifests.writes.insert(within(&directory, "obj"));
    }
    manifests.paths.extend(shared(asked, &manifests));
    for path in &manifests.paths {
        let is_local = |source: &String| !source.contains("://") && source != "nuget.org";
        if file_name(path).eq_ignore_ascii_case("nuget.config") {
            let sources = xml::attributes(&asked.text(path)?, "add", "value");
            if let Some(source) = sources.iter().find(|source| is_local(source) && source.contains(['/', '\\', '.'])) {
                return Err(format!("`{path}` takes packages from `{source}`, a path in the image"));
            }
        }
    }
    manifests.is_all = true;
    Ok(manifests)
}

/// The solution or project that the command names, or the only one where it works.
fn roots(asked: &Asked<'_>) -> Result<Vec<String>, String> {
    let is_root = |name: &str| is_project(name) || name.ends_with(".sln") || name.ends_with(".slnx");
    let here = |directory: String| {
        asked.files_below(&directory.clone(), is_root).filter(|path| parent(path) == directory).collect::<Vec<_>>()
    };
    let mut operands = asked
        .words
        .iter()
        .skip(2)
        .filter(|word| !word.starts_with('-') && (is_root(word) || asked.has_directory(&asked.here(word))));
    let found = match operands.next() {
        Some(operand) if is_root(operand) => vec![asked.here(operand)],
        Some(directory) => here(asked.here(directory)),
        None => here(asked.directory.to_owned()),
    };
    match found.as_slice() {
        [one] => Ok(vec![one.clone()]),
        [] => Err("there is no project file in the build context where .NET looks for it".to_owned()),
        _ => Err("there are several project files where .NET looks for one".to_owned()),
    }
}

/// The projects of a solution.
fn listed(text: &str, path: &str, directory: &str) -> Result<Vec<String>, String> {
    let quoted = text
        .lines()
        .filter(|line| line.starts_with("Project("))
        .filter_map(|line| line.split('"').nth(5).map(str::to_owned));
    let elements = xml::attributes(text, "Project", "Path");
    let projects = quoted.chain(elements).filter(|name| is_project(name));
    projects.map(|name| project(path, directory, &name)).collect()
}

fn project(from: &str, directory: &str, name: &str) -> Result<String, String> {
    let name = name.replace('\\', "/");
    match name.contains("$(") || name.contains('*') || leads_out(directory, &name) {
        true => Err(format!("where the project `{name}` of `{from}` lies is not written out")),
        false => Ok(within(directory, &name)),
    }
}

/// The shared files in the directories of the projects and above them.
fn shared(asked: &Asked<'_>, manifests: &Manifests) -> Vec<String> {
    let is_shared = |name: &str| SHARED.contains(&name.to_lowercase().as_str());
    let above = |path: &str| {
        let directory = parent(path);
        manifests.paths.iter().any(|project| directory.is_empty() || project.starts_with(&format!("{directory}/")))
    };
    asked.files_below("", is_shared).filter(|path| above(path)).collect()
}
