//! Findings, proposals, plans and events → bytes on a writer. One file per format, one value per file.
//!
//! Does not know exit codes, files, or whether it writes to a terminal: how things may look is a [`Style`] that is
//! handed in. Invariants: no format decides a severity or leaves out a finding, the view is already filtered and
//! sorted; the same view gives the same bytes.
//!
//! Columns: `pretty`, `compact`, `github` and `json` count characters from 1; SARIF counts UTF-16 units, as it must.

mod address;
mod build;
mod cache;
mod context;
mod count;
mod diff;
mod doctor;
mod envelope;
mod images;
#[cfg(all(feature = "exec", target_os = "linux"))]
mod inspect;
mod lint;
mod optimize;
mod page;
mod place;
mod plan;
mod rules;
mod settings;
mod style;
mod why;
mod wrap;

pub use address::{rule_address, shellcheck_address};
pub use build::BuildView;
pub use build::jsonl::{EVENTS_SCHEMA, JsonLines};
pub use build::live::Live;
pub use build::page::BuildPage;
pub use build::plain::Plain;
pub use build::result::{BuildResult, RESULT_SCHEMA};
pub use build::silent::Silent;
pub use build::summary::BuildSummary;
pub use cache::{
    ItemUsage, KindUsage, PrunedView, UsageView, write_carried_json, write_pruned_json, write_pruned_text,
    write_usage_json, write_usage_text,
};
pub use context::ContextNote;
pub use count::{counted, time};
pub use diff::write_patch;
pub use doctor::{CheckRow, CheckVerdict, write_checks_json, write_checks_text};
pub use images::{ImageRow, LayerRow, write_images_json, write_images_text};
#[cfg(all(feature = "exec", target_os = "linux"))]
pub use inspect::json::{write_inspection_json, write_layer_json, write_tree_json};
#[cfg(all(feature = "exec", target_os = "linux"))]
pub use inspect::text::{write_inspection_text, write_layer_text, write_tree_text};
pub use lint::checkstyle::Checkstyle;
pub use lint::compact::Compact;
pub use lint::github::Github;
pub use lint::gitlab::Gitlab;
pub use lint::hadolint::Hadolint;
pub use lint::json::Json;
pub use lint::junit::Junit;
pub use lint::pretty::{Pretty, draw};
pub use lint::repairs::{repairs, write_repair_patch, write_repairs};
pub use lint::sarif::Sarif;
pub use lint::summary::statistics;
pub use lint::{FileView, LintFormat, LintView, RuleView};
pub use optimize::all::{write_all_json, write_all_text};
pub use optimize::json::ProposalJson;
pub use optimize::summary::{SummaryRow, SummaryView, write_summary_json, write_summary_text};
pub use optimize::text::ProposalText;
pub use optimize::{OptimizeFormat, OptimizeView};
pub use page::write_page;
pub use plan::graph::{PlanDot, PlanMermaid};
pub use plan::json::PlanJson;
pub use plan::names::PlanNames;
pub use plan::text::PlanText;
pub use plan::touched::{TouchedImage, TouchedView, write_touched_json, write_touched_names, write_touched_text};
pub use plan::{PlanFormat, PlanView};
pub use rules::{write_rules_json, write_rules_text};
pub use settings::{Origin, Setting, SettingsView, write_settings_json, write_settings_text};
pub use style::{Style, Tone};
pub use why::{WhyStep, WhyView, write_why_json, write_why_text};
