//! A program in C or C++: its binary, or all that `make install` leaves, and the libraries that it is linked to.
//!
//! Which packages bring those libraries is known once it was built: until then those to build against stay. Deliberately
//! refuses installs among the files of the distribution, and programs that load libraries by a name of their own.

use super::data::Contents;
use super::official::Official;
use super::starting::Starting;
use super::{Judgement, Site, Split, literal_words};
use crate::effect::paths;
use crate::model::shell::SimpleCommand;
use crate::rewrite::Refusal;

/// Compilers, by the beginning of their names.
const COMPILERS: &[&str] = &["gcc", "g++", "cc", "c++", "clang", "clang++", "gfortran", "tcc"];
/// Tools that call compilers.
const BUILDERS: &[&str] = &["make", "cmake", "ninja", "meson", "./configure"];
/// Where installs go that are told no place.
const USUAL_PREFIX: &str = "/usr/local";

pub(super) fn split(site: &Site) -> Judgement {
    let is_build = |name: &str| COMPILERS.contains(&name) || BUILDERS.contains(&name);
    let (build, _) = site.commands().filter(|(_, command)| command.name().is_some_and(is_build)).last()?;
    // What is started by its plain name and was not installed is a program of the image that happens to compile too.
    let is_of_the_image = site.starting().is_ok_and(|starting| !starting.program().contains('/'));
    if is_of_the_image && !install(site, build).is_ok_and(|prefix| prefix.is_some()) {
        return None;
    }
    Some(split_at(site, build))
}

fn split_at(site: &Site, build: usize) -> Result<Split, Refusal> {
    let end = site.end_of_build(build);
    let contents = site.contents(end)?;
    let starting = site.starting_through(&contents)?;
    let mut brought = match artefact(site, &starting, &contents, end)? {
        Some(path) => vec![path],
        None => {
            let reason = format!("it runs `{}`, which is not known to be what the build leaves", starting.program());
            let help = "start it by the path that it is built or installed at";
            return Err(site.refuse(starting.instruction.span, reason).help(help));
        }
    };
    site.nothing_is_stored(false)?;
    site.nothing_of_the_image_is_lost(end)?;
    let packages = site.packages(end, &|_| None)?;
    let runtime = site.runtime(smaller(site)?);
    if !runtime.is_same {
        site.users_are_known(&["root", "nobody", "daemon", "www-data"])?;
    } else if !packages.build(&|_| false) {
        let reason = "no package of the system is only for the build, so nothing but the sources would go";
        return Err(site.refuse(site.stage.span, reason));
    }
    let program = brought[0].clone();
    site.health_is_checked_by(&[starting.program(), &program], &packages)?;
    let mut because = vec![format!(
        "what starts is in {program}, which line {} builds",
        site.line_of(&site.stage.instructions[build])
    )];
    for path in starting.script.iter().cloned().chain(site.data(&contents)?) {
        if brought.iter().all(|above| !paths::is_below(&path, above)) {
            because.push(format!("{path} is read when it runs, so it comes along"));
            brought.push(path);
        }
    }
    let linked = match site.around.needs {
        Some(_) => "the libraries that it is linked to are there, or come along",
        None => "packages to build against bring the libraries that it is linked to: --verify finds those alone",
    };
    Ok(Split {
        repeated: site.repeated(end),
        because,
        assumed: vec![
            "the program opens no other file of the build when it runs, and calls no tool of it".to_owned(),
            linked.to_owned(),
        ],
        packages,
        ..Split::new(end, runtime, brought)
    })
}

/// The distribution that a compiler's image stands on; none where it is a distribution itself.
fn smaller(site: &Site) -> Result<Option<String>, Refusal> {
    let Some(official) = Official::of(site.base).filter(|official| official.name == "gcc") else { return Ok(None) };
    match official.debian() {
        Some(release) => Ok(Some(format!("debian:{release}-slim"))),
        None => {
            let at = site.stage.instructions[0].span;
            let refusal = site.refuse(at, "which distribution the image of the compiler stands on is not written out");
            Err(refusal.help("name it, as in `gcc:13-bookworm`"))
        }
    }
}

