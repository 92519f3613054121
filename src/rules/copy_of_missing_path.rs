//! COPY --from a stage of a path that neither its base has nor any of its steps makes. What steps make is known by their
//! effects, which say too much rather than too little; what a base has is known of `scratch`, and guessed of official
//! images: the usual directories of a Linux system, and nothing else at the root. Anything else is left alone.

use super::{Check, Cx, Out};
use crate::effect::instruction::{of_instruction, workdir_before};
use crate::effect::{PathSet, paths};
use crate::model::image_ref::ImageRef;
use crate::model::{Base, CopySource, Instruction, Operation, SourceRef, Stage, StageId};

pub(super) struct CopyOfMissingPath;

/// What is found at the root of official images.
const USUAL: &[&str] = &[
    "bin", "boot", "dev", "etc", "home", "lib", "lib32", "lib64", "libx32", "media", "mnt", "opt", "proc", "root",
    "run", "sbin", "srv", "sys", "tmp", "usr", "var",
];

/// Official images that bring nothing at the root but the usual, and what they bring besides.
const OFFICIAL: &[(&str, &[&str])] = &[
    ("library/alpine", &[]),
    ("library/debian", &[]),
    ("library/golang", &["go"]),
    ("library/node", &[]),
    ("library/python", &[]),
    ("library/ruby", &[]),
    ("library/rust", &[]),
    ("library/ubuntu", &[]),
];

impl Check for CopyOfMissingPath {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Operation::Copy(copy) = &instruction.operation else { return };
        let Some(SourceRef::Stage(from)) = cx.resolved.model.graph.reference(instruction.id, 0) else { return };
        let Some(name) = copy.from.as_ref().filter(|_| instruction.stage > Some(*from)) else { return };
        let Some(made) = made(*from, cx) else { return };
        for source in &copy.transfer.sources {
            let CopySource::Path(word) = source else { continue };
            let Some(path) = cx.resolved.known(word).map(|text| paths::join("/", text)) else { continue };
            let is_pattern = path.contains(['*', '?', '[', '\\']);
            if path == "/" || is_pattern || made.contains(&path) || !made.within(&path).is_empty() {
                continue;
            }
            let place = cx.stages()[from.0].instructions.first().map_or(instruction.span, |first| first.span);
            out.find(word.span(), format!("nothing in the stage `{}` makes `{path}`", name.value))
                .related(place, "the stage begins here")
                .help("copy a path that the stage makes");
        }
    }
}

/// The paths that a stage may have; none where that cannot be known.
fn made(stage: StageId, cx: &Cx<'_>) -> Option<PathSet> {
    let mut made = match &cx.resolved.bases[stage.0] {
        Base::Scratch => PathSet::empty(),
        Base::Stage(base) if *base < stage => made(*base, cx)?,
        Base::Image(name) if !cx.around.names_context(name, &cx.resolved.options.platform) => official(name)?,
        _ => return None,
    };
    if !cx.resolved.triggered(stage).is_empty() {
        return None;
    }
    let stage = &cx.stages()[stage.0];
    for (index, instruction) in stage.instructions.iter().enumerate().skip(1) {
        made = made.union(written(stage, index, instruction, cx)?);
    }
    Some(made)
}

/// What an official image has; none where it is another image.
fn official(name: &str) -> Option<PathSet> {
    let image = ImageRef::parse(name).ok().filter(|image| image.registry() == "docker.io")?;
    let (_, further) = OFFICIAL.iter().find(|(name, _)| *name == image.repository())?;
    let names = USUAL.iter().chain(*further);
    Some(names.fold(PathSet::empty(), |set, name| set.union(PathSet::below(&format!("/{name}")))))
}

/// The paths that an instruction may write.
fn written(stage: &Stage, index: usize, instruction: &Instruction, cx: &Cx<'_>) -> Option<PathSet> {
    let transfer = match &instruction.operation {
        Operation::Copy(copy) => &copy.transfer,
        Operation::Add(add) => &add.transfer,
        Operation::Run(_) | Operation::Workdir(_) => {
            let effect = of_instruction(cx.resolved, cx.around, stage, index);
            let ensured = effect.ensures.iter().fold(PathSet::empty(), |set, path| set.union(PathSet::path(path)));
            return (effect.barrier.is_none() && !effect.writes.is_everything()).then(|| effect.writes.union(ensured));
        }
        Operation::From(_) | Operation::Onbuild(_) => return None,
        Operation::Volume(volume) => {
            let known = volume.paths.iter().map(|word| cx.resolved.known(word).map(PathSet::below));
            return known.collect::<Option<Vec<_>>>().map(|all| all.into_iter().fold(PathSet::empty(), PathSet::union));
        }
        _ => return Some(PathSet::empty()),
    };
    let destination = cx.resolved.known(&transfer.destination)?;
    let directory = match destination.starts_with('/') {
        true => "/".to_owned(),
        false => workdir_before(cx.resolved, cx.around, stage.id, index)?,
    };
    Some(PathSet::below(&paths::join(&directory, destination)))
}
