//! `useradd` with a high number: the log of logins is indexed by it, and becomes a file of gigabytes.

use super::{Check, Cx, Out, RunCommand};
use crate::text::Edit;

pub(super) struct HighUidLog;

/// From this number on the log takes more than 29 MB.
const HIGH: u64 = 100_000;

impl Check for HighUidLog {
    fn command(&self, command: RunCommand<'_>, _cx: &Cx<'_>, out: &mut Out<'_>) {
        let skips_log = command.has_option(&["-l", "--no-log-init"]);
        if command.command.name() != Some("useradd") || skips_log {
            return;
        }
        if let Some(uid) = uid(&command).filter(|uid| *uid >= HIGH) {
            let word = command.command.words[0].span;
            out.find(word, format!("the log of logins grows with the number of the user, {uid}"))
                .help("pass --no-log-init")
                .fix("pass --no-log-init", || Some(vec![Edit::insert(word.end, " --no-log-init")]));
        }
    }
}

/// The number given with `-u` or `--uid`.
fn uid(command: &RunCommand<'_>) -> Option<u64> {
    let mut words = command.literals();
    while let Some(word) = words.next() {
        let value = match word.strip_prefix("--uid") {
            Some("") => words.next()?,
            Some(rest) => rest.strip_prefix('=')?,
            None if word == "-u" => words.next()?,
            None => match word.strip_prefix("-u") {
                Some(attached) => attached,
                None => continue,
            },
        };
        return value.parse().ok();
    }
    None
}
