//! The table of ecosystems that is compiled in.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::super::table::{camel, texts};
use super::{Cache, Call, Early, Ecosystem, ecosystems};

const HEAD: &str = "\
//! Generated from `rules/ecosystem/*.yaml` by `RPLAN_UPDATE=1 cargo test --test it effect::`; do not edit.

use super::{Cache, Call, Early, Ecosystem, manifests};
use crate::effect::PackageManager;

/// Every ecosystem, sorted by name.
pub(super) static ECOSYSTEMS: &[Ecosystem] = &[
";

#[test]
fn the_table_holds_every_ecosystem() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/effect/ecosystem/table.rs");
    let content = format!("{HEAD}{}];\n", ecosystems().iter().map(entry).collect::<String>());
    if std::env::var_os("RPLAN_UPDATE").is_some() {
        fs::write(&path, &content).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == content, "{} is out of date: RPLAN_UPDATE=1 cargo test --test it effect::", path.display());
}

#[test]
fn every_ecosystem_says_what_it_is_and_where_to_read_more() {
    for Ecosystem { id, summary, references, .. } in ecosystems() {
        assert!(summary.ends_with('.') && summary.len() < 120, "{id}: the summary is one sentence");
        assert!(!references.is_empty(), "{id}: name a page that describes it");
    }
}

fn entry(ecosystem: &Ecosystem) -> String {
    let mut entry = String::from("    Ecosystem {\n");
    for (name, value) in [
        ("tool", format!("{:?}", ecosystem.tool)),
        ("manager", format!("PackageManager::{}", camel(&ecosystem.manager))),
        ("reader", format!("manifests::{}::read", ecosystem.reader)),
        ("locks", texts(&ecosystem.locks)),
        ("outputs", texts(&ecosystem.outputs)),
        ("variables", format!("{:?}", ecosystem.variables)),
        ("premise", format!("{:?}", ecosystem.premise)),
    ] {
        writeln!(entry, "        {name}: {value},").unwrap();
    }
    let calls: String = ecosystem.calls.iter().map(call).collect();
    let caches: String = ecosystem.caches.iter().map(cache).collect();
    writeln!(entry, "        calls: &[\n{calls}        ],\n        caches: &[\n{caches}        ],\n    }},").unwrap();
    entry
}

fn call(call: &Call) -> String {
    let early = match &call.early {
        Early::Itself(word) => {
            assert_eq!(word, "itself");
            "Early::Itself".to_owned()
        }
        Early::With { with } => format!("Early::With({})", texts(with)),
        Early::Run { run } => format!("Early::Run({run:?})"),
        Early::Never { never } => format!("Early::Never({never:?})"),
    };
    let (words, frozen) = (texts(&call.words), texts(&call.frozen));
    format!("            Call {{ words: {words}, early: {early}, frozen: {frozen}, differs: {:?} }},\n", call.differs)
}

fn cache(cache: &Cache) -> String {
    assert!(["shared", "locked"].contains(&cache.sharing.as_str()), "{}", cache.path);
    let mut text = String::from("            Cache {\n");
    let image = cache.image.as_ref().map_or("None".to_owned(), |image| format!("Some({image:?})"));
    let prepared_by = format!("({:?}, {:?})", cache.prepared_by, cache.prepared);
    for (name, value) in [
        ("path", format!("{:?}", cache.path)),
        ("at", format!("&{:?}", cache.at)),
        ("moved_by", texts(&cache.moved_by)),
        ("without", texts(&cache.without)),
        ("dropped", texts(&cache.dropped)),
        ("replaced", format!("&{:?}", cache.replaced)),
        ("added", format!("{:?}", cache.added)),
        ("filled_by", texts(&cache.filled_by)),
        ("purged_by", texts(&cache.purged_by)),
        ("renewed_by", texts(&cache.renewed_by)),
        ("prepared_by", prepared_by),
        ("sharing", format!("{:?}", cache.sharing)),
        ("needs", format!("&{:?}", cache.needs)),
        ("needed_later", cache.needed_later.to_string()),
        ("in_base", cache.in_base.to_string()),
        ("compiled", cache.compiled.to_string()),
        ("unless", texts(&cache.unless)),
        ("image", image),
        ("differs", format!("{:?}", cache.differs)),
    ] {
        writeln!(text, "                {name}: {value},").unwrap();
    }
    text + "            },\n"
}
