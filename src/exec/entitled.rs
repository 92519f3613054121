//! Whether a build may do what its RUNs ask for beyond their sandboxes: judged before any step begins.

use super::backend::Network;
use super::error::{Error, Result};
use super::request::{Entitlement, Settings};
use crate::plan::{self, Operation, Planned, Run, Step};

/// The first RUN of `planned` that asks for something that nobody has allowed.
pub(super) fn check(planned: &Planned, settings: &Settings) -> Result<()> {
    for step in &planned.steps {
        let Operation::Run(run) = &step.operation else { continue };
        for entitlement in asked_for(run, settings) {
            if !settings.entitlements.contains(&entitlement) {
                return Err(refused(step, run, entitlement));
            }
        }
    }
    Ok(())
}

fn asked_for(run: &Run, settings: &Settings) -> Vec<Entitlement> {
    let mut asked = Vec::new();
    if run.is_insecure() {
        asked.push(Entitlement::SecurityInsecure);
    }
    if !run.devices.is_empty() {
        asked.push(Entitlement::Device);
    }
    // Where the build has the host's network anyway, asking for it changes nothing.
    if run.network == plan::Network::Host && settings.network == Network::None {
        asked.push(Entitlement::NetworkHost);
    }
    asked
}

fn refused(step: &Step, run: &Run, entitlement: Entitlement) -> Error {
    let name = entitlement.name();
    let (what, span) = match entitlement {
        Entitlement::NetworkHost => ("asks for the host's network, which this build cuts off", step.span),
        Entitlement::SecurityInsecure => (
            "asks for every privilege that rplan has",
            run.security.as_ref().map_or(step.span, |security| security.span),
        ),
        Entitlement::Device => {
            ("asks for a device of this machine", run.devices.first().map_or(step.span, |device| device.span))
        }
    };
    Error::Wrong { message: format!("{} {what}: if you trust it, --allow {name}", step.name), span: Some(span) }
}
