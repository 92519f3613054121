//! The hosts of registries, and how to speak to them.

use std::net::IpAddr;

/// A registry's host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Host {
    /// Name and port.
    pub(super) name: String,
    /// Whether it speaks plain http, where the user has said so or otherwise.
    pub(super) plain: Option<bool>,
    /// Whether it is this machine, which no proxy can reach.
    pub(super) local: bool,
}

impl Host {
    /// The host `name`, plain when it is one of `plain_http`.
    pub(super) fn named(name: &str, plain_http: &[String]) -> Self {
        let plain = plain_http.iter().any(|plain| plain == name).then_some(true);
        Self { name: name.to_owned(), plain, local: is_local(name) }
    }

    /// Whether plain http is spoken to it: as the user has said, and otherwise to this machine unless certificates for
    /// it have been laid down.
    pub(super) fn is_plain(&self, has_certificates: bool) -> bool {
        self.plain.unwrap_or(self.local && !has_certificates)
    }

    /// The host of a mirror, and what goes before a repository's name there.
    pub(super) fn mirror(mirror: &str, plain_http: &[String]) -> (Self, String) {
        let (rest, said_plain) = match mirror.strip_prefix("http://") {
            Some(rest) => (rest, Some(true)),
            None => match mirror.strip_prefix("https://") {
                Some(rest) => (rest, Some(false)),
                None => (mirror, None),
            },
        };
        let (name, prefix) = rest.trim_end_matches('/').split_once('/').unwrap_or((rest.trim_end_matches('/'), ""));
        let host = Self::named(name, plain_http);
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        (Self { plain: said_plain.or(host.plain), ..host }, prefix)
    }
}

/// Whether `name` is this machine: `localhost` or a loopback address, with or without a port.
fn is_local(name: &str) -> bool {
    let host = match name.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => name.split_once(':').map_or(name, |(host, _)| host),
    };
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_and_named_hosts_are_plain() {
        let plain = |name: &str| Host::named(name, &["registry.lan:5000".to_owned()]).is_plain(false);
        for name in ["localhost", "localhost:5000", "127.0.0.1:5000", "127.9.9.9", "[::1]:5000", "registry.lan:5000"] {
            assert!(plain(name), "{name}");
        }
        for name in ["docker.io", "registry.lan", "localhost.example:5000", "10.0.0.1:5000", "[2001:db8::1]:5000"] {
            assert!(!plain(name), "{name}");
        }
    }

    #[test]
    fn this_machine_speaks_tls_where_certificates_are_laid_down() {
        assert!(!Host::named("localhost:5000", &[]).is_plain(true));
        assert!(Host::named("localhost:5000", &["localhost:5000".to_owned()]).is_plain(true), "the user says so");
    }

    #[test]
    fn a_mirror_may_have_a_scheme_and_a_prefix() {
        let mirror = |text: &str| {
            let (host, prefix) = Host::mirror(text, &[]);
            let plain = host.is_plain(false);
            (host.name, plain, prefix)
        };
        assert_eq!(mirror("mirror.example"), ("mirror.example".into(), false, String::new()));
        assert_eq!(mirror("http://mirror.example:8080/hub/"), ("mirror.example:8080".into(), true, "hub/".into()));
        assert_eq!(mirror("https://127.0.0.1:5000/a/b"), ("127.0.0.1:5000".into(), false, "a/b/".into()));
        assert_eq!(mirror("127.0.0.1:5000"), ("127.0.0.1:5000".into(), true, String::new()));
    }
}
