//! A package manager that is told not to look at signatures, by an option or in the definition of a repository. A package
//! that was built here has no signature, so local files count only where the same RUN fetches something.

use std::sync::LazyLock;

use regex::Regex;

use super::{Check, Cx, Out, RunCommand, removal};
use crate::model::{Instruction, Operation};
use crate::text::{Edit, Span};

pub(super) struct UnsignedPackages;

/// Programs, and the options that end the check.
const OPTIONS: &[(&[&str], &[&str])] = &[
    (&["apt", "apt-get"], &["--allow-unauthenticated", "--allow-insecure-repositories", "--force-yes"]),
    (&["apk"], &["--allow-untrusted"]),
    (&["dnf", "dnf5", "microdnf", "yum"], &["--nogpgcheck", "--no-gpgchecks", "--setopt=gpgcheck=0"]),
    (&["zypper"], &["--no-gpg-checks", "--allow-unsigned-rpm"]),
    (&["rpm"], &["--nosignature", "--nodigest"]),
];

/// What a repository of apt, yum or dnf says to the same end.
static IN_TEXT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\[[^\]\n]*\b(trusted=yes)\b[^\]\n]*\]|\b(gpgcheck\s*=\s*0)\b|\b(APT::Get::AllowUnauthenticated[= ]+.?(?:true|1|yes))\b")
        .expect("the pattern of settings is valid")
});

const HELP: &str = "import the key of whoever signs the packages, and keep the check";

impl Check for UnsignedPackages {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        if !matches!(instruction.operation, Operation::Run(_) | Operation::Copy(_)) {
            return;
        }
        let text = cx.text(instruction.span);
        // Compiling the pattern costs more than looking for what it begins with.
        if !["trusted=", "gpgcheck", "GPGCHECK", "AllowUnauthenticated"].iter().any(|word| text.contains(word)) {
            return;
        }
        for captures in IN_TEXT.captures_iter(text) {
            let Some(found) = captures.iter().skip(1).flatten().next() else { continue };
            // The option of a command is told of as such; what sed looks for is gone afterwards.
            let is_replaced = text[found.end()..].starts_with("/gpgcheck");
            // Packages that were built in this very step.
            let source = text[found.end()..].trim_start_matches([' ', ']']);
            let is_local = source.starts_with("file:") || source.starts_with("copy:");
            if is_replaced || is_local || text[..found.start()].ends_with("--setopt=") {
                continue;
            }
            let start = instruction.span.start;
            out.find(Span::new(start + found.start(), start + found.end()), "packages are taken without a signature")
                .help(HELP);
        }
    }

    fn command(&self, command: RunCommand<'_>, cx: &Cx<'_>, out: &mut Out<'_>) {
        let name = command.command.name().map(|name| name.rsplit('/').next().unwrap_or(name));
        let known = OPTIONS.iter().find(|(programs, _)| name.is_some_and(|name| programs.contains(&name)));
        let Some((_, options)) = known else { return };
        if is_made_here(&command, cx) {
            return;
        }
        for (index, word) in command.command.words.iter().enumerate() {
            let Some(option) = word.literal.as_deref().filter(|text| options.contains(text)) else { continue };
            out.find(word.span, format!("`{option}` takes packages without a signature")).help(HELP).fix(
                format!("drop `{option}`"),
                || match option == "--force-yes" && !command.has_option(&["-y"]) {
                    true => Some(vec![Edit::replace(word.span, "-y")]),
                    false => Some(vec![removal::words(&command, index, 1, cx)?]),
                },
            );
        }
    }
}

/// Whether the packages are files, and nothing of the RUN fetches any.
fn is_made_here(command: &RunCommand<'_>, cx: &Cx<'_>) -> bool {
    let is_file = |word: &str| [".apk", ".rpm", ".deb"].iter().any(|ending| word.ends_with(ending));
    let mut files = command
        .command
        .arguments()
        .iter()
        .map(|word| word.raw.trim_matches(['"', '\'']))
        .filter(|word| is_file(word))
        .peekable();
    let fetches = |command: RunCommand<'_>| matches!(command.command.name(), Some("curl" | "wget"));
    files.peek().is_some() && files.all(|file| !file.contains("://")) && !cx.commands(command.instruction).any(fetches)
}
