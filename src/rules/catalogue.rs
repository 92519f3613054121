//! Every rule there is: those compiled in, and the user's own.

use crate::rules::{Check, Match, NATIVE, RuleMeta, table};

/// A rule: its facts, and how it decides.
pub struct Rule {
    /// What is known of it.
    pub meta: RuleMeta,
    pub(crate) decides: Decides,
}

/// How a rule decides.
pub(crate) enum Decides {
    Native(&'static dyn Check),
    Declared(Match),
}

/// Every rule, sorted by id.
pub struct Catalogue {
    rules: Vec<Rule>,
}

impl Catalogue {
    /// The rules that are compiled in.
    pub fn builtin() -> Self {
        let rules = table::rules().into_iter().map(|(meta, matches)| {
            let decides = match matches {
                Some(matches) => Decides::Declared(matches),
                None => {
                    let native = NATIVE.iter().find(|(id, _)| *id == meta.id.as_str());
                    Decides::Native(native.expect("a rule without a match block is written in Rust").1)
                }
            };
            Rule { meta, decides }
        });
        Self { rules: rules.collect() }
    }

    /// The same with further rules; one of the same id takes the place of the old one.
    pub fn with(mut self, further: impl IntoIterator<Item = (RuleMeta, Match)>) -> Self {
        for (meta, matches) in further {
            self.rules.retain(|rule| rule.meta.id != meta.id);
            self.rules.push(Rule { meta, decides: Decides::Declared(matches) });
        }
        self.rules.sort_by(|a, b| a.meta.id.cmp(&b.meta.id));
        self
    }

    /// The rules, sorted by id.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule that has this id, or that another linter calls by this name.
    pub fn find(&self, name: &str) -> Option<&Rule> {
        let by_id = self.rules.iter().find(|rule| rule.meta.id.as_str() == name);
        by_id.or_else(|| {
            let is_alias = |rule: &&Rule| rule.meta.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name));
            self.rules.iter().find(is_alias)
        })
    }
}
