//! Starting a helper and waiting for it: passing its output on line by line, and ending it when time is up or the build
//! is called off.

use std::ffi::OsStr;
use std::io::{self, PipeReader, Read, Write};
use std::net::Shutdown;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::super::{Io, Status};
use super::helper::MARKER;
use super::job::{Job, Report};

/// A helper.
#[derive(Debug)]
pub(super) struct Started {
    pub(super) child: Child,
    pub(super) control: UnixStream,
    pub(super) output: PipeReader,
}

/// How long a helper may take to tidy up after it was told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// Output lines longer than this are passed on in pieces.
const LONGEST_LINE: usize = 64 * 1024;

impl Started {
    /// One that waits for its job, and writes to `terminal`, or where there is none, to be read here.
    pub(super) fn new(program: &OsStr, terminal: Option<OwnedFd>) -> io::Result<Self> {
        let (control, theirs) = UnixStream::pair()?;
        let (output, writer) = io::pipe()?;
        let writer = terminal.unwrap_or(writer.into());
        let child = Command::new(program)
            .arg0("rplan")
            .arg(MARKER)
            .env_clear()
            // A Ctrl-C at the terminal reaches rplan alone, which then ends its steps in order.
            .process_group(0)
            .stdin(OwnedFd::from(theirs))
            .stdout(writer.try_clone()?)
            .stderr(writer)
            .spawn()?;
        Ok(Self { child, control, output })
    }

    /// Gives it its job.
    pub(super) fn hand(&mut self, job: &Job) -> io::Result<()> {
        let mut line = serde_json::to_vec(job).map_err(io::Error::other)?;
        line.push(b'\n');
        self.control.write_all(&line)
    }

    /// Ends it, as there is no job for it.
    pub(super) fn dismiss(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Passes output on until the step is over, and says how it ended.
    pub(super) fn follow(mut self, timeout: Option<Duration>, io: &mut Io<'_>) -> Status {
        let begun = Instant::now();
        let mut lines = Lines::default();
        let mut reports = Vec::new();
        let (mut output_open, mut control_open) = (true, true);
        let mut stopped: Option<(Status, Instant)> = None;
        while output_open || control_open {
            let due = match &stopped {
                Some((_, since)) => Some(*since + GRACE),
                None => timeout.map(|timeout| begun + timeout),
            };
            let ready = self.wait(output_open, control_open, stopped.is_none().then_some(io.cancel), due);
            if ready.output {
                output_open = lines.pass_on(&mut self.output, io.line);
            }
            if ready.control {
                control_open = read_some(&mut self.control, &mut reports);
            }
            let overdue = due.is_some_and(|due| Instant::now() >= due);
            match &stopped {
                None if ready.cancelled => stopped = Some((self.stop(Status::Cancelled), Instant::now())),
                None if overdue => stopped = Some((self.stop(Status::TimedOut), Instant::now())),
                // Killing the helper kills the step's first process, and with that all of them.
                Some(_) if overdue => {
                    let _ = self.child.kill();
                    break;
                }
                _ => {}
            }
        }
        lines.finish(io.line);
        let exit = self.child.wait();
        match stopped {
            Some((status, _)) => status,
            None => status_of(&reports, exit),
        }
    }

    /// Asks the helper to end everything inside.
    fn stop(&self, status: Status) -> Status {
        let _ = self.control.shutdown(Shutdown::Write);
        status
    }

    fn wait(&self, output: bool, control: bool, cancel: Option<&super::super::Cancel>, due: Option<Instant>) -> Ready {
        let waiting = PollFlags::IN;
        let nothing = PollFlags::empty();
        let mut fds = vec![
            PollFd::from_borrowed_fd(self.output.as_fd(), if output { waiting } else { nothing }),
            PollFd::from_borrowed_fd(self.control.as_fd(), if control { waiting } else { nothing }),
        ];
        // A closed descriptor reports its hang-up for ever: leave those out that are done with.
        let mut order = vec![0, 1];
        if !control {
            fds.remove(1);
            order.remove(1);
        }
        if !output {
            fds.remove(0);
            order.remove(0);
        }
        if let Some(cancel) = cancel {
            fds.push(PollFd::from_borrowed_fd(cancel.as_fd(), waiting));
            order.push(2);
        }
        let timeout = due.map(|due| {
            let left = due.saturating_duration_since(Instant::now());
            Timespec { tv_sec: left.as_secs() as i64, tv_nsec: i64::from(left.subsec_nanos()) }
        });
        let mut ready = Ready::default();
        // An interrupted wait is an early look, nothing more.
        if poll(&mut fds, timeout.as_ref()).is_ok() {
            for (fd, source) in fds.iter().zip(order) {
                let is_ready = !fd.revents().is_empty();
                match source {
                    0 => ready.output = is_ready,
                    1 => ready.control = is_ready,
                    _ => ready.cancelled = is_ready,
                }
            }
        }
        ready
    }
}

#[derive(Default)]
struct Ready {
    output: bool,
    control: bool,
    cancelled: bool,
}

fn status_of(reports: &[u8], exit: io::Result<std::process::ExitStatus>) -> Status {
    let first = reports.split(|&byte| byte == b'\n').next().unwrap_or_default();
    match serde_json::from_slice(first) {
        Ok(Report::Ended { code: 0 }) => Status::Succeeded,
        Ok(Report::Ended { code }) => Status::Failed { code },
        Ok(Report::CouldNotStart { why }) => Status::CouldNotStart { why },
        Err(_) => {
            let exit = exit.map_or_else(|error| error.to_string(), |exit| exit.to_string());
            Status::CouldNotStart { why: format!("the sandbox helper ended without a report ({exit})") }
        }
    }
}

/// Appends what is there; whether there may be more.
fn read_some(from: &mut impl Read, to: &mut Vec<u8>) -> bool {
    let mut buffer = [0; 4096];
    match from.read(&mut buffer) {
        Ok(0) => false,
        Ok(size) => {
            to.extend_from_slice(&buffer[..size]);
            true
        }
        Err(error) => error.kind() == io::ErrorKind::Interrupted,
    }
}

/// Cuts a stream into lines.
#[derive(Default)]
struct Lines {
    rest: Vec<u8>,
}

impl Lines {
    /// Passes on the lines that are complete; whether there may be more.
    fn pass_on(&mut self, from: &mut impl Read, line: &mut dyn FnMut(&[u8])) -> bool {
        let mut buffer = [0; 32 * 1024];
        let size = match from.read(&mut buffer) {
            Ok(0) => return false,
            Ok(size) => size,
            Err(error) => return error.kind() == io::ErrorKind::Interrupted,
        };
        for piece in buffer[..size].split_inclusive(|&byte| byte == b'\n') {
            self.rest.extend_from_slice(piece);
            if self.rest.last() == Some(&b'\n') {
                self.rest.pop();
                self.flush(line);
            } else if self.rest.len() >= LONGEST_LINE {
                self.flush(line);
            }
        }
        true
    }

