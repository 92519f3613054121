//! `rplan.toml`: how the Dockerfiles of a project are judged.

use std::collections::BTreeMap;

use crate::config::file::{self, Mistakes, Section};
use crate::diagnostic::{Finding, Severity};
use crate::lint::Profile;
use crate::rewrite::ids;
use crate::rules::meta::OptionValue;
use crate::text::{SourceFile, Span, Spanned};

/// What belongs into the user's own file, and why it is refused here.
const USERS_OWN: [&str; 5] = ["build", "jobs", "network", "registries", "store"];

/// The settings of a project. Paths are relative to the folder of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProjectSettings {
    /// `[lint]`
    pub lint: LintSettings,
    /// `[optimize]`
    pub optimize: OptimizeSettings,
    /// `[[image]]`
    pub images: Vec<ImageSettings>,
}

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
    pub severity: Option<Severity>,
    /// The lowest severity that ends with exit code 1.
    pub fail_on: Option<Severity>,
    /// Globs of files to leave out.
    pub exclude: Vec<Spanned<String>>,
    /// Directories with rules of the project's own.
    pub rules: Vec<Spanned<String>>,
    /// The set of rules to start from.
    pub profile: Option<Profile>,
    /// The edition of the profiles; that of the binary's major version when left out.
    pub edition: Option<Spanned<u16>>,
    /// `[lint.rule.ID]`, by id.
    pub rule: Vec<(Spanned<String>, RuleSettings)>,
}

/// `[lint.rule.ID]`: how one rule is set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleSettings {
    /// How grave its findings are.
    pub severity: Option<Severity>,
    /// Its options.
    pub options: Vec<(Spanned<String>, OptionValue)>,
}

/// `[optimize]`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OptimizeSettings {
    /// Propose these rewrites and no others.
    pub only: Option<Vec<Spanned<String>>>,
    /// Do not propose these rewrites.
    pub skip: Vec<Spanned<String>>,
}

/// `[[image]]`: an image that is built on purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageSettings {
    /// Its Dockerfile; `Dockerfile` in the context otherwise.
    pub file: Option<Spanned<String>>,
    /// Its build context.
    pub context: Spanned<String>,
    /// The stage it ends at; the last one otherwise.
    pub target: Option<Spanned<String>>,
    /// The values of ARGs.
    pub build_args: BTreeMap<String, String>,
}

impl ProjectSettings {
    /// Reads the file, or tells everything that is wrong in it.
    pub fn read(source: &SourceFile) -> Result<Self, Vec<Finding>> {
        file::read(source, |root, mistakes| {
            root.refuse(&USERS_OWN, mistakes, "it belongs into your own settings: a project must not redirect builds");
            Self {
                lint: root.section("lint", mistakes, LintSettings::read).unwrap_or_default(),
                optimize: root.section("optimize", mistakes, OptimizeSettings::read).unwrap_or_default(),
                images: root.sections("image", mistakes, ImageSettings::read),
            }
        })
    }
}

impl LintSettings {
    fn read(section: &mut Section, mistakes: &mut Mistakes) -> Self {
        let severities = Severity::ALL.map(|severity| (severity.as_str(), severity));
        Self {
            select: section.texts("select", mistakes),
            extend_select: section.texts("extend-select", mistakes).unwrap_or_default(),
            ignore: section.texts("ignore", mistakes).unwrap_or_default(),
            severity: section.choice("severity", &severities, mistakes),
            fail_on: section.choice("fail-on", &severities, mistakes),
            exclude: section.texts("exclude", mistakes).unwrap_or_default(),
            rules: section.texts("rules", mistakes).unwrap_or_default(),
            profile: section.choice("profile", &Profile::ALL.map(|one| (one.as_str(), one)), mistakes),
            edition: read_edition(section, mistakes),
            rule: section.named_sections("rule", mistakes, |rule, mistakes| RuleSettings {
                severity: rule.choice("severity", &severities, mistakes),
                options: rule.free_values(mistakes),
            }),
        }
    }
}

