//! A file that a RUN downloads, that a command then unpacks or installs, and that the RUN does not remove. A file is known
//! again by the way it is written; where it is not written in full, any removal may be its own.

use super::{Check, Cx, Out, addition};
use crate::model::Stage;
use crate::model::shell::SimpleCommand;

pub(super) struct ArchiveLeft;

/// The commands that take what is wanted out of a file.
const READERS: &[&str] =
    &["tar", "bsdtar", "unzip", "7z", "7za", "dpkg", "rpm", "apt-get", "apt", "yum", "dnf", "microdnf", "gdebi"];
/// Where what others leave lies, so that removing it says nothing of a download.
const ELSEWHERE: &[&str] = &["/var/lib/", "/var/cache/", "/var/log/"];

impl Check for ArchiveLeft {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        if !cx.ships(stage.id) {
            return;
        }
        for (index, instruction) in stage.instructions.iter().enumerate() {
            for download in cx.commands(instruction) {
                let Some(file) = downloaded(download.command) else { continue };
                let directory = file.rsplit_once('/').map_or("", |(directory, _)| directory);
                if removes(download.following(), file) || download.mounted(directory, cx) {
                    continue;
                }
                let here = download.following().iter().find(|one| reads(one, file));
                let later = stage.instructions[index + 1..].iter().flat_map(|one| cx.commands(one));
                let Some(reader) = here.or_else(|| later.map(|one| one.command).find(|one| reads(one, file))) else {
                    continue;
                };
                out.find(download.command.span, "what is downloaded here stays in the layer")
                    .related(reader.span, "nothing needs it after this")
                    .help("remove it in the same RUN, or pipe it into what reads it")
                    .fix("remove it in the same RUN", || {
                        let is_clear = here.is_some() && file.starts_with('/');
                        let edit = is_clear.then(|| addition::command(&download, &format!("rm {file}"), cx));
                        edit.flatten().map(|edit| vec![edit])
                    });
            }
        }
    }
}

/// The file that curl or wget writes, as it is written.
fn downloaded(command: &SimpleCommand) -> Option<&str> {
    let (short, options) = match command.name()? {
        "curl" => ('o', ["--output", "--remote-name"]),
        "wget" => ('O', ["--output-document", ""]),
        _ => return None,
    };
    let words: Vec<&str> = command.arguments().iter().map(|word| word.raw.trim_matches(['"', '\''])).collect();
    let is_short =
        |word: &str, letter: char| word.starts_with('-') && !word.starts_with("--") && word.ends_with(letter);
    let named = words.windows(2).find(|pair| pair[0] == options[0] || is_short(pair[0], short)).map(|pair| pair[1]);
    let attached = words.iter().find_map(|word| word.strip_prefix(options[0])?.strip_prefix('='));
    let from_address = || {
        let takes_name = short == 'O' || words.iter().any(|word| *word == options[1] || is_short(word, 'O'));
        let mut addresses = words.iter().filter(|word| word.contains("://"));
        let (address, None) = (addresses.next()?, addresses.next()) else { return None };
        let moved = words.iter().any(|word| word.starts_with("-P") || word.starts_with("--directory-prefix"));
        let name = address.rsplit('/').next()?.split(['?', '#']).next()?;
        (takes_name && !moved).then_some(name)
    };
    let sent = || {
        let to_file = command.redirects.iter().find(|redirect| redirect.operator == ">")?;
        (short == 'o').then(|| to_file.target.raw.trim_matches(['"', '\'']))
    };
    let is_file = |file: &&str| file.contains('.') && !file.starts_with("/dev/");
    named.or(attached).or_else(from_address).or_else(sent).filter(is_file)
}

/// Whether the command takes what is wanted out of the file.
fn reads(command: &SimpleCommand, file: &str) -> bool {
    let name = |path: &str| path.rsplit('/').next().map(str::to_owned);
    let is_it = |word: &str| {
        let word = word.trim_matches(['"', '\'']);
        let word = word.strip_prefix("--file=").unwrap_or(word);
        word == file || (!(word.starts_with('/') && file.starts_with('/')) && name(word) == name(file))
    };
    READERS.iter().any(|reader| command.name() == Some(reader))
        && command.arguments().iter().any(|word| is_it(&word.raw))
}

/// Whether one of the commands may remove the file, or move it.
fn removes(commands: &[SimpleCommand], file: &str) -> bool {
    let may_be = |word: &str| {
        let word = word.trim_matches(['"', '\'']);
        let fixed = word.split(['*', '?', '[', '{', '$']).next().unwrap_or_default();
        let is_above = fixed.len() > 1 && file.starts_with(fixed);
        let is_open =
            !file.starts_with('/') && !word.starts_with('-') && !ELSEWHERE.iter().any(|one| word.starts_with(one));
        word == file || is_above || is_open
    };
    commands.iter().any(|command| match command.name() {
        Some("rm" | "mv" | "unlink" | "find") => command.arguments().iter().any(|word| may_be(&word.raw)),
        Some(name) => name.contains("clean"),
        None => false,
    })
}
