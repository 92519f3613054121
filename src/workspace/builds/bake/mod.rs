//! Reading a Bake file, in HCL or JSON: variables, groups, and the attributes of each target.

mod evaluate;
mod targets;
mod text;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;

use hcl_edit::expr::Expression;
use hcl_edit::parser::parse_body;
use hcl_edit::structure::{Block, BlockLabel, Body};

use evaluate::Scope;

use super::inline::Written;
use super::yaml::{self, Node};
use super::{BuildFileError, Inline};
use crate::text::Span;

pub(super) use targets::builds;

/// An expression as it is written.
#[derive(Debug, Clone)]
pub(super) enum Term {
    Hcl(Expression),
    Json(Arc<Node>),
}

type Attributes = BTreeMap<String, Term>;

/// What one block says of a target.
#[derive(Debug, Clone)]
struct Layer {
    name: String,
    attributes: Attributes,
    written: Arc<Written>,
}

/// What a Bake file says. Of what is said twice, the later counts.
#[derive(Debug, Clone, Default)]
pub(super) struct BakeFile {
    /// The defaults of variables; none where there is none.
    variables: BTreeMap<String, Option<Term>>,
    /// What is said of each target, in order.
    targets: BTreeMap<String, Vec<Layer>>,
    /// What each group consists of.
    groups: Vec<Term>,
}

impl BakeFile {
    /// Both files, this one over the other.
    pub(super) fn over(&self, below: &Self) -> Self {
        let mut both = below.clone();
        both.variables.extend(self.variables.clone());
        for (name, layers) in &self.targets {
            both.targets.entry(name.clone()).or_default().extend(layers.iter().cloned());
        }
        both.groups.extend(self.groups.iter().cloned());
        both
    }

    /// Every Dockerfile that is written into it.
    pub(super) fn inlines(&self) -> Vec<Arc<Inline>> {
        let work = Cell::new(0);
        let scope = Scope::new(self, &work);
        self.targets.values().flatten().filter_map(|layer| scope.inline(layer)?).collect()
    }

    fn add_target(&mut self, name: String, attributes: Attributes, written: &Arc<Written>) {
        let layer = Layer { name: name.clone(), attributes, written: Arc::clone(written) };
        self.targets.entry(name).or_default().push(layer);
    }

    fn is_empty(&self) -> bool {
        self.variables.is_empty() && self.targets.is_empty() && self.groups.is_empty()
    }
}

/// Reads the file.
pub(super) fn read(written: &Arc<Written>) -> Result<BakeFile, BuildFileError> {
    let source = &written.source;
    let is_json = source.name().to_ascii_lowercase().ends_with(".json");
    let file = if is_json { read_json(written)? } else { read_hcl(written)? };
    match file.is_empty() {
        true => {
            Err(BuildFileError::new(source.line_span(0), "this is no Bake file: it has no `target` and no `group`"))
        }
        false => Ok(file),
    }
}

fn read_hcl(written: &Arc<Written>) -> Result<BakeFile, BuildFileError> {
    let source = &written.source;
    let body = parse_body(source.text()).map_err(|error| {
        let at = Span::at(error.location().offset().min(source.len()));
        BuildFileError::new(at, format!("this cannot be read as HCL: {}", error.message()))
    })?;
    let mut file = BakeFile::default();
    for attribute in body.attributes() {
        file.variables.insert(attribute.key.to_string(), Some(Term::Hcl(attribute.value.clone())));
    }
    for block in body.blocks() {
        let mut attributes = attributes(&block.body);
        match (block.ident.as_str(), label(block)) {
            ("variable", Some(name)) => _ = file.variables.insert(name, attributes.remove("default")),
            ("target", Some(name)) => file.add_target(name, attributes, written),
            ("group", Some(_)) => file.groups.extend(attributes.remove("targets")),
            _ => {}
        }
    }
    Ok(file)
}

fn attributes(body: &Body) -> Attributes {
    body.attributes().map(|one| (one.key.to_string(), Term::Hcl(one.value.clone()))).collect()
}

fn label(block: &Block) -> Option<String> {
    Some(match block.labels.first()? {
        BlockLabel::Ident(name) => name.to_string(),
        BlockLabel::String(name) => name.to_string(),
    })
}

fn read_json(written: &Arc<Written>) -> Result<BakeFile, BuildFileError> {
    let documents = yaml::read(&written.source)?;
    let mut file = BakeFile::default();
    let Some(root) = documents.first() else { return Ok(file) };
    let named = |kind: &str| root.get(kind).and_then(|node| node.entries()).unwrap_or_default();
    for entry in named("variable") {
        file.variables.insert(entry.key.clone(), entry.value.get("default").cloned().map(Term::Json));
    }
    for entry in named("target") {
        let attributes = entry.value.entries().unwrap_or_default();
        let attributes = attributes.iter().map(|one| (one.key.clone(), Term::Json(Arc::clone(&one.value))));
        file.add_target(entry.key.clone(), attributes.collect(), written);
    }
    file.groups.extend(named("group").iter().filter_map(|entry| entry.value.get("targets").cloned()).map(Term::Json));
    Ok(file)
}
