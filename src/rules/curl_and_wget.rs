//! Both curl and wget in a stage whose layers ship; told once, where the second of them first appears.

use super::{Check, Cx, Out};
use crate::model::Stage;

pub(super) struct CurlAndWget;

impl Check for CurlAndWget {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        if !cx.ships(stage.id) {
            return;
        }
        let calls = |wanted: &str| {
            let mut commands = stage.instructions.iter().flat_map(|instruction| cx.commands(instruction));
            commands.find(|command| command.command.name() == Some(wanted)).map(|command| command.command.words[0].span)
        };
        let (Some(curl), Some(wget)) = (calls("curl"), calls("wget")) else { return };
        let (first, second) = (curl.min(wget), curl.max(wget));
        out.find(second, format!("{} is called too, for what {} does", cx.text(second), cx.text(first)))
            .related(first, "the first download")
            .help("take one of them, and install no other");
    }
}
