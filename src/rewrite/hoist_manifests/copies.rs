//! What the COPYs above an install bring from the build context, and from which of them each path comes.

use std::collections::BTreeSet;

use crate::effect::ecosystem::Manifests;
use crate::effect::instruction::workdir_before;
use crate::effect::paths;
use crate::effect::transfer::{Brought, brought};
use crate::model::{Instruction, Operation};
use crate::rewrite::Refusal;
use crate::rewrite::hoist_manifests::Site;

/// A COPY or ADD from the build context.
pub(super) struct Copied {
    /// Its index in the stage.
    pub(super) index: usize,
    pub(super) brought: Brought,
}

/// The COPYs and ADDs from the build context above an install, in order.
pub(super) struct Copies {
    pub(super) all: Vec<Copied>,
}

impl Copies {
    /// Those above the install. One that is not understood counts as none if nothing above it matters.
    pub(super) fn above(site: &Site<'_>) -> Result<Self, Refusal> {
        let mut all = Vec::new();
        for index in (0..site.index).rev() {
            let instruction = &site.stage.instructions[index];
            if !from_context(instruction) {
                continue;
            }
            let workdir = workdir_before(site.resolved, site.around, site.stage.id, index);
            match brought(&instruction.operation, workdir.as_deref(), site.resolved, site.context) {
                Ok(brought) => all.push(Copied { index, brought }),
                Err(reason) if all.is_empty() => return Err(site.refuse(instruction, reason)),
                Err(_) => break,
            }
        }
        all.reverse();
        Ok(Self { all })
    }

    /// The context path of what stands at `target` after all of them.
    pub(super) fn winner(&self, target: &str) -> Option<String> {
        self.all.iter().rev().find_map(|copied| copied.brought.paths.get(target).cloned())
    }

    /// The context path that becomes a directory of the image.
    pub(super) fn source_of(&self, directory: &str) -> Option<String> {
        let whole = self.all.iter().rev().find_map(|copied| copied.brought.source_of(directory));
        whole.or_else(|| {
            let files = self.all.iter().rev().flat_map(|copied| &copied.brought.paths);
            let above = |path: &str| path.rfind('/').map_or(String::new(), |end| path[..end].to_owned());
            files
                .filter(|(target, _)| above(target) == directory.trim_end_matches('/'))
                .map(|(_, source)| above(source))
                .next()
        })
    }

    /// Where a directory of the context arrives, whether or not there is such a one.
    pub(super) fn target_of_directory(&self, source: &str) -> Option<String> {
        self.all.iter().rev().find_map(|copied| {
            let (target, root) = copied
                .brought
                .directories
                .iter()
                .find(|(_, root)| root.is_empty() || source == root || source.starts_with(&format!("{root}/")))?;
            Some(paths::join(target, source[root.len()..].trim_start_matches('/')))
        })
    }

    /// Which COPY brings a file last, and where to.
    pub(super) fn bringer(&self, source: &str) -> Option<(usize, String)> {
        let brought = |copied: &Copied| Some((copied.index, copied.brought.target_of(source)?.to_owned()));
        self.all.iter().rev().find_map(brought)
    }

    /// Which COPY brings a directory last.
    pub(super) fn bringer_of(&self, directory: &str) -> Option<usize> {
        let brings = |copied: &&Copied| copied.brought.target_of(directory).is_some();
        self.all.iter().rev().find(brings).map(|copied| copied.index)
    }

    /// Whether a COPY that stays brings the file to the same place.
    pub(super) fn brought_already(&self, source: &str, target: &str, stays: &dyn Fn(usize) -> bool) -> bool {
        let same = |copied: &&Copied| copied.brought.paths.get(target).is_some_and(|brought| brought == source);
        self.all.iter().filter(same).any(|copied| stays(copied.index))
    }

    /// Whether they bring anything beside these files.
    pub(super) fn bring_more_than(&self, named: &[String]) -> bool {
        self.all.iter().flat_map(|copied| copied.brought.paths.values()).any(|source| !named.contains(source))
    }

    /// Where the manifests arrive, or which of them does not.
    pub(super) fn targets(&self, manifests: &Manifests) -> Result<BTreeSet<String>, String> {
        let mut targets = BTreeSet::new();
        for path in &manifests.paths {
            match self.bringer(path) {
                Some((_, target)) => targets.insert(target),
                None => return Err(format!("`{path}` is not in what the COPY brings")),
            };
        }
        for directory in &manifests.directories {
            let inside = |source: &str| source == directory || source.starts_with(&format!("{directory}/"));
            let all = self.all.iter().flat_map(|copied| &copied.brought.paths);
            targets.extend(all.filter(|(_, source)| inside(source)).map(|(target, _)| target.clone()));
        }
        Ok(targets)
    }
}

fn from_context(instruction: &Instruction) -> bool {
    match &instruction.operation {
        Operation::Copy(copy) => copy.from.is_none(),
        Operation::Add(_) => true,
        _ => false,
    }
}
