//! A RUN as a chain of commands that can be written in two parts.
//!
//! A unit is a command or a pipeline; what joins them is one operator throughout. Whatever else a shell text may hold
//! (compounds, lists in the background, state that lasts in unknown ways) makes no chain.

use crate::effect::{Action, CommandEffect, EffectSet};
use crate::model::Instruction;
use crate::model::shell::{Connector, Script, SimpleCommand};
use crate::syntax::{ItemKind, Tree};
use crate::text::Span;

/// Commands whose effect on the shell reaches those after them, beside those that can be repeated.
const LASTING: &[&str] = &[
    ".", "alias", "builtin", "eval", "exec", "exit", "getopts", "popd", "pushd", "read", "shift", "shopt", "source",
    "trap", "ulimit", "umask", "unalias", "unset", "wait",
];

/// The commands of a RUN.
pub(super) struct Chain<'a> {
    tree: &'a Tree,
    instruction: &'a Instruction,
    pub(super) units: Vec<Unit>,
}

/// A command or a pipeline.
pub(super) struct Unit {
    pub(super) span: Span,
    /// What its first command is called.
    pub(super) name: String,
    pub(super) commands: Vec<CommandEffect>,
    /// Whether it sets what the shell runs the others with; such a unit stands in both parts.
    pub(super) is_state: bool,
    /// Whether all it does is remove.
    pub(super) is_cleaning: bool,
    /// Whether it removes what it names, and does nothing else.
    pub(super) is_removal: bool,
    /// What stands between it and the one before, comments and line ends included.
    joined: String,
}

impl Unit {
    pub(super) fn effect(&self) -> EffectSet {
        self.commands.iter().fold(EffectSet::default(), |all, one| all.then(one.effect.clone()))
    }

    pub(super) fn is_modelled(&self) -> bool {
        !self.is_state && self.commands.iter().all(|command| command.effect.barrier.is_none())
    }
}

impl<'a> Chain<'a> {
    /// The chain that the text of a RUN is; none where it is more, or where its state cannot be repeated.
    pub(super) fn of(
        tree: &'a Tree,
        instruction: &'a Instruction,
        script: &Script,
        effects: &[CommandEffect],
    ) -> Option<Self> {
        let mut units: Vec<Unit> = Vec::new();
        for command in &script.commands {
            let is_state = is_repeatable(command)?;
            if command.depth > 0 || (is_state && (command.in_pipeline || !command.redirects.is_empty())) {
                return None;
            }
            let effect = effects.iter().find(|effect| effect.span == command.span).cloned();
            if command.joined_by == Connector::Pipe {
                let unit = units.last_mut()?;
                unit.span = unit.span.to(command.span);
                unit.commands.extend(effect);
                unit.is_cleaning = false;
                continue;
            }
            let between = units.last().map(|unit| Span::new(unit.span.end, command.span.start));
            units.push(Unit {
                span: command.span,
                name: names(command),
                is_state,
                is_cleaning: is_cleaning(command, effect.as_ref()),
                is_removal: matches!(command.name(), Some("rm" | "rmdir")) && !command.in_pipeline,
                commands: effect.into_iter().collect(),
                joined: between.map(|span| tree.source.slice(span).to_owned()).unwrap_or_default(),
            });
        }
        let chain = Self { tree, instruction, units };
        chain.is_uniform(script).then_some(chain)
    }

    /// Whether `&&` joins all units.
    pub(super) fn is_joined_by_and(&self) -> bool {
        self.units[1..].iter().all(|unit| operator(&unit.joined) == "&&")
    }

    /// Whether one operator joins all units, so that each runs only if those before it succeeded.
    fn is_uniform(&self, script: &Script) -> bool {
        let (Some(first), Some(last)) = (self.units.first(), self.units.last()) else { return false };
        let rest = self.tree.source.slice(Span::new(last.span.end, self.instruction.span.end));
        let stops = script.commands.first().is_some_and(stops_at_errors);
        let operators: Vec<String> = self.units[1..].iter().map(|unit| operator(&unit.joined)).collect();
        let all = |wanted: &str| operators.iter().all(|operator| operator == wanted);
        rest.trim().is_empty() && first.span.start > self.instruction.span.start && (all("&&") || (stops && all(";")))
    }

