//! `dot` and `mermaid`: stages as boxes around their steps, an arrow from each step to those that wait for it.

use std::io;

use super::{PlanFormat, PlanView};
use crate::plan::stale::Fate;
use crate::plan::{PlannedStage, Step, StepId};

/// For Graphviz.
#[derive(Debug, Clone, Copy)]
pub struct PlanDot;

/// For Mermaid, which GitHub and GitLab draw in Markdown.
#[derive(Debug, Clone, Copy)]
pub struct PlanMermaid;

impl PlanFormat for PlanDot {
    fn write(&self, view: &PlanView, out: &mut dyn io::Write) -> io::Result<()> {
        writeln!(out, "digraph plan {{")?;
        writeln!(out, "  rankdir=LR; node [shape=box, style=\"rounded,filled\", fillcolor=white];")?;
        for stage in &view.planned.stages {
            writeln!(out, "  subgraph cluster_{} {{", stage.id.0)?;
            writeln!(out, "    label=\"{}\";", quoted(&view.planned.stage_label(stage.id)))?;
            for step in steps_of(view, stage) {
                let label = format!("{}\\n{}", quoted(&step.name.to_string()), quoted(&step.text));
                writeln!(out, "    s{} [label=\"{label}\"{}];", step.id.0, dot_look(view.fate(step.id)))?;
            }
            writeln!(out, "  }}")?;
        }
        for (from, to) in edges(view) {
            writeln!(out, "  s{} -> s{};", from.0, to.0)?;
        }
        writeln!(out, "}}")
    }
}

impl PlanFormat for PlanMermaid {
    fn write(&self, view: &PlanView, out: &mut dyn io::Write) -> io::Result<()> {
        writeln!(out, "flowchart LR")?;
        for stage in &view.planned.stages {
            let label = escaped(&view.planned.stage_label(stage.id));
            writeln!(out, "  subgraph stage{}[\"{label}\"]", stage.id.0)?;
            for step in steps_of(view, stage) {
                let label = format!("{}<br/>{}", escaped(&step.name.to_string()), escaped(&step.text));
                let class = mermaid_class(view.fate(step.id)).map(|class| format!(":::{class}")).unwrap_or_default();
                writeln!(out, "    s{}[\"{label}\"]{class}", step.id.0)?;
            }
            writeln!(out, "  end")?;
        }
        for (from, to) in edges(view) {
            writeln!(out, "  s{} --> s{}", from.0, to.0)?;
        }
        if view.fates.is_some() {
            writeln!(out, "  classDef runs fill:#f6c177")?;
            writeln!(out, "  classDef mayRun fill:#f6e7c1")?;
            writeln!(out, "  classDef cached fill:#d7e8d4")?;
        }
        Ok(())
    }
}

fn steps_of<'a>(view: &PlanView<'a>, stage: &PlannedStage) -> Vec<&'a Step> {
    view.planned.steps.iter().filter(|step| step.stage == stage.id).collect()
}

/// From each step to those that wait for it, in the order of the plan.
fn edges(view: &PlanView) -> Vec<(StepId, StepId)> {
    let steps = view.planned.steps.iter();
    steps.flat_map(|step| step.waits_for().into_iter().map(|input| (input, step.id))).collect()
}

fn dot_look(fate: Option<&Fate>) -> &'static str {
    match fate {
        Some(Fate::Cached) => ", fillcolor=\"#d7e8d4\"",
        Some(Fate::MayRun(_)) => ", fillcolor=\"#f6e7c1\"",
        Some(Fate::Runs(_)) => ", fillcolor=\"#f6c177\"",
        None => "",
    }
}

fn mermaid_class(fate: Option<&Fate>) -> Option<&'static str> {
    fate.map(|fate| match fate {
        Fate::Cached => "cached",
        Fate::MayRun(_) => "mayRun",
        Fate::Runs(_) => "runs",
    })
}

/// Inside a quoted text of Graphviz.
fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// Inside a quoted text of Mermaid, which reads HTML entities.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}
