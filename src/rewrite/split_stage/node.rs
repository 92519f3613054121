//! A Node program: what was installed and built runs without the sources, the tools, and the packages that only
//! development needs.
//!
//! What moves over is the directory that the build makes, where `node` starts a file in it, with the packages and what the
//! sources name; else the whole working directory. A stage that builds nothing has no tools to leave behind. Deliberately
//! refuses packages that open libraries of the system which the slim image lacks, and files that steps leave elsewhere.

mod manifest;

use std::collections::BTreeSet;

use super::data::{Contents, is_source};
use super::official::Official;
use super::starting::Starting;
use super::{Judgement, Site, Split, literal_words};
use crate::effect::paths;
use crate::model::shell::SimpleCommand;
use crate::rewrite::Refusal;
use manifest::Manifest;

/// Packages that open libraries of the system which the slim image lacks.
const LINKED: &[&str] =
    &["pg-native", "canvas", "gl", "node-libcurl", "oracledb", "odbc", "libxmljs", "libpq", "puppeteer", "playwright"];

const PROGRAMS: &[&str] = &["node", "npm", "npx", "yarn"];
/// Programs that serve the files of one directory.
const FILE_SERVERS: &[&str] = &["serve", "http-server"];

pub(super) fn split(site: &Site) -> Judgement {
    let (build, _) = site.commands().filter(|(_, command)| builds(&literal_words(command))).last()?;
    let official = Official::of(site.base).filter(|official| official.name == "node");
    let is_a_package = |word: &str| word == "nodejs";
    let by_package = || site.commands().any(|(_, command)| literal_words(command).into_iter().any(is_a_package));
    let image = match official.and_then(|official| official.plain()) {
        Some((version, Some(release))) => Some(format!("node:{version}-{release}-slim")),
        Some((version, None)) => Some(format!("node:{version}-slim")),
        None => None,
    };
    (image.is_some() || Official::of(site.base).is_some_and(|official| official.name == "node") || by_package())
        .then(|| split_at(site, build, image))
}

fn builds(words: &[&str]) -> bool {
    matches!(words, ["npm" | "yarn" | "pnpm", "run", script, ..] if script.starts_with("build"))
        || matches!(words, ["yarn" | "pnpm", script, ..] if script.starts_with("build"))
}

fn split_at(site: &Site, build: usize, image: Option<String>) -> Result<Split, Refusal> {
    let end = site.end_of_build(build);
    let contents = site.contents(end)?;
    let starting = site.starting_through(&contents)?;
    let program = starting.program();
    let is_server = FILE_SERVERS.contains(&program);
    if !PROGRAMS.contains(&program) && !is_server {
        return Err(
            site.refuse(starting.instruction.span, format!("it runs `{program}`, and what that needs is not known"))
        );
    }
    site.nothing_is_stored(false)?;
    site.nothing_of_the_image_is_lost(end)?;
    let packages = site.packages(end, &|_| None)?;
    let runtime = site.runtime(image);
    if !runtime.is_same {
        site.users_are_known(&["root", "node", "nobody", "daemon", "www-data"])?;
    }
    site.health_is_checked_by(&[PROGRAMS, FILE_SERVERS].concat(), &packages)?;
    let globals = globals(site, end, program)?;
    let home = site.home_of_its_own()?;
    if let Some((path, name)) = opens_libraries(site).filter(|_| !runtime.is_same) {
        let name_of_image = runtime.name();
        let reason = format!("`{path}` needs `{name}`, which opens libraries that {name_of_image} may not have");
        return Err(site.refuse(site.stage.span, reason));
    }
    let manifest = Manifest::read(site, &contents, &home);
    let pruned = manifest.as_ref().map(|manifest| manifest.prunable(site, &contents, &starting, end));
    let made = if is_server {
        served(site, &starting, &contents)?
    } else {
        made(&home, &starting, manifest.as_ref(), &contents)
    };
    let mut notes = Vec::new();
    let finished = match pruned {
        Some(Ok(())) if !is_server => Some("npm prune --omit=dev".to_owned()),
        Some(Err(why)) if !is_server => {
            notes.push(format!("packages for development stay: {why}"));
            None
        }
        _ => None,
    };
    let mut because = vec![match runtime.is_same {
        true => format!("what starts is `{program}`, which is there as before"),
        false => format!("what starts is `{program}`, and {} has the same one", runtime.name()),
    }];
    let brought = match &made {
        Some(directory) => {
            because.push(format!("the build makes {directory}, which is what runs"));
            let needs_packages =
                !is_server && manifest.as_ref().is_some_and(|manifest| manifest.has_packages(finished.is_some()));
            let packages = needs_packages.then(|| paths::join(&home, "node_modules"));
            let manifest = (!is_server).then(|| paths::join(&home, "package.json"));
            let settings = contents.source_of(&paths::join(&home, ".env")).map(|_| paths::join(&home, ".env"));
            let mut all: Vec<String> =
                [directory.clone()].into_iter().chain(packages).chain(manifest).chain(settings).collect();
            all.extend(starting.script.clone());
            for path in if is_server { BTreeSet::new() } else { site.data(&contents)? } {
                // Sources are in what was built.
                if !is_source(&path) && all.iter().all(|above| !paths::is_below(&path, above)) {
                    because.push(format!("the program names {path}, so it comes along"));
                    all.push(path);
                }
            }
            all
        }
        None => {
            because.push(format!("everything that the steps install and build lies below {home}, which comes along"));
            let elsewhere = contents.elsewhere().filter(|path| !paths::is_below(path, &home)).map(str::to_owned);
            [home.clone()].into_iter().chain(elsewhere).collect()
        }
    };
    if runtime.is_same && made.is_none() && finished.is_none() && packages.dropped.is_empty() {
        return Err(site.refuse(site.stage.span, "nothing that the stage holds is known to be for the build alone"));
    }
    Ok(Split {
        changed: finished.iter().map(|_| paths::join(&home, "node_modules/.package-lock.json")).collect(),
        finished,
        repeated: site.repeated(end).into_iter().chain(globals).collect(),
        because,
        assumed: vec![
            format!("the steps write nothing elsewhere, and the program calls no tool of {}", site.base),
            "no package opens a library of the system".to_owned(),
        ],
        notes,
        packages,
        ..Split::new(end, runtime, brought)
    })
}

