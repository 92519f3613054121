//! Calling a build off: one switch that wakes every thread that waits on a running step.
//!
//! Once thrown it stays thrown. It is a pipe, so that it can be waited on together with a step's output.

use std::io::{self, PipeReader, PipeWriter};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::{Mutex, PoisonError};

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
