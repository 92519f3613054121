//! The list of rules: one line each for people, or JSON.

use std::io;

use serde::Serialize;

use crate::report::envelope;
use crate::report::style::{Style, Tone};
use crate::rules::meta::{EDITION, Edition, Offered, OptionMeta, OptionValue, RuleMeta, Status};

/// Writes one line a rule.
pub fn write_rules_text(rules: &[&RuleMeta], style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let width = rules.iter().map(|rule| rule.id.as_str().len()).max().unwrap_or(0);
    for rule in rules {
        let id = style.paint(Tone::Strong, format_args!("{:width$}", rule.id.as_str()));
        let fix = match rule.fix.offered {
            Offered::Never => "",
            Offered::Sometimes | Offered::Always => "fix",
        };
        let runs = match (rule.status, rule.edition) {
            (Status::Stable, Edition::From(number)) if number <= EDITION => "",
            (Status::Optional, Edition::From(_)) => "strict",
            _ => "opt-in",
        };
        let (severity, category) = (rule.severity.as_str(), rule.category.as_str());
        writeln!(out, "{id}  {severity:<7}  {category:<15}  {runs:<6}  {fix:<3}  {}", rule.summary)?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Document<'a> {
    rules: Vec<RuleEntry<'a>>,
}

#[derive(Serialize)]
struct RuleEntry<'a> {
    id: &'a str,
    summary: &'a str,
    category: &'static str,
    severity: &'static str,
    confidence: &'static str,
    status: &'static str,
    since: &'a str,
    edition: Edition,
    fix: Offered,
    fix_safety: &'static str,
    aliases: Vec<&'a str>,
    options: Vec<OptionEntry<'a>>,
}

#[derive(Serialize)]
struct OptionEntry<'a> {
    name: &'a str,
    about: &'a str,
    default: &'a OptionValue,
}

/// Writes the rules as JSON, in rplan's envelope.
pub fn write_rules_json(rules: &[&RuleMeta], out: &mut dyn io::Write) -> io::Result<()> {
    let document = Document { rules: rules.iter().map(|rule| RuleEntry::of(rule)).collect() };
    envelope::write("rules", &document, out)
}

impl<'a> RuleEntry<'a> {
    fn of(rule: &'a RuleMeta) -> Self {
        let option =
            |option: &'a OptionMeta| OptionEntry { name: &option.name, about: &option.about, default: &option.default };
        Self {
            id: rule.id.as_str(),
            summary: &rule.summary,
            category: rule.category.as_str(),
            severity: rule.severity.as_str(),
            confidence: rule.confidence.as_str(),
            status: rule.status.as_str(),
            since: &rule.since,
            edition: rule.edition,
            fix: rule.fix.offered,
            fix_safety: rule.fix.safety.as_str(),
            aliases: rule.names().skip(1).collect(),
            options: rule.options.iter().map(option).collect(),
        }
    }
}
