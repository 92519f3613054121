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
    /// Whether files of contexts are taken with the modes that git knows.
    pub plain_modes: bool,
    /// How much may come out of one archive.
    pub archives: ArchiveSettings,
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

/// `[archives]`
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ArchiveSettings {
    /// GiB of content in all files of one.
    pub gib: Option<usize>,
    /// Entries of one.
    pub entries: Option<usize>,
    /// How many times as long one may become when it is decompressed.
    pub ratio: Option<usize>,
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
        let about = "How much may come out of one archive: a layer, an archive of ADD, a context";
        let archives = root.section(("archives", about), mistakes, read_archives).unwrap_or_default();
        let about = "How a registry is reached, by its name in image names";
        let registries = root.named_sections(("registries", about), mistakes, RegistrySettings::read);
        let registries = registries.into_iter().map(|(name, settings)| (name.value, settings)).collect();
        let (jobs, network, plain_modes) = build;
        Self { store, jobs, network, plain_modes, archives, shellcheck, registries }
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

fn read_build(section: &mut Section, mistakes: &mut Mistakes) -> (Option<usize>, Option<NetworkSetting>, bool) {
    let networks = [("default", NetworkSetting::Host), ("host", NetworkSetting::Host), ("none", NetworkSetting::None)];
    let jobs = section.count(("jobs", "How many steps may run at once"), mistakes);
    let network = section.choice(("network", "The network of RUN"), &networks, mistakes).map(|network| network.value);
    let about = "Whether files of contexts are taken with mode 644 or 755, as git keeps them";
    let plain_modes = section.flag(("plain-modes", about), mistakes).is_some_and(|plain| plain.value);
    (jobs, network, plain_modes)
}

fn read_archives(section: &mut Section, mistakes: &mut Mistakes) -> ArchiveSettings {
    ArchiveSettings {
        gib: section.count(("gib", "GiB of content in all its files; 256 otherwise"), mistakes),
        entries: section.count(("entries", "How many entries it has; 10000000 otherwise"), mistakes),
        ratio: section.count(("ratio", "How many times as long it becomes, beyond 1 GiB; 250 otherwise"), mistakes),
    }
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
        let text = "store = '/srv/rplan'\nshellcheck = '~/bin/shellcheck'\n[build]\njobs = 3\nnetwork = 'none'\nplain-modes = true\n\
                    [archives]\ngib = 2\nentries = 7\nratio = 9\n\
                    [registries.'docker.io']\nmirrors = ['mirror:5000']\n[registries.'mirror:5000']\ninsecure = true\n\
                    [registries.'quay.io']\nmirrors = ['mirror:5000/quay', 'https://other']\n";
        let settings = UserSettings::read(&SourceFile::new("config.toml", text)).expect("no mistakes");
        assert_eq!((settings.jobs, settings.network), (Some(3), Some(NetworkSetting::None)));
        assert!(settings.plain_modes);
        let archives = ArchiveSettings { gib: Some(2), entries: Some(7), ratio: Some(9) };
        assert_eq!(settings.archives, archives);
        assert_eq!(settings.shellcheck.map(|path| path.value).as_deref(), Some("~/bin/shellcheck"));
        assert_eq!(settings.registries["docker.io"].mirrors, ["mirror:5000"]);
        assert_eq!(settings.registries["quay.io"].mirrors, ["mirror:5000/quay", "https://other"]);
        assert!(settings.registries["mirror:5000"].insecure);
    }

    #[test]
    fn what_cannot_be_followed_is_refused() {
        let mistakes = UserSettings::read(&SourceFile::new("config.toml", "store = 'here'\n")).expect_err("a mistake");
        let messages: Vec<&str> = mistakes.iter().map(|mistake| mistake.message.as_str()).collect();
        assert_eq!(messages, ["`store` is an absolute path, or one that begins with `~/`"]);
    }

    #[test]
    fn jobs_are_counted_from_one() {
        let mistakes = UserSettings::read(&SourceFile::new("config.toml", "[build]\njobs = 0\n")).expect_err("none");
        assert_eq!(mistakes[0].message, "`build.jobs` is a whole number above zero");
    }
}