    /// Passes on a last line that never got its newline.
    fn finish(&mut self, line: &mut dyn FnMut(&[u8])) {
        if !self.rest.is_empty() {
            self.flush(line);
        }
    }

    fn flush(&mut self, line: &mut dyn FnMut(&[u8])) {
        line(self.rest.strip_suffix(b"\r").unwrap_or(&self.rest));
        self.rest.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(mut stream: &[u8]) -> Vec<String> {
        let mut got = Vec::new();
        let mut collect = |line: &[u8]| got.push(String::from_utf8_lossy(line).into_owned());
        let mut lines = Lines::default();
        while lines.pass_on(&mut stream, &mut collect) {}
        lines.finish(&mut collect);
        got
    }

    #[test]
    fn output_is_cut_into_lines() {
        assert_eq!(lines(b"one\r\n\ntwo\nrest"), ["one", "", "two", "rest"]);
        assert_eq!(lines(b""), Vec::<String>::new());
    }

    #[test]
    fn an_endless_line_comes_in_pieces() {
        let pieces = lines(&[b'x'; 3 * LONGEST_LINE]);
        assert!(pieces.len() >= 3 && pieces.iter().map(String::len).sum::<usize>() == 3 * LONGEST_LINE);
    }

    #[test]
    fn the_first_report_counts() {
        let said = br#"{"could_not_start":{"why":"no /bin/sh"}}
{"ended":{"code":127}}
"#;
        let exit = || Err(io::Error::other("unused"));
        assert_eq!(status_of(said, exit()), Status::CouldNotStart { why: "no /bin/sh".into() });
        assert_eq!(status_of(b"{\"ended\":{\"code\":0}}\n", exit()), Status::Succeeded);
        assert!(matches!(status_of(b"", exit()), Status::CouldNotStart { .. }));
    }
}
