//! What this machine can and cannot do for builds: found by trying, not by guessing from versions.
//!
//! Each file asks about one thing. Nothing here decides how that is shown.

mod building;
mod cgroups;
mod lent;
mod programs;
mod space;

use std::path::Path;

use super::backend::sandbox::{SCOPES_SOCKETS, Sandbox, landlock_abi};
use super::rootless::{self, Standing};

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What, in a word that stays the same between versions.
    pub name: &'static str,
    /// How it stands.
    pub verdict: Verdict,
    /// What was found, in a sentence.
    pub found: String,
    /// How to mend it.
    pub mend: Option<String>,
}

/// How a thing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is there.
    Works,
    /// It is not, and what needs it is left out.
    Lacks,
    /// It is not, and nothing can be built.
    Fails,
}

impl Check {
    fn works(name: &'static str, found: impl Into<String>) -> Self {
        Self { name, verdict: Verdict::Works, found: found.into(), mend: None }
    }

    fn lacks(name: &'static str, found: impl Into<String>, mend: &str) -> Self {
        Self { name, verdict: Verdict::Lacks, found: found.into(), mend: Some(mend.to_owned()) }
    }

    fn fails(name: &'static str, found: impl Into<String>, mend: &str) -> Self {
        Self { name, verdict: Verdict::Fails, found: found.into(), mend: Some(mend.to_owned()) }
    }
}

/// Looks at everything. `store` is where the store is or would be, `helper` the program that runs steps. To be called before any thread is started, since an
/// ordinary user becomes root of a namespace on the way.
pub fn examine(store: &Path, helper: &Path) -> Vec<Check> {
    let mut checks = vec![kernel()];
    checks.push(lent::check());
    let standing = rootless::enter();
    checks.push(standing_check(&standing));
    checks.push(space::check(store));
    if standing.is_ok()
        && let Some(place) = space::place(store)
    {
        checks.extend(building::checks(place, &Sandbox::new(helper)));
    }
    checks.push(landlock());
    checks.push(cgroups::check());
    checks.extend(programs::checks());
    checks
}

fn kernel() -> Check {
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    Check::works("kernel", format!("Linux {} on {}", release.trim(), std::env::consts::ARCH))
}

fn standing_check(standing: &std::io::Result<Standing>) -> Check {
    const NAME: &str = "user";
    match standing {
        Ok(Standing::Root) => Check::works(NAME, "root: files of every owner can be made"),
        Ok(Standing::Lent) => Check::works(NAME, "root of a user namespace: files of every lent owner can be made"),
        Ok(Standing::Alone { why }) => Check::lacks(
            NAME,
            format!("root of a user namespace with one id: only files of root can be made ({why})"),
            "have ids lent: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER, and install uidmap",
        ),
        Err(error) => Check::fails(
            NAME,
            error.to_string(),
            "allow user namespaces (user.max_user_namespaces above 0; kernel.unprivileged_userns_clone=1 on Debian; \
             kernel.apparmor_restrict_unprivileged_userns=0 on Ubuntu), or build as root",
        ),
    }
}

fn landlock() -> Check {
    const NAME: &str = "landlock";
    match landlock_abi() {
        Some(version) if version >= SCOPES_SOCKETS => {
            Check::works(NAME, format!("version {version}: steps cannot reach abstract sockets of this machine"))
        }
        found => Check::lacks(
            NAME,
            match found {
                Some(version) => {
                    format!("version {version}: too old to keep abstract sockets of this machine from steps")
                }
                None => "not in this kernel: steps on the machine's network can reach its abstract sockets".to_owned(),
            },
            "a kernel from 6.12 on with Landlock, or --network none",
        ),
    }
}
