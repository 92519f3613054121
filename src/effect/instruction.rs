//! The effect of whole instructions, and the place that each runs in.

use std::collections::BTreeSet;

use crate::effect::command::{self, CommandEffect, Place};
use crate::effect::links::Links;
use crate::effect::{Cell, EffectSet, PathSet, paths, shared, transfer};
use crate::model::{
    Base, Command, EntryKind, Instruction, MountKind, Operation, Resolved, Stage, StageId, Surroundings, Transfer, Word,
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

/// Whether the instruction at `index` of the stage runs as root. An image that is not at hand is taken to: whoever
/// proposes something on that ground says so.
pub fn runs_as_root(resolved: &Resolved, around: &Surroundings, stage: StageId, index: usize) -> bool {
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
    match workdir_before(resolved, around, stage.id, index) {
        Some(workdir) => Ok(place_in(workdir, resolved, around, stage, index)),
        None => Err("its working directory comes from the base image".to_owned()),
    }
}

/// The same, when they run in `workdir`.
fn place_in(workdir: String, resolved: &Resolved, around: &Surroundings, stage: &Stage, index: usize) -> Place {
    let instruction = &stage.instructions[index];
    let path = path_variable(resolved, instruction).unwrap_or_default();
    let entries = path.split(':').filter(|entry| !entry.is_empty() && !USUAL_PATH.contains(entry));
    Place {
        workdir,
        // An interpreter in DIR/bin keeps its packages below DIR.
        interpreters: entries.map(|entry| paths::clean(entry.strip_suffix("/bin").unwrap_or(entry))).collect(),
        variables: resolved.environment(instruction).into_keys().map(str::to_owned).collect(),
        is_root: runs_as_root(resolved, around, stage.id, index),
    }
}

/// The commands of the RUN at `index` of the stage with their effects, or why it may do anything. Links that the file
/// or its context makes are followed.
pub fn of_run(
    resolved: &Resolved,
    around: &Surroundings,
    stage: &Stage,
    index: usize,
) -> Result<Vec<CommandEffect>, String> {
    let mut commands = commands_of(resolved, around, stage, index)?;
    let mut links = Links::before(resolved, around, stage, index);
    for command in &mut commands {
        command.effect = links.widen(std::mem::take(&mut command.effect));
        links.learn(command);
    }
    Ok(commands)
}

/// The same, as if there were no links.
pub(super) fn commands_of(
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
    let script = match &run.command {
        Command::Shell { body, .. } | Command::Script { body, .. } => {
            body.script().ok_or("its shell text could not be parsed")?
        }
        Command::Exec(_) => return Err("a RUN in exec form is not modelled".to_owned()),
        Command::ShellWithHeredocs { .. } => {
            return Err("a RUN that feeds a heredoc to a command is not modelled".to_owned());
        }
    };
    let run_in = |workdir: String| command::of_script(script, &place_in(workdir, resolved, around, stage, index));
    match workdir_before(resolved, around, stage.id, index) {
        Some(workdir) => run_in(workdir),
        None => wherever(run_in),
    }
}

/// The commands of a text whose working directory is not known: known too, if they do the same in one as in another.
fn wherever(run_in: impl Fn(String) -> Result<Vec<CommandEffect>, String>) -> Result<Vec<CommandEffect>, String> {
    let run = |workdir: &str| {
        let mut commands = run_in(workdir.to_owned())?;
        commands
            .iter_mut()
            .filter(|command| command.directory == workdir)
            .for_each(|command| command.directory.clear());
        Ok::<_, String>(commands)
    };
    let (here, there) = (run("/\u{1}/here")?, run("/\u{1}/there")?);
    match here == there {
        true => Ok(here),
        false => Err("its working directory comes from the base image".to_owned()),
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
        Operation::Copy(_) | Operation::Add(_) => {
            let effect = of_transfer(resolved, around, instruction, workdir.as_deref());
            Links::before(resolved, around, stage, index).widen(effect)
        }
        Operation::Workdir(directory) => {
            let is_root = runs_as_root(resolved, around, stage.id, index);
            let effect = of_workdir(resolved, instruction, directory, workdir.as_deref(), is_root);
            Links::before(resolved, around, stage, index).widen(effect)
        }
        Operation::Env(env) => {
            let names = env.pairs.iter().map(|pair| resolved.known(&pair.key).unwrap_or(pair.key.raw.as_str()));
            variables(names, resolved, instruction)
        }
        Operation::Arg(args) => variables(args.iter().map(|arg| arg.name.value.as_str()), resolved, instruction),
        Operation::User(_) => {
            EffectSet { cells_written: BTreeSet::from([Cell::User]), ..reads_variables(resolved, instruction) }
        }
        Operation::Shell(_) => EffectSet { cells_written: BTreeSet::from([Cell::Shell]), ..EffectSet::default() },
        Operation::Onbuild(_) | Operation::From(_) => {
            EffectSet::unknown(format!("{} fixes what comes before it", instruction.keyword))
        }
        // Builders disagree on what becomes of a later write below a volume, so nothing may pass such a write.
        Operation::Volume(volume) => {
            volume.paths.iter().fold(config(resolved, instruction), |effect, path| match resolved.known(path) {
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
        | Operation::Stopsignal(_) => config(resolved, instruction),
    }
}

/// The directories that instructions before the one at `index` of the stage have made for sure, and left.
pub fn made_before(resolved: &Resolved, around: &Surroundings, stage: &Stage, index: usize) -> BTreeSet<String> {
    (0..index).fold(BTreeSet::new(), |mut made, earlier| {
        let effect = of_instruction(resolved, around, stage, earlier);
        made.retain(|path| !effect.writes.contains(path));
        made.extend(effect.ensures);
        made
    })
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
    let transfer = match &instruction.operation {
        Operation::Copy(copy) => &copy.transfer,
        Operation::Add(add) => &add.transfer,
        _ => return EffectSet::unknown("it copies nothing"),
    };
    let context = around.context.as_deref();
    let brought = context.and_then(|context| {
        Some((context, transfer::brought(&instruction.operation, workdir, resolved, context).ok()?))
    });
    let mut effect = reads_variables(resolved, instruction);
    let plain = transfer.chown.is_none() && transfer.chmod.is_none();
    let mut directories = BTreeSet::new();
    let directory = match brought {
        Some((context, brought)) => {
            for (path, source) in &brought.paths {
                match context.entry(source) {
                    // A directory that is there already stays as it is.
                    Some(entry) if entry.kind == EntryKind::Directory && plain && entry.mode & 0o7777 == 0o755 => {
                        directories.insert(path.clone());
                    }
                    Some(entry) if entry.kind == EntryKind::Directory => effect.writes.add(PathSet::below(path)),
                    _ => effect.writes.insert(path),
                }
            }
            if brought.into_directory { brought.destination } else { parent(&brought.destination).to_owned() }
        }
        // Whatever it brings, it stays at and below the destination.
        None => match destination(resolved, transfer, workdir) {
            Some((path, is_directory)) => {
                effect.writes.add(PathSet::below(&path));
                if is_directory { path } else { parent(&path).to_owned() }
            }
            None => return EffectSet::unknown("where it copies to is unknown"),
        },
    };
    effect.cells_written = shared::cells_at(&effect.writes).collect();
    match plain {
        true => effect.ensures = ancestors(&directory),
        false => ancestors(&directory).iter().for_each(|path| effect.writes.add(PathSet::path(path))),
    }
    effect.ensures.extend(directories);
    if is_relative(resolved, &transfer.destination) {
        effect.cells_read.insert(Cell::Workdir);
    }
    if transfer.chown.is_some() {
        effect.cells_read.insert(Cell::Accounts);
    }
    effect
}

/// Where a COPY or ADD goes to, absolute, and whether it is written as a directory.
fn destination(resolved: &Resolved, transfer: &Transfer, workdir: Option<&str>) -> Option<(String, bool)> {
    let path = resolved.known(&transfer.destination)?;
    let is_directory = path.ends_with(['/', '.']);
    let base = if path.starts_with('/') { "/" } else { workdir? };
    Some((paths::join(base, path), is_directory))
}

fn of_workdir(
    resolved: &Resolved,
    instruction: &Instruction,
    directory: &crate::model::Workdir,
    workdir: Option<&str>,
    is_root: bool,
) -> EffectSet {
    let path = match (resolved.known(&directory.path), workdir) {
        (Some(path), _) if path.starts_with('/') => paths::clean(path),
        (Some(path), Some(base)) => paths::join(base, path),
        _ => return EffectSet::unknown("the working directory is unknown"),
    };
    let mut effect = reads_variables(resolved, instruction);
    match is_root {
        true => effect.ensures = ancestors(&path),
        // What is missing will belong to the user, so it matters who makes it first.
        false => ancestors(&path).iter().for_each(|path| effect.writes.add(paths::made(path))),
    }
    effect.cells_read.extend([Cell::User, Cell::Workdir]);
    effect.cells_written.insert(Cell::Workdir);
    effect
}

/// What reading the words of an instruction takes: the variables that are named in them.
fn reads_variables(resolved: &Resolved, instruction: &Instruction) -> EffectSet {
    let used = resolved.uses().iter().filter(|used| used.instruction == instruction.id);
    EffectSet { cells_read: used.map(|used| Cell::Variable(used.name.clone())).collect(), ..EffectSet::default() }
}

fn variables<'a>(names: impl Iterator<Item = &'a str>, resolved: &Resolved, instruction: &Instruction) -> EffectSet {
    let cells_written = names.map(|name| Cell::Variable(name.to_owned())).collect();
    EffectSet { cells_written, ..reads_variables(resolved, instruction) }
}

fn config(resolved: &Resolved, instruction: &Instruction) -> EffectSet {
    let cells_written = BTreeSet::from([Cell::Config(instruction.keyword.as_str())]);
    EffectSet { cells_written, ..reads_variables(resolved, instruction) }
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
