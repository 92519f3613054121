//! Which shared parts of the system lie where: whoever writes there changes what others rely on without naming it.

use crate::effect::{Cell, PathSet};

const PLACES: &[(Cell, &[&str])] = &[
    (Cell::Accounts, &["/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow", "/etc/subuid", "/etc/subgid"]),
    (Cell::Alternatives, &["/etc/alternatives", "/var/lib/dpkg/alternatives"]),
    (Cell::BasePrograms, PROGRAMS),
    (Cell::LinkerCache, &["/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/ld.so.preload"]),
    (Cell::LinkerCache, &["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/local/lib64"]),
    (Cell::PackageDatabase, &["/etc/apk", "/etc/apt", "/etc/yum.repos.d", "/lib/apk", "/usr/share/keyrings"]),
    (Cell::PackageDatabase, &["/var/lib/apt", "/var/lib/dpkg", "/var/lib/rpm", "/usr/lib/sysimage"]),
    (Cell::Programs, PROGRAMS),
    (Cell::TrustBundle, &["/etc/ca-certificates", "/etc/pki", "/etc/ssl", "/usr/share/ca-certificates"]),
    (Cell::TrustBundle, &["/usr/local/share/ca-certificates", "/usr/lib/ssl"]),
];

const PROGRAMS: &[&str] = &["/bin", "/sbin", "/usr/bin", "/usr/local/bin", "/usr/local/sbin", "/usr/sbin"];

/// The shared parts that a write to one of `paths` may change.
pub(super) fn cells_at(paths: &PathSet) -> impl Iterator<Item = Cell> {
    PLACES.iter().filter(|(_, places)| places.iter().any(|place| paths.meets(place))).map(|(cell, _)| cell.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(path: &str) -> Vec<Cell> {
        cells_at(&PathSet::below(path)).collect()
    }

    #[test]
    fn a_file_in_a_shared_place_changes_what_others_rely_on() {
        assert_eq!(at("/etc/ssl/certs/own.pem"), [Cell::TrustBundle]);
        assert_eq!(at("/usr/local/bin/pip"), [Cell::BasePrograms, Cell::Programs]);
        assert_eq!(at("/usr/lib/libz.so"), [Cell::LinkerCache]);
        assert_eq!(at("/app"), []);
    }

    #[test]
    fn what_holds_a_shared_place_counts_too() {
        assert!(at("/etc").contains(&Cell::Accounts));
    }
}
