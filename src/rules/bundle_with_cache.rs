//! bundle install that keeps the archives of the gems. Silent where a later command of the same RUN removes a cache, or
//! where a mount has the name of one: where bundler keeps its gems is a matter of many settings.

use super::leftovers::Leftover;
use super::{Check, Cx, Out, RunCommand, addition};
use crate::model::{Instruction, MountKind};

pub(super) struct BundleWithCache;

const CACHE: Leftover = Leftover { places: &["/usr/local/bundle/cache"], cleaners: &[] };

impl Check for BundleWithCache {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let installs = |command: &RunCommand<'_>| command.calls(&["bundle", "bundler"], &["install"]);
        let Some(last) = CACHE.of(instruction, cx, installs).filter(|last| !is_kept_out(last)) else { return };
        out.find(last.head(), "the archives of the gems stay in the layer")
            .help("remove the directory `cache` beside the gems in the same RUN, or mount a cache there")
            .fix("remove the archives in the same RUN", || {
                let remove = "rm -rf \"$(bundle exec gem env gemdir)/cache\"";
                addition::command(&last, remove, cx).map(|edit| vec![edit])
            });
    }
}

/// Whether something with the name of a cache is removed or mounted.
fn is_kept_out(command: &RunCommand<'_>) -> bool {
    let is_cache = |text: &str| ["cache", "gem", "bundle"].iter().any(|word| text.contains(word));
    let removed = command.following().iter().filter(|later| matches!(later.name(), Some("rm" | "find")));
    let mounted = command.run.mounts.iter().filter(|mount| mount.kind != Some(MountKind::Secret));
    removed.flat_map(|later| later.arguments()).any(|word| is_cache(&word.raw))
        || mounted
            .filter_map(|mount| mount.option(&["target", "dst", "destination"]))
            .any(|word| is_cache(word.raw.as_str()))
}
