//! Rules: what is generated from their files, every example of every rule, and what must hold of any fix.
//!
//! Examples are not trusted: each is also tried in other dresses, silenced in every way, and mended as if its fix were
//! wrong.

mod examples;
mod fixes;
mod known;
mod random;
mod schema;
mod silence;
mod table;
mod variants;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use rplan::diagnostic::Finding;
use rplan::lint::{self, Selection};
use rplan::model::{self, ResolveOptions, Resolved, Surroundings};
use rplan::rules::{Catalogue, ContextFile, Document, Example, Kind, Rule, read_document, read_user_rule};
use rplan::syntax;
use rplan::text::SourceFile;

use crate::support::memory::{BacktickChecker, MemoryContext};

/// Ends a check with what is wrong, unless the condition holds.
macro_rules! ensure {
    ($condition:expr, $($told:tt)+) => {
        if !$condition {
            return Err(format!($($told)+));
        }
    };
}
pub(crate) use ensure;

/// Checks each, and tells everything that is wrong at once.
fn each<T>(all: impl IntoIterator<Item = T>, check: impl Fn(&T) -> Result<(), String>) {
    let wrong: Vec<String> = all.into_iter().filter_map(|one| check(&one).err()).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n\n"));
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every rule's file, sorted by id.
fn documents() -> &'static [Document] {
    static DOCUMENTS: LazyLock<Vec<Document>> = LazyLock::new(read_documents);
    &DOCUMENTS
}

fn read_documents() -> Vec<Document> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(root().join("rules/lint")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: &PathBuf| {
        let source = SourceFile::new(path.display().to_string(), fs::read(path).unwrap());
        let document = read_document(&source).unwrap_or_else(|error| {
            panic!("{}:{}: {error}", path.display(), source.line_of(error.span.start) + 1);
        });
        assert_eq!(path.file_stem().unwrap().to_str(), Some(document.id.as_ref()), "a file is named after its rule");
        document
    };
    let mut documents: Vec<Document> = paths.iter().map(read).collect();
    documents.sort_by(|a, b| a.id.cmp(&b.id));
    documents
}

/// Every rule, one with predicates even before it is compiled in: whoever writes it sees what is wrong with it first.
fn catalogue() -> &'static Catalogue {
    static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
        let builtin = Catalogue::builtin();
        let is_new = |document: &&Document| document.matches.is_some() && builtin.by_id(&document.id).is_none();
        let read = |document: &Document| {
            let path = root().join(format!("rules/lint/{}.yaml", document.id));
            read_user_rule(&SourceFile::new(document.id.as_ref(), fs::read(path).unwrap())).unwrap()
        };
        let new: Vec<Rule> = documents().iter().filter(is_new).map(read).collect();
        builtin.with(new).unwrap()
    });
    &CATALOGUE
}

/// One example with all that it takes to try it.
struct Case {
    rule: String,
    text: String,
    kind: Kind,
    example: Example,
}

/// Every example of every rule.
fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for document in documents() {
        for (index, example) in document.examples.iter().enumerate() {
            let (kind, text) = example.dockerfile().unwrap_or_else(|| {
                panic!("example {} of {} needs either `bad` or `good`", index + 1, document.id);
            });
            let text = text.to_owned();
            cases.push(Case { rule: document.id.to_string(), text, kind, example: example.clone() });
        }
    }
    cases
}

fn bad_cases() -> Vec<Case> {
    cases().into_iter().filter(|case| case.kind == Kind::Bad).collect()
}

impl Case {
    fn around(&self) -> Surroundings {
        let context = self.example.context.as_ref().map(|files| {
            let content = |file: &ContextFile| match file {
                ContextFile::Content(text) => text.clone().into_bytes(),
                ContextFile::Size(size) => vec![0; usize::try_from(*size).unwrap()],
            };
            let ignored: Vec<&str> = match files.get(".dockerignore") {
                Some(ContextFile::Content(text)) => text.lines().collect(),
                _ => Vec::new(),
            };
            let files = files.iter().map(|(path, file)| (path.clone(), content(file)));
            Arc::new(MemoryContext::new(files).ignoring(&ignored)) as _
        });
        let (history, today) = (self.example.history(), Some("2030-06-15".to_owned()));
        Surroundings {
            context,
            history,
            today,
            shell_checker: Some(Arc::new(BacktickChecker)),
            ..Surroundings::default()
        }
    }

    /// The rule alone, set as the example says.
    fn only(&self) -> Selection {
        let options = BTreeMap::from([(self.rule.clone(), self.example.options.clone())]);
        Selection { select: vec![self.rule.clone()], options, fixes: true, ..Selection::default() }
    }

    fn findings(&self, text: &str) -> Vec<Finding> {
        findings(text, &self.around(), &self.only())
    }

    /// The findings as `line: message`.
    fn shown(&self, text: &str) -> Vec<String> {
        let line = |finding: &Finding| text[..finding.primary.span.start].matches('\n').count() + 1;
        self.findings(text).iter().map(|finding| format!("{}: {}", line(finding), finding.message)).collect()
    }

    fn fixed(&self, text: &str, allowed: rplan::diagnostic::Safety) -> lint::Fixed {
        let source = SourceFile::new("Dockerfile", text.as_bytes());
        lint::fix(&source, &options(), &self.around(), catalogue(), &self.only(), allowed)
    }
}

fn options() -> ResolveOptions {
    ResolveOptions { platform: "linux/amd64".to_owned(), ..ResolveOptions::default() }
}

fn resolved(text: &str, around: &Surroundings) -> (Resolved, Vec<syntax::SyntaxError>) {
    let parsed = syntax::parse(&SourceFile::new("Dockerfile", text.as_bytes()));
    (model::resolve(model::analyze(parsed.tree), &options(), around), parsed.errors)
}

fn findings(text: &str, around: &Surroundings, selection: &Selection) -> Vec<Finding> {
    let (resolved, errors) = resolved(text, around);
    lint::lint(&resolved, &errors, around, catalogue(), selection, Vec::new()).findings
}
