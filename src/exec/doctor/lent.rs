//! Ids that are lent to whoever asks, and the programs that lend them.

use nix::unistd::{User, geteuid};

use super::super::rootless::{IdKind, MAPPERS, Range, ranges_of};
use super::Check;
use super::programs::find;

const NAME: &str = "ids";

/// What is lent, before this process has made use of it.
pub(super) fn check() -> Check {
    if geteuid().is_root() {
        return Check::works(NAME, "root needs none lent");
    }
    let uid = geteuid().as_raw();
    let name = User::from_uid(uid.into()).ok().flatten().map(|user| user.name);
    let who = name.clone().unwrap_or_else(|| uid.to_string());
    if let Some(missing) = MAPPERS.iter().find(|mapper| find(mapper).is_none()) {
        return Check::lacks(
            NAME,
            format!("{missing} is not installed"),
            "apt-get install uidmap (shadow-utils elsewhere)",
        );
    }
    let count = |kind: IdKind| -> u64 {
        ranges_of(kind, name.as_deref(), uid).iter().map(|range: &Range| u64::from(range.count)).sum()
    };
    match (count(IdKind::User), count(IdKind::Group)) {
        (0, _) | (_, 0) => Check::lacks(
            NAME,
            format!("/etc/subuid and /etc/subgid lend none to {who}"),
            "usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER",
        ),
        (users, groups) => Check::works(NAME, format!("{users} users and {groups} groups are lent to {who}")),
    }
}
