//! What a binary answers that has no executor: on other systems than Linux, and built as the linter alone.

use crate::cli::exit::{Answer, Failure};

/// The command is known, and cannot be done here.
pub(super) fn refuse(command: &str) -> Answer {
    let message = match cfg!(target_os = "linux") {
        true => format!("this rplan is the linter alone: it was built without `rplan {command}`"),
        false => format!("`rplan {command}` needs Linux"),
    };
    Err(Failure::environment(message).with_help("lint, fix, plan and optimize work everywhere"))
}
