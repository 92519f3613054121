//! The text of a RUN with its mounts: without what turned a cache off or emptied it, and with what a cache needs.

use crate::effect::ecosystem::{Cache, arguments_of, is_one_of};
use crate::effect::paths;
use crate::model::shell::{Connector, ShellWord, SimpleCommand};
use crate::model::{Command, Run};
use crate::rewrite::add_cache_mounts::File;
use crate::rewrite::add_cache_mounts::run::{Mount, Mounted};
use crate::rewrite::units::stops_at_errors;
use crate::syntax::{ItemKind, Tree};
use crate::text::Span;

/// What becomes of the shell text: places, each with what stands there then.
#[derive(Default)]
pub(super) struct Changes {
    edits: Vec<(Span, String)>,
    /// A command that has to run before all others.
    first: Option<&'static str>,
}

impl File<'_> {
    /// Changes the shell text so that it goes with the mounts; the error is why it cannot.
    pub(super) fn change(&self, mounted: &mut Mounted<'_>, run: &Run, is_prepared: bool) -> Result<(), String> {
        let commands = run.command.body().map(|body| body.commands()).unwrap_or_default();
        for (at, command) in commands.iter().enumerate() {
            let caches: Vec<&Cache> = mounted.mounts.iter().map(|mount| mount.cache).collect();
            let edits = match arguments_of(command, self.ecosystem.tool) {
                Some(arguments) if caches.iter().any(|cache| is_one_of(cache.purged_by, &arguments)) => {
                    let name = command.name().unwrap_or_default();
                    let refused = || format!("`{name} {}` would empty the cache again", arguments.join(" "));
                    vec![(without(commands, at).ok_or_else(refused)?, String::new())]
                }
                Some(arguments) => options(command, &arguments, &caches),
                None if command.name() == Some("rm") => removed(commands, at, &mounted.mounts)?,
                None => names_none(command, &mounted.mounts).map(|()| Vec::new())?,
            };
            mounted.changes.edits.extend(edits);
        }
        let mut preparing = mounted.mounts.iter().map(|mount| mount.cache.prepared_by);
        let Some((command, path)) = preparing.find(|(command, _)| !command.is_empty()) else { return Ok(()) };
        let is_said = commands.iter().flat_map(|command| &command.words).any(|word| word.raw.contains(path));
        if !is_prepared && !is_said {
            if matches!(run.command, Command::Script { .. }) {
                return Err(format!("`{command}` has to run first: write it into the heredoc"));
            }
            mounted.changes.first = Some(command);
            mounted.removes.push(path.to_owned());
        }
        Ok(())
    }
}

/// The options of a call that go, change, or are added.
fn options(command: &SimpleCommand, arguments: &[&str], caches: &[&Cache]) -> Vec<(Span, String)> {
    let mut edits = Vec::new();
    for pair in command.words.windows(2) {
        let [before, word] = pair else { continue };
        if caches.iter().any(|cache| cache.dropped.contains(&word.raw.as_str())) {
            edits.push((Span::new(before.span.end, word.span.end), String::new()));
        }
        let replacement = |cache: &&Cache| cache.replaced.iter().find(|(option, _)| *option == word.raw);
        if let Some((_, new)) = caches.iter().find_map(replacement) {
            // Where it is there already, the old one just goes.
            match arguments.contains(new) {
                true => edits.push((Span::new(before.span.end, word.span.end), String::new())),
                false => edits.push((word.span, (*new).to_owned())),
            }
        }
    }
    let is_missing = |cache: &&&Cache| {
        !cache.added.is_empty() && is_one_of(cache.filled_by, arguments) && !arguments.contains(&cache.added)
    };
    if let (Some(cache), Some(name)) = (caches.iter().find(is_missing), command.words.first()) {
        edits.push((Span::new(name.span.end, name.span.end), format!(" {}", cache.added)));
    }
    edits
}

/// What of an `rm` goes because a mount is there.
fn removed(commands: &[SimpleCommand], at: usize, mounts: &[Mount]) -> Result<Vec<(Span, String)>, String> {
    let command = &commands[at];
    let is_operand = |word: &&ShellWord| !word.raw.starts_with('-');
    let in_mount = |word: &&ShellWord| mounts.iter().any(|mount| paths::is_below(&absolute(&word.raw), &mount.target));
    let operands: Vec<&ShellWord> = command.arguments().iter().filter(is_operand).collect();
    let reaches = |word: &&&ShellWord| mounts.iter().any(|mount| paths::is_below(&mount.target, &absolute(&word.raw)));
    if let Some(word) = operands.iter().find(|word| reaches(word) && !in_mount(word)) {
        return Err(format!("`rm {}` would remove a directory in which something is mounted", word.raw));
    }
    if operands.iter().all(in_mount) {
        let refused = || format!("`rm {}` would empty the cache again", operands[0].raw);
        return Ok(vec![(without(commands, at).ok_or_else(refused)?, String::new())]);
    }
    let spans = command.words.windows(2).filter(|pair| is_operand(&&pair[1]) && in_mount(&&pair[1]));
    Ok(spans.map(|pair| (Span::new(pair[0].span.end, pair[1].span.end), String::new())).collect())
}

