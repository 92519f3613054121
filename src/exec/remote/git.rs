//! Commits of git repositories, through the `git` program.
//!
//! No configuration of the machine or the user is read, no hook and no file-system monitor is run, nothing is asked on a
//! terminal, and only the network's protocols are spoken, submodules included: a repository cannot name one on this
//! machine.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::super::error::{Error, Result};
use super::mirror::Mirror;
use super::reference::GitReference;
use super::{Fetcher, secrets};
use crate::digest::Hasher;
use crate::text::Span;
use crate::tree::{Kind, Walk};

/// What a repository is reached by.
const PROTOCOLS: &str = "git:http:https:ssh";

/// A commit that a repository has, or says that it has.
pub(in crate::exec) struct Commit {
    reference: GitReference,
    pub(super) id: String,
}

/// Which commit `reference` is now.
pub(super) fn pin(fetcher: &Fetcher<'_>, reference: GitReference, span: Span) -> Result<Commit> {
    if let Some(id) = reference.whole_id() {
        let id = id.to_ascii_lowercase();
        check(&reference, &[&id], span)?;
        return Ok(Commit { id, reference });
    }
    let git = Git { fetcher, reference: &reference, directory: None, span };
    let wanted = reference.wanted.as_deref().unwrap_or("HEAD");
    let peeled = format!("{wanted}^{{}}");
    let listing = git.run(&["ls-remote", "--", &reference.repository, wanted, &peeled])?;
    let lines: Vec<(&str, &str)> = listing.lines().filter_map(|line| line.split_once('\t')).collect();
    let named = |name: String| lines.iter().find(|(_, found)| *found == name).map(|(id, _)| *id);
    // A branch goes before a tag of the same name; a tag that is an object of its own stands for its commit.
    let candidates = [wanted.to_owned(), format!("refs/heads/{wanted}"), format!("refs/tags/{wanted}")];
    let found = candidates.into_iter().find_map(|name| {
        let direct = named(name.clone())?;
        Some((named(format!("{name}^{{}}")).unwrap_or(direct), direct))
    });
    let Some((id, direct)) = found else {
        return Err(git.failed(&format!("it has no branch, tag or commit `{wanted}`")));
    };
    check(&reference, &[id, direct], span)?;
    Ok(Commit { id: id.to_owned(), reference })
}

/// Checks what the id must begin with.
fn check(reference: &GitReference, ids: &[&str], span: Span) -> Result<()> {
    match &reference.checksum {
        Some(checksum) if !ids.iter().any(|id| id.starts_with(checksum.as_str())) => {
            let message = format!("{} is commit {}, not {checksum}", shown(&reference.repository), ids[0]);
            Err(Error::Wrong { message, span: Some(span) })
        }
        _ => Ok(()),
    }
}

impl Commit {
    /// Everything that all of its files depend on, whichever part of them is wanted.
    pub(in crate::exec) fn identify_tree(&self, hasher: &mut Hasher) {
        let GitReference { keeps_git_dir, skips_submodules, has_commit_times, subdirectory, .. } = &self.reference;
        hasher.field("commit");
        hasher.field(&self.id);
        // A part of a repository is no repository.
        let keeps_git_dir = *keeps_git_dir && subdirectory.is_empty();
        hasher.field([u8::from(keeps_git_dir), u8::from(*skips_submodules), u8::from(*has_commit_times)]);
        if keeps_git_dir {
            hasher.field(&self.reference.repository);
        }
    }

    pub(super) fn identify(&self, hasher: &mut Hasher) {
        let GitReference { subdirectory, keeps_git_dir, skips_submodules, has_commit_times: _, .. } = &self.reference;
        hasher.field("commit");
        hasher.field(&self.id);
        hasher.field(subdirectory);
        hasher.field([u8::from(*keeps_git_dir), u8::from(*skips_submodules)]);
        if *keeps_git_dir {
            hasher.field(&self.reference.repository);
        }
    }

    pub(super) fn shown(&self) -> String {
        shown(&self.reference.repository)
    }