    /// The RUN of those units that are in it, and the comments that have to stand above it; none where nothing is.
    pub(super) fn part(&self, is_in: impl Fn(usize) -> bool) -> Option<(Vec<String>, String)> {
        let source = &self.tree.source;
        let is_own = |index: &usize| is_in(*index) && !self.units[*index].is_state;
        let (first, last) = ((0..self.units.len()).find(is_own)?, (0..self.units.len()).rfind(is_own)?);
        let written = (0..=last).filter(|index| is_in(*index) || self.units[*index].is_state);
        let (mut above, mut text) = (Vec::new(), self.head());
        let mut previous = None;
        for index in written {
            let unit = &self.units[index];
            // Where something else stood before it, its comments are those of the whole RUN now.
            let is_lead = index == first && index > 0 && previous != Some(index - 1);
            if is_lead {
                above = comments(&unit.joined);
            }
            match previous {
                Some(_) if is_lead => text.push_str(&without_comments(&unit.joined)),
                Some(_) => text.push_str(&unit.joined),
                None => {}
            }
            text.push_str(source.slice(unit.span));
            previous = Some(index);
        }
        Some((above, text))
    }

    /// The keyword and the flags, up to where the first command begins.
    fn head(&self) -> String {
        let source = &self.tree.source;
        let written = Span::new(self.instruction.span.start, self.units[0].span.start);
        let head = source.slice(written);
        if !head.contains('#') {
            return head.to_owned();
        }
        let ItemKind::Instruction(instruction) = &self.tree.items[self.instruction.item].kind else {
            return head.to_owned();
        };
        let flags = instruction.flags.iter().map(|flag| format!("{} ", source.slice(flag.span)));
        format!("{} {}", source.slice(self.instruction.keyword_span), flags.collect::<String>())
    }
}

/// Whether the command sets state that can be written a second time; none where it sets state that cannot.
fn is_repeatable(command: &SimpleCommand) -> Option<bool> {
    let is_literal = || command.words.iter().all(|word| word.literal.is_some());
    match command.name() {
        None if command.words.is_empty() => {
            command.assignments.iter().all(|(_, value)| value.literal.is_some()).then_some(true)
        }
        Some("cd" | "export" | "set") => is_literal().then_some(true),
        Some(name) if LASTING.contains(&name) => None,
        _ => Some(false),
    }
}

/// Whether it is `set -e`, alone or with other letters.
pub(super) fn stops_at_errors(command: &SimpleCommand) -> bool {
    let mut options = command.arguments().iter().filter_map(|word| word.literal.as_deref());
    command.name() == Some("set")
        && options.any(|option| option.starts_with('-') && !option.starts_with("--") && option.contains('e'))
}

fn is_cleaning(command: &SimpleCommand, effect: Option<&CommandEffect>) -> bool {
    matches!(command.name(), Some("rm" | "rmdir" | "find"))
        || effect.is_some_and(|effect| effect.action == Action::Clean)
}

/// `apt-get install`: the name and, where it is a word, the subcommand.
fn names(command: &SimpleCommand) -> String {
    let words = command.words.iter().map(|word| word.raw.as_str());
    let is_name = |word: &&str| word.chars().all(|char| char.is_alphanumeric() || "-_./".contains(char));
    let mut shown = words
        .take(2)
        .enumerate()
        .filter(|(index, word)| *index == 0 || is_name(word) && !word.starts_with(['-', '/', '.']));
    let first = shown.next().map(|(_, word)| word.to_owned()).unwrap_or_default();
    shown.next().map_or(first.clone(), |(_, second)| format!("{first} {second}"))
}

/// What joins two units, without blanks, line ends and comments.
fn operator(joined: &str) -> String {
    without_comments(joined).replace(['\\', '`', '\r', '\n', ' ', '\t'], "")
}

fn comments(joined: &str) -> Vec<String> {
    joined.lines().skip(1).map(str::trim).filter(|line| line.starts_with('#')).map(str::to_owned).collect()
}

fn without_comments(joined: &str) -> String {
    let mut lines = joined.split_inclusive('\n');
    let first = lines.next().unwrap_or_default().to_owned();
    lines.filter(|line| !line.trim_start().starts_with('#')).fold(first, |text, line| text + line)
}
