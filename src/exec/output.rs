//! What becomes of an image: names and registries, an archive, a layout, a file system, an image of a running Docker.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use super::blobs::StoreBlobs;
use super::chain::Chain;
use super::error::{Error, Result};
use super::files::with_files_of;
use super::finish::{full_names, keep};
use super::pack::pack_tree;
use super::request::{Destination, Output};
use super::rootless::is_in_user_namespace;
use super::stored::{send, target};
use crate::event::Event;
use crate::model::image_ref::ImageRef;
use crate::oci;
use crate::oci::archive::{Format, save, write};
use crate::oci::registry::Registries;
use crate::oci::{Image, ImageName, Layout};
use crate::store::Store;
use crate::tree::Root;
use crate::tree::Time;
use crate::tree::copy::{Arrival, copy};
use crate::tree::select::SourceTree;
use crate::tree::times::clamp_times;

/// The programs that an image can be handed to.
const LOADERS: [&str; 2] = ["docker", "podman"];

/// An image and all that outputs are made of.
#[derive(Clone, Copy)]
pub(super) struct Finished<'a> {
    pub(super) store: &'a Store,
    pub(super) image: &'a Image,
    pub(super) names: &'a [ImageName],
    /// Its file system.
    pub(super) chain: &'a Chain,
    /// No time in a file system that is written is later.
    pub(super) newest: Option<i64>,
}