    pub(in crate::exec) fn subdirectory(&self) -> &str {
        &self.reference.subdirectory
    }

    /// Checks the commit out into `directory`, which is empty.
    pub(in crate::exec) fn lay_out(&self, fetcher: &Fetcher<'_>, directory: &Path, span: Span) -> Result<()> {
        let reference = &self.reference;
        let git = Git { fetcher, reference, directory: Some(directory), span };
        git.run(&["init", "--quiet", "--template="])?;
        git.run(&["remote", "add", "--", "origin", &reference.repository])?;
        let mirror = Mirror::with(fetcher, reference, &self.id, span)?;
        git.run_here(mirror.path(), &["fetch", "--quiet", "--depth=1", "--no-tags"], &self.id)?;
        drop(mirror);
        git.run(&["checkout", "--quiet", "--force", "--detach", &self.id])?;
        if !reference.skips_submodules
            && directory.join(".gitmodules").symlink_metadata().is_ok_and(|found| found.is_file())
        {
            let update = ["submodule", "--quiet", "update", "--init", "--recursive", "--force"];
            if git.run(&[&update[..], &["--depth=1"]].concat()).is_err() {
                git.run(&update)?;
            }
        }
        let time = match reference.has_commit_times {
            true => git.run(&["show", "--no-patch", "--format=%ct", &self.id])?.trim().parse().unwrap_or(0),
            false => u64::try_from(jiff::Timestamp::now().as_second()).unwrap_or(0),
        };
        // A part of a repository is no repository.
        let keeps = reference.keeps_git_dir && reference.subdirectory.is_empty();
        tidy(directory, keeps)?;
        normalize(directory, SystemTime::UNIX_EPOCH + Duration::from_secs(time))
    }
}

/// Removes what is of no use, or differs each time; all of `.git` unless it is kept.
fn tidy(directory: &Path, keeps_git_dir: bool) -> Result<()> {
    let failed = || Error::io("tidy up a repository");
    let entries: Vec<_> = Walk::new(directory).collect::<Result<_, _>>()?;
    for entry in entries.iter().filter(|entry| entry.path.file_name().is_some_and(|name| name == ".git")) {
        let place = directory.join(&entry.path);
        match (&entry.kind, keeps_git_dir) {
            (Kind::Directory, false) => fs::remove_dir_all(&place).map_err(failed())?,
            // That of a submodule.
            (_, false) => fs::remove_file(&place).map_err(failed())?,
            (Kind::Directory, true) => {
                for name in ["FETCH_HEAD", "ORIG_HEAD", "logs"] {
                    let path = place.join(name);
                    match path.is_dir() {
                        true => fs::remove_dir_all(&path).map_err(failed())?,
                        false if path.exists() => fs::remove_file(&path).map_err(failed())?,
                        false => {}
                    }
                }
            }
            (_, true) => {}
        }
    }
    Ok(())
}

/// Gives everything the mode that git knows, whatever the umask, and one time.
fn normalize(directory: &Path, time: SystemTime) -> Result<()> {
    let entries: Vec<_> = Walk::new(directory).collect::<Result<_, _>>()?;
    // From below, so that a directory's time is set when nothing in it changes any more.
    for entry in entries.iter().rev() {
        let mode = match &entry.kind {
            Kind::Directory => 0o755,
            Kind::File if entry.attributes.mode & 0o100 != 0 => 0o755,
            Kind::File => 0o644,
            _ => continue,
        };
        let place = directory.join(&entry.path);
        let set = fs::set_permissions(&place, fs::Permissions::from_mode(mode))
            .and_then(|()| File::open(&place)?.set_modified(time));
        set.map_err(Error::io(format!("set the mode of {}", entry.path.display())))?;
    }
    Ok(())
}

/// The `git` program at work on one repository.
pub(super) struct Git<'a> {
    pub(super) fetcher: &'a Fetcher<'a>,
    pub(super) reference: &'a GitReference,
    pub(super) directory: Option<&'a Path>,
    pub(super) span: Span,
}

