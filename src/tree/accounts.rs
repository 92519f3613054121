//! The users and groups that a root knows: `/etc/passwd` and `/etc/group` read inside it.
//!
//! Owns the lookups of `--chown` and of USER. Does not know when they happen. Invariant: the files are found through
//! links inside the root only; a line that cannot be read is passed over, a missing file knows nobody.

use std::path::Path;

use super::error::Result;
use super::resolve::Root;

/// Everybody a root knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Accounts {
    users: Vec<User>,
    groups: Vec<Group>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct User {
    name: String,
    uid: u32,
    gid: u32,
    home: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Group {
    name: String,
    gid: u32,
    members: Vec<String>,
}

/// An owner as `--chown` and the USER of a WORKDIR name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The user.
    pub uid: u32,
    /// The group.
    pub gid: u32,
    /// Names that the root does not know; 0 stands for them.
    pub unknown: Vec<String>,
}

/// As whom a command runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The user.
    pub uid: u32,
    /// The group.
    pub gid: u32,
    /// Supplementary groups, ascending.
    pub groups: Vec<u32>,
    /// Home directory, `/` for somebody unknown.
    pub home: String,
}

/// A name that a root does not know where it has to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnknownAccount {
    /// No such line in the passwd file.
    #[error("no user `{name}` in /etc/passwd of the image")]
    User {
        /// As written.
        name: String,
    },
    /// No such line in the group file.
    #[error("no group `{name}` in /etc/group of the image")]
    Group {
        /// As written.
        name: String,
    },
}

impl Accounts {
    /// Reads the two files of `root`.
    pub fn of(root: &Root) -> Result<Self> {
        let text = |path: &str| -> Result<String> {
            let content = root.read(Path::new(path))?;
            Ok(String::from_utf8_lossy(&content.unwrap_or_default()).into_owned())
        };
        Ok(Self::parse(&text("etc/passwd")?, &text("etc/group")?))
    }

    /// Reads the texts of the two files.
    pub fn parse(passwd: &str, group: &str) -> Self {
        Self {
            users: passwd.lines().filter_map(User::parse).collect(),
            groups: group.lines().filter_map(Group::parse).collect(),
        }
    }

    /// Who `name[:group]` owns for: numbers as they are, a lone number being the group too; a lone name with its
    /// primary group; what is unknown is 0.
    pub fn owner(&self, spec: &str) -> Owner {
        let (user, group) = split(spec);
        let mut owner = Owner { uid: 0, gid: 0, unknown: Vec::new() };
        if let Some(user) = user {
            if let Ok(number) = user.parse() {
                (owner.uid, owner.gid) = (number, number);
            } else if let Some(known) = self.user(user) {
                (owner.uid, owner.gid) = (known.uid, known.gid);
            } else {
                owner.unknown.push(user.to_owned());
            }
        }
        if let Some(group) = group {
            let number = group.parse().ok().or_else(|| self.group(group).map(|known| known.gid));
            owner.gid = number.unwrap_or_else(|| {
                owner.unknown.push(group.to_owned());
                0
            });
        } else if spec.contains(':') {
            // BuildKit looks up a group without a name and finds none, where chown(1) takes the user's.
            owner.gid = 0;
        }
        owner
    }

    /// As whom a command of USER `name[:group]` runs; an empty one is root. An unknown number is a user without
    /// groups, an unknown name an error.
    pub fn login(&self, spec: &str) -> Result<Login, UnknownAccount> {
        let (user, group) = split(spec);
        let user = user.unwrap_or("0");
        let number: Option<u32> = user.parse().ok();
        // As in the runtimes, the first line that has the name, or the number, counts; with two numbers no name does.
        let may_be_name = number.is_none() || group.is_none_or(|group| group.parse::<u32>().is_err());
        let is_meant = |known: &&User| may_be_name && known.name == user || Some(known.uid) == number;
        let known = self.users.iter().find(is_meant);
        let uid = match (known, number) {
            (Some(known), _) => known.uid,
            (None, Some(number)) => number,
            (None, None) => return Err(UnknownAccount::User { name: user.to_owned() }),
        };
        let (gid, groups) = match group {
            Some(group) => {
                let number = group.parse().ok().or_else(|| self.group(group).map(|known| known.gid));
                (number.ok_or_else(|| UnknownAccount::Group { name: group.to_owned() })?, Vec::new())
            }
            None => known.map_or((0, Vec::new()), |known| (known.gid, self.groups_of(&known.name))),
        };
        let home = known.map(|known| known.home.as_str()).filter(|home| !home.is_empty()).unwrap_or("/").to_owned();
        Ok(Login { uid, gid, groups, home })
    }

    fn user(&self, name: &str) -> Option<&User> {
        self.users.iter().find(|user| user.name == name)
    }

    fn group(&self, name: &str) -> Option<&Group> {
        self.groups.iter().find(|group| group.name == name)
    }

