//! A base image that is none unless a build argument is given: with the defaults alone its name is empty or cut off.

use super::{Check, Cx, Out};
use crate::model::expand::{Binding, Dialect, expand};
use crate::model::image_ref::ImageRef;
use crate::model::{Stage, Unknown, Value};
use crate::text::Span;

pub(super) struct BaseNeedsBuildArg;

impl Check for BaseNeedsBuildArg {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Some(from) = stage.from() else { return };
        let Value::Unknown(Unknown::BuildArgument { variable }) = cx.resolved.value(&from.image) else { return };
        let Some((name, declared)) = with_defaults(stage, cx) else { return };
        if ImageRef::parse(&name).is_ok() {
            return;
        }
        let what = if name.is_empty() { "there is no base image".to_owned() } else { format!("`{name}` is no image") };
        let draft = out
            .find(from.image.span(), format!("{what} until a build argument gives `{variable}` a value"))
            .help(format!("give it a default: ARG {variable}=…"));
        if let Some(place) = declared {
            draft.related(place, "declared here, without one");
        }
    }
}

/// The name that FROM comes to with what the file says of its variables, and where the first is declared that has no
/// value; none where one is not declared at all, which is another mistake.
fn with_defaults(stage: &Stage, cx: &Cx<'_>) -> Option<(String, Option<Span>)> {
    let first = stage.instructions.first()?;
    let word = stage.from()?.image.raw.as_str();
    let lookup = |name: &str| {
        let value = cx.resolved.variable(name, first).and_then(|variable| variable.value.as_ref());
        value.and_then(Value::known).map_or(Binding::Unset, |text| Binding::Set(text.into()))
    };
    let expansion = expand(word, Dialect::words(cx.tree().directives.escape), &lookup);
    let variables = expansion.uses.iter().map(|used| cx.resolved.variable(&used.name, first));
    let variables: Vec<_> = variables.collect::<Option<_>>()?;
    let place = variables.iter().find(|variable| variable.value.is_none()).and_then(|variable| variable.span);
    match expansion.result.ok()? {
        Value::Known(name) => Some((name, place)),
        Value::Unknown(_) => None,
    }
}
