//! What hadolint is told → the text of an `rplan.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::config::Origin;
use crate::config::file::quoted;
use crate::config::hadolint::{LABEL_FORMS, Placed, Told};
use crate::diagnostic::Severity;
use crate::rules::meta::RuleMeta;
use crate::text::{Span, excerpt};

/// An `rplan.toml` that says what hadolint is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Translation {
    /// The file.
    pub text: String,
    /// Who says what, by the place in the file; sorted.
    pub origins: Vec<(Span, Origin)>,
    /// What rplan has no setting for, and what to do instead.
    pub left_out: Vec<String>,
}

/// The longest that a list on one line may be.
const WIDTH: usize = 100;

pub(super) fn translate(told: &Told, rules: &[&RuleMeta]) -> Translation {
    let mut draft = Draft { rules, text: String::new(), origins: Vec::new(), left_out: Vec::new() };
    draft.lint(told);
    draft.severities(told);
    draft.registries(told);
    draft.labels(told);
    draft.habits(told);
    let Draft { mut text, origins, left_out, .. } = draft;
    for (index, one) in left_out.iter().enumerate() {
        let between = if index == 0 { "\n" } else { "" };
        let _ = writeln!(text, "{between}# {}", excerpt(one));
    }
    Translation { text, origins, left_out }
}

struct Draft<'a> {
    rules: &'a [&'a RuleMeta],
    text: String,
    origins: Vec<(Span, Origin)>,
    left_out: Vec<String>,
}

