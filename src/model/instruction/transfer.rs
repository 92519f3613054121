//! What brings files into a stage: COPY and ADD.

use super::Word;
use crate::syntax::Heredoc;
use crate::text::Spanned;

/// What COPY and ADD share.
#[derive(Debug, Clone)]
pub struct Transfer {
    /// What is copied.
    pub sources: Vec<CopySource>,
    /// Where to.
    pub destination: Word,
    /// `--chown`
    pub chown: Option<Word>,
    /// `--chmod`
    pub chmod: Option<Word>,
    /// `--link`, and where it is written.
    pub link: Option<Spanned<bool>>,
    /// `--exclude`, in order; not expanded.
    pub exclude: Vec<Spanned<String>>,
}

impl Transfer {
    pub(super) fn for_each_word<'a>(&'a self, visit: &mut dyn FnMut(&'a Word)) {
        [&self.chown, &self.chmod].into_iter().flatten().for_each(&mut *visit);
        self.sources.iter().map(CopySource::word).for_each(&mut *visit);
        visit(&self.destination);
    }
}

/// One source of COPY or ADD.
#[derive(Debug, Clone)]
pub enum CopySource {
    /// A path, pattern, URL or git reference.
    Path(Word),
    /// An inline file; `content` is the word whose value is the expanded body (or the raw one where not expanded).
    Heredoc {
        /// The heredoc.
        heredoc: Heredoc,
        /// Its body as a word.
        content: Word,
    },
}

impl CopySource {
    /// The path, or the content of the inline file.
    pub fn word(&self) -> &Word {
        match self {
            CopySource::Path(word) | CopySource::Heredoc { content: word, .. } => word,
        }
    }
}

/// COPY.
#[derive(Debug, Clone)]
pub struct Copy {
    /// Sources, destination and flags.
    pub transfer: Transfer,
    /// `--from`; not expanded.
    pub from: Option<Spanned<String>>,
    /// `--parents`, and where it is written.
    pub parents: Option<Spanned<bool>>,
}

/// ADD.
#[derive(Debug, Clone)]
pub struct Add {
    /// Sources, destination and flags.
    pub transfer: Transfer,
    /// `--checksum`
    pub checksum: Option<Word>,
    /// `--keep-git-dir`
    pub keep_git_dir: Option<Spanned<bool>>,
    /// `--unpack`
    pub unpack: Option<Spanned<bool>>,
}
