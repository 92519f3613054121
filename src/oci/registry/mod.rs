//! Images in registries: pull and push over HTTP, blocking, with retries.
//!
//! Plain http is spoken to the hosts the user has named, and to the machine itself unless certificates have been laid
//! down for it; https to all others. Mirrors, plain hosts and the folders of certificates are values given by the
//! caller; credentials are those of `docker login` and `podman login`. What is pulled is verified by whoever reads it
//! through [`Verified`](super::Verified), manifests here. Blobs that are there are not sent again.
//!
//! `wire` is HTTP with its bounds, over TLS by `trust` and `verifier`; `login` answers challenges, `failure` judges
//! answers; `repository` makes requests of them, for `pull` and `push`. Invariants: no answer is read without end, a
//! login is shown to the registry and to the token server it names and to nobody else, and what is encrypted stays so
//! through redirects.

mod credentials;
mod distrust;
mod failure;
mod host;
mod login;
mod logins;
mod pull;
mod push;
mod repository;
mod trust;
mod verifier;
mod wire;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Once;

use tokio::runtime::{Builder, Runtime};

use super::error::{Error, Result};
use super::manifest::Descriptor;
pub use credentials::Credentials;
use host::Host;
pub use repository::Repository;
pub use trust::certificate_folders;

/// What the user has settled about registries.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Hosts (with port) to which plain http is spoken. The machine itself is one unless certificates are laid down for it.
    pub plain_http: Vec<String>,
    /// By host, its mirrors, asked first, in order: `host[:port][/prefix]`, `http://` before it where plain.
    pub mirrors: BTreeMap<String, Vec<String>>,
    /// Folders that hold a folder with certificates for each of some hosts; the first that knows a host counts.
    pub certificates: Vec<PathBuf>,
    /// Who to log in as.
    pub credentials: Credentials,
}

/// The way to all registries.
pub struct Registries {
    runtime: Runtime,
    settings: Settings,
}

impl Registries {
    /// Starts the few threads that the network needs.
    pub fn new(settings: Settings) -> Result<Self> {
        static TLS: Once = Once::new();
        // Fails only when the program has chosen already, and then that choice is as good.
        TLS.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
        let runtime = Builder::new_multi_thread().worker_threads(2).thread_name("registry").enable_all().build();
        Ok(Self { runtime: runtime.map_err(Error::io("starting the network threads"))?, settings })
    }

    /// The repository at `host` (`docker.io` for Docker Hub), to push to or to pull from.
    pub fn repository(&self, host: &str, repository: &str) -> Result<Repository<'_>> {
        Repository::connect(self, Host::named(host, &self.settings.plain_http), repository)
    }

    /// Finds what `reference` (a tag or a digest) names. The host's mirrors are asked first; one that cannot help is
    /// passed over.
    pub fn find(&self, host: &str, repository: &str, reference: &str) -> Result<(Repository<'_>, Descriptor)> {
        for mirror in self.settings.mirrors.get(host).into_iter().flatten() {
            let (mirror_host, prefix) = Host::mirror(mirror, &self.settings.plain_http);
            let found = Repository::connect(self, mirror_host, &format!("{prefix}{repository}"))
                .and_then(|mirror| mirror.resolve(reference).map(|descriptor| (mirror, descriptor)));
            match found {
                Ok(found) => return Ok(found),
                Err(error) => tracing::info!(%mirror, %error, "the mirror cannot help"),
            }
        }
        let origin = self.repository(host, repository)?;
        let descriptor = origin.resolve(reference)?;
        Ok((origin, descriptor))
    }
}
