//! Trying a user's rule on the examples of its own file.

use crate::lint::{Selection, lint};
use crate::model::{ResolveOptions, Surroundings, analyze, resolve};
use crate::rules::{Catalogue, Example, Kind, UserRuleError, document, read_user_rule};
use crate::syntax::parse;
use crate::text::SourceFile;

/// What trying a rule gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// The rule.
    pub id: String,
    /// How many examples there are.
    pub examples: usize,
    /// What went wrong, one text for each example that did.
    pub failures: Vec<String>,
}

/// Reads a rule, and compares what it finds in its examples with what they say. Examples see no build context.
pub fn try_rule(source: &SourceFile) -> Result<Trial, UserRuleError> {
    let rule = read_user_rule(source)?;
    let document = document(&rule);
    let id = rule.meta.id.to_string();
    let catalogue = Catalogue::builtin()
        .with([rule])
        .map_err(|clash| UserRuleError { span: source.span(), message: clash.to_string() })?;
    let examples = document.examples.iter().enumerate();
    let failure = |(index, example): (usize, &Example)| {
        let wrong = check(&id, example, &catalogue).err()?;
        Some(format!("example {}: {wrong}", index + 1))
    };
    let mut failures: Vec<String> = examples.filter_map(failure).collect();
    for kind in [Kind::Bad, Kind::Good] {
        if !document.examples.iter().any(|example| example.dockerfile().is_some_and(|(is, _)| is == kind)) {
            let name = if kind == Kind::Bad { "bad" } else { "good" };
            failures.push(format!("there is no `{name}` example"));
        }
    }
    Ok(Trial { id, examples: document.examples.len(), failures })
}

fn check(id: &str, example: &Example, catalogue: &Catalogue) -> Result<(), String> {
    let Some((kind, text)) = example.dockerfile() else { return Err("it needs either `bad` or `good`".to_owned()) };
    if (kind == Kind::Bad) == example.expect.is_empty() {
        return Err("a bad example expects findings, a good one none".to_owned());
    }
    let parsed = parse(&SourceFile::new("example", text.as_bytes()));
    let options = ResolveOptions { platform: "linux/amd64".to_owned(), ..ResolveOptions::default() };
    let around = Surroundings::default();
    let resolved = resolve(analyze(parsed.tree), &options, &around);
    let selection = Selection { select: vec![id.to_owned()], ..Selection::default() };
    let report = lint(&resolved, &parsed.errors, &around, catalogue, &selection, Vec::new());
    let source = &resolved.model.tree.source;
    let found: Vec<(usize, &str)> = report
        .findings
        .iter()
        .map(|finding| (source.line_of(finding.primary.span.start) + 1, finding.message.as_str()))
        .collect();
    for expected in &example.expect {
        let is_it = |(line, message): &(usize, &str)| *line == expected.line && message.contains(&expected.words);
        if !found.iter().any(is_it) {
            return Err(format!("nothing is found on line {} that says `{}`", expected.line, expected.words));
        }
    }
    match found.get(example.expect.len()..) {
        Some([]) | None => Ok(()),
        Some(_) => {
            let told: Vec<String> = found.iter().map(|(line, message)| format!("line {line}: {message}")).collect();
            Err(format!("{} expected, {} found: {}", example.expect.len(), found.len(), told.join("; ")))
        }
    }
}
