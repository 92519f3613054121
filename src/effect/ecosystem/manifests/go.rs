//! The module files of Go: with a workspace or with local replacements those of the other modules come along; vendored
//! modules are refused.

use super::{Asked, Manifests, leads_out, parent, within};

pub(in crate::effect::ecosystem) fn read(asked: &Asked<'_>) -> Result<Manifests, String> {
    let module = asked.manifest("go.mod", "Go")?;
    let directory = parent(&module).to_owned();
    let mut manifests = Manifests::of([within(&directory, "go.mod"), within(&directory, "go.sum")]);
    let work = within(&directory, "go.work");
    let mut modules = vec![directory];
    if asked.has(&work) {
        manifests.paths.extend([work.clone(), format!("{work}.sum")]);
        modules.extend(used(&asked.text(&work)?).map(|path| within(parent(&work), path)));
        for target in replacements(&asked.text(&work)?) {
            modules.push(local(&work, target)?);
        }
    }
    let mut seen = 0;
    let mut requires = false;
    while seen < modules.len() {
        let directory = modules[seen].clone();
        seen += 1;
        let file = within(&directory, "go.mod");
        if !asked.has(&file) {
            return Err(format!("`{file}`, a module that Go is told to use, is not in the build context"));
        }
        if asked.has(&within(&directory, "vendor/modules.txt")) {
            return Err("the modules are vendored, so there is nothing to fetch".to_owned());
        }
        let text = asked.text(&file)?;
        requires |= text.contains("require");
        manifests.paths.extend([file.clone(), within(&directory, "go.sum")]);
        for target in replacements(&text) {
            let replaced = local(&file, target)?;
            if !modules.contains(&replaced) {
                modules.push(replaced);
            }
        }
    }
    manifests.paths.retain(|path| asked.has(path));
    // Without a requirement there is nothing to fetch.
    Ok(if requires { Manifests { is_all: true, ..manifests } } else { Manifests::default() })
}

/// The directory that a replacement leads to.
fn local(file: &str, target: &str) -> Result<String, String> {
    match leads_out(parent(file), target) {
        true => Err(format!("`{file}` replaces a module by `{target}`, a path in the image")),
        false => Ok(within(parent(file), target)),
    }
}

/// The local paths that modules are replaced by.
fn replacements(text: &str) -> impl Iterator<Item = &str> {
    let target = |line| without_comment(line).split_once("=>").map(|(_, target)| target.trim());
    text.lines().filter_map(target).filter(|target| target.starts_with(['.', '/']))
}

/// The directories that the `use` lines of a workspace name.
fn used(text: &str) -> impl Iterator<Item = &str> {
    let mut in_block = false;
    text.lines().filter_map(move |line| {
        let line = without_comment(line).trim();
        let rest = line.strip_prefix("use").map(str::trim);
        match (in_block, rest) {
            (_, Some("(")) => {
                in_block = true;
                None
            }
            (true, _) if line == ")" => {
                in_block = false;
                None
            }
            (true, _) => Some(line),
            (false, Some(path)) => Some(path),
            _ => None,
        }
        .map(|path| path.trim_matches('"'))
        .filter(|path| !path.is_empty())
    })
}

fn without_comment(line: &str) -> &str {
    line.split("//").next().unwrap_or(line)
}
