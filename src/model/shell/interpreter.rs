//! Which program reads shell text: a POSIX shell, or something whose language is not known here.

/// The program that SHELL or a shebang names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Interpreter {
    /// sh, bash, dash, ash, ksh or zsh.
    #[default]
    Posix,
    /// Anything else, by name.
    Other(String),
}

impl Interpreter {
    /// The interpreter that the words of SHELL name.
    pub fn of<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let program = words.into_iter().next().unwrap_or("sh");
        Self::named(program)
    }

    /// The interpreter that a script's first line names, when it has one.
    pub(super) fn of_shebang(text: &str) -> Option<Self> {
        let line = text.strip_prefix("#!")?.lines().next().unwrap_or_default();
        let mut words = line.split_whitespace().filter(|word| !word.starts_with('-'));
        let program = words.next().unwrap_or_default();
        match program.ends_with("/env") {
            true => Some(Self::named(words.next().unwrap_or_default())),
            false => Some(Self::named(program)),
        }
    }

    fn named(program: &str) -> Self {
        let name = program.rsplit(['/', '\\']).next().unwrap_or(program);
        match name {
            "sh" | "bash" | "dash" | "ash" | "ksh" | "zsh" => Self::Posix,
            _ => Self::Other(name.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shells_are_told_from_other_programs() {
        assert_eq!(Interpreter::of(["/bin/bash", "-o", "pipefail", "-c"]), Interpreter::Posix);
        assert_eq!(Interpreter::of(["powershell", "-Command"]), Interpreter::Other("powershell".into()));
        assert_eq!(Interpreter::of_shebang("#!/usr/bin/env -S python3\n"), Some(Interpreter::Other("python3".into())));
        assert_eq!(Interpreter::of_shebang("#!/bin/sh -e\n"), Some(Interpreter::Posix));
        assert_eq!(Interpreter::of_shebang("echo"), None);
    }
}
