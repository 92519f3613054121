//! Keywords in capitals and in small letters in one file. Most of them set the case; capitals, when there are as many.

use super::{Check, Cx, Out};
use crate::text::Edit;

pub(super) struct KeywordCasing;

impl Check for KeywordCasing {
    fn file(&self, cx: &Cx<'_>, out: &mut Out<'_>) {
        let small = mostly_small(cx);
        for instruction in cx.resolved.model.instructions() {
            let keyword = instruction.keyword.as_str();
            let wanted = if small { keyword.to_lowercase() } else { keyword.to_owned() };
            let span = instruction.keyword_span;
            if cx.text(span) != wanted {
                out.find(span, format!("`{}` is written in another case than most instructions", cx.text(span)))
                    .help(format!("write `{wanted}`"))
                    .fix(format!("write `{wanted}`"), || Some(vec![Edit::replace(span, wanted.clone())]));
            }
        }
    }
}

/// Whether more keywords of the file are in small letters than in capitals.
fn mostly_small(cx: &Cx<'_>) -> bool {
    let all = |is: fn(char) -> bool| {
        cx.resolved.model.instructions().filter(|one| cx.text(one.keyword_span).chars().all(is)).count()
    };
    all(char::is_lowercase) > all(char::is_uppercase)
}
