//! A Python program: the packages that a compiler was installed for run without it.
//!
//! Where the packages are is told by the environment, prefix or directory that they are installed into, or else by the
//! layout of the official images; what they are linked to shows when it is built. Where no package of the system is for
//! the build alone, there is nothing to leave behind, and nothing is said. Deliberately refuses tools that keep packages in
//! places of their own.

use std::collections::BTreeSet;

use super::data::Contents;
use super::official::{Official, is_version};
use super::{Judgement, Site, Split, literal_words};
use crate::effect::paths;
use crate::model::shell::{ShellWord, SimpleCommand};
use crate::rewrite::Refusal;
use crate::text::Span;

/// Tools that install, and that a program which is started by them needs.
const MANAGERS: &[&str] = &["pip", "pip3", "poetry", "pipenv", "uv", "pdm", "hatch", "conda", "mamba"];
/// Commands that bring files to places which would be missing.
const ELSEWHERE: &[&str] = &["playwright install", "nltk.downloader", "conda install", "mamba install"];

pub(super) fn split(site: &Site) -> Judgement {
    let (build, _) = site.commands().filter(|(_, command)| installs(command)).last()?;
    let official = Official::of(site.base).filter(|official| official.name == "python");
    let end = site.end_of_build(build);
    let instead = |package: &str| is_of_python(package).then(|| "python3".to_owned()).filter(|_| official.is_none());
    match site.packages(end, &instead) {
        Ok(packages) if !packages.build(&is_of_python) => None,
        Ok(packages) => Some(split_at(site, end, official.as_ref(), packages)),
        Err(refusal) => Some(Err(refusal)),
    }
}

/// `pip install`, `python -m pip install`, `poetry install`, `uv sync`
fn installs(command: &SimpleCommand) -> bool {
    let words = literal_words(command);
    let name = words.first().and_then(|word| word.rsplit('/').next()).unwrap_or_default();
    let rest = match name.starts_with("python") && words.get(1) == Some(&"-m") {
        true => &words[2..],
        false if MANAGERS.contains(&name) => &words[..],
        false => return false,
    };
    rest.iter().any(|word| ["install", "sync"].contains(word))
}

/// Packages that come with an interpreter, and that only installing needs.
fn is_of_python(package: &str) -> bool {
    ["python3-pip", "python3-venv", "python3-setuptools", "python3-wheel", "py3-pip", "virtualenv"].contains(&package)
        || package.starts_with("python3") && package.ends_with("-dev")
}

fn split_at(site: &Site, end: usize, official: Option<&Official>, packages: super::Packages) -> Result<Split, Refusal> {
    let contents = site.contents(end)?;
    let names = site.names_started()?;
    if let Some((name, span)) = names.iter().find(|(name, _)| MANAGERS.contains(name)) {
        return Err(site.refuse(*span, format!("it runs `{name}`, which keeps what it installs in places of its own")));
    }
    for (index, command) in site.commands().filter(|(index, _)| *index <= end) {
        let text = site.resolved.model.tree.source.slice(command.span);
        if let Some(words) = ELSEWHERE.iter().find(|words| text.contains(**words)) {
            let span = site.stage.instructions[index].span;
            return Err(site.refuse(span, format!("what `{words}` brings would be missing in the image")));
        }
    }
    site.nothing_is_stored(false)?;
    site.nothing_of_the_image_is_lost(end)?;
    let image = official.and_then(|official| official.plain()).map(|(version, debian)| match debian {
        Some(release) => format!("python:{version}-{release}-slim"),
        None => format!("python:{version}-slim"),
    });
    let runtime = site.runtime(image.clone());
    if !runtime.is_same {
        site.users_are_known(&["root", "nobody", "daemon", "www-data"])?;
    }
    let mut known: Vec<&str> = vec!["python", "python3"];
    known.extend(names.iter().map(|(name, _)| *name));
    site.health_is_checked_by(&known, &packages)?;
    let mut brought = installed(site, end, official)?;
    let mut because =
        vec![format!("what is installed lies in {}, and the final stage has the same interpreter", brought.join(", "))];
    if let Some(home) = home(site, &contents, end)? {
        because.push(format!("{home} holds what the steps before bring and make"));
        brought.retain(|path| !paths::is_below(path, &home));
        brought.push(home);
    }
    let further = contents.elsewhere().filter(|path| brought.iter().all(|above| !paths::is_below(path, above)));
    let further: Vec<String> = further.map(str::to_owned).collect();
    brought.extend(further);
    let linked = match site.around.needs {
        Some(_) => "the libraries that packages are linked to are there, or come along",
        None => "packages to build against bring the libraries that modules are linked to: --verify finds those alone",
    };
    Ok(Split {
        repeated: site.repeated(end),
        because,
        assumed: vec![linked.to_owned(), "no step writes to another place what the program reads".to_owned()],
        packages,
        ..Split::new(end, runtime, brought)
    })
}

