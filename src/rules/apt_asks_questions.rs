//! apt-get install of a package that asks something while it is set up, and nobody told it not to. Only packages that are
//! known to ask are judged, on images that certainly set nothing.

use super::userland::{Family, named_family};
use super::{Check, Cx, Out, RunCommand};
use crate::effect::packages::APT;
use crate::text::Edit;

pub(super) struct AptAsksQuestions;

const ASKING: &[&str] = &[
    "console-setup",
    "gdm3",
    "iptables-persistent",
    "jackd2",
    "keyboard-configuration",
    "krb5-user",
    "lightdm",
    "postfix",
    "slapd",
    "tshark",
    "ttf-mscorefonts-installer",
    "tzdata",
    "wireshark",
];

const VARIABLE: &str = "DEBIAN_FRONTEND";

impl Check for AptAsksQuestions {
    fn command(&self, command: RunCommand<'_>, cx: &Cx<'_>, out: &mut Out<'_>) {
        let (Some(request), Some(stage)) = (APT.request(command.command), command.instruction.stage) else { return };
        let asking = request.packages.iter().find(|package| {
            let name = package.raw.split(['=', '/', ':']).next().unwrap_or_default();
            ASKING.contains(&name)
        });
        let Some(package) = asking else { return };
        let is_set = cx.resolved.variable(VARIABLE, command.instruction).is_some()
            || [VARIABLE, "debconf"].iter().any(|word| cx.text(command.instruction.span).contains(word));
        let mut earlier = cx.lineage(stage).flat_map(|one| &one.instructions).flat_map(|one| cx.commands(one));
        let is_answered = command.command.in_pipeline
            || earlier.any(|one| one.command.name().is_some_and(|name| name.starts_with("debconf")));
        if is_set || is_answered || named_family(cx, stage) != Some(Family::Debian) {
            return;
        }
        let start = command.command.span.start;
        out.find(package.span, format!("`{}` asks a question while it is set up", package.raw))
            .help(format!("write {VARIABLE}=noninteractive before apt-get"))
            .fix("let it ask nothing", || Some(vec![Edit::insert(start, format!("{VARIABLE}=noninteractive "))]));
    }
}
