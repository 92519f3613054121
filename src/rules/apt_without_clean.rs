//! apt-get update whose lists stay in the layer. Silent where a later command of the same RUN removes them, or where a
//! cache or tmpfs mount holds them; what a script of its own does is not seen.

use super::{Check, Cx, Out, RunCommand};

pub(super) struct AptWithoutClean;

impl Check for AptWithoutClean {
    fn command(&self, command: RunCommand<'_>, cx: &Cx<'_>, out: &mut Out<'_>) {
        let is_apt = matches!(command.command.name(), Some("apt-get" | "apt"));
        if !is_apt || command.subcommand() != Some("update") {
            return;
        }
        let mounted = command.mounted("/var/lib/apt/lists", cx);
        let removed = command.following().iter().any(|later| {
            let arguments = later.arguments();
            match later.name() {
                Some("rm" | "find") => arguments.iter().any(|word| word.raw.contains("/var/lib/apt")),
                Some("apt-get" | "apt") => {
                    arguments.iter().any(|word| matches!(word.raw.as_str(), "dist-clean" | "distclean"))
                }
                _ => false,
            }
        });
        if !mounted && !removed {
            let words = command.command.words.iter().map(|word| word.span);
            let span = words.reduce(|a, b| a.to(b)).unwrap_or(command.command.span);
            out.find(span, "the package lists stay in the layer")
                .help("end the RUN with `rm -rf /var/lib/apt/lists/*`, or mount a cache at /var/lib/apt");
        }
    }
}
