//! One repository of a registry.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use oci_client::client::{ClientConfig, ClientProtocol};
use oci_client::errors::OciDistributionError;
use oci_client::secrets::RegistryAuth;
use oci_client::{Client, Reference};

use super::super::error::{Error, Result};
use super::super::image::Image;
use super::super::manifest::{Descriptor, Document, media_type};
use super::credentials::Login;
use super::host::Host;
use super::{Registries, retry};
use crate::digest::Digest;

const USER_AGENT: &str = concat!("rplan/", env!("CARGO_PKG_VERSION"));
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
const READ_TIMEOUT: Duration = Duration::from_secs(60);

/// The tag of references that are never sent as they are.
const NO_TAG: &str = "latest";

/// A repository: blobs and manifests can be read from it and put into it.
pub struct Repository<'r> {
    pub(super) registries: &'r Registries,
    pub(super) client: Client,
    pub(super) reference: Reference,
    login: Login,
    host: String,
    manifests: Mutex<BTreeMap<Digest, Vec<u8>>>,
    pub(super) mountable: BTreeMap<Digest, Vec<String>>,
}

impl<'r> Repository<'r> {
    pub(super) fn connect(registries: &'r Registries, host: Host, repository: &str) -> Result<Self> {
        let no_proxy = host.local.then(|| "*".to_owned());
        let config = ClientConfig {
            protocol: if host.plain { ClientProtocol::Http } else { ClientProtocol::Https },
            // A single request for a blob, as every registry takes it, instead of one for every few megabytes.
            use_monolithic_push: true,
            user_agent: USER_AGENT,
            connect_timeout: Some(CONNECT_TIMEOUT),
            read_timeout: Some(READ_TIMEOUT),
            // A proxy of our own keeps the one of the environment away, and this one is for no host at all.
            https_proxy: no_proxy.is_some().then(|| "http://127.0.0.1".to_owned()),
            no_proxy,
            ..ClientConfig::default()
        };
        let client = Client::try_from(config).map_err(|error| Error::Registry {
            registry: host.name.clone(),
            why: format!("cannot be spoken to: {}", retry::spelled_out(&error)),
        })?;
        let reference = Reference::with_tag(host.name.clone(), repository.to_owned(), NO_TAG.to_owned());
        let login = registries.settings.credentials.for_host(&host.name);
        registries.runtime.block_on(client.store_auth_if_needed(reference.resolve_registry(), &login.auth));
        let (manifests, mountable) = (Mutex::default(), BTreeMap::new());
        Ok(Self { registries, client, reference, login, host: host.name, manifests, mountable })
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
        self.reference.repository()
    }

    /// The manifest or index that `reference`, a tag or a digest, names.
    pub fn resolve(&self, reference: &str) -> Result<Descriptor> {
        let digest = reference.parse::<Digest>().ok();
        let bytes = self.manifest(match digest {
            Some(digest) => self.by_digest(digest),
            None => self.by_tag(reference),
        })?;
        let actual = Digest::of(&bytes);
        let what = format!("{}/{}:{reference}", self.host, self.name());
        if let Some(expected) = digest.filter(|expected| *expected != actual) {
            return Err(Error::Corrupt { what, expected, actual });
        }
        let document = Document::parse(&what, &bytes)?;
        let descriptor = Descriptor::of(document.media_type(), &bytes);
        self.manifests.lock().expect("nobody panics while holding a manifest").insert(actual, bytes);
        Ok(descriptor)
    }

    /// Gives `image`, which is in the repository already, a tag.
    pub fn tag(&self, image: &Image, tag: &str) -> Result<()> {
        self.push_manifest(&self.by_tag(tag), &image.descriptor, &image.manifest_bytes)
    }

    /// A manifest that was resolved before, or else fetched now.
    pub(super) fn manifest_by_digest(&self, digest: Digest) -> Result<Vec<u8>> {
        let known = self.manifests.lock().expect("nobody panics while holding a manifest").get(&digest).cloned();
        match known {
            Some(bytes) => Ok(bytes),
            None => self.manifest(self.by_digest(digest)),
        }
    }

    pub(super) fn by_digest(&self, digest: Digest) -> Reference {
        self.reference.clone_with_digest(digest.to_string())
    }

    fn by_tag(&self, tag: &str) -> Reference {
        Reference::with_tag(self.reference.registry().to_owned(), self.name().to_owned(), tag.to_owned())
    }

    fn manifest(&self, reference: Reference) -> Result<Vec<u8>> {
        let accepted = [media_type::INDEX, media_type::MANIFEST, media_type::DOCKER_LIST, media_type::DOCKER_MANIFEST];
        let wanted = format!("manifest `{reference}`");
        let (bytes, _) = self.retried(&wanted, || self.client.pull_manifest_raw(&reference, self.auth(), &accepted))?;
        Ok(bytes.to_vec())
    }

    pub(super) fn auth(&self) -> &RegistryAuth {
        &self.login.auth
    }

    /// Makes a request, again after a pause when the trouble may pass, and words its failure. `wanted` completes
    /// "there is no …" and "was asked for …".
    pub(super) fn retried<T, F>(&self, wanted: &str, request: impl Fn() -> F) -> Result<T>
    where
        F: Future<Output = std::result::Result<T, OciDistributionError>>,
    {
        let mut attempt = 1;
        loop {
            match self.registries.runtime.block_on(request()) {
                Err(error) if attempt < retry::ATTEMPTS && retry::is_passing(&error) => {
                    tracing::debug!(host = self.host, wanted, attempt, %error, "trying again");
                    std::thread::sleep(retry::pause(attempt));
                    attempt += 1;
                }
                outcome => return outcome.map_err(|error| self.worded(wanted, error)),
            }
        }
    }

    /// The error as a user should read it.
    pub(super) fn worded(&self, wanted: &str, error: OciDistributionError) -> Error {
        let registry = self.host.clone();
        if retry::is_absence(&error) {
            return Error::NotFound { what: wanted.to_owned(), known: Vec::new() };
        }
        let told = retry::spelled_out(&error);
        if !retry::is_refusal(&error) {
            return Error::Registry { registry, why: format!("was asked for {wanted} and failed: {told}") };
        }
        let advice = match &self.login.trouble {
            Some(trouble) => trouble.clone(),
            None if *self.auth() == RegistryAuth::Anonymous => {
                format!("it may be private or not exist; if it is private: docker login {registry}")
            }
            None => "the login it was given may not do this".to_owned(),
        };
        Error::Registry { registry, why: format!("was asked for {wanted} and refused ({told}); {advice}") }
    }
}
