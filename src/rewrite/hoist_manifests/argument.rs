//! What is said for a proposal: why the same files come out, and what could not be looked at.

use crate::effect::ecosystem::Manifests;
use crate::model::Base;
use crate::rewrite::hoist_manifests::Site;
use crate::rewrite::hoist_manifests::copies::Copied;
use crate::rewrite::hoist_manifests::early::Install;
use crate::rewrite::{Class, Proposal, ids};

impl Site<'_> {
    pub(super) fn proposal(&self, moved: &[&Copied], install: &Install, manifests: &Manifests) -> Proposal {
        let proved = self.call.differs.is_empty() && manifests.doubts.is_empty();
        let claim = match (proved, self.call.differs) {
            (true, _) => "same files, same config".to_owned(),
            (false, "") => "same files, same config, if what is assumed holds".to_owned(),
            (false, differs) => format!("same config; {differs}"),
        };
        let first = &self.stage.instructions[moved[0].index];
        let mut assumed = manifests.doubts.clone();
        assumed.extend(self.assumed_of_the_base(install));
        let mut notes = manifests.notes.clone();
        if !self.ecosystem.locks.is_empty() && !manifests.paths.iter().any(|path| self.ecosystem.is_lock(path)) {
            notes.push(format!(
                "there is no {}: what the install resolves stays as it is until a manifest changes",
                self.ecosystem.locks.join(" or ")
            ));
        }
        let class = if proved { Class::Same } else { Class::Verify };
        Proposal {
            because: self.because(install, manifests),
            assumed,
            notes,
            ..Proposal::new(ids::HOIST_MANIFESTS, class, claim, first.span.to(self.install().span))
        }
    }

    fn because(&self, install: &Install, manifests: &Manifests) -> Vec<String> {
        let (tool, directory) = (self.ecosystem.tool, &install.command.directory);
        let files = manifests.paths.iter().chain(&manifests.directories).cloned().collect::<Vec<_>>().join(", ");
        let call = match self.is_early(install) {
            true => format!("`{}`", install.command.words.join(" ")),
            false => tool.to_owned(),
        };
        let premise = match self.ecosystem.premise {
            "" => String::new(),
            premise => format!(" ({premise})"),
        };
        let inside = |name: &&&str| install.effect.writes.contains(&crate::effect::paths::join(directory, name));
        let outputs: Vec<&str> = self.ecosystem.outputs.iter().filter(inside).copied().collect();
        let writes = match outputs.is_empty() {
            true => format!("{tool} writes nothing below {directory}"),
            false => format!(
                "{tool} writes only {} below {directory}, which the build context does not hold",
                outputs.join(" and ")
            ),
        };
        let mut because = vec![
            format!("{call} reads {files} and nothing else below {directory}{premise}"),
            format!("{writes}; the second COPY brings {files} unchanged"),
        ];
        if self.is_early(install) {
            because.push(format!("{tool} finds what was installed and does the rest when the sources are there"));
        }
        because
    }

    fn is_early(&self, install: &Install) -> bool {
        install.text.is_some()
    }

    fn assumed_of_the_base(&self, install: &Install) -> Option<String> {
        let directory = &install.command.directory;
        match &self.resolved.bases[self.stage.id.0] {
            Base::Image(reference) if !self.around.images.contains_key(reference) => Some(format!(
                "{reference} runs as root, sets no {} variable and has no interpreter below {directory} (image not at hand)",
                self.ecosystem.variables
            )),
            _ => None,
        }
    }
}
