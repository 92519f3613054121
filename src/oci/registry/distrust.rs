//! Connections that fail because one side does not trust the other, and what a user can do about that.

use std::error::Error as StdError;
use std::io;

use rustls::{AlertDescription, CertificateError, Error};

/// Who does not trust whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Distrust {
    /// Nobody that is trusted vouches for the registry.
    UnknownAuthority,
    /// Something else is wrong with the registry's certificate: its name, its dates.
    Certificate,
    /// The registry wants to see a certificate, or another one.
    Client,
}

impl Distrust {
    /// The distrust that is behind an error of the network.
    pub(super) fn behind(error: &(dyn StdError + 'static)) -> Option<Self> {
        let mut cause = Some(error);
        while let Some(error) = cause {
            if let Some(found) = error.downcast_ref::<Error>() {
                return Self::of(found);
            }
            // What an error of the system was made of is no cause of it.
            cause = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
                Some(inner) => Some(inner),
                None => error.source(),
            };
        }
        None
    }

    fn of(error: &Error) -> Option<Self> {
        match error {
            // A bad signature is that of another authority with the name of one that is trusted.
            Error::InvalidCertificate(
                CertificateError::UnknownIssuer | CertificateError::BadSignature | CertificateError::Other(_),
            ) => Some(Self::UnknownAuthority),
            Error::InvalidCertificate(_) => Some(Self::Certificate),
            Error::AlertReceived(
                AlertDescription::CertificateRequired
                | AlertDescription::BadCertificate
                | AlertDescription::CertificateUnknown
                | AlertDescription::UnknownCA,
            ) => Some(Self::Client),
            _ => None,
        }
    }

    /// What to do so that `registry` and its client trust each other.
    pub(super) fn remedy(self, registry: &str) -> String {
        match self {
            Self::UnknownAuthority => format!(
                "if you trust it, put the certificate of the authority behind it into \
                 /etc/docker/certs.d/{registry}/ca.crt or ~/.config/containers/certs.d/{registry}/ca.crt"
            ),
            Self::Certificate => "whoever runs it has to mend its certificate".to_owned(),
            Self::Client => format!(
                "put the certificate that it knows you by into /etc/docker/certs.d/{registry} or \
                 ~/.config/containers/certs.d/{registry}, as client.cert and client.key"
            ),
        }
    }
}
