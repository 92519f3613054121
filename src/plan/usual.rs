//! What steps usually take: all that can be said of one that nobody has seen run.
//!
//! One table for all who need it: the queue, which begins the longer branch first, and the optimiser, which weighs what a
//! rebuild costs. The seconds are those of a small machine near a mirror; what counts is their order of magnitude.

use std::time::Duration;

use crate::model::shell;
use crate::plan::critical::Cost;
use crate::plan::{Operation, Run, Step};

/// A command of which nothing is known: somebody's script, or a compiler.
const ANY_COMMAND: u64 = 5_000;
/// A command that is over at once.
const AT_ONCE: u64 = 100;

/// Milliseconds that a command takes: its name, the words that its arguments begin with (options apart), the time. The
/// first line that fits counts.
#[rustfmt::skip]
const COMMANDS: &[(&[&str], &[&str], u64)] = &[
    // Packages of the system.
    (&["apk"],                                       &["add"],              5_000),
    (&["apt", "apt-get", "aptitude"],                &["update"],           5_000),
    (&["apt", "apt-get", "aptitude"],                &["install"],         30_000),
    (&["apt", "apt-get", "aptitude"],                &["upgrade"],         30_000),
    (&["apt", "apt-get", "aptitude"],                &["dist-upgrade"],    30_000),
    (&["apt", "apt-get", "aptitude"],                &[],                     500),
    (&["dnf", "microdnf", "tdnf", "yum", "zypper"],  &["install"],         30_000),
    (&["dnf", "microdnf", "tdnf", "yum", "zypper"],  &["update"],          30_000),
    (&["dnf", "microdnf", "tdnf", "yum", "zypper"],  &["upgrade"],         30_000),
    (&["dnf", "microdnf", "tdnf", "yum", "zypper"],  &[],                   1_000),
    (&["pacman"],                                    &[],                  20_000),
    // Packages of languages.
    (&["bun"],                                       &["install"],         10_000),
    (&["bundle"],                                    &["install"],         40_000),
    (&["cargo"],                                     &["fetch"],           10_000),
    (&["cargo"],                                     &["chef", "prepare"],  1_000),
    (&["cargo"],                                     &["chef", "cook"],   120_000),
    (&["composer"],                                  &["install"],         20_000),
    (&["conda", "mamba", "micromamba"],              &[],                  60_000),
    (&["dotnet"],                                    &["restore"],         20_000),
    (&["gem"],                                       &["install"],         20_000),
    (&["go"],                                        &["mod", "download"], 15_000),
    (&["go"],                                        &["get"],             15_000),
    (&["mix"],                                       &["deps.get"],        10_000),
    (&["mvn", "mvnw"],                               &["dependency:go-offline"], 40_000),
    (&["npm"],                                       &["ci"],              35_000),
    (&["npm"],                                       &["i"],               35_000),
    (&["npm"],                                       &["install"],         35_000),
    (&["pdm"],                                       &["install"],         20_000),
    (&["pdm"],                                       &["sync"],            20_000),
    (&["pip", "pip3"],                               &["install"],         20_000),
    (&["pipenv"],                                    &["install"],         30_000),
    (&["pipenv"],                                    &["sync"],            30_000),
    (&["pnpm"],                                      &["fetch"],           20_000),
    (&["pnpm"],                                      &["i"],               20_000),
    (&["pnpm"],                                      &["install"],         20_000),
    (&["poetry"],                                    &["install"],         30_000),
    (&["uv"],                                        &["pip", "install"],   5_000),
    (&["uv"],                                        &["sync"],             5_000),
    (&["yarn"],                                      &["install"],         35_000),
    // Compilers and bundlers.
    (&["bun"],                                       &["run"],             20_000),
    (&["cargo"],                                     &["build"],          120_000),
    (&["cargo"],                                     &["install"],        120_000),
    (&["cmake"],                                     &[],                  20_000),
    (&["configure"],                                 &[],                  20_000),
    (&["dotnet"],                                    &["build"],           30_000),
    (&["dotnet"],                                    &["publish"],         30_000),
    (&["go"],                                        &["build"],           30_000),
    (&["go"],                                        &["install"],         30_000),
    (&["go"],                                        &["test"],            30_000),
    (&["gradle", "gradlew"],                         &[],                  90_000),
    (&["make", "ninja"],                             &[],                  60_000),
    (&["mix"],                                       &["compile"],         40_000),
    (&["mix"],                                       &["release"],         20_000),
    (&["mvn", "mvnw"],                               &[],                  60_000),
    (&["npm", "pnpm"],                               &["run"],             30_000),
    (&["yarn"],                                      &["build"],           30_000),
    (&["yarn"],                                      &["run"],             30_000),
    (&["yarn"],                                      &[],                  35_000),
    // Downloads.
    (&["curl", "git", "wget"],                       &[],                   5_000),
    (&["tar", "unzip"],                              &[],                   2_000),
];

