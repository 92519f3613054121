//! The way to registries, as the user's own settings have it.

use crate::config::UserSettings;
use crate::exec;
use crate::oci::registry::{Registries, Settings, certificate_folders};

/// Every registry that the user may have in mind.
pub(super) fn registries(user: &UserSettings) -> exec::Result<Registries> {
    let insecure = user.registries.iter().filter(|(_, settings)| settings.insecure);
    let settings = Settings {
        plain_http: insecure.map(|(name, _)| name.clone()).collect(),
        mirrors: user.registries.iter().map(|(name, settings)| (name.clone(), settings.mirrors.clone())).collect(),
        certificates: certificate_folders(),
        ..Settings::default()
    };
    Ok(Registries::new(settings)?)
}
