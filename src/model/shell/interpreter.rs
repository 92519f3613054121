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
        program(words).map_or(Self::Posix, Self::named)
    }

    /// The interpreter that a script's first line names, when it has one.
    pub(super) fn of_shebang(text: &str) -> Option<Self> {
        Some(Self::of(shebang(text)?))
    }

    fn named(program: &str) -> Self {
        match program {
            "sh" | "bash" | "dash" | "ash" | "ksh" | "mksh" | "zsh" => Self::Posix,
            _ => Self::Other(program.to_owned()),
        }
    }
}

/// The words of a script's first line, when that names an interpreter.
pub fn shebang(text: &str) -> Option<impl Iterator<Item = &str>> {
    let line = text.strip_prefix("#!")?.lines().next().unwrap_or_default();
    Some(line.split_whitespace())
}

/// The name of the program that these words start.
pub(super) fn program<'a>(words: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut programs = words.into_iter().map(base_name).filter(|word| !word.starts_with('-') && !word.contains('='));
    match programs.next() {
        // These only start what follows.
        Some("env" | "busybox") => programs.next(),
        program => program,
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
