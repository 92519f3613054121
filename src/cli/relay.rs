//! A terminal for a program that must not have the user's own: everything typed goes to it, everything it writes is
//! shown.
//!
//! The program gets a pseudo-terminal. So it can do to its terminal what it likes: nothing of that outlives it, and it
//! cannot type into the user's.

use std::fs::File;
use std::io::{self, IsTerminal, PipeReader, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::thread;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr, tcsetwinsize};

/// How often it is looked whether the user's terminal has another size now.
const LOOK_AGAIN: Timespec = Timespec { tv_sec: 0, tv_nsec: 200_000_000 };

/// Whether there is somebody to talk to.
pub(super) fn is_possible() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Lets `program` run at a terminal, which it is handed, and the user talk to it until it returns.
pub(super) fn relay<T>(program: impl FnOnce(OwnedFd) -> T) -> io::Result<T> {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
    grantpt(&master)?;
    unlockpt(&master)?;
    let name = ptsname(&master, Vec::new())?;
    let slave = open(name.as_c_str(), OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty())?;
    let master = File::from(master);
    take_size(&master);
    let _raw = Raw::begin()?;
    let (over, at_end) = io::pipe()?;
    Ok(thread::scope(|scope| {
        scope.spawn(|| pump(&master, over));
        let result = program(slave);
        drop(at_end);
        result
    }))
}

/// The user's terminal, handing on every key as it is, until this is dropped.
struct Raw(Termios);

impl Raw {
    fn begin() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut raw = before.clone();
        raw.make_raw();
        tcsetattr(io::stdin(), OptionalActions::Drain, &raw)?;
        Ok(Self(before))
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        // A terminal that has gone needs nothing restored.
        let _ = tcsetattr(io::stdin(), OptionalActions::Drain, &self.0);
    }
}

/// Makes the program's terminal as large as the user's.
fn take_size(master: &File) {
    if let Ok(size) = tcgetwinsize(io::stderr())
        && tcgetwinsize(master).is_ok_and(|current| current != size)
    {
        let _ = tcsetwinsize(master, size);
    }
}

/// Carries keys to the program and what it writes back, until `over` hangs up and all that was written is shown.
fn pump(mut master: &File, over: PipeReader) {
    let mut keys_come = true;
    loop {
        let (keys, said, ended) = wait(master, &over, keys_come);
        if said && !carry(&mut master, &mut io::stderr()) {
            return;
        }
        if keys {
            keys_come = carry(&mut Keys, &mut master);
        }
        if ended && !said {
            return;
        }
        take_size(master);
    }
}

/// Whether keys were typed, whether the program wrote something, whether it is over.
fn wait(master: &File, over: &PipeReader, keys_come: bool) -> (bool, bool, bool) {
    let stdin = io::stdin();
    let wanted = if keys_come { PollFlags::IN } else { PollFlags::empty() };
    let mut fds = [
        PollFd::from_borrowed_fd(master.as_fd(), PollFlags::IN),
        PollFd::from_borrowed_fd(over.as_fd(), PollFlags::IN),
        PollFd::from_borrowed_fd(stdin.as_fd(), wanted),
    ];
    // An interrupted wait is an early look, nothing more.
    if poll(&mut fds, Some(&LOOK_AGAIN)).is_err() {
        return (false, false, false);
    }
    let [said, ended, keys] = fds.map(|fd| !fd.revents().is_empty());
    (keys && keys_come, said, ended)
}

/// Standard input without a buffer, so that no key stays behind in it.
struct Keys;

impl Read for Keys {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Ok(rustix::io::read(io::stdin(), buffer)?)
    }
}

/// Carries what is there; whether there may be more.
fn carry(from: &mut impl Read, to: &mut impl Write) -> bool {
    let mut buffer = [0; 4096];
    match from.read(&mut buffer) {
        Ok(0) => false,
        Ok(size) => to.write_all(&buffer[..size]).and_then(|()| to.flush()).is_ok(),
        Err(error) => error.kind() == io::ErrorKind::Interrupted,
    }
}