/// Any other command that names what is mounted does something with it.
fn names_none(command: &SimpleCommand, mounts: &[Mount]) -> Result<(), String> {
    let named = mounts.iter().find(|mount| command.words.iter().any(|word| word.raw.contains(&mount.target)));
    match named {
        Some(mount) => Err(format!("`{}` works with {} itself", command.name().unwrap_or("a command"), mount.target)),
        None => Ok(()),
    }
}

/// The place of a whole command with what joins it to the others; none where the others would mean something else
/// without it.
fn without(commands: &[SimpleCommand], at: usize) -> Option<Span> {
    let command = &commands[at];
    let (before, after) = (at.checked_sub(1).map(|at| &commands[at]), commands.get(at + 1));
    let stops = || commands.first().is_some_and(stops_at_errors);
    let is_joined =
        |one: &SimpleCommand| one.joined_by == Connector::And || (one.joined_by == Connector::Sequence && stops());
    let is_alone = command.depth == 0 && !command.conditional && !command.in_pipeline;
    let goes_on = |one: &SimpleCommand| is_joined(one) && !one.conditional;
    match (before, after) {
        _ if !is_alone => None,
        (Some(before), None) if is_joined(command) => Some(Span::new(before.span.end, command.span.end)),
        (Some(before), Some(after)) if is_joined(command) && goes_on(after) => {
            Some(Span::new(before.span.end, command.span.end))
        }
        (None, Some(after)) if goes_on(after) => Some(Span::new(command.span.start, after.span.start)),
        _ => None,
    }
}

/// A path as root's shell would see it, without the pattern at its end.
fn absolute(raw: &str) -> String {
    let raw = raw.trim_matches(['"', '\'']);
    let home = ["~/", "$HOME/", "${HOME}/"].iter().find_map(|start| raw.strip_prefix(start));
    let path = home.map_or(raw.to_owned(), |rest| format!("/root/{rest}"));
    paths::join("/", path.trim_end_matches('*').trim_end_matches('/'))
}

impl Mounted<'_> {
    /// The RUN with its mounts and all changes.
    pub(super) fn rewritten(&self, tree: &Tree) -> String {
        let source = &tree.source;
        let (start, end) = (self.instruction.span.start, self.instruction.span.end);
        let written = source.slice(self.instruction.span);
        let is_heredoc = written.contains("<<");
        let spreads = !is_heredoc && (self.mounts.len() > 1 || written.contains('\n'));
        let between = if spreads { format!(" {}\n    ", tree.directives.escape) } else { " ".to_owned() };
        let mounts: Vec<String> = self.mounts.iter().map(Mount::flag).collect();
        let body = match &tree.items[self.instruction.item].kind {
            ItemKind::Instruction(instruction) => instruction.rest.span().start,
            _ => self.instruction.keyword_span.end,
        };
        let mut text = source.slice(self.instruction.keyword_span).to_owned();
        text.push_str(&format!(" {}{between}", mounts.join(&between)));
        let mut from = body;
        // Flags that were there already.
        text.push_str(source.slice(Span::new(self.instruction.keyword_span.end, body)).trim_start());
        if let Some(first) = self.changes.first {
            let glue = if spreads { format!(" {}\n    && ", tree.directives.escape) } else { " && ".to_owned() };
            text.push_str(&format!("{first}{glue}"));
        }
        let mut edits: Vec<&(Span, String)> = self.changes.edits.iter().collect();
        edits.sort_by_key(|(span, _)| (span.start, span.end));
        for (span, new) in edits.into_iter().filter(|(span, _)| span.start >= start) {
            if span.start >= from {
                text.push_str(source.slice(Span::new(from, span.start)));
                text.push_str(new);
                from = span.end;
            }
        }
        text.push_str(source.slice(Span::new(from, end)));
        text
    }
}

impl Mount {
    fn flag(&self) -> String {
        let id = self.id.as_ref().map(|id| format!("id={id}{},", self.target.replace('/', "-"))).unwrap_or_default();
        let sharing = if self.cache.sharing == "shared" { "" } else { ",sharing=locked" };
        let uid = self.uid.as_ref().map(|uid| format!(",uid={uid}")).unwrap_or_default();
        format!("--mount=type=cache,{id}target={}{sharing}{uid}", self.target)
    }
}
