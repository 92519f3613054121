//! Two stages of one name: FROM and COPY --from then mean different ones.

use super::{Check, Cx, Out};

pub(super) struct DuplicateStageName;

impl Check for DuplicateStageName {
    fn file(&self, cx: &Cx<'_>, out: &mut Out<'_>) {
        for (index, stage) in cx.stages().iter().enumerate() {
            let Some(name) = &stage.name else { continue };
            let names = cx.stages()[..index].iter().filter_map(|stage| stage.name.as_ref());
            if let Some(first) = names.into_iter().find(|first| first.value == name.value) {
                out.find(name.span, format!("the stage name `{}` is taken", name.value))
                    .related(first.span, "taken here")
                    .help("give each stage a name of its own");
            }
        }
    }
}
