//! Copy the dependency manifests, install, then copy the sources: an edit of the sources leaves the install cached.
//!
//! Looks, in each stage, for a COPY from the build context that brings more than a later install reads. Moves that COPY
//! below the install and puts a COPY of the manifests alone in its place. Deliberately refuses fused RUNs, patterns and
//! ADD; those need other rewrites first.

use std::collections::{BTreeMap, BTreeSet};

use crate::effect::command::CommandEffect;
use crate::effect::instruction::{of_instruction, of_run, workdir_before};
use crate::effect::transfer::{Brought, brought};
use crate::effect::{Action, EffectSet, PackageManager, PathSet, Split, exchange, paths, split};
use crate::model::{Base, BuildContext, Instruction, Operation, Resolved, Stage, Surroundings};
use crate::rewrite::change::{Change, Changed, keyword_like};
use crate::rewrite::search::Found;
use crate::rewrite::{Class, Proposal, Refusal, Rewrite, ids, manifests};
use crate::syntax::{ItemKind, Tree};
use crate::text::EditSet;

pub(super) const REWRITE: Rewrite =
    Rewrite { id: ids::HOIST_MANIFESTS, page: include_str!("../../rules/rewrite/hoist-manifests.yaml"), find };

fn find(resolved: &Resolved, around: &Surroundings, found: &mut Found) {
    let Some(context) = around.context.as_deref() else { return };
    for stage in &resolved.model.stages {
        for (index, instruction) in stage.instructions.iter().enumerate() {
            if !matches!(instruction.operation, Operation::Run(_)) {
                continue;
            }
            let workdir = workdir_before(resolved, around, stage.id, index);
            let Ok(commands) = of_run(resolved, around, stage, index) else { continue };
            if !commands.iter().any(|command| command.action == Action::Install && !command.manifests.is_empty()) {
                continue;
            }
            let site = Site { resolved, around, context, stage, index, workdir };
            match site.hoist(&commands) {
                Ok(Some((proposal, changed))) => found.propose(proposal, changed),
                Ok(None) => {}
                Err(refusal) => found.refuse(refusal),
            }
        }
    }
}

/// An install and where it stands.
struct Site<'a> {
    resolved: &'a Resolved,
    around: &'a Surroundings,
    context: &'a dyn BuildContext,
    stage: &'a Stage,
    /// The index of the RUN in the stage.
    index: usize,
    workdir: Option<String>,
}

/// The COPY that brings the manifests together with more.
struct Culprit {
    index: usize,
    brought: Brought,
}

