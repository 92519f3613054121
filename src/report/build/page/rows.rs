//! The parts of the page that have a row for each step: the timeline, and the sizes of layers.

use std::io;

use super::account::{Account, Told};
use super::markup::{percent, text, time_of};
use crate::event::Ending;
use crate::report::count::size;

/// How many of the last lines of a failed step the page shows.
const EXCERPT: usize = 400;

/// Writes when each step ran, and how it ended.
pub(super) fn write_timeline(account: &Account, out: &mut dyn io::Write) -> io::Result<()> {
    if account.steps.is_empty() {
        return Ok(());
    }
    let critical = account.critical_path();
    writeln!(out, "<section aria-labelledby=\"timeline\">\n<h2 id=\"timeline\">Timeline</h2>")?;
    writeln!(
        out,
        "<p class=\"legend\"><span class=\"key critical\"></span> critical path: the build cannot be faster than these \
         <span class=\"key ran\"></span> ran beside them <span class=\"key failed\"></span> failed \
         <span class=\"key cached\"></span> cached</p>"
    )?;
    writeln!(out, "<div class=\"axis\" aria-hidden=\"true\"><span></span><span class=\"ticks\">")?;
    for quarter in 0..=4 {
        writeln!(out, "<i style=\"left:{}%\">{}</i>", quarter * 25, time_of(account.took_ms * quarter / 4))?;
    }
    writeln!(out, "</span><span></span></div>")?;
    let shown =
        |step: &Told| step.is_named() || matches!(&step.end, Some(end) if matches!(end.ending, Ending::Failed { .. }));
    for (number, step) in account.steps.iter().enumerate().filter(|(_, step)| shown(step)) {
        write_step(step, critical.contains(&number), account.took_ms, out)?;
    }
    writeln!(out, "</section>")
}

fn write_step(step: &Told, is_critical: bool, whole: u64, out: &mut dyn io::Write) -> io::Result<()> {
    let (word, class, remark) = state(step);
    let class = if is_critical && class == "ran" { "critical" } else { class };
    let open = if class == "failed" { " open" } else { "" };
    let label = text(format!("{} {}", step.info.name, step.info.text).trim());
    writeln!(out, "<details class=\"step {class}\"{open}>\n<summary>")?;
    let because = step.end.as_ref().and_then(|end| end.because.first());
    let because = because.map(|reason| format!("<span class=\"because\">{}</span>", text(reason))).unwrap_or_default();
    writeln!(out, "<span class=\"what\"><span class=\"label\" title=\"{label}\">{label}</span>{because}</span>")?;
    let from = step.began_ms.or(step.end.as_ref().map(|end| end.at_ms)).unwrap_or_default();
    let until = step.end.as_ref().map_or(if step.ran() { whole } else { from }, |end| end.at_ms);
    let (left, width) = (percent(from, whole), percent(until.saturating_sub(from), whole));
    writeln!(out, "<span class=\"track\"><span class=\"bar\" style=\"left:{left};width:{width}\"></span></span>")?;
    writeln!(out, "<span class=\"state\">{word}<span class=\"figure\">{remark}</span></span>\n</summary>")?;
    writeln!(out, "<div class=\"more\">")?;
    if is_critical {
        writeln!(out, "<p>On the critical path.</p>")?;
    }
    if let Some(end) = &step.end {
        if let Ending::Failed { why, .. } = &end.ending {
            writeln!(out, "<p class=\"why\">{}</p>", text(why))?;
        }
        if !end.because.is_empty() {
            writeln!(out, "<p>It ran because</p>\n<ul>")?;
            end.because.iter().try_for_each(|reason| writeln!(out, "<li>{}</li>", text(reason)))?;
            writeln!(out, "</ul>")?;
        }
        if end.ending == Ending::Cached {
            writeln!(
                out,
                "<p>Nothing that it depends on had changed. When it ran it took {}.</p>",
                time_of(end.took_ms)
            )?;
        }
        if end.size > 0 {
            writeln!(out, "<p>{} of content.</p>", size(end.size))?;
        }
    }
    if let Some((bytes, is_new)) = step.layer {
        let whence = if is_new { "packed in this build" } else { "there already" };
        writeln!(out, "<p>Its layer: {} as it travels, {whence}.</p>", size(bytes))?;
    }
    write_log(&step.log, out)?;
    writeln!(out, "</div>\n</details>")
}

/// How a step ended: a word, a class, a figure.
fn state(step: &Told) -> (&'static str, &'static str, String) {
    let Some(end) = &step.end else {
        return if step.ran() {
            ("halted", "halted", String::new())
        } else {
            ("not reached", "waiting", String::new())
        };
    };
    let took = time_of(end.took_ms);
    match &end.ending {
        Ending::Cached if end.took_ms >= 1_000 => ("cached", "cached", format!("saves {took}")),
        Ending::Cached => ("cached", "cached", String::new()),
        Ending::Ran { same_layer: true } => ("same layer", "ran", took),
        Ending::Ran { same_layer: false } => ("ran", "ran", took),
        Ending::Failed { .. } => ("failed", "failed", took),
        Ending::Cancelled => ("halted", "halted", took),
    }
}

fn write_log(log: &[String], out: &mut dyn io::Write) -> io::Result<()> {
    if log.is_empty() {
        return Ok(());
    }
    let left_out = log.len().saturating_sub(EXCERPT);
    if left_out > 0 {
        writeln!(out, "<p>The last {EXCERPT} lines of what it said; {left_out} before them are left out.</p>")?;
    }
    write!(out, "<pre tabindex=\"0\">")?;
    log[left_out..].iter().try_for_each(|line| writeln!(out, "{}", text(line)))?;
    writeln!(out, "</pre>")
}

/// Writes how large the layers are, the largest first.
pub(super) fn write_layers(account: &Account, out: &mut dyn io::Write) -> io::Result<()> {
    let bytes = |step: &Told| step.layer.map_or_else(|| step.end.as_ref().map_or(0, |end| end.size), |layer| layer.0);
    let mut steps: Vec<&Told> = account.steps.iter().filter(|step| step.layer.is_some() && bytes(step) > 0).collect();
    steps.sort_by_key(|step| std::cmp::Reverse(bytes(step)));
    let Some(largest) = steps.first().map(|step| bytes(step)) else { return Ok(()) };
    writeln!(out, "<section aria-labelledby=\"layers\">\n<h2 id=\"layers\">Layers</h2>\n<ol class=\"layers\">")?;
    for step in steps {
        let label = text(format!("{} {}", step.info.name, step.info.text).trim());
        let width = percent(bytes(step), largest);
        writeln!(
            out,
            "<li><span class=\"label\" title=\"{label}\">{label}</span><span class=\"track\"><span class=\"bar\" \
             style=\"left:0;width:{width}\"></span></span><span class=\"state\">{}</span></li>",
            size(bytes(step))
        )?;
    }
    writeln!(out, "</ol>\n</section>")
}
