//! A helper that is started before there is a job for it: loading the program takes as long as all else that a trivial
//! step needs, so the next helper is started while a step runs.
//!
//! Helpers are started by a thread that has the mounts of this machine and no others. Those of a step's thread, on which
//! it may show what other stages made, they do not see: such a step needs a helper of its own. Nothing waits here when
//! the reserve is gone.

use std::ffi::OsString;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};

use super::follow::Started;

/// At most one helper without a job.
#[derive(Debug)]
pub(super) struct Reserve {
    waiting: Arc<Mutex<Waiting>>,
    /// Asks the thread for a helper; gone when the thread is to end.
    orders: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Waiting {
    helper: Option<Started>,
    is_ordered: bool,
}

impl Reserve {
    /// A reserve of helpers that are `program`, empty at first. Where no thread can be started it stays so.
    pub(super) fn of(program: OsString) -> Self {
        let waiting = Arc::<Mutex<Waiting>>::default();
        let shelf = Arc::clone(&waiting);
        let (orders, ordered) = channel::<()>();
        let work = move || {
            while ordered.recv().is_ok() {
                let helper = Started::new(&program, None);
                let mut shelf = lock(&shelf);
                // What does not start now is started, and complained of, when there is a job.
                *shelf = Waiting { helper: helper.ok(), is_ordered: false };
            }
        };
        let thread = thread::Builder::new().name("reserve".to_owned()).spawn(work).ok();
        Self { waiting, orders: Some(orders), thread }
    }

    /// The helper that waits, if one does.
    pub(super) fn take(&self) -> Option<Started> {
        lock(&self.waiting).helper.take()
    }

    /// Sees to it that there will be one.
    pub(super) fn fill(&self) {
        let mut waiting = lock(&self.waiting);
        if waiting.helper.is_none() && !waiting.is_ordered {
            waiting.is_ordered = self.orders.as_ref().is_some_and(|orders| orders.send(()).is_ok());
        }
    }
}

fn lock(waiting: &Mutex<Waiting>) -> MutexGuard<'_, Waiting> {
    waiting.lock().expect("nothing panics while it holds the reserve")
}

impl Drop for Reserve {
    fn drop(&mut self) {
        drop(self.orders.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        if let Some(helper) = self.take() {
            helper.dismiss();
        }
    }
}
