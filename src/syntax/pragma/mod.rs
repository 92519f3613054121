//! Comments that silence findings: rplan's own, hadolint's and BuildKit's.
//!
//! Owns which comments speak, in which words, and for which bytes of the file. Whether a name in them is a rule, and
//! whether a date has passed, is not known here.
//! Invariant: a comment that tries to speak and fails is reported and silences nothing.

mod comment;

use crate::syntax::{Instruction, Item, ItemKind, Keyword, Tree};
use crate::text::{Span, Spanned};

use comment::{Said, Scope};

/// One comment that silences findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pragma {
    /// The comment.
    pub span: Span,
    /// Whose words it uses; the names are those of that tool, or rplan's.
    pub dialect: Dialect,
    /// Findings that begin in here are silenced.
    pub covers: Span,
    /// The names of rules as written; none means every rule.
    pub ids: Vec<Spanned<String>>,
    /// `reason="…"`
    pub reason: Option<String>,
    /// `expires=YYYY-MM-DD`, so that dates compare as texts do.
    pub expires: Option<String>,
}

impl Pragma {
    /// Whether it silences every rule.
    pub fn is_for_all(&self) -> bool {
        self.ids.is_empty()
    }
}

/// Whose words a pragma uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    /// `# rplan ignore=…`
    Rplan,
    /// `# hadolint ignore=…`
    Hadolint,
    /// `# check=skip=…`
    BuildKit,
}

/// A comment that tries to silence findings and does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The words at fault.
    pub span: Span,
    /// What is wrong with them.
    pub message: String,
    /// What to write instead.
    pub help: String,
}

/// Every comment of the file that silences findings, in order.
pub fn pragmas(tree: &Tree) -> Vec<Pragma> {
    walk(tree).pragmas
}

/// Every comment of the file that tries to silence findings in vain, in order.
pub fn faults(tree: &Tree) -> Vec<Fault> {
    walk(tree).faults
}

fn walk(tree: &Tree) -> Walk<'_> {
    let mut walk = Walk { tree, pragmas: Vec::new(), faults: Vec::new(), build_kit_has_spoken: false };
    if let Some(check) = &tree.directives.check {
        walk.record(check.span, comment::check(&check.value, check.span.start, Scope::File), |_| {
            Ok(tree.source.span())
        });
    }
    for (index, item) in tree.items.iter().enumerate() {
        walk.item(index, item);
    }
    walk
}

struct Walk<'a> {
    tree: &'a Tree,
    pragmas: Vec<Pragma>,
    faults: Vec<Fault>,
    /// BuildKit listens to the first `check=` of the comments above an instruction.
    build_kit_has_spoken: bool,
}

impl<'a> Walk<'a> {
    fn item(&mut self, index: usize, item: &'a Item) {
        let tree = self.tree;
        match &item.kind {
            ItemKind::Comment(comment) => {
                let text = tree.source.slice(comment.span);
                let at_margin = comment.span.start == item.span.start;
                if text == "#" {
                    self.build_kit_has_spoken = false;
                }
                let is_top_directive =
                    tree.directives.check.as_ref().is_some_and(|check| comment.span.encloses(check.span));
                if is_top_directive {
                    return;
                }
                let said = comment::read(text, comment.span.start);
                let is_check = matches!(&said, Some(Ok(said)) if said.dialect == Dialect::BuildKit);
                if is_check && (!at_margin || std::mem::replace(&mut self.build_kit_has_spoken, true)) {
                    return;
                }
                self.record(comment.span, said, |scope| below(tree, index, scope));
            }
            ItemKind::Instruction(instruction) => {
                self.build_kit_has_spoken = false;
                self.interior(index, instruction);
            }
            ItemKind::Unknown(unknown) => {
                self.build_kit_has_spoken = false;
                unknown.instruction.iter().for_each(|instruction| self.interior(index, instruction));
            }
            ItemKind::Blank | ItemKind::Directive(_) | ItemKind::ByteOrderMark => {}
        }
    }

    /// The comments between the lines of a continued instruction. BuildKit does not listen there.
    fn interior(&mut self, index: usize, instruction: &Instruction) {
        let tree = self.tree;
        for &line in &instruction.interior {
            let indent = tree.source.slice(line).len() - tree.source.slice(line).trim_start().len();
            let span = Span::new(line.start + indent, line.end);
            let said = comment::read(tree.source.slice(span), span.start);
            if !matches!(&said, Some(Ok(said)) if said.dialect == Dialect::BuildKit) {
                self.record(span, said, |scope| match scope {
                    Scope::Next => next_line(tree, index, line),
                    _ => below(tree, index, scope),
                });
            }
        }
    }

    fn record(
        &mut self,
        span: Span,
        said: Option<Result<Said, Fault>>,
        covers: impl Fn(Scope) -> Result<Span, &'static str>,
    ) {
        match said {
            None => {}
            Some(Err(fault)) => self.faults.push(fault),
            Some(Ok(said)) => match covers(said.scope) {
                Ok(covers) => {
                    let Said { dialect, ids, reason, expires, .. } = said;
                    self.pragmas.push(Pragma { span, dialect, covers, ids, reason, expires });
                }
                Err(message) => {
                    let help = "put it right above what it is about".to_owned();
                    self.faults.push(Fault { span, message: message.to_owned(), help });
                }
            },
        }
    }
}