impl Git<'_> {
    /// Runs it, and gives what it printed.
    pub(super) fn run(&self, arguments: &[&str]) -> Result<String> {
        self.run_speaking(PROTOCOLS, arguments.iter().map(OsStr::new))
    }

    /// Runs `arguments` with a repository on this machine and what is wanted of it.
    fn run_here(&self, repository: &Path, arguments: &[&str], wanted: &str) -> Result<String> {
        let rest = [OsStr::new("--"), repository.as_os_str(), OsStr::new(wanted)];
        self.run_speaking("file", arguments.iter().map(OsStr::new).chain(rest))
    }

    fn run_speaking<'w>(&self, protocols: &str, arguments: impl Iterator<Item = &'w OsStr>) -> Result<String> {
        if self.fetcher.cancel.is_cancelled() {
            return Err(Error::Cancelled);
        }
        let mut command = Command::new("git");
        command.args(["-c", "core.fsmonitor=", "-c", "core.hooksPath=/dev/null", "-c", "advice.detachedHead=false"]);
        command.args(arguments).stdin(Stdio::null()).current_dir(self.directory.unwrap_or(Path::new("/")));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("GIT_") {
                command.env_remove(name);
            }
        }
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_TERMINAL_PROMPT", "0");
        command.env("GIT_ALLOW_PROTOCOL", protocols).env("LC_ALL", "C").env("GIT_LFS_SKIP_SMUDGE", "1");
        command.env("GIT_SSH_COMMAND", "ssh -oBatchMode=yes").env_remove("SSH_ASKPASS");
        if let Some(agent) = self.fetcher.settings.agents.get("default") {
            command.env("SSH_AUTH_SOCK", agent);
        }
        if let Some((key, value)) = self.login()? {
            // Not as an argument, which every user of the machine could read.
            command.env("GIT_CONFIG_COUNT", "1").env("GIT_CONFIG_KEY_0", key).env("GIT_CONFIG_VALUE_0", value);
        }
        let output = command.output().map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => self.failed("there is no `git` program here: install git"),
            _ => Error::io("run git")(error),
        })?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(self.failed(&shown(said.trim())));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// The header that logs in to the host of the repository, for that host alone.
    fn login(&self) -> Result<Option<(String, String)>> {
        let Ok(url) = reqwest::Url::parse(&self.reference.repository) else { return Ok(None) };
        let Some(host) = url.host_str().filter(|_| url.scheme().starts_with("http")) else { return Ok(None) };
        let ids = [
            format!("GIT_AUTH_HEADER.{host}"),
            format!("GIT_AUTH_TOKEN.{host}"),
            "GIT_AUTH_HEADER".to_owned(),
            "GIT_AUTH_TOKEN".to_owned(),
        ];
        let basic = |token: &str| format!("basic {}", STANDARD.encode(format!("x-access-token:{token}")));
        let Some(value) = secrets::authorization(self.fetcher.settings, &ids, basic)? else { return Ok(None) };
        let origin = url.origin().ascii_serialization();
        Ok(Some((format!("http.{origin}/.extraHeader"), format!("Authorization: {value}"))))
    }

    fn failed(&self, why: &str) -> Error {
        Error::Fetch { what: shown(&self.reference.repository), why: why.to_owned(), span: self.span }
    }
}

/// A text with addresses in it, without the passwords in those.
pub(super) fn shown(text: &str) -> String {
    let hidden =
        |word: &str| match word.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.split_once('@')?))) {
            Some((scheme, (user, rest))) if !user.contains('/') => {
                format!("{scheme}://{}@{rest}", user.split(':').next().unwrap_or_default())
            }
            _ => word.to_owned(),
        };
    text.split(' ').map(hidden).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_not_shown() {
        let text = "fatal: unable to access 'https://me:secret@x.example/a.git/': refused";
        assert_eq!(shown(text), "fatal: unable to access 'https://me@x.example/a.git/': refused");
        assert_eq!(shown("git@x.example:a"), "git@x.example:a");
    }
}
