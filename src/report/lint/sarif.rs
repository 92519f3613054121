//! `sarif`: SARIF 2.1.0, for code scanning.

use std::collections::BTreeSet;
use std::io;

use serde::Serialize;

use super::fingerprint::fingerprint;
use super::{LintFormat, LintView, RuleView};
use crate::diagnostic::{Finding, Fix, Safety, Severity};
use crate::report::page::page_in_markdown;
use crate::report::{address, place};
use crate::rules::meta::Confidence;
use crate::text::{Edit, Encoding, SourceFile, Span};

/// One SARIF document.
#[derive(Debug, Clone, Copy)]
pub struct Sarif;

impl LintFormat for Sarif {
    fn write(&self, view: &LintView, out: &mut dyn io::Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, &Log::of(view))?;
        writeln!(out)
    }
}

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool<'a>,
    column_kind: &'static str,
    artifacts: Vec<Artifact>,
    results: Vec<ResultEntry<'a>>,
}

#[derive(Serialize)]
struct Tool<'a> {
    driver: Driver<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver<'a> {
    name: &'static str,
    version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    information_uri: Option<&'static str>,
    rules: Vec<ReportingDescriptor<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReportingDescriptor<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    short_description: Option<Message>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<Help<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help_uri: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_configuration: Option<Configuration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    properties: Option<Properties<'a>>,
}

/// What `rplan explain` tells, for code scanning to show beside the finding.
#[derive(Serialize)]
struct Help<'a> {
    text: &'a str,
    markdown: String,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

/// What has no place of its own in SARIF: tags are what code scanning filters by.
#[derive(Serialize)]
struct Properties<'a> {
    tags: Vec<&'a str>,
    precision: &'static str,
}

#[derive(Serialize, PartialEq, Eq)]
struct Artifact {
    location: ArtifactLocation,
}

#[derive(Serialize, PartialEq, Eq)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultEntry<'a> {
    rule_id: &'a str,
    rule_index: usize,
    level: &'static str,
    message: Message,
    locations: [Location; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<FixEntry<'a>>,
    partial_fingerprints: Fingerprints,
}

#[derive(Serialize)]
struct Fingerprints {
    #[serde(rename = "rplanAnchor/v1")]
    anchor: String,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Message>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FixEntry<'a> {
    description: Message,
    artifact_changes: [ArtifactChange<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactChange<'a> {
    artifact_location: ArtifactLocation,
    replacements: Vec<Replacement<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement<'a> {
    deleted_region: Region,
    inserted_content: InsertedContent<'a>,
}

#[derive(Serialize)]
struct InsertedContent<'a> {
    text: &'a str,
}

impl<'a> Log<'a> {
    fn of(view: &'a LintView) -> Self {
        let ids: BTreeSet<&str> = view.findings().map(|(_, finding)| finding.rule.as_str()).collect();
        let ids: Vec<&str> = ids.into_iter().collect();
        let results = view.findings().map(|(source, finding)| ResultEntry::of(source, finding, &ids)).collect();
        let rules = ids.iter().map(|id| ReportingDescriptor::of(id, view.rules.get(*id))).collect();
        let mut artifacts: Vec<Artifact> =
            view.files.iter().map(|file| Artifact { location: ArtifactLocation::of(&file.source) }).collect();
        // A file that is built in several ways is one artifact.
        artifacts.dedup();
        let (version, information_uri) = (env!("CARGO_PKG_VERSION"), address::home());
        let tool = Tool { driver: Driver { name: "rplan", version, information_uri, rules } };
        Self {
            schema: "https://json.schemastore.org/sarif-2.1.0.json",
            version: "2.1.0",
            runs: [Run { tool, column_kind: "utf16CodeUnits", artifacts, results }],
        }
    }
}

impl<'a> ReportingDescriptor<'a> {
    fn of(id: &'a str, rule: Option<&'a RuleView>) -> Self {
        let meta = rule.map(|rule| &rule.meta);
        let page = rule.map(|rule| rule.page.as_str()).filter(|page| !page.is_empty());
        Self {
            id,
            help: page.map(|text| Help { text, markdown: page_in_markdown(text) }),
            help_uri: rule.and_then(|rule| rule.url.as_deref()),
            short_description: meta.map(|meta| Message { text: meta.summary.to_string() }),
            default_configuration: meta.map(|meta| Configuration { level: level(meta.severity) }),
            properties: meta.map(|meta| Properties {
                tags: std::iter::once(meta.category.as_str()).chain(meta.names().skip(1)).collect(),
                precision: match meta.confidence {
                    Confidence::Certain => "very-high",
                    Confidence::Likely => "medium",
                },
            }),
        }
    }
}

impl<'a> ResultEntry<'a> {
    fn of(source: &SourceFile, finding: &'a Finding, ids: &[&str]) -> Self {
        let rule_id = finding.rule.as_str();
        let related = finding.related.iter().enumerate();
        Self {
            rule_id,
            rule_index: ids.binary_search(&rule_id).expect("the rules are those of the findings"),
            level: level(finding.severity),
            message: Message { text: message(finding) },
            locations: [Location::of(source, finding.primary.span, None, &finding.primary.message)],
            related_locations: related
                .map(|(index, label)| Location::of(source, label.span, Some(index + 1), &label.message))
                .collect(),
            fixes: finding
                .fixes
                .iter()
                .filter(|fix| fix.safety != Safety::Display && !fix.edits.is_empty())
                .map(|fix| FixEntry::of(source, fix))
                .collect(),
            partial_fingerprints: Fingerprints { anchor: fingerprint(source, finding) },
        }
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info | Severity::Style => "note",
    }
}

fn message(finding: &Finding) -> String {
    match &finding.help {
        Some(help) => format!("{}\n{help}", finding.message),
        None => finding.message.clone(),
    }
}

impl Location {
    fn of(source: &SourceFile, span: Span, id: Option<usize>, message: &str) -> Self {
        let physical_location =
            PhysicalLocation { artifact_location: ArtifactLocation::of(source), region: Region::of(source, span) };
        let message = (!message.is_empty()).then(|| Message { text: message.to_owned() });
        Self { id, physical_location, message }
    }
}

impl Region {
    fn of(source: &SourceFile, span: Span) -> Self {
        let place::Region { start, end } = place::Region::of(source, span, Encoding::Utf16);
        Self { start_line: start.line, start_column: start.column, end_line: end.line, end_column: end.column }
    }
}

impl ArtifactLocation {
    fn of(source: &SourceFile) -> Self {
        Self { uri: uri(source.name()) }
    }
}

impl<'a> FixEntry<'a> {
    fn of(source: &SourceFile, fix: &'a Fix) -> Self {
        let replacement = |edit: &'a Edit| Replacement {
            deleted_region: Region::of(source, edit.span),
            inserted_content: InsertedContent { text: &edit.text },
        };
        let replacements = fix.edits.edits().iter().map(replacement).collect();
        let description = Message { text: format!("{} ({})", fix.title, fix.safety.as_str()) };
        let artifact_location = ArtifactLocation::of(source);
        Self { description, artifact_changes: [ArtifactChange { artifact_location, replacements }] }
    }
}

/// A path as a URI reference: relative paths stay relative.
fn uri(path: &str) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    let mut uri = String::from(if path.starts_with('/') { "file://" } else { "" });
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            b'\\' if cfg!(windows) => uri.push('/'),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn paths_become_uris() {
        assert_eq!(uri("./a b/Dockerfile"), "a%20b/Dockerfile");
        assert_eq!(uri("/srv/Dockerfile"), "file:///srv/Dockerfile");
        assert_eq!(uri("é"), "%C3%A9");
    }
}
