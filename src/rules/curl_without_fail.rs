//! curl that stores what it gets although the server answers with an error. Silent where only the head or the status is
//! asked for, where a program reads the answer at once, and where the step checks it or opens it as an archive.

use super::{Check, Cx, Out, RunCommand, downloads};
use crate::text::Edit;

pub(super) struct CurlWithoutFail;

const FAIL: &[&str] = &["-f", "--fail", "--fail-with-body"];
const OTHER_USE: &[&str] = &["-I", "--head", "-w", "--write-out", "-K", "--config", "-V", "--version", "-h", "--help"];
const KEEP: &[&str] = &["-o", "--output", "-O", "--remote-name", "--remote-name-all"];

impl Check for CurlWithoutFail {
    fn command(&self, command: RunCommand<'_>, cx: &Cx<'_>, out: &mut Out<'_>) {
        let own = command.command;
        let Some(name) = own.words.first().filter(|_| own.name() == Some("curl")) else { return };
        let is_open = own.arguments().iter().any(|word| word.raw.starts_with('$') && !word.raw.contains("://"));
        let has_address = own.arguments().iter().any(|word| word.raw.contains("://"));
        if is_open || !has_address || command.has_option(FAIL) || command.has_option(OTHER_USE) {
            return;
        }
        let is_lost = own.arguments().iter().any(|word| word.literal.as_deref() == Some("/dev/null"));
        let is_written = own.redirects.iter().any(|one| one.operator.ends_with('>') && one.target.raw != "/dev/null");
        let to_stdout = own.arguments().iter().any(|word| matches!(word.raw.as_str(), "-o-" | "-"));
        let is_kept = (command.has_option(KEEP) || is_written) && !to_stdout;
        let is_judged = downloads::are_checked(&command, cx) || downloads::are_opened(&command, cx);
        if is_kept && !is_lost && !is_judged {
            out.find(name.span, "curl keeps the error page when the server has no such file")
                .help("pass -f")
                .fix("pass -f", || Some(vec![Edit::insert(name.span.end, " -f")]));
        }
    }
}
