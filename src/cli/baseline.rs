//! The baseline of `rplan lint`: where it lies, which findings it knows, and which of its entries are over.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use crate::cli::exit::Answer;
use crate::cli::lint::Judged;
use crate::cli::rulebook::Rulebook;
use crate::cli::write;
use crate::config::{load_baseline, write_baseline};
use crate::diagnostic::{Finding, RuleId};
use crate::lint::{Baseline, Known};
use crate::rules::Tool;
use crate::text::Span;
use crate::workspace::discover::absolute;

/// So many entries that are over are named; of more, only the number is told.
const MOST_NAMED: usize = 5;

/// The baseline that was named.
pub(super) struct BaselineFile {
    path: PathBuf,
    baseline: Baseline,
    /// Whether ShellCheck was asked: if not, its findings are not over for that.
    with_shellcheck: bool,
}

impl BaselineFile {
    /// Reads it. One that is about to be written need not be there yet.
    pub(super) fn open(path: &Path, may_be_new: bool, with_shellcheck: bool) -> Answer<Self> {
        let is_new = may_be_new && path.symlink_metadata().is_err();
        let baseline = if is_new { Baseline::default() } else { load_baseline(path)? };
        Ok(Self { path: path.to_owned(), baseline, with_shellcheck })
    }

    /// Takes what it knows out of the findings of a file, and says how many that were.
    pub(super) fn take_known(&self, file: &mut Judged) -> usize {
        let (name, before) = (self.file(file), file.findings.len());
        let is_known = |finding: &Finding| Known::of(&name, finding).is_some_and(|entry| self.baseline.holds(&entry));
        file.findings.retain(|finding| !is_known(finding));
        before - file.findings.len()
    }

    /// Takes in what is shown of these files, leaves out what is over, and writes it. Says how much it holds then.
    pub(super) fn draw(&mut self, judged: &[Judged]) -> Answer<usize> {
        let shown = judged.iter().flat_map(|file| {
            let name = self.file(file);
            let shown = file.findings.iter().filter(|finding| finding.severity >= file.book.shown_from);
            shown.filter_map(|finding| Known::of(&name, finding)).collect::<Vec<_>>()
        });
        let over = self.over(judged);
        let kept = self.baseline.entries().filter(|entry| !over.contains(entry)).cloned();
        self.baseline = kept.chain(shown).collect();
        write::put(&self.path, write_baseline(&self.baseline).as_bytes())?;
        Ok(self.baseline.entries().count())
    }

    /// What to say of entries whose finding is gone.
    pub(super) fn outdated(&self, judged: &[Judged]) -> Option<String> {
        let over = self.over(judged);
        let name = |entry: &&Known| format!("\n  {}: {} at `{}`", entry.file, entry.rule, entry.anchor.instruction);
        let named: String = over.iter().take(MOST_NAMED).map(name).collect();
        let more = match over.len().saturating_sub(MOST_NAMED) {
            0 => String::new(),
            more => format!("\n  and {more} more"),
        };
        let gone = match over.len() {
            0 => return None,
            1 => "1 entry of the baseline is over".to_owned(),
            count => format!("{count} entries of the baseline are over"),
        };
        let refresh = format!("rplan lint --baseline {} --write-baseline", self.path.display());
        Some(format!("{gone}; `{refresh}` forgets what is over:{named}{more}"))
    }

    /// The entries that nothing matches any more, although their rule ran over their file, or whose file is gone.
    fn over(&self, judged: &[Judged]) -> BTreeSet<&Known> {
        let mut books: BTreeMap<String, &Rulebook> = BTreeMap::new();
        let mut found = BTreeSet::new();
        for file in judged.iter().filter(|file| file.is_linted) {
            let name = self.file(file);
            found.extend(file.findings.iter().filter_map(|finding| Known::of(&name, finding)));
            books.insert(name, file.book);
        }
        let is_judged = |entry: &&Known| match books.get(&entry.file) {
            Some(book) => self.is_found_by(book, &entry.rule),
            None => !absolute(&self.path).with_file_name(&entry.file).exists(),
        };
        self.baseline.entries().filter(|entry| !found.contains(entry)).filter(is_judged).collect()
    }

    /// Whether a finding of this name would be there, if it were true. A rule that is no more finds nothing.
    fn is_found_by(&self, book: &Rulebook, name: &RuleId) -> bool {
        let Some(rule) = book.catalogue.by_id(name.as_str()) else { return true };
        let finding = Finding::new(name.clone(), rule.meta.severity, Span::at(0), "");
        let is_asked = self.with_shellcheck || Tool::of(name.as_str()) != Tool::ShellCheck;
        is_asked && book.selection.weigh(&rule.meta, &finding).is_some()
    }

    /// What a file is called in it.
    fn file(&self, file: &Judged) -> String {
        let baseline = absolute(&self.path);
        relative(&absolute(&file.input.path), baseline.parent().unwrap_or(&baseline))
    }
}

/// The way to `path` from `folder`, both in full, with `/` between names.
fn relative(path: &Path, folder: &Path) -> String {
    let shared = path.components().zip(folder.components()).take_while(|(a, b)| a == b).count();
    let up = folder.components().skip(shared).map(|_| "..".to_owned());
    let down = path.components().skip(shared).map(|part: Component| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_from_where_the_baseline_lies() {
        let way = |path, folder| relative(Path::new(path), Path::new(folder));
        assert_eq!(way("/a/b/Dockerfile", "/a"), "b/Dockerfile");
        assert_eq!(way("/a/Dockerfile", "/a/ci/x"), "../../Dockerfile");
        assert_eq!(way("/a/Dockerfile", "/a"), "Dockerfile");
    }
}
