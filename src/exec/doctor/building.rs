//! The two things that every build does, done once: laying one directory over another, and starting a step.

use std::fs;
use std::io;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;
use std::thread;

use super::super::backend::{Backend, Cancel, Io, Network, PreparedRun, Root, Status};
use super::super::overlay::{Mounted, Stack};
use super::super::rootless::is_in_user_namespace;
use super::Check;

/// Tries both in a new directory below `place`, which is on the store's file system.
pub(super) fn checks(place: &Path, backend: &dyn Backend) -> Vec<Check> {
    let room = match tempfile::tempdir_in(place) {
        Ok(room) => room,
        Err(error) => {
            let found = format!("nothing can be written to {}: {error}", place.display());
            return vec![Check::fails("overlay", found, "look at its permissions and its space")];
        }
    };
    vec![overlay(room.path()), step(room.path(), backend)]
}

fn overlay(room: &Path) -> Check {
    const NAME: &str = "overlay";
    let option = if is_in_user_namespace() { " (userxattr)" } else { "" };
    // A thread of its own, which takes its mounts with it.
    let tried = thread::scope(|scope| scope.spawn(|| lay_over(room)).join());
    match tried.unwrap_or_else(|_| Err(io::Error::other("the trial broke off"))) {
        Ok(()) => Check::works(NAME, format!("layers can be stacked in the store{option}")),
        Err(error) => Check::fails(
            NAME,
            format!("layers cannot be stacked in the store{option}: {error}"),
            "load the module overlay; put the store on ext4, xfs, btrfs or tmpfs; an ordinary user needs Linux 5.11",
        ),
    }
}

fn lay_over(room: &Path) -> io::Result<()> {
    let [lower, upper, work, at] = ["lower", "upper", "work", "at"].map(|name| room.join(name));
    [&lower, &upper, &work, &at].into_iter().try_for_each(fs::create_dir)?;
    fs::write(lower.join("file"), "")?;
    let mounted = Mounted::new(Stack { lowers: &[lower], upper: Some((&upper, &work)) }, &at)?;
    fs::remove_file(at.join("file"))?;
    mounted.unmount()?;
    match fs::symlink_metadata(upper.join("file"))?.file_type().is_char_device() {
        true => Ok(()),
        false => Err(io::Error::other("a removal leaves no mark")),
    }
}

/// A program that no empty root has: a step that gets as far as to look for it has everything else.
const PROGRAM: &str = "/program";

fn step(room: &Path, backend: &dyn Backend) -> Check {
    const NAME: &str = "step";
    let refused = [(Network::Host, "host"), (Network::None, "none")].into_iter().find_map(|(network, name)| {
        let why = start(&room.join(name), network, backend);
        (!why.contains(PROGRAM)).then_some(why)
    });
    match refused {
        None => Check::works(
            NAME,
            "namespaces, seccomp and capabilities are as RUN needs them, with the machine's network and without",
        ),
        Some(why) => Check::fails(
            NAME,
            format!("no step can start: {why}"),
            "in a container: let it make namespaces and mount /proc (docker run --security-opt seccomp=unconfined \
             --security-opt apparmor=unconfined --security-opt systempaths=unconfined)",
        ),
    }
}

/// Why a step that has nothing to run does not start.
fn start(room: &Path, network: Network, backend: &dyn Backend) -> String {
    let directory = |name: &str| room.join(name);
    let made = ["", "upper", "work", "at"].into_iter().try_for_each(|name| fs::create_dir(directory(name)));
    let cancel = made.and_then(|()| Cancel::new());
    let cancel = match cancel {
        Ok(cancel) => cancel,
        Err(error) => return error.to_string(),
    };
    let root = Root {
        lowers: Vec::new(),
        floor: None,
        upper: directory("upper"),
        work: directory("work"),
        mount_at: directory("at"),
    };
    let run = PreparedRun { network, ..PreparedRun::new(root, vec![PROGRAM.to_owned()]) };
    match backend.run(&run, &mut Io { line: &mut |_| {}, cancel: &cancel }).status {
        Status::CouldNotStart { why } => why,
        other => format!("{other:?}"),
    }
}
