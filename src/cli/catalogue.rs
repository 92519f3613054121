//! `rplan rules` and `rplan explain`: what rplan tells about its rules.

use std::io::Write;

use crate::cli::args::{ExplainArgs, RulesArgs};
use crate::cli::console::Console;
use crate::cli::exit::{Answer, Exit, Failure};
use crate::rules::{self, Catalogue};
use crate::text::nearest;

/// Lists the rules.
pub(super) fn rules(_args: &RulesArgs, console: &mut Console) -> Answer {
    let catalogue = Catalogue::builtin();
    let width = catalogue.rules().iter().map(|rule| rule.meta.id.as_str().len()).max().unwrap_or(0);
    for rule in catalogue.rules() {
        let meta = &rule.meta;
        let severity = meta.severity.as_str();
        writeln!(console.out, "{:width$}  {severity:7}  {}", meta.id.as_str(), meta.summary)?;
    }
    Ok(Exit::Fine)
}

/// Explains one rule.
pub(super) fn explain(args: &ExplainArgs, console: &mut Console) -> Answer {
    let catalogue = Catalogue::builtin();
    let Some(rule) = catalogue.find(&args.id) else {
        let ids = catalogue.rules().iter().map(|rule| rule.meta.id.as_str());
        let failure = Failure::usage(format_args!("there is no rule `{}`", args.id));
        return Err(match nearest(&args.id, ids) {
            Some(id) => failure.with_help(format!("did you mean `{id}`?")),
            None => failure.with_help("`rplan rules` lists them"),
        });
    };
    write!(console.out, "{}", rules::explain(rule))?;
    Ok(Exit::Fine)
}
