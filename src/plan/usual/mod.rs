//! What steps usually take: all that can be said of one that nobody has seen run.
//!
//! One place for all who need it: the queue, which begins the longer branch first, and the optimiser, which weighs what a
//! rebuild costs. What commands take is data, `rules/prior/*.yaml`, compiled into `table`; each figure says there where it
//! comes from; `rules/bases.yaml` says how often the images move that they run on. The seconds are those of a small machine
//! near a mirror; what counts is their order of magnitude.

#[rustfmt::skip]
mod table;

use std::time::Duration;

use crate::model::shell;
use crate::plan::critical::Cost;
use crate::plan::{Operation, Run, Step};

/// A command of which nothing is known: somebody's script, or a compiler.
const ANY_COMMAND: u64 = 5_000;
/// What no RUN takes less than: a layer, and starting a shell.
const LEAST: u64 = 100;
/// As many packages of one command count.
const MOST_EACH: usize = 16;

/// Words that only start the command behind them.
const STARTERS: &[&str] = &["command", "env", "exec", "nice", "sudo", "time"];
/// Programs that run what their first argument names, where that is known better: `python -m pip`, `php artisan`.
const INTERPRETERS: &[&str] = &["bash", "node", "php", "ruby", "sh"];

/// What commands of some names take.
struct Prior {
    names: &'static [&'static str],
    /// The ways of calling them; the last, without words, is every other way.
    forms: &'static [Form],
}

/// What one way of calling a command takes.
struct Form {
    /// The words that choose it, each with its alternatives: `install|i`.
    words: &'static [&'static str],
    milliseconds: u64,
    /// For each package that is named behind the words.
    each: u64,
}

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

/// How often an official image moves in a year, by its reference in full; none where nobody has counted.
pub fn moves_a_year(normalized: &str) -> Option<f64> {
    let name = normalized.strip_prefix("docker.io/library/")?;
    let name = name.split([':', '@']).next()?;
    table::BASES.iter().find(|(base, _)| *base == name).map(|(_, moves)| f64::from(*moves))
}

/// What a RUN of this text usually takes.
pub fn usual_of_shell(text: &str) -> Duration {
    Duration::from_millis(of_shell(text))
}

fn of_run(run: &Run) -> u64 {
    match (&run.script, run.is_shell_form) {
        (Some(_), _) => ANY_COMMAND,
        (None, false) => of_command(&run.argv).max(LEAST),
        (None, true) => of_shell(run.argv.last().map_or("", String::as_str)),
    }
}

fn of_shell(text: &str) -> u64 {
    match shell::words_of(text) {
        Some(commands) if !commands.is_empty() => {
            commands.iter().map(|words| of_command(words)).sum::<u64>().max(LEAST)
        }
        _ => ANY_COMMAND,
    }
}

fn of_command(words: &[String]) -> u64 {
    let mut words = words.iter().map(String::as_str).filter(|word| !word.starts_with('-')).peekable();
    while words.next_if(|word| STARTERS.contains(word) || word.contains('=')).is_some() {}
    let Some(name) = words.next().map(file_name) else { return 0 };
    let arguments: Vec<&str> = words.collect();
    let runs_another = INTERPRETERS.contains(&name) || name.starts_with("python");
    match (arguments.split_first(), prior(name)) {
        (Some((named, rest)), None) if runs_another => {
            prior(file_name(named)).map_or(ANY_COMMAND, |prior| prior.milliseconds(rest))
        }
        (_, Some(prior)) => prior.milliseconds(&arguments),
        (_, None) => ANY_COMMAND,
    }
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn prior(name: &str) -> Option<&'static Prior> {
    table::PRIORS.iter().find(|prior| prior.names.contains(&name))
}

impl Prior {
    /// The first argument that chooses a way of calling decides; values of options may stand before it.
    fn milliseconds(&self, arguments: &[&str]) -> u64 {
        let chosen = (0..=arguments.len()).find_map(|at| {
            let rest = &arguments[at..];
            let is_last_resort = |form: &&Form| form.words.is_empty() && rest.is_empty();
            let form = self.forms.iter().find(|form| form.begins(rest) || is_last_resort(form))?;
            Some((form, rest.len().saturating_sub(form.words.len())))
        });
        chosen.map_or(ANY_COMMAND, |(form, others)| {
            // Without words that choose it all arguments are what it is to do.
            let others = if form.words.is_empty() { arguments.len() } else { others };
            form.milliseconds + form.each * others.min(MOST_EACH) as u64
        })
    }
}

impl Form {
    fn begins(&self, arguments: &[&str]) -> bool {
        let fits = |(word, argument): (&&str, &&str)| word.split('|').any(|one| one == *argument);
        !self.words.is_empty() && self.words.len() <= arguments.len() && self.words.iter().zip(arguments).all(fits)
    }
}
