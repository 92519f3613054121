//! Declarative rules: a closed set of predicates over instructions and commands.

use serde::{Deserialize, Serialize};

use crate::model::image_ref::ImageRef;
use crate::model::{Base, Instruction, Operation, Resolved};
use crate::rules::{Cx, List, Out, RunCommand, Text};

/// The `match:` block of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Match {
    /// The version of the predicates.
    pub schema: u8,
    /// When there is a finding.
    pub when: Predicate,
    /// What it says.
    pub message: Text,
    /// What to do about it.
    #[serde(default)]
    pub help: Option<Text>,
}

/// Something that is true of an instruction, or of a command of its shell text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Predicate {
    /// Every one is true.
    All(List<Predicate>),
    /// At least one is true.
    Any(List<Predicate>),
    /// None is true.
    Not(List<Predicate>),
    /// The keyword.
    Instruction(Text),
    /// A flag is given.
    Flag(Text),
    /// The arguments as written match the pattern: `*` is any text.
    Argument(Text),
    /// A simple command.
    Command(CommandMatch),
    /// The image of FROM.
    Image(ImageMatch),
}

/// What a simple command must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandMatch {
    /// Its name is one of these.
    pub name: List<Text>,
    /// Its first argument that is no option is one of these.
    #[serde(default)]
    pub sub: List<Text>,
    /// It has one of these options.
    #[serde(default)]
    pub has: List<Text>,
    /// It has none of these options.
    #[serde(default)]
    pub lacks: List<Text>,
}

/// What an image reference must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageMatch {
    /// Its tag is this one, or the one it has by default.
    #[serde(default)]
    pub tag: Option<Text>,
    /// Whether a tag is written out.
    #[serde(default)]
    pub tagged: Option<bool>,
    /// Whether a digest is written out.
    #[serde(default)]
    pub digest: Option<bool>,
}

impl Match {
    /// Tells what the block finds in an instruction.
    pub(crate) fn check(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        if !self.when.is_about_commands() {
            if self.when.holds(instruction, None, cx) {
                let span = cx.written(instruction).map_or(instruction.span, |written| match written.rest.is_empty() {
                    true => instruction.keyword_span,
                    false => written.rest.span(),
                });
                self.tell(span, out);
            }
            return;
        }
        for command in cx.commands(instruction) {
            if self.when.holds(instruction, Some(&command), cx) {
                let words = command.command.words.iter().take(2).map(|word| word.span);
                self.tell(words.reduce(|a, b| a.to(b)).unwrap_or(command.command.span), out);
            }
        }
    }

    fn tell(&self, span: crate::text::Span, out: &mut Out<'_>) {
        let draft = out.find(span, self.message.clone());
        if let Some(help) = &self.help {
            draft.help(help.clone());
        }
    }
}

impl Predicate {
    fn is_about_commands(&self) -> bool {
        match self {
            Predicate::All(inner) | Predicate::Any(inner) | Predicate::Not(inner) => {
                inner.iter().any(Predicate::is_about_commands)
            }
            Predicate::Command(_) => true,
            _ => false,
        }
    }

    fn holds(&self, instruction: &Instruction, command: Option<&RunCommand<'_>>, cx: &Cx<'_>) -> bool {
        let holds = |inner: &Predicate| inner.holds(instruction, command, cx);
        match self {
            Predicate::All(inner) => inner.iter().all(holds),
            Predicate::Any(inner) => inner.iter().any(holds),
            Predicate::Not(inner) => !inner.iter().any(holds),
            Predicate::Instruction(keyword) => instruction.keyword.as_str().eq_ignore_ascii_case(keyword),
            Predicate::Flag(name) => {
                cx.written(instruction).is_some_and(|written| written.flags.iter().any(|flag| flag.name.value == *name))
            }
            Predicate::Argument(pattern) => {
                cx.written(instruction).is_some_and(|written| wildcard(pattern, written.rest.as_str()))
            }
            Predicate::Command(wanted) => command.is_some_and(|command| wanted.is(command)),
            Predicate::Image(wanted) => wanted.is(instruction, cx.resolved),
        }
    }
}

impl CommandMatch {
    fn is(&self, command: &RunCommand<'_>) -> bool {
        let among = |list: &List<Text>, word: Option<&str>| word.is_some_and(|word| list.iter().any(|one| one == word));
        let options = |list: &List<Text>| list.iter().any(|name| command.has_option(&[name]));
        among(&self.name, command.command.name())
            && (self.sub.is_empty() || among(&self.sub, command.subcommand()))
            && (self.has.is_empty() || options(&self.has))
            && !options(&self.lacks)
    }
}

impl ImageMatch {
    fn is(&self, instruction: &Instruction, resolved: &Resolved) -> bool {
        let (Operation::From(_), Some(stage)) = (&instruction.operation, instruction.stage) else { return false };
        let Base::Image(name) = &resolved.bases[stage.0] else { return false };
        let Ok(image) = ImageRef::parse(name) else { return false };
        self.tag.as_ref().is_none_or(|tag| image.effective_tag() == Some(tag))
            && self.tagged.is_none_or(|tagged| image.tag().is_some() == tagged)
            && self.digest.is_none_or(|digest| image.digest().is_some() == digest)
    }
}

/// Whether the text matches a pattern in which `*` is any text.
fn wildcard(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}