/// An edition is a number, which may stand in quotes.
fn read_edition(section: &mut Section, mistakes: &mut Mistakes) -> Option<Spanned<u16>> {
    let written = section.text_or_count("edition", mistakes)?;
    let edition = written.value.parse().ok().filter(|edition| *edition > 0);
    if edition.is_none() {
        mistakes.add(written.span, format!("`{}` is no edition: editions are numbered from 1 on", written.value), None);
    }
    edition.map(|edition| Spanned::new(edition, written.span))
}

impl OptimizeSettings {
    fn read(section: &mut Section, mistakes: &mut Mistakes) -> Self {
        let only = section.texts("only", mistakes);
        let skip = section.texts("skip", mistakes).unwrap_or_default();
        only.iter().flatten().chain(&skip).for_each(|id| known_rewrite(id, mistakes));
        Self { only, skip }
    }
}

fn known_rewrite(id: &Spanned<String>, mistakes: &mut Mistakes) {
    let known = ids::ALL.iter().map(|rewrite| rewrite.as_str());
    if !known.clone().any(|rewrite| rewrite == id.value) {
        mistakes.unknown(id, "rewrite", known);
    }
}

impl ImageSettings {
    fn read(section: &mut Section, mistakes: &mut Mistakes) -> Self {
        let build_args = section.section("build-args", mistakes, Section::free_texts).unwrap_or_default();
        Self {
            file: section.text("file", mistakes),
            context: section.text("context", mistakes).unwrap_or_else(|| Spanned::new(".".to_owned(), Span::at(0))),
            target: section.text("target", mistakes),
            build_args: build_args.into_iter().map(|(name, value)| (name.value, value.value)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<ProjectSettings, Vec<String>> {
        let source = SourceFile::new("rplan.toml", text);
        ProjectSettings::read(&source).map_err(|findings| {
            findings
                .iter()
                .map(|finding| format!("{}: {}", source.slice(finding.primary.span), finding.message))
                .collect()
        })
    }

    #[test]
    fn every_setting_is_read() {
        let settings = read(
            "[lint]\nselect = ['a']\nfail-on = 'error'\n[lint.rule.a]\nseverity = 'info'\nwords = ['x']\n\
             [optimize]\nskip = ['split-stage']\n\
             [[image]]\ncontext = 'api'\nbuild-args = { A = '1' }\n[[image]]\n",
        )
        .expect("no mistakes");
        assert_eq!(settings.lint.fail_on, Some(Severity::Error));
        let (name, rule) = &settings.lint.rule[0];
        assert_eq!((name.value.as_str(), rule.severity), ("a", Some(Severity::Info)));
        assert_eq!(rule.options[0].1, OptionValue::Texts(vec!["x".into()].into()));
        assert_eq!(settings.optimize.skip[0].value, "split-stage");
        assert_eq!(settings.images[0].build_args["A"], "1");
        assert_eq!(settings.images[1].context.value, ".");
    }

    #[test]
    fn every_mistake_is_told_with_its_place() {
        let mistakes =
            read("lnit = 1\nnetwork = 'host'\n[lint]\nfail-on = 'wraning'\nselect = 'a'\nseverty = 'info'\n");
        assert_eq!(
            mistakes.expect_err("all of it is wrong"),
            [
                "lnit: there is no setting `lnit`",
                "network: there is no setting `network` in a project's file",
                "'wraning': `lint.fail-on` is `style` or `info` or `warning` or `error`, not `wraning`",
                "'a': `lint.select` is a list of texts in quotes, not a value of type string",
                "severty: there is no setting `lint.severty`",
            ]
        );
    }

    #[test]
    fn names_of_rewrites_are_known() {
        let source = SourceFile::new("rplan.toml", "[optimize]\nonly = ['hoist-manifest']\n");
        let mistakes = ProjectSettings::read(&source).expect_err("there is no such rewrite");
        assert_eq!(mistakes[0].message, "there is no rewrite `hoist-manifest`");
        assert_eq!(mistakes[0].help.as_deref(), Some("did you mean `hoist-manifests`?"));
    }

    #[test]
    fn broken_toml_is_told_with_its_place() {
        let mistakes = read("[lint\nselect = [\n").expect_err("it is not TOML");
        assert!(!mistakes.is_empty());
    }
}
