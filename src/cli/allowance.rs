//! What steps are allowed: from what was typed to what the executor takes.

use std::collections::BTreeSet;

use crate::cli::args::{AllowanceArgs, EntitlementName, UlimitSpec};
use crate::cli::console::Console;
use crate::exec::Entitlement;
use crate::exec::backend::allowance::RESOURCES;
use crate::exec::backend::sandbox::{Group, Limits};
use crate::exec::backend::{Allowance, Ulimit};

/// Names and limits.
pub(super) fn allowance(args: &AllowanceArgs) -> Allowance {
    Allowance {
        hosts: args.hosts.clone(),
        ulimits: args.ulimits.iter().filter_map(ulimit).collect(),
        shm_size: args.shm_size,
    }
}

fn ulimit(UlimitSpec { name, soft, hard }: &UlimitSpec) -> Option<Ulimit> {
    let (_, resource) = RESOURCES.into_iter().find(|(known, _)| known == name)?;
    Some(Ulimit { resource, soft: *soft, hard: *hard })
}

/// The group that limits all steps together, if that was asked for. Where it cannot be, the build goes on without.
pub(super) fn group(args: &AllowanceArgs, console: &mut Console) -> Option<Group> {
    let limits = Limits { memory: args.memory, millicpus: args.cpus };
    if limits == Limits::default() && args.cgroup_parent.is_none() {
        return None;
    }
    let made = Group::new(limits, args.cgroup_parent.as_deref());
    if let Err(error) = &made {
        console.note(format_args!(
            "--memory, --cpus and --cgroup-parent have no effect here: {error} (`rplan doctor` says more)"
        ));
    }
    made.ok()
}

/// What reaches beyond the sandbox.
pub(super) fn entitlements(args: &AllowanceArgs) -> BTreeSet<Entitlement> {
    let entitlement = |name: &EntitlementName| match name {
        EntitlementName::NetworkHost => Entitlement::NetworkHost,
        EntitlementName::SecurityInsecure => Entitlement::SecurityInsecure,
        EntitlementName::Device => Entitlement::Device,
    };
    args.allowed.iter().map(entitlement).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::LIMITED;

    #[test]
    fn every_limit_that_can_be_typed_can_be_set() {
        assert_eq!(RESOURCES.map(|(name, _)| name), LIMITED);
    }
}
