//! A variable that nothing sets. Silent where the base image may set it: only stages that start from `scratch`, and names
//! that are close to one that is set, are judged when the image is unknown.

use super::{Check, Cx, Out};
use crate::model::Standing;
use crate::model::expand::Form;
use crate::text::nearest;

pub(super) struct UndefinedVariable;

impl Check for UndefinedVariable {
    fn file(&self, cx: &Cx<'_>, out: &mut Out<'_>) {
        let unset = |standing| matches!(standing, Standing::Undefined | Standing::MaybeInBase);
        for used in cx.resolved.uses().iter().filter(|used| unset(used.standing) && used.form == Form::Plain) {
            let stage = cx.stages().iter().find(|stage| stage.span.encloses(used.span));
            let names = stage.and_then(|stage| stage.instructions.last()).map(|last| cx.resolved.environment(last));
            let names: Vec<String> =
                names.iter().flat_map(|names| names.keys().map(|name| (*name).to_owned())).collect();
            let meant = nearest(&used.name, names.iter().map(String::as_str)).filter(|name| *name != used.name);
            if used.standing == Standing::Undefined || meant.is_some() {
                let draft = out.find(used.span, format!("nothing sets the variable `{}`", used.name));
                match meant {
                    Some(name) => drop(draft.help(format!("did you mean `{name}`?"))),
                    None => drop(draft.help("declare it with ARG or ENV above")),
                }
            }
        }
    }
}
