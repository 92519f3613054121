//! Names of rules, typed or set: each must mean one, and nothing may be said of one twice.

use crate::cli::args::SelectionArgs;
use crate::cli::exit::{Answer, Exit, Failure};
use crate::config::{LintSettings, Located, ProjectSettings, RuleSettings};
use crate::diagnostic::{Finding, RuleId, Severity};
use crate::rules::{Catalogue, Rule, Tool};
use crate::text::{Span, Spanned};

/// The name under which mistakes in settings are reported.
const SETTINGS: RuleId = RuleId::builtin("settings");

/// Every name that was typed must mean a rule.
pub(super) fn check_typed(typed: &SelectionArgs, catalogue: &Catalogue) -> Answer<()> {
    let mut names = typed.select.iter().chain(&typed.extend_select).chain(&typed.ignore);
    match names.find(|name| !catalogue.is_name(name)) {
        Some(name) => Err(unknown(name, catalogue)),
        None => Ok(()),
    }
}

/// There is no rule of this name.
pub(super) fn unknown(name: &str, catalogue: &Catalogue) -> Failure {
    Failure::usage(format_args!("there is no rule `{name}`")).with_help(hint(name, catalogue))
}

fn hint(name: &str, catalogue: &Catalogue) -> String {
    match catalogue.nearest(name) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "`rplan rules` lists them".to_owned(),
    }
}

/// Every name in the settings must mean a rule, every option must be one of its rule's, and nothing is set twice.
pub(super) fn check_settings(located: &Located<ProjectSettings>, catalogue: &Catalogue) -> Answer<()> {
    let mut check = Check { catalogue, findings: Vec::new() };
    let lint = &located.settings.lint;
    std::iter::once(lint).chain(lint.overrides.iter().map(|one| &one.lint)).for_each(|set| check.lint(set));
    let mut findings = check.findings;
    findings.sort_by(|a, b| a.order().cmp(&b.order()));
    match findings.is_empty() {
        true => Ok(()),
        false => Err(Failure::Drawn { exit: Exit::Usage, source: located.source.clone(), findings }),
    }
}

struct Check<'a> {
    catalogue: &'a Catalogue,
    findings: Vec<Finding>,
}

/// The table of a rule: what it is called there, the rule, and how it is set.
type Table<'a> = (&'a Spanned<String>, &'a Rule, &'a RuleSettings);

impl Check<'_> {
    fn lint(&mut self, set: &LintSettings) {
        for name in set.select.iter().flatten().chain(&set.extend_select).chain(&set.ignore) {
            if !self.catalogue.is_name(&name.value) {
                self.unknown(name);
            }
        }
        let newest = self.catalogue.newest_edition();
        if let Some(edition) = set.edition.as_ref().filter(|edition| edition.value > newest) {
            let known = format!("this rplan knows the editions from 1 to {newest}");
            self.mistake(edition.span, format!("there is no edition {} yet", edition.value), Some(known));
        }
        let mut tables: Vec<Table> = Vec::new();
        for (name, settings) in &set.rule {
            let Some(rule) = self.catalogue.find(&name.value) else {
                self.unknown(name);
                continue;
            };
            for (option, value) in &settings.options {
                if let Err(reason) = rule.check_option(&option.value, value) {
                    self.mistake(option.span, reason, None);
                }
            }
            let table = (name, rule, settings);
            for other in tables.iter().filter(|(_, other, _)| other.meta.id == rule.meta.id) {
                self.clash(other, &table);
            }
            tables.push(table);
        }
    }

    /// Whether two tables of one rule set the same thing.
    fn clash(&mut self, (first, _, earlier): &Table, (name, rule, settings): &Table) {
        let help = || Some(format!("`{}` and `{}` are one rule: {}", first.value, name.value, rule.meta.id));
        if let (Some(_), Some(severity)) = (&earlier.severity, &settings.severity)
            && (first.value.eq_ignore_ascii_case(&name.value)
                || (means_all(rule, &first.value) && means_all(rule, &name.value)))
        {
            self.mistake(severity.span, "`severity` of the same rule is set twice".to_owned(), help());
        }
        for (option, _) in &settings.options {
            if earlier.options.iter().any(|(other, _)| other.value == option.value) {
                self.mistake(option.span, format!("`{}` of the same rule is set twice", option.value), help());
            }
        }
    }

    fn unknown(&mut self, name: &Spanned<String>) {
        let help = hint(&name.value, self.catalogue);
        self.mistake(name.span, format!("there is no rule `{}`", name.value), Some(help));
    }

    fn mistake(&mut self, span: Span, message: String, help: Option<String>) {
        let mut finding = Finding::new(SETTINGS, Severity::Error, span, message);
        finding.help = help;
        self.findings.push(finding);
    }
}

/// Whether the name means everything that the rule finds, not only what another linter tells apart.
pub(super) fn means_all(rule: &Rule, name: &str) -> bool {
    let of_same_tool = rule.meta.aliases.iter().filter(|alias| alias.tool() == Tool::of(name));
    // A number of ShellCheck's is also what ShellCheck itself says.
    let is_shared = Tool::of(name) == Tool::ShellCheck;
    rule.meta.id.as_str() == name || (!is_shared && of_same_tool.count() == 1)
}
