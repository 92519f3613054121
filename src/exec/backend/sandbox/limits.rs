//! Limits of each process of a step, as `--ulimit` sets them.

use rustix::process::{Resource as Kind, Rlimit, setrlimit};

use super::super::allowance::{Resource, Ulimit};
use super::job::{During, Failure};

/// Sets `limits` for this process and all it starts.
pub(super) fn apply(limits: &[Ulimit]) -> Result<(), Failure> {
    limits.iter().try_for_each(|limit| {
        let Ulimit { resource, soft, hard } = *limit;
        let wanted = Rlimit { current: soft, maximum: hard };
        setrlimit(kind(resource), wanted)
            .during(&format!("set --ulimit {resource:?} (only a privileged user raises one)"))
    })
}

fn kind(resource: Resource) -> Kind {
    match resource {
        Resource::Core => Kind::Core,
        Resource::Cpu => Kind::Cpu,
        Resource::Data => Kind::Data,
        Resource::Fsize => Kind::Fsize,
        Resource::Locks => Kind::Locks,
        Resource::Memlock => Kind::Memlock,
        Resource::Msgqueue => Kind::Msgqueue,
        Resource::Nice => Kind::Nice,
        Resource::Nofile => Kind::Nofile,
        Resource::Nproc => Kind::Nproc,
        Resource::Rss => Kind::Rss,
        Resource::Rtprio => Kind::Rtprio,
        Resource::Rttime => Kind::Rttime,
        Resource::Sigpending => Kind::Sigpending,
        Resource::Stack => Kind::Stack,
    }
}
