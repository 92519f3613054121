//! The README of the cases: what the suite is, and what each case pins.

use std::fmt::Write as _;

use super::case::Case;

const INTRODUCTION: &str = "\
# Conformance

What Dockerfiles mean, case by case. Each file below pins one behaviour of the language that a build can show: it has a
Dockerfile, its context and the command, and what comes of them: the image's config, what it adds to the history of its
base, and every file that it adds, changes or removes, with mode, owner, time, extended attributes and content; or how the
build fails. Files of a context are of 2001-01-01, so that a time in a result tells where it comes from.

```sh
RPLAN_TEST_SYSTEM=1 cargo test --test it -- conformance::                   # all of them, as root
RPLAN_TEST_SYSTEM=1 RPLAN_CASES=copy/ cargo test --test it -- conformance:: # those with this in their name
RPLAN_UPDATE=1 …                                                            # writes down what comes of them now
tests/conformance/compare                                                   # with dockerd and buildah
```

`compare` builds every case with Debian's dockerd (the BuildKit in it) and with buildah, and fails on a difference that
`differences.toml` gives no reason for.

This file is written by `RPLAN_UPDATE=1`.
";

/// The README for `cases`.
pub(super) fn readme(cases: &[Case]) -> String {
    let mut text = INTRODUCTION.to_owned();
    let mut area = "";
    for case in cases {
        let (of, name) = case.name.split_once('/').expect("a case lies in an area");
        if of != area {
            area = of;
            write!(text, "\n## {area}\n\n| case | of | what it pins |\n|---|---|---|\n").unwrap();
        }
        let title = case.title.replace('|', "\\|");
        writeln!(text, "| [{name}]({area}/{name}.md) | {} | {title} |", case.section).unwrap();
    }
    text
}
