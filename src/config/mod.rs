//! Settings: files → typed values, with a span for everything that is wrong in them.
//!
//! Owns three files: a project's (`rplan.toml`), which may say how Dockerfiles are judged and nothing else, the user's own
//! (`$XDG_CONFIG_HOME/rplan/config.toml`), which says how this machine builds (a cloned repository must not redirect
//! pulls), and a baseline, which says what is known already; and reads what hadolint is told as if it stood in the first.
//! Does not know defaults that belong to a rule, nor what the
//! settings are used for.
//! Invariant: an unknown key is an error, never ignored.

mod baseline;
mod discover;
mod file;
mod hadolint;
mod lint;
mod origin;
mod outline;
mod project;
mod schema;
mod section;
mod user;
mod yaml;

pub use baseline::write_baseline;
pub use discover::{
    ConfigError, Located, PROJECT_FILES, ProjectFiles, hadolint_file, load_baseline, load_hadolint, load_hadolint_file,
    load_project, load_user, translate_hadolint_file,
};
pub use hadolint::{Translation, VariableError};
pub use lint::{FailOn, LintSettings, Override, RuleSettings};
pub use origin::Origin;
pub use outline::{Asked, Free, Key, Outline, Shape};
pub use project::{ImageSettings, OptimizeSettings, ProjectSettings};
pub use schema::schema;
pub use user::{ArchiveSettings, NetworkSetting, RegistrySettings, UserSettings};
