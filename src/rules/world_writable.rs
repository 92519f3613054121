//! Rights that let everyone write: given by chmod, by `install` and `mkdir`, or by COPY --chmod. A directory that is
//! sticky, as /tmp is, is meant so. The fix takes the right to write from others and leaves the rest.

use super::{Check, Cx, Out, RunCommand};
use crate::model::shell::ShellWord;
use crate::model::{Instruction, Operation};
use crate::text::{Edit, Span};

pub(super) struct WorldWritable;

impl Check for WorldWritable {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let transfer = match &instruction.operation {
            Operation::Copy(copy) => &copy.transfer,
            Operation::Add(add) => &add.transfer,
            _ => return,
        };
        let Some(word) = &transfer.chmod else { return };
        if let Some(mode) = cx.resolved.known(word)
            && let Some(narrow) = narrowed(mode)
        {
            tell(word.span(), mode, narrow, cx, out);
        }
    }

    fn command(&self, command: RunCommand<'_>, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Some((word, mode)) = mode(&command) else { return };
        if let Some(narrow) = narrowed(mode) {
            let end = word.span.end;
            tell(Span::new(end - mode.len().min(word.span.len()), end), mode, narrow, cx, out);
        }
    }
}

fn tell(span: Span, mode: &str, narrow: String, cx: &Cx<'_>, out: &mut Out<'_>) {
    out.find(span, "everyone may write what gets these rights")
        .help("give the rights to the user that needs them: COPY --chown, or a group")
        .fix(format!("write `{narrow}`"), || (cx.text(span) == mode).then(|| vec![Edit::replace(span, narrow)]));
}

/// The word with the rights that the command gives, and what it says of them.
fn mode<'a>(command: &RunCommand<'a>) -> Option<(&'a ShellWord, &'a str)> {
    let words = command.command.arguments();
    let text = |word: &'a ShellWord| Some((word, word.literal.as_deref()?));
    match command.command.name()?.rsplit('/').next()? {
        "chmod" => words.iter().filter_map(text).find(|(_, text)| !text.starts_with('-')),
        "install" | "mkdir" => {
            let at = words.iter().position(|word| word.literal.as_deref() == Some("-m"));
            let next = at.and_then(|at| text(words.get(at + 1)?));
            next.or_else(|| {
                words.iter().filter_map(text).find_map(|(word, text)| Some((word, text.strip_prefix("--mode=")?)))
            })
        }
        _ => None,
    }
}

/// The same rights without that of others to write, where they have it.
fn narrowed(mode: &str) -> Option<String> {
    if matches!(mode.len(), 3 | 4) && mode.bytes().all(|byte| matches!(byte, b'0'..=b'7')) {
        let (above, others) = mode.split_at(mode.len() - 1);
        let is_sticky = mode.len() == 4 && !(mode.as_bytes()[0] - b'0').is_multiple_of(2);
        let others: u8 = others.parse().ok()?;
        return (others & 2 != 0 && !is_sticky).then(|| format!("{above}{}", others & !2));
    }
    let clauses: Vec<Option<String>> = mode.split(',').map(narrowed_clause).collect();
    let is_sticky = mode.contains('t');
    (!is_sticky && clauses.iter().any(Option::is_some)).then(|| {
        let kept = mode.split(',').zip(clauses).map(|(old, new)| new.unwrap_or_else(|| old.to_owned()));
        kept.collect::<Vec<_>>().join(",")
    })
}

/// `a+rwx` as `ug+rwx,o+rx`; none where others may not write.
fn narrowed_clause(clause: &str) -> Option<String> {
    let at = clause.find(['+', '='])?;
    let (who, rights) = (&clause[..at], &clause[at + 1..]);
    let is_plain =
        who.bytes().all(|byte| b"ugoa".contains(&byte)) && rights.bytes().all(|byte| b"rwxX".contains(&byte));
    if !is_plain || !who.contains(['o', 'a']) || !rights.contains('w') {
        return None;
    }
    let operator = &clause[at..=at];
    let rest = if who.contains('a') { "ug".to_owned() } else { who.replace('o', "") };
    let others = rights.replace('w', "");
    Some(match (rest.as_str(), others.as_str()) {
        ("", "") => "o-w".to_owned(),
        ("", others) => format!("o{operator}{others}"),
        (rest, "") if operator == "+" => format!("{rest}+{rights}"),
        (rest, others) => format!("{rest}{operator}{rights},o{operator}{others}"),
    })
}

#[cfg(test)]
mod tests {
    use super::narrowed;

    #[test]
    fn others_lose_the_right_to_write_and_nothing_else() {
        for (mode, narrow) in [
            ("777", "775"),
            ("0666", "0664"),
            ("a+rwx", "ug+rwx,o+rx"),
            ("a=rwX", "ug=rwX,o=rX"),
            ("ugo+w", "ug+w"),
            ("o+w", "o-w"),
            ("go=w", "g=w,o="),
            ("u+x,o+rw", "u+x,o+r"),
        ] {
            assert_eq!(narrowed(mode).as_deref(), Some(narrow), "{mode}");
        }
        for mode in ["755", "1777", "+w", "u+w", "a+rwxt", "g=u", "a-w", "o+x", "", "77", "٧٧٧"] {
            assert_eq!(narrowed(mode), None, "{mode}");
        }
    }
}