/// Commands that are over at once, whatever their arguments.
const QUICK: &[&str] = &[
    ":",
    "[",
    "addgroup",
    "adduser",
    "cat",
    "cd",
    "chmod",
    "chown",
    "cp",
    "date",
    "echo",
    "exit",
    "export",
    "find",
    "grep",
    "groupadd",
    "head",
    "id",
    "install",
    "ldconfig",
    "ln",
    "ls",
    "mkdir",
    "mv",
    "printf",
    "pwd",
    "rm",
    "rmdir",
    "sed",
    "set",
    "sort",
    "tail",
    "test",
    "touch",
    "tr",
    "true",
    "uname",
    "unset",
    "update-ca-certificates",
    "useradd",
    "usermod",
    "which",
];

/// Words that only start the command behind them.
const STARTERS: &[&str] = &["command", "env", "exec", "nice", "sudo", "time"];

/// What a step of its kind usually takes.
pub fn usual(step: &Step) -> Cost {
    let milliseconds = match &step.operation {
        Operation::Run(run) => of_run(run),
        Operation::Base(_) => 2_000,
        Operation::Copy(_) | Operation::Add(_) => 200,
        Operation::Workdir(_) => 10,
    };
    Cost::Estimated(Duration::from_millis(milliseconds))
}

fn of_run(run: &Run) -> u64 {
    let text = match (&run.script, run.is_shell_form) {
        (Some(_), _) => return ANY_COMMAND,
        (None, false) => return of_command(&run.argv),
        (None, true) => run.argv.last().map_or("", String::as_str),
    };
    match shell::words_of(text) {
        Some(commands) if !commands.is_empty() => commands.iter().map(|words| of_command(words)).sum(),
        _ => ANY_COMMAND,
    }
}

fn of_command(words: &[String]) -> u64 {
    let mut words = words.iter().map(String::as_str).filter(|word| !word.starts_with('-')).peekable();
    while words.next_if(|word| STARTERS.contains(word) || word.contains('=')).is_some() {}
    let Some(name) = words.next().map(|path| path.rsplit('/').next().unwrap_or(path)) else { return AT_ONCE };
    let mut arguments: Vec<&str> = words.collect();
    let mut name = name;
    // `python -m pip install`: the module is what runs.
    if name.starts_with("python") && matches!(arguments.first(), Some(&("pip" | "poetry" | "pipenv" | "pdm"))) {
        name = arguments.remove(0);
    }
    let fits = |(names, begin, _): &&(&[&str], &[&str], u64)| names.contains(&name) && has_begin(&arguments, begin);
    match COMMANDS.iter().find(fits) {
        Some((_, _, milliseconds)) => *milliseconds,
        None if QUICK.contains(&name) => AT_ONCE,
        None => ANY_COMMAND,
    }
}

/// Whether the words of `begin` stand first among the arguments; values of options may stand before them.
fn has_begin(arguments: &[&str], begin: &[&str]) -> bool {
    let Some(first) = begin.first() else { return true };
    let Some(at) = arguments.iter().position(|word| word == first) else { return false };
    arguments[at..].starts_with(begin)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(text: &str) -> f64 {
        let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
        of_command(&words) as f64 / 1e3
    }

    #[test]
    fn a_command_is_told_by_its_name_and_what_it_is_to_do() {
        assert_eq!(seconds("apt-get -y install curl"), 30.0);
        assert_eq!(seconds("sudo env A=b /usr/bin/pip3 install -r r.txt"), 20.0);
        assert_eq!(seconds("python3 -m pip install flask"), 20.0);
        assert_eq!(seconds("npm --prefix web ci"), 35.0);
        assert_eq!(seconds("go mod download"), 15.0);
        assert_eq!(seconds("mkdir -p /a"), 0.1);
        assert_eq!(seconds("./build.sh"), 5.0);
    }
}
