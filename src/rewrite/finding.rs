//! What linting must know of rewrites: a proposal is a finding too, selected, ignored and set by its name like a rule.

use crate::diagnostic::{Finding, RuleId, Safety, Severity};
use crate::rewrite::cost::Gain;
use crate::rewrite::{Proposal, Proposals, ids};
use crate::rules::meta::{Category, Confidence, Edition, FixPromise, List, Offered, RuleMeta, Status, Text};
use crate::text::Origins;

/// What the page of a rewrite says of it in short.
struct Facts {
    id: RuleId,
    summary: &'static str,
    reference: &'static str,
}

/// One for each rewrite, sorted. A page costs the reading of YAML, and these are needed each time.
const FACTS: &[Facts] = &[
    Facts {
        id: ids::CHOWN_IN_COPY,
        summary: "Let COPY set the owner that a later chown sets",
        reference: "https://docs.docker.com/reference/dockerfile/#copy---chown---chmod",
    },
    Facts {
        id: ids::DROP_STAGE,
        summary: "Take out a stage that nothing needs",
        reference: "https://docs.docker.com/build/building/multi-stage/",
    },
    Facts {
        id: ids::EXTEND_IGNORE_FILE,
        summary: "Leave out of the build context what no build wants",
        reference: "https://docs.docker.com/build/concepts/context/#dockerignore-files",
    },
    Facts {
        id: ids::HOIST_INDEPENDENT,
        summary: "Do what needs nothing of the build context before anything is copied",
        reference: "https://docs.docker.com/build/cache/optimize/",
    },
    Facts {
        id: ids::HOIST_MANIFESTS,
        summary: "Copy the dependency manifests, install, then copy the sources",
        reference: "https://docs.docker.com/build/cache/optimize/",
    },
    Facts {
        id: ids::HOIST_OS_INSTALL,
        summary: "Install the packages of the system before anything is copied",
        reference: "https://docs.docker.com/build/cache/optimize/",
    },
    Facts {
        id: ids::IGNORE_GIT,
        summary: "Leave the history of the repository out of the build context",
        reference: "https://docs.docker.com/build/concepts/context/#dockerignore-files",
    },
    Facts {
        id: ids::JOIN_RUNS,
        summary: "Remove in the layer that made it",
        reference: "https://docs.docker.com/build/building/best-practices/#run",
    },
    Facts {
        id: ids::MOUNT_SECRET,
        summary: "Hand a secret to the RUN that needs it as a mount instead of a build argument",
        reference: "https://docs.docker.com/build/building/secrets/",
    },
    Facts {
        id: ids::REORDER_STEPS,
        summary: "Put early what is expensive and seldom triggered, late what is cheap and triggered often",
        reference: "https://docs.docker.com/build/cache/optimize/",
    },
    Facts {
        id: ids::SINK_VOLATILE_ARG,
        summary: "Declare a build argument that differs on each build below the steps that do not need it",
        reference: "https://docs.docker.com/build/building/variables/",
    },
    Facts {
        id: ids::SPLIT_RUN,
        summary: "Split a RUN whose parts have different reasons to run again",
        reference: "https://docs.docker.com/build/cache/optimize/",
    },
    Facts {
        id: ids::SPLIT_STAGE,
        summary: "Build in one stage and ship only what runs",
        reference: "https://docs.docker.com/build/building/multi-stage/",
    },
];

/// How grave a proposal is unless settings say otherwise: nothing is wrong with the file.
const SEVERITY: Severity = Severity::Info;

/// What is known of every rewrite where rules are selected, sorted by id. Finding proposals takes longer than all rules
/// together, so they are looked for where somebody asks.
pub fn metas() -> impl Iterator<Item = RuleMeta> {
    FACTS.iter().map(|facts| RuleMeta {
        id: facts.id.clone(),
        since: Text::Borrowed("0.1.0"),
        edition: Edition::OptIn,
        status: Status::Optional,
        category: Category::Cache,
        severity: SEVERITY,
        severity_changes: List::Borrowed(&[]),
        confidence: Confidence::Certain,
        summary: Text::Borrowed(facts.summary),
        fix: FixPromise { offered: Offered::Never, safety: Safety::Display, changes: List::Borrowed(&[]) },
        aliases: List::Borrowed(&[]),
        options: List::Borrowed(&[]),
        reference: Some(Text::Borrowed(facts.reference)),
    })
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

/// What could be done, as a sentence that goes on behind the place.
fn message(id: &RuleId) -> String {
    let summary = FACTS.iter().find(|facts| facts.id == *id).map_or("", |facts| facts.summary);
    let mut letters = summary.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

fn help(proposal: &Proposal) -> String {
    let gain = proposal.gain.as_ref().map_or_else(String::new, |gain| format!("{}\n", gained(gain)));
    let id = &proposal.id;
    format!("{gain}`rplan optimize --only {id}` shows the change and why it may be made; with --write it makes it")
}

/// `31 s less in 12 of 50 commits`
fn gained(gain: &Gain) -> String {
    let places = if gain.seconds < 10.0 { 1 } else { 0 };
    format!("{:.places$} s less in {} of {} commits", gain.seconds, gain.commits, gain.of)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rewrite::REWRITES;
    use crate::rewrite::page::in_short;

    #[test]
    fn every_rewrite_is_known_by_what_its_page_says() {
        let mut pages: Vec<(&str, String, String)> = REWRITES
            .iter()
            .map(|rewrite| {
                let (summary, reference) = in_short(rewrite);
                (rewrite.id.as_str(), summary, reference)
            })
            .collect();
        pages.sort();
        let facts: Vec<(&str, String, String)> = FACTS
            .iter()
            .map(|facts| (facts.id.as_str(), facts.summary.to_owned(), facts.reference.to_owned()))
            .collect();
        assert_eq!(facts, pages);
    }

    #[test]
    fn what_is_gained_is_said_in_few_words() {
        let gain = |seconds| Gain { seconds, commits: 12, of: 50, origin: crate::rewrite::Origin::Measured };
        assert_eq!(gained(&gain(30.6)), "31 s less in 12 of 50 commits");
        assert_eq!(gained(&gain(0.52)), "0.5 s less in 12 of 50 commits");
    }
}
