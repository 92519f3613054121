//! The runtime config and the history of an image, line by line.

use rplan::model::{HealthcheckConfig, RuntimeConfig};
use rplan::plan::Planned;

use super::{Case, planned};

/// The history of the target: each line, with `-` before those that make no layer.
fn history(planned: &Planned) -> Vec<String> {
    let entries = planned.history(planned.target_stage());
    let shown = |entry: &&rplan::plan::history::HistoryEntry| {
        format!("{}{}", if entry.is_empty_layer() { "- " } else { "" }, entry.created_by)
    };
    entries.iter().map(shown).collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn every_line_is_worded_as_builders_word_it() {
    let file = "ARG V=1\nFROM scratch\nMAINTAINER Me <me@x>\nENV A=1 B=\"two words\"\nENV legacy the rest\nLABEL a.b=c d=\"e f\"\n\
        EXPOSE 443/UDP 80 8000-8001\nVOLUME /a /b\nSHELL [\"/bin/bash\", \"-c\"]\n\
        HEALTHCHECK --interval=90s --retries=3 CMD curl -f x\nUSER me:you\nWORKDIR /tmp/\nWORKDIR app\nWORKDIR /\n\
        STOPSIGNAL SIGINT\nCMD echo \"hi\"\nENTRYPOINT [\"/run\", \"a b\"]\nONBUILD RUN x\n";
    assert_eq!(
        history(&planned(file)),
        [
            "- MAINTAINER Me <me@x>",
            "- ENV A=1 B=two words",
            "- ENV legacy=the rest",
            "- LABEL a.b=c d=e f",
            "- EXPOSE [443/udp 80/tcp 8000/tcp 8001/tcp]",
            "- VOLUME [/a /b]",
            "- SHELL [/bin/bash -c]",
            "- HEALTHCHECK {Test:[CMD-SHELL curl -f x] Interval:1m30s Timeout:0s StartPeriod:0s StartInterval:0s Retries:3}",
            "- USER me:you",
            "WORKDIR /tmp/",
            "WORKDIR /tmp/app",
            "- WORKDIR /",
            "- STOPSIGNAL SIGINT",
            r#"- CMD ["/bin/bash" "-c" "echo \"hi\""]"#,
            r#"- ENTRYPOINT ["/run" "a b"]"#,
        ]
    );
}

#[test]
fn transfers_show_what_was_expanded_and_only_some_flags() {
    let file = "FROM scratch AS s\nCOPY x /\nFROM scratch\nENV D=/dest\n\
        COPY --from=s --link --chown=1:2 --chmod=600 a ./b $D/\nCOPY --parents --exclude=*.md . .\nCOPY <<ONE <<\"TWO\" /etc/\n1\nONE\n2\nTWO\n\
        ADD --chown=3 https://x.org/y.tar /y\n";
    assert_eq!(
        history(&planned(file)),
        [
            "- ENV D=/dest",
            "COPY --chown=1:2 --chmod=600 a ./b /dest/ # buildkit",
            "COPY --parents . . # buildkit",
            "COPY <<ONE <<TWO /etc/ # buildkit",
            "ADD --chown=3 https://x.org/y.tar /y # buildkit",
        ]
    );
}

#[test]
fn run_names_the_arguments_of_its_stage_with_the_values_in_force() {
    let file = "ARG G=global\nFROM scratch AS base\nARG inherited=1\nRUN a\nFROM base\nARG G x=1 y\nARG x=2\nENV G=env\nRUN b\nRUN [\"c\", \"d\"]\n";
    assert_eq!(
        history(&planned(file)),
        [
            "- ARG inherited=1",
            "RUN |1 inherited=1 /bin/sh -c a # buildkit",
            "- ARG G=global x=1 y",
            "- ARG x=2",
            "- ENV G=env",
            "RUN |3 G=env x=2 y= /bin/sh -c b # buildkit",
            "RUN |3 G=env x=2 y= c d # buildkit",
        ]
    );
    let file = "FROM scratch\nARG TARGETARCH http_proxy\nRUN a\n";
    assert_eq!(
        history(&Case::of(file).arg("TARGETARCH", "s390x").arg("HTTPS_PROXY", "p").planned()),
        ["- ARG TARGETARCH=s390x http_proxy", "RUN |2 TARGETARCH=s390x http_proxy= /bin/sh -c a # buildkit"]
    );
}

#[test]
fn heredocs_are_scripts_or_files_to_run() {
    let file = "FROM scratch\nRUN <<EOF\necho 1\nEOF\nRUN <<EOF\n#!/bin/python\nx\nEOF\n";
    assert_eq!(
        history(&planned(file)),
        ["RUN /bin/sh -c echo 1\n # buildkit", "RUN /bin/sh -c /dev/pipes/EOF # buildkit"]
    );
}

#[test]
fn the_config_is_that_of_the_base_with_every_line_applied() {
    let base = RuntimeConfig {
        env: pairs(&[("PATH", "/b"), ("X", "base")]),
        workdir: "/home".into(),
        user: "app".into(),
        entrypoint: Some(vec!["/init".into()]),
        cmd: Some(vec!["sh".into()]),
        labels: [("keep".to_owned(), "1".to_owned()), ("change".to_owned(), "1".to_owned())].into(),
        exposed: ["80/tcp".to_owned()].into(),
        onbuild: vec!["ENV TRIGGERED=yes".into()],
        author: Some("them".into()),
        ..RuntimeConfig::default()
    };
    let file = "FROM b\nARG X=arg\nENV X=$X-$TRIGGERED Y=1\nLABEL change=2\nEXPOSE 53/udp\nWORKDIR sub\n\
        ENTRYPOINT run me\nHEALTHCHECK NONE\nSTOPSIGNAL 9\nVOLUME [\"/v\"]\nUSER $Y\n";
    let planned = Case::of(file).image("b", base).planned();
    let expected = RuntimeConfig {
        env: pairs(&[("PATH", "/b"), ("X", "arg-yes"), ("TRIGGERED", "yes"), ("Y", "1")]),
        workdir: "/home/sub".into(),
        user: "1".into(),
        entrypoint: Some(["/bin/sh", "-c", "run me"].map(str::to_owned).to_vec()),
        cmd: None,
        labels: [("keep".to_owned(), "1".to_owned()), ("change".to_owned(), "2".to_owned())].into(),
        exposed: ["80/tcp".to_owned(), "53/udp".to_owned()].into(),
        volumes: ["/v".to_owned()].into(),
        stopsignal: Some("9".into()),
        healthcheck: Some(HealthcheckConfig { test: vec!["NONE".into()], ..HealthcheckConfig::default() }),
        author: Some("them".into()),
        ..RuntimeConfig::default()
    };
    assert_eq!(planned.target_stage().config, expected);
}

#[test]
fn a_cmd_outlives_only_an_entrypoint_below_it_in_its_stage() {
    let cmd = |file: &str| planned(file).target_stage().config.cmd.clone();
    assert_eq!(cmd("FROM scratch AS a\nCMD [\"x\"]\nFROM a\nENTRYPOINT [\"y\"]\n"), None);
    assert_eq!(cmd("FROM scratch AS a\nCMD [\"x\"]\nENTRYPOINT [\"y\"]\n"), Some(vec!["x".into()]));
    assert_eq!(cmd("FROM scratch AS a\nENTRYPOINT [\"y\"]\nCMD [\"x\"]\nCMD [\"z\"]\n"), Some(vec!["z".into()]));
    assert_eq!(cmd("FROM scratch AS a\nCMD [\"x\"]\nFROM a\n"), Some(vec!["x".into()]));
    assert_eq!(cmd("FROM scratch AS a\nCMD [\"x\"]\nFROM a\nCMD []\n"), None);
}

#[test]
fn scratch_has_a_path_and_the_root_as_its_directory() {
    let config = &planned("FROM scratch\nCOPY x /\n").target_stage().config.clone();
    assert_eq!(config.workdir, "/");
    assert_eq!(config.env[0].0, "PATH");
}
