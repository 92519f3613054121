//! curl that stores a file from the web and gives up at the first trouble of the network. What goes to a pipe is left alone:
//! there a second try would write behind the half of the first. wget tries again by itself.

use super::{Check, Cx, Out, RunCommand};
use crate::text::Edit;

pub(super) struct CurlWithoutRetry;

const STORES: &[&str] = &["-o", "--output", "-O", "--remote-name", "--remote-name-all"];
/// What sets retries, or may.
const SETS: &[&str] = &["--retry", "-K", "--config"];

impl Check for CurlWithoutRetry {
    fn command(&self, command: RunCommand<'_>, _cx: &Cx<'_>, out: &mut Out<'_>) {
        let own = command.command;
        let Some(name) = own.words.first().filter(|_| own.name() == Some("curl")) else { return };
        let is_open = own.arguments().iter().any(|word| word.raw.starts_with('$') && !word.raw.contains("://"));
        let fetches = own.arguments().iter().any(|word| is_far(word.raw.trim_matches(['"', '\''])));
        if fetches && !is_open && command.has_option(STORES) && !command.has_option(SETS) {
            out.find(name.span, "curl gives up at the first trouble of the network")
                .help("pass --retry 3")
                .fix("pass --retry 3", || Some(vec![Edit::insert(name.span.end, " --retry 3")]));
        }
    }
}

/// Whether it is an address on another machine.
fn is_far(word: &str) -> bool {
    let host = word.strip_prefix("https://").or_else(|| word.strip_prefix("http://"));
    host.is_some_and(|host| !host.starts_with("localhost") && !host.starts_with("127."))
}
