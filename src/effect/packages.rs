//! What an install command is asked for: the packages that it names, with their places.
//!
//! Does not know what installing them does, nor which names are good. Words that only the shell knows are left out. Which
//! options take a value is in the models of the commands.

use crate::effect::command;
use crate::model::shell::{ShellWord, SimpleCommand};

/// How an installer is called.
#[derive(Debug, Clone, Copy)]
pub struct Installer {
    /// The names of the command.
    pub names: &'static [&'static str],
    /// The subcommands that install, as words; `module install` is two.
    pub subcommands: &'static [&'static str],
}

/// What one command is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request<'a> {
    /// The options as written, without the values that follow them.
    pub options: Vec<&'a str>,
    /// The packages.
    pub packages: Vec<&'a ShellWord>,
}

impl Request<'_> {
    /// Whether one of the options is there, alone or with `=value`.
    pub fn has(&self, names: &[&str]) -> bool {
        self.options.iter().any(|option| names.contains(&option.split_once('=').map_or(*option, |(name, _)| name)))
    }
}

/// `apt-get install`
pub const APT: Installer = Installer { names: &["apt-get", "apt"], subcommands: &["install"] };

/// `apk add`
pub const APK: Installer = Installer { names: &["apk"], subcommands: &["add"] };

/// `pip install`; also as `python -m pip install`.
pub const PIP: Installer = Installer { names: &["pip", "pip3", "pip2"], subcommands: &["install"] };

/// `npm install`
pub const NPM: Installer = Installer { names: &["npm"], subcommands: &["install", "i", "add"] };

/// `gem install`
pub const GEM: Installer = Installer { names: &["gem"], subcommands: &["install", "i"] };

/// `yum install`
pub const YUM: Installer = Installer { names: &["yum"], subcommands: &["module install", "install", "localinstall"] };

/// `dnf install`
pub const DNF: Installer =
    Installer { names: &["dnf", "dnf5", "microdnf"], subcommands: &["module install", "install", "localinstall"] };

/// `zypper install`
pub const ZYPPER: Installer = Installer { names: &["zypper"], subcommands: &["install", "in"] };

/// `go install`, `go get`
pub const GO: Installer = Installer { names: &["go"], subcommands: &["install", "get"] };

impl Installer {
    /// What the command asks this installer for; none where it is another command or subcommand.
    pub fn request<'a>(&self, asked: &'a SimpleCommand) -> Option<Request<'a>> {
        let mut rest = self.arguments(asked)?.iter();
        let mut request = Request { options: Vec::new(), packages: Vec::new() };
        let wanted = |found: &str| self.subcommands.contains(&found);
        let mut subcommand = String::new();
        while let Some(word) = rest.next() {
            let Some(text) = word.literal.as_deref() else { continue };
            if text == "--" {
                break;
            } else if text.starts_with('-') && text.len() > 1 {
                request.options.push(text);
                if command::takes_value(self.names[0], text) {
                    rest.next();
                }
            } else if wanted(&subcommand) {
                request.packages.push(word);
            } else {
                subcommand = if subcommand.is_empty() { text.to_owned() } else { format!("{subcommand} {text}") };
                if !self.subcommands.iter().any(|one| one.starts_with(&subcommand)) {
                    return None;
                }
            }
        }
        wanted(&subcommand).then_some(request)
    }

    /// What follows the name of the command, or `-m pip` where an interpreter runs it.
    fn arguments<'a>(&self, command: &'a SimpleCommand) -> Option<&'a [ShellWord]> {
        let name = command.name()?.rsplit('/').next()?;
        // `pip3.11`
        let unversioned = name.trim_end_matches(|char: char| char.is_ascii_digit() || char == '.');
        if self.names.contains(&name) || self.names.contains(&unversioned) {
            return Some(command.arguments());
        }
        let is_interpreter = name
            .strip_prefix("python")
            .is_some_and(|version| version.chars().all(|char| char.is_ascii_digit() || char == '.'));
        match command.arguments() {
            [flag, module, rest @ ..] if is_interpreter && flag.literal.as_deref() == Some("-m") => {
                module.literal.as_deref().is_some_and(|module| self.names.contains(&module)).then_some(rest)
            }
            _ => None,
        }
    }
}
