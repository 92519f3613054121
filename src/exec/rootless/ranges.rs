//! Ranges of ids that a machine lends its users, as `/etc/subuid` and `/etc/subgid` list them.

use std::fs;

/// Ids of users, or of groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdKind {
    /// Users.
    User,
    /// Groups.
    Group,
}

impl IdKind {
    /// Where they are lent.
    pub fn file(self) -> &'static str {
        match self {
            Self::User => "/etc/subuid",
            Self::Group => "/etc/subgid",
        }
    }
}

/// Ids that follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The first.
    pub first: u32,
    /// How many.
    pub count: u32,
}

/// What is lent to the user `name` with the id `uid`.
pub fn ranges_of(kind: IdKind, name: Option<&str>, uid: u32) -> Vec<Range> {
    parse(&fs::read_to_string(kind.file()).unwrap_or_default(), name, uid)
}

/// Lines of `name or id:first:count`; others are nobody's.
fn parse(text: &str, name: Option<&str>, uid: u32) -> Vec<Range> {
    let uid = uid.to_string();
    let range = |line: &str| {
        let mut fields = line.trim().split(':');
        let owner = fields.next().filter(|&owner| Some(owner) == name || owner == uid);
        let (first, count) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
        owner.filter(|_| count > 0).map(|_| Range { first, count })
    };
    text.lines().filter_map(range).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_those_of_the_name_and_of_the_number() {
        let text = "root:1:1\nann:100000:65536\n# a remark\nann:broken:1\n1000:300000:10\nann:5:0\n\n";
        let of_ann = [Range { first: 100_000, count: 65_536 }, Range { first: 300_000, count: 10 }];
        assert_eq!(parse(text, Some("ann"), 1000), of_ann);
        assert_eq!(parse(text, None, 1000), of_ann[1..]);
        assert_eq!(parse(text, Some("bob"), 1001), []);
    }
}
