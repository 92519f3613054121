//! Which settings hold for a file: those of its project, changed by each override that its path falls under.

use std::borrow::Cow;
use std::path::Path;

use crate::cli::exit::{Answer, Exit, Failure};
use crate::cli::files::Settings;
use crate::config::{LintSettings, Located, ProjectSettings};
use crate::text::Spanned;
use crate::workspace::discover::{Exclusion, GlobError, absolute};

/// The overrides of a settings file.
#[derive(Default)]
pub(super) struct Overrides {
    globs: Vec<Exclusion>,
}

impl Overrides {
    /// Those of the settings, if any.
    pub(super) fn of(settings: &Settings) -> Answer<Self> {
        let Some(located) = settings else { return Ok(Self::default()) };
        let globs = located.settings.lint.overrides.iter().map(|one| globs(located, &one.files));
        Ok(Self { globs: globs.collect::<Answer<Vec<Exclusion>>>()? })
    }

    /// Which of them hold for a file, by their place in the settings.
    pub(super) fn holding(&self, file: &Path) -> Vec<usize> {
        if self.globs.is_empty() {
            return Vec::new();
        }
        let file = absolute(file);
        let matching = self.globs.iter().enumerate().filter(|(_, globs)| globs.covers(&file));
        matching.map(|(index, _)| index).collect()
    }
}

/// The settings where these overrides hold.
pub(super) fn overridden<'a>(settings: &'a Settings, holding: &[usize]) -> Cow<'a, LintSettings> {
    match settings {
        None => Cow::Owned(LintSettings::default()),
        Some(located) if holding.is_empty() => Cow::Borrowed(&located.settings.lint),
        Some(located) => Cow::Owned(located.settings.lint.overridden(holding)),
    }
}

/// Globs that are relative to the folder of the settings; one that is none is pointed at.
pub(super) fn globs(located: &Located<ProjectSettings>, globs: &[Spanned<String>]) -> Answer<Exclusion> {
    let texts = globs.iter().map(|glob| glob.value.as_str());
    Exclusion::new(&absolute(located.folder()), texts).map_err(|error| wrong(located, globs, &error))
}

fn wrong(located: &Located<ProjectSettings>, globs: &[Spanned<String>], error: &GlobError) -> Failure {
    match globs.iter().find(|glob| glob.value == error.glob) {
        Some(glob) => Failure::drawn(Exit::Usage, &located.source, "settings", glob.span, error.to_string()),
        None => Failure::usage(error),
    }
}
