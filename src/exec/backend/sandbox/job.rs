//! What rplan and its sandbox helper say to each other: one [`Job`] in, one or more [`Report`]s out, a JSON line each.
//!
//! Nothing here is stable between versions; both ends are the same binary.

use std::fs;

use serde::{Deserialize, Serialize};

use super::super::{Network, PreparedRun};
use super::HOSTNAME;

/// Everything the helper needs; it looks at nothing else of its surroundings.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Job {
    pub(super) run: PreparedRun,
    /// Whether the helper's standard output is a terminal that the command is to have for its own.
    pub(super) at_terminal: bool,
    /// What the step sees as `/etc/hosts`.
    pub(super) hosts: String,
    /// What the step sees as `/etc/resolv.conf`.
    pub(super) resolv_conf: String,
}

impl Job {
    /// The job for `run` on this machine.
    pub(super) fn new(run: &PreparedRun) -> Self {
        let mut hosts = format!("127.0.0.1\tlocalhost {HOSTNAME}\n::1\tlocalhost ip6-localhost ip6-loopback\n");
        if run.network == Network::Host {
            // On the host's network a step reaches what the host reaches, by the same names.
            hosts.push_str(&fs::read_to_string("/etc/hosts").unwrap_or_default());
        }
        for (name, address) in &run.allowance.hosts {
            hosts.push_str(&format!("{address}\t{name}\n"));
        }
        let resolv_conf = fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
        Self { run: run.clone(), at_terminal: false, hosts, resolv_conf }
    }
}

/// How it went. The first one said is the one that counts.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Report {
    /// The command ended; 128 + n for signal n.
    Ended { code: i32 },
    /// Something before the command did not work.
    CouldNotStart { why: String },
}

/// An operation of the helper that did not work, in a sentence.
#[derive(Debug)]
pub(super) struct Failure(pub(super) String);

/// Turns an error into a [`Failure`] that names what was being done.
pub(super) trait During<T> {
    fn during(self, what: &str) -> Result<T, Failure>;
}

impl<T, E: std::fmt::Display> During<T> for Result<T, E> {
    fn during(self, what: &str) -> Result<T, Failure> {
        self.map_err(|error| Failure(format!("{what}: {error}")))
    }
}
