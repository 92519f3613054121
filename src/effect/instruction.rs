//! The effect of whole instructions, and the place that each runs in.

use std::collections::BTreeSet;

use crate::effect::command::{self, CommandEffect, Place};
use crate::effect::{Cell, EffectSet, PathSet, paths, transfer};
use crate::model::{
    Base, Command, Instruction, MountKind, Operation, Resolved, Run, Stage, StageId, Surroundings, Word,
};

/// Directories on PATH beside which every interpreter of the usual images lives.
const USUAL_PATH: &[&str] =
    &["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/go/bin", "/go/bin"];

/// The working directory just before the instruction at `index` of the stage; none when it comes from an unknown base.
pub fn workdir_before(resolved: &Resolved, around: &Surroundings, stage: StageId, index: usize) -> Option<String> {
    let mut workdir = match &resolved.bases[stage.0] {
        Base::Scratch => Some("/".to_owned()),
        Base::Stage(parent) => {
            let count = resolved.model.stage(*parent).instructions.len();
            workdir_before(resolved, around, *parent, count)
        }
        Base::Image(reference) => around.images.get(reference).map(|facts| paths::clean(&facts.config.workdir)),
        Base::Unknown => None,
    };
    for instruction in &resolved.model.stage(stage).instructions[..index] {
        if let Operation::Workdir(directory) = &instruction.operation {
            workdir = match resolved.known(&directory.path) {
                Some(path) if path.starts_with('/') => Some(paths::clean(path)),
                Some(path) => workdir.map(|base| paths::join(&base, path)),
                None => None,
            };
        }
    }
    workdir
}

/// The commands of a RUN with their effects, or why it may do anything.
pub fn of_run(run: &Run, workdir: Option<&str>, path: Option<&str>) -> Result<Vec<CommandEffect>, String> {
    if let Some(mount) =
        run.mounts.iter().find(|mount| !matches!(mount.kind, Some(MountKind::Cache | MountKind::Tmpfs)))
    {
        let kind = mount.option(&["type"]).map_or("bind", |word| word.raw.as_str());
        return Err(format!("it uses a mount of type {kind}"));
    }
    if run.security.is_some() || !run.devices.is_empty() {
        return Err("it runs with more rights than usual".to_owned());
    }
    let Some(workdir) = workdir else { return Err("its working directory comes from the base image".to_owned()) };
    let entries = path.unwrap_or_default().split(':').filter(|entry| !entry.is_empty() && !USUAL_PATH.contains(entry));
    // An interpreter in DIR/bin keeps its packages below DIR.
    let interpreters = entries.map(|entry| paths::clean(entry.strip_suffix("/bin").unwrap_or(entry))).collect();
    let place = Place { workdir: workdir.to_owned(), interpreters };
    match &run.command {
        Command::Shell { body, .. } | Command::Script { body, .. } => match body.script() {
            Some(script) => command::of_script(script, &place),
            None => Err("its shell text could not be parsed".to_owned()),
        },
        Command::Exec(_) => Err("a RUN in exec form is not modelled".to_owned()),
        Command::ShellWithHeredocs { .. } => Err("a RUN that feeds a heredoc to a command is not modelled".to_owned()),
    }
}

/// The effect of the instruction at `index` of the stage.
pub fn of_instruction(resolved: &Resolved, around: &Surroundings, stage: &Stage, index: usize) -> EffectSet {
    let instruction = &stage.instructions[index];
    let workdir = workdir_before(resolved, around, stage.id, index);
    match &instruction.operation {
        Operation::Run(run) => {
            let path = path_variable(resolved, instruction);
            match of_run(run, workdir.as_deref(), path.as_deref()) {
                Ok(effects) => effects.into_iter().fold(EffectSet::default(), |all, one| all.then(one.effect)),
                Err(reason) => EffectSet::unknown(reason),
            }
        }
        Operation::Copy(_) | Operation::Add(_) => of_transfer(resolved, around, instruction, workdir.as_deref()),
        Operation::Workdir(directory) => of_workdir(resolved, directory, workdir.as_deref()),
        Operation::Env(env) => {
            variables(env.pairs.iter().map(|pair| resolved.known(&pair.key).unwrap_or(pair.key.raw.as_str())))
        }
        Operation::Arg(args) => variables(args.iter().map(|arg| arg.name.value.as_str())),
        Operation::User(_) => EffectSet { cells_written: BTreeSet::from([Cell::User]), ..reads_variables() },
        Operation::Shell(_) => EffectSet { cells_written: BTreeSet::from([Cell::Shell]), ..EffectSet::default() },
        Operation::Onbuild(_) | Operation::From(_) => {
            EffectSet::unknown(format!("{} fixes what comes before it", instruction.keyword))
        }
        // Builders disagree on what becomes of a later write below a volume, so nothing may pass such a write.
        Operation::Volume(volume) => {
            volume.paths.iter().fold(config(instruction), |effect, path| match resolved.known(path) {
                Some(path) => EffectSet { reads: effect.reads.clone().union(PathSet::below(path)), ..effect },
                None => EffectSet::unknown("the path of a volume is unknown"),
            })
        }
        Operation::Cmd(_)
        | Operation::Entrypoint(_)
        | Operation::Expose(_)
        | Operation::Healthcheck(_)
        | Operation::Label(_)
        | Operation::Maintainer(_)
        | Operation::Stopsignal(_) => config(instruction),
    }
}

