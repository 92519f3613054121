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
        let mut programs =
            words.into_iter().map(base_name).filter(|word| !word.starts_with('-') && !word.contains('='));
        match programs.next() {
            // These only start what follows.
            Some("env" | "busybox") => programs.next().map_or(Self::Posix, Self::named),
            Some(program) => Self::named(program),
            None => Self::Posix,
        }
    }

    /// The interpreter that a script's first line names, when it has one.
    pub(super) fn of_shebang(text: &str) -> Option<Self> {
        let line = text.strip_prefix("#!")?.lines().next().unwrap_or_default();
        Some(Self::of(line.split_whitespace()))
    }

    fn named(program: &str) -> Self {
        match program {
            "sh" | "bash" | "dash" | "ash" | "ksh" | "mksh" | "zsh" => Self::Posix,
            _ => Self::Other(program.to_owned()),
        }
    }
}

fn base_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shells_are_told_from_other_programs() {
        assert_eq!(Interpreter::of(["/bin/bash", "-o", "pipefail", "-c"]), Interpreter::Posix);
        assert_eq!(Interpreter::of(["powershell", "-Command"]), Interpreter::Other("powershell".into()));
        assert_eq!(Interpreter::of_shebang("#!/usr/bin/env -S python3\n"), Some(Interpreter::Other("python3".into())));
        assert_eq!(Interpreter::of(["/bin/busybox", "sh", "-c"]), Interpreter::Posix);
        assert_eq!(Interpreter::of_shebang("#!/bin/sh -e\n"), Some(Interpreter::Posix));
        assert_eq!(Interpreter::of_shebang("echo"), None);
    }
}
