//! The command line: arguments, streams, exit codes, walking files in parallel. One file per command.
//!
//! Does not know how anything is decided: it calls the rooms that do and hands their answers to `report`.
//! Invariant: results go to stdout, everything else to stderr; every way out is an [`Exit`].

#![cfg_attr(
    not(all(feature = "exec", target_os = "linux")),
    allow(dead_code, unused_imports, reason = "where nothing is built, what only building uses stays unused")
)]

#[cfg(not(all(feature = "exec", target_os = "linux")))]
mod absent;
mod afar;
#[cfg(all(feature = "exec", target_os = "linux"))]
mod allowance;
mod args;
mod at_hand;
mod baseline;
#[cfg(all(feature = "exec", target_os = "linux"))]
mod brought;
#[cfg(all(feature = "exec", target_os = "linux"))]
mod build;
#[cfg(all(feature = "exec", target_os = "linux"))]
mod build_page;
#[cfg(all(feature = "exec", target_os = "linux"))]
mod cache;
mod catalogue;
#[cfg(all(feature = "exec", target_os = "linux"))]
mod closing;
mod completion;
mod config;
mod console;
mod contexts;
mod debug;
mod declared;
#[cfg(all(feature = "exec", target_os = "linux"))]
mod doctor;
mod earlier;
mod exit;
mod files;
mod fix;
mod formats;
#[cfg(all(feature = "exec", target_os = "linux"))]
mod handed_in;
mod ignored;
#[cfg(all(feature = "exec", target_os = "linux"))]
mod image;
mod in_force;
mod inline;
mod input;
#[cfg(all(feature = "exec", target_os = "linux"))]
mod inspect;
mod lint;
mod machine;
mod moment;
mod names;
mod optimize;
mod optimize_all;
#[cfg(all(feature = "exec", target_os = "linux"))]
mod outputs;
mod overrides;
mod own_rules;
mod plan;
#[cfg(all(feature = "exec", target_os = "linux"))]
mod portable;
mod proposed;
#[cfg(all(feature = "exec", target_os = "linux"))]
mod registries;
#[cfg(all(feature = "exec", target_os = "linux"))]
mod relay;
#[cfg(all(feature = "exec", target_os = "linux"))]
mod rootless;
mod rulebook;
mod since;
mod situation;
mod spared;
mod subject;
mod subjects;
mod summary;
mod terminal;
mod touched;
mod trial;
mod verify;
#[cfg(all(feature = "exec", target_os = "linux"))]
mod visit;
mod wanted;
#[cfg(all(feature = "exec", target_os = "linux"))]
mod watch;
#[cfg(all(feature = "exec", target_os = "linux"))]
mod why;
mod write;

use std::panic::{self, UnwindSafe};
use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command};
use console::Console;
use exit::{Answer, Exit};

/// Runs the command line of this process and says how it ended.
pub fn main() -> ExitCode {
    panic::set_hook(Box::new(exit::report_bug));
    guarded(run).into()
}

/// A panic, in whatever thread it began, is a bug of rplan's and ends as one.
fn guarded(run: impl FnOnce() -> Exit + UnwindSafe) -> Exit {
    panic::catch_unwind(run).unwrap_or(Exit::Bug)
}

fn run() -> Exit {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(refusal) => {
            // `--help` and `--version` are answers, not mistakes. If even they cannot be printed, nobody is listening.
            let _ = refusal.print();
            return if refusal.use_stderr() { Exit::Usage } else { Exit::Fine };
        }
    };
    let mut console = Console::new(&args.global);
    answer(args.command, &mut console).unwrap_or_else(|failure| failure.report(&mut console))
}

fn answer(command: Command, console: &mut Console) -> Answer {
    let exit = dispatch(command, console)?;
    console.flush()?;
    Ok(exit)
}

fn dispatch(command: Command, console: &mut Console) -> Answer {
    match command {
        Command::Completion(args) => completion::completion(&args, console),
        Command::Debug(args) => debug::debug(&args, console),
        Command::Rules(args) => catalogue::rules(&args, console),
        Command::Explain(args) => catalogue::explain(&args, console),
        Command::Config(args) => config::config(&args, console),
        Command::Lint(args) => lint::run(&args, console),
        Command::Fix(args) => fix::run(&args, console),
        Command::Optimize(args) => optimize::optimize(&args, console),
        Command::Plan(args) => plan::show(&args, console),
        #[cfg(all(feature = "exec", target_os = "linux"))]
        Command::Build(args) => build::run(&args, console),
        #[cfg(all(feature = "exec", target_os = "linux"))]
        Command::Why(args) => why::run(&args, console),
        #[cfg(all(feature = "exec", target_os = "linux"))]
        Command::Inspect(args) => inspect::run(&args, console),
        #[cfg(all(feature = "exec", target_os = "linux"))]
        Command::Image(args) => image::run(&args, console),
        #[cfg(all(feature = "exec", target_os = "linux"))]
        Command::Cache(args) => cache::run(&args, console),
        #[cfg(all(feature = "exec", target_os = "linux"))]
        Command::Doctor(args) => doctor::run(&args, console),
        #[cfg(not(all(feature = "exec", target_os = "linux")))]
        Command::Doctor(_) => absent::refuse("doctor"),
        #[cfg(not(all(feature = "exec", target_os = "linux")))]
        Command::Build(_) => absent::refuse("build"),
        #[cfg(not(all(feature = "exec", target_os = "linux")))]
        Command::Why(_) => absent::refuse("why"),
        #[cfg(not(all(feature = "exec", target_os = "linux")))]
        Command::Inspect(_) => absent::refuse("inspect"),
        #[cfg(not(all(feature = "exec", target_os = "linux")))]
        Command::Image(_) => absent::refuse("image"),
        #[cfg(not(all(feature = "exec", target_os = "linux")))]
        Command::Cache(_) => absent::refuse("cache"),
        Command::Man(args) => completion::man(&args, console),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_consistent() {
        use clap::CommandFactory;
        Args::command().debug_assert();
    }

    #[test]
    fn a_panic_ends_as_a_bug() {
        assert_eq!(guarded(|| Exit::No), Exit::No);
        assert_eq!(guarded(|| panic!("a broken invariant, made for this test")), Exit::Bug);
        let elsewhere = || rayon::join(|| Exit::Fine, || panic!("the same in another thread")).0;
        assert_eq!(guarded(elsewhere), Exit::Bug);
    }
}
