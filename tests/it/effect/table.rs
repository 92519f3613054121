//! The table of commands that is compiled in.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::{Command, Form, Operands, commands};

const HEAD: &str = "\
//! Generated from `rules/command/*.yaml` by `RPLAN_UPDATE=1 cargo test --test it effect::`; do not edit.

use super::grammar::{Form, Grammar, Operands, Part, Role};
use super::{Action, PackageManager};
use crate::effect::Cell;

/// Every command, sorted by id.
pub(super) static COMMANDS: &[Grammar] = &[
";

#[test]
fn the_table_holds_every_command() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/effect/command/table.rs");
    let content = format!("{HEAD}{}];\n", commands().iter().map(entry).collect::<String>());
    if std::env::var_os("RPLAN_UPDATE").is_some() {
        fs::write(&path, &content).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == content, "{} is out of date: RPLAN_UPDATE=1 cargo test --test it effect::", path.display());
}

#[test]
fn no_name_stands_for_two_commands() {
    let mut owners = BTreeMap::new();
    for command in commands() {
        for name in &command.names {
            if let Some(other) = owners.insert(name, &command.id) {
                panic!("`{name}` is both {other} and {}", command.id);
            }
        }
    }
}

#[test]
fn every_command_says_what_it_is_for_and_where_to_read_more() {
    for Command { id, summary, references, part, .. } in commands() {
        assert!(summary.ends_with('.') && summary.len() < 120, "{id}: the summary is one sentence");
        assert!(part == "shell" || !references.is_empty(), "{id}: name a page that describes it");
    }
}

fn entry(command: &Command) -> String {
    let mut entry = String::from("    Grammar {\n");
    let variables = command.variables.as_deref().map_or("None".to_owned(), |names| format!("Some({})", texts(names)));
    let module = command.module.as_ref().map_or("None".to_owned(), |module| format!("Some({module:?})"));
    let manager = command.manager.as_ref();
    let manager = manager.map_or("None".to_owned(), |name| format!("Some(PackageManager::{})", camel(name)));
    for (name, value) in [
        ("names", texts(&command.names)),
        ("module", module),
        ("part", format!("Part::{}", camel(&command.part))),
        ("manager", manager),
        ("variables", variables),
        ("relocated_by", texts(&command.relocated_by)),
    ] {
        writeln!(entry, "        {name}: {value},").unwrap();
    }
    let forms: String = command.forms.iter().map(form).collect();
    writeln!(entry, "        forms: &[\n{forms}        ],\n    }},").unwrap();
    entry
}

fn form(form: &Form) -> String {
    let values: Vec<String> =
        form.values.iter().map(|(role, names)| format!("({}, {})", self::role(role), texts(names))).collect();
    let mut text = String::from("            Form {\n");
    for (name, value) in [
        ("words", texts(&form.words)),
        ("action", format!("Action::{}", camel(&form.action))),
        ("flags", texts(&form.flags)),
        ("values", format!("&[{}]", values.join(", "))),
        ("bundled", form.bundled.to_string()),
        ("operands", operands(&form.operands)),
        ("reads", texts(&form.reads)),
        ("writes", texts(&form.writes)),
        ("ensures", texts(&form.ensures)),
        ("spares", texts(&form.spares)),
        ("writes_without_output", texts(&form.writes_without_output)),
        ("manifests", texts(&form.manifests)),
        ("looked_up", texts(&form.looked_up)),
        ("cells_read", cells(&form.cells_read)),
        ("cells_written", cells(&form.cells_written)),
        ("network", form.network.to_string()),
    ] {
        writeln!(text, "                {name}: {value},").unwrap();
    }
    text + "            },\n"
}

fn operands(operands: &Operands) -> String {
    match operands {
        Operands::Each(none) if none == "none" => "Operands::None".to_owned(),
        Operands::Each(one) => format!("Operands::Each({})", role(one)),
        Operands::First { first, others } => {
            format!("Operands::First {{ first: {}, others: {} }}", role(first), role(others))
        }
        Operands::Last { others, last } => {
            format!("Operands::Last {{ others: {}, last: {} }}", role(others), role(last))
        }
    }
}

fn role(name: &str) -> String {
    format!("Role::{}", camel(name))
}

fn cells(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("Cell::{}", camel(name))).collect();
    format!("&[{}]", names.join(", "))
}

pub(super) fn texts(texts: &[String]) -> String {
    format!("&{texts:?}")
}

/// `package-database` as the name of a variant.
pub(super) fn camel(name: &str) -> String {
    let capitalised = |part: &str| part[..1].to_uppercase() + &part[1..];
    name.split('-').map(capitalised).collect()
}
