//! `.hadolint.yaml`.

use crate::config::Origin;
use crate::config::file::{Mistakes, meant};
use crate::config::hadolint::{LABEL_FORMS, Placed, SEVERITIES, Told, severity};
use crate::config::yaml::{self, Node};
use crate::diagnostic::{Finding, Severity};
use crate::text::{SourceFile, Spanned};

const KEYS: [&str; 12] = [
    "disable-ignore-pragma",
    "failure-threshold",
    "format",
    "formats",
    "ignored",
    "label-schema",
    "no-color",
    "no-fail",
    "override",
    "strict-labels",
    "trustedRegistries",
    "verbose",
];
const LEVELS: [&str; 4] = ["error", "warning", "info", "style"];

/// Reads the file, or tells everything that is wrong in it.
pub(super) fn read(source: &SourceFile) -> Result<Told, Vec<Finding>> {
    let mut mistakes = Mistakes::default();
    let root = yaml::read(source, &mut mistakes);
    let mut reader = Reader { source, mistakes, told: Told::default() };
    if let Some(root) = &root {
        for (key, value) in reader.table(root, "the file") {
            reader.setting(key, value);
        }
    }
    reader.mistakes.result(reader.told)
}

struct Reader<'a> {
    source: &'a SourceFile,
    mistakes: Mistakes,
    told: Told,
}

type Entry = (Spanned<String>, Spanned<Node>);

