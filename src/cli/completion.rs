//! `rplan completion` and `rplan man`: generated from the arguments themselves.

use clap::CommandFactory;

use crate::cli::args::{Args, CompletionArgs, ManArgs};
use crate::cli::console::Console;
use crate::cli::exit::{Answer, Exit, Failure};

/// Prints the completion script of a shell.
pub(super) fn completion(args: &CompletionArgs, console: &mut Console) -> Answer {
    clap_complete::generate(args.shell, &mut Args::command(), "rplan", &mut console.out);
    Ok(Exit::Fine)
}

/// Prints the manual page of rplan or of one command.
pub(super) fn man(args: &ManArgs, console: &mut Console) -> Answer {
    let mut root = Args::command();
    root.build();
    let page = match &args.command {
        None => root,
        Some(name) => {
            let found = root.get_subcommands().find(|command| command.get_name() == name);
            found.cloned().ok_or_else(|| Failure::usage(format_args!("there is no command `{name}`")))?
        }
    };
    clap_mangen::Man::new(page).render(&mut console.out)?;
    Ok(Exit::Fine)
}
