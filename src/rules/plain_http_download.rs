//! A download over plain HTTP that nothing compares with a checksum or signature. Addresses inside a network are not
//! judged: a host without a dot, a number, a name that no public server has.

use super::{Check, Cx, Out, RunCommand, downloads};
use crate::model::{CopySource, Instruction, Operation};
use crate::text::{Edit, Span};

pub(super) struct PlainHttpDownload;

const PROGRAMS: &[&str] = &["aria2c", "curl", "git", "gem", "npm", "pip", "pip3", "wget", "yarn"];

/// The options whose value is no download.
const OTHER_VALUES: &[&str] = &["-x", "--proxy", "-e", "--referer", "-H", "--header", "-d", "--data", "-A"];

/// The ends of names that only an own network knows.
const INTERNAL: &[&str] = &["internal", "intranet", "lan", "local", "localhost", "test", "home", "corp"];

impl Check for PlainHttpDownload {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Operation::Add(add) = &instruction.operation else { return };
        if add.checksum.is_some() {
            return;
        }
        for source in &add.transfer.sources {
            if let CopySource::Path(word) = source {
                tell(word.raw.as_str(), word.span(), cx, out);
            }
        }
    }

    fn command(&self, command: RunCommand<'_>, cx: &Cx<'_>, out: &mut Out<'_>) {
        if !command.command.name().is_some_and(|name| PROGRAMS.contains(&name)) {
            return;
        }
        if downloads::are_checked(&command, cx) {
            return;
        }
        for pair in command.command.words.windows(2) {
            if !pair[0].literal.as_deref().is_some_and(|before| OTHER_VALUES.contains(&before)) {
                tell(&pair[1].raw, pair[1].span, cx, out);
            }
        }
    }
}

/// Tells of the word when it is such an address, perhaps quoted.
fn tell(raw: &str, span: Span, cx: &Cx<'_>, out: &mut Out<'_>) {
    let quote = usize::from(raw.starts_with(['"', '\'']));
    let Some(rest) = raw[quote..].strip_prefix("http://") else { return };
    let host = rest.split(['/', '?', '#', '"', '\'']).next().unwrap_or_default();
    if !is_public(host) {
        return;
    }
    let scheme = Span::new(span.start + quote, span.start + quote + "http".len());
    out.find(span, format!("what {host} sends can be changed on the way"))
        .help("fetch it by https, or compare it with a checksum")
        .fix("fetch it by https", || (cx.text(scheme) == "http").then(|| vec![Edit::replace(scheme, "https")]));
}

/// Whether it is the name of a host that anyone may own, at the usual port.
fn is_public(host: &str) -> bool {
    let last = host.rsplit('.').next().unwrap_or_default();
    host.contains('.')
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-')
        && last.starts_with(|first: char| first.is_ascii_alphabetic())
        && !INTERNAL.iter().any(|name| last.eq_ignore_ascii_case(name))
}
