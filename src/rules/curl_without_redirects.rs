//! curl of an address that is known to send on to another server, without following it. Silent where the head or the place
//! it sends to is what is asked for.

use super::{Check, Cx, Out, RunCommand};
use crate::text::Edit;

pub(super) struct CurlWithoutRedirects;

const FOLLOW: &[&str] = &["-L", "--location", "--location-trusted"];
const ASKS_WHERE: &[&str] =
    &["-I", "--head", "-i", "--include", "-D", "--dump-header", "-w", "--write-out", "-K", "--config", "-v"];

/// Parts of the paths below which github.com sends every request on.
const SENT_ON: &[&str] = &["/releases/download/", "/releases/latest/", "/archive/", "/raw/", "/tarball/", "/zipball/"];

impl Check for CurlWithoutRedirects {
    fn command(&self, command: RunCommand<'_>, _cx: &Cx<'_>, out: &mut Out<'_>) {
        let own = command.command;
        let Some(name) = own.words.first().filter(|_| own.name() == Some("curl")) else { return };
        let is_open = own.arguments().iter().any(|word| word.raw.starts_with('$') && !word.raw.contains("://"));
        if is_open || command.has_option(FOLLOW) || command.has_option(ASKS_WHERE) {
            return;
        }
        if let Some(address) = own.arguments().iter().find(|word| is_sent_on(&word.raw)) {
            out.find(address.span, "the server sends this on, and curl does not follow")
                .related(name.span, "without -L")
                .help("pass -L")
                .fix("pass -L", || Some(vec![Edit::insert(name.span.end, " -L")]));
        }
    }
}

fn is_sent_on(word: &str) -> bool {
    let address = word.trim_matches(['"', '\'']);
    let path = address.strip_prefix("https://github.com/").or_else(|| address.strip_prefix("http://github.com/"));
    path.is_some_and(|path| SENT_ON.iter().any(|part| path.contains(part)))
}