/// The value of PATH at an instruction, when a line of the file sets it.
pub fn path_variable(resolved: &Resolved, instruction: &Instruction) -> Option<String> {
    let variable = resolved.variable("PATH", instruction)?;
    let value = variable.value.as_ref()?;
    value.known().map(str::to_owned)
}

fn of_transfer(
    resolved: &Resolved,
    around: &Surroundings,
    instruction: &Instruction,
    workdir: Option<&str>,
) -> EffectSet {
    let Some(context) = around.context.as_deref() else { return EffectSet::unknown("the build context is unknown") };
    let brought = match transfer::brought(&instruction.operation, workdir, resolved, context) {
        Ok(brought) => brought,
        Err(reason) => return EffectSet::unknown(reason),
    };
    let Operation::Copy(copy) = &instruction.operation else { return EffectSet::unknown("ADD is not modelled") };
    let transfer = &copy.transfer;
    let mut effect = reads_variables();
    effect.writes = brought.paths.keys().fold(PathSet::empty(), |set, path| set.union(PathSet::path(path)));
    let plain = transfer.chown.is_none() && transfer.chmod.is_none();
    let directory = if brought.into_directory { brought.destination.as_str() } else { parent(&brought.destination) };
    match plain {
        true => effect.ensures = ancestors(directory),
        false => {
            effect.writes = ancestors(directory).iter().fold(effect.writes, |set, path| set.union(PathSet::path(path)))
        }
    }
    if is_relative(resolved, &transfer.destination) {
        effect.cells_read.insert(Cell::Workdir);
    }
    if transfer.chown.is_some() {
        effect.cells_read.insert(Cell::Accounts);
    }
    effect
}

fn of_workdir(resolved: &Resolved, directory: &crate::model::Workdir, workdir: Option<&str>) -> EffectSet {
    let path = match (resolved.known(&directory.path), workdir) {
        (Some(path), _) if path.starts_with('/') => paths::clean(path),
        (Some(path), Some(base)) => paths::join(base, path),
        _ => return EffectSet::unknown("the working directory is unknown"),
    };
    let mut effect = reads_variables();
    effect.ensures = ancestors(&path);
    effect.cells_read.extend([Cell::User, Cell::Workdir]);
    effect.cells_written.insert(Cell::Workdir);
    effect
}

fn reads_variables() -> EffectSet {
    EffectSet { cells_read: BTreeSet::from([Cell::AnyVariable]), ..EffectSet::default() }
}

fn variables<'a>(names: impl Iterator<Item = &'a str>) -> EffectSet {
    EffectSet { cells_written: names.map(|name| Cell::Variable(name.to_owned())).collect(), ..reads_variables() }
}

fn config(instruction: &Instruction) -> EffectSet {
    EffectSet { cells_written: BTreeSet::from([Cell::Config(instruction.keyword.as_str())]), ..reads_variables() }
}

fn is_relative(resolved: &Resolved, word: &Word) -> bool {
    !resolved.known(word).is_some_and(|path| path.starts_with('/'))
}

fn parent(path: &str) -> &str {
    path.rfind('/').map_or("/", |end| &path[..end.max(1)])
}

/// `path` and every directory above it, the root left out.
fn ancestors(path: &str) -> BTreeSet<String> {
    let ends = path.match_indices('/').map(|(at, _)| at).filter(|at| *at > 0).chain([path.len()]);
    ends.map(|end| path[..end].to_owned()).filter(|path| path != "/").collect()
}
