//! What this machine is set to: the user's own settings, and where rplan keeps things.

use std::env;
use std::path::{Path, PathBuf};

use crate::cli::exit::{Answer, Failure};
use crate::config::{UserSettings, load_user};
use crate::workspace::{ShellCheck, StatCache};

/// The user's settings and places.
pub(super) struct Machine {
    /// The settings.
    pub(super) settings: UserSettings,
    /// Where images and results of steps are kept.
    pub(super) store: PathBuf,
}

impl Machine {
    /// Reads the settings.
    pub(super) fn read() -> Answer<Self> {
        let settings = user_settings()?;
        let set = settings.store.as_ref().map(|path| at_home(&path.value));
        let store = set.or_else(|| folder("XDG_DATA_HOME", ".local/share").map(|folder| folder.join("store")));
        let store = store.ok_or_else(|| {
            Failure::environment("there is no place for rplan's store: neither HOME nor XDG_DATA_HOME is set")
                .with_help("set one of them, or `store` in the settings")
        })?;
        Ok(Self { settings, store })
    }
}

/// The user's own settings.
pub(super) fn user_settings() -> Answer<UserSettings> {
    match folder("XDG_CONFIG_HOME", ".config") {
        Some(folder) => Ok(load_user(&folder.join("config.toml"))?),
        None => Ok(UserSettings::default()),
    }
}

/// The ShellCheck to ask: that of the user's settings, or whatever is installed.
pub(super) fn shellcheck() -> Answer<ShellCheck> {
    let set = user_settings()?.shellcheck;
    Ok(ShellCheck::new(set.map(|path| at_home(&path.value))))
}

/// The digests of the files of a context, remembered between runs where there is a place for that.
pub(super) fn stat_cache(context: &Path) -> StatCache {
    match digests() {
        Some(folder) => StatCache::in_directory(&folder, context),
        None => StatCache::in_memory(),
    }
}

/// The folder of those digests.
pub(super) fn digests() -> Option<PathBuf> {
    folder("XDG_CACHE_HOME", ".cache").map(|folder| folder.join("stat"))
}

/// rplan's folder in one of the places that the XDG specification names.
fn folder(variable: &str, below_home: &str) -> Option<PathBuf> {
    let set = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let place = set(variable).or_else(|| set("HOME").map(|home| home.join(below_home)))?;
    Some(place.join("rplan"))
}

/// A path in which `~` is the user's home.
fn at_home(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), env::var_os("HOME")) {
        (Some(below), Some(home)) => Path::new(&home).join(below),
        _ => PathBuf::from(path),
    }
}