/// What the build leaves of the program that starts: its binary, or the directory that it is installed into.
fn artefact(site: &Site, starting: &Starting, contents: &Contents, end: usize) -> Result<Option<String>, Refusal> {
    let program = starting.program();
    let installed = install(site, end)?;
    if !program.contains('/') {
        return Ok(installed.filter(|prefix| prefix == USUAL_PREFIX));
    }
    let path = site.at_home(program);
    if let Some(prefix) = installed.filter(|prefix| paths::is_below(&path, prefix)) {
        return Ok(Some(prefix));
    }
    let is_named = site.commands().filter(|(index, _)| *index <= end).any(|(_, command)| makes(site, command, &path));
    let home = site.workdir().unwrap_or_else(|| "/".to_owned());
    // What the context does not bring is made there: which files a tool makes stands in files of its own.
    let is_made = home != "/" && paths::is_below(&path, &home) && !contents.hold(&path) && calls_tool(site, end);
    Ok((is_named || is_made).then_some(path))
}

fn calls_tool(site: &Site, end: usize) -> bool {
    site.commands().any(|(index, command)| index <= end && command.name().is_some_and(|name| BUILDERS.contains(&name)))
}

/// Whether a command is told to make the file at `path`.
fn makes(site: &Site, command: &SimpleCommand, path: &str) -> bool {
    let words = literal_words(command);
    let is = |word: &str| site.at_home(word) == path;
    match words.first() {
        Some(name) if COMPILERS.contains(name) => words.windows(2).any(|pair| pair[0] == "-o" && is(pair[1])),
        Some(&("cp" | "mv" | "install")) => {
            let [_, sources @ .., target] = &words[..] else { return false };
            let into = |source: &&str| is(&format!("{target}/{}", source.rsplit('/').next().unwrap_or(source)));
            is(target) || sources.iter().any(into)
        }
        _ => false,
    }
}

/// The directory that the build installs into; none where it does not install.
fn install(site: &Site, end: usize) -> Result<Option<String>, Refusal> {
    let (mut prefix, mut at) = (USUAL_PREFIX.to_owned(), None);
    for (index, command) in site.commands().filter(|(index, _)| *index <= end) {
        let words = literal_words(command);
        let Some(name) = words.first().filter(|name| BUILDERS.contains(name)) else { continue };
        for (number, word) in words.iter().enumerate() {
            let told = ["--prefix=", "-DCMAKE_INSTALL_PREFIX=", "-DCMAKE_INSTALL_PREFIX:PATH=", "PREFIX=", "prefix="];
            let value = told.iter().find_map(|option| word.strip_prefix(option));
            let value = value.or_else(|| (*word == "--prefix").then(|| words.get(number + 1).copied()).flatten());
            if let Some(value) = value {
                prefix = site.at_home(value);
            }
            if let Some(directory) = word.strip_prefix("DESTDIR=") {
                let reason = format!("it installs into {directory}, from which something else takes the files");
                return Err(site.refuse(site.stage.instructions[index].span, reason));
            }
        }
        let installs = matches!((*name, &words[1..]), ("cmake", ["--install", ..]))
            || words[1..].iter().any(|word| word.split('/').next() == Some("install") && *name != "cmake")
            || words.windows(2).any(|pair| matches!(pair, ["--target" | "-t", "install"]));
        if installs {
            at = Some(site.stage.instructions[index].span);
        }
    }
    match at {
        Some(span) if ["/", "/usr"].contains(&prefix.as_str()) => {
            let refusal = site.refuse(span, format!("it installs among the files of the distribution, into {prefix}"));
            Err(refusal.help("give it a prefix of its own, such as /usr/local"))
        }
        at => Ok(at.map(|_| prefix)),
    }
}
