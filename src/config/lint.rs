//! `[lint]` of `rplan.toml`.

use crate::config::file::Mistakes;
use crate::config::outline::Key;
use crate::config::section::Section;
use crate::diagnostic::Severity;
use crate::lint::Profile;
use crate::rules::meta::OptionValue;
use crate::text::Spanned;

/// `[lint]`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LintSettings {
    /// Run these rules and no others.
    pub select: Option<Vec<Spanned<String>>>,
    /// Run these rules too.
    pub extend_select: Vec<Spanned<String>>,
    /// Do not run these rules.
    pub ignore: Vec<Spanned<String>>,
    /// The lowest severity that is shown.
    pub severity: Option<Spanned<Severity>>,
    /// The lowest severity that ends with exit code 1.
    pub fail_on: Option<Spanned<FailOn>>,
    /// Globs of files to leave out.
    pub exclude: Vec<Spanned<String>>,
    /// Directories with rules of the project's own.
    pub rules: Vec<Spanned<String>>,
    /// The set of rules to start from.
    pub profile: Option<Spanned<Profile>>,
    /// The edition of the profiles; that of the binary's major version when left out.
    pub edition: Option<Spanned<u16>>,
    /// Whether comments in a Dockerfile may silence findings.
    pub inline_ignores: Option<Spanned<bool>>,
    /// Stages that are built on purpose, whatever file they are in.
    pub targets: Vec<Spanned<String>>,
    /// `[lint.rule.ID]`, by name.
    pub rule: Vec<(Spanned<String>, RuleSettings)>,
    /// `[[lint.override]]`, in the order of the file.
    pub overrides: Vec<Override>,
}

/// `[[lint.override]]`: what holds for some files only.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Override {
    /// Globs of the files.
    pub files: Vec<Spanned<String>>,
    /// What holds for them: nothing about where rules and files are.
    pub lint: LintSettings,
}

/// From which severity on findings end with exit code 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailOn {
    /// From this one.
    Severity(Severity),
    /// From none: findings are shown and nothing fails.
    Never,
}

impl FailOn {
    /// All there are, mild ones first.
    pub const ALL: [FailOn; 5] = [
        FailOn::Severity(Severity::Style),
        FailOn::Severity(Severity::Info),
        FailOn::Severity(Severity::Warning),
        FailOn::Severity(Severity::Error),
        FailOn::Never,
    ];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            FailOn::Severity(severity) => severity.as_str(),
            FailOn::Never => "never",
        }
    }

    /// Whether a finding of this severity fails.
    pub fn includes(self, severity: Severity) -> bool {
        match self {
            FailOn::Severity(from) => severity >= from,
            FailOn::Never => false,
        }
    }
}

/// `[lint.rule.ID]`: how one rule is set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleSettings {
    /// How grave its findings are.
    pub severity: Option<Spanned<Severity>>,
    /// Its options.
    pub options: Vec<(Spanned<String>, OptionValue)>,
}

const SELECT: Key = Key::of_rules("select", "Run these rules and no others: ids, foreign ids, categories, or `all`");
const EXTEND_SELECT: Key = Key::of_rules("extend-select", "Run these rules too");
const IGNORE: Key = Key::of_rules("ignore", "Do not run these rules");
const SEVERITY: Key = Key::new("severity", "The lowest severity that is shown");
const FAIL_ON: Key = Key::new("fail-on", "The lowest severity that ends with exit code 1, or `never`");
const EXCLUDE: Key = Key::new("exclude", "Files to leave out, as in a .gitignore that lies beside this file");
const RULES: Key = Key::new("rules", "Directories with rules of your own, relative to the folder of this file");
const PROFILE: Key = Key::new("profile", "The set of rules to start from");
const EDITION: Key = Key::new("edition", "The edition of the profiles; that of rplan's major version when left out");
const INLINE_IGNORES: Key = Key::new("inline-ignores", "Whether comments in a Dockerfile may silence findings");
const TARGETS: Key = Key::new("targets", "Stages that are built on purpose, by name: no other stage need use them");
const OVERRIDE: Key = Key::new("override", "What holds for some files only; of several that match, the last counts");
const FILES: Key = Key::new("files", "The files, as in a .gitignore that lies beside this file");
const RULE: Key = Key::of_rules("rule", "How single rules are set");

