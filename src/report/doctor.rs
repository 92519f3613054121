//! What a machine can do: a list for people, and the same as JSON.

use std::io;

use serde::Serialize;

use crate::report::envelope;
use crate::report::style::{Style, Tone};

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckRow {
    /// What.
    pub name: String,
    /// How it stands.
    pub verdict: CheckVerdict,
    /// What was found.
    pub found: String,
    /// How to mend it.
    pub mend: Option<String>,
}

/// How a thing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckVerdict {
    /// It is there.
    Works,
    /// It is not, and what needs it is left out.
    Lacks,
    /// It is not, and nothing can be built.
    Fails,
}

impl CheckVerdict {
    fn told(self) -> (&'static str, Tone) {
        match self {
            Self::Works => ("works", Tone::Good),
            Self::Lacks => ("lacks", Tone::Warning),
            Self::Fails => ("fails", Tone::Error),
        }
    }
}

/// Writes a line for each, what would mend it below, and the answer at the end.
pub fn write_checks_text(rows: &[CheckRow], style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let width = rows.iter().map(|row| row.name.len()).max().unwrap_or_default();
    for row in rows {
        let (word, tone) = row.verdict.told();
        writeln!(out, "{}  {:<width$}  {}", style.paint(tone, word), row.name, style.plain(&row.found))?;
        if let Some(mend) = &row.mend {
            let help = style.paint(Tone::Info, "help:");
            writeln!(out, "       {:<width$}  {help} {}", "", style.plain(mend))?;
        }
    }
    let answer = match can_build(rows) {
        true => "This machine can build.",
        false => "This machine cannot build until what fails is mended; lint, fix, plan and optimize need none of it.",
    };
    writeln!(out, "\n{answer}")
}

fn can_build(rows: &[CheckRow]) -> bool {
    rows.iter().all(|row| row.verdict != CheckVerdict::Fails)
}

#[derive(Serialize)]
struct Document<'a> {
    can_build: bool,
    checks: &'a [CheckRow],
}

/// Writes them as JSON, in rplan's envelope.
pub fn write_checks_json(rows: &[CheckRow], out: &mut dyn io::Write) -> io::Result<()> {
    envelope::write("doctor", &Document { can_build: can_build(rows), checks: rows }, out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<CheckRow> {
        let row = |name: &str, verdict, found: &str, mend: Option<&str>| CheckRow {
            name: name.to_owned(),
            verdict,
            found: found.to_owned(),
            mend: mend.map(str::to_owned),
        };
        vec![
            row("kernel", CheckVerdict::Works, "Linux 6.18", None),
            row("git", CheckVerdict::Lacks, "not installed", Some("install it")),
        ]
    }

    fn text(rows: &[CheckRow]) -> String {
        let mut out = Vec::new();
        write_checks_text(rows, Style::PLAIN, &mut out).expect("memory takes it");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn what_is_lacking_says_how_to_mend_it_and_stops_nobody() {
        let expected = "works  kernel  Linux 6.18\nlacks  git     not installed\n               help: install it\n\n\
                        This machine can build.\n";
        assert_eq!(text(&rows()), expected);
    }

    #[test]
    fn one_failure_is_enough_not_to_build() {
        let mut rows = rows();
        rows[0].verdict = CheckVerdict::Fails;
        assert!(text(&rows).contains("fails  kernel") && text(&rows).contains("cannot build until"));
        let mut out = Vec::new();
        write_checks_json(&rows, &mut out).expect("memory takes it");
        let json: serde_json::Value = serde_json::from_slice(&out).expect("JSON");
        assert_eq!((&json["command"], &json["can_build"]), (&"doctor".into(), &false.into()));
        assert_eq!(json["checks"][0]["verdict"], "fails");
    }
}
