//! What a step is shown besides its root, for as long as it runs and no longer.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Something that a step finds at a path of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mount {
    /// Where: absolute and clean. Made for as long as the step runs where it is missing.
    pub target: String,
    /// What.
    pub shows: Shows,
    /// Whether the step cannot write to it.
    pub is_read_only: bool,
}

/// What a mount shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shows {
    /// A directory or file of this machine.
    Tree {
        /// A directory that nothing leads out of.
        root: PathBuf,
        /// What of it, looked up when the step begins; empty for all.
        path: PathBuf,
    },
    /// A device of this machine.
    Device {
        /// Its node.
        path: PathBuf,
    },
    /// A new directory in memory.
    Memory {
        /// The most bytes it takes; without one as much as the machine lets it.
        size: Option<u64>,
    },
    /// A file in memory.
    Secret {
        /// What it holds.
        contents: Secret,
        /// Its permission bits.
        mode: u32,
        /// Its owner.
        uid: u32,
        /// Its group.
        gid: u32,
    },
}

/// Bytes that are never shown. They go from memory to memory: no file of this machine holds them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(pub Vec<u8>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