impl Reader<'_> {
    fn setting(&mut self, key: &Spanned<String>, value: &Spanned<Node>) {
        match key.value.as_str() {
            "ignored" => self.told.ignored = self.texts(value, "ignored"),
            "trustedRegistries" => self.told.registries = self.texts(value, "trustedRegistries"),
            "format" | "formats" => {
                let formats = self.texts(value, &key.value);
                self.told.formats.extend(formats);
            }
            "override" => self.overrides(value),
            "failure-threshold" => self.told.threshold = self.threshold(value),
            "label-schema" => self.labels(value),
            "strict-labels" => self.told.strict_labels = self.flag(key, value),
            "no-fail" => self.told.no_fail = self.flag(key, value),
            "no-color" => self.told.no_color = self.flag(key, value),
            "verbose" => self.told.verbose = self.flag(key, value),
            "disable-ignore-pragma" => self.told.disable_ignore_pragma = self.flag(key, value),
            _ => self.unknown(key, "setting", &KEYS),
        }
    }

    fn overrides(&mut self, value: &Spanned<Node>) {
        for (level, rules) in self.table(value, "override") {
            match severity(&level.value).filter(|_| LEVELS.contains(&level.value.as_str())) {
                Some(severity) => {
                    let rules = self.texts(rules, &format!("override.{}", level.value));
                    self.told.overrides.extend(rules.into_iter().map(|rule| (severity, rule)));
                }
                None => self.unknown(level, "severity", &LEVELS),
            }
        }
    }

    fn threshold(&mut self, value: &Spanned<Node>) -> Option<Placed<Severity>> {
        let text = self.text(value, "failure-threshold")?;
        let found = severity(&text.value);
        if found.is_none() {
            self.unknown(&text, "severity", &SEVERITIES.map(|(word, _)| word));
        }
        Some(Placed { value: found?, origin: self.origin(&text) })
    }

    fn labels(&mut self, value: &Spanned<Node>) {
        for (label, form) in self.table(value, "label-schema") {
            let Some(form) = self.text(form, &format!("label-schema.{}", label.value)) else { continue };
            let name = if form.value.is_empty() { "text" } else { form.value.as_str() };
            match LABEL_FORMS.contains(&name) {
                true => {
                    let label = Placed { value: label.value.clone(), origin: self.origin(label) };
                    self.told.labels.push((label, name.to_owned()));
                }
                false => self.unknown(&form, "form of a label", &LABEL_FORMS),
            }
        }
    }

    fn flag(&mut self, key: &Spanned<String>, value: &Spanned<Node>) -> Option<Placed<bool>> {
        match &value.value {
            Node::Flag(flag) => return Some(Placed { value: *flag, origin: self.origin(value) }),
            Node::Nothing => {}
            _ => self.wrong(value, &key.value, "true or false"),
        }
        None
    }

    /// A list of texts, or one text alone.
    fn texts(&mut self, value: &Spanned<Node>, key: &str) -> Vec<Placed<String>> {
        let items = match &value.value {
            Node::List(items) => items.as_slice(),
            Node::Nothing => &[],
            _ => std::slice::from_ref(value),
        };
        let texts: Vec<Spanned<String>> = items.iter().filter_map(|item| self.text(item, key)).collect();
        let placed = |text: Spanned<String>| Placed { origin: self.origin(&text), value: text.value };
        texts.into_iter().map(placed).collect()
    }

    fn text(&mut self, value: &Spanned<Node>, key: &str) -> Option<Spanned<String>> {
        match &value.value {
            Node::Text(text) => Some(Spanned::new(text.clone(), value.span)),
            _ => {
                self.wrong(value, key, "a text");
                None
            }
        }
    }

    fn table<'n>(&mut self, value: &'n Spanned<Node>, key: &str) -> &'n [Entry] {
        match &value.value {
            Node::Table(entries) => return entries,
            Node::Nothing => {}
            _ => self.wrong(value, key, "a table"),
        }
        &[]
    }

    fn wrong(&mut self, value: &Spanned<Node>, key: &str, expected: &str) {
        self.mistakes.add(value.span, format!("`{key}` is {expected}, not {}", value.value.kind()), None);
    }

    fn unknown(&mut self, name: &Spanned<String>, what: &str, known: &[&str]) {
        let listed = || format!("known here: {}", known.join(", "));
        let help = meant(&name.value, known.iter().copied()).unwrap_or_else(listed);
        self.mistakes.add(name.span, format!("hadolint has no {what} `{}`", name.value), Some(help));
    }

    fn origin<T>(&self, at: &Spanned<T>) -> Origin {
        Origin::in_file(self.source, at.span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_is_told_with_its_place() {
        let text = "ignore: [DL3008]\nfailure-threshold: warn\noverride:\n  eror: [DL3008]\n  info: 3\n\
                    label-schema:\n  a: mail\n  b: [x]\nno-fail: 'yes'\nstrict-labels: 1\ntrustedRegistries: {}\n";
        let source = SourceFile::new(".hadolint.yaml", text);
        let found = read(&source).expect_err("much is wrong");
        let told = |finding: &Finding| format!("{}: {}", source.slice(finding.primary.span), finding.message);
        assert_eq!(
            found.iter().map(told).collect::<Vec<_>>(),
            [
                "ignore: hadolint has no setting `ignore`",
                "warn: hadolint has no severity `warn`",
                "eror: hadolint has no severity `eror`",
                "3: `override.info` is a text, not a number",
                "mail: hadolint has no form of a label `mail`",
                "[x: `label-schema.b` is a text, not a list",
                "'yes': `no-fail` is true or false, not a text",
                "1: `strict-labels` is true or false, not a number",
                "{: `trustedRegistries` is a text, not a table",
            ]
        );
        assert_eq!(found[0].help.as_deref(), Some("did you mean `ignored`?"));
    }

    #[test]
    fn what_is_left_empty_says_nothing() {
        for text in ["", "ignored:\noverride:\n  error:\nlabel-schema:\nno-fail:\n", "trustedRegistries: []\n"] {
            let told = read(&SourceFile::new(".hadolint.yaml", text)).expect("no mistakes");
            assert!(told.ignored.is_empty() && told.overrides.is_empty() && told.no_fail.is_none(), "{text:?}");
        }
        for text in ["- DL3008\n", "DL3008\n"] {
            assert!(read(&SourceFile::new(".hadolint.yaml", text)).is_err(), "{text:?}");
        }
    }
}
