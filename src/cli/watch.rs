//! Watching a build: events to a view on stderr, and a clock that moves what is live.

use std::io::{self, IsTerminal, Write};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::cli::args::ProgressName;
use crate::cli::terminal;
use crate::event::{Timed, millis};
use crate::report::{BuildView, JsonLines, Live, Plain, Silent, Style};

/// How often the live view moves by itself.
const TICK: Duration = Duration::from_millis(100);

type View = Arc<Mutex<Box<dyn BuildView + Send>>>;

/// Shows the events of a build as they come.
pub(super) struct Watch {
    view: View,
    clock: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Watch {
    /// Begins to watch in the way that was asked for.
    pub(super) fn begin(progress: ProgressName, style: Style) -> Self {
        let is_live = match progress {
            ProgressName::Auto => io::stderr().is_terminal(),
            other => other == ProgressName::Tty,
        };
        let view: Box<dyn BuildView + Send> = match progress {
            ProgressName::Quiet => Box::new(Silent::new(style)),
            ProgressName::Json => Box::new(JsonLines),
            _ if is_live => Box::new(Live::new(style)),
            _ => Box::new(Plain::new(style)),
        };
        let view = Arc::new(Mutex::new(view));
        let clock = is_live.then(|| start_clock(Arc::clone(&view)));
        Self { view, clock }
    }

    /// Something happened.
    pub(super) fn show(&self, event: &Timed) {
        let mut view = self.view.lock().unwrap_or_else(PoisonError::into_inner);
        // A build goes on when nobody can see it.
        let _ = view.show(event, &mut io::stderr().lock());
    }

    /// The build is over; nothing moves any more.
    pub(super) fn end(self) {
        if let Some((stop, clock)) = self.clock {
            drop(stop);
            // The clock does nothing that could fail; if it panicked, that was told already.
            let _ = clock.join();
        }
    }
}

fn start_clock(view: View) -> (Sender<()>, JoinHandle<()>) {
    let (stop, stopped) = channel::<()>();
    let begun = Instant::now();
    let clock = thread::spawn(move || {
        while stopped.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
            let mut view = view.lock().unwrap_or_else(PoisonError::into_inner);
            // A window that changes its size tells nobody who does not ask.
            if let Some((columns, rows)) = terminal::size_of(&io::stderr()) {
                view.resize(columns, rows);
            }
            let mut err = io::stderr().lock();
            let _ = view.tick(millis(begun.elapsed()), &mut err).and_then(|()| err.flush());
        }
    });
    (stop, clock)
}
