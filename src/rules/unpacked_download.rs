//! A download that is piped into tar. ADD fetches and unpacks too, keeps what it has by its content, and can check a sum.
//! The fix is offered where every option on the way is understood.

use super::{Check, Cx, Out, RunCommand};
use crate::model::shell::{Connector, SimpleCommand};
use crate::text::Edit;

pub(super) struct UnpackedDownload;

impl Check for UnpackedDownload {
    fn command(&self, command: RunCommand<'_>, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Some(tar) = command.following().first().filter(|next| next.joined_by == Connector::Pipe) else { return };
        let extracts = tar.name() == Some("tar") && tar.arguments().iter().any(|word| is_mode(&word.raw));
        if !matches!(command.command.name(), Some("curl" | "wget")) || !extracts {
            return;
        }
        out.find(command.command.span, "what is fetched and unpacked here is not checked, nor seen when it changes")
            .related(tar.span, "unpacks it")
            .help("ADD does both: `ADD --unpack=true --checksum=sha256:… ADDRESS DIRECTORY`")
            .fix("use ADD", || {
                let is_whole = cx.commands(command.instruction).count() == 2 && command.run.mounts.is_empty();
                let (address, directory) = (address(command.command)?, directory(tar)?);
                let is_free = cx.written(command.instruction)?.interior.is_empty();
                (is_whole && is_free).then(|| {
                    let added = format!("ADD --unpack=true {address} {directory}");
                    vec![Edit::replace(command.instruction.span, added)]
                })
            });
    }
}

/// Whether it is the word that tells tar to extract.
fn is_mode(word: &str) -> bool {
    let letters = word.strip_prefix('-').unwrap_or(word);
    word == "--extract" || (letters.contains('x') && letters.chars().all(|char| "xzjJvpf".contains(char)))
}

fn literals(command: &SimpleCommand) -> Option<Vec<&str>> {
    let words = command.arguments().iter().map(|word| word.literal.as_deref());
    words.collect::<Option<Vec<&str>>>().filter(|_| command.redirects.is_empty())
}

/// The one address that the download asks for, where its options change nothing that ADD would not do.
fn address(download: &SimpleCommand) -> Option<&str> {
    let harmless: &[&str] = match download.name()? {
        "curl" => &["--fail", "--location", "--silent", "--show-error"],
        _ => &["-q", "--quiet", "-O-", "-qO-", "-O", "-qO", "-"],
    };
    let is_cluster = |word: &str| {
        let letters = word.strip_prefix('-').filter(|_| download.name() == Some("curl"));
        letters.is_some_and(|letters| !letters.is_empty() && letters.chars().all(|char| "fsSL".contains(char)))
    };
    let words = literals(download)?;
    let mut rest = words.iter().filter(|word| !harmless.contains(word) && !is_cluster(word));
    let (address, None) = (rest.next()?, rest.next()) else { return None };
    let is_plain = address.starts_with("https://") && !address.contains(['$', ' ', '"', '\'', '#', '\\']);
    is_plain.then_some(*address)
}

/// The directory that tar unpacks all of the archive into.
fn directory(tar: &SimpleCommand) -> Option<&str> {
    let words = literals(tar)?;
    let mut directory = None;
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        match word {
            "-C" | "--directory" => directory = words.next(),
            "-" | "-f" | "-z" | "-j" | "-J" | "-v" => {}
            _ if word.starts_with("--directory=") => directory = word.strip_prefix("--directory="),
            _ if is_mode(word) => {}
            _ => return None,
        }
    }
    directory.filter(|path| path.starts_with('/') && !path.contains(['$', ' ', '"', '\'', '*', '?', '[', '\\']))
}
