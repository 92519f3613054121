//! A container that starts as a user by name: only the image can look the name up, so whoever asks "is it root?" from
//! outside gets no answer. Names exist on Windows alone, so Windows is not judged.

use super::{Check, Cx, Out, account, windows};
use crate::model::Stage;
use crate::text::Edit;

pub(super) struct NamedUser;

impl Check for NamedUser {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        if !cx.is_target(stage.id) || windows::is_certain(stage.id, cx) {
            return;
        }
        let Some(word) = account::last_user(stage.id, cx) else { return };
        let Some(user) = cx.resolved.known(word).filter(|user| !account::is_root(user)) else { return };
        let name = user.split(':').next().unwrap_or_default();
        if name.bytes().all(|byte| byte.is_ascii_digit()) {
            return;
        }
        let made =
            account::made(stage.id, cx).into_iter().rev().find(|made| made.name.literal.as_deref() == Some(name));
        let number = made.as_ref().and_then(|made| made.number);
        let mut draft = out.find(word.span(), format!("only the image knows which number `{name}` has"));
        if let Some(made) = &made {
            draft = draft.related(made.name.span, "made here");
        }
        draft.help("write the number: an orchestrator that refuses root cannot tell a name from it").fix(
            "write the number",
            || {
                let is_plain = cx.text(word.span()) == user;
                number.filter(|_| is_plain).map(|number| {
                    let start = word.span().start;
                    vec![Edit::replace(crate::text::Span::new(start, start + name.len()), number)]
                })
            },
        );
    }
}
