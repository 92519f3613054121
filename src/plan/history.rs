//! What `docker history` shows of a line, word for word as its users and their tools know it.
//!
//! Knows how lines are worded, not what is in force: values come in. Lists are written the way Go writes them, which
//! other programs have come to read.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::model::HealthcheckConfig;
use crate::plan::StepId;

/// One line of an image's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntry {
    /// By what the line was made.
    pub created_by: String,
    /// The step whose layer it describes; none for a line that makes no layer.
    pub layer: Option<StepId>,
}

impl HistoryEntry {
    /// Whether it describes no layer.
    pub fn is_empty_layer(&self) -> bool {
        self.layer.is_none()
    }
}

/// RUN, with the ARGs of the stage and the values they have by now.
pub(super) fn run(args: &[(String, String)], argv: &[String]) -> String {
    let mut text = "RUN ".to_owned();
    if !args.is_empty() {
        write!(text, "|{} ", args.len()).expect("writing to a string cannot fail");
    }
    for (name, value) in args {
        write!(text, "{name}={value} ").expect("writing to a string cannot fail");
    }
    format!("{text}{} # buildkit", argv.join(" "))
}

/// COPY or ADD: flags, sources and destination after expansion.
pub(super) fn transfer(keyword: &str, flags: &[String], sources: &[String], destination: &str) -> String {
    let destination = [destination.to_owned()];
    let words: Vec<&str> =
        [keyword].into_iter().chain(flags.iter().chain(sources).chain(&destination).map(String::as_str)).collect();
    format!("{} # buildkit", words.join(" "))
}

/// ENV or LABEL, and ARG with a value.
pub(super) fn pairs(keyword: &str, pairs: &[(String, Option<String>)]) -> String {
    let mut text = keyword.to_owned();
    for (name, value) in pairs {
        text.push(' ');
        text.push_str(name);
        if let Some(value) = value {
            text.push('=');
            text.push_str(value);
        }
    }
    text
}

/// CMD or ENTRYPOINT: quoted, between brackets, without commas.
pub(super) fn quoted(keyword: &str, argv: &[String]) -> String {
    let words: Vec<String> = argv.iter().map(|word| quote(word)).collect();
    format!("{keyword} [{}]", words.join(" "))
}

/// EXPOSE, VOLUME or SHELL: between brackets, as they are.
pub(super) fn list(keyword: &str, words: &[String]) -> String {
    format!("{keyword} [{}]", words.join(" "))
}

/// HEALTHCHECK.
pub(super) fn healthcheck(check: &HealthcheckConfig) -> String {
    let HealthcheckConfig { test, interval, timeout, start_period, start_interval, retries } = check;
    let [interval, timeout, start_period, start_interval] =
        [interval, timeout, start_period, start_interval].map(|time| duration(*time));
    format!(
        "HEALTHCHECK {{Test:[{}] Interval:{interval} Timeout:{timeout} StartPeriod:{start_period} \
         StartInterval:{start_interval} Retries:{retries}}}",
        test.join(" ")
    )
}

/// USER, WORKDIR, STOPSIGNAL or MAINTAINER.
pub(super) fn plain(keyword: &str, text: &str) -> String {
    format!("{keyword} {text}")
}

/// A string as Go's `strconv.Quote` writes it.
fn quote(text: &str) -> String {
    let mut quoted = "\"".to_owned();
    for char in text.chars() {
        match char {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{b}' => quoted.push_str("\\v"),
            '\u{c}' => quoted.push_str("\\f"),
            char if (char as u32) < 0x20 || char == '\u{7f}' => quoted.push_str(&format!("\\x{:02x}", char as u32)),
            char if char.is_control() => quoted.push_str(&format!("\\u{:04x}", char as u32)),
            char => quoted.push(char),
        }
    }
    quoted.push('"');
    quoted
}

/// A time as Go writes it: `1h0m0s`, `1m30s`, `1.5s`, `100ms`, `0s`.
fn duration(nanoseconds: i64) -> String {
    const SECOND: i64 = 1_000_000_000;
    let fraction = |part: i64, unit: i64| match part % unit {
        0 => format!("{}", part / unit),
        rest => {
            let digits = unit.ilog10() as usize;
            format!("{}.{}", part / unit, format!("{rest:0digits$}").trim_end_matches('0'))
        }
    };
    match nanoseconds {
        0 => "0s".to_owned(),
        1..1_000 => format!("{nanoseconds}ns"),
        1_000..1_000_000 => format!("{}µs", fraction(nanoseconds, 1_000)),
        1_000_000..SECOND => format!("{}ms", fraction(nanoseconds, 1_000_000)),
        _ => {
            let (minutes, rest) = (nanoseconds / (60 * SECOND), nanoseconds % (60 * SECOND));
            let seconds = fraction(rest, SECOND);
            match (minutes / 60, minutes % 60) {
                (0, 0) => format!("{seconds}s"),
                (0, minutes) => format!("{minutes}m{seconds}s"),
                (hours, minutes) => format!("{hours}h{minutes}m{seconds}s"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_and_times_are_written_as_go_writes_them() {
        assert_eq!(quote("a \"b\" \\ \n\u{1}é\u{85}"), "\"a \\\"b\\\" \\\\ \\n\\x01é\\u0085\"");
        let times = [0, 500, 1_500, 100_000_000, 1_500_000_000, 90_000_000_000, 3_600_000_000_000];
        assert_eq!(times.map(duration), ["0s", "500ns", "1.5µs", "100ms", "1.5s", "1m30s", "1h0m0s"]);
    }
}
