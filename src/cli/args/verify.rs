//! `optimize --verify`: what is to be shown by building, and what that building needs.

use clap::{ArgGroup, Args};

use super::build::{NetworkName, build_context};
use super::handed_in::{AgentSpec, SecretSpec, agent_spec, secret_spec};

/// Showing by building that a rewritten file gives the same image.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("proof").multiple(true))]
#[command(next_help_heading = "Verification")]
pub(in crate::cli) struct VerifyArgs {
    /// Build the file as it is twice and the rewritten one once, and compare files and config; exit 1 if anything
    /// differs that was not declared. With --write, what passed is written
    #[arg(long, group = "proof")]
    pub(in crate::cli) verify: bool,

    /// Verify, and build the last N commits of the build context with both files, each with a cache of its own
    #[arg(long, value_name = "N", group = "proof", value_parser = clap::value_parser!(u16).range(2..))]
    pub(in crate::cli) replay: Option<u16>,

    /// What NAME means in FROM and --from: oci-layout://PATH[:TAG] or docker-image://REFERENCE; repeatable
    #[arg(long = "build-context", value_name = "NAME=VALUE", requires = "proof", value_parser = build_context)]
    pub(in crate::cli) build_contexts: Vec<(String, String)>,

    /// A secret for RUN --mount=type=secret: id=ID[,src=FILE|,env=VARIABLE]; repeatable
    #[arg(long = "secret", value_name = "SPEC", requires = "proof", value_parser = secret_spec)]
    pub(in crate::cli) secrets: Vec<SecretSpec>,

    /// An ssh agent for RUN --mount=type=ssh: ID[=SOCKET], by default that of SSH_AUTH_SOCK; repeatable
    #[arg(long = "ssh", value_name = "ID[=SOCKET]", requires = "proof", value_parser = agent_spec)]
    pub(in crate::cli) agents: Vec<AgentSpec>,

    /// How many steps may run at once [default: twice the processors, at least 4]
    #[arg(long, value_name = "N", requires = "proof", value_parser = clap::value_parser!(u16).range(1..))]
    pub(in crate::cli) jobs: Option<u16>,

    /// What of the network RUN sees where it says nothing itself
    #[arg(long, value_name = "NETWORK", value_enum, requires = "proof")]
    pub(in crate::cli) network: Option<NetworkName>,
}

impl VerifyArgs {
    /// Whether anything is to be built.
    pub(in crate::cli) fn is_wanted(&self) -> bool {
        self.verify || self.replay.is_some()
    }
}
