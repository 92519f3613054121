//! A comment at the top that was meant as a parser directive: its name is misspelt, or it comes too late to count.
//! The fix writes the name that was meant where it stands in the right place; `escape` would change how the file is read.
//! `# check=skip=…` above an instruction is understood by builders, and left alone.

use super::{Check, Cx, Out};
use crate::syntax::ItemKind;
use crate::text::{Edit, Span, nearest};

pub(super) struct DirectiveWithoutEffect;

const NAMES: &[&str] = &["syntax", "escape", "check"];

impl Check for DirectiveWithoutEffect {
    fn file(&self, cx: &Cx<'_>, out: &mut Out<'_>) {
        let is_instruction = |kind: &ItemKind| matches!(kind, ItemKind::Instruction(_) | ItemKind::Unknown(_));
        let top = cx.tree().items.iter().take_while(|item| !is_instruction(&item.kind));
        let mut first_other = None;
        for item in top {
            let ItemKind::Comment(comment) = &item.kind else {
                if matches!(item.kind, ItemKind::Blank) {
                    first_other = first_other.or(Some(item.span));
                }
                continue;
            };
            let text = cx.text(comment.span).trim_start_matches('#').trim();
            let word = text.split_once('=').map(|(name, value)| (name.trim(), value.trim()));
            let named = word.filter(|(name, value)| is_like_a_directive(name, value));
            let Some((name, _)) = named else {
                first_other = first_other.or(Some(comment.span));
                continue;
            };
            match (NAMES.contains(&name.to_lowercase().as_str()), nearest(name, NAMES.iter().copied())) {
                (true, _) if name.eq_ignore_ascii_case("check") => {}
                (true, _) => {
                    let draft = out.find(comment.span, format!("`{name}` has no effect here"));
                    let draft = draft.help("move it to the first line: directives come before all else");
                    if let Some(other) = first_other {
                        draft.related(other, "ends the directives");
                    }
                }
                (false, Some(meant)) => {
                    let is_in_place = first_other.is_none() && meant != "escape";
                    out.find(comment.span, format!("`{name}` is no directive, so this is only a comment"))
                        .help(format!("did you mean `{meant}`?"))
                        .fix(format!("write `{meant}`"), || {
                            let start = comment.span.start + cx.text(comment.span).find(name)?;
                            let place = Span::new(start, start + name.len());
                            is_in_place.then(|| vec![Edit::replace(place, meant)])
                        });
                    first_other = first_other.or(Some(comment.span));
                }
                (false, None) => first_other = first_other.or(Some(comment.span)),
            }
        }
    }
}

/// A name of letters, and one word as the value.
fn is_like_a_directive(name: &str, value: &str) -> bool {
    !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphabetic())
        && !value.is_empty()
        && !value.contains(char::is_whitespace)
}
