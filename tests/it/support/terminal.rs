//! A terminal for tests: a pseudo-terminal with rplan at one end, and the test at the other.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use super::screen::screen;

/// Whatever takes longer has gone wrong.
const PATIENCE: Duration = Duration::from_secs(30);

/// A program at a terminal.
pub struct Terminal {
    master: File,
    child: Child,
    written: Receiver<Vec<u8>>,
    /// Everything that was written so far.
    pub raw: String,
    /// How much of that was waited for.
    seen: usize,
    rest: Vec<u8>,
    columns: usize,
}

impl Terminal {
    /// Starts `command` at a terminal of so many columns and rows, as the program in its foreground.
    pub fn start(command: &Command, columns: usize, rows: usize) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).expect("a terminal");
        grantpt(&master).and_then(|()| unlockpt(&master)).expect("a terminal to open");
        let name = ptsname(&master, Vec::new()).expect("a name");
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let slave: OwnedFd = open(name.as_c_str(), flags, Mode::empty()).expect("its other end");
        let master = File::from(master);
        resize(&master, columns, rows);
        let mut own = Command::new("setsid");
        own.args(["--ctty", "--wait"]).arg(command.get_program()).args(command.get_args()).env_clear();
        own.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        own.current_dir(command.get_current_dir().expect("a directory"));
        let end = || Stdio::from(slave.try_clone().expect("a copy"));
        let child = own.stdin(end()).stdout(end()).stderr(end()).spawn().expect("setsid of util-linux");
        let (sender, written) = channel();
        let mut reader = master.try_clone().expect("a copy");
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(size @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..size].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self { master, child, written, raw: String::new(), seen: 0, rest: Vec::new(), columns }
    }

    /// Waits until `text` was written, after everything that was waited for before.
    pub fn wait_for(&mut self, text: &str) {
        let begun = Instant::now();
        while !self.raw[self.seen..].contains(text) {
            assert!(begun.elapsed() < PATIENCE && self.read(), "`{text}` does not come:\n{}", self.raw);
        }
        self.seen += self.raw[self.seen..].find(text).unwrap_or_default() + text.len();
    }

    /// Types.
    pub fn write(&mut self, text: &str) {
        self.master.write_all(text.as_bytes()).expect("the terminal is there");
    }

    /// Gives it another size.
    pub fn resize(&mut self, columns: usize, rows: usize) {
        resize(&self.master, columns, rows);
        self.columns = columns;
    }

    /// Waits for the end; the exit code.
    pub fn end(&mut self) -> i32 {
        while self.read() {}
        self.child.wait().expect("it ends").code().expect("it is not killed")
    }

    /// What is on the screen and above it, line by line.
    pub fn lines(&self) -> Vec<String> {
        screen(&self.raw, self.columns)
    }

    fn read(&mut self) -> bool {
        match self.written.recv_timeout(PATIENCE) {
            Ok(bytes) => {
                self.rest.extend(bytes);
                let whole = match std::str::from_utf8(&self.rest) {
                    Ok(_) => self.rest.len(),
                    Err(error) => error.valid_up_to(),
                };
                self.raw.push_str(&String::from_utf8_lossy(&self.rest[..whole]));
                self.rest.drain(..whole);
                true
            }
            Err(RecvTimeoutError::Disconnected) => false,
            Err(RecvTimeoutError::Timeout) => panic!("nothing comes any more:\n{}", self.raw),
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn resize(master: &File, columns: usize, rows: usize) {
    let size = |length: usize| u16::try_from(length).expect("a size");
    let size = Winsize { ws_row: size(rows), ws_col: size(columns), ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(master, size).expect("a terminal has a size");
}