impl Finished<'_> {
    /// Writes `output`, and says what that was: one thing, or one for each name.
    pub(super) fn write(
        &self,
        output: &Output,
        registries: Option<&Registries>,
        say: &(dyn Fn(Event) + Sync),
    ) -> Result<Vec<String>> {
        match output {
            Output::Image { names, push } => self.keep(names, registries.filter(|_| *push), say),
            other => Ok(vec![self.write_files(other)?]),
        }
    }

    /// Keeps the image under `names`, and pushes it to each where there are registries for it.
    fn keep(
        &self,
        names: &[String],
        registries: Option<&Registries>,
        say: &(dyn Fn(Event) + Sync),
    ) -> Result<Vec<String>> {
        let full = full_names(names)?;
        keep(self.store, self.image, self.chain, &full)?;
        let Some(registries) = registries else {
            return Ok(full.iter().map(|name| format!("image {} in rplan's store", name.familiar())).collect());
        };
        let targets = names.iter().map(|name| target(name)).collect::<Result<Vec<_>>>()?;
        let push = |target: &ImageRef| {
            send(self.store, registries, self.image, target, say)?;
            Ok(format!("{target} in its registry, {}", self.image.digest()))
        };
        targets.iter().map(push).collect()
    }

    fn write_files(&self, output: &Output) -> Result<String> {
        match output {
            Output::Image { .. } => unreachable!("an image is kept, not written to files"),
            Output::Oci { dest: Destination::Path(path), archive: false } => {
                let layout = Layout::create(path)?;
                oci::copy(self.image, &StoreBlobs(self.store), &layout, &|_| {})?;
                layout.publish(self.image, self.names)?;
                Ok(format!("OCI layout {}", path.display()))
            }
            Output::Oci { dest, .. } => self.archive(dest, Format::Oci, "OCI archive"),
            Output::Docker(dest) => self.archive(dest, Format::Docker, "Docker archive"),
            Output::Tar(dest) => self.tar(dest),
            Output::Local(path) => self.local(path),
        }
    }

    /// Hands the image to the first running program that takes it, and says which that was.
    pub(super) fn load(&self) -> Result<String> {
        let is_running = |program: &&&str| {
            let asked = Command::new(program).arg("info").stdout(Stdio::null()).stderr(Stdio::null()).status();
            asked.is_ok_and(|status| status.success())
        };
        let Some(program) = LOADERS.iter().find(is_running) else {
            let message = "neither docker nor podman is running here: nothing to load the image into".to_owned();
            return Err(Error::io("load the image")(io::Error::other(message)));
        };
        let failed = || Error::io(format!("run {program} load"));
        let mut child = Command::new(program)
            .arg("load")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(failed())?;
        let stdin = child.stdin.take().expect("standard input is piped");
        let written = write(BufWriter::new(stdin), Format::Docker, self.image, self.names, &StoreBlobs(self.store));
        let ended = child.wait_with_output().map_err(failed())?;
        if !ended.status.success() {
            let said = String::from_utf8_lossy(&ended.stderr).trim().to_owned();
            return Err(failed()(io::Error::other(said)));
        }
        written?;
        Ok((*program).to_owned())
    }

    fn archive(&self, dest: &Destination, format: Format, what: &str) -> Result<String> {
        let layers = StoreBlobs(self.store);
        match dest {
            Destination::Path(path) => {
                make_parent(path)?;
                save(path, format, self.image, self.names, &layers)?;
                Ok(format!("{what} {}", path.display()))
            }
            Destination::Stdout => {
                write(BufWriter::new(io::stdout().lock()), format, self.image, self.names, &layers)?;
                Ok(format!("{what} on standard output"))
            }
        }
    }

    fn tar(&self, dest: &Destination) -> Result<String> {
        self.with_root(|root| match dest {
            Destination::Path(path) => {
                make_parent(path)?;
                let failed = || Error::io(format!("write {}", path.display()));
                let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
                let file = tempfile::NamedTempFile::new_in(directory.unwrap_or(Path::new("."))).map_err(failed())?;
                let mut file = pack_tree(root, self.newest, BufWriter::new(file))?;
                file.flush().map_err(failed())?;
                let file = file.into_inner().map_err(|error| failed()(error.into_error()))?;
                make_readable(file.as_file()).map_err(failed())?;
                file.persist(path).map_err(|error| failed()(error.error))?;
                Ok(format!("archive of the file system {}", path.display()))
            }
            Destination::Stdout => {
                let mut out = pack_tree(root, self.newest, BufWriter::new(io::stdout().lock()))?;
                out.flush().map_err(Error::io("write to standard output"))?;
                Ok("archive of the file system on standard output".to_owned())
            }
        })
    }

    fn local(&self, path: &Path) -> Result<String> {
        fs::create_dir_all(path).map_err(Error::io(format!("make {}", path.display())))?;
        self.with_root(|root| {
            let tree = SourceTree::of_stage(root);
            // Ids that only a user namespace gives a meaning to would be in the way of whoever wants the files.
            let arrival = Arrival { owner: is_in_user_namespace().then_some((0, 0)), ..Arrival::default() };
            copy(&tree, &tree.select(".")?, &Root::open(path)?, "/", &arrival)?;
            Ok(())
        })?;
        if let Some(seconds) = self.newest {
            clamp_times(path, Time { seconds, nanoseconds: 0 })?;
        }
        Ok(format!("files in {}", path.display()))
    }

    fn with_root<T: Send>(&self, use_it: impl FnOnce(&Root) -> Result<T> + Send) -> Result<T> {
        with_files_of(self.store, self.chain, use_it)
    }
}

/// Refuses what could not be written after all, before anything is built for it.
pub(super) fn check(output: &Output, may_push: bool) -> Result<()> {
    let Output::Image { names, push } = output else { return Ok(()) };
    if *push && !may_push {
        let message = "an image cannot be pushed by a build that may ask no registry".to_owned();
        return Err(Error::Wrong { message, span: None });
    }
    full_names(names).map(drop)
}

fn make_parent(path: &Path) -> Result<()> {
    match path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        Some(parent) => fs::create_dir_all(parent).map_err(Error::io(format!("make {}", parent.display()))),
        None => Ok(()),
    }
}

/// Temporary files are for their owner alone; a finished one is as others are.
fn make_readable(file: &File) -> io::Result<()> {
    file.set_permissions(<fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o644))
}
