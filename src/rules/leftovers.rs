//! What a command leaves in the layer, and what takes it away again: a later command of the same RUN, or a mount. What a
//! script of its own does is not seen, unless its name says that it cleans.

use super::{Cx, RunCommand};
use crate::model::Instruction;
use crate::model::shell::SimpleCommand;

/// Something that is left.
pub(super) struct Leftover {
    /// Where it lies; `~/` is the home of whichever user.
    pub(super) places: &'static [&'static str],
    /// The commands that take it away: a name, and words that are among the arguments.
    pub(super) cleaners: &'static [&'static str],
}

/// The metadata and packages of yum and its successors.
pub(super) const RPM: Leftover = Leftover {
    places: &["/var/cache/yum", "/var/cache/dnf", "/var/cache/libdnf5", "/var/cache/tdnf"],
    cleaners: &["yum clean", "dnf clean", "dnf5 clean", "microdnf clean", "tdnf clean"],
};

/// What yum and its successors do that fetches metadata.
pub(super) const RPM_ACTS: &[&str] = &[
    "install",
    "in",
    "localinstall",
    "groupinstall",
    "reinstall",
    "module",
    "builddep",
    "update",
    "upgrade",
    "up",
    "upgrade-minimal",
    "distro-sync",
    "makecache",
    "check-update",
];

impl Leftover {
    /// The last command of the RUN that leaves it, when the image that is built then holds it.
    pub(super) fn of<'a>(
        &self,
        instruction: &'a Instruction,
        cx: &Cx<'a>,
        leaves: impl Fn(&RunCommand<'a>) -> bool,
    ) -> Option<RunCommand<'a>> {
        let last = cx.commands(instruction).filter(leaves).last()?;
        let is_gone = self.places.iter().any(|place| last.mounted(place, cx))
            || last.following().iter().any(|later| self.is_cleaned_by(later));
        (!is_gone && last.ships(cx)).then_some(last)
    }

    /// Whether the command takes it away.
    pub(super) fn is_cleaned_by(&self, command: &SimpleCommand) -> bool {
        let Some(name) = command.name() else { return false };
        let has = |wanted: &str| command.arguments().iter().any(|word| word.literal.as_deref() == Some(wanted));
        let is_cleaner = |cleaner: &&str| {
            let mut words = cleaner.split(' ');
            words.next() == Some(name) && words.all(has)
        };
        let removes = |place: &&str| command.arguments().iter().any(|word| covers(&word.raw, place));
        match name.rsplit('/').next() {
            Some("rm" | "find") => self.places.iter().any(removes),
            Some(script) if script.contains("clean") => true,
            _ => self.cleaners.iter().any(is_cleaner),
        }
    }
}

/// Whether one of the variables is set for the instruction: by a line above, or in its own shell text.
pub(super) fn sets(variables: &[&str], instruction: &Instruction, cx: &Cx<'_>) -> bool {
    let is_above = |name: &&str| cx.resolved.variable(name, instruction).is_some_and(|one| one.value.is_some());
    let is_inside = |name: &&str| {
        cx.commands(instruction).any(|one| {
            let assigned = one.command.assignments.iter().any(|(set, _)| set.value == **name);
            assigned || one.command.arguments().iter().any(|word| word.raw.starts_with(*name))
        })
    };
    variables.iter().any(|name| is_above(name) || is_inside(name))
}

/// Whether an argument of rm or find may stand for what lies at the place: its pattern begins with the place, or names a
/// directory above it.
fn covers(argument: &str, place: &str) -> bool {
    let argument = argument.trim_matches(['"', '\'']);
    if let Some(below_home) = place.strip_prefix("~/") {
        let hidden = below_home.split('/').next().unwrap_or(below_home);
        return argument.contains(&format!("/{hidden}"));
    }
    let fixed = argument.split(['*', '?', '[', '{', '$']).next().unwrap_or_default();
    let is_above = fixed.len() > 1 && place.starts_with(fixed);
    is_above || fixed.starts_with(place)
}

#[cfg(test)]
mod tests {
    use super::covers;

    #[test]
    fn an_argument_covers_what_is_below_it() {
        let lists = "/var/lib/apt/lists";
        for argument in [
            "/var/lib/apt/lists/*",
            "/var/lib/apt/lists",
            "\"/var/lib/apt/lists/\"*_*",
            "/var/lib/apt/",
            "/var/lib/{apt,dpkg,cache,log}/",
            "/var/*",
        ] {
            assert!(covers(argument, lists), "{argument}");
        }
        for argument in ["-rf", "/", "/tmp/*", "/var/cache/apt/*", "$GNUPGHOME", "/var/lib/dpkg", "lists"] {
            assert!(!covers(argument, lists), "{argument}");
        }
    }

    #[test]
    fn every_home_is_a_home() {
        for argument in ["~/.cache", "/root/.cache/pip", "\"$HOME/.cache\"", "/home/app/.cache/*"] {
            assert!(covers(argument, "~/.cache/pip"), "{argument}");
        }
        assert!(!covers("/root/.npm", "~/.cache/pip"));
    }
}
