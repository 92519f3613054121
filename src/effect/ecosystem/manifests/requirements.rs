//! pip's requirement files, and those that they include by `-r` and `-c`; local paths are refused.

use std::collections::BTreeSet;

use super::{Asked, Manifests, leads_out, parent, within};
use crate::effect::command;

pub(in crate::effect::ecosystem) fn read(asked: &Asked<'_>) -> Result<Manifests, String> {
    if let Some(operand) = local_operand(asked.words) {
        return Err(format!("it installs `{operand}`, a path in the image"));
    }
    if asked.named.is_empty() {
        return Ok(Manifests::default());
    }
    follow(asked, asked.named.to_vec())
}

/// A path that the command itself is told to install.
fn local_operand(words: &[String]) -> Option<&str> {
    let mut rest = words.iter().map(String::as_str).skip_while(|word| !matches!(*word, "install" | "sync")).skip(1);
    let is_here =
        |word: &str| word == "." || word.starts_with(".[") || word.starts_with("./") || word.starts_with("../");
    while let Some(word) = rest.next() {
        match word {
            "-e" | "--editable" => return rest.next(),
            "-r" | "--requirement" | "-c" | "--constraint" => drop(rest.next()),
            path if is_here(path) => return Some(path),
            _ => {}
        }
    }
    None
}

/// Everything that these files lead to.
pub(super) fn follow(asked: &Asked<'_>, mut waiting: Vec<String>) -> Result<Manifests, String> {
    let mut manifests = Manifests::default();
    let mut loose = BTreeSet::new();
    while let Some(path) = waiting.pop() {
        if !manifests.paths.insert(path.clone()) {
            continue;
        }
        for line in asked.text(&path)?.replace("\r\n", "\n").replace("\\\n", "").lines() {
            let line = line.split(" #").next().unwrap_or(line).trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            match line.strip_prefix('-') {
                Some(_) => waiting.extend(included(&path, line)?),
                None => named_package(&path, line, &mut loose)?,
            }
        }
    }
    if let Some(first) = loose.first() {
        let names =
            if loose.len() > 1 { format!("{first} and {} more have", loose.len() - 1) } else { format!("{first} has") };
        let whose = manifests.paths.iter().cloned().collect::<Vec<_>>().join(" or ");
        manifests.notes.push(format!("{names} no version: a newer one now comes only when {whose} changes"));
    }
    Ok(manifests)
}

/// The file that an option line of a requirement file includes, if it does; local paths are refused.
fn included(path: &str, line: &str) -> Result<Option<String>, String> {
    let (option, value) = match line.split_once([' ', '=']) {
        Some((option, value)) => (option, value.trim()),
        None => line.split_at_checked(2).unwrap_or((line, "")),
    };
    match option {
        "-r" | "--requirement" | "-c" | "--constraint" if value.contains("://") => Ok(None),
        "-r" | "--requirement" | "-c" | "--constraint" if leads_out(parent(path), value) => {
            Err(format!("`{path}` includes `{value}`, which is outside the build context"))
        }
        "-r" | "--requirement" | "-c" | "--constraint" => Ok(Some(within(parent(path), value))),
        "-e" | "--editable" => Err(format!("`{path}` installs `{value}` as an editable path")),
        "-f" | "--find-links" if command::is_path(value) => {
            Err(format!("`{path}` looks for packages in `{value}`, a path in the image"))
        }
        _ => Ok(None),
    }
}

/// A package that a line asks for; one without a version is remembered as loose.
pub(super) fn named_package(path: &str, line: &str, loose: &mut BTreeSet<String>) -> Result<(), String> {
    // `name @ address` and plain paths may both lead to a directory of the image.
    let location = line.split_once('@').map_or(line, |(_, address)| address.trim());
    let without_marker = location.split(';').next().unwrap_or(location).trim();
    if command::is_path(without_marker) {
        return Err(format!("`{path}` installs `{without_marker}`, a path in the image"));
    }
    if !line.contains("==") && !line.contains("://") {
        let end = line.find(|c: char| !(c.is_alphanumeric() || "-_.[]".contains(c))).unwrap_or(line.len());
        loose.insert(line[..end].to_owned());
    }
    Ok(())
}
