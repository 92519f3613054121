//! The effect of whole instructions, and the place that each runs in.

use std::collections::BTreeSet;

use crate::effect::command::{self, CommandEffect, Place};
use crate::effect::{Cell, EffectSet, PathSet, paths, shared, transfer};
use crate::model::{Base, Command, Instruction, MountKind, Operation, Resolved, Stage, StageId, Surroundings, Word};

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

/// Whether the instruction at `index` of the stage runs as root. An image that is not at hand is taken to: whoever
/// proposes something on that ground says so.
fn runs_as_root(resolved: &Resolved, around: &Surroundings, stage: StageId, index: usize) -> bool {
    let stated = resolved.model.stage(stage).instructions[..index].iter().rev().find_map(|instruction| {
        match &instruction.operation {
            Operation::User(user) => Some(resolved.known(&user.user).map(str::to_owned)),
            _ => None,
        }
    });
    let is_root = |user: &str| ["", "0", "root"].contains(&user.split(':').next().unwrap_or(user));
    match (stated, &resolved.bases[stage.0]) {
        (Some(user), _) => user.is_some_and(|user| is_root(&user)),
        (None, Base::Stage(parent)) => {
            runs_as_root(resolved, around, *parent, resolved.model.stage(*parent).instructions.len())
        }
        (None, Base::Image(reference)) => around.images.get(reference).is_none_or(|facts| is_root(&facts.config.user)),
        (None, Base::Scratch) => true,
        (None, Base::Unknown) => false,
    }
}

/// Where the commands of the RUN at `index` of the stage run, or why it may do anything.
pub fn place_of(resolved: &Resolved, around: &Surroundings, stage: &Stage, index: usize) -> Result<Place, String> {
    let instruction = &stage.instructions[index];
    let Some(workdir) = workdir_before(resolved, around, stage.id, index) else {
        return Err("its working directory comes from the base image".to_owned());
    };
    let path = path_variable(resolved, instruction).unwrap_or_default();
    let entries = path.split(':').filter(|entry| !entry.is_empty() && !USUAL_PATH.contains(entry));
    Ok(Place {
        workdir,
        // An interpreter in DIR/bin keeps its packages below DIR.
        interpreters: entries.map(|entry| paths::clean(entry.strip_suffix("/bin").unwrap_or(entry))).collect(),
        variables: resolved.environment(instruction).into_keys().map(str::to_owned).collect(),
        is_root: runs_as_root(resolved, around, stage.id, index),
    })
}

/// The commands of the RUN at `index` of the stage with their effects, or why it may do anything.
pub fn of_run(
    resolved: &Resolved,
    around: &Surroundings,
    stage: &Stage,
    index: usize,
) -> Result<Vec<CommandEffect>, String> {
    let Operation::Run(run) = &stage.instructions[index].operation else { return Err("it is no RUN".to_owned()) };
    if let Some(mount) =
        run.mounts.iter().find(|mount| !matches!(mount.kind, Some(MountKind::Cache | MountKind::Tmpfs)))
    {
        let kind = mount.option(&["type"]).map_or("bind", |word| word.raw.as_str());
        return Err(format!("it uses a mount of type {kind}"));
    }
    if run.security.is_some() || !run.devices.is_empty() {
        return Err("it runs with more rights than usual".to_owned());
    }
    let place = place_of(resolved, around, stage, index)?;
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
        Operation::Run(_) => match of_run(resolved, around, stage, index) {
            Ok(effects) => effects.into_iter().fold(EffectSet::default(), |all, one| all.then(one.effect)),
            Err(reason) => EffectSet::unknown(reason),
        },
        Operation::Copy(_) | Operation::Add(_) => of_transfer(resolved, around, instruction, workdir.as_deref()),
        Operation::Workdir(directory) => {
            let is_root = runs_as_root(resolved, around, stage.id, index);
            of_workdir(resolved, directory, workdir.as_deref(), is_root)
        }
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
    let transfer = match &instruction.operation {
        Operation::Copy(copy) => &copy.transfer,
        Operation::Add(add) => &add.transfer,
        _ => return EffectSet::default(),
    };
    let mut effect = reads_variables();
    effect.writes = brought.paths.keys().fold(PathSet::empty(), |set, path| set.union(PathSet::path(path)));
    effect.cells_written = shared::cells_at(&effect.writes).collect();
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

fn of_workdir(
    resolved: &Resolved,
    directory: &crate::model::Workdir,
    workdir: Option<&str>,
    is_root: bool,
) -> EffectSet {
    let path = match (resolved.known(&directory.path), workdir) {
        (Some(path), _) if path.starts_with('/') => paths::clean(path),
        (Some(path), Some(base)) => paths::join(base, path),
        _ => return EffectSet::unknown("the working directory is unknown"),
    };
    let mut effect = reads_variables();
    match is_root {
        true => effect.ensures = ancestors(&path),
        // What is missing will belong to the user, so it matters who makes it first.
        false => ancestors(&path).iter().for_each(|path| effect.writes.add(PathSet::path(path))),
    }
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
