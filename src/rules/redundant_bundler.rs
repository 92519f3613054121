//! `gem install bundler` on an image of Ruby, which brings Bundler along. Asking for a version is another matter.

use super::{Check, Cx, Out, RunCommand, removal, userland};
use crate::effect::packages::GEM;

pub(super) struct RedundantBundler;

impl Check for RedundantBundler {
    fn command(&self, command: RunCommand<'_>, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Some(request) = GEM.request(command.command) else { return };
        let has_version = request.has(&["-v", "--version", "--pre", "--prerelease"]);
        let is_ruby = || {
            command.instruction.stage.and_then(|stage| userland::library(stage, cx)).is_some_and(|name| name == "ruby")
        };
        let Some(word) = request.packages.iter().find(|word| word.literal.as_deref() == Some("bundler")) else {
            return;
        };
        if has_version || !is_ruby() {
            return;
        }
        out.find(word.span, "the image of Ruby has Bundler already, and this one is whatever is newest")
            .help("leave it out: Bundler switches to the version that Gemfile.lock names")
            .fix("leave it out", || {
                let edit = match request.packages.len() {
                    1 => removal::command(&command, cx),
                    _ => {
                        let at = command.command.words.iter().position(|one| one.span == word.span)?;
                        removal::words(&command, at, 1, cx)
                    }
                };
                edit.map(|edit| vec![edit])
            });
    }
}
