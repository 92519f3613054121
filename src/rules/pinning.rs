//! What the rules about versions of packages share: which packages have none, and how that is told.

use super::{Draft, Out};
use crate::effect::packages::Request;
use crate::model::shell::ShellWord;

/// Tells which packages of a request have no version, by what a pinned name looks like.
pub(super) fn tell<'o>(
    request: &Request<'_>,
    is_pinned: impl Fn(&str) -> bool,
    out: &'o mut Out<'_>,
) -> Option<Draft<'o>> {
    let text = |word: &ShellWord| word.literal.clone().unwrap_or_default();
    let mut loose = request.packages.iter().copied().filter(|word| !is_pinned(&text(word)));
    let first = loose.next()?;
    let name = text(first);
    let message = match loose.count() {
        0 => format!("`{name}` has no version"),
        1 => format!("`{name}` and another package have no version"),
        more => format!("`{name}` and {more} more packages have no version"),
    };
    Some(out.find(first.span, message).label("whatever is newest on the day of the build"))
}

/// Whether the name is that of a file, or of an address that it is fetched from.
pub(super) fn is_file(name: &str, endings: &[&str]) -> bool {
    name.contains("://") || name.starts_with(['/', '.', '~']) || endings.iter().any(|ending| name.ends_with(ending))
}

/// What yum and dnf take for pinned: a version, a stream of a module, a group, or a file.
pub(super) fn is_pinned_rpm(name: &str) -> bool {
    has_hyphened_version(name) || name.contains(':') || name.starts_with('@') || is_file(name, &[".rpm"])
}

/// Whether a version follows the name after a hyphen: `curl-8.5`, unlike `glibc-devel`.
fn has_hyphened_version(name: &str) -> bool {
    name.match_indices('-').any(|(at, _)| name[at + 1..].starts_with(|first: char| first.is_ascii_digit()))
}
