//! Comments that are meant to silence findings and do not: a name that no rule has, a date that is over or none, a form
//! that is not understood. Names in the comments of other linters may be theirs alone, and are left alone.

use super::{Check, Cx, Out};
use crate::syntax::pragma::{Dialect, Fault, faults};

pub(super) struct BadIgnore;

impl Check for BadIgnore {
    fn file(&self, cx: &Cx<'_>, out: &mut Out<'_>) {
        for pragma in cx.pragmas.iter().filter(|pragma| pragma.dialect == Dialect::Rplan) {
            for id in pragma.ids.iter().filter(|id| !cx.catalogue.is_name(&id.value)) {
                let draft = out.find(id.span, format!("there is no rule `{}` to ignore", id.value));
                if let Some(nearest) = cx.catalogue.nearest(&id.value) {
                    draft.help(format!("did you mean `{nearest}`?"));
                }
            }
            if let (Some(expires), Some(today)) = (&pragma.expires, &cx.around.today)
                && today > expires
            {
                out.find(pragma.span, format!("this ignore ended on {expires}"))
                    .help("mend what it hides, or give it another date");
            }
        }
        for Fault { span, message, help } in faults(cx.tree()) {
            out.find(span, message).help(help);
        }
    }
}
