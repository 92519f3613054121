//! `rplan.toml`: how the Dockerfiles of a project are judged.

use std::collections::BTreeMap;

use crate::config::LintSettings;
use crate::config::file::{self, Mistakes};
use crate::config::outline::Outline;
use crate::config::section::{Section, outline};
use crate::diagnostic::Finding;
use crate::rewrite::ids;
use crate::text::{SourceFile, Span, Spanned};

/// What belongs into the user's own file, and why it is refused here.
const USERS_OWN: [&str; 6] = ["build", "jobs", "network", "registries", "shellcheck", "store"];

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
    /// Where its table begins.
    pub place: Span,
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
        file::read(source, Self::read_root)
    }

    /// What the file may say.
    pub fn outline() -> Outline {
        outline(Self::read_root)
    }

    fn read_root(root: &mut Section, mistakes: &mut Mistakes) -> Self {
        root.refuse(&USERS_OWN, mistakes, "it belongs into your own settings: a project must not redirect builds");
        let (lint, optimize, image) = (
            ("lint", "How Dockerfiles are judged"),
            ("optimize", "Which rewrites are proposed"),
            ("image", "An image that is built on purpose"),
        );
        Self {
            lint: root.section(lint, mistakes, LintSettings::read).unwrap_or_default(),
            optimize: root.section(optimize, mistakes, OptimizeSettings::read).unwrap_or_default(),
            images: root.sections(image, mistakes, ImageSettings::read),
        }
    }
}

impl OptimizeSettings {
    fn read(section: &mut Section, mistakes: &mut Mistakes) -> Self {
        let only = section.texts(("only", "Propose these rewrites and no others"), mistakes);
        let skip = section.texts(("skip", "Do not propose these rewrites"), mistakes).unwrap_or_default();
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
        let file = ("file", "The Dockerfile; `Dockerfile` in the context when left out");
        let context = ("context", "The build context; the folder of this file when left out");
        let args = ("build-args", "The values of ARGs");
        let build_args = section.section(args, mistakes, Section::free_texts).unwrap_or_default();
        Self {
            place: section.span(),
            file: section.text(file, mistakes),
            context: section.text(context, mistakes).unwrap_or_else(|| Spanned::new(".".to_owned(), Span::at(0))),
            target: section.text(("target", "The stage that it ends at; the last one when left out"), mistakes),
            build_args: build_args.into_iter().map(|(name, value)| (name.value, value.value)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::FailOn;
    use crate::diagnostic::Severity;
    use crate::rules::meta::OptionValue;

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
        assert_eq!(settings.lint.fail_on.map(|fail_on| fail_on.value), Some(FailOn::Severity(Severity::Error)));
        let (name, rule) = &settings.lint.rule[0];
        let severity = rule.severity.as_ref().map(|severity| severity.value);
        assert_eq!((name.value.as_str(), severity), ("a", Some(Severity::Info)));
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
                "'wraning': `lint.fail-on` is `style` or `info` or `warning` or `error` or `never`, not `wraning`",
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
