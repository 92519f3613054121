//! Options of `bundle install` that are remembered for later runs. Bundler 2 warns of them, Bundler 4 refuses them. The fix
//! says the same with `bundle config`.

use super::{Check, Cx, Out, RunCommand, bundler};
use crate::model::shell::{Connector, ShellWord};
use crate::text::Edit;

pub(super) struct DeprecatedBundlerFlag;

/// The options, and what each sets. Those without a value are switches.
const OPTIONS: &[(&str, &str, Option<&str>)] = &[
    ("--clean", "clean", Some("true")),
    ("--deployment", "deployment", Some("true")),
    ("--frozen", "frozen", Some("true")),
    ("--no-prune", "no_prune", Some("true")),
    ("--path", "path", None),
    ("--shebang", "shebang", None),
    ("--system", "system", Some("true")),
    ("--with", "with", None),
    ("--without", "without", None),
];

/// One option as it is used.
struct Used<'a> {
    word: &'a ShellWord,
    setting: &'static str,
    /// Its value, where it is written out.
    value: Option<String>,
    /// How many words it takes.
    words: usize,
    /// Where it stands among the words of the command.
    at: usize,
}

impl Check for DeprecatedBundlerFlag {
    fn command(&self, command: RunCommand<'_>, cx: &Cx<'_>, out: &mut Out<'_>) {
        if !bundler::is_install(&command) {
            return;
        }
        let used = used(&command);
        let Some(first) = used.first() else { return };
        let settings: Vec<String> = used.iter().filter_map(setting).collect();
        let (option, help) = (first.word.raw.split('=').next().unwrap_or_default(), settings.join(" && "));
        out.find(first.word.span, format!("Bundler 4 has no `{option}`, and Bundler 2 warns of it"))
            .help(if help.is_empty() { "use bundle config set --local".to_owned() } else { help.clone() })
            .fix("say it with bundle config", || {
                let is_all = settings.len() == used.len();
                let is_alone = command.is_on_line()
                    && command.command.depth == 0
                    && !command.command.in_pipeline
                    && matches!(command.command.joined_by, Connector::First | Connector::And | Connector::Sequence);
                let start = command.command.span.start;
                let taken = used.iter().map(|one| super::removal::words(&command, one.at, one.words, cx));
                let taken: Option<Vec<Edit>> = taken.collect();
                (is_all && is_alone).then(|| {
                    let mut edits = taken?;
                    edits.push(Edit::insert(start, format!("{help} && ")));
                    Some(edits)
                })?
            });
    }
}

/// The options of the command that Bundler has given up.
fn used<'a>(command: &RunCommand<'a>) -> Vec<Used<'a>> {
    let words = &command.command.words;
    let text = |word: &'a ShellWord| word.literal.as_deref().unwrap_or(&word.raw);
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let (name, joined) = match text(word).split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (text(word), None),
        };
        let Some((_, setting, switch)) = OPTIONS.iter().find(|(option, _, _)| *option == name) else { continue };
        let following = match (switch, joined) {
            (None, None) => &words[at + 1..],
            _ => &[],
        };
        // `--without` takes every word up to the next option.
        let most = if matches!(*setting, "with" | "without") { following.len() } else { 1 };
        let values: Vec<&ShellWord> =
            following.iter().take(most).take_while(|word| !word.raw.starts_with('-')).collect();
        let written: Option<Vec<&str>> = values.iter().map(|word| word.literal.as_deref()).collect();
        let value = match (switch, joined) {
            (Some(value), _) => Some((*value).to_owned()),
            (None, Some(value)) => word.literal.as_ref().map(|_| value.to_owned()),
            (None, None) => written.map(|values| values.join(" ")),
        };
        found.push(Used { word, setting, value: value.filter(|value| is_plain(value)), words: 1 + values.len(), at });
    }
    found
}

/// Whether the value needs no more than quotes around it.
fn is_plain(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" /._:-".contains(&byte))
}

fn setting(used: &Used<'_>) -> Option<String> {
    let value = used.value.as_deref()?;
    let quoted = if value.contains(' ') { format!("'{value}'") } else { value.to_owned() };
    Some(format!("bundle config set --local {} {quoted}", used.setting))
}
