//! A change of permission bits as `--chmod` writes it: octal, or the symbolic form of chmod(1).
//!
//! Pure. Without a `ugoa` in front, a symbolic change applies to everybody: there is no umask in a build.

use std::str::FromStr;

/// A change of permission bits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModeChange {
    /// These bits exactly.
    Octal(u32),
    /// Steps from the bits there are.
    Symbolic(Vec<Clause>),
}

/// One step of a symbolic change, such as `go-w`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// Which of user, group and others it touches, as a mask over `0o7777` that includes their special bits.
    who: u32,
    action: Action,
    what: What,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Add,
    Remove,
    Set,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    /// Bits for everybody, to be masked; `executable_if` is `X`.
    Bits { bits: u32, executable_if: bool },
    /// The bits that user (6), group (3) or others (0) have: how far they are shifted.
    CopyOf { shift: u32 },
}

/// A text that is no mode.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a mode: expected octal digits up to 07777, or a symbolic mode such as `u=rwX,go=rX`")]
pub struct BadMode {
    text: String,
}

const SPECIAL: u32 = 0o7000;
const USER: u32 = 0o4700;
const GROUP: u32 = 0o2070;
const OTHERS: u32 = 0o0007;
const STICKY: u32 = 0o1000;
const EXECUTABLE: u32 = 0o111;

impl ModeChange {
    /// The bits after the change of `mode`.
    pub fn apply(&self, mode: u32, is_directory: bool) -> u32 {
        match self {
            Self::Octal(bits) => *bits,
            Self::Symbolic(clauses) => clauses.iter().fold(mode, |mode, clause| clause.apply(mode, is_directory)),
        }
    }

    /// The bits, if they depend on nothing: what directories made on the way get.
    pub fn octal(&self) -> Option<u32> {
        match self {
            Self::Octal(bits) => Some(*bits),
            Self::Symbolic(_) => None,
        }
    }
}

impl Clause {
    fn apply(&self, mode: u32, is_directory: bool) -> u32 {
        let bits = match self.what {
            What::CopyOf { shift } => ((mode >> shift) & 0o7) * EXECUTABLE,
            What::Bits { bits, executable_if: true } if is_directory || mode & EXECUTABLE != 0 => bits | EXECUTABLE,
            What::Bits { bits, .. } => bits,
        } & self.who;
        match self.action {
            Action::Add => mode | bits,
            Action::Remove => mode & !bits,
            Action::Set => {
                // `=` on a directory leaves setuid and setgid alone unless they are named, as chmod(1) does.
                let kept = if is_directory { 0o6000 } else { 0 };
                (mode & (!self.who | kept)) | bits
            }
        }
    }
}

impl FromStr for ModeChange {
    type Err = BadMode;

    fn from_str(text: &str) -> Result<Self, BadMode> {
        let bad = || BadMode { text: text.to_owned() };
        if text.starts_with(|first: char| first.is_ascii_digit()) {
            let octal = text.bytes().all(|byte| (b'0'..=b'7').contains(&byte));
            let bits = u32::from_str_radix(text, 8).ok().filter(|bits| octal && *bits <= 0o7777);
            return bits.map(Self::Octal).ok_or_else(bad);
        }
        let mut clauses = Vec::new();
        for group in text.split(',') {
            clauses.extend(clauses_of(group).ok_or_else(bad)?);
        }
        Ok(Self::Symbolic(clauses))
    }
}

/// The clauses of one comma-separated group: `ugo+x-w` has one `who` and two actions.
fn clauses_of(group: &str) -> Option<Vec<Clause>> {
    let actions_at = group.find(['+', '-', '='])?;
    let who = match group[..actions_at].chars().try_fold(0, |who, letter| Some(who | who_of(letter)?))? {
        0 => USER | GROUP | OTHERS | STICKY,
        who => who,
    };
    let mut clauses = Vec::new();
    let mut rest = &group[actions_at..];
    while !rest.is_empty() {
        let action = match rest.as_bytes()[0] {
            b'+' => Action::Add,
            b'-' => Action::Remove,
            _ => Action::Set,
        };
        rest = &rest[1..];
        let end = rest.find(['+', '-', '=']).unwrap_or(rest.len());
        clauses.push(Clause { who, action, what: what_of(&rest[..end])? });
        rest = &rest[end..];
    }
    Some(clauses)
}

fn who_of(letter: char) -> Option<u32> {
    match letter {
        'u' => Some(USER),
        'g' => Some(GROUP),
        'o' => Some(OTHERS | STICKY),
        'a' => Some(USER | GROUP | OTHERS | STICKY),
        _ => None,
    }
}

fn what_of(letters: &str) -> Option<What> {
    match letters {
        "u" => return Some(What::CopyOf { shift: 6 }),
        "g" => return Some(What::CopyOf { shift: 3 }),
        "o" => return Some(What::CopyOf { shift: 0 }),
        _ => {}
    }
    let (mut bits, mut executable_if) = (0, false);
    for letter in letters.chars() {
        match letter {
            'r' => bits |= 0o444,
            'w' => bits |= 0o222,
            'x' => bits |= EXECUTABLE,
            'X' => executable_if = true,
            's' => bits |= SPECIAL & !STICKY,
            't' => bits |= STICKY,
            _ => return None,
        }
    }
    Some(What::Bits { bits, executable_if })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(change: &str, mode: u32, is_directory: bool) -> u32 {
        change.parse::<ModeChange>().expect(change).apply(mode, is_directory)
    }

    #[test]
    fn octal_modes_replace_every_bit() {
        assert_eq!(changed("755", 0o600, false), 0o755);
        assert_eq!(changed("0", 0o777, true), 0);
        assert_eq!(changed("04755", 0o600, false), 0o4755);
    }

    #[test]
    fn symbolic_modes_change_what_they_name() {
        for (change, before, after) in [
            ("+x", 0o644, 0o755),
            ("a+X", 0o644, 0o644),
            ("a+X", 0o744, 0o755),
            ("u=rwX,go=rX", 0o600, 0o644),
            ("u=rwX,go=rX", 0o700, 0o755),
            ("go-rwx", 0o777, 0o700),
            ("g=u", 0o640, 0o660),
            ("u+s", 0o755, 0o4755),
            ("g+s", 0o755, 0o2755),
            ("+t", 0o755, 0o1755),
            ("u+x-w", 0o644, 0o544),
            ("o=", 0o644, 0o640),
        ] {
            assert_eq!(changed(change, before, false), after, "{change} on {before:o}");
        }
        assert_eq!(changed("u=rwX,go=rX", 0o700, true), 0o755);
        assert_eq!(changed("a=rx", 0o2700, true), 0o2555);
    }

    #[test]
    fn what_is_no_mode_is_refused() {
        for bad in ["", "8", "10000", "0o755", "u", "x+u", "u+y", "u+x,", "-1", "rwx"] {
            assert!(bad.parse::<ModeChange>().is_err(), "{bad}");
        }
    }
}
