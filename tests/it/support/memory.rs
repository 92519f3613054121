//! A build context in memory, and a checker of shell text that knows one thing.

use std::collections::BTreeMap;
use std::io;

use rplan::digest::Digest;
use rplan::model::ignore::IgnoreFile;
use rplan::model::shell::{Remark, RemarkLevel, Replacement, ShellText};
use rplan::model::{BuildContext, ContextEntry, EntryKind, ShellChecker};

/// Files by path; the directories above them are there too.
pub struct MemoryContext {
    files: BTreeMap<String, Vec<u8>>,
    entries: Vec<ContextEntry>,
    ignored: IgnoreFile,
}

impl MemoryContext {
    /// A context of these files.
    pub fn new<P: Into<String>, C: Into<Vec<u8>>>(files: impl IntoIterator<Item = (P, C)>) -> Self {
        let files: BTreeMap<String, Vec<u8>> =
            files.into_iter().map(|(path, content)| (path.into(), content.into())).collect();
        let mut entries = BTreeMap::new();
        for (path, content) in &files {
            for (end, _) in path.match_indices('/') {
                let path = path[..end].to_owned();
                entries.insert(path.clone(), ContextEntry { path, kind: EntryKind::Directory, mode: 0o755, size: 0 });
            }
            let size = content.len() as u64;
            let entry = ContextEntry { path: path.clone(), kind: EntryKind::File, mode: 0o644, size };
            entries.insert(path.clone(), entry);
        }
        Self { files, entries: entries.into_values().collect(), ignored: IgnoreFile::default() }
    }

    /// The same without what an ignore file of this one line leaves out.
    pub fn excluding(self, pattern: &str) -> Self {
        self.ignoring(&[pattern])
    }

    /// The same without what an ignore file of these lines leaves out.
    pub fn ignoring(mut self, lines: &[&str]) -> Self {
        self.ignored = IgnoreFile::from_patterns(lines.iter().copied()).unwrap();
        self.entries.retain(|entry| !self.ignored.excludes(&entry.path));
        self
    }

    /// The same with a symbolic link.
    pub fn with_link(mut self, path: &str, target: &str) -> Self {
        let kind = EntryKind::Symlink(target.to_owned());
        self.entries.push(ContextEntry { path: path.to_owned(), kind, mode: 0o777, size: 0 });
        self.entries.sort_by(|one, other| one.path.cmp(&other.path));
        self
    }
}

impl BuildContext for MemoryContext {
    fn entries(&self) -> &[ContextEntry] {
        &self.entries
    }

    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        self.files.get(path).cloned().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }

    fn digest(&self, path: &str) -> io::Result<Digest> {
        self.read(path).map(Digest::of)
    }

    fn is_excluded(&self, path: &str) -> bool {
        let below = format!("{path}/");
        self.files.keys().any(|file| file == path || file.starts_with(&below)) && self.excludes(path)
    }

    fn excludes(&self, path: &str) -> bool {
        self.ignored.excludes(path)
    }

    fn has_ignore_file(&self) -> bool {
        !self.ignored.patterns().is_empty()
    }
}

/// Says of every pair of backticks what ShellCheck says.
pub struct BacktickChecker;

impl ShellChecker for BacktickChecker {
    fn check(&self, texts: &[ShellText]) -> Vec<Remark> {
        let mut remarks = Vec::new();
        for (index, text) in texts.iter().enumerate() {
            let ticks: Vec<usize> = text.text.as_str().match_indices('`').map(|(at, _)| at).collect();
            for pair in ticks.chunks_exact(2) {
                let (open, close) = (pair[0], pair[1]);
                let replacement =
                    |at: usize, with: &str, closes| Replacement { range: at..at + 1, with: with.to_owned(), closes };
                remarks.push(Remark {
                    text: index,
                    range: open..close + 1,
                    code: 2006,
                    level: RemarkLevel::Style,
                    message: "Use $(...) notation instead of legacy backticks `...`.".to_owned(),
                    replacements: vec![replacement(open, "$(", false), replacement(close, ")", true)],
                });
            }
        }
        remarks
    }
}
