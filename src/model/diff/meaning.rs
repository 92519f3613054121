//! What one instruction means, in a form that can be compared.

use std::borrow::Cow;
use std::fmt;

use crate::model::expand::{self, Binding, Dialect, Form};
use crate::model::{Arg, Command, CopySource, EnvPair, Instruction, Mount, Operation, Resolved, Transfer, Value, Word};
use crate::syntax::Keyword;

/// A respect in which instructions may differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the names are those of the language")]
pub enum Field {
    Image,
    Platform,
    Name,
    Arguments,
    Command,
    Mounts,
    Network,
    Security,
    Devices,
    Sources,
    Destination,
    From,
    Chown,
    Chmod,
    Link,
    Exclude,
    Parents,
    Checksum,
    KeepGitDir,
    Unpack,
    Pairs,
    Options,
    Trigger,
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Field::Image => "image",
            Field::Platform => "platform",
            Field::Name => "name",
            Field::Arguments => "arguments",
            Field::Command => "command",
            Field::Mounts => "mounts",
            Field::Network => "network",
            Field::Security => "security",
            Field::Devices => "devices",
            Field::Sources => "sources",
            Field::Destination => "destination",
            Field::From => "from",
            Field::Chown => "chown",
            Field::Chmod => "chmod",
            Field::Link => "link",
            Field::Exclude => "exclude",
            Field::Parents => "parents",
            Field::Checksum => "checksum",
            Field::KeepGitDir => "keep-git-dir",
            Field::Unpack => "unpack",
            Field::Pairs => "pairs",
            Field::Options => "options",
            Field::Trigger => "trigger",
        })
    }
}

/// What an instruction means.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Meaning {
    keyword: Keyword,
    /// In the order in which they are compared; what is not written and changes nothing is left out.
    fields: Vec<(Field, Vec<Sense>)>,
}

/// What a word says, and what that comes to: a word that says the same may come to something else in another place,
/// and one that comes to the same under these build arguments may not under others.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Sense {
    says: String,
    value: Option<Value>,
}

impl Sense {
    fn plain(text: impl Into<String>) -> Self {
        Self { says: text.into(), value: None }
    }
}

impl Meaning {
    pub(super) fn of(resolved: &Resolved, instruction: &Instruction) -> Self {
        let mut reader = Reader { resolved, fields: Vec::new() };
        reader.operation(&instruction.operation);
        Self { keyword: instruction.keyword, fields: reader.fields }
    }

    /// The respects in which two instructions differ.
    pub(super) fn differs_from(&self, other: &Meaning) -> Vec<Field> {
        let of = |meaning: &Meaning, field: Field| {
            meaning.fields.iter().filter(|(other, _)| *other == field).cloned().collect::<Vec<_>>()
        };
        let mut fields: Vec<Field> = self.fields.iter().chain(&other.fields).map(|(field, _)| *field).collect();
        fields.sort();
        fields.dedup();
        fields.retain(|field| of(self, *field) != of(other, *field));
        fields
    }
}

struct Reader<'a> {
    resolved: &'a Resolved,
    fields: Vec<(Field, Vec<Sense>)>,
}

