//! A Rust program: its binary needs the C library of the image that built it, and what its crates link to.
//!
//! The first is known only where the tag says which distribution that is, or where it is the image itself; the second shows
//! when it is built, or in the names of binding crates in Cargo.lock. Deliberately refuses crates that load libraries.

use super::official::Official;
use super::starting::Starting;
use super::{Judgement, Site, Split, literal_words};
use crate::effect::{Action, CommandEffect, PackageManager};
use crate::model::shell::SimpleCommand;
use crate::rewrite::Refusal;

/// Binding crates that link to nothing, or to what they build themselves.
const HARMLESS: &[&str] = &[
    "aws-lc-sys",
    "blake3-sys",
    "bzip2-sys",
    "core-foundation-sys",
    "dirs-sys",
    "errno-sys",
    "fsevent-sys",
    "hermit-sys",
    "inotify-sys",
    "jemalloc-sys",
    "js-sys",
    "kqueue-sys",
    "libmimalloc-sys",
    "linux-raw-sys",
    "lzma-sys",
    "mach-sys",
    "mio-sys",
    "ntapi-sys",
    "redox-sys",
    "ring-sys",
    "schannel-sys",
    "security-framework-sys",
    "tikv-jemalloc-sys",
    "tree-sitter-sys",
    "wasi-sys",
    "web-sys",
    "winapi-sys",
    "windows-sys",
    "zstd-sys",
];

/// Crates that look for the system's trusted certificates.
const TRUSTING: &[&str] = &["native-tls", "openssl-probe", "rustls-native-certs", "rustls-platform-verifier"];

/// Crates that load libraries by a name.
const LOADING: &[&str] = &["libloading", "dlopen", "dlopen2"];

pub(super) fn split(site: &Site) -> Judgement {
    let builds = |command: &CommandEffect| {
        command.manager == Some(PackageManager::Cargo) && matches!(command.action, Action::Build | Action::Install)
    };
    // A target in a cache mount has no effect that is modelled; its words are there all the same.
    let is_build = |(_, command): &(usize, &SimpleCommand)| {
        let words = literal_words(command);
        matches!(words[..], ["cargo", "build" | "install", ..])
    };
    let last =
        site.last_command(builds).map(|(last, _)| last).or_else(|| Some(site.commands().filter(is_build).last()?.0))?;
    Some(split_at(site, last))
}

fn split_at(site: &Site, build: usize) -> Result<Split, Refusal> {
    let end = site.end_of_build(build);
    let at = site.stage.instructions[build].span;
    let image = image(site)?;
    let contents = site.contents(end)?;
    let starting = site.starting_through(&contents)?;
    let binary = binary(site, &starting, end)?;
    site.nothing_is_stored(false)?;
    site.nothing_of_the_image_is_lost(end)?;
    let packages = site.packages(end, &|_| None)?;
    let runtime = site.runtime(image);
    if !runtime.is_same {
        site.users_are_known(&["root", "nobody", "daemon", "www-data"])?;
    } else if !packages.build(&|_| false) {
        let reason = "no package of the system is only for the build, so nothing but the sources would go";
        return Err(site.refuse(site.stage.span, reason));
    }
    site.health_is_checked_by(&[&binary], &packages)?;
    let names = crates(site)?;
    if let Some(name) = names.iter().find(|name| LOADING.contains(&name.as_str())) {
        return Err(site.refuse(at, format!("the crate `{name}` loads libraries, and which ones cannot be seen")));
    }
    let mut because = vec![
        format!("what starts is {binary}, which line {} builds", site.line_of(&site.stage.instructions[build])),
        format!("{} has the C library that {} builds for", runtime.name(), site.base),
    ];
    let mut brought = vec![binary];
    if names.iter().any(|name| TRUSTING.contains(&name.as_str()))
        && !runtime.is_same
        && !packages.bring("ca-certificates")
    {
        brought.push("/etc/ssl/certs/ca-certificates.crt".to_owned());
        because.push("a crate reads the system's trusted certificates, so they come along".to_owned());
    }
    for path in starting.script.iter().cloned().chain(site.data(&contents)?) {
        if !brought.contains(&path) {
            because.push(format!("{path} is read when it runs, so it comes along"));
            brought.push(path);
        }
    }
    let linked: Vec<&str> =
        names.iter().map(String::as_str).filter(|name| name.ends_with("-sys") && !HARMLESS.contains(name)).collect();
    let mut assumed = vec![format!("the program opens no other file of {} or of the sources when it runs", site.base)];
    if !linked.is_empty() && site.around.needs.is_none() {
        assumed.push(format!("{} links to no library of the system, or --verify finds the package", linked.join(", ")));
    }
    let notes = ["variables of the base image (CARGO_HOME, RUSTUP_HOME, PATH) are gone from the image"];
    Ok(Split {
        repeated: site.repeated(end),
        because,
        assumed,
        notes: notes.iter().filter(|_| !runtime.is_same).map(|note| (*note).to_owned()).collect(),
        packages,
        ..Split::new(end, runtime, brought)
    })
}

