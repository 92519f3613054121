//! Where a rule tells what it found. Bound to the rule, so that a finding carries the right name and weight.

use std::collections::BTreeMap;

use crate::diagnostic::{Finding, Fix, Label, RuleId, Safety, Severity};
use crate::rules::{OptionValue, RuleMeta};
use crate::text::{Edit, EditSet, Span};

/// What a rule may say, and how it was set.
pub struct Out<'a> {
    meta: &'a RuleMeta,
    options: Option<&'a BTreeMap<String, OptionValue>>,
    wants_fixes: bool,
    findings: &'a mut Vec<Finding>,
}

impl<'a> Out<'a> {
    /// The outlet of one rule.
    pub(crate) fn new(
        meta: &'a RuleMeta,
        options: Option<&'a BTreeMap<String, OptionValue>>,
        wants_fixes: bool,
        findings: &'a mut Vec<Finding>,
    ) -> Self {
        Self { meta, options, wants_fixes, findings }
    }

    /// The same outlet where no fix can be proved: what ONBUILD stores shows its effect in another file.
    pub(crate) fn without_fixes(&mut self) -> Out<'_> {
        Out { meta: self.meta, options: self.options, wants_fixes: false, findings: self.findings }
    }

    /// Tells that something is wrong at `span`. The message is one sentence without a full stop.
    pub fn find(&mut self, span: Span, message: impl Into<String>) -> Draft<'_> {
        self.findings.push(Finding::new(self.meta.id.clone(), self.meta.severity, span, message));
        let finding = self.findings.last_mut().expect("a finding was just added");
        Draft { finding, safety: self.meta.fix.safety, wants_fixes: self.wants_fixes }
    }

    /// The list that an option is set to.
    pub fn texts(&self, option: &str) -> Vec<&str> {
        match self.option(option) {
            OptionValue::Texts(texts) => texts.iter().map(AsRef::as_ref).collect(),
            other => unreachable!("the option {option} of {} is {}", self.meta.id, other.kind()),
        }
    }

    /// The number that an option is set to.
    pub fn number(&self, option: &str) -> i64 {
        match self.option(option) {
            OptionValue::Number(number) => *number,
            other => unreachable!("the option {option} of {} is {}", self.meta.id, other.kind()),
        }
    }

    /// Whether an option is set.
    pub fn flag(&self, option: &str) -> bool {
        match self.option(option) {
            OptionValue::Flag(flag) => *flag,
            other => unreachable!("the option {option} of {} is {}", self.meta.id, other.kind()),
        }
    }

    fn option(&self, name: &str) -> &OptionValue {
        let declared = self.meta.options.iter().find(|option| option.name == name);
        let declared = declared.expect("a rule asks only for options that its YAML file declares");
        self.options.and_then(|options| options.get(name)).unwrap_or(&declared.default)
    }
}

/// A finding that is being told.
pub struct Draft<'a> {
    finding: &'a mut Finding,
    safety: Safety,
    wants_fixes: bool,
}

impl Draft<'_> {
    /// A few words about the place at fault.
    pub fn label(self, message: impl Into<String>) -> Self {
        self.finding.primary.message = message.into();
        self
    }

    /// Another place that explains it.
    pub fn related(self, span: Span, message: impl Into<String>) -> Self {
        self.finding.related.push(Label { span, message: message.into() });
        self.finding.related.sort_by_key(|label| label.span);
        self
    }

    /// What other linters call exactly this, where the rule stands for several things that they tell apart.
    pub fn known_as(self, names: &[&'static str]) -> Self {
        self.finding.known_as = names.to_vec();
        self
    }

    /// The text at the place at fault is a secret: no report shows it.
    pub fn hide(self) -> Self {
        self.finding.hides = true;
        self
    }

    /// Names the finding by what another program calls it, and takes it as grave as that does.
    pub(super) fn named(self, name: String, severity: Severity) -> Self {
        self.finding.rule = RuleId::user(name);
        self.finding.severity = severity;
        self
    }

    /// What to do about it.
    pub fn help(self, help: impl Into<String>) -> Self {
        self.finding.help = Some(help.into());
        self
    }

    /// A repair as safe as the rule declares; `edits` runs only when fixes are wanted, and may find that there is none.
    pub fn fix(self, title: impl Into<String>, edits: impl FnOnce() -> Option<Vec<Edit>>) -> Self {
        let safety = self.safety;
        self.fix_as(safety, title, edits)
    }

    /// A repair of a safety of its own; never less safe than the rule declares.
    pub fn fix_as(self, safety: Safety, title: impl Into<String>, edits: impl FnOnce() -> Option<Vec<Edit>>) -> Self {
        debug_assert!(safety <= self.safety, "a fix of {} is less safe than declared", self.finding.rule);
        if self.wants_fixes
            && let Some(edits) = edits()
        {
            let edits = EditSet::from_edits(edits).expect("the edits of one fix do not touch each other");
            self.finding.fixes.push(Fix { title: title.into(), safety, edits });
        }
        self
    }
}