/// Where the packages are.
fn installed(site: &Site, end: usize, official: Option<&Official>) -> Result<Vec<String>, Refusal> {
    let mut places = BTreeSet::new();
    let mut system = None;
    for (index, command) in site.commands().filter(|(index, _)| *index <= end) {
        let values: Vec<Option<String>> = command.words.iter().map(|word| value(site, index, word)).collect();
        let words: Vec<&str> = values.iter().map(|value| value.as_deref().unwrap_or_default()).collect();
        let span = site.stage.instructions[index].span;
        if let Some(place) = environment(&words) {
            if place.is_empty() {
                return Err(site.refuse(span, "where the environment is made is only known when the shell runs"));
            }
            places.insert(site.at_home(place));
        } else if installs(command) {
            match options(&words) {
                Some(place) => drop(places.insert(site.at_home(place))),
                None if words.contains(&"--user") => drop(places.insert("/root/.local".to_owned())),
                None if words.first() == Some(&"uv") && words.contains(&"sync") => {
                    places.insert(site.at_home(".venv"));
                }
                None if words.first() == Some(&"poetry") && !is_told_not_to(site) => {
                    let refusal = site.refuse(span, "poetry makes an environment in a place of its own");
                    return Err(
                        refusal.help("set POETRY_VIRTUALENVS_CREATE=false, or POETRY_VIRTUALENVS_IN_PROJECT=true")
                    );
                }
                None => system = Some(span),
            }
        }
    }
    // What is called by its plain name installs into the environment that PATH begins with.
    match system.filter(|_| places.is_empty()) {
        Some(span) => of_system(site, official, span),
        None => Ok(places.into_iter().collect()),
    }
}

/// Where the interpreter of the image itself keeps packages.
fn of_system(site: &Site, official: Option<&Official>, span: Span) -> Result<Vec<String>, Refusal> {
    let Some(official) = official else {
        // A distribution leaves this directory to whoever installs without it.
        return Ok(vec!["/usr/local".to_owned()]);
    };
    let version = official.parts().next().filter(|version| is_version(version)).unwrap_or_default();
    let mut parts = version.split('.');
    match (parts.next(), parts.next()) {
        (Some(major), Some(minor)) => {
            Ok(vec![format!("/usr/local/lib/python{major}.{minor}/site-packages"), "/usr/local/bin".to_owned()])
        }
        _ => {
            let refusal = site.refuse(span, format!("where {} keeps packages depends on its version", site.base));
            Err(refusal.help("name the version, as in `python:3.12`"))
        }
    }
}

/// The directory of the environment that a command makes; empty where it is not written out.
fn environment<'a>(words: &[&'a str]) -> Option<&'a str> {
    let name = words.first()?.rsplit('/').next()?;
    let rest = match (name, &words[1..]) {
        ("virtualenv", rest) => rest,
        ("uv", ["venv", rest @ ..]) => rest,
        (python, ["-m", "venv" | "virtualenv", rest @ ..]) if python.starts_with("python") => rest,
        _ => return None,
    };
    let directory = rest.iter().rfind(|word| !word.starts_with('-')).copied();
    Some(directory.unwrap_or(if name == "uv" { ".venv" } else { "" }))
}

/// The directory that pip is told to install into.
fn options<'a>(words: &[&'a str]) -> Option<&'a str> {
    let joined = |word: &&'a str| word.strip_prefix("--prefix=").or_else(|| word.strip_prefix("--target="));
    let apart = |pair: &[&'a str]| ["--prefix", "--target", "-t"].contains(&pair[0]).then_some(pair[1]);
    words.iter().find_map(joined).or_else(|| words.windows(2).find_map(apart))
}

/// Whether poetry is told to make no environment, or one in the project.
fn is_told_not_to(site: &Site) -> bool {
    let source = &site.resolved.model.tree.source;
    site.stage.instructions.iter().any(|instruction| {
        let text = source.slice(instruction.span);
        [
            "virtualenvs.create false",
            "POETRY_VIRTUALENVS_CREATE",
            "virtualenvs.in-project true",
            "VIRTUALENVS_IN_PROJECT",
        ]
        .iter()
        .any(|words| text.contains(words))
    })
}

/// A word of a RUN, where it is written out or is a variable that the file sets.
fn value(site: &Site, index: usize, word: &ShellWord) -> Option<String> {
    if let Some(literal) = &word.literal {
        return Some(literal.clone());
    }
    let name = word.raw.trim_matches('"').strip_prefix('$')?;
    let name = name.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(name);
    let variable = site.resolved.variable(name, &site.stage.instructions[index])?;
    variable.value.as_ref()?.known().map(str::to_owned)
}

/// The working directory, where the steps up to `end` leave more there than what says which packages are wanted.
fn home(site: &Site, contents: &Contents, end: usize) -> Result<Option<String>, Refusal> {
    let is_manifest = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or(path);
        [".txt", ".lock", ".toml", ".in", ".cfg"].iter().any(|suffix| name.ends_with(suffix))
            || name.starts_with("Pipfile")
    };
    let keeps_environment =
        site.commands().any(|(index, command)| index <= end && literal_words(command).first() == Some(&"poetry"))
            && site.resolved.model.tree.source.slice(site.stage.span).to_lowercase().contains("in-project");
    if contents.files().all(|(_, path)| is_manifest(path)) && !keeps_environment {
        return Ok(None);
    }
    site.home_of_its_own().map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_an_environment_is_in_the_command_that_makes_it() {
        assert_eq!(environment(&["python3", "-m", "venv", "--copies", "/opt/venv"]), Some("/opt/venv"));
        assert_eq!(environment(&["virtualenv", "env"]), Some("env"));
        assert_eq!(environment(&["uv", "venv"]), Some(".venv"));
        assert_eq!(environment(&["python", "-m", "pip"]), None);
        assert_eq!(options(&["pip", "install", "--prefix=/install", "a"]), Some("/install"));
        assert_eq!(options(&["pip", "install", "-t", "/lib", "a"]), Some("/lib"));
    }
}
