//! A Rust program: its binary needs the C library of the image that built it, and what its crates link to.
//!
//! Known only where the tag says which distribution that is. Deliberately refuses crates that link to libraries of the
//! system, by the names of their binding crates in Cargo.lock.

use super::official::Official;
use super::{Judgement, Site, Split};
use crate::effect::{Action, CommandEffect, PackageManager, paths};
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

pub(super) fn split(site: &Site) -> Judgement {
    let official = Official::of(site.base).filter(|official| official.name == "rust")?;
    let builds = |command: &CommandEffect| {
        command.manager == Some(PackageManager::Cargo) && matches!(command.action, Action::Build | Action::Install)
    };
    let (last, _) = site.last_command(builds)?;
    Some(split_at(site, last, &official))
}

fn split_at(site: &Site, last: usize, official: &Official) -> Result<Split, Refusal> {
    let build = &site.stage.instructions[last];
    let image = match (official.alpine(), official.debian()) {
        (Some(release), _) if !release.is_empty() => format!("alpine:{release}"),
        (None, Some(release)) => format!("debian:{release}-slim"),
        _ => {
            let refusal = site.refuse(
                site.stage.instructions[0].span,
                "which C library the binary will need is not known: the tag does not say which distribution it is",
            );
            return Err(refusal.help("name it, as in `rust:1-bookworm` or `rust:1-alpine3.20`"));
        }
    };
    let binary = binary(site, last)?;
    site.nothing_follows(last)?;
    site.users_are_known(&["root"])?;
    site.nothing_is_stored()?;
    site.health_is_checked_by(&[&binary])?;
    let names = crates(site)?;
    if let Some(name) = names.iter().find(|name| name.ends_with("-sys") && !HARMLESS.contains(&name.as_str())) {
        let reason = format!("the crate `{name}` links to a library that the smaller image may not have");
        return Err(site.refuse(build.span, reason));
    }
    let mut because = vec![
        format!("what starts is {binary}, which line {} builds", site.line_of(build)),
        format!("{image} has the C library that {} builds for, and no crate links to another", site.base),
    ];
    let mut brought = vec![binary];
    if names.iter().any(|name| TRUSTING.contains(&name.as_str())) {
        brought.push("/etc/ssl/certs/ca-certificates.crt".to_owned());
        because.push("a crate reads the system's trusted certificates, so they come along".to_owned());
    }
    Ok(Split {
        last,
        image,
        brought,
        rewritten: None,
        because,
        assumed: vec![format!("the program opens no file of {} or of the sources when it runs", site.base)],
        notes: vec!["variables of the base image (CARGO_HOME, RUSTUP_HOME, PATH) are gone from the image".to_owned()],
    })
}

/// The program that starts, where it is one that the build leaves.
fn binary(site: &Site, last: usize) -> Result<String, Refusal> {
    let starting = site.starting()?;
    let program = starting.words.first().cloned().unwrap_or_default();
    let workdir = site.workdir().unwrap_or_else(|| "/".to_owned());
    let path = paths::join(&workdir, &program);
    if program.contains('/') && path.contains("/target/") && path.contains("/release/") {
        return Ok(path);
    }
    let installs = site.commands().any(|(index, command)| {
        let words: Vec<_> = command.words.iter().filter_map(|word| word.literal.as_deref()).collect();
        index == last && words.starts_with(&["cargo", "install"])
    });
    let installed = format!("/usr/local/cargo/bin/{}", program.rsplit('/').next().unwrap_or(&program));
    if installs && program == installed {
        return Ok(installed);
    }
    let refusal =
        site.refuse(starting.instruction.span, format!("it runs `{program}`, which is not known to be the binary"));
    Err(refusal.help("start it by its path below target/release, or /usr/local/cargo/bin/NAME after `cargo install`"))
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
