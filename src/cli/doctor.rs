//! `rplan doctor`: what this machine can and cannot do, and how to mend it.

use crate::cli::args::{AnswerFormatName, DoctorArgs};
use crate::cli::console::Console;
use crate::cli::exit::{Answer, Exit, Failure};
use crate::cli::formats;
use crate::cli::machine::Machine;
use crate::config::{NetworkSetting, UserSettings};
use crate::exec::doctor::{Check, Verdict, examine};
use crate::report::{CheckRow, CheckVerdict, write_checks_json, write_checks_text};

/// Looks at the machine and tells.
pub(super) fn run(args: &DoctorArgs, console: &mut Console) -> Answer {
    let machine = Machine::read()?;
    let helper = std::env::current_exe()
        .map_err(|error| Failure::environment(format_args!("cannot find rplan's own program: {error}")))?;
    let mut rows: Vec<CheckRow> = examine(&machine.store, &helper).into_iter().map(row).collect();
    rows.push(works("network", network(&machine.settings)));
    rows.push(works("registries", &registries(&machine.settings)));
    formats::write_all(&args.formats, AnswerFormatName::Pretty, console, |form, style, out| match form {
        AnswerFormatName::Pretty => write_checks_text(&rows, style, out),
        AnswerFormatName::Json => write_checks_json(&rows, out),
    })?;
    let fails = rows.iter().any(|row| row.verdict == CheckVerdict::Fails);
    Ok(if fails { Exit::Environment } else { Exit::Fine })
}

fn row(check: Check) -> CheckRow {
    let verdict = match check.verdict {
        Verdict::Works => CheckVerdict::Works,
        Verdict::Lacks => CheckVerdict::Lacks,
        Verdict::Fails => CheckVerdict::Fails,
    };
    CheckRow { name: check.name.to_owned(), verdict, found: check.found, mend: check.mend }
}

fn works(name: &str, found: &str) -> CheckRow {
    CheckRow { name: name.to_owned(), verdict: CheckVerdict::Works, found: found.to_owned(), mend: None }
}

fn network(settings: &UserSettings) -> &'static str {
    match settings.network {
        Some(NetworkSetting::None) => "RUN has none, by your settings",
        Some(NetworkSetting::Host) | None => "RUN has this machine's, unless --network none cuts it off",
    }
}

fn registries(settings: &UserSettings) -> String {
    let told = settings.registries.iter().map(|(name, registry)| {
        let mirrors = match registry.mirrors.is_empty() {
            true => String::new(),
            false => format!(" by way of {}", registry.mirrors.join(", ")),
        };
        format!("{name}{mirrors}{}", if registry.insecure { " without TLS" } else { "" })
    });
    let told: Vec<String> = told.collect();
    match told.is_empty() {
        true => "as image names say, over TLS; nothing else is set".to_owned(),
        false => told.join("; "),
    }
}
