//! The runtime config in its two spellings: as Dockerfiles work with it, and as images store it.

use crate::model::{HealthcheckConfig, ImageFacts, RuntimeConfig};
use crate::oci::Image;
use crate::oci::config::{Healthcheck, ImageConfig, RunConfig};

/// What a Dockerfile may know of `image`.
pub(super) fn facts(image: &Image) -> ImageFacts {
    ImageFacts {
        digest: Some(image.digest()),
        config: runtime(&image.config),
        empty: image.layers.is_empty(),
        platform: Some(image.config.platform.to_string()),
    }
}

fn runtime(config: &ImageConfig) -> RuntimeConfig {
    let set = |words: &Vec<String>| Some(words.clone()).filter(|words| !words.is_empty());
    let text = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let run = &config.config;
    let pair = |entry: &String| match entry.split_once('=') {
        Some((name, value)) => (name.to_owned(), value.to_owned()),
        None => (entry.clone(), String::new()),
    };
    RuntimeConfig {
        env: run.env.iter().map(pair).collect(),
        workdir: run.working_dir.clone(),
        user: run.user.clone(),
        shell: set(&run.shell),
        entrypoint: set(&run.entrypoint),
        cmd: set(&run.cmd),
        args_escaped: run.args_escaped,
        exposed: run.exposed_ports.clone(),
        volumes: run.volumes.clone(),
        labels: run.labels.clone(),
        stopsignal: text(&run.stop_signal),
        healthcheck: run.healthcheck.as_ref().map(|check| HealthcheckConfig {
            test: check.test.clone(),
            interval: check.interval,
            timeout: check.timeout,
            start_period: check.start_period,
            start_interval: check.start_interval,
            retries: check.retries,
        }),
        onbuild: run.on_build.clone(),
        author: text(&config.author),
    }
}

/// `config` as an image stores it.
pub(super) fn stored(config: &RuntimeConfig) -> RunConfig {
    RunConfig {
        user: config.user.clone(),
        exposed_ports: config.exposed.clone(),
        env: config.env.iter().map(|(name, value)| format!("{name}={value}")).collect(),
        entrypoint: config.entrypoint.clone().unwrap_or_default(),
        healthcheck: config.healthcheck.as_ref().map(|check| Healthcheck {
            test: check.test.clone(),
            interval: check.interval,
            timeout: check.timeout,
            start_period: check.start_period,
            start_interval: check.start_interval,
            retries: check.retries,
        }),
        cmd: config.cmd.clone().unwrap_or_default(),
        args_escaped: config.args_escaped,
        volumes: config.volumes.clone(),
        working_dir: config.workdir.clone(),
        on_build: config.onbuild.clone(),
        labels: config.labels.clone(),
        stop_signal: config.stopsignal.clone().unwrap_or_default(),
        shell: config.shell.clone().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oci::Platform;

    #[test]
    fn what_an_image_stores_survives_being_read_and_stored_again() {
        let words = |words: &[&str]| words.iter().map(|word| word.to_string()).collect::<Vec<_>>();
        let run = RunConfig {
            user: "app".into(),
            exposed_ports: ["80/tcp".to_owned()].into(),
            env: words(&["PATH=/bin", "EMPTY=", "A=b=c"]),
            entrypoint: words(&["/run"]),
            cmd: words(&["--fast"]),
            healthcheck: Some(Healthcheck { test: words(&["CMD", "/ok"]), interval: 5, ..Healthcheck::default() }),
            args_escaped: true,
            volumes: ["/data".to_owned()].into(),
            working_dir: "/app/".into(),
            on_build: words(&["COPY . ."]),
            labels: [("a".to_owned(), "1".to_owned())].into(),
            stop_signal: "SIGINT".into(),
            shell: words(&["/bin/bash", "-c"]),
        };
        let config = ImageConfig { config: run.clone(), ..ImageConfig::new(Platform::host()) };
        assert_eq!(stored(&runtime(&config)), run);
    }
}
