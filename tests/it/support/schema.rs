//! JSON against a JSON schema, by the few words of it that the schemas of the project use. A key that a schema does not
//! know is a mistake here, although within a version keys may be added: then they belong into it.

use std::collections::BTreeSet;

use serde_json::Value;

/// The schema, and which of its definitions and keys a report has needed.
pub struct Schema {
    pub root: Value,
    /// Where its definitions are.
    shelf: &'static str,
    used: BTreeSet<String>,
}

impl Schema {
    pub fn read(text: &str) -> Self {
        let root: Value = serde_json::from_str(text).expect("it is JSON");
        let shelf = ["$defs", "definitions"].into_iter().find(|shelf| root[*shelf].is_object()).expect("definitions");
        Self { root, shelf, used: BTreeSet::new() }
    }

    /// Everything that is wrong with the value, each with the way to it.
    fn check(&mut self, value: &Value, schema: &Value, way: &str) -> Vec<String> {
        if let Some(name) = schema["$ref"].as_str().and_then(|way| way.strip_prefix(&format!("#/{}/", self.shelf))) {
            self.used.insert(name.to_owned());
            let definition = self.root[self.shelf][name].clone();
            assert!(definition.is_object(), "there is no definition {name}");
            return self.check_as(value, &definition, way, name);
        }
        self.check_as(value, schema, way, way)
    }

    fn check_as(&mut self, value: &Value, schema: &Value, way: &str, name: &str) -> Vec<String> {
        if let Some(choices) = schema["anyOf"].as_array() {
            let tried: Vec<Vec<String>> = choices.iter().map(|choice| self.check(value, choice, way)).collect();
            return if tried.iter().any(Vec::is_empty) { Vec::new() } else { tried.concat() };
        }
        let mut wrong = Vec::new();
        let is = |kind: &Value| kind == kind_of(value) || (kind == "integer" && value.is_u64());
        match &schema["type"] {
            Value::Array(kinds) if !kinds.iter().any(is) => wrong.push(format!("{way} is none of {kinds:?}")),
            kind @ Value::String(_) if !is(kind) => wrong.push(format!("{way} is not {kind}")),
            _ => {}
        }
        if schema.get("const").is_some_and(|only| only != value) {
            wrong.push(format!("{way} is not {}", schema["const"]));
        }
        if schema["enum"].as_array().is_some_and(|known| !known.contains(value)) {
            wrong.push(format!("{way} is {value}"));
        }
        if schema["minimum"].as_u64() > value.as_u64() {
            wrong.push(format!("{way} is {value}"));
        }
        let count = value.as_object().map(|object| object.len() as u64);
        let is_too_few = schema["minProperties"].as_u64() > count.or(schema["minProperties"].as_u64());
        let is_too_many = schema["maxProperties"].as_u64().is_some_and(|most| count.is_some_and(|count| count > most));
        if is_too_few || is_too_many {
            wrong.push(format!("{way} has {count:?} keys"));
        }
        for key in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if value.get(key).is_none() {
                wrong.push(format!("{way}.{key} is missing"));
            }
        }
        for (key, inner) in value.as_object().into_iter().flatten() {
            let (known, way) = (&schema["properties"][key], format!("{way}.{key}"));
            match (known.is_object(), schema["additionalProperties"].is_object()) {
                (true, _) => {
                    self.used.insert(format!("{name}.{key}"));
                    wrong.extend(self.check(inner, known, &way));
                }
                (false, true) => wrong.extend(self.check(inner, &schema["additionalProperties"], &way)),
                (false, false) => wrong.push(format!("{way} is not in the schema")),
            }
        }
        for (index, item) in value.as_array().into_iter().flatten().enumerate() {
            wrong.extend(self.check(item, &schema["items"], &format!("{way}[{index}]")));
        }
        wrong
    }

    /// Everything that is wrong with the value, which is called `name`.
    pub fn mistakes(&mut self, value: &Value, name: &str) -> Vec<String> {
        let root = self.root.clone();
        self.check(value, &root, name)
    }

    /// What nothing that was checked has needed.
    pub fn unused(&self) -> Vec<String> {
        self.names().difference(&self.used).cloned().collect()
    }

    /// Every definition, and every key of one.
    fn names(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for (name, definition) in self.root[self.shelf].as_object().expect("definitions") {
            names.insert(name.clone());
            let keys = definition["properties"].as_object().into_iter().flatten();
            names.extend(keys.map(|(key, _)| format!("{name}.{key}")));
        }
        names
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
