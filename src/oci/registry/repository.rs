//! One repository of a registry.

use std::collections::BTreeMap;
use std::sync::Mutex;

use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap};
use reqwest::{RequestBuilder, Response, StatusCode, Url};

use super::super::error::{Error, Result};
use super::super::image::Image;
use super::super::manifest::{Descriptor, Document, media_type};
use super::Registries;
use super::credentials::{Auth, Login};
use super::failure::{ATTEMPTS, Failure};
use super::host::Host;
use super::login::Keys;
use super::wire::{Wire, body_within};
use crate::digest::Digest;

/// More than any registry takes as a manifest.
pub(super) const MANIFEST_LIMIT: usize = 16 << 20;

/// The manifests that are understood.
const MANIFESTS: [&str; 4] =
    [media_type::INDEX, media_type::MANIFEST, media_type::DOCKER_LIST, media_type::DOCKER_MANIFEST];

/// A repository: blobs and manifests can be read from it and put into it.
pub struct Repository<'r> {
    pub(super) registries: &'r Registries,
    pub(super) wire: Wire,
    keys: Keys,
    login: Login,
    host: String,
    name: String,
    manifests: Mutex<BTreeMap<Digest, Vec<u8>>>,
    pub(super) mountable: BTreeMap<Digest, Vec<String>>,
}

/// What a request wants to do.
#[derive(Clone, Copy)]
pub(super) enum Purpose<'a> {
    /// Read from the repository.
    Pull,
    /// Write into it.
    Push,
    /// Write into it what another repository has.
    Mount(&'a str),
}

impl<'r> Repository<'r> {
    pub(super) fn connect(registries: &'r Registries, host: Host, repository: &str) -> Result<Self> {
        Ok(Self {
            registries,
            wire: Wire::to(&host, &registries.settings.certificates)?,
            keys: Keys::default(),
            login: registries.settings.credentials.for_repository(&host.name, repository),
            host: host.name,
            name: repository.to_owned(),
            manifests: Mutex::default(),
            mountable: BTreeMap::new(),
        })
    }

    /// Names, for blobs, other repositories of the same registry that may have them, so that they need not be sent.
    pub fn mount_from(mut self, known: BTreeMap<Digest, Vec<String>>) -> Self {
        self.mountable = known;
        self
    }

    /// The registry's host.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The repository's name in the registry.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The manifest or index that `reference`, a tag or a digest, names.
    pub fn resolve(&self, reference: &str) -> Result<Descriptor> {
        let digest = reference.parse::<Digest>().ok();
        let (bytes, headers) = self.manifest(reference)?;
        let actual = Digest::of(&bytes);
        let what = self.named(reference);
        // Of a tag, the registry says itself what it stands for.
        let said = headers.get("docker-content-digest").and_then(|value| value.to_str().ok()?.parse().ok());
        if let Some(expected) = digest.or(said).filter(|expected| *expected != actual) {
            return Err(Error::Corrupt { what, expected, actual });
        }
        let document = Document::parse(&what, &bytes)?;
        let descriptor = Descriptor::of(document.media_type(), &bytes);
        self.manifests.lock().expect("nobody panics while holding a manifest").insert(actual, bytes);
        Ok(descriptor)
    }

    /// Gives `image`, which is in the repository already, a tag.
    pub fn tag(&self, image: &Image, tag: &str) -> Result<()> {
        self.push_manifest(tag, &image.descriptor, &image.manifest_bytes)
    }

    /// A manifest that was resolved before, or else fetched now.
    pub(super) fn manifest_by_digest(&self, digest: Digest) -> Result<Vec<u8>> {
        let known = self.manifests.lock().expect("nobody panics while holding a manifest").get(&digest).cloned();
        match known {
            Some(bytes) => Ok(bytes),
            None => Ok(self.manifest(&digest.to_string())?.0),
        }
    }

    fn manifest(&self, reference: &str) -> Result<(Vec<u8>, HeaderMap)> {
        let url = self.wire.address(&self.name, &format!("manifests/{reference}"));
        self.retried(&format!("manifest `{}`", self.named(reference)), || async {
            let request = || self.wire.http.get(url.clone()).header(ACCEPT, MANIFESTS.join(", "));
            let response = self.ask(Purpose::Pull, &url, &request).await?;
            let headers = response.headers().clone();
            Ok((body_within(response, MANIFEST_LIMIT).await?, headers))
        })
    }

