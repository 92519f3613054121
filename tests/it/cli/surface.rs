//! What every command shares: help, usage, completion, manual pages.

use super::*;

/// Every command, as `--help` is asked for it.
const COMMANDS: &[&[&str]] = &[
    &["lint"],
    &["fix"],
    &["rules"],
    &["rules", "new"],
    &["rules", "test"],
    &["explain"],
    &["config"],
    &["config", "show"],
    &["config", "schema"],
    &["config", "migrate"],
    &["optimize"],
    &["plan"],
    &["build"],
    &["why"],
    &["inspect"],
    &["image"],
    &["image", "ls"],
    &["image", "tag"],
    &["image", "push"],
    &["image", "pull"],
    &["image", "rm"],
    &["cache"],
    &["cache", "du"],
    &["cache", "prune"],
    &["cache", "export"],
    &["cache", "import"],
    &["doctor"],
    &["completion"],
    &["man"],
    &["debug"],
    &["debug", "ast"],
    &["debug", "expand"],
    &["debug", "ignored"],
];

#[test]
fn every_command_has_help_with_examples() {
    let place = Place::with(&[]);
    for command in COMMANDS {
        let run = place.rplan(&[*command, &["--help"]].concat());
        assert_eq!(run.code, 0, "{command:?}");
        assert!(run.stdout.contains("Examples:\n  rplan "), "{command:?} has no examples:\n{}", run.stdout);
        assert_eq!(run.stderr, "");
    }
}

#[test]
fn the_list_of_commands_is_complete() {
    let help = Place::with(&[]).rplan(&["--help"]).stdout;
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    for line in listed {
        let name = line.split_whitespace().next().expect("a line of the list starts with a name");
        assert!(COMMANDS.contains(&[name].as_slice()), "{name} is not in COMMANDS");
    }
    assert!(!help.contains("debug"), "debug is left out of the short help");
}

#[test]
fn the_version_is_one_line() {
    let run = Place::with(&[]).rplan(&["--version"]);
    assert_eq!((run.code, run.stdout), (0, format!("rplan {}\n", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn wrong_usage_ends_with_2_on_stderr() {
    let place = Place::with(&[]);
    for args in [&["nonsense"][..], &["debug", "expand"], &["completion", "nosuchshell"], &["man", "nonsense"], &[]] {
        let run = place.rplan(args);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{args:?}");
        assert!(!run.stderr.is_empty());
    }
}

#[test]
fn completion_and_manual_pages_are_generated() {
    let place = Place::with(&[]);
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let run = place.rplan(&["completion", shell]);
        assert_eq!(run.code, 0);
        assert!(run.stdout.contains("rplan") && run.stdout.contains("completion"));
    }
    assert!(place.rplan(&["man"]).stdout.contains(".TH rplan 1"));
    assert!(place.rplan(&["man", "completion"]).stdout.contains(".TH rplan-completion 1"));
}

#[test]
fn colour_is_for_terminals_and_for_those_who_ask() {
    let place = Place::with(&[]);
    let failing = ["debug", "expand", "${a?boom}"];
    assert_eq!(place.rplan(&failing).stderr, "error: a: boom\n");
    let asked = place.rplan(&[&failing[..], &["--color", "always"]].concat());
    assert_eq!(asked.stderr, "\u{1b}[1;31merror:\u{1b}[0m a: boom\n");
}
