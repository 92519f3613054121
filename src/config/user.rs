//! `$XDG_CONFIG_HOME/rplan/config.toml`: how this machine builds.

use std::collections::BTreeMap;
use std::path::Path;

use crate::config::file::{self, Mistakes};
use crate::config::outline::Outline;
use crate::config::section::{Section, outline};
use crate::diagnostic::Finding;
use crate::text::{SourceFile, Spanned};

/// The user's own settings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserSettings {
    /// Where images and the step cache are kept.
    pub store: Option<Spanned<String>>,
    /// How many steps may run at once.
    pub jobs: Option<usize>,
    /// The network of RUN.
    pub network: Option<NetworkSetting>,
    /// The ShellCheck to ask; one that is installed otherwise.
    pub shellcheck: Option<Spanned<String>>,
    /// By registry, as it stands in image names: `docker.io`, `localhost:5000`.
    pub registries: BTreeMap<String, RegistrySettings>,
}

/// `[build] network`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetworkSetting {
    /// The network of the host.
    Host,
    /// None.
    None,
}

/// `[registries."NAME"]`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RegistrySettings {
    /// Hosts to ask first, in order.
    pub mirrors: Vec<String>,
    /// Whether plain http is fine.
    pub insecure: bool,
}

impl UserSettings {
    /// Reads the file, or tells everything that is wrong in it.
    pub fn read(source: &SourceFile) -> Result<Self, Vec<Finding>> {
        file::read(source, Self::read_root)
    }

    /// What the file may say.
    pub fn outline() -> Outline {
        outline(Self::read_root)
    }

    fn read_root(root: &mut Section, mistakes: &mut Mistakes) -> Self {
        let store = read_path(("store", "Where images and the step cache are kept"), root, mistakes);
        let about = "The ShellCheck to ask; the one on PATH otherwise";
        let shellcheck = read_path(("shellcheck", about), root, mistakes);
        let build = root.section(("build", "How steps run"), mistakes, read_build).unwrap_or_default();
        let about = "How a registry is reached, by its name in image names";
        let registries = root.named_sections(("registries", about), mistakes, RegistrySettings::read);
        for (name, settings) in &registries {
            if !settings.mirrors.is_empty() && name.value != "docker.io" {
                mistakes.add(name.span, "only docker.io can have mirrors", None);
            }
        }
        let registries = registries.into_iter().map(|(name, settings)| (name.value, settings)).collect();
        Self { store, jobs: build.0, network: build.1, shellcheck, registries }
    }
}

/// A place that does not depend on where rplan runs.
fn read_path(
    key: (&'static str, &'static str),
    root: &mut Section,
    mistakes: &mut Mistakes,
) -> Option<Spanned<String>> {
    let path = root.text(key, mistakes);
    let is_fixed = |path: &str| path.starts_with("~/") || Path::new(path).is_absolute();
    if let Some(path) = path.as_ref().filter(|path| !is_fixed(&path.value)) {
        mistakes.add(path.span, format!("`{}` is an absolute path, or one that begins with `~/`", key.0), None);
    }
    path
}

fn read_build(section: &mut Section, mistakes: &mut Mistakes) -> (Option<usize>, Option<NetworkSetting>) {
    let networks = [("default", NetworkSetting::Host), ("host", NetworkSetting::Host), ("none", NetworkSetting::None)];
    let jobs = section.count(("jobs", "How many steps may run at once"), mistakes);
    (jobs, section.choice(("network", "The network of RUN"), &networks, mistakes).map(|network| network.value))
}

impl RegistrySettings {
    fn read(section: &mut Section, mistakes: &mut Mistakes) -> Self {
        let mirrors = section.texts(("mirrors", "Hosts to ask first, in order"), mistakes).unwrap_or_default();
        Self {
            mirrors: mirrors.into_iter().map(|mirror| mirror.value).collect(),
            insecure: section
                .flag(("insecure", "Whether plain http is fine"), mistakes)
                .is_some_and(|insecure| insecure.value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_read() {
        let text = "store = '/srv/rplan'\nshellcheck = '~/bin/shellcheck'\n[build]\njobs = 3\nnetwork = 'none'\n\
                    [registries.'docker.io']\nmirrors = ['mirror:5000']\n[registries.'mirror:5000']\ninsecure = true\n";
        let settings = UserSettings::read(&SourceFile::new("config.toml", text)).expect("no mistakes");
        assert_eq!((settings.jobs, settings.network), (Some(3), Some(NetworkSetting::None)));
        assert_eq!(settings.shellcheck.map(|path| path.value).as_deref(), Some("~/bin/shellcheck"));
        assert_eq!(settings.registries["docker.io"].mirrors, ["mirror:5000"]);
        assert!(settings.registries["mirror:5000"].insecure);
    }

    #[test]
    fn what_cannot_be_followed_is_refused() {
        let text = "store = 'here'\n[registries.'quay.io']\nmirrors = ['mirror:5000']\n";
        let mistakes = UserSettings::read(&SourceFile::new("config.toml", text)).expect_err("two mistakes");
        let messages: Vec<&str> = mistakes.iter().map(|mistake| mistake.message.as_str()).collect();
        let expected = ["`store` is an absolute path, or one that begins with `~/`", "only docker.io can have mirrors"];
        assert_eq!(messages, expected);
    }

    #[test]
    fn jobs_are_counted_from_one() {
        let mistakes = UserSettings::read(&SourceFile::new("config.toml", "[build]\njobs = 0\n")).expect_err("none");
        assert_eq!(mistakes[0].message, "`build.jobs` is a whole number above zero");
    }
}
