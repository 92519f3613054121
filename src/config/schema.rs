//! The JSON schema of a settings file: what its reader asks for, for editors that complete and check.

use serde_json::{Map, Value, json};

use crate::config::outline::{Asked, Free, Outline, Shape};
use crate::rules::meta::{Category, OptionMeta, OptionValue, RuleMeta};

/// The schema (draft 7, which editors for TOML know) of a file of this outline, with these rules.
pub fn schema<'a>(title: &str, outline: &Outline, rules: impl IntoIterator<Item = &'a RuleMeta>) -> Value {
    let mut schema = Map::new();
    schema.insert("$schema".to_owned(), json!("http://json-schema.org/draft-07/schema#"));
    schema.insert("title".to_owned(), json!(title));
    schema.extend(table(outline));
    if let Some(of_rule) = of_rule(outline) {
        let rules: Vec<&RuleMeta> = rules.into_iter().collect();
        let definitions = json!({"rules": rule_tables(of_rule, &rules), "name": names(&rules)});
        schema.insert("definitions".to_owned(), definitions);
    }
    Value::Object(schema)
}

/// What the table of a rule may hold, where rules have tables.
fn of_rule(outline: &Outline) -> Option<&Outline> {
    outline.keys.iter().find_map(|asked| match &asked.shape {
        Shape::Named(inner) if asked.key.names_rules => Some(inner),
        Shape::Table(inner) | Shape::Tables(inner) | Shape::Named(inner) => of_rule(inner),
        _ => None,
    })
}

fn table(outline: &Outline) -> Map<String, Value> {
    let keys = outline.keys.iter().map(|asked| (asked.key.name.to_owned(), value(asked)));
    let free = match outline.free {
        None => json!(false),
        Some(Free::Text) => json!({"type": "string"}),
        Some(Free::Value) => json!({"type": ["boolean", "integer", "array"], "items": {"type": "string"}}),
    };
    let mut table = Map::new();
    table.insert("type".to_owned(), json!("object"));
    table.insert("properties".to_owned(), Value::Object(keys.collect()));
    table.insert("additionalProperties".to_owned(), free);
    if !outline.required.is_empty() {
        table.insert("required".to_owned(), json!(outline.required));
    }
    table
}

fn value(asked: &Asked) -> Value {
    let mut value = match &asked.shape {
        Shape::Texts if asked.key.names_rules => json!({"type": "array", "items": {"$ref": "#/definitions/name"}}),
        // In draft 7 nothing counts beside a reference, and so it stands by itself.
        Shape::Named(_) if asked.key.names_rules => json!({"allOf": [{"$ref": "#/definitions/rules"}]}),
        other => shape(other),
    };
    value["description"] = json!(asked.key.about);
    value
}

fn shape(shape: &Shape) -> Value {
    match shape {
        Shape::Text => json!({"type": "string"}),
        Shape::Texts => json!({"type": "array", "items": {"type": "string"}}),
        Shape::Flag => json!({"type": "boolean"}),
        Shape::Count => json!({"type": "integer", "minimum": 1}),
        Shape::TextOrCount => json!({"type": ["string", "integer"]}),
        Shape::Choice(words) => json!({"enum": words}),
        Shape::Table(outline) => Value::Object(table(outline)),
        Shape::Tables(outline) => json!({"type": "array", "items": table(outline)}),
        Shape::Named(outline) => json!({"type": "object", "additionalProperties": table(outline)}),
    }
}

/// One table for each rule, with the options that it has; a rule of the user's own may have any.
fn rule_tables(of_rule: &Outline, rules: &[&RuleMeta]) -> Value {
    let one = |rule: &&RuleMeta| {
        let mut inner = table(of_rule);
        let options = rule.options.iter().map(|one| (one.name.to_string(), option(one)));
        if let Some(Value::Object(properties)) = inner.get_mut("properties") {
            properties.extend(options);
        }
        inner.insert("description".to_owned(), json!(rule.summary));
        inner.insert("additionalProperties".to_owned(), json!(false));
        (rule.id.to_string(), Value::Object(inner))
    };
    let known: Map<String, Value> = rules.iter().map(one).collect();
    json!({"type": "object", "properties": known, "additionalProperties": table(of_rule)})
}

fn option(option: &OptionMeta) -> Value {
    let shape = match option.default {
        OptionValue::Flag(_) => json!({"type": "boolean"}),
        OptionValue::Number(_) => json!({"type": "integer"}),
        OptionValue::Texts(_) => json!({"type": "array", "items": {"type": "string"}}),
    };
    let mut value = shape;
    value["description"] = json!(option.about);
    value["default"] = json!(option.default);
    value
}

/// What may stand where rules are named. Names of the user's own rules are texts that nobody knows here.
fn names(rules: &[&RuleMeta]) -> Value {
    let categories = Category::ALL.iter().map(|category| category.as_str());
    let names = rules.iter().flat_map(|rule| rule.names());
    let names: Vec<&str> = std::iter::once("all").chain(categories).chain(names).collect();
    json!({"anyOf": [{"enum": names}, {"type": "string"}]})
}
