//! Files from web servers: asked for only when they have changed, checked, and kept as blobs.
//!
//! Is not told what a file is for. A server that gives an ETag or a Last-Modified is asked whether the file is still
//! the same; from one that gives neither it is taken anew each time and told by its digest.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Once;
use std::time::{Duration, SystemTime};

use reqwest::header::{AUTHORIZATION, ETAG, HeaderMap, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use reqwest::{Client, Response, StatusCode, Url};
use serde::{Deserialize, Serialize};
use tokio::runtime::Builder;

use super::super::error::{Error, Result};
use super::{Fetcher, secrets};
use crate::digest::{Digest, Hasher};
use crate::store::{Kind, Record, Store};
use crate::text::{Span, Spanned};

const USER_AGENT: &str = concat!("rplan/", env!("CARGO_PKG_VERSION"));
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
const READ_TIMEOUT: Duration = Duration::from_secs(60);
/// How often a server is asked that is busy or breaks the connection.
const ATTEMPTS: u32 = 4;

/// A file that is whole in the store.
pub(in crate::exec) struct WebFile {
    url: Url,
    pub(super) name: String,
    pub(in crate::exec) content: Digest,
    pub(super) size: u64,
    modified: i64,
}

/// What is remembered of a file by its address.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Remembered {
    content: Digest,
    size: u64,
    etag: Option<String>,
    last_modified: Option<String>,
}

/// What `url` is now, in the store.
pub(super) fn pin(fetcher: &Fetcher<'_>, url: &str, checksum: Option<&Spanned<String>>, span: Span) -> Result<WebFile> {
    let wrong = |message: String, span: Span| Error::Wrong { message, span: Some(span) };
    let url = Url::parse(url).map_err(|error| wrong(format!("`{url}` is no URL: {error}"), span))?;
    let expected = checksum.map(|checksum| {
        let parsed = checksum.value.parse::<Digest>();
        parsed.map_err(|_| wrong(format!("`{}` is not sha256: and 64 digits", checksum.value), checksum.span))
    });
    let expected = expected.transpose()?;
    let key = key(&url);
    let known = recall(fetcher.store, &key)?;
    let found = match (known, expected) {
        // Which file it must be is known, and it is here.
        (Some(known), Some(expected)) if known.content == expected => known,
        (known, expected) => {
            let request = Request { fetcher, url: &url, known: known.as_ref(), span };
            let found = request.fetch()?;
            if let Some(expected) = expected.filter(|expected| *expected != found.content) {
                let message = format!("{} is {}, not {expected}", shown(&url), found.content);
                return Err(wrong(message, checksum.map_or(span, |checksum| checksum.span)));
            }
            let detail = serde_json::to_value(&found).expect("what is remembered has only string keys");
            let record = Record { blobs: vec![found.content], detail, ..Record::default() };
            fetcher.store.records.put(Kind::Source, &key, &record)?;
            found
        }
    };
    let modified = found.last_modified.as_deref().and_then(seconds).unwrap_or(0);
    Ok(WebFile { name: name(&url), url, content: found.content, size: found.size, modified })
}

impl WebFile {
    pub(super) fn identify(&self, hasher: &mut Hasher) {
        hasher.field("file");
        hasher.field(&self.name);
        hasher.field(self.content.as_bytes());
    }

    pub(super) fn shown(&self) -> String {
        shown(&self.url)
    }

    /// Puts it into `directory` under its name, for its owner alone to read.
    pub(super) fn lay_out(&self, store: &Store, directory: &Path) -> Result<()> {
        let failed = || Error::io(format!("write {}", self.name));
        let gone = || failed()(std::io::Error::other("it was removed from the store meanwhile"));
        let mut blob = store.blobs.open(&self.content)?.ok_or_else(gone)?;
        let mut file = File::create_new(directory.join(&self.name)).map_err(failed())?;
        std::io::copy(&mut blob, &mut file).map_err(failed())?;
        file.set_permissions(fs::Permissions::from_mode(0o600)).map_err(failed())?;
        let modified = SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(self.modified).unwrap_or(0));
        file.set_modified(modified).map_err(failed())
    }
}

/// One question to a server, and what is known already.
struct Request<'a> {
    fetcher: &'a Fetcher<'a>,
    url: &'a Url,
    known: Option<&'a Remembered>,
    span: Span,
}

/// Why a try gave nothing.
enum Trouble {
    /// It may pass.
    Passing(String),
    /// It will not.
    Final(Error),
}