/// The distribution that the image of the compiler stands on; none where it is a distribution itself.
fn image(site: &Site) -> Result<Option<String>, Refusal> {
    let Some(official) = Official::of(site.base).filter(|official| official.name == "rust") else { return Ok(None) };
    match (official.alpine(), official.debian()) {
        (Some(release), _) if !release.is_empty() => Ok(Some(format!("alpine:{release}"))),
        (None, Some(release)) => Ok(Some(format!("debian:{release}-slim"))),
        _ => {
            let refusal = site.refuse(
                site.stage.instructions[0].span,
                "which C library the binary will need is not known: the tag does not say which distribution it is",
            );
            Err(refusal.help("name it, as in `rust:1-bookworm` or `rust:1-alpine3.20`"))
        }
    }
}

/// The program that starts, where it is one that the build leaves.
fn binary(site: &Site, starting: &Starting, end: usize) -> Result<String, Refusal> {
    let program = starting.program();
    let path = site.at_home(program);
    let commands = || site.commands().filter(|(index, _)| *index <= end).map(|(_, command)| command);
    if program.contains('/') && (is_in_target(&path) || commands().any(|command| copies_to(site, command, &path))) {
        return Ok(path);
    }
    let installs = commands().any(|command| literal_words(command).starts_with(&["cargo", "install"]));
    let name = program.rsplit('/').next().unwrap_or(program);
    let installed = format!("/usr/local/cargo/bin/{name}");
    if installs && program == installed {
        return Ok(installed);
    }
    let copied = format!("/usr/local/bin/{name}");
    if !program.contains('/') && commands().any(|command| copies_to(site, command, &copied)) {
        return Ok(copied);
    }
    let refusal =
        site.refuse(starting.instruction.span, format!("it runs `{program}`, which is not known to be the binary"));
    Err(refusal.help("start it by its path below target/release, or /usr/local/cargo/bin/NAME after `cargo install`"))
}

fn is_in_target(path: &str) -> bool {
    path.contains("/target/") && (path.contains("/release/") || path.contains("/debug/"))
}

/// Whether a command copies a binary out of the target directory to `path`.
fn copies_to(site: &Site, command: &SimpleCommand, path: &str) -> bool {
    let words = literal_words(command);
    let [copy, .., source, target] = words[..] else { return false };
    let into = format!("{target}/{}", source.rsplit('/').next().unwrap_or(source));
    ["cp", "mv", "install"].contains(&copy)
        && is_in_target(&site.at_home(source))
        && (site.at_home(target) == path || site.at_home(&into) == path)
}

/// The names of all crates, from Cargo.lock.
fn crates(site: &Site) -> Result<Vec<String>, Refusal> {
    let entry = site.context.entries().iter().find(|entry| entry.path.rsplit('/').next() == Some("Cargo.lock"));
    let bytes = entry.and_then(|entry| site.context.read(&entry.path).ok());
    let Some(bytes) = bytes else {
        return Err(site.refuse(site.stage.span, "without a Cargo.lock nobody knows what the crates link to"));
    };
    let text = String::from_utf8_lossy(&bytes);
    let names = text.lines().filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"').map(str::to_owned));
    Ok(names.collect())
}
