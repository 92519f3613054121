//! jemalloc installed for Ruby, and nothing loads it. Where a script starts the program, it may do so.

use super::{Check, Cx, Out, RunCommand, account, insertion};
use crate::effect::packages::{APK, APT, DNF, Installer, YUM};
use crate::model::StageId;

pub(super) struct JemallocNotPreloaded;

const INSTALLERS: &[&Installer] = &[&APK, &APT, &DNF, &YUM];

/// Words that show that somebody thought of it.
const LOADERS: &[&str] =
    &["LD_PRELOAD", "MALLOC_CONF", "ld.so.preload", "patchelf", "with-jemalloc", "--enable-jemalloc"];

impl Check for JemallocNotPreloaded {
    fn command(&self, command: RunCommand<'_>, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Some(stage) = command.instruction.stage.filter(|stage| cx.ships(*stage)) else { return };
        for request in INSTALLERS.iter().filter_map(|installer| installer.request(command.command)) {
            let is_it = |name: &str| matches!(name.split('=').next(), Some("jemalloc" | "libjemalloc2"));
            let word = request.packages.into_iter().find(|word| word.literal.as_deref().is_some_and(is_it));
            let Some(word) = word.filter(|_| runs_ruby(stage, cx) && !is_loaded(cx)) else { continue };
            out.find(word.span, "jemalloc is installed, and nothing loads it")
                .help("set LD_PRELOAD=libjemalloc.so.2")
                .fix("load it", || {
                    Some(vec![insertion::below(command.instruction, "ENV", "LD_PRELOAD=libjemalloc.so.2", cx)?])
                });
        }
    }
}

fn runs_ruby(stage: StageId, cx: &Cx<'_>) -> bool {
    let commands = cx.lineage(stage).flat_map(|stage| &stage.instructions).flat_map(|one| cx.commands(one));
    let mut names = commands.filter_map(|command| command.command.name());
    names.any(|name| matches!(name, "bundle" | "gem" | "rails" | "ruby" | "rake"))
}

fn is_loaded(cx: &Cx<'_>) -> bool {
    let target = cx.resolved.target;
    account::starts_script(target, cx) || LOADERS.iter().any(|word| cx.source().text().contains(word))
}
