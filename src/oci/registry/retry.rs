//! What is worth trying again, how long to wait, and what to tell the user in the end.

use std::time::Duration;

use oci_client::errors::{OciDistributionError, OciErrorCode};

/// How often a request is made before it counts as failed.
pub(super) const ATTEMPTS: u32 = 4;

/// How long to wait before attempt `next` (the second is 1).
pub(super) fn pause(next: u32) -> Duration {
    Duration::from_millis(200) * 2u32.pow(next - 1)
}

/// Whether the same request may succeed a moment later.
pub(super) fn is_passing(error: &OciDistributionError) -> bool {
    use OciDistributionError::*;
    match error {
        RequestError(error) => match error.status() {
            Some(status) => is_passing_status(status.as_u16()),
            None => !error.is_builder() && !error.is_redirect(),
        },
        ServerError { code, .. } => is_passing_status(*code),
        RegistryError { envelope, .. } => {
            envelope.errors.iter().any(|error| error.code == OciErrorCode::Toomanyrequests)
        }
        IoError(_) => true,
        _ => false,
    }
}

fn is_passing_status(status: u16) -> bool {
    matches!(status, 408 | 429 | 500..)
}

/// Whether the registry says that it has no such thing.
pub(super) fn is_absence(error: &OciDistributionError) -> bool {
    use OciDistributionError::*;
    match error {
        ImageManifestNotFoundError(_) => true,
        ServerError { code, .. } => *code == 404,
        RequestError(error) => error.status().is_some_and(|status| status.as_u16() == 404),
        RegistryError { envelope, .. } => envelope.errors.iter().any(|error| {
            let absent = [
                OciErrorCode::ManifestUnknown,
                OciErrorCode::NameUnknown,
                OciErrorCode::NotFound,
                OciErrorCode::BlobUnknown,
            ];
            absent.contains(&error.code)
        }),
        _ => false,
    }
}

/// Whether the registry wants to know who asks, or does not like who asks.
pub(super) fn is_refusal(error: &OciDistributionError) -> bool {
    use OciDistributionError::*;
    match error {
        UnauthorizedError { .. } | AuthenticationFailure(_) => true,
        ServerError { code, .. } => matches!(code, 401 | 403),
        RequestError(error) => error.status().is_some_and(|status| matches!(status.as_u16(), 401 | 403)),
        RegistryError { envelope, .. } => {
            envelope.errors.iter().any(|error| [OciErrorCode::Unauthorized, OciErrorCode::Denied].contains(&error.code))
        }
        _ => false,
    }
}

/// The error with all its causes in one line.
pub(super) fn spelled_out(error: &OciDistributionError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(deeper) = cause {
        let told = deeper.to_string();
        if !text.contains(&told) {
            text = format!("{text}: {told}");
        }
        cause = deeper.source();
    }
    text
}
