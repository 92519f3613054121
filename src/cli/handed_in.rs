//! `--secret` and `--ssh`: what was typed, looked for before any step begins.

use std::env;
use std::fs::File;
use std::path::{Path, PathBuf};

use crate::cli::args::{AgentSpec, SecretPlace, SecretSpec};
use crate::cli::exit::{Answer, Failure};
use crate::cli::input;
use crate::exec::SecretSource;

/// Where a secret is to be read from, if it can be.
pub(super) fn secret(SecretSpec { id, source }: &SecretSpec) -> Answer<(String, SecretSource)> {
    let place = match source {
        SecretPlace::SameName if env::var_os(id).is_some() => SecretSource::Variable(id.clone()),
        SecretPlace::SameName => SecretSource::File(PathBuf::from(id)),
        SecretPlace::File(path) => SecretSource::File(path.clone()),
        SecretPlace::Variable(name) => SecretSource::Variable(name.clone()),
    };
    match &place {
        SecretSource::Variable(name) if env::var_os(name).is_none() => {
            Err(Failure::usage(format_args!("--secret {id}: the variable {name} is not set")))
        }
        SecretSource::File(path) => match readable(path) {
            Ok(()) => Ok((id.clone(), place)),
            Err(why) => Err(Failure::usage(format_args!("--secret {id}: cannot read {}: {why}", path.display()))),
        },
        SecretSource::Variable(_) => Ok((id.clone(), place)),
    }
}

fn readable(path: &Path) -> Result<(), String> {
    let file = File::open(path).map_err(|error| input::reason(&error))?;
    let metadata = file.metadata().map_err(|error| input::reason(&error))?;
    if metadata.is_dir() { Err("it is a directory".to_owned()) } else { Ok(()) }
}

/// The socket of an agent.
pub(super) fn agent(AgentSpec { id, socket }: &AgentSpec) -> Answer<(String, PathBuf)> {
    let socket = socket.clone().or_else(|| env::var_os("SSH_AUTH_SOCK").map(PathBuf::from));
    let Some(socket) = socket else {
        return Err(Failure::usage(format_args!("--ssh {id}: no agent runs (SSH_AUTH_SOCK is not set): start one")));
    };
    let kind = socket.metadata().map_err(|error| {
        Failure::usage(format_args!("--ssh {id}: cannot use {}: {}", socket.display(), input::reason(&error)))
    })?;
    match std::os::unix::fs::FileTypeExt::is_socket(&kind.file_type()) {
        true => Ok((id.clone(), socket)),
        false => Err(Failure::usage(format_args!(
            "--ssh {id}: {} is no socket: start an agent and add the key to it",
            socket.display()
        ))),
    }
}
