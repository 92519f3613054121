//! The kernel's overlay, for tests that compare with it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::listing;
use crate::support::system::system_tests_run;

/// An overlay that can be mounted, changed and compared.
pub struct Overlay {
    directory: TempDir,
    /// What lies below, the topmost first.
    pub lowers: Vec<PathBuf>,
}

impl Overlay {
    /// An overlay over `layers`, the lowest first, each filled by its function.
    pub fn new(layers: &[&dyn Fn(&Path)]) -> Option<Self> {
        if !system_tests_run("root, to mount overlays") {
            return None;
        }
        let directory = TempDir::new().expect("a directory");
        let mut lowers = Vec::new();
        for (number, fill) in layers.iter().enumerate() {
            let lower = directory.path().join(number.to_string());
            fs::create_dir(&lower).expect("a directory");
            fill(&lower);
            lowers.insert(0, lower);
        }
        for name in ["upper", "work", "merged"] {
            fs::create_dir(directory.path().join(name)).expect("a directory");
        }
        Some(Self { directory, lowers })
    }

    /// Takes the changes.
    pub fn upper(&self) -> PathBuf {
        self.directory.path().join("upper")
    }

    /// Mounts the overlay, makes `changes` through it, and unmounts it; gives what it showed at the end.
    pub fn change(&self, changes: impl FnOnce(&Path)) -> Vec<String> {
        let merged = self.directory.path().join("merged");
        let lowers: Vec<_> = self.lowers.iter().map(|lower| lower.display().to_string()).collect();
        let work = self.directory.path().join("work");
        let options = format!(
            "lowerdir={},upperdir={},workdir={},redirect_dir=off,metacopy=off,index=off",
            lowers.join(":"),
            self.upper().display(),
            work.display()
        );
        run("mount", &["-t", "overlay", "overlay", "-o", &options, &merged.display().to_string()]);
        changes(&merged);
        let shown = listing(&merged);
        run("umount", &[&merged.display().to_string()]);
        shown
    }

    /// An overlay over this one: its changes lie below, as a snapshot's do.
    pub fn on_top(&self) -> Self {
        let top = Self::new(&[]).expect("this one could be made");
        let lowers = std::iter::once(self.upper()).chain(self.lowers.clone()).collect();
        Self { lowers, ..top }
    }
}

fn run(program: &str, arguments: &[&str]) {
    let output = Command::new(program).args(arguments).output().expect(program);
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}
