//! What a program runs on once it is built elsewhere: an empty image, a smaller one of the same makers, or the image that
//! it was built on, without what was installed to build.

use super::Site;
use crate::effect::paths;

/// The image of the final stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Runtime {
    /// As FROM names it, flags included.
    pub(super) from: String,
    /// The reference; none for an empty image.
    pub(super) image: Option<String>,
    /// Whether it is the image that the stage starts from.
    pub(super) is_same: bool,
}

impl Runtime {
    pub(super) fn empty() -> Self {
        Self { from: "scratch".to_owned(), image: None, is_same: false }
    }

    /// What to call it in a sentence.
    pub(super) fn name(&self) -> &str {
        self.image.as_deref().unwrap_or("scratch")
    }
}

impl Site<'_> {
    /// The image that is preferred, or that of the stage itself where there is none or it cannot be had.
    pub(super) fn runtime(&self, preferred: Option<String>) -> Runtime {
        let is_at_hand = |image: &String| {
            self.around.needs.as_ref().is_none_or(|needs| !needs.out_of_reach.contains(image)) && image != self.base
        };
        match preferred.filter(is_at_hand) {
            Some(image) => {
                let platform = self.platform().map(|flag| format!("{flag} ")).unwrap_or_default();
                Runtime { from: format!("{platform}{image}"), image: Some(image), is_same: false }
            }
            None => Runtime { from: self.written_base(), image: Some(self.base.to_owned()), is_same: true },
        }
    }

    /// `--platform=…` of FROM, as written.
    fn platform(&self) -> Option<String> {
        let platform = self.stage.from()?.platform.as_ref()?;
        Some(format!("--platform={}", self.resolved.model.tree.source.slice(platform.span())))
    }

    /// The image of FROM as written, with its flags.
    fn written_base(&self) -> String {
        let image = self.stage.from().map(|from| self.resolved.model.tree.source.slice(from.image.span()));
        let platform = self.platform().map(|flag| format!("{flag} ")).unwrap_or_default();
        format!("{platform}{}", image.unwrap_or(self.base))
    }

    /// The absolute path that a word means where the program runs.
    pub(super) fn at_home(&self, word: &str) -> String {
        paths::join(&self.workdir().unwrap_or_else(|| "/".to_owned()), word)
    }
}
