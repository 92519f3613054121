//! HTTP as registries speak it: one client a host, bounded bodies, and redirects that carry no login elsewhere.

use std::path::PathBuf;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Response, Url};

use super::super::error::{Error, Result};
use super::failure::Failure;
use super::host::Host;
use super::trust::Trust;

const USER_AGENT: &str = concat!("rplan/", env!("CARGO_PKG_VERSION"));
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
/// How long a connection may be silent.
const READ_TIMEOUT: Duration = Duration::from_secs(60);
const MOST_REDIRECTS: usize = 10;

/// Docker Hub's name in image names is not that of its registry.
const DOCKER_HUB: (&str, &str) = ("docker.io", "registry-1.docker.io");

/// A client, and where the registry's addresses begin.
pub(super) struct Wire {
    pub(super) http: Client,
    /// `https://host/v2/`
    base: Url,
}

impl Wire {
    /// The way to `host`, with the certificates that `folders` hold for it.
    pub(super) fn to(host: &Host, folders: &[PathBuf]) -> Result<Self> {
        let trust = Trust::of(&host.name, folders)?;
        let plain = host.is_plain(trust.is_some());
        let failed = |why: String| Error::Registry { registry: host.name.clone(), why };
        let mut builder = Client::builder()
            .user_agent(USER_AGENT)
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(READ_TIMEOUT)
            .redirect(redirects(plain));
        if let Some(trust) = trust {
            let config = trust.into_config().map_err(|error| failed(format!("cannot be spoken to: {error}")))?;
            builder = builder.tls_backend_preconfigured(config);
        }
        if host.local {
            // No proxy can reach this machine.
            builder = builder.no_proxy();
        }
        let http = builder.build().map_err(|error| failed(format!("cannot be spoken to: {}", Failure::from(error))))?;
        let scheme = if plain { "http" } else { "https" };
        let name = if host.name == DOCKER_HUB.0 { DOCKER_HUB.1 } else { &host.name };
        let base = Url::parse(&format!("{scheme}://{name}/v2/"));
        Ok(Self { http, base: base.map_err(|error| failed(format!("is no host: {error}")))? })
    }

    /// The address of `path` in `repository`.
    pub(super) fn address(&self, repository: &str, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("/v2/{repository}/{path}"));
        url
    }

    /// Where the registry says an upload goes on: on its own host, or elsewhere.
    pub(super) fn follow(&self, location: &str) -> std::result::Result<Url, Failure> {
        let url =
            self.base.join(location).map_err(|error| Failure::Nonsense(format!("it sent `{location}`: {error}")))?;
        match (self.base.scheme(), url.scheme()) {
            ("https", "https") | ("http", "http" | "https") => Ok(url),
            (_, scheme) => Err(Failure::Nonsense(format!("it wanted what it is sent to go over {scheme}"))),
        }
    }

    /// Whether `url` is the registry itself: only there its login is shown.
    pub(super) fn is_home(&self, url: &Url) -> bool {
        url.origin() == self.base.origin()
    }

    /// Whether everything goes unencrypted.
    pub(super) fn is_plain(&self) -> bool {
        self.base.scheme() == "http"
    }
}

/// The client takes the login off a request that is sent to another host; here, encryption stays on as well.
fn redirects(plain: bool) -> Policy {
    Policy::custom(move |attempt| {
        if attempt.previous().len() > MOST_REDIRECTS {
            return attempt.error("it sends from one address to the next without end");
        }
        match attempt.url().scheme() {
            "https" => attempt.follow(),
            "http" if plain => attempt.follow(),
            _ => attempt.error("it sends to an address that is not encrypted"),
        }
    })
}

/// The whole body of an answer, which may have `limit` bytes.
pub(super) async fn body_within(mut response: Response, limit: usize) -> std::result::Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > limit {
            return Err(Failure::Nonsense(format!("it answered with more than the {limit} bytes that this may have")));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
