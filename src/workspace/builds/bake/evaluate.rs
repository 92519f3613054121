//! What an expression of a Bake file is, as far as that is written: literals, variables with defaults, templates,
//! choices. What a function or arithmetic computes is not known, nor is what the environment may set.

use std::cell::Cell;
use std::collections::BTreeMap;

use granit_parser::ScalarStyle;
use hcl_edit::expr::{BinaryOp, BinaryOperator, Conditional, Expression, Object, ObjectKey, Traversal};
use hcl_edit::expr::{TraversalOperator, UnaryOp, UnaryOperator};
use hcl_edit::parser::parse_template;
use hcl_edit::template::{Element, Strip, Template};

use super::{BakeFile, Term};
use crate::workspace::builds::compose::is_as_written;
use crate::workspace::builds::yaml::{Content, Node};

/// How much work one file is worth, in values and in bytes of text: variables made of variables grow without end.
const MOST_WORK: usize = 1 << 20;
/// Variables that stand for variables over more steps than this are not followed.
const DEEPEST: usize = 32;

/// The name under which expressions find the targets of their file.
const TARGETS: &str = "target";

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    /// A text, or a number as a text.
    Text(String),
    List(Vec<Value>),
    Object(BTreeMap<String, Value>),
    Unknown,
}

impl Value {
    /// The text that a template makes of it.
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Value::Text(text) => Some(text.clone()),
            Value::Bool(flag) => Some(flag.to_string()),
            _ => None,
        }
    }

    /// The texts of a list; none if any of them is not known.
    pub(super) fn texts(&self) -> Option<Vec<String>> {
        match self {
            Value::List(items) => items.iter().map(Value::text).collect(),
            _ => None,
        }
    }
}

/// What the names in expressions stand for.
pub(super) struct Scope<'a> {
    file: &'a BakeFile,
    /// The variables of a matrix.
    pub(super) locals: BTreeMap<String, Value>,
    work: &'a Cell<usize>,
}

impl<'a> Scope<'a> {
    /// The variables of the file; `work` counts for all of its scopes.
    pub(super) fn new(file: &'a BakeFile, work: &'a Cell<usize>) -> Self {
        Self { file, locals: BTreeMap::new(), work }
    }

    /// The value of an expression.
    pub(super) fn value(&self, term: &Term) -> Value {
        self.term(term, 0)
    }

    fn term(&self, term: &Term, depth: usize) -> Value {
        match term {
            Term::Hcl(expression) => self.expression(expression, depth),
            Term::Json(node) => self.node(node, depth),
        }
    }

    /// The variable of this name. One without a default, or with an empty one, is there to be set from outside.
    fn variable(&self, name: &str, depth: usize) -> Value {
        if let Some(local) = self.locals.get(name) {
            return local.clone();
        }
        let Some(Some(default)) = self.file.variables.get(name).filter(|_| depth < DEEPEST) else {
            return Value::Unknown;
        };
        match self.term(default, depth + 1) {
            Value::Null => Value::Unknown,
            Value::Text(text) if text.is_empty() => Value::Unknown,
            value => value,
        }
    }

    fn expression(&self, expression: &Expression, depth: usize) -> Value {
        if !self.pay(1) {
            return Value::Unknown;
        }
        let within = |expression: &Expression| self.expression(expression, depth);
        match expression {
            Expression::Null(_) => Value::Null,
            Expression::Bool(flag) => Value::Bool(*flag.value()),
            Expression::Number(number) => Value::Text(number.value().to_string()),
            Expression::String(text) => self.made(text.value().clone()),
            Expression::Array(items) => Value::List(items.iter().map(within).collect()),
            Expression::Object(object) => self.object(object, depth),
            Expression::StringTemplate(template) => self.elements(&template.iter().collect::<Vec<_>>(), depth),
            Expression::HeredocTemplate(heredoc) => self.template(&heredoc.template, depth),
            Expression::Parenthesis(inner) => within(inner.inner()),
            Expression::Variable(name) => self.variable(name.value().as_str(), depth),
            Expression::Conditional(choice) => self.choice(choice, depth),
            Expression::Traversal(traversal) => self.traversal(traversal, depth),
            Expression::UnaryOp(operation) => self.unary(operation, depth),
            Expression::BinaryOp(operation) => self.binary(operation, depth),
            Expression::FuncCall(_) | Expression::ForExpr(_) => Value::Unknown,
        }
    }

    fn object(&self, object: &Object, depth: usize) -> Value {
        let mut entries = BTreeMap::new();
        for (key, value) in object.iter() {
            let Some(key) = self.key(key, depth) else { return Value::Unknown };
            entries.insert(key, self.expression(value.expr(), depth));
        }
        Value::Object(entries)
    }

    fn key(&self, key: &ObjectKey, depth: usize) -> Option<String> {
        match key {
            ObjectKey::Ident(name) => Some(name.value().to_string()),
            ObjectKey::Expression(Expression::Variable(name)) => Some(name.value().to_string()),
            ObjectKey::Expression(key) => self.expression(key, depth).text(),
        }
    }

    pub(super) fn template(&self, template: &Template, depth: usize) -> Value {
        self.elements(&template.iter().collect::<Vec<_>>(), depth)
    }

    fn elements(&self, elements: &[&Element], depth: usize) -> Value {
        // A template of nothing but one value is that value, whatever its type.
        if let [Element::Interpolation(only)] = elements {
            return self.expression(&only.expr, depth);
        }
        let mut text = String::new();
        for element in elements {
            match element {
                Element::Literal(literal) => text.push_str(literal.value()),
                Element::Interpolation(part) if part.strip == Strip::None => {
                    match self.expression(&part.expr, depth).text() {
                        Some(part) if self.pay(part.len()) => text.push_str(&part),
                        _ => return Value::Unknown,
                    }
                }
                Element::Interpolation(_) | Element::Directive(_) => return Value::Unknown,
            }
        }
        self.made(text)
    }

