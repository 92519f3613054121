//! The runtime config of a stage on its way through the lines.
//!
//! Pure. Knows what each metadata instruction does to the config, not how it is written or where it is kept.

use crate::model::{HealthcheckConfig, ImageFacts, RuntimeConfig, path};

/// The PATH of an image that sets none.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The config, and what has to be remembered on the way.
#[derive(Debug, Clone, Default)]
pub(super) struct Running {
    pub(super) config: RuntimeConfig,
    /// Whether this stage had a CMD: ENTRYPOINT takes away only an inherited one.
    has_cmd: bool,
    is_windows: bool,
}

impl Running {
    /// The config of `scratch`.
    pub(super) fn on_scratch(platform: &str) -> Self {
        let mut running = Self::on_image(&ImageFacts::default(), platform);
        running.config.workdir = "/".to_owned();
        running
    }

    /// The config of an image. Its triggers have fired and are gone.
    pub(super) fn on_image(facts: &ImageFacts, platform: &str) -> Self {
        let mut running = Self::on_unknown(platform);
        running.config = RuntimeConfig { onbuild: Vec::new(), ..facts.config.clone() };
        if !running.is_windows && !running.config.env.iter().any(|(name, _)| name == "PATH") {
            running.env("PATH", DEFAULT_PATH);
        }
        running
    }

    /// The config of an image of which nothing is known.
    pub(super) fn on_unknown(platform: &str) -> Self {
        Self { is_windows: platform.starts_with("windows"), ..Self::default() }
    }

    /// The config of another stage.
    pub(super) fn on_stage(config: &RuntimeConfig, platform: &str) -> Self {
        let mut running = Self::on_unknown(platform);
        running.config = RuntimeConfig { onbuild: Vec::new(), ..config.clone() };
        running
    }

    /// Where RUN starts: absolute and clean.
    pub(super) fn directory(&self) -> String {
        path::clean(&format!("/{}", self.config.workdir))
    }

    /// A path as the step sees it.
    pub(super) fn absolute(&self, path: &str) -> String {
        path::join(&self.directory(), path)
    }

    /// The shell of shell forms.
    pub(super) fn shell(&self) -> Vec<String> {
        let default: &[&str] = if self.is_windows { &["cmd", "/S", "/C"] } else { &["/bin/sh", "-c"] };
        self.config.shell.clone().unwrap_or_else(|| default.iter().map(|word| (*word).to_owned()).collect())
    }

    /// ENV: a name that is there keeps its place.
    pub(super) fn env(&mut self, name: &str, value: &str) {
        match self.config.env.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => *known = value.to_owned(),
            None => self.config.env.push((name.to_owned(), value.to_owned())),
        }
    }

    /// WORKDIR: an absolute path is kept as written, a relative one is joined to what was there.
    pub(super) fn workdir(&mut self, path: &str) {
        self.config.workdir = if path.starts_with('/') { path.to_owned() } else { self.absolute(path) };
    }

    /// CMD. That there was one stays, even if it is empty or an ENTRYPOINT takes it away.
    pub(super) fn cmd(&mut self, argv: Vec<String>) {
        self.config.cmd = Some(argv).filter(|argv| !argv.is_empty());
        self.config.args_escaped = true;
        self.has_cmd = true;
    }

    /// ENTRYPOINT.
    pub(super) fn entrypoint(&mut self, argv: Vec<String>) {
        self.config.entrypoint = Some(argv).filter(|argv| !argv.is_empty());
        if !self.has_cmd {
            self.config.cmd = None;
        }
    }

    /// HEALTHCHECK.
    pub(super) fn healthcheck(&mut self, healthcheck: HealthcheckConfig) {
        self.config.healthcheck = Some(healthcheck);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn an_absolute_workdir_stays_as_written_and_a_relative_one_is_joined() {
        let mut running = Running::on_scratch("linux/amd64");
        assert_eq!((running.config.workdir.as_str(), running.directory().as_str()), ("/", "/"));
        running.workdir("/foo/../bar//x/");
        assert_eq!((running.config.workdir.as_str(), running.directory().as_str()), ("/foo/../bar//x/", "/bar/x"));
        running.workdir("../y/");
        assert_eq!(running.config.workdir, "/bar/y");
    }

    #[test]
    fn an_entrypoint_takes_away_only_an_inherited_cmd() {
        let facts = ImageFacts {
            config: RuntimeConfig { cmd: Some(words("sh")), ..RuntimeConfig::default() },
            ..ImageFacts::default()
        };
        let mut running = Running::on_image(&facts, "linux/amd64");
        running.entrypoint(words("/run"));
        assert_eq!(running.config.cmd, None);
        running.cmd(words("--now"));
        running.entrypoint(words("/other"));
        assert_eq!(running.config.cmd, Some(words("--now")));
        let mut child = Running::on_stage(&running.config, "linux/amd64");
        child.entrypoint(words("/third"));
        assert_eq!(child.config.cmd, None);
        child.entrypoint(Vec::new());
        assert_eq!(child.config.entrypoint, None);
    }

    #[test]
    fn a_path_is_set_where_the_base_has_none() {
        let env = |running: Running| running.config.env;
        assert_eq!(env(Running::on_scratch("linux/amd64"))[0].0, "PATH");
        assert!(env(Running::on_scratch("windows/amd64")).is_empty());
        assert!(env(Running::on_unknown("linux/amd64")).is_empty());
    }
}