    fn groups_of(&self, name: &str) -> Vec<u32> {
        let member = |group: &&Group| group.members.iter().any(|member| member == name);
        let mut groups: Vec<u32> = self.groups.iter().filter(member).map(|group| group.gid).collect();
        groups.sort_unstable();
        groups.dedup();
        groups
    }
}

/// The parts of `user:group`; an empty part is none.
fn split(spec: &str) -> (Option<&str>, Option<&str>) {
    let (user, group) = spec.split_once(':').unwrap_or((spec, ""));
    (Some(user).filter(|user| !user.is_empty()), Some(group).filter(|group| !group.is_empty()))
}

impl User {
    fn parse(line: &str) -> Option<Self> {
        let mut fields = line.trim().split(':');
        let name = fields.next().filter(|name| !name.is_empty() && !name.starts_with('#'))?.to_owned();
        let (uid, gid) = (fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?);
        Some(Self { name, uid, gid, home: fields.nth(1).unwrap_or_default().to_owned() })
    }
}

impl Group {
    fn parse(line: &str) -> Option<Self> {
        let mut fields = line.trim().split(':');
        let name = fields.next().filter(|name| !name.is_empty() && !name.starts_with('#'))?.to_owned();
        let gid = fields.nth(1)?.parse().ok()?;
        let members = fields.next().unwrap_or_default().split(',').filter(|member| !member.is_empty());
        Some(Self { name, gid, members: members.map(str::to_owned).collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accounts() -> Accounts {
        let passwd = "root:x:0:0:root:/root:/bin/sh\n# a comment\nbroken:x:y:z\napp:x:1000:1001:The App:/srv/app:/bin/sh\nbare:x:7:8\n";
        let group = "root:x:0:\nstaff:x:50:app,other\nwheel:x:10:app\napp:x:1001:\n";
        Accounts::parse(passwd, group)
    }

    #[test]
    fn owners_are_looked_up_as_chown_says() {
        for (spec, uid, gid) in [
            ("", 0, 0),
            ("12", 12, 12),
            ("12:34", 12, 34),
            ("app", 1000, 1001),
            ("app:staff", 1000, 50),
            ("12:staff", 12, 50),
            (":staff", 0, 50),
            ("app:", 1000, 0),
        ] {
            let owner = accounts().owner(spec);
            assert_eq!((owner.uid, owner.gid, owner.unknown.len()), (uid, gid, 0), "{spec}");
        }
    }

    #[test]
    fn unknown_owners_are_zero_and_named() {
        assert_eq!(
            accounts().owner("ghost:ghosts"),
            Owner { uid: 0, gid: 0, unknown: vec!["ghost".to_owned(), "ghosts".to_owned()] }
        );
        assert_eq!(accounts().owner("12:ghosts").uid, 12);
    }

    #[test]
    fn logins_are_looked_up_as_user_says() {
        for (spec, uid, gid, groups, home) in [
            ("", 0, 0, &[][..], "/root"),
            ("root", 0, 0, &[], "/root"),
            ("app", 1000, 1001, &[10, 50], "/srv/app"),
            ("1000", 1000, 1001, &[10, 50], "/srv/app"),
            ("1000:7", 1000, 7, &[], "/srv/app"),
            ("app:staff", 1000, 50, &[], "/srv/app"),
            ("4711", 4711, 0, &[], "/"),
            ("bare", 7, 8, &[], "/"),
        ] {
            let login = accounts().login(spec).expect(spec);
            assert_eq!((login.uid, login.gid, login.groups.as_slice(), login.home.as_str()), (uid, gid, groups, home));
        }
    }

    #[test]
    fn a_name_made_of_digits_is_a_name_unless_the_group_is_a_number_too() {
        let accounts = Accounts::parse("1000:x:7:8::/seven:/bin/sh\n", "");
        assert_eq!(accounts.login("1000").map(|login| (login.uid, login.gid)), Ok((7, 8)));
        assert_eq!(accounts.login("1000:9").map(|login| (login.uid, login.gid)), Ok((1000, 9)));
    }

    #[test]
    fn an_unknown_name_cannot_log_in() {
        assert_eq!(accounts().login("ghost"), Err(UnknownAccount::User { name: "ghost".to_owned() }));
        assert_eq!(accounts().login("app:ghosts"), Err(UnknownAccount::Group { name: "ghosts".to_owned() }));
    }

    #[test]
    fn an_empty_root_knows_nobody_but_the_numbers() {
        let nobody = Accounts::default();
        assert_eq!(nobody.login(""), Ok(Login { uid: 0, gid: 0, groups: Vec::new(), home: "/".to_owned() }));
        assert_eq!(nobody.login("0:0").map(|login| login.gid), Ok(0));
        assert!(nobody.login("root").is_err());
    }
}
