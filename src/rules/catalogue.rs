//! Every rule there is: those compiled in, and the user's own.

use std::borrow::Cow;

use crate::rules::meta::SHELLCHECK;
use crate::rules::register::NATIVE;
use crate::rules::{Check, EDITION, Match, OptionValue, RuleMeta, Text, Tool, table};

/// A rule: its facts, and how it decides.
#[derive(Clone)]
pub struct Rule {
    /// What is known of it.
    pub meta: RuleMeta,
    /// What a finding says to do where the rule's code says nothing.
    pub(in crate::rules) advice: Text,
    pub(crate) decides: Decides,
    /// Its YAML file.
    pub(in crate::rules) yaml: Text,
}

/// How a rule decides.
#[derive(Clone)]
pub(crate) enum Decides {
    /// By Rust code.
    Native(&'static dyn Check),
    /// By predicates.
    Declared(Cow<'static, Match>),
    /// Not here: whoever lints hands its findings in.
    Elsewhere,
}

/// Every rule, sorted by id.
#[derive(Clone)]
pub struct Catalogue {
    rules: Vec<Rule>,
    newest_edition: u16,
}

impl Rule {
    /// A rule that no file tells of, to try the engine with.
    #[cfg(test)]
    pub(crate) fn made_up(meta: RuleMeta, check: &'static dyn Check) -> Self {
        Self { meta, advice: Text::Borrowed(""), decides: Decides::Native(check), yaml: Text::Borrowed("") }
    }

    /// A name under which findings are handed in, to be selected, silenced and shown like those of rules.
    pub fn decided_elsewhere(meta: RuleMeta) -> Self {
        Self { meta, advice: Text::Borrowed(""), decides: Decides::Elsewhere, yaml: Text::Borrowed("") }
    }

    /// Whether its findings are handed in.
    pub fn is_decided_elsewhere(&self) -> bool {
        matches!(self.decides, Decides::Elsewhere)
    }

    /// Whether it is written in Rust.
    pub fn is_native(&self) -> bool {
        matches!(self.decides, Decides::Native(_))
    }

    /// Whether it is one of rplan's own, rather than a user's.
    pub fn is_compiled_in(&self) -> bool {
        matches!(self.yaml, Text::Borrowed(_))
    }

    /// What to do about what it finds.
    pub fn advice(&self) -> &str {
        &self.advice
    }

    /// Its YAML file: what people read, and the examples.
    pub fn yaml(&self) -> &str {
        &self.yaml
    }

    /// Whether `name` is its id, or what another linter calls it.
    pub fn is_called(&self, name: &str) -> bool {
        self.meta.is_called(name)
    }

    /// Whether an option of this name may have this value; if not, why.
    pub fn check_option(&self, name: &str, value: &OptionValue) -> Result<(), String> {
        match self.meta.options.iter().find(|option| option.name == name) {
            Some(option) if option.default.is_like(value) => Ok(()),
            Some(option) => Err(format!("`{name}` of {} takes {}", self.meta.id, option.default.kind())),
            None => {
                let known: Vec<&str> = self.meta.options.iter().map(|option| option.name.as_ref()).collect();
                let hint =
                    if known.is_empty() { "it has none".to_owned() } else { format!("it has {}", known.join(", ")) };
                Err(format!("{} has no option `{name}`: {hint}", self.meta.id))
            }
        }
    }
}

impl Catalogue {
    /// The rules that are compiled in.
    pub fn builtin() -> Self {
        let rules = table::RULES.iter().map(|entry| {
            let native = || NATIVE.iter().find(|(id, _)| *id == entry.meta.id.as_str());
            let decides = match &entry.matches {
                Some(block) => Decides::Declared(Cow::Borrowed(block)),
                None => {
                    Decides::Native(native().expect("a rule without a match block is registered in rules::register").1)
                }
            };
            Rule {
                meta: entry.meta.clone(),
                advice: Text::Borrowed(entry.advice),
                decides,
                yaml: Text::Borrowed(entry.yaml),
            }
        });
        let rules: Vec<Rule> = rules.collect();
        Self { newest_edition: newest_edition(&rules), rules }
    }

    /// The same with a user's rules; refused when an id or alias is taken.
    pub fn with(mut self, further: impl IntoIterator<Item = Rule>) -> Result<Self, Clash> {
        for rule in further {
            if let Some(name) = rule.meta.names().find(|name| self.owner(name).is_some()) {
                return Err(Clash { id: rule.meta.id.to_string(), name: name.to_owned() });
            }
            self.rules.push(rule);
        }
        self.rules.sort_by(|a, b| a.meta.id.cmp(&b.meta.id));
        Ok(self)
    }

    /// The rules, sorted by id.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule of this id. Findings of ShellCheck go by their numbers; one rule stands for all of them.
    pub fn by_id(&self, id: &str) -> Option<&Rule> {
        let id = if Tool::of(id) == Tool::ShellCheck { SHELLCHECK } else { id };
        let index = self.rules.binary_search_by(|rule| rule.meta.id.as_str().cmp(id)).ok()?;
        Some(&self.rules[index])
    }

    /// The rule that has this id, or that another linter calls by this name.
    pub fn find(&self, name: &str) -> Option<&Rule> {
        self.owner(name).or_else(|| self.by_id(name))
    }

    /// The rule whose file has the name.
    fn owner(&self, name: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.meta.names().any(|one| one.eq_ignore_ascii_case(name)))
    }

    /// The newest edition that changes anything, or that of this binary. A user's own rules make no edition.
    pub fn newest_edition(&self) -> u16 {
        self.newest_edition
    }

    /// Whether `name` means any rule: an id, what another linter says, a category, or `all`.
    pub fn is_name(&self, name: &str) -> bool {
        name == "all" || self.rules.iter().any(|rule| rule.is_called(name) || rule.meta.category.as_str() == name)
    }

    /// The name that was probably meant.
    pub fn nearest(&self, name: &str) -> Option<&str> {
        let names = self.rules.iter().flat_map(|rule| rule.meta.names());
        crate::text::nearest(name, names.chain(crate::rules::Category::ALL.iter().map(|category| category.as_str())))
    }
}

fn newest_edition(rules: &[Rule]) -> u16 {
    let changes = |rule: &Rule| rule.meta.severity_changes.iter().map(|(from, _)| *from).max();
    let named = rules.iter().flat_map(|rule| [rule.meta.edition.number(), changes(rule)]);
    named.flatten().fold(EDITION, u16::max)
}

/// A user's rule has a name that is taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the rule {id} cannot be called `{name}`: there is one of that name; choose another id")]
pub struct Clash {
    /// The rule.
    pub id: String,
    /// The id or alias that is taken.
    pub name: String,
}