impl Draft<'_> {
    /// What hadolint shows: everything, and from `info` on it fails.
    fn lint(&mut self, told: &Told) {
        self.text.push_str("[lint]\nprofile = \"hadolint\"\nseverity = \"style\"\n");
        match (&told.no_fail, &told.threshold) {
            (Some(no_fail), _) if no_fail.value => self.word("fail-on", "never", Some(&no_fail.origin)),
            (_, Some(at)) => self.word("fail-on", at.value.as_str(), Some(&at.origin)),
            (_, None) => self.word("fail-on", Severity::Info.as_str(), None),
        }
        let silent: Vec<&Placed<String>> =
            told.overrides.iter().map(|(_, rule)| rule).filter(|rule| self.is_off(&rule.value)).collect();
        self.list("extend-select", &unique(&silent));
        let ignored: Vec<&Placed<String>> = self.known(&told.ignored, "ignored");
        self.list("ignore", &unique(&ignored));
        if let Some(disabled) = told.disable_ignore_pragma.as_ref().filter(|disabled| disabled.value) {
            self.line("inline-ignores", "false", Some(&disabled.origin));
        }
    }

    /// What is graver or milder than usual. Of several severities hadolint takes the gravest.
    fn severities(&mut self, told: &Told) {
        let mut severities: BTreeMap<&str, (Severity, &Origin)> = BTreeMap::new();
        for (severity, rule) in &told.overrides {
            let found = severities.entry(&rule.value).or_insert((*severity, &rule.origin));
            if *severity > found.0 {
                *found = (*severity, &rule.origin);
            }
        }
        for (name, (severity, origin)) in severities {
            match self.rule(name) {
                Some(_) => {
                    self.table(name);
                    self.word("severity", severity.as_str(), Some(origin));
                }
                None => self.left_out.push(unknown("override", name)),
            }
        }
    }

    fn registries(&mut self, told: &Told) {
        let mut registries: Vec<&Placed<String>> = told.registries.iter().collect();
        // Another name of Docker's registry, which images carry under one name alone.
        let docker = told.registries.iter().find(|registry| registry.value == "hub.docker.com");
        let docker = docker.map(|registry| Placed { value: "docker.io".to_owned(), origin: registry.origin.clone() });
        registries.extend(&docker);
        if !registries.is_empty() {
            self.table("registry-not-allowed");
            self.list("allowed", &unique(&registries));
        }
    }

    fn labels(&mut self, told: &Told) {
        let keys: Vec<&Placed<String>> = told.labels.iter().map(|(key, _)| key).collect();
        let keys = unique(&keys);
        let strict = told.strict_labels.as_ref().filter(|strict| strict.value);
        if keys.is_empty() {
            if let Some(strict) = strict {
                // A schema without labels allows none.
                self.table("unexpected-label");
                self.line("strict", "true", Some(&strict.origin));
            }
            return;
        }
        self.table("missing-label");
        self.list("required", &keys);
        self.table("bad-label-value");
        for form in LABEL_FORMS {
            let is_first = |key: &&&Placed<String>| {
                told.labels.iter().find(|(one, _)| one.value == key.value).is_some_and(|(_, first)| first == form)
            };
            let of_form: Vec<&Placed<String>> = keys.iter().filter(is_first).copied().collect();
            self.list(form, &of_form);
        }
        if strict.is_some() {
            self.table("unexpected-label");
            self.list("allowed", &keys);
        }
    }

    /// What is typed with rplan, not set.
    fn habits(&mut self, told: &Told) {
        for format in &told.formats {
            let instead = match format.value.as_str() {
                "tty" => "it is what `rplan lint` shows",
                "json" => "rplan lint --format hadolint",
                "checkstyle" => "rplan lint --format checkstyle",
                "codeclimate" | "gitlab_codeclimate" => "rplan lint --format gitlab",
                "gnu" => "rplan lint --format compact",
                "junit" => "rplan lint --format junit",
                "sarif" => "rplan lint --format sarif",
                _ => "rplan has no such form; there is --format json",
            };
            self.left_out.push(format!("format {}: {instead}", format.value));
        }
        if told.no_color.as_ref().is_some_and(|no_color| no_color.value) {
            self.left_out.push("no-color: set NO_COLOR, or rplan lint --color never".to_owned());
        }
        if told.verbose.as_ref().is_some_and(|verbose| verbose.value) {
            self.left_out.push("verbose: rplan config show tells what holds".to_owned());
        }
    }

    /// Those that a rule is called by; the others are left out.
    fn known<'n>(&mut self, names: &'n [Placed<String>], key: &str) -> Vec<&'n Placed<String>> {
        let (known, others): (Vec<_>, Vec<_>) = names.iter().partition(|name| self.rule(&name.value).is_some());
        self.left_out.extend(unique(&others).iter().map(|name| unknown(key, &name.value)));
        known
    }

    fn rule(&self, name: &str) -> Option<&RuleMeta> {
        self.rules.iter().copied().find(|rule| rule.is_called(name))
    }

    /// Whether hadolint is silent about it unless it is given a severity.
    fn is_off(&self, name: &str) -> bool {
        let alias = self.rule(name).and_then(|rule| rule.aliases.iter().find(|alias| alias.is(name)));
        alias.is_some_and(|alias| alias.severity.is_none())
    }

    fn table(&mut self, rule: &str) {
        let _ = writeln!(self.text, "\n[lint.rule.{rule}]");
    }

    fn word(&mut self, key: &str, value: &str, origin: Option<&Origin>) {
        self.line(key, &quoted(value), origin);
    }

    fn line(&mut self, key: &str, value: &str, origin: Option<&Origin>) {
        let start = self.text.len();
        let _ = writeln!(self.text, "{key} = {value}");
        self.origins.extend(origin.map(|origin| (Span::new(start, self.text.len()), origin.clone())));
    }

    /// A list, with an origin for each of its texts; on one line where it fits. An empty one is left out.
    fn list(&mut self, key: &str, texts: &[&Placed<String>]) {
        let Some(first) = texts.first() else { return };
        let length: usize = texts.iter().map(|text| text.value.len() + 4).sum();
        let (open, between, close) =
            if key.len() + length < WIDTH { ("[", ", ", "]\n") } else { ("[\n    ", ",\n    ", ",\n]\n") };
        let start = self.text.len();
        let _ = write!(self.text, "{key} = ");
        self.origins.push((Span::new(start, self.text.len()), first.origin.clone()));
        for (index, text) in texts.iter().enumerate() {
            self.text.push_str(if index == 0 { open } else { between });
            let start = self.text.len();
            self.text.push_str(&quoted(&text.value));
            self.origins.push((Span::new(start, self.text.len()), text.origin.clone()));
        }
        self.text.push_str(close);
    }
}

/// Each text once, as it comes first.
fn unique<'p>(texts: &[&'p Placed<String>]) -> Vec<&'p Placed<String>> {
    let mut seen = BTreeSet::new();
    texts.iter().copied().filter(|text| seen.insert(text.value.as_str())).collect()
}

fn unknown(key: &str, name: &str) -> String {
    format!("{key} {name}: rplan has no such rule")
}
