//! What a step is allowed of the machine. None of it is part of a key: it decides whether a step can run, not what it
//! makes.

use serde::{Deserialize, Serialize};

/// Limits and names that every RUN of a build gets.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Allowance {
    /// `--add-host`: lines of `/etc/hosts`, a name and its address.
    pub hosts: Vec<(String, String)>,
    /// `--ulimit`
    pub ulimits: Vec<Ulimit>,
    /// `--shm-size`: bytes of `/dev/shm`; 64 MiB without one.
    pub shm_size: Option<u64>,
}

/// A limit of each process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ulimit {
    /// Of what.
    pub resource: Resource,
    /// What is in force; none for no limit.
    pub soft: Option<u64>,
    /// Up to where a process may raise it.
    pub hard: Option<u64>,
}

/// What a [`Ulimit`] counts, by the names of setrlimit(2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the manual of setrlimit(2) says what each is")]
pub enum Resource {
    Core,
    Cpu,
    Data,
    Fsize,
    Locks,
    Memlock,
    Msgqueue,
    Nice,
    Nofile,
    Nproc,
    Rss,
    Rtprio,
    Rttime,
    Sigpending,
    Stack,
}

/// Each by its name.
pub const RESOURCES: [(&str, Resource); 15] = [
    ("core", Resource::Core),
    ("cpu", Resource::Cpu),
    ("data", Resource::Data),
    ("fsize", Resource::Fsize),
    ("locks", Resource::Locks),
    ("memlock", Resource::Memlock),
    ("msgqueue", Resource::Msgqueue),
    ("nice", Resource::Nice),
    ("nofile", Resource::Nofile),
    ("nproc", Resource::Nproc),
    ("rss", Resource::Rss),
    ("rtprio", Resource::Rtprio),
    ("rttime", Resource::Rttime),
    ("sigpending", Resource::Sigpending),
    ("stack", Resource::Stack),
];
