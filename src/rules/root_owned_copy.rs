//! COPY or ADD below a USER that is not root, without saying whose the files shall be: they are root's. Often meant so,
//! since a program should not write its own files.

use super::{Check, Cx, Out, windows};
use crate::model::{Operation, Stage, Word};
use crate::text::Edit;

pub(super) struct RootOwnedCopy;

impl Check for RootOwnedCopy {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        let mut user: Option<&Word> = None;
        for instruction in &stage.instructions {
            let transfer = match &instruction.operation {
                Operation::User(set) => {
                    user = Some(&set.user);
                    continue;
                }
                Operation::Copy(copy) => &copy.transfer,
                Operation::Add(add) => &add.transfer,
                _ => continue,
            };
            let Some((word, name)) = user.and_then(|word| Some((word, cx.resolved.known(word)?))) else { continue };
            let is_root = matches!(name.split(':').next(), Some("root" | "0" | ""));
            if is_root || transfer.chown.is_some() || windows::is_certain(stage.id, cx) {
                continue;
            }
            let keyword = instruction.keyword_span;
            out.find(keyword, format!("these files belong to root, not to `{name}`"))
                .related(word.span(), "who runs what follows")
                .help(format!("add --chown={name} where it must write them"))
                .fix("give them to the user", || {
                    let is_plain = cx.text(word.span()) == name
                        && name.chars().all(|char| char.is_ascii_alphanumeric() || "_.-:".contains(char));
                    is_plain.then(|| vec![Edit::insert(keyword.end, format!(" --chown={name}"))])
                });
        }
    }
}
