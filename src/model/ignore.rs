//! Ignore files: which paths of a build context do not exist for the build.
//!
//! Owns the reading of `.dockerignore` and its matching. Does not know where the file lies, nor the disk.
//! Invariants: the last pattern that matches a path or one of its parent directories decides, each pattern on its own;
//! a file that parses has only patterns that can be matched.

use crate::glob::Glob;
use crate::model::path;
use crate::text::{SourceFile, Span};

/// An ignore file that could be read.
#[derive(Debug, Clone, Default)]
pub struct IgnoreFile {
    patterns: Vec<IgnorePattern>,
}

/// One pattern of an ignore file.
#[derive(Debug, Clone)]
pub struct IgnorePattern {
    /// Whether it begins with `!` and brings back what earlier patterns exclude.
    pub negated: bool,
    /// The pattern, cleaned, without `!` and leading `/`.
    pub text: String,
    /// Where it stands, `!` included.
    pub span: Span,
    glob: Glob,
}

/// A line of an ignore file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct IgnoreError {
    /// The line, without the blanks around it.
    pub span: Span,
    /// What is wrong and what to do.
    pub message: String,
}

/// What the patterns say of one path, kept so that what lies below it need not ask about the parents again.
#[derive(Debug, Clone)]
pub struct Verdicts {
    /// By pattern: whether it matches the path or one of its parents.
    matched: Vec<bool>,
    excluded: bool,
}

impl Verdicts {
    /// Whether the path is excluded.
    pub fn is_excluded(&self) -> bool {
        self.excluded
    }
}

impl IgnoreFile {
    /// Reads an ignore file.
    pub fn parse(file: &SourceFile) -> Result<Self, IgnoreError> {
        let mut patterns = Vec::new();
        for line in 0..file.line_count() {
            let mut span = file.line_span(line);
            if line == 0 && file.slice(span).starts_with('\u{FEFF}') {
                span.start += '\u{FEFF}'.len_utf8();
            }
            if !file.slice(span).starts_with('#') {
                patterns.extend(pattern(file.slice(span), span.start)?);
            }
        }
        Ok(Self { patterns })
    }

    /// The same rules from a list of patterns, as in COPY --exclude; spans count within each pattern.
    pub fn from_patterns<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Result<Self, IgnoreError> {
        let patterns = patterns.into_iter().filter_map(|text| pattern(text, 0).transpose());
        Ok(Self { patterns: patterns.collect::<Result<_, _>>()? })
    }

    /// The patterns in order.
    pub fn patterns(&self) -> &[IgnorePattern] {
        &self.patterns
    }

    /// Whether any pattern brings something back.
    pub fn has_negations(&self) -> bool {
        self.patterns.iter().any(|pattern| pattern.negated)
    }

    /// Whether `path` (relative, `/`-separated) is excluded.
    pub fn excludes(&self, path: &str) -> bool {
        let deciding = self.patterns.iter().rev().find(|pattern| lineage(path).any(|part| pattern.glob.matches(part)));
        deciding.is_some_and(|pattern| !pattern.negated)
    }

    /// Whether anything below `directory` may be included. Where not, a walk may skip it.
    pub fn may_include_below(&self, directory: &str) -> bool {
        for pattern in self.patterns.iter().rev() {
            let covers = lineage(directory).any(|part| pattern.glob.matches(part));
            match (pattern.negated, covers) {
                (false, true) => return false,
                (true, true) => return true,
                (true, false) if pattern.glob.may_match_below(directory) => return true,
                _ => {}
            }
        }
        true
    }

    /// The verdicts on the root of the context, where every walk begins: nothing matches it.
    pub fn at_root(&self) -> Verdicts {
        Verdicts { matched: vec![false; self.patterns.len()], excluded: false }
    }

    /// The verdicts on `path`, given those on the directory that holds it.
    pub fn below(&self, parent: &Verdicts, path: &str) -> Verdicts {
        let pairs = self.patterns.iter().zip(&parent.matched);
        let matched: Vec<bool> = pairs.map(|(pattern, inherited)| *inherited || pattern.glob.matches(path)).collect();
        let deciding = matched.iter().rposition(|matched| *matched);
        let excluded = deciding.is_some_and(|index| !self.patterns[index].negated);
        Verdicts { matched, excluded }
    }
}

/// `path` and its parent directories, the outermost first.
fn lineage(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(slash, _)| &path[..slash]).chain(std::iter::once(path))
}

/// The pattern on a line that is not a comment; none on a blank one.
fn pattern(line: &str, offset: usize) -> Result<Option<IgnorePattern>, IgnoreError> {
    let trimmed = line.trim();
    if trimmed.is_empty() {
        return Ok(None);
    }
    let start = offset + (line.len() - line.trim_start().len());
    let span = Span::new(start, start + trimmed.len());
    let (negated, written) = match trimmed.strip_prefix('!') {
        Some(rest) => (true, rest.trim_start()),
        None => (false, trimmed),
    };
    let cleaned = if written.is_empty() { String::new() } else { path::clean(written) };
    let text = match cleaned.strip_prefix('/') {
        Some(rest) if negated || !rest.is_empty() => rest.to_owned(),
        _ => cleaned,
    };
    if text.is_empty() {
        let message = "`!` without a pattern: write what to include again, or remove the line".to_owned();
        return Err(IgnoreError { span, message });
    }
    let glob = Glob::ignore(&text).map_err(|_| IgnoreError {
        span,
        message: format!("bad pattern `{text}`: a `[` needs its `]`, and a `\\` a character after it"),
    })?;
    Ok(Some(IgnorePattern { negated, text, span, glob }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> IgnoreFile {
        IgnoreFile::parse(&SourceFile::new(".dockerignore", text)).expect("a good file")
    }

    #[test]
    fn verdicts_carry_each_pattern_to_the_children() {
        let ignore = file("d\n!d/x\nd\n");
        let directory = ignore.below(&ignore.at_root(), "d");
        assert!(directory.is_excluded());
        assert!(ignore.below(&directory, "d/x").is_excluded());
        assert!(ignore.excludes("d/x"));
    }

    #[test]
    fn a_walk_skips_what_nothing_can_bring_back() {
        let ignore = file("vendor\nnode_modules\n!vendor/keep/*.txt\n!docs\n");
        assert!(ignore.may_include_below("vendor"));
        assert!(ignore.may_include_below("vendor/keep"));
        assert!(!ignore.may_include_below("vendor/other"));
        assert!(!ignore.may_include_below("node_modules"));
        assert!(ignore.may_include_below("src"));
    }

    #[test]
    fn bad_lines_are_errors_with_their_place() {
        let error = IgnoreFile::parse(&SourceFile::new("i", "a\n  ! \nb")).expect_err("a lone !");
        assert_eq!(error.span, Span::new(4, 5));
        let error = IgnoreFile::parse(&SourceFile::new("i", "a\n[z\n")).expect_err("an open bracket");
        assert_eq!(error.span, Span::new(2, 4));
    }
}
