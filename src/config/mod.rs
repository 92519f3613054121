//! Settings: files → typed values, with a span for everything that is wrong in them.
//!
//! Owns the two files: a project's (`rplan.toml`), which may say how Dockerfiles are judged and nothing else, and the
//! user's own (`$XDG_CONFIG_HOME/rplan/config.toml`), which says how this machine builds: a cloned repository must not
//! redirect pulls. Does not know defaults that belong to a rule, nor what the settings are used for.
//! Invariant: an unknown key is an error, never ignored.

mod discover;
mod file;
mod project;
mod user;

pub use discover::{ConfigError, Located, ProjectFiles, load_project, load_user};
pub use project::{ImageSettings, LintSettings, OptimizeSettings, ProjectSettings, RuleSettings};
pub use user::{NetworkSetting, RegistrySettings, UserSettings};
