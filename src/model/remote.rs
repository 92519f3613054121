//! Sources of ADD that are fetched: which texts are URLs or git repositories.

/// What a source is fetched as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remote {
    /// A file from a web server.
    Url,
    /// A git repository.
    Git,
}

impl Remote {
    /// What a build context is fetched as; none for a directory.
    pub fn of_context(address: &str) -> Option<Self> {
        if address.starts_with("github.com/") { Some(Self::Git) } else { Self::of(address) }
    }

    /// What a source of ADD is fetched as; none for a path of the context.
    pub fn of(source: &str) -> Option<Self> {
        let web = source.strip_prefix("http://").or_else(|| source.strip_prefix("https://"));
        match web {
            Some(rest) => {
                let path = rest.split(['#', '?']).next().unwrap_or_default();
                Some(if path.contains('/') && path.ends_with(".git") { Remote::Git } else { Remote::Url })
            }
            None => is_repository(source).then_some(Remote::Git),
        }
    }
}

/// `git://…`, `ssh://…`, or `user@host:path`.
fn is_repository(source: &str) -> bool {
    if source.starts_with("git://") || source.starts_with("ssh://") {
        return true;
    }
    let Some((user, rest)) = source.split_once('@') else { return false };
    let Some((host, path)) = rest.split_once(':') else { return false };
    let is_word = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
    };
    is_word(user) && is_word(host) && !path.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_told_apart() {
        for (source, remote) in [
            ("https://example.com/a.tar", Some(Remote::Url)),
            ("https://example.com/a.git", Some(Remote::Git)),
            ("https://example.com/a.git#main:docs", Some(Remote::Git)),
            ("https://example.com/a.git?ref=main", Some(Remote::Git)),
            ("git@example.com:a/b", Some(Remote::Git)),
            ("ssh://git@example.com/a", Some(Remote::Git)),
            ("./https://x", None),
            ("a@b", None),
            ("src", None),
        ] {
            assert_eq!(Remote::of(source), remote, "{source}");
        }
    }
}