/// What a comment at the item `index` speaks for.
fn below(tree: &Tree, index: usize, scope: Scope) -> Result<Span, &'static str> {
    let following = &tree.items[index + 1..];
    let is_code = |item: &Item| matches!(item.kind, ItemKind::Instruction(_) | ItemKind::Unknown(_));
    let next = following.iter().position(is_code);
    match scope {
        Scope::File => Ok(tree.source.span()),
        Scope::Next => match next {
            Some(next) => Ok(following[next].span),
            None => Err("no instruction follows"),
        },
        Scope::Stage => {
            let Some(from) = next.filter(|&next| is_from(&following[next])) else {
                return Err("no FROM follows");
            };
            let end = following[from + 1..].iter().find(|item| is_from(item));
            let end = end.map_or(tree.source.len(), |item| item.span.start);
            Ok(Span::new(following[from].span.start, end))
        }
    }
}

fn is_from(item: &Item) -> bool {
    match &item.kind {
        ItemKind::Instruction(instruction) => instruction.keyword == Keyword::From,
        ItemKind::Unknown(unknown) => unknown.keyword == Some(Keyword::From),
        _ => false,
    }
}

/// What a comment line inside the instruction at `index` speaks for: the next line that is no comment.
fn next_line(tree: &Tree, index: usize, comment: Span) -> Result<Span, &'static str> {
    let item = tree.items[index].span;
    let source = &tree.source;
    let lines = source.line_of(comment.start) + 1..source.line_count();
    let mut spans = lines.map(|line| source.line_span(line)).take_while(|line| item.encloses(*line));
    let is_code = |line: &Span| {
        let text = source.slice(*line).trim_start();
        !text.is_empty() && !text.starts_with('#')
    };
    spans.find(is_code).ok_or("no line follows")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;
    use crate::text::SourceFile;

    fn tree(text: &str) -> Tree {
        parse(&SourceFile::new("f", text)).tree
    }

    /// The first line that each pragma covers, with its names.
    fn found(text: &str) -> Vec<(String, String)> {
        let tree = tree(text);
        let shown = |pragma: &Pragma| {
            let ids: Vec<&str> = pragma.ids.iter().map(|id| id.value.as_str()).collect();
            (tree.source.slice(pragma.covers).lines().next().unwrap_or_default().to_owned(), ids.join(" "))
        };
        pragmas(&tree).iter().map(shown).collect()
    }

    fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        expected.iter().map(|(line, ids)| ((*line).to_owned(), (*ids).to_owned())).collect()
    }

    fn complaints(text: &str) -> Vec<(String, String)> {
        let tree = tree(text);
        faults(&tree).iter().map(|bad| (tree.source.slice(bad.span).to_owned(), bad.message.clone())).collect()
    }

    #[test]
    fn a_comment_speaks_for_the_instruction_below() {
        let text = "FROM a\n# rplan ignore=b,c reason=\"so it is\"\n\n# note\nRUN d\n";
        assert_eq!(found(text), pairs(&[("RUN d", "b c")]));
    }

    #[test]
    fn inside_a_continued_instruction_it_speaks_for_the_next_line() {
        assert_eq!(found("RUN a && \\\n# rplan ignore=x\n\n# y\n b && \\\n c\n"), pairs(&[(" b && \\", "x")]));
        assert_eq!(complaints("RUN a && \\\n# rplan ignore=x\n"), pairs(&[("# rplan ignore=x", "no line follows")]));
    }

    #[test]
    fn a_stage_ends_where_the_next_begins() {
        let tree = tree("# rplan stage-ignore=all\nFROM a\nRUN b\nFROM c\n");
        let pragma = &pragmas(&tree)[0];
        assert!(pragma.is_for_all());
        assert_eq!(tree.source.slice(pragma.covers), "FROM a\nRUN b\n");
        assert_eq!(
            complaints("FROM a\n# rplan stage-ignore=x\nRUN b\nFROM c\n"),
            pairs(&[("# rplan stage-ignore=x", "no FROM follows")])
        );
    }

    #[test]
    fn the_whole_file_can_be_meant_from_anywhere() {
        assert_eq!(found("FROM a\nRUN b\n# rplan file-ignore=x\n"), pairs(&[("FROM a", "x")]));
        assert_eq!(found("FROM a\nRUN b \\\n # hadolint global ignore=x\n c"), pairs(&[("FROM a", "x")]));
    }

    #[test]
    fn hadolint_speaks_its_own_words() {
        let text = "# hadolint global ignore=DL1\n# hadolint stage ignore=DL2 # why\nFROM a\n#hadolint ignore=DL3, SC4 and why\nRUN b";
        let expected = [("# hadolint global ignore=DL1", "DL1"), ("FROM a", "DL2"), ("RUN b", "DL3 SC4")];
        assert_eq!(found(text), pairs(&expected));
        assert_eq!(found("# hadolint shell=sh\nFROM a"), []);
    }

    #[test]
    fn build_kit_listens_to_the_first_check_right_above() {
        let text = "# check=skip=A,B;error=true\nFROM a\n# note\n#Check = skip=C // why\n# check=skip=D\nRUN c\n";
        assert_eq!(found(text), pairs(&[("# check=skip=A,B;error=true", "A B"), ("RUN c", "C")]));
        assert_eq!(found("FROM a\n # check=skip=A\nRUN b \\\n# check=skip=B\n c"), []);
        assert_eq!(found("FROM a\n# check=skip=A\n#\n# check=skip=B\nRUN b"), pairs(&[("RUN b", "A"), ("RUN b", "B")]));
    }

    #[test]
    fn a_comment_that_speaks_in_vain_is_told() {
        assert_eq!(complaints("# rplan ignroe=x\nFROM a"), pairs(&[("ignroe", "`ignroe` is no way to ignore")]));
        assert_eq!(complaints("FROM a\n# rplan ignore=x"), pairs(&[("# rplan ignore=x", "no instruction follows")]));
        assert_eq!(found("# rplan ignore=x expires=soon\nFROM a"), []);
    }
}
