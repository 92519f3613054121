//! `rplan rules` and `rplan explain`: what rplan tells about its rules and rewrites.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::PathBuf;

use crate::cli::args::{CatalogueFormatName, ExplainArgs, RulesArgs, RulesListArgs, RulesWhat};
use crate::cli::console::Console;
use crate::cli::exit::{Answer, Exit, Failure};
use crate::cli::names::unknown;
use crate::cli::{formats, input, own_rules, trial};
use crate::report::{shellcheck_address, write_page, write_rules_json, write_rules_text};
use crate::rewrite;
use crate::rules::meta::RuleMeta;
use crate::rules::{self, RULE_SCHEMA, Rule, explain_declined, is_kebab_case, reference, skeleton};

/// Lists the rules, or helps with one's own.
pub(super) fn rules(args: &RulesArgs, console: &mut Console) -> Answer {
    match &args.what {
        None => list(&args.list, console),
        Some(RulesWhat::New { id }) => start(id, console),
        Some(RulesWhat::Test { paths }) => trial::run(paths, console),
        Some(RulesWhat::Schema) => {
            console.out.write_all(RULE_SCHEMA.as_bytes())?;
            Ok(Exit::Fine)
        }
    }
}

fn list(args: &RulesListArgs, console: &mut Console) -> Answer {
    let catalogue = own_rules::catalogue(&args.rules)?;
    let metas: Vec<_> = catalogue.rules().iter().map(|rule| &rule.meta).collect();
    let of = |wanted: fn(&Rule) -> bool| -> Vec<RuleMeta> {
        catalogue.rules().iter().filter(|rule| wanted(rule)).map(|rule| rule.meta.clone()).collect()
    };
    let reference = || {
        let own = of(|rule| rule.is_compiled_in() && !rule.is_decided_elsewhere());
        reference(&own, &of(Rule::is_decided_elsewhere), &of(|rule| !rule.is_compiled_in()))
    };
    formats::write_all(&args.formats, CatalogueFormatName::Pretty, console, |name, style, out| match name {
        CatalogueFormatName::Pretty => write_rules_text(&metas, style, out),
        CatalogueFormatName::Json => write_rules_json(&metas, out),
        CatalogueFormatName::Md => out.write_all(reference().as_bytes()),
    })?;
    Ok(Exit::Fine)
}

/// Writes a rule to start from; never over a file that is there.
fn start(id: &str, console: &mut Console) -> Answer {
    if !is_kebab_case(id) {
        return Err(Failure::usage(format_args!("`{id}` is no id: small letters and digits, with `-` between words")));
    }
    if own_rules::builtin().find(id).is_some() {
        return Err(Failure::usage(format_args!("there is a rule `{id}` already; choose another id")));
    }
    let path = PathBuf::from(format!("{id}.yaml"));
    let mut file = OpenOptions::new().write(true).create_new(true).open(&path).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Failure::usage(format_args!("there is a file `{}` already", path.display())),
        _ => Failure::environment(format_args!("cannot write `{}`: {}", path.display(), input::reason(&error))),
    })?;
    file.write_all(skeleton(id).as_bytes())?;
    writeln!(console.out, "{}", path.display())?;
    console.note(format_args!("try its examples: rplan rules test {}", path.display()));
    Ok(Exit::Fine)
}

/// Explains one rule or rewrite, or why there is none of another linter's name.
pub(super) fn explain(args: &ExplainArgs, console: &mut Console) -> Answer {
    let catalogue = own_rules::catalogue(&args.rules)?;
    let rule = || catalogue.find(&args.id).or_else(|| catalogue.find(&args.id.to_uppercase()));
    let rule = || rule().map(|rule| page(&args.id, rule));
    let found = rule().or_else(|| explain_declined(&args.id));
    let page = found.ok_or_else(|| unknown(&args.id, &catalogue))?;
    write_page(&page, console.out_style, &mut console.out)?;
    Ok(Exit::Fine)
}

/// The page of a rule that was asked for by this name. A number of ShellCheck is explained elsewhere.
pub(super) fn page(name: &str, rule: &Rule) -> String {
    if let Some(page) = rewrite::explain(rule.meta.id.as_str()) {
        return page;
    }
    let number = name.to_uppercase();
    match shellcheck_address(&number) {
        Some(address) => {
            format!("{number}: a finding of ShellCheck\n\nSee\n  {address}\n\n{}", rules::explain(rule))
        }
        None => rules::explain(rule),
    }
}
