//! Packages of an install command that stand on lines of their own, and not in order. The fix puts each name where another
//! stood, so that no option and no continuation moves. A comment in between may speak of one of them: then there is none.

use super::{Check, Cx, Out, RunCommand};
use crate::effect::packages::{APK, APT, DNF, Installer, YUM, ZYPPER};
use crate::model::shell::ShellWord;
use crate::text::{Edit, Span};

pub(super) struct UnsortedPackages;

const INSTALLERS: &[&Installer] = &[&APK, &APT, &DNF, &YUM, &ZYPPER];

impl Check for UnsortedPackages {
    fn command(&self, command: RunCommand<'_>, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Some(request) = INSTALLERS.iter().find_map(|one| one.request(command.command)) else { return };
        let line = |word: &ShellWord| cx.source().line_of(word.span.start);
        let is_list = request.packages.windows(2).all(|pair| line(pair[0]) < line(pair[1]));
        let late = request.packages.windows(2).find(|pair| pair[0].literal > pair[1].literal);
        let Some([above, below]) = late.filter(|_| is_list) else { return };
        out.find(below.span, format!("`{}` stands below `{}`", below.raw, above.raw))
            .help("sort the packages: two people then do not add the same one, and changes are small")
            .fix("sort the packages", || sorted(&request.packages, &command, cx));
    }
}

fn sorted(packages: &[&ShellWord], command: &RunCommand<'_>, cx: &Cx<'_>) -> Option<Vec<Edit>> {
    let list = Span::new(packages.first()?.span.start, packages.last()?.span.end);
    let has_comments = cx.written(command.instruction)?.interior.iter().any(|line| line.overlaps(list));
    let is_plain = packages.iter().all(|word| cx.text(word.span) == word.raw);
    let mut order = packages.to_vec();
    order.sort_by(|a, b| a.literal.cmp(&b.literal));
    let places = packages.iter().zip(order).filter(|(place, word)| place.raw != word.raw);
    let edits = places.map(|(place, word)| Edit::replace(place.span, word.raw.clone())).collect();
    (!has_comments && is_plain).then_some(edits)
}
