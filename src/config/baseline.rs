//! The file of a baseline: TOML with one `[[finding]]` for each entry, sorted, so that two branches rarely conflict.

use std::fmt::Write;

use crate::config::file::{self, Mistakes, quoted};
use crate::config::section::Section;
use crate::diagnostic::{Anchor, Finding, RuleId};
use crate::lint::{Baseline, Known};
use crate::text::{SourceFile, Span};

/// The version of the form. Another one is refused: what is not understood must not silence anything.
const VERSION: usize = 1;

/// Reads a baseline, or tells everything that is wrong in it.
pub(super) fn read(source: &SourceFile) -> Result<Baseline, Vec<Finding>> {
    file::read(source, |root, mistakes| {
        root.require(&["version"], mistakes);
        match root.count("version", mistakes) {
            Some(VERSION) | None => {}
            Some(other) => mistakes.add(
                Span::at(0),
                format!("this is a baseline of version {other}"),
                Some(format!("this rplan reads version {VERSION}: draw it anew")),
            ),
        }
        root.sections("finding", mistakes, entry).into_iter().collect()
    })
}

fn entry(section: &mut Section, mistakes: &mut Mistakes) -> Known {
    section.require(&["file", "rule", "stage", "instruction"], mistakes);
    let mut text = |key| section.text(key, mistakes).map(|text| text.value).unwrap_or_default();
    let (file, rule, stage, instruction) = (text("file"), text("rule"), text("stage"), text("instruction"));
    let ordinal = section.count("ordinal", mistakes).unwrap_or(0);
    let anchor = Anchor { stage: stage.into(), instruction: instruction.into(), ordinal };
    Known { file, rule: RuleId::user(rule), anchor }
}

/// A baseline as a file: the same entries give the same bytes.
pub fn write_baseline(baseline: &Baseline) -> String {
    let mut text = format!(
        "# What `rplan lint` found when this was drawn, and does not tell again.\n\
         # `rplan lint --baseline FILE --write-baseline` draws it anew.\nversion = {VERSION}\n"
    );
    for Known { file, rule, anchor } in baseline.entries() {
        let _ = write!(text, "\n[[finding]]\nfile = {}\nrule = {}\n", quoted(file), quoted(rule.as_str()));
        let _ = write!(text, "stage = {}\ninstruction = {}\n", quoted(&anchor.stage), quoted(&anchor.instruction));
        // The first of its kind goes without saying.
        if anchor.ordinal > 0 {
            let _ = writeln!(text, "ordinal = {}", anchor.ordinal);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(instruction: &str, ordinal: usize) -> Known {
        let anchor = Anchor { stage: "0".into(), instruction: instruction.into(), ordinal };
        Known { file: "a b/Dockerfile".to_owned(), rule: RuleId::builtin("latest-tag"), anchor }
    }

    fn mistakes(text: &str) -> Vec<String> {
        let source = SourceFile::new("baseline.toml", text);
        let found = read(&source).expect_err("it is wrong");
        let told = |finding: &Finding| format!("{}: {}", source.slice(finding.primary.span), finding.message);
        found.iter().map(told).collect()
    }

    #[test]
    fn what_is_written_is_read_whatever_the_text() {
        let texts = ["FROM a", "CMD [\"a\", 'b']", "RUN a \\ \"\"\" ''' \t\u{1}\u{7f}\r\n é", "", "'", "\n"];
        let entries = texts.iter().enumerate().map(|(ordinal, text)| known(text, ordinal));
        let baseline: Baseline = entries.collect();
        let text = write_baseline(&baseline);
        assert_eq!(read(&SourceFile::new("b", text.as_str())), Ok(baseline.clone()), "{text}");
        let other_way: Baseline = baseline.entries().cloned().collect::<Vec<_>>().into_iter().rev().collect();
        assert_eq!(write_baseline(&other_way), text);
    }

    #[test]
    fn every_mistake_has_its_place() {
        let entry = "[[finding]]\nfile = 'f'\nrule = 'r'\nstage = 0\nordinal = 'x'\nline = 3\n";
        assert_eq!(
            mistakes(&format!("version = 1\n{entry}")),
            [
                "[[finding]]: `finding.instruction` is missing",
                "0: `finding.stage` is a text in quotes, not a value of type integer",
                "'x': `finding.ordinal` is a whole number above zero",
                "line: there is no setting `finding.line`",
            ]
        );
        assert_eq!(mistakes("version = 7\n"), [": this is a baseline of version 7"]);
        assert_eq!(mistakes("[[finding]]\n").len(), 5);
        assert_eq!(mistakes("version = 1\nnot toml").len(), 1);
    }
}
