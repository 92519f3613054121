//! The ports of EXPOSE.

/// The ports that one word means, as `port/protocol`. An address and a port of the host are read and dropped.
pub(in crate::model) fn expand(text: &str) -> Result<Vec<String>, String> {
    let (address, host, container) = split(text);
    let (range, protocol) = container.split_once('/').unwrap_or((container, ""));
    let protocol = if protocol.is_empty() { "tcp".to_owned() } else { protocol.to_lowercase() };
    if range.is_empty() {
        return Err(format!("`{text}` has no port"));
    }
    if !["tcp", "udp", "sctp"].contains(&protocol.as_str()) {
        return Err(format!("`{protocol}` is no protocol: tcp, udp or sctp"));
    }
    if !is_address(address) {
        return Err(format!("`{address}` is no address"));
    }
    let (start, end) = ports(range)?;
    if !host.is_empty() {
        let (host_start, host_end) = ports(host)?;
        if end != start && host_end - host_start != end - start {
            return Err(format!("the ranges `{host}` and `{range}` differ in length"));
        }
    }
    Ok((start..=end).map(|port| format!("{port}/{protocol}")).collect())
}

/// `[address:][host:]container`; an address may have colons of its own.
fn split(text: &str) -> (&str, &str, &str) {
    let Some((rest, container)) = text.rsplit_once(':') else { return ("", "", text) };
    let (address, host) = rest.rsplit_once(':').unwrap_or(("", rest));
    (address, host, container)
}

fn is_address(text: &str) -> bool {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    text.is_empty() || bare.parse::<std::net::IpAddr>().is_ok()
}

fn ports(range: &str) -> Result<(u32, u32), String> {
    let (start, end) = range.split_once('-').unwrap_or((range, range));
    let (start, end) = (port(start)?, port(end)?);
    if end < start { Err(format!("the range `{range}` runs backwards")) } else { Ok((start, end)) }
}

fn port(text: &str) -> Result<u32, String> {
    let number = text.parse::<u32>().ok().filter(|number| *number <= 65_535);
    number.ok_or_else(|| format!("`{text}` is no port: a number from 0 to 65535"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_expanded() {
        for (text, ports) in [
            ("80", vec!["80/tcp"]),
            ("53/UDP", vec!["53/udp"]),
            ("8000-8002", vec!["8000/tcp", "8001/tcp", "8002/tcp"]),
            ("8080:80", vec!["80/tcp"]),
            ("127.0.0.1:8080:80/sctp", vec!["80/sctp"]),
            ("[::1]:8080:80", vec!["80/tcp"]),
            ("8000-8010:80", vec!["80/tcp"]),
            ("0", vec!["0/tcp"]),
            ("80/", vec!["80/tcp"]),
        ] {
            assert_eq!(expand(text), Ok(ports.into_iter().map(str::to_owned).collect()), "{text}");
        }
    }

    #[test]
    fn what_is_no_port_is_refused() {
        for text in ["", "http", "80/icmp", "65536", "-1", "90-80", "/tcp", "x:1:80", "1-3:80-81", "80:"] {
            assert!(expand(text).is_err(), "{text}");
        }
    }
}
