//! What repairing a file did: in one line, a line for each fix, or as a patch whose every hunk says why.

use std::io;
use std::ops::Range;

use super::one_line;
use crate::lint::{Applied, Fixed};
use crate::report::count::counted;
use crate::report::diff::write_patch_with;
use crate::report::style::{Style, Tone};
use crate::text::SourceFile;

/// `maintainer, legacy-key-value (3)`: what was repaired, by rule, in the order of first need.
pub fn repairs<'a>(rules: impl IntoIterator<Item = &'a str>) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for rule in rules {
        match counts.iter_mut().find(|(known, _)| *known == rule) {
            Some((_, count)) => *count += 1,
            None => counts.push((rule, 1)),
        }
    }
    let words = counts.into_iter().map(|(rule, count)| match count {
        1 => rule.to_owned(),
        count => format!("{rule} ({count})"),
    });
    words.collect::<Vec<_>>().join(", ")
}

/// Writes one line a fix: where, by which rule, and what was wrong.
pub fn write_repairs(source: &SourceFile, fixed: &Fixed, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let mut lines: Vec<(usize, &Applied)> = Vec::new();
    for applied in &fixed.applied {
        let first = applied.places.iter().map(|place| source.line_of(place.start) + 1).min();
        lines.push((first.unwrap_or(1), applied));
    }
    lines.sort_by_key(|(line, _)| *line);
    let width = lines.last().map_or(1, |(line, _)| line.to_string().len());
    for (line, applied) in lines {
        let rule = style.paint(Tone::Strong, &applied.rule);
        writeln!(out, "  line {line:<width$}  {rule}: {} ({})", shown(&applied.reason), shown(&applied.title))?;
    }
    Ok(())
}

/// Writes the repairs as a patch. Behind the `@@` of a hunk, where patches have room for a title, stand the rules that
/// made it and what was wrong.
pub fn write_repair_patch(source: &SourceFile, fixed: &Fixed, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let mut places: Vec<(usize, &Applied)> = Vec::new();
    for applied in &fixed.applied {
        places.extend(applied.places.iter().map(|place| (source.line_of(place.start), applied)));
    }
    places.sort_by_key(|(line, _)| *line);
    let title = |lines: Range<usize>| {
        let from = places.partition_point(|(line, _)| *line < lines.start);
        reasons(places[from..].iter().take_while(|(line, _)| lines.contains(line)).map(|(_, applied)| *applied))
    };
    write_patch_with(source.name(), source.bytes(), &fixed.bytes, &title, style, out)
}

/// `maintainer: MAINTAINER is deprecated; as-casing (2 places): …`: each rule once, in the words of its first finding.
fn reasons<'a>(fixes: impl IntoIterator<Item = &'a Applied>) -> String {
    let mut rules: Vec<(&Applied, usize)> = Vec::new();
    for applied in fixes {
        match rules.iter_mut().find(|(first, _)| first.rule == applied.rule) {
            Some((_, count)) => *count += 1,
            None => rules.push((applied, 1)),
        }
    }
    let words = rules.into_iter().map(|(first, count)| match count {
        1 => format!("{}: {}", first.rule, shown(&first.reason)),
        count => format!("{} ({}): {}", first.rule, counted(count, "place"), shown(&first.reason)),
    });
    words.collect::<Vec<_>>().join("; ")
}

/// On one line, and harmless to a terminal.
fn shown(text: &str) -> String {
    one_line(text).replace(char::is_control, "?")
}
