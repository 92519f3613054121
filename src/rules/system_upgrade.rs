//! The upgrade of everything that is installed. Upgrading packages by name is left alone.

use super::{Check, Cx, Out, RunCommand, removal};

pub(super) struct SystemUpgrade;

const APT: &[&str] = &["upgrade", "dist-upgrade", "full-upgrade"];
const RPM: &[&str] = &["update", "upgrade", "up", "distro-sync"];

impl Check for SystemUpgrade {
    fn command(&self, command: RunCommand<'_>, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Some(name) = command.command.name() else { return };
        let words: &[&str] = match name {
            "apt-get" | "apt" => APT,
            "apk" => &["upgrade"],
            "yum" | "dnf" | "microdnf" | "zypper" => RPM,
            _ => return,
        };
        let Some(sub) = command.subcommand().filter(|sub| words.contains(sub)) else { return };
        let plain = command.command.arguments().iter().filter(|word| !word.raw.starts_with('-'));
        let span = command.command.words.iter().map(|word| word.span).reduce(|a, b| a.to(b));
        let Some(span) = span.filter(|_| plain.count() == 1) else { return };
        out.find(span, format!("`{name} {sub}` gives another image each day"))
            .help("start from a newer base image")
            .fix("take it out", || removal::command(&command, cx).map(|edit| vec![edit]));
    }
}