    fn choice(&self, choice: &Conditional, depth: usize) -> Value {
        match self.expression(&choice.cond_expr, depth) {
            Value::Bool(true) => self.expression(&choice.true_expr, depth),
            Value::Bool(false) => self.expression(&choice.false_expr, depth),
            _ => Value::Unknown,
        }
    }

    fn traversal(&self, traversal: &Traversal, depth: usize) -> Value {
        let index = |operator: &TraversalOperator| match operator {
            TraversalOperator::GetAttr(name) => Some(name.value().to_string()),
            TraversalOperator::Index(index) => self.expression(index, depth).text(),
            TraversalOperator::LegacyIndex(index) => Some(index.value().to_string()),
            _ => None,
        };
        let indices = traversal.operators.iter().map(|operator| index(operator.value())).collect::<Option<Vec<_>>>();
        let Some(indices) = indices else { return Value::Unknown };
        let (mut value, indices) = match (&traversal.expr, indices.as_slice()) {
            (Expression::Variable(name), [target, path @ ..])
                if name.value().as_str() == TARGETS && self.is_free(TARGETS) =>
            {
                self.said_of(target, path, depth)
            }
            (expression, indices) => (self.expression(expression, depth), indices),
        };
        for index in indices {
            let found = match value {
                Value::Object(mut entries) => entries.remove(index),
                Value::List(items) => index.parse().ok().and_then(|index: usize| items.into_iter().nth(index)),
                _ => None,
            };
            value = found.unwrap_or(Value::Unknown);
        }
        value
    }

    /// What the file says of a target, as in `target.NAME.args.VERSION`: the value, and what of the path is left to follow
    /// in it. Nothing beside the path is looked at, so that two targets may take things of each other.
    fn said_of<'p>(&self, target: &str, path: &'p [String], depth: usize) -> (Value, &'p [String]) {
        let unknown = (Value::Unknown, &[][..]);
        let (Some(layers), [attribute, path @ ..]) = (self.file.targets.get(target), path) else { return unknown };
        let said = layers.iter().rev().find_map(|layer| layer.attributes.get(attribute));
        let Some(said) = said.filter(|_| depth < DEEPEST) else { return unknown };
        // The variables of one's own matrix mean nothing there.
        let scope = Scope { locals: BTreeMap::new(), ..*self };
        match (said, path) {
            (Term::Hcl(Expression::Object(object)), [name, path @ ..]) => {
                let named = object.iter().find(|(key, _)| scope.key(key, depth).as_ref() == Some(name));
                (named.map_or(Value::Unknown, |(_, value)| scope.expression(value.expr(), depth + 1)), path)
            }
            (Term::Json(node), [name, path @ ..]) if node.entries().is_some() => {
                (node.get(name).map_or(Value::Unknown, |value| scope.node(value, depth + 1)), path)
            }
            (said, path) => (scope.term(said, depth + 1), path),
        }
    }

    /// Whether no variable has this name.
    fn is_free(&self, name: &str) -> bool {
        !self.locals.contains_key(name) && !self.file.variables.contains_key(name)
    }

    fn unary(&self, operation: &UnaryOp, depth: usize) -> Value {
        match (operation.operator.value(), self.expression(&operation.expr, depth)) {
            (UnaryOperator::Not, Value::Bool(flag)) => Value::Bool(!flag),
            _ => Value::Unknown,
        }
    }

    fn binary(&self, operation: &BinaryOp, depth: usize) -> Value {
        let (left, right) = (self.expression(&operation.lhs_expr, depth), self.expression(&operation.rhs_expr, depth));
        let is_known = |value: &Value| matches!(value, Value::Null | Value::Bool(_) | Value::Text(_));
        match (operation.operator.value(), &left, &right) {
            (BinaryOperator::Eq, left, right) if is_known(left) && is_known(right) => Value::Bool(left == right),
            (BinaryOperator::NotEq, left, right) if is_known(left) && is_known(right) => Value::Bool(left != right),
            (BinaryOperator::And, Value::Bool(left), Value::Bool(right)) => Value::Bool(*left && *right),
            (BinaryOperator::Or, Value::Bool(left), Value::Bool(right)) => Value::Bool(*left || *right),
            _ => Value::Unknown,
        }
    }

    /// In JSON every text is a template.
    fn node(&self, node: &Node, depth: usize) -> Value {
        if !self.pay(1) {
            return Value::Unknown;
        }
        match &node.content {
            Content::Scalar { .. } if node.is_null() => Value::Null,
            Content::Scalar { text, style: ScalarStyle::Plain } => match text.as_str() {
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                number if is_as_written(number) => Value::Text(number.to_owned()),
                _ => Value::Unknown,
            },
            Content::Scalar { text, .. } => match parse_template(text) {
                Ok(template) => self.template(&template, depth),
                Err(_) => Value::Unknown,
            },
            Content::List(items) => Value::List(items.iter().map(|item| self.node(item, depth)).collect()),
            Content::Map(entries) => {
                Value::Object(entries.iter().map(|one| (one.key.clone(), self.node(&one.value, depth))).collect())
            }
        }
    }

    fn made(&self, text: String) -> Value {
        if self.pay(text.len()) { Value::Text(text) } else { Value::Unknown }
    }

    /// Whether there is that much work left to do.
    fn pay(&self, work: usize) -> bool {
        self.work.set(self.work.get().saturating_add(work));
        self.work.get() <= MOST_WORK
    }
}
