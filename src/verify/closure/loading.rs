//! What programs and libraries are loaded with, and the trusted certificates, which those that speak TLS read.

use std::ffi::OsStr;
use std::io::Read;
use std::path::Path;
use std::sync::LazyLock;

use regex::bytes::Regex;

use super::elf::{Needs, needs};
use super::{Image, Lack, lack, shown};
use crate::tree::TreeError;
use crate::tree::follow::Last;

/// Where Debian and Alpine keep the trusted certificates.
const TRUST: &str = "/etc/ssl/certs/ca-certificates.crt";
/// Libraries that look for them.
const TRUSTING: &[&str] = &["libssl.so", "libgnutls.so", "libcurl.so", "libcurl-gnutls.so"];
static NAMES_TRUST: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("/etc/ssl/certs").expect("a pattern without operators is one"));

impl Image<'_> {
    /// What a program or library is loaded with and was there before. One that is the image's own, and not the base's, is
    /// asked for what it trusts too.
    pub(super) fn loading(&self, path: &Path, is_own: bool) -> Result<Vec<Lack>, TreeError> {
        let Some(bytes) = self.elf(path)? else { return Ok(Vec::new()) };
        let Some(Needs { interpreter, libraries }) = needs(&bytes) else { return Ok(Vec::new()) };
        let (mut found, name) = (Vec::new(), shown(path));
        if let Some(interpreter) = interpreter
            && self.root.inspect(Path::new(&interpreter), Last::Followed)?.is_none()
            && let Some(had) = self.had(Path::new(&interpreter))
        {
            found.push(lack(&name, format!("is loaded by {interpreter}, which is gone"), Some(had)));
        }
        for library in &libraries {
            if let Some(had) = self.gone_by_name(library.as_ref()) {
                found.push(lack(&name, format!("needs {library}, which is gone"), Some(had.to_owned())));
            }
        }
        let trusts = || {
            let by_library = |library: &String| TRUSTING.iter().any(|name| library.starts_with(name));
            libraries.iter().any(by_library) || NAMES_TRUST.is_match(&bytes)
        };
        if is_own && self.gone(Path::new(TRUST)).is_some() && trusts() {
            let what = "looks for the trusted certificates, which are gone".to_owned();
            found.push(lack(&name, what, Some(TRUST.trim_start_matches('/').into())));
        }
        Ok(found)
    }

    /// Where a file of this name was, if none has it any more.
    fn gone_by_name(&self, name: &OsStr) -> Option<&Path> {
        self.names_before.get(name).copied().filter(|_| !self.names.contains_key(name))
    }

    /// The content of a file, if it is one that is loaded.
    fn elf(&self, path: &Path) -> Result<Option<Vec<u8>>, TreeError> {
        let failed = |source| TreeError::Io { action: "read", path: self.root.outside(path), source };
        let Some(mut file) = self.root.open_file(path)? else { return Ok(None) };
        let mut bytes = Vec::new();
        (&mut file).take(4).read_to_end(&mut bytes).map_err(failed)?;
        if bytes != b"\x7fELF" {
            return Ok(None);
        }
        file.read_to_end(&mut bytes).map_err(failed)?;
        Ok(Some(bytes))
    }
}