impl Reader<'_> {
    fn operation(&mut self, operation: &Operation) {
        match operation {
            Operation::Add(add) => {
                self.transfer(&add.transfer);
                self.word(Field::Checksum, add.checksum.as_ref());
                self.text(Field::KeepGitDir, add.keep_git_dir.as_ref().map(|flag| flag.value.to_string()));
                self.text(Field::Unpack, add.unpack.as_ref().map(|flag| flag.value.to_string()));
            }
            Operation::Arg(args) => self.args(args),
            Operation::Cmd(command) | Operation::Entrypoint(command) => self.command(command),
            Operation::Copy(copy) => {
                self.transfer(&copy.transfer);
                self.text(Field::From, copy.from.as_ref().map(|from| from.value.to_lowercase()));
                self.flag(Field::Parents, copy.parents.as_ref().is_some_and(|parents| parents.value));
            }
            Operation::Env(env) => self.pairs(&env.pairs),
            Operation::Expose(expose) => self.words(Field::Arguments, &expose.ports),
            Operation::From(from) => {
                self.word(Field::Image, Some(&from.image));
                self.word(Field::Platform, from.platform.as_ref());
                self.text(Field::Name, from.alias.as_ref().map(|(_, name)| name.value.to_lowercase()));
            }
            Operation::Healthcheck(check) => {
                match &check.command {
                    Some(command) => self.command(command),
                    None => self.text(Field::Command, Some("NONE".to_owned())),
                }
                let times = ["interval", "timeout", "start-period", "start-interval"].map(|flag| check.time(flag));
                let numbers = times.into_iter().chain([check.retries()]);
                self.push(Field::Options, numbers.map(|number| Sense::plain(number.to_string())).collect());
            }
            Operation::Label(label) => self.pairs(&label.pairs),
            Operation::Maintainer(name) => self.text(Field::Arguments, Some(name.as_str().to_owned())),
            Operation::Onbuild(onbuild) => {
                self.text(Field::Trigger, Some(onbuild.trigger.keyword.to_string()));
                self.operation(&onbuild.trigger.operation);
            }
            Operation::Run(run) => {
                self.command(&run.command);
                let mounts: Vec<Sense> = run.mounts.iter().flat_map(|mount| self.mount(mount)).collect();
                self.some(Field::Mounts, mounts);
                let network = run.network.as_ref().filter(|network| network.value != "default");
                self.text(Field::Network, network.map(|network| network.value.clone()));
                let insecure = run.security.as_ref().filter(|mode| mode.value == crate::model::Security::Insecure);
                self.text(Field::Security, insecure.map(|_| "insecure".to_owned()));
                self.some(Field::Devices, run.devices.iter().map(|one| Sense::plain(&one.value.value)).collect());
            }
            Operation::Shell(shell) => {
                self.push(Field::Arguments, shell.words.iter().map(|word| Sense::plain(&word.value)).collect());
            }
            Operation::Stopsignal(stopsignal) => self.word(Field::Arguments, Some(&stopsignal.signal)),
            Operation::User(user) => self.word(Field::Arguments, Some(&user.user)),
            Operation::Volume(volume) => self.words(Field::Arguments, &volume.paths),
            Operation::Workdir(workdir) => self.word(Field::Arguments, Some(&workdir.path)),
        }
    }

    fn transfer(&mut self, transfer: &Transfer) {
        let sources = transfer.sources.iter().flat_map(|source| match source {
            CopySource::Path(word) => vec![self.sense(word)],
            CopySource::Heredoc { heredoc, content } => {
                let kind = if heredoc.expand { "expanded" } else { "literal" };
                let content = if heredoc.expand { self.body(content) } else { Sense::plain(&heredoc.content) };
                vec![Sense::plain(format!("<<{} {kind}", heredoc.name)), content]
            }
        });
        let sources = sources.collect();
        self.push(Field::Sources, sources);
        self.word(Field::Destination, Some(&transfer.destination));
        self.word(Field::Chown, transfer.chown.as_ref());
        self.word(Field::Chmod, transfer.chmod.as_ref());
        self.flag(Field::Link, transfer.link.as_ref().is_some_and(|link| link.value));
        self.some(Field::Exclude, transfer.exclude.iter().map(|pattern| Sense::plain(&pattern.value)).collect());
    }

    fn args(&mut self, args: &[Arg]) {
        for arg in args {
            let mut senses = vec![Sense::plain(&arg.name.value)];
            senses.extend(arg.default.as_ref().map(|default| self.sense(default)));
            self.push(Field::Arguments, senses);
        }
    }

    fn pairs(&mut self, pairs: &[EnvPair]) {
        for pair in pairs {
            let senses = vec![self.sense(&pair.key), self.sense(&pair.value)];
            self.push(Field::Pairs, senses);
        }
    }

    fn command(&mut self, command: &Command) {
        let senses = match command {
            Command::Exec(words) => {
                let words = words.iter().map(|word| Sense::plain(&word.value));
                [Sense::plain("exec")].into_iter().chain(words).collect()
            }
            Command::Shell { text, body } => {
                let text =
                    if body.script().is_some() { without_extra_blanks(text.as_str()) } else { text.as_str().into() };
                vec![Sense::plain("shell"), Sense::plain(text)]
            }
            Command::Script { heredoc, .. } => vec![Sense::plain("script"), Sense::plain(&heredoc.content)],
            Command::ShellWithHeredocs { text, heredocs, .. } => {
                let texts = heredocs.iter().map(|heredoc| Sense::plain(&heredoc.content));
                [Sense::plain("heredocs"), Sense::plain(text.as_str())].into_iter().chain(texts).collect()
            }
        };
        self.push(Field::Command, senses);
    }

    fn mount(&self, mount: &Mount) -> Vec<Sense> {
        let options = mount.options.iter().flat_map(|(key, value)| {
            [Some(Sense::plain(&key.value)), value.as_ref().map(|value| self.sense(value))].into_iter().flatten()
        });
        [Sense::plain("--mount")].into_iter().chain(options).collect()
    }

    fn push(&mut self, field: Field, senses: Vec<Sense>) {
        self.fields.push((field, senses));
    }

    fn some(&mut self, field: Field, senses: Vec<Sense>) {
        if !senses.is_empty() {
            self.push(field, senses);
        }
    }

    fn text(&mut self, field: Field, text: Option<String>) {
        self.some(field, text.map(Sense::plain).into_iter().collect());
    }

    fn flag(&mut self, field: Field, set: bool) {
        self.text(field, set.then(|| "true".to_owned()));
    }

    fn word(&mut self, field: Field, word: Option<&Word>) {
        let senses = word.map(|word| self.sense(word)).into_iter().collect();
        self.some(field, senses);
    }

    fn words(&mut self, field: Field, words: &[Word]) {
        let senses = words.iter().map(|word| self.sense(word)).collect();
        self.push(field, senses);
    }

    fn sense(&self, word: &Word) -> Sense {
        self.sense_in(word, Dialect::words(self.resolved.model.tree.directives.escape))
    }

    fn body(&self, word: &Word) -> Sense {
        self.sense_in(word, Dialect::heredoc())
    }

    fn sense_in(&self, word: &Word, dialect: Dialect) -> Sense {
        let value = self.resolved.value(word).clone();
        Sense { says: symbolic(word.raw.as_str(), dialect), value: Some(value) }
    }
}

