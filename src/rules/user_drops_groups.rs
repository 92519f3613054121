//! USER with a group, after a step gave that user other groups: a process that is started with a group has no other.

use super::{Check, Cx, Out, RunCommand};
use crate::model::{Instruction, Operation};
use crate::text::{Edit, Span};

pub(super) struct UserDropsGroups;

impl Check for UserDropsGroups {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let (Operation::User(user), Some(stage)) = (&instruction.operation, instruction.stage) else { return };
        let word = &user.user;
        let Some((name, group)) = cx.resolved.known(word).and_then(|value| value.split_once(':')) else { return };
        let earlier = cx.lineage(stage).flat_map(|one| &one.instructions).filter(|one| one.id < instruction.id);
        let given = earlier.flat_map(|one| cx.commands(one)).find_map(|command| {
            let lost: Vec<&str> = groups(&command, name)?.filter(|one| *one != group && !one.is_empty()).collect();
            (!lost.is_empty()).then(|| (lost.join(", "), command.command.span))
        });
        let Some((lost, place)) = given else { return };
        out.find(word.span(), format!("with a group here, `{name}` runs without its others: {lost}"))
            .related(place, "given here")
            .help(format!("write USER {name}"))
            .fix("leave the group out", || {
                let span = word.span();
                let is_plain = cx.text(span) == format!("{name}:{group}");
                is_plain.then(|| vec![Edit::delete(Span::new(span.start + name.len(), span.end))])
            });
    }
}

/// The groups that a command gives to the user beside its first.
fn groups<'a>(command: &RunCommand<'a>, user: &str) -> Option<impl Iterator<Item = &'a str> + use<'a>> {
    let words: Vec<&str> = command.literals().collect();
    let operands: Vec<&str> = words.iter().copied().filter(|word| !word.starts_with('-')).collect();
    let list = match (command.command.name()?, operands.as_slice()) {
        ("usermod" | "useradd", [.., last]) if *last == user => {
            let at = words.iter().position(|word| *word == "--groups" || is_cluster_of_groups(word));
            let written = || words.iter().find_map(|word| word.strip_prefix("--groups="));
            at.and_then(|at| words.get(at + 1).copied()).or_else(written)?
        }
        ("adduser" | "addgroup", [first, group]) if *first == user && operands.len() == words.len() => group,
        ("gpasswd", [first, group]) if *first == user && command.has_option(&["-a", "--add"]) => group,
        _ => return None,
    };
    Some(list.split(','))
}

/// `-G`, `-aG`
fn is_cluster_of_groups(word: &str) -> bool {
    word.starts_with('-') && !word.starts_with("--") && word.ends_with('G')
}
