//! `bundle install` with the gems for development, in an image that is told to run in production.

use super::{Check, Cx, Out, RunCommand, bundler};
use crate::text::Edit;

pub(super) struct BundleWithDevelopment;

impl Check for BundleWithDevelopment {
    fn command(&self, command: RunCommand<'_>, cx: &Cx<'_>, out: &mut Out<'_>) {
        let is_production = bundler::is_install(&command) && bundler::is_in_production(&command, cx);
        if !is_production || bundler::is_set(&["without", "only"], &command, cx) {
            return;
        }
        let name = &command.command.words[0];
        out.find(name.span, "the gems for development go into an image for production")
            .help("set BUNDLE_WITHOUT=development")
            .fix("leave them out", || Some(vec![Edit::insert(name.span.start, "BUNDLE_WITHOUT=development ")]));
    }
}