impl Request<'_> {
    fn fetch(&self) -> Result<Remembered> {
        let runtime = Builder::new_current_thread().enable_all().build().map_err(Error::io("use the network"))?;
        let client = self.client()?;
        let mut attempt = 1;
        loop {
            match runtime.block_on(self.once(&client)) {
                Ok(found) => return Ok(found),
                Err(Trouble::Final(error)) => return Err(error),
                Err(Trouble::Passing(why)) if attempt == ATTEMPTS => return Err(self.failed(&why)),
                Err(Trouble::Passing(why)) => {
                    tracing::debug!(url = shown(self.url), attempt, why, "trying again");
                    std::thread::sleep(Duration::from_millis(200) * 2u32.pow(attempt - 1));
                    attempt += 1;
                }
            }
        }
    }

    fn client(&self) -> Result<Client> {
        static TLS: Once = Once::new();
        // Fails only when the program has chosen already, and then that choice is as good.
        TLS.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
        let client =
            Client::builder().user_agent(USER_AGENT).connect_timeout(CONNECT_TIMEOUT).read_timeout(READ_TIMEOUT);
        // This machine is what no proxy can reach.
        let client = if is_local(self.url) { client.no_proxy() } else { client };
        client.build().map_err(|error| self.failed(&in_full(&error)))
    }

    async fn once(&self, client: &Client) -> std::result::Result<Remembered, Trouble> {
        let headers = self.headers().map_err(Trouble::Final)?;
        let sent = client.get(self.url.clone()).headers(headers).send().await;
        let response = sent.map_err(|error| Trouble::Passing(in_full(&error.without_url())))?;
        match (response.status(), self.known) {
            (StatusCode::NOT_MODIFIED, Some(known)) => return Ok(known.clone()),
            (status, _) if status.is_success() => {}
            (status, _) if matches!(status.as_u16(), 408 | 429 | 500..) => {
                return Err(Trouble::Passing(format!("the server answered {status}")));
            }
            (status @ (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN), _) => {
                let host = self.url.host_str().unwrap_or_default();
                let why = format!("the server answered {status}; --secret id=HTTP_AUTH_TOKEN_{host},src=FILE logs in");
                return Err(Trouble::Final(self.failed(&why)));
            }
            (status, _) => return Err(Trouble::Final(self.failed(&format!("the server answered {status}")))),
        }
        self.keep(response).await
    }

    /// Takes the answer into the store.
    async fn keep(&self, mut response: Response) -> std::result::Result<Remembered, Trouble> {
        let (etag, last_modified) = (text(response.headers(), ETAG), text(response.headers(), LAST_MODIFIED));
        let mut blob = self.fetcher.store.blobs.create().map_err(|error| Trouble::Final(error.into()))?;
        loop {
            if self.fetcher.cancel.is_cancelled() {
                return Err(Trouble::Final(Error::Cancelled));
            }
            match response.chunk().await {
                Ok(Some(chunk)) => {
                    let kept = blob.write_all(&chunk).map_err(Error::io(format!("keep {}", shown(self.url))));
                    kept.map_err(Trouble::Final)?;
                }
                Ok(None) => break,
                Err(error) => return Err(Trouble::Passing(in_full(&error.without_url()))),
            }
        }
        let (content, size) = blob.finish().map_err(|error| Trouble::Final(error.into()))?;
        Ok(Remembered { content, size, etag, last_modified })
    }

    fn headers(&self) -> Result<HeaderMap> {
        let mut headers = HeaderMap::new();
        if let Some(known) = self.known {
            set(&mut headers, IF_NONE_MATCH, known.etag.as_deref());
            set(&mut headers, IF_MODIFIED_SINCE, known.last_modified.as_deref());
        }
        let host = self.url.host_str().unwrap_or_default();
        let ids = [format!("HTTP_AUTH_HEADER_{host}"), format!("HTTP_AUTH_TOKEN_{host}")];
        let authorization = secrets::authorization(self.fetcher.settings, &ids, |token| format!("Bearer {token}"))?;
        set(&mut headers, AUTHORIZATION, authorization.as_deref());
        Ok(headers)
    }

    fn failed(&self, why: &str) -> Error {
        Error::Fetch { what: shown(self.url), why: why.to_owned(), span: self.span }
    }
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: Option<&str>) {
    if let Some(Ok(value)) = value.map(str::parse) {
        headers.insert(name, value);
    }
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// What is remembered under `key`, if the file is still here.
fn recall(store: &Store, key: &Digest) -> Result<Option<Remembered>> {
    let Some(record) = store.records.get(Kind::Source, key)? else { return Ok(None) };
    let Ok(remembered) = serde_json::from_value::<Remembered>(record.detail) else { return Ok(None) };
    Ok(store.blobs.size(&remembered.content)?.map(|_| remembered))
}

fn key(url: &Url) -> Digest {
    let mut hasher = Hasher::new();
    hasher.field("url");
    hasher.field(url.as_str());
    hasher.finish()
}

/// The last name of its path, as BuildKit takes it; what the server would call it does not count.
fn name(url: &Url) -> String {
    let path = percent_encoding::percent_decode_str(url.path()).decode_utf8_lossy();
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let is_name = !matches!(last, "" | "." | "..") && !last.contains('\0');
    if is_name { last.to_owned() } else { "__unnamed__".to_owned() }
}

/// The address without a password.
fn shown(url: &Url) -> String {
    let mut url = url.clone();
    // Fails only for addresses that cannot have one.
    let _ = url.set_password(None);
    url.to_string()
}

fn is_local(url: &Url) -> bool {
    match url.host_str() {
        Some("localhost") => true,
        Some(host) => host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback()),
        None => false,
    }
}

/// A date as servers write it, in seconds since 1970.
fn seconds(date: &str) -> Option<i64> {
    jiff::fmt::rfc2822::parse(date).ok().map(|zoned| zoned.timestamp().as_second())
}

fn in_full(error: &dyn std::error::Error) -> String {
    super::super::foreman::in_full(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_called_after_the_path_of_its_url() {
        for (url, expected) in [
            ("https://x.example/a/b.tar.gz?v=1#f", "b.tar.gz"),
            ("https://x.example/a/", "a"),
            ("https://x.example", "__unnamed__"),
            ("https://x.example/a%20b", "a b"),
            ("https://x.example/a%2F..", "__unnamed__"),
            ("https://x.example/%2e%2e%2f%2e%2e%2fetc%2fpasswd", "passwd"),
            ("https://x.example/a%00b", "__unnamed__"),
        ] {
            assert_eq!(name(&Url::parse(url).expect("a URL")), expected, "{url}");
        }
    }

    #[test]
    fn dates_of_servers_are_read_and_passwords_not_shown() {
        assert_eq!(seconds("Wed, 21 Oct 2015 07:28:00 GMT"), Some(1_445_412_480));
        assert_eq!(seconds("yesterday"), None);
        assert_eq!(shown(&Url::parse("https://me:secret@x.example/a").expect("a URL")), "https://me@x.example/a");
    }
}