/// The word with quotes and escapes gone and each variable marked, so that `"$A"` and `${A}` say the same. Where it asks
/// whether a variable is set: what comes out when all are, and when each in turn is empty or unset. A word that takes a
/// variable's value apart stays as written.
fn symbolic(raw: &str, dialect: Dialect) -> String {
    let mark = |name: &str| Binding::Set(Cow::Owned(format!("\u{E000}{name}\u{E001}")));
    let set = expand::expand(raw, dialect, &mark);
    if set.uses.iter().all(|variable| variable.form == Form::Plain) {
        return match set.result {
            Ok(Value::Known(text)) => text,
            _ => raw.to_owned(),
        };
    }
    let unset = expand::expand(raw, dialect, &|_| Binding::Unset);
    let uses: Vec<_> = set.uses.iter().chain(&unset.uses).collect();
    if uses.iter().any(|variable| matches!(variable.form, Form::Trim | Form::Replace)) {
        return raw.to_owned();
    }
    let mut names: Vec<&str> = uses.iter().map(|variable| variable.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let mut said = outcome(&set) + &outcome(&unset);
    for name in names {
        for other in [Binding::Unset, Binding::Set(Cow::Borrowed(""))] {
            let lookup = |asked: &str| if asked == name { other.clone() } else { mark(asked) };
            said += &outcome(&expand::expand(raw, dialect, &lookup));
        }
    }
    said
}

/// What came of a word, as one text that ends in a mark of its own.
fn outcome(expansion: &expand::Expansion) -> String {
    match &expansion.result {
        Ok(Value::Known(text)) => format!("{text}\u{E002}"),
        Ok(Value::Unknown(reason)) => format!("{reason}\u{E003}"),
        Err(error) => format!("{}\u{E004}", error.message),
    }
}

/// Shell text with each run of blanks outside quotes as one.
fn without_extra_blanks(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut quote = None;
    let mut after_blank = false;
    let mut chars = text.trim().chars();
    while let Some(char) = chars.next() {
        let is_blank = quote.is_none() && matches!(char, ' ' | '\t');
        if !is_blank {
            result.push(char);
        } else if !after_blank {
            result.push(' ');
        }
        after_blank = is_blank;
        match (quote, char) {
            (None, '\'' | '"') => quote = Some(char),
            (Some(open), _) if open == char => quote = None,
            (None | Some('"'), '\\') => result.extend(chars.next()),
            _ => {}
        }
    }
    result
}
