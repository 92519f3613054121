//! Passing a step's talk with an ssh agent on to the agent of this machine.
//!
//! A socket of its own, because the agent's answers nobody but its owner, and a step may run as anybody.

use std::fs::{self, Permissions};
use std::io;
use std::net::Shutdown;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// A socket that leads to an agent for as long as this lives.
pub(super) struct Agent {
    place: PathBuf,
    is_over: Arc<AtomicBool>,
}

impl Agent {
    /// Makes a socket at `place` that leads to the one of `agent`.
    pub(super) fn forward(agent: &Path, place: &Path, mode: u32, (uid, gid): (u32, u32)) -> io::Result<Self> {
        UnixStream::connect(agent)?;
        let listener = UnixListener::bind(place)?;
        chown(place, Some(uid), Some(gid))?;
        fs::set_permissions(place, Permissions::from_mode(mode))?;
        let is_over = Arc::new(AtomicBool::new(false));
        let (agent, over) = (agent.to_owned(), Arc::clone(&is_over));
        thread::Builder::new().name("ssh-agent".to_owned()).spawn(move || serve(&listener, &agent, &over))?;
        Ok(Self { place: place.to_owned(), is_over })
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Release);
        // Wakes the thread that waits for the next one.
        let _ = UnixStream::connect(&self.place);
    }
}

fn serve(listener: &UnixListener, agent: &Path, is_over: &AtomicBool) {
    for visitor in listener.incoming() {
        if is_over.load(Ordering::Acquire) {
            return;
        }
        let Ok(visitor) = visitor else { continue };
        let Ok(agent) = UnixStream::connect(agent) else { continue };
        let Ok((back, answers)) = visitor.try_clone().and_then(|back| Ok((back, agent.try_clone()?))) else { continue };
        thread::spawn(move || pass(visitor, agent));
        thread::spawn(move || pass(answers, back));
    }
}

/// Passes on what comes until it ends on either side.
fn pass(mut from: UnixStream, mut to: UnixStream) {
    let _ = io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Write);
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use super::*;

    #[test]
    fn what_is_asked_and_answered_gets_through() {
        let directory = tempfile::tempdir().expect("a directory");
        let (agent, place) = (directory.path().join("agent"), directory.path().join("socket"));
        let listener = UnixListener::bind(&agent).expect("an agent");
        thread::spawn(move || {
            for visitor in listener.incoming() {
                let mut visitor = visitor.expect("a visitor");
                let mut question = String::new();
                visitor.read_to_string(&mut question).expect("a question");
                visitor.write_all(question.to_uppercase().as_bytes()).expect("an answer");
            }
        });
        let owner = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
        let forwarded = Agent::forward(&agent, &place, 0o600, owner).expect("a socket");
        for question in ["one", "two"] {
            let mut visitor = UnixStream::connect(&place).expect("somebody listens");
            visitor.write_all(question.as_bytes()).expect("asked");
            visitor.shutdown(Shutdown::Write).expect("all said");
            let mut answer = String::new();
            visitor.read_to_string(&mut answer).expect("answered");
            assert_eq!(answer, question.to_uppercase());
        }
        drop(forwarded);
    }

    #[test]
    fn an_agent_that_is_gone_is_an_error() {
        let directory = tempfile::tempdir().expect("a directory");
        let (agent, place) = (directory.path().join("agent"), directory.path().join("socket"));
        assert!(Agent::forward(&agent, &place, 0o600, (0, 0)).is_err());
    }
}
