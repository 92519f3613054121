//! gem install that makes documentation. Silent where a setting says otherwise: the images of Docker's own library for
//! Ruby have one, and Alpine makes none unless asked.

use super::userland::{Family, family};
use super::{Check, Cx, Out, RunCommand, addition};
use crate::effect::packages::GEM;
use crate::model::image_ref::ImageRef;
use crate::model::{Base, Stage, StageId};

pub(super) struct GemWithDocs;

/// Options that decide about documentation.
const DECIDING: &[&str] = &["--no-document", "-N", "--document", "--no-doc", "--no-ri", "--no-rdoc", "--help", "-h"];
/// Words by which a setting of gem is known, wherever it is written.
const SETTINGS: &[&str] = &["gemrc", "no-document", "no-ri", "no-rdoc"];

impl Check for GemWithDocs {
    fn command(&self, command: RunCommand<'_>, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Some(stage) = command.instruction.stage.filter(|stage| cx.ships(*stage)) else { return };
        let makes_docs = GEM.request(command.command).is_some_and(|request| !request.has(DECIDING));
        let is_set = |stage: &Stage| SETTINGS.iter().any(|word| cx.text(stage.span).contains(word));
        if !makes_docs
            || is_ruby(stage, cx)
            || cx.lineage(stage).any(is_set)
            || family(cx, stage) == Some(Family::Alpine)
        {
            return;
        }
        out.find(command.head(), "gem makes documentation that nobody reads in an image")
            .help("pass --no-document")
            .fix("pass --no-document", || addition::option(&command, "--no-document").map(|edit| vec![edit]));
    }
}

/// Whether the stage starts from the image for Ruby of Docker's own library.
fn is_ruby(stage: StageId, cx: &Cx<'_>) -> bool {
    let Base::Image(name) = cx.root(stage) else { return false };
    ImageRef::parse(name).is_ok_and(|image| image.registry() == "docker.io" && image.repository() == "library/ruby")
}
