//! Who a USER or `--chown` means, by the passwd and group files of an image.
//!
//! Pure: the files come in as text. Follows what Docker's tools do, including where that surprises: a number needs no
//! entry, and a bare number still collects the supplementary groups of the user it belongs to.

/// A process identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// User id.
    pub uid: u32,
    /// Primary group id.
    pub gid: u32,
    /// Supplementary groups, in file order.
    pub groups: Vec<u32>,
    /// The home directory, `/` where nobody says.
    pub home: String,
}

/// A name that the image's files do not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnknownUser {
    /// The part before the colon.
    #[error("no user `{0}` in the image's /etc/passwd")]
    User(String),
    /// The part after the colon.
    #[error("no group `{0}` in the image's /etc/group")]
    Group(String),
}

/// Resolves `spec` (`""`, `user`, `user:group`, each a name or a number).
pub fn lookup(spec: &str, passwd: &str, group: &str) -> Result<Identity, UnknownUser> {
    let (user, group_part) = match spec.split_once(':') {
        Some((user, group)) => (user, Some(group).filter(|group| !group.is_empty())),
        None => (spec, None),
    };
    let user = if user.is_empty() { "0" } else { user };
    let both_numbers = user.parse::<u32>().is_ok() && group_part.is_some_and(|group| group.parse::<u32>().is_ok());
    let entry = find_user(user, passwd, !both_numbers);
    let (name, uid, gid, home) = match (&entry, user.parse::<u32>()) {
        (Some(entry), _) => (entry.name, entry.uid, entry.gid, entry.home),
        (None, Ok(uid)) => ("", uid, 0, ""),
        (None, Err(_)) => return Err(UnknownUser::User(user.to_owned())),
    };
    let (gid, groups) = match group_part {
        Some(wanted) => (find_group(wanted, group)?, Vec::new()),
        None => (gid, groups_of(name, group)),
    };
    let home = if home.is_empty() { "/" } else { home };
    Ok(Identity { uid, gid, groups, home: home.to_owned() })
}

struct Passwd<'a> {
    name: &'a str,
    uid: u32,
    gid: u32,
    home: &'a str,
}

fn find_user<'a>(wanted: &str, passwd: &'a str, may_be_name: bool) -> Option<Passwd<'a>> {
    let mut entries = passwd.lines().filter_map(|line| {
        let fields: Vec<&str> = line.trim().split(':').collect();
        let [name, _, uid, gid, rest @ ..] = fields.as_slice() else { return None };
        let home = rest.get(1).copied().unwrap_or_default();
        Some(Passwd { name, uid: uid.parse().ok()?, gid: gid.parse().ok()?, home })
    });
    let number = wanted.parse::<u32>().ok();
    entries.find(|entry| (may_be_name && entry.name == wanted) || number == Some(entry.uid))
}

struct Group<'a> {
    name: &'a str,
    gid: u32,
    members: &'a str,
}

fn groups(group: &str) -> impl Iterator<Item = Group<'_>> {
    group.lines().filter_map(|line| {
        let fields: Vec<&str> = line.trim().split(':').collect();
        let [name, _, gid, rest @ ..] = fields.as_slice() else { return None };
        Some(Group { name, gid: gid.parse().ok()?, members: rest.first().copied().unwrap_or_default() })
    })
}

fn find_group(wanted: &str, group: &str) -> Result<u32, UnknownUser> {
    let number = wanted.parse::<u32>().ok();
    groups(group)
        .find(|entry| entry.name == wanted || number == Some(entry.gid))
        .map(|entry| entry.gid)
        .or(number)
        .ok_or_else(|| UnknownUser::Group(wanted.to_owned()))
}

fn groups_of(user: &str, group: &str) -> Vec<u32> {
    let belongs = |entry: &Group<'_>| !user.is_empty() && entry.members.split(',').any(|member| member == user);
    groups(group).filter(belongs).map(|entry| entry.gid).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &str =
        "root:x:0:0:root:/root:/bin/sh\nweb:x:33:34::/srv/web:/bin/false\n# odd\nbroken\n7:x:70:71::/seven:\n";
    const GROUP: &str = "root:x:0:\nwheel:x:10:root,web\nweb:x:34:\nlog:x:40:web\n";

    fn ids(spec: &str) -> (u32, u32, Vec<u32>, String) {
        let found = lookup(spec, PASSWD, GROUP).expect(spec);
        (found.uid, found.gid, found.groups, found.home)
    }

    #[test]
    fn nobody_named_is_root_with_its_groups() {
        assert_eq!(ids(""), (0, 0, vec![10], "/root".into()));
        assert_eq!(ids("0"), ids(""));
    }

    #[test]
    fn a_name_or_its_bare_number_collects_supplementary_groups() {
        assert_eq!(ids("web"), (33, 34, vec![10, 40], "/srv/web".into()));
        assert_eq!(ids("33"), ids("web"));
    }

    #[test]
    fn an_explicit_group_is_the_only_group() {
        assert_eq!(ids("web:log"), (33, 40, vec![], "/srv/web".into()));
        assert_eq!(ids("33:99"), (33, 99, vec![], "/srv/web".into()));
        assert_eq!(ids("web:"), ids("web"));
    }

    #[test]
    fn an_unknown_number_needs_no_entry() {
        assert_eq!(ids("4711"), (4711, 0, vec![], "/".into()));
        assert_eq!(lookup("", "", "").expect("root").uid, 0);
    }

    #[test]
    fn an_unknown_name_is_an_error() {
        assert_eq!(lookup("nobody", PASSWD, GROUP), Err(UnknownUser::User("nobody".into())));
        assert_eq!(lookup("web:nogroup", PASSWD, GROUP), Err(UnknownUser::Group("nogroup".into())));
    }

    #[test]
    fn a_name_wins_over_a_number_but_for_two_numbers() {
        assert_eq!(ids("7"), (70, 71, vec![], "/seven".into()));
        assert_eq!(ids("7:5"), (7, 5, vec![], "/".into()));
    }
}