    /// A tag or a digest of this repository, in full.
    pub(super) fn named(&self, reference: &str) -> String {
        let separator = if reference.contains(':') { '@' } else { ':' };
        format!("{}/{}{separator}{reference}", self.host, self.name)
    }

    /// Makes a request to `url` with the login it needs; anything but success is a failure.
    pub(super) async fn ask(
        &self,
        purpose: Purpose<'_>,
        url: &Url,
        make: &(dyn Fn() -> RequestBuilder + Sync),
    ) -> std::result::Result<Response, Failure> {
        if !self.wire.is_home(url) {
            // Another host has its own way to know us, in the address.
            return judged(make().send().await?).await;
        }
        let scope = self.scope(purpose);
        let response = with_key(make(), self.keys.known(&scope)).send().await?;
        if response.status() != StatusCode::UNAUTHORIZED {
            return judged(response).await;
        }
        match self.keys.answer(&self.wire, &self.login.auth, response.headers(), &scope).await? {
            Some(key) => judged(with_key(make(), Some(key)).send().await?).await,
            None => judged(response).await,
        }
    }

    /// The request with what is known to open the repository: for bodies that can be sent only once.
    pub(super) fn opened(&self, purpose: Purpose<'_>, url: &Url, request: RequestBuilder) -> RequestBuilder {
        let known = self.keys.known(&self.scope(purpose)).filter(|_| self.wire.is_home(url));
        with_key(request, known)
    }

    fn scope(&self, purpose: Purpose<'_>) -> String {
        match purpose {
            Purpose::Pull => format!("repository:{}:pull", self.name),
            Purpose::Push => format!("repository:{}:pull,push", self.name),
            Purpose::Mount(other) => format!("repository:{}:pull,push repository:{other}:pull", self.name),
        }
    }

    /// Makes a request, again after a pause when the trouble may pass, and words its failure. `wanted` completes
    /// "there is no …" and "was asked for …".
    pub(super) fn retried<T, F>(&self, wanted: &str, request: impl Fn() -> F) -> Result<T>
    where
        F: Future<Output = std::result::Result<T, Failure>>,
    {
        let mut attempt = 1;
        loop {
            match self.registries.runtime.block_on(request()) {
                Err(failure) if attempt < ATTEMPTS && failure.is_passing() => {
                    tracing::debug!(host = self.host, wanted, attempt, %failure, "trying again");
                    std::thread::sleep(failure.pause(attempt));
                    attempt += 1;
                }
                outcome => return outcome.map_err(|failure| self.worded(wanted, &failure)),
            }
        }
    }

    /// The failure as a user should read it.
    pub(super) fn worded(&self, wanted: &str, failure: &Failure) -> Error {
        let registry = self.host.clone();
        if failure.is_absence() {
            return Error::NotFound { what: wanted.to_owned(), known: Vec::new() };
        }
        if let Some(remedy) = failure.distrust().map(|distrust| distrust.remedy(&registry)) {
            return Error::Registry { registry, why: format!("cannot be trusted: {failure}; {remedy}") };
        }
        if !failure.is_refusal() {
            return Error::Registry { registry, why: format!("was asked for {wanted} and failed: {failure}") };
        }
        let advice = match (&self.login.trouble, &self.login.auth) {
            (Some(trouble), _) => trouble.clone(),
            (None, Auth::Anonymous) => {
                format!("it may be private or not exist; if it is private: docker login {registry}")
            }
            (None, _) => "the login it was given may not do this".to_owned(),
        };
        Error::Registry { registry, why: format!("was asked for {wanted} and refused ({failure}); {advice}") }
    }
}

fn with_key(request: RequestBuilder, key: Option<reqwest::header::HeaderValue>) -> RequestBuilder {
    match key {
        Some(key) => request.header(AUTHORIZATION, key),
        None => request,
    }
}

async fn judged(response: Response) -> std::result::Result<Response, Failure> {
    match response.status().is_success() {
        true => Ok(response),
        false => Err(Failure::of(response).await),
    }
}
