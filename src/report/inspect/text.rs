//! An image for people: history with sizes, config, layers; the files of a layer; the merged tree and what is wasted.

use std::io;

use crate::oci::config::RunConfig;
use crate::oci::inspect::{Inspection, Listed, ListedKind, Tree, Way};
use crate::report::count::{counted, size};
use crate::report::style::{Style, Tone};
use crate::report::wrap::cut;

/// Writes what an image is made of.
pub fn write_inspection_text(
    name: &str,
    inspection: &Inspection,
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let created = inspection.created.as_deref().map(|created| format!(", created {created}")).unwrap_or_default();
    writeln!(
        out,
        "{name} sha256:{}{}, {}, {} ({} of files) in {}{created}",
        inspection.digest.short(),
        style.pick("…", "..."),
        inspection.platform,
        size(inspection.blob_size),
        size(inspection.content_size),
        counted(inspection.layers.len(), "layer"),
    )?;
    writeln!(out, "\n{}", style.paint(Tone::Strong, "History"))?;
    for line in &inspection.history {
        let (layer, bytes) = match line.layer {
            Some(layer) => (layer.to_string(), size(line.size)),
            None => (String::new(), String::new()),
        };
        let by = if line.created_by.is_empty() { "(the history does not tell)" } else { &line.created_by };
        let by = cut(&printable(by), style.width.saturating_sub(18).max(40), style);
        writeln!(out, "  {layer:>3}  {bytes:>9}  {by}")?;
    }
    writeln!(out, "\n{}", style.paint(Tone::Strong, "Layers"))?;
    for layer in &inspection.layers {
        writeln!(
            out,
            "  {:>3}  {:>9} of {:>9}  {}  {}",
            layer.number,
            size(layer.blob_size),
            size(layer.content_size),
            layer.diff_id,
            counted_entries(layer.entries),
        )?;
    }
    let settings = settings(&inspection.config);
    if !settings.is_empty() {
        writeln!(out, "\n{}", style.paint(Tone::Strong, "Config"))?;
    }
    settings.iter().try_for_each(|(name, value)| writeln!(out, "  {name:<12} {}", printable(value)))
}

/// Writes the entries of a layer, as `tar -tv` lists them.
pub fn write_layer_text(entries: &[Listed], out: &mut dyn io::Write) -> io::Result<()> {
    let widest = |of: &dyn Fn(&Listed) -> String| entries.iter().map(|entry| of(entry).len()).max().unwrap_or(0);
    let owner = widest(&owner);
    let bytes = widest(&|entry| size(entry.size)).max(1);
    for entry in entries {
        let line = format!("{} {:<owner$} {:>bytes$}  {}", mode(entry), self::owner(entry), sized(entry), place(entry));
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// Writes the merged tree: from which layer each path comes, what was under it before, what is gone.
pub fn write_tree_text(tree: &Tree, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    for node in &tree.entries {
        let replaced: Vec<String> = node.replaced.iter().map(ToString::to_string).collect();
        let before = match replaced.is_empty() {
            true => String::new(),
            false => style.paint(Tone::Warning, format_args!("  (before in {})", replaced.join(", "))),
        };
        writeln!(out, "{:>3} {:>9}  {}{before}", node.layer, sized(&node.entry), place(&node.entry))?;
    }
    if !tree.gone.is_empty() {
        writeln!(out, "\n{}", style.paint(Tone::Strong, "Gone"))?;
    }
    for gone in &tree.gone {
        let way = match gone.way {
            Way::Overwritten => "overwritten",
            Way::Deleted => "deleted",
        };
        let wasted = if gone.wasted > 0 { size(gone.wasted) } else { String::new() };
        writeln!(out, "{:>3} {wasted:>9}  {}  {way} in {}", gone.layer, printable(&gone.path), gone.by)?;
    }
    writeln!(out, "\n{} visible, {} wasted", size(tree.visible_size), size(tree.wasted_size))
}

/// The config as `name value` lines, in the order in which people look for them.
fn settings(config: &RunConfig) -> Vec<(&'static str, String)> {
    let json = |words: &[String]| serde_json::to_string(words).expect("texts are plain data");
    let mut settings = Vec::new();
    let mut add = |name, value: String| {
        if !value.is_empty() && value != "[]" {
            settings.push((name, value));
        }
    };
    add("ENTRYPOINT", json(&config.entrypoint));
    add("CMD", json(&config.cmd));
    add("WORKDIR", config.working_dir.clone());
    add("USER", config.user.clone());
    config.env.iter().for_each(|variable| add("ENV", variable.clone()));
    config.exposed_ports.iter().for_each(|port| add("EXPOSE", port.clone()));
    config.volumes.iter().for_each(|volume| add("VOLUME", volume.clone()));
    config.labels.iter().for_each(|(name, value)| add("LABEL", format!("{name}={value}")));
    add("STOPSIGNAL", config.stop_signal.clone());
    add("SHELL", json(&config.shell));
    if let Some(check) = &config.healthcheck {
        add("HEALTHCHECK", json(&check.test));
    }
    config.on_build.iter().for_each(|trigger| add("ONBUILD", trigger.clone()));
    settings
}

fn counted_entries(count: usize) -> String {
    if count == 1 { "1 entry".to_owned() } else { format!("{count} entries") }
}

fn sized(entry: &Listed) -> String {
    match entry.kind {
        ListedKind::File => size(entry.size),
        _ => String::new(),
    }
}

fn owner(entry: &Listed) -> String {
    format!("{}:{}", entry.uid, entry.gid)
}

/// `drwxr-xr-x`
fn mode(entry: &Listed) -> String {
    let kind = match entry.kind {
        ListedKind::File => '-',
        ListedKind::Directory => 'd',
        ListedKind::Symlink => 'l',
        ListedKind::HardLink => 'h',
        ListedKind::CharDevice => 'c',
        ListedKind::BlockDevice => 'b',
        ListedKind::Fifo => 'p',
        ListedKind::Whiteout | ListedKind::Opaque => 'x',
    };
    let mut text = String::from(kind);
    for (shift, special, letter) in [(6, 0o4000, 's'), (3, 0o2000, 's'), (0, 0o1000, 't')] {
        let bits = entry.mode >> shift;
        text.push(if bits & 4 != 0 { 'r' } else { '-' });
        text.push(if bits & 2 != 0 { 'w' } else { '-' });
        text.push(match (bits & 1 != 0, entry.mode & special != 0) {
            (true, true) => letter,
            (false, true) => letter.to_ascii_uppercase(),
            (true, false) => 'x',
            (false, false) => '-',
        });
    }
    text
}

/// The path with what marks its kind.
fn place(entry: &Listed) -> String {
    let path = printable(if entry.path.is_empty() { "." } else { &entry.path });
    match (entry.kind, &entry.target) {
        (ListedKind::Directory, _) => format!("{path}/"),
        (ListedKind::Symlink, Some(target)) => format!("{path} -> {}", printable(target)),
        (ListedKind::HardLink, Some(target)) => format!("{path} = {}", printable(target)),
        (ListedKind::Whiteout, _) => format!("{path} (removes what is below)"),
        (ListedKind::Opaque, _) => format!("{path}/ (removes everything below)"),
        _ => path,
    }
}

/// Text on one line that cannot move the cursor: an image's names and values are anybody's.
fn printable(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}
