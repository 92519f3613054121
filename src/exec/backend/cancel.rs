//! Calling a build off: one switch that wakes every thread that waits on a running step.
//!
//! Once thrown it stays thrown. It is a pipe, so that it can be waited on together with a step's output.

use std::io::{self, PipeReader, PipeWriter};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use nix::sys::signal::{SigSet, Signal};

/// The switch.
#[derive(Debug)]
pub struct Cancel {
    /// Hangs up when the writer is gone.
    reader: PipeReader,
    writer: Mutex<Option<PipeWriter>>,
}

impl Cancel {
    /// A switch that is not thrown.
    pub fn new() -> io::Result<Self> {
        let (reader, writer) = io::pipe()?;
        Ok(Self { reader, writer: Mutex::new(Some(writer)) })
    }

    /// Throws it.
    pub fn cancel(&self) {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// Whether it was thrown.
    pub fn is_cancelled(&self) -> bool {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }
}

/// Throws `cancel` at the first Ctrl-C or SIGTERM; a second one ends the process at once.
///
/// To be called before any other thread is started: only threads started afterwards leave these signals to the one
/// that waits for them. What a step runs gets them as usual.
pub fn cancel_on_interrupt(cancel: Arc<Cancel>) -> io::Result<()> {
    let mut signals = SigSet::empty();
    signals.add(Signal::SIGINT);
    signals.add(Signal::SIGTERM);
    signals.thread_block()?;
    thread::Builder::new().name("interrupt".to_owned()).spawn(move || {
        while let Ok(signal) = signals.wait() {
            if cancel.is_cancelled() {
                // As the shell tells of a program that a signal ended.
                std::process::exit(128 + signal as i32);
            }
            cancel.cancel();
        }
    })?;
    Ok(())
}

impl AsFd for Cancel {
    /// A descriptor that hangs up when the switch is thrown.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.reader.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_thrown() {
        let cancel = Cancel::new().expect("a pipe");
        assert!(!cancel.is_cancelled());
        cancel.cancel();
        cancel.cancel();
        assert!(cancel.is_cancelled());
    }
}