/// The RUNs that install the program which starts for the whole image; refused where one does more than that.
fn globals(site: &Site, end: usize, program: &str) -> Result<BTreeSet<usize>, Refusal> {
    let is_global = |command: &SimpleCommand| {
        let words = literal_words(command);
        words.first() == Some(&"npm") && words.iter().any(|word| ["-g", "--global"].contains(word))
            || matches!(words[..], ["yarn", "global", "add", ..])
    };
    let mut found = BTreeSet::new();
    for (index, command) in site.commands().filter(|(index, command)| *index <= end && is_global(command)) {
        let is_wanted = literal_words(command).iter().any(|word| word.split('@').next() == Some(program));
        let is_alone = site.commands().filter(|(other, _)| *other == index).all(|(_, command)| is_global(command));
        if is_wanted && is_alone {
            found.insert(index);
        } else if is_wanted || site.names_started()?.iter().any(|(name, _)| literal_words(command).contains(name)) {
            let span = site.stage.instructions[index].span;
            let refusal = site.refuse(span, format!("it installs `{program}` for the whole image, and does more"));
            return Err(refusal.help("install it in a RUN of its own"));
        }
    }
    Ok(found)
}

/// The manifest that names a package which opens libraries, and the package.
fn opens_libraries(site: &Site) -> Option<(String, &'static str)> {
    let manifests = site.context.entries().iter().filter(|entry| entry.path.rsplit('/').next() == Some("package.json"));
    manifests.filter(|entry| !entry.path.contains("node_modules/")).find_map(|entry| {
        let text = site.source_text(&entry.path);
        let name = LINKED.iter().find(|name| text.contains(&format!("\"{name}\"")))?;
        Some((entry.path.clone(), *name))
    })
}

/// The directory that the build makes, where `node` starts a file in it.
fn made(home: &str, starting: &Starting, manifest: Option<&Manifest>, contents: &Contents) -> Option<String> {
    let words: Vec<String> = match manifest.and_then(|manifest| manifest.script(&starting.words)) {
        Some(script) => script.split_whitespace().map(str::to_owned).collect(),
        None => starting.words.clone(),
    };
    let [node, rest @ ..] = &words[..] else { return None };
    let file = rest.iter().find(|word| !word.starts_with('-')).filter(|_| node == "node")?;
    // An option with a value of its own would be taken for the file.
    if rest.iter().any(|word| ["-r", "--require", "--import", "--loader", "-e", "-p"].contains(&word.as_str())) {
        return None;
    }
    let path = paths::join(home, file);
    let below = path.strip_prefix(home)?.trim_start_matches('/');
    let (directory, _) = below.split_once('/')?;
    let directory = paths::join(home, directory);
    (!contents.hold(&directory) && !directory.ends_with("/node_modules")).then_some(directory)
}

/// The directory whose files are served: one that the build makes.
fn served(site: &Site, starting: &Starting, contents: &Contents) -> Result<Option<String>, Refusal> {
    let mut words = starting.words[1..].iter();
    let mut directory = None;
    while let Some(word) = words.next() {
        if ["-l", "--listen", "-p", "--port", "-L", "-a", "-c", "--config"].contains(&word.as_str()) {
            words.next();
        } else if !word.starts_with('-') {
            directory = Some(site.at_home(word));
        }
    }
    match directory.filter(|directory| !contents.hold(directory)) {
        Some(directory) => Ok(Some(directory)),
        None => Err(site.refuse(starting.instruction.span, "it does not serve a directory that the build makes")),
    }
}