impl LintSettings {
    pub(super) fn read(section: &mut Section, mistakes: &mut Mistakes) -> Self {
        Self {
            exclude: section.texts(EXCLUDE, mistakes).unwrap_or_default(),
            rules: section.texts(RULES, mistakes).unwrap_or_default(),
            edition: read_edition(section, mistakes),
            targets: section.texts(TARGETS, mistakes).unwrap_or_default(),
            overrides: section.sections(OVERRIDE, mistakes, Override::read),
            ..Self::read_judgement(section, mistakes)
        }
    }

    /// What may differ from file to file.
    fn read_judgement(section: &mut Section, mistakes: &mut Mistakes) -> Self {
        let severities = Severity::ALL.map(|severity| (severity.as_str(), severity));
        Self {
            profile: section.choice(PROFILE, &Profile::ALL.map(|one| (one.as_str(), one)), mistakes),
            select: section.texts(SELECT, mistakes),
            extend_select: section.texts(EXTEND_SELECT, mistakes).unwrap_or_default(),
            ignore: section.texts(IGNORE, mistakes).unwrap_or_default(),
            severity: section.choice(SEVERITY, &severities, mistakes),
            fail_on: section.choice(FAIL_ON, &FailOn::ALL.map(|one| (one.as_str(), one)), mistakes),
            inline_ignores: section.flag(INLINE_IGNORES, mistakes),
            rule: section.named_sections(RULE, mistakes, RuleSettings::read),
            ..Self::default()
        }
    }

    /// The same where these overrides hold: lists are joined, and of all else the last counts.
    pub fn overridden(&self, holding: &[usize]) -> Self {
        let mut settings = self.clone();
        for Override { lint, .. } in holding.iter().filter_map(|index| self.overrides.get(*index)) {
            let LintSettings { profile, select, severity, fail_on, inline_ignores, .. } = lint.clone();
            settings.profile = profile.or(settings.profile);
            settings.select = select.or(settings.select);
            settings.severity = severity.or(settings.severity);
            settings.fail_on = fail_on.or(settings.fail_on);
            settings.inline_ignores = inline_ignores.or(settings.inline_ignores);
            settings.extend_select.extend(lint.extend_select.iter().cloned());
            settings.ignore.extend(lint.ignore.iter().cloned());
            settings.rule.extend(lint.rule.iter().cloned());
        }
        settings
    }
}

impl Override {
    fn read(section: &mut Section, mistakes: &mut Mistakes) -> Self {
        section.require(&["files"], mistakes);
        let files = section.texts(FILES, mistakes).unwrap_or_default();
        Self { files, lint: LintSettings::read_judgement(section, mistakes) }
    }
}

impl RuleSettings {
    fn read(section: &mut Section, mistakes: &mut Mistakes) -> Self {
        let severities = Severity::ALL.map(|severity| (severity.as_str(), severity));
        Self {
            severity: section.choice(("severity", "How grave its findings are"), &severities, mistakes),
            options: section.free_values(mistakes),
        }
    }
}

/// An edition is a number, which may stand in quotes.
fn read_edition(section: &mut Section, mistakes: &mut Mistakes) -> Option<Spanned<u16>> {
    let written = section.text_or_count(EDITION, mistakes)?;
    let edition = written.value.parse().ok().filter(|edition| *edition > 0);
    if edition.is_none() {
        mistakes.add(written.span, format!("`{}` is no edition: editions are numbered from 1 on", written.value), None);
    }
    edition.map(|edition| Spanned::new(edition, written.span))
}
