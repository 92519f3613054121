//! Which certificates a registry is trusted by, and which it is shown: those that docker and podman keep by host.
//!
//! Below a folder `certs.d`, a folder with the name of a host (and its port, where it has one) holds certificates of
//! authorities (`*.crt`), trusted beside those of the system, and certificates of the client (`*.cert`, each with its
//! key in the `*.key` of the same name), of which the first is shown to a registry that asks for one.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::super::error::{Error, Result};
use super::verifier::Verifier;

/// The folders in which docker and podman look, in the order in which podman does: the first that knows a host counts.
pub fn certificate_folders() -> Vec<PathBuf> {
    let set = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let settings = set("XDG_CONFIG_HOME").or_else(|| set("HOME").map(|home| home.join(".config")));
    let own = settings.iter().flat_map(|settings| ["containers", "docker"].map(|name| settings.join(name)));
    own.chain(["/etc/containers", "/etc/docker"].map(PathBuf::from)).map(|folder| folder.join("certs.d")).collect()
}

/// What has been laid down for one host.
#[derive(Default)]
pub(super) struct Trust {
    authorities: Vec<CertificateDer<'static>>,
    identity: Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>,
}

impl Trust {
    /// What the first of `folders` that knows `host` holds; none where none does.
    pub(super) fn of(host: &str, folders: &[PathBuf]) -> Result<Option<Self>> {
        // `.` and `..` are folders of no host.
        let known = folders.iter().map(|folder| folder.join(host)).find(|folder| folder.is_dir());
        match known.filter(|_| !host.starts_with('.')) {
            None => Ok(None),
            Some(folder) => Self::read(&folder).map(Some).map_err(|(path, why)| Error::Registry {
                registry: host.to_owned(),
                why: format!("cannot be spoken to: {} is of no use: {why}", path.display()),
            }),
        }
    }

    fn read(folder: &Path) -> std::result::Result<Self, (PathBuf, String)> {
        let refused = |path: &Path| {
            let path = path.to_owned();
            move |error: io::Error| (path, error.to_string())
        };
        let entries = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let mut files: Vec<PathBuf> = entries.map_err(refused(folder))?.iter().map(fs::DirEntry::path).collect();
        files.sort();
        let mut trust = Self::default();
        for file in &files {
            let read = |path: &Path| fs::read(path).map_err(refused(path));
            match file.extension().and_then(|ending| ending.to_str()) {
                Some("crt") => trust.authorities.extend(certificates(file, &read(file)?)?),
                Some("cert") => {
                    let key = file.with_extension("key");
                    if !files.contains(&key) {
                        return Err((file.clone(), format!("{} is not beside it", named(&key))));
                    }
                    let chain = certificates(file, &read(file)?)?;
                    let secret = PrivateKeyDer::from_pem_slice(&read(&key)?);
                    let secret = secret.map_err(|error| (key, format!("it holds no key: {error}")))?;
                    trust.identity.get_or_insert((chain, secret));
                }
                Some("key") if !files.contains(&file.with_extension("cert")) => {
                    let certificate = file.with_extension("cert");
                    return Err((file.clone(), format!("{} is not beside it", named(&certificate))));
                }
                _ => {}
            }
        }
        Ok(trust)
    }

    /// How a connection is made with it.
    pub(super) fn into_config(self) -> std::result::Result<ClientConfig, rustls::Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::<CryptoProvider>::clone(&provider));
        let verifier = Verifier::trusting(self.authorities, provider)?;
        let builder = builder.with_safe_default_protocol_versions()?;
        let builder = builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier));
        match self.identity {
            Some((chain, key)) => builder.with_client_auth_cert(chain, key),
            None => Ok(builder.with_no_client_auth()),
        }
    }
}

fn certificates(file: &Path, text: &[u8]) -> std::result::Result<Vec<CertificateDer<'static>>, (PathBuf, String)> {
    let wrong = |why: String| (file.to_owned(), why);
    let found: std::result::Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text).collect();
    match found {
        Ok(found) if found.is_empty() => Err(wrong("it holds no certificate".to_owned())),
        Ok(found) => Ok(found),
        Err(error) => Err(wrong(format!("it holds no certificate: {error}"))),
    }
}

fn named(path: &Path) -> std::borrow::Cow<'_, str> {
    path.file_name().unwrap_or_default().to_string_lossy()
}
