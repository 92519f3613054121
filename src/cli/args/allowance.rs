//! What `build` lets its steps have of the machine: names, limits, and what reaches beyond their sandboxes.

use std::net::IpAddr;

use clap::{Args, ValueEnum};

use crate::model::byte_size;

/// What steps are allowed.
#[derive(Debug, Args)]
#[command(next_help_heading = "What RUN is allowed (never part of a key)")]
pub(in crate::cli) struct AllowanceArgs {
    /// Let RUN do what its file asks for beyond its sandbox; repeatable
    #[arg(long = "allow", value_name = "ENTITLEMENT", value_enum, value_delimiter = ',')]
    pub(in crate::cli) allowed: Vec<EntitlementName>,

    /// A line of /etc/hosts for RUN; `host-gateway` is this machine; repeatable
    #[arg(long = "add-host", value_name = "HOST:IP", value_parser = host)]
    pub(in crate::cli) hosts: Vec<(String, String)>,

    /// A limit of each process, as `nofile=1024:4096`; -1 is no limit; repeatable
    #[arg(long = "ulimit", value_name = "NAME=SOFT[:HARD]", value_parser = ulimit)]
    pub(in crate::cli) ulimits: Vec<UlimitSpec>,

    /// How much memory all steps have together, where control groups can tell
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(in crate::cli) memory: Option<u64>,

    /// How many processors all steps have together, as 1.5, where control groups can tell
    #[arg(long, value_name = "N", value_parser = millicpus)]
    pub(in crate::cli) cpus: Option<u64>,

    /// The control group below which the steps are, made where it is missing; where rplan itself is when left out
    #[arg(long, value_name = "GROUP")]
    pub(in crate::cli) cgroup_parent: Option<String>,

    /// The size of /dev/shm [default: 64m]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(in crate::cli) shm_size: Option<u64>,
}

/// What can be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum EntitlementName {
    /// RUN --network=host in a build without network
    #[value(name = "network.host")]
    NetworkHost,
    /// RUN --security=insecure: every capability and system call
    #[value(name = "security.insecure")]
    SecurityInsecure,
    /// RUN --device: what the CDI specifications in /etc/cdi and /var/run/cdi describe
    Device,
}

/// One `--ulimit`, as typed; no number is no limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct UlimitSpec {
    /// Of what.
    pub(in crate::cli) name: String,
    /// What is in force.
    pub(in crate::cli) soft: Option<u64>,
    /// Up to where it may be raised.
    pub(in crate::cli) hard: Option<u64>,
}

/// The names that setrlimit(2) has for what can be limited.
pub(in crate::cli) const LIMITED: [&str; 15] = [
    "core",
    "cpu",
    "data",
    "fsize",
    "locks",
    "memlock",
    "msgqueue",
    "nice",
    "nofile",
    "nproc",
    "rss",
    "rtprio",
    "rttime",
    "sigpending",
    "stack",
];

/// As docker: a colon or an equals sign between both, brackets around an address of version 6 or not.
fn host(text: &str) -> Result<(String, String), String> {
    let expected = || "expected HOST:IP, as db:10.0.0.7".to_owned();
    let (name, address) = text.split_once('=').or_else(|| text.split_once(':')).ok_or_else(expected)?;
    if name.is_empty() || name.contains(char::is_whitespace) {
        return Err(expected());
    }
    // A step on the host's network is where the host is.
    let address = if address == "host-gateway" { "127.0.0.1" } else { address };
    let bare = address.strip_prefix('[').and_then(|bare| bare.strip_suffix(']')).unwrap_or(address);
    match bare.parse::<IpAddr>() {
        Ok(address) => Ok((name.to_owned(), address.to_string())),
        Err(_) => Err(format!("`{address}` is no address: {}", expected())),
    }
}

fn ulimit(text: &str) -> Result<UlimitSpec, String> {
    let (name, limits) = text.split_once('=').ok_or("expected NAME=SOFT[:HARD], as nofile=1024:4096")?;
    if !LIMITED.contains(&name) {
        return Err(format!("`{name}` is no limit: expected one of {}", LIMITED.join(", ")));
    }
    let (soft, hard) = limits.split_once(':').unwrap_or((limits, limits));
    let number = |text: &str| match text {
        "-1" | "unlimited" => Ok(None),
        text => text.parse().map(Some).map_err(|_| format!("`{text}` is no limit: expected a number, or -1 for none")),
    };
    let (soft, hard) = (number(soft)?, number(hard)?);
    if hard.is_some_and(|hard| soft.is_none_or(|soft| soft > hard)) {
        return Err("the soft limit is above the hard one".to_owned());
    }
    Ok(UlimitSpec { name: name.to_owned(), soft, hard })
}

/// Thousandths of a processor.
fn millicpus(text: &str) -> Result<u64, String> {
    let number = text.parse::<f64>().ok().filter(|number| (0.01..=100_000.0).contains(number));
    number.map(|number| (number * 1000.0).round() as u64).ok_or_else(|| "expected a number, as 2 or 0.5".to_owned())
}

fn size(text: &str) -> Result<u64, String> {
    byte_size(text).filter(|&size| size > 0).ok_or_else(|| "expected a size, as 64m or 1GiB".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_read_as_docker_reads_them() {
        let read = |text: &str| host(text).map(|(name, address)| format!("{name} {address}"));
        assert_eq!(read("db:10.0.0.7").as_deref(), Ok("db 10.0.0.7"));
        assert_eq!(read("db=::1").as_deref(), Ok("db ::1"));
        assert_eq!(read("db:[2001:db8::1]").as_deref(), Ok("db 2001:db8::1"));
        assert_eq!(read("up:host-gateway").as_deref(), Ok("up 127.0.0.1"));
        for wrong in ["db", "db:", ":1.2.3.4", "d b:1.2.3.4", "db:1.2.3", "db:1.2.3.4\n6.6.6.6 evil"] {
            assert!(host(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn processors_are_counted_in_thousandths() {
        assert_eq!((millicpus("2"), millicpus("0.5")), (Ok(2000), Ok(500)));
        for wrong in ["0", "-1", "x", "NaN", "inf", ""] {
            assert!(millicpus(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn limits_have_a_soft_and_a_hard_side() {
        let read = |text: &str| ulimit(text).map(|limit| (limit.soft, limit.hard));
        assert_eq!(read("nofile=1024:4096"), Ok((Some(1024), Some(4096))));
        assert_eq!(read("core=0"), Ok((Some(0), Some(0))));
        assert_eq!(read("nproc=-1"), Ok((None, None)));
        for wrong in ["nofile", "nofile=x", "files=1", "nofile=2:1", "nofile=-1:1", "nofile="] {
            assert!(ulimit(wrong).is_err(), "{wrong}");
        }
    }
}
