//! curl that keeps what it gets although the server answers with an error. Silent where only the head or the status is
//! asked for, where nothing keeps the answer, and where the step checks it or opens it as an archive.

use super::{Check, Cx, Out, RunCommand, checked_download};
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
        let is_kept = command.has_option(KEEP) || is_written || own.in_pipeline;
        let is_judged = checked_download::is_checked(command.instruction, cx)
            || checked_download::is_opened(command.instruction, cx);
        if is_kept && !is_lost && !is_judged {
            out.find(name.span, "curl keeps the error page when the server has no such file")
                .help("pass -f")
                .fix("pass -f", || Some(vec![Edit::insert(name.span.end, " -f")]));
        }
    }
}
