//! Putting a new version of a file in place of the old one: all of it or nothing.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use crate::cli::exit::{Answer, Failure};
use crate::cli::input;

/// Replaces the content of the file at `path`. A link is followed and stays, mode and owner stay, and whoever reads the
/// file meanwhile sees the old version or the new one.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Answer<()> {
    let cannot = |error: io::Error| {
        Failure::environment(format_args!("cannot write `{}`: {}", path.display(), input::reason(&error)))
    };
    try_replace(path, bytes).map_err(cannot)
}

/// Writes a file that may be there already: then it is replaced.
pub(super) fn put(path: &Path, bytes: &[u8]) -> Answer<()> {
    let cannot = |error: io::Error| {
        Failure::environment(format_args!("cannot write `{}`: {}", path.display(), input::reason(&error)))
    };
    match try_replace(path, bytes) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => try_start(path, bytes, false).map_err(cannot),
        result => result.map_err(cannot),
    }
}

/// Writes a file that must not be there yet, whoever else may write meanwhile.
pub(super) fn start(path: &Path, bytes: &[u8]) -> Answer<()> {
    try_start(path, bytes, true).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Failure::usage(format_args!("there is a file `{}` already", path.display())),
        _ => Failure::environment(format_args!("cannot write `{}`: {}", path.display(), input::reason(&error))),
    })
}

/// Writes a file that may not be there yet.
pub(super) fn create(path: &Path, bytes: &[u8]) -> Answer<()> {
    fs::write(path, bytes).map_err(|error| {
        Failure::environment(format_args!("cannot write `{}`: {}", path.display(), input::reason(&error)))
    })
}

fn try_replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let target = fs::canonicalize(path)?;
    let folder = target.parent().ok_or(io::ErrorKind::IsADirectory)?;
    let mut file = tempfile::Builder::new().prefix(".rplan-").tempfile_in(folder)?;
    file.write_all(bytes)?;
    keep_identity(file.as_file(), &fs::metadata(&target)?)?;
    file.as_file().sync_all()?;
    file.persist(&target)?;
    Ok(())
}

/// A new file that appears as a whole, with the mode of any new file.
fn try_start(path: &Path, bytes: &[u8], must_be_new: bool) -> io::Result<()> {
    let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.prefix(".rplan-").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    match must_be_new {
        true => file.persist_noclobber(path)?,
        false => file.persist(path)?,
    };
    Ok(())
}

/// Gives a new file the owner and the mode of the one it replaces.
fn keep_identity(file: &File, old: &fs::Metadata) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        let new = file.metadata()?;
        if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
            fchown(file, Some(old.uid()), Some(old.gid()))?;
        }
    }
    // After the owner: changing that takes setuid bits away.
    file.set_permissions(old.permissions())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn mode_and_link_stay_and_nothing_is_left_beside() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let (file, link) = (folder.path().join("Dockerfile"), folder.path().join("link"));
        fs::write(&file, "old").expect("a file");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).expect("a mode");
        symlink("Dockerfile", &link).expect("a link");
        replace(&link, b"new").expect("it can be written");
        assert_eq!(fs::read(&file).expect("the file"), b"new");
        assert_eq!(fs::metadata(&file).expect("the file").permissions().mode() & 0o7777, 0o640);
        assert!(fs::symlink_metadata(&link).expect("the link").is_symlink());
        assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 2);
    }

    #[test]
    fn a_new_file_has_the_mode_of_any_and_a_folder_that_is_gone_is_told() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let mode = |name: &str| fs::metadata(folder.path().join(name)).expect("the file").permissions().mode();
        create(&folder.path().join("any"), b"x").expect("it can be written");
        put(&folder.path().join("new"), b"x").expect("it can be written");
        put(&folder.path().join("new"), b"y").expect("it can be written again");
        assert_eq!(fs::read(folder.path().join("new")).expect("the file"), b"y");
        assert_eq!((mode("new"), fs::read_dir(folder.path()).expect("the folder").count()), (mode("any"), 2));
        assert!(put(&folder.path().join("gone/new"), b"x").is_err());
        assert!(start(&folder.path().join("new"), b"z").is_err());
        assert_eq!(fs::read(folder.path().join("new")).expect("the file"), b"y");
    }

    #[test]
    fn a_file_that_is_gone_is_the_environments_doing() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let failure = replace(&folder.path().join("gone"), b"x").expect_err("there is none");
        assert!(matches!(failure, Failure::Said { exit: crate::cli::exit::Exit::Environment, .. }));
    }
}
