//! apt-get install of a shipped stage that takes in what is only recommended. Silent where apt's configuration is written
//! in the file; a configuration that is copied is not seen.

use super::{Check, Cx, Out, RunCommand, addition};

pub(super) struct AptWithRecommends;

impl Check for AptWithRecommends {
    fn command(&self, command: RunCommand<'_>, cx: &Cx<'_>, out: &mut Out<'_>) {
        let decides = ["--no-install-recommends", "--install-recommends"];
        if !command.calls(&["apt-get", "apt"], &["install"]) || command.has_option(&decides) || !command.ships(cx) {
            return;
        }
        let is_configured = |stage: &crate::model::Stage| cx.text(stage.span).contains("Install-Recommends");
        let stage = command.instruction.stage;
        if stage.is_none_or(|stage| cx.lineage(stage).any(is_configured)) {
            return;
        }
        let name = command.command.name().unwrap_or("apt-get");
        out.find(command.head(), format!("{name} installs recommended packages too"))
            .help("pass --no-install-recommends, and name those that are needed")
            .fix("pass --no-install-recommends", || {
                addition::option(&command, "--no-install-recommends").map(|edit| vec![edit])
            });
    }
}
