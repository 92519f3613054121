//! What linting must know of rewrites: a proposal is a finding too, selected, ignored and set by its name like a rule.

use crate::diagnostic::{Finding, RuleId, Safety, Severity};
use crate::rewrite::cost::Gain;
use crate::rewrite::{Class, Proposal, Proposals, REWRITES, Rewrite};
use crate::rules::meta::{Category, Confidence, Edition, FixPromise, List, Offered, RuleMeta, Status, Text};
use crate::text::Origins;

/// How grave a proposal is unless settings say otherwise: nothing is wrong with the file.
const SEVERITY: Severity = Severity::Info;

/// What is known of every rewrite where rules are selected, sorted by id. Finding proposals takes longer than all rules
/// together, so they are looked for where somebody asks.
pub fn metas() -> Vec<RuleMeta> {
    let mut metas: Vec<RuleMeta> = REWRITES.iter().map(meta).collect();
    metas.sort_by(|one, other| one.id.cmp(&other.id));
    metas
}

fn meta(rewrite: &Rewrite) -> RuleMeta {
    RuleMeta {
        id: rewrite.id.clone(),
        since: Text::Borrowed(in_page(rewrite, "since: ")),
        edition: Edition::OptIn,
        status: Status::Optional,
        category: Category::Cache,
        severity: SEVERITY,
        severity_changes: List::Borrowed(&[]),
        confidence: Confidence::Certain,
        summary: Text::Borrowed(summary(rewrite)),
        fix: FixPromise { offered: Offered::Never, safety: Safety::Display, changes: List::Borrowed(&[]) },
        aliases: List::Borrowed(&[]),
        options: List::Borrowed(&[]),
        reference: Some(Text::Borrowed(in_page(rewrite, "references:\n  - "))),
    }
}

/// The proposals as findings, each at its place in the file as it is. None has a fix: lines move past others, and who
/// repairs findings must not do that.
pub fn findings(proposals: &Proposals) -> Vec<Finding> {
    let mut earlier: Vec<Origins> = Vec::new();
    let mut findings = Vec::new();
    for proposal in &proposals.moves {
        // Each stands on the text that those before it leave.
        let span = earlier.iter().rev().fold(proposal.span, |span, origins| origins.span(span));
        let mut finding = Finding::new(proposal.id.clone(), SEVERITY, span, message(&proposal.id));
        finding.primary.message = proposal.claim.clone();
        finding.help = Some(help(proposal));
        findings.push(finding);
        earlier.push(Origins::of(&proposal.edits));
    }
    findings
}

/// What it does, in one line.
fn summary(rewrite: &Rewrite) -> &'static str {
    in_page(rewrite, "summary: ").trim_end_matches('.')
}

/// What stands on a line of the page behind its `start`. To read all of the YAML takes too long where rules are selected.
fn in_page(rewrite: &Rewrite, start: &str) -> &'static str {
    let found = rewrite.page.split_once(&format!("\n{start}"));
    found.map_or("", |(_, rest)| rest.lines().next().unwrap_or_default()).trim()
}

/// What could be done, as a sentence that goes on behind the place.
fn message(id: &RuleId) -> String {
    let mut letters = REWRITES.iter().find(|rewrite| rewrite.id == *id).map_or("", summary).chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

fn help(proposal: &Proposal) -> String {
    let gain = proposal.gain.as_ref().map_or_else(String::new, |gain| format!("{}\n", gained(gain)));
    let id = &proposal.id;
    let made = match proposal.class {
        Class::Same | Class::Advice => "with --write it makes it",
        Class::Verify => "with --write --verify it makes it if both files build the same",
    };
    format!("{gain}`rplan optimize --only {id}` shows the change and why it may be made; {made}")
}

/// `31 s less in 12 of 50 commits`
fn gained(gain: &Gain) -> String {
    let places = if gain.seconds < 10.0 { 1 } else { 0 };
    format!("{:.places$} s less in {} of {} commits", gain.seconds, gain.commits, gain.of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Page {
        summary: String,
        since: String,
        references: Vec<String>,
    }

    #[test]
    fn what_is_read_from_a_page_is_what_its_yaml_says() {
        for rewrite in REWRITES {
            let page: Page = serde_yaml::from_str(rewrite.page).expect("YAML");
            let meta = meta(rewrite);
            assert_eq!(format!("{}.", meta.summary), page.summary, "{}", meta.id);
            assert_eq!(meta.since, page.since, "{}", meta.id);
            assert_eq!(meta.reference.as_deref(), page.references.first().map(String::as_str), "{}", meta.id);
        }
    }

    #[test]
    fn what_only_building_can_show_is_not_promised_of_write_alone() {
        let helped = |class| help(&Proposal::new(REWRITES[0].id.clone(), class, "", crate::text::Span::at(0)));
        assert!(helped(Class::Same).ends_with("with --write it makes it"));
        assert!(helped(Class::Verify).contains("with --write --verify it makes it if"));
    }

    #[test]
    fn what_is_gained_is_said_in_few_words() {
        let gain = |seconds| Gain { seconds, commits: 12, of: 50, origin: crate::rewrite::Origin::Measured };
        assert_eq!(gained(&gain(30.6)), "31 s less in 12 of 50 commits");
        assert_eq!(gained(&gain(0.52)), "0.5 s less in 12 of 50 commits");
    }
}
