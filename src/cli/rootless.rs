//! Becoming one that can build: what every command does first that changes the trees in the store.

use crate::cli::console::Console;
use crate::cli::exit::{Answer, Failure};
use crate::exec::rootless::{self, Standing};

/// Makes this process root of a user namespace where an ordinary user started it, and says what that cannot do. To be
/// called before any thread is started.
pub(super) fn enter(console: &mut Console) -> Answer<()> {
    let refused =
        |error| Failure::environment(error).with_help("`rplan doctor` says what is missing; root needs none of it");
    match rootless::enter().map_err(refused)? {
        Standing::Root | Standing::Lent => {}
        Standing::Alone { why } => console.note(format_args!(
            "{why}: this build has one id, so all files belong to root; what has another owner cannot be made"
        )),
    }
    Ok(())
}
