//! What each kind of line does: a step, a change of the config, a line of history.
//!
//! Invariant: a line sees the state before it, and only the lines that make files have steps.

use crate::model::{self, Command, EnvPair, HealthcheckConfig, Instruction, Operation as Written, path};
use crate::plan::history;
use crate::plan::planner::{Course, Done, Planner};
use crate::plan::{Operation, Workdir};

impl Planner<'_> {
    pub(super) fn line(&mut self, course: &mut Course<'_>, instruction: &Instruction) -> Done {
        match &instruction.operation {
            Written::Run(run) => self.run(course, instruction, run),
            Written::Copy(copy) => self.copy(course, instruction, copy),
            Written::Add(add) => self.add(course, add),
            Written::Workdir(workdir) => self.workdir(course, workdir),
            Written::Arg(args) => self.arg(course, args),
            Written::Env(env) => {
                let pairs = self.pairs(course, &env.pairs, true);
                pairs.iter().for_each(|(name, value)| course.running.env(name, value.as_deref().unwrap_or_default()));
                Done::metadata(history::pairs("ENV", &pairs))
            }
            Written::Label(label) => {
                let pairs = self.pairs(course, &label.pairs, false);
                let labels = pairs.iter().map(|(name, value)| (name.clone(), value.clone().unwrap_or_default()));
                course.running.config.labels.extend(labels);
                Done::metadata(history::pairs("LABEL", &pairs))
            }
            Written::Cmd(command) => {
                let argv = argv(command, course.running.shell());
                let created_by = history::quoted("CMD", &argv);
                course.running.cmd(argv);
                Done::metadata(created_by)
            }
            Written::Entrypoint(command) => {
                let argv = argv(command, course.running.shell());
                let created_by = history::quoted("ENTRYPOINT", &argv);
                course.running.entrypoint(argv);
                Done::metadata(created_by)
            }
            Written::Expose(expose) => {
                let ports = self.resolved.exposed(expose);
                course.running.config.exposed.extend(ports.iter().cloned());
                Done::metadata(history::list("EXPOSE", &ports))
            }
            Written::Healthcheck(healthcheck) => {
                let check = check(healthcheck);
                let created_by = history::healthcheck(&check);
                course.running.healthcheck(check);
                Done::metadata(created_by)
            }
            Written::Maintainer(name) => {
                course.running.config.author = Some(name.as_str().to_owned());
                Done::metadata(history::plain("MAINTAINER", name.as_str()))
            }
            Written::Onbuild(onbuild) => {
                course.running.config.onbuild.push(onbuild.text.clone());
                Done { operation: None, created_by: None }
            }
            Written::Shell(shell) => {
                let words: Vec<String> = shell.words.iter().map(|word| word.value.clone()).collect();
                let created_by = history::list("SHELL", &words);
                course.running.config.shell = Some(words);
                Done::metadata(created_by)
            }
            Written::Stopsignal(stopsignal) => {
                let signal = self.text(&stopsignal.signal);
                let created_by = history::plain("STOPSIGNAL", &signal);
                course.running.config.stopsignal = Some(signal);
                Done::metadata(created_by)
            }
            Written::User(user) => {
                let user = self.text(&user.user);
                let created_by = history::plain("USER", &user);
                course.running.config.user = user;
                Done::metadata(created_by)
            }
            Written::Volume(volume) => {
                let paths: Vec<String> = volume.paths.iter().map(|path| self.text(path)).collect();
                course.running.config.volumes.extend(paths.iter().cloned());
                Done::metadata(history::list("VOLUME", &paths))
            }
            Written::From(_) => unreachable!("FROM is the first line of a stage and no other"),
        }
    }

    fn workdir(&mut self, course: &mut Course<'_>, workdir: &model::Workdir) -> Done {
        let path = self.text(&workdir.path);
        course.running.workdir(&path);
        let created_by = history::plain("WORKDIR", &course.running.config.workdir);
        let directory = course.running.directory();
        match directory.as_str() {
            "/" => Done::metadata(created_by),
            _ => Done::step(
                Operation::Workdir(Workdir { path: directory, user: course.running.config.user.clone() }),
                created_by,
            ),
        }
    }

    fn arg(&mut self, course: &mut Course<'_>, args: &[model::Arg]) -> Done {
        let mut pairs = Vec::with_capacity(args.len());
        for arg in args {
            let name = &arg.name.value;
            let value = self.argument(arg, course.stage);
            if let Some(value) = &value {
                course.written.insert(name.clone(), value.clone());
            }
            if !course.args.contains(name) {
                course.args.push(name.clone());
            }
            pairs.push((name.clone(), value));
        }
        Done::metadata(history::pairs("ARG", &pairs))
    }

    /// The pairs of ENV or LABEL with their values.
    fn pairs(
        &mut self,
        course: &mut Course<'_>,
        pairs: &[EnvPair],
        are_variables: bool,
    ) -> Vec<(String, Option<String>)> {
        let pairs: Vec<(String, String)> =
            pairs.iter().map(|pair| (self.text(&pair.key), self.text(&pair.value))).collect();
        if are_variables {
            course.written.extend(pairs.iter().cloned());
        }
        pairs.into_iter().map(|(name, value)| (name, Some(value))).collect()
    }
}

impl Done {
    fn metadata(created_by: String) -> Self {
        Self { operation: None, created_by: Some(created_by) }
    }

    pub(super) fn step(operation: Operation, created_by: String) -> Self {
        Self { operation: Some(operation), created_by: Some(created_by) }
    }
}

/// Program and arguments of a command: as written, or the shell with the text.
pub(super) fn argv(command: &Command, mut shell: Vec<String>) -> Vec<String> {
    match command {
        Command::Exec(words) => return words.iter().map(|word| word.value.clone()).collect(),
        Command::Shell { text, .. } => shell.push(text.as_str().to_owned()),
        // What names its own interpreter is a file, which the shell is told to run.
        Command::Script { heredoc, .. } if heredoc.content.starts_with("#!") => {
            shell.push(path::join(SCRIPTS, &heredoc.name));
        }
        Command::Script { heredoc, .. } => shell.push(heredoc.content.clone()),
        Command::ShellWithHeredocs { text, heredocs, .. } => {
            let mut whole = text.as_str().to_owned();
            for heredoc in heredocs {
                whole.push('\n');
                whole.push_str(&heredoc.content);
                whole.push_str(&heredoc.name);
            }
            shell.push(whole);
        }
    }
    shell
}

/// Where a step finds the scripts of its heredocs.
const SCRIPTS: &str = "/dev/pipes";

fn check(healthcheck: &model::Healthcheck) -> HealthcheckConfig {
    let test = match &healthcheck.command {
        None => vec!["NONE".to_owned()],
        Some(Command::Exec(words)) => {
            ["CMD".to_owned()].into_iter().chain(words.iter().map(|word| word.value.clone())).collect()
        }
        // The shell is that of whoever checks.
        Some(command) => ["CMD-SHELL".to_owned()].into_iter().chain(argv(command, Vec::new())).collect(),
    };
    HealthcheckConfig {
        test,
        interval: healthcheck.time("interval"),
        timeout: healthcheck.time("timeout"),
        start_period: healthcheck.time("start-period"),
        start_interval: healthcheck.time("start-interval"),
        retries: healthcheck.retries(),
    }
}