impl Site<'_> {
    fn install(&self) -> &Instruction {
        &self.stage.instructions[self.index]
    }

    fn refuse(&self, instruction: &Instruction, reason: impl Into<String>) -> Refusal {
        Refusal { span: instruction.span, id: ids::HOIST_MANIFESTS, reason: reason.into(), help: None }
    }

    /// The proposal for this install; none when there is nothing to gain.
    fn hoist(&self, commands: &[CommandEffect]) -> Result<Option<(Proposal, Changed)>, Refusal> {
        let Some(command) = commands.iter().find(|command| !command.manifests.is_empty()) else { return Ok(None) };
        let Some(manager) = command.manager else { return Ok(None) };
        let Some(culprit) = self.culprit(command)? else { return Ok(None) };
        let named = self.context_paths(&command.manifests, &culprit.brought);
        let manifests = match manifests::read(manager, &named, self.context) {
            Ok(manifests) => manifests,
            Err(reason) => return Err(self.refuse(self.install(), reason)),
        };
        let mut first = BTreeSet::new();
        for path in &manifests.paths {
            match culprit.brought.target_of(path) {
                Some(target) => first.insert(target.to_owned()),
                None => return Err(self.refuse(self.install(), format!("`{path}` is not in what the COPY brings"))),
            };
        }
        if culprit.brought.paths.keys().all(|target| first.contains(target)) {
            return Ok(None);
        }
        let mut effect = commands.iter().fold(EffectSet::default(), |all, one| all.then(one.effect.clone()));
        for path in &first {
            effect.reads = effect.reads.union(PathSet::path(path));
        }
        self.legal(&culprit, &first, &effect, manager)?;
        let changed = self.change(&culprit, &manifests)?;
        Ok(Some((self.proposal(&culprit, manager, &manifests), changed)))
    }

    /// The last COPY before the install that brings a file which the install is told to read.
    fn culprit(&self, command: &CommandEffect) -> Result<Option<Culprit>, Refusal> {
        for index in (0..self.index).rev() {
            let instruction = &self.stage.instructions[index];
            if !matches!(instruction.operation, Operation::Copy(_) | Operation::Add(_)) {
                continue;
            }
            let workdir = workdir_before(self.resolved, self.around, self.stage.id, index);
            match brought(&instruction.operation, workdir.as_deref(), self.resolved, self.context) {
                Ok(brought) if command.manifests.iter().any(|path| brought.paths.contains_key(path)) => {
                    return Ok(Some(Culprit { index, brought }));
                }
                Ok(_) => {}
                Err(reason) if from_context(instruction) => return Err(self.refuse(instruction, reason)),
                Err(_) => {}
            }
        }
        Ok(None)
    }

    /// The context paths behind absolute paths in the image; what is not brought would be looked for beside it.
    fn context_paths(&self, targets: &[String], brought: &Brought) -> Vec<String> {
        targets.iter().filter_map(|target| brought.paths.get(target).cloned()).collect()
    }

    fn legal(
        &self,
        culprit: &Culprit,
        first: &BTreeSet<String>,
        effect: &EffectSet,
        manager: PackageManager,
    ) -> Result<(), Refusal> {
        let moved = of_instruction(self.resolved, self.around, self.stage, culprit.index);
        for between in culprit.index + 1..self.index {
            let other = of_instruction(self.resolved, self.around, self.stage, between);
            if let Err(conflict) = exchange(&moved, &other) {
                let passed = &self.stage.instructions[between];
                return Err(self.refuse(passed, format!("the COPY may not move below this line: {conflict}")));
            }
        }
        let brought = culprit.brought.targets();
        let destination = match culprit.brought.into_directory {
            true => culprit.brought.destination.as_str(),
            false => "/",
        };
        let question = Split { brought: &brought, destination, first, command: effect };
        split(&question).map_err(|breach| {
            let mut refusal = self.refuse(self.install(), breach.to_string());
            if manager == PackageManager::Npm && breach.to_string().contains("node_modules") {
                refusal.help = Some("add `node_modules` to .dockerignore".to_owned());
            }
            refusal
        })
    }

    /// The manifests take the place of the COPY, which moves below the install.
    fn change(&self, culprit: &Culprit, manifests: &manifests::Manifests) -> Result<Changed, Refusal> {
        let copy = &self.stage.instructions[culprit.index];
        let mut change = Change::of(self.resolved);
        change.insert_before(self.install(), self.manifest_lines(culprit, manifests));
        change.move_after(copy, self.install());
        change.finish().map_err(|_| self.refuse(copy, "it holds bytes that are not UTF-8"))
    }

    fn proposal(&self, culprit: &Culprit, manager: PackageManager, manifests: &manifests::Manifests) -> Proposal {
        let copy = &self.stage.instructions[culprit.index];
        let (because, assumed) = self.argument(culprit, manager, manifests);
        Proposal {
            id: ids::HOIST_MANIFESTS,
            class: Class::Same,
            claim: "same files, same config".to_owned(),
            span: copy.span.to(self.install().span),
            edits: EditSet::new(),
            because,
            assumed,
            notes: manifests.notes.clone(),
            gain: None,
        }
    }

    /// One COPY per directory of manifests, with the flags of the COPY that it is taken from.
    fn manifest_lines(&self, culprit: &Culprit, manifests: &manifests::Manifests) -> Vec<String> {
        let tree = &self.resolved.model.tree;
        let copy = &self.stage.instructions[culprit.index];
        let mut by_directory = BTreeMap::<String, Vec<&str>>::new();
        for path in &manifests.paths {
            let target = culprit.brought.target_of(path).expect("every manifest was found among what the COPY brings");
            let directory = target.rfind('/').map_or("/", |end| &target[..end.max(1)]).to_owned();
            by_directory.entry(directory).or_default().push(path);
        }
        let keyword = keyword_like(tree, copy, "COPY");
        let flags = flags_of(tree, copy);
        let line = |(directory, files): (String, Vec<&str>)| {
            let destination = match &self.workdir {
                Some(workdir) if *workdir == directory => "./".to_owned(),
                Some(workdir) if paths::is_below(&directory, workdir) && workdir != "/" => {
                    format!("{}/", &directory[workdir.len() + 1..])
                }
                _ => format!("{}/", directory.trim_end_matches('/')),
            };
            format!("{keyword} {flags}{} {destination}", files.join(" "))
        };
        by_directory.into_iter().map(line).collect()
    }

    fn argument(
        &self,
        culprit: &Culprit,
        manager: PackageManager,
        manifests: &manifests::Manifests,
    ) -> (Vec<String>, Vec<String>) {
        let directory = &culprit.brought.destination;
        let files = manifests.paths.iter().cloned().collect::<Vec<_>>().join(", ");
        let (tool, why, prefix) = match manager {
            PackageManager::Pip => ("pip", " (no -e, local path or further file in it)", "PIP_"),
            PackageManager::Npm => ("npm", " (no lifecycle script, workspace or local path in them)", "npm_config_"),
            PackageManager::Go => ("go", " (no vendor directory, workspace or local replacement)", "GO"),
            _ => ("the installer", "", ""),
        };
        let writes = match manager {
            PackageManager::Npm => {
                format!("npm writes only node_modules below {directory}, which the build context does not hold")
            }
            _ => format!("{tool} writes nothing below {directory}"),
        };
        let because = vec![
            format!("{tool} reads {files} and nothing else below {directory}{why}"),
            format!("{writes}; the second COPY brings {files} unchanged"),
        ];
        let assumed = match &self.resolved.bases[self.stage.id.0] {
            Base::Image(reference) if !self.around.images.contains_key(reference) => {
                vec![format!(
                    "{reference} runs as root, sets no {prefix} variable and has no interpreter below {directory} (image not at hand)"
                )]
            }
            _ => Vec::new(),
        };
        (because, assumed)
    }
}

fn from_context(instruction: &Instruction) -> bool {
    !matches!(&instruction.operation, Operation::Copy(copy) if copy.from.is_some())
}

/// The flags of an instruction as written, each followed by a blank.
fn flags_of(tree: &Tree, instruction: &Instruction) -> String {
    let ItemKind::Instruction(written) = &tree.items[instruction.item].kind else { return String::new() };
    written.flags.iter().map(|flag| format!("{} ", tree.source.slice(flag.span))).collect()
}
