//! RUN: the command with everything around it.

use std::collections::BTreeMap;

use crate::model::{self, Command, Instruction, MountKind, Origin as SetBy, Value, path};
use crate::plan::history;
use crate::plan::line::argv;
use crate::plan::planner::{Course, Done, Planner};
use crate::plan::{Inline, Mount, Network, Operation, Origin, Run, RunVariable, VariableKind};

/// Build arguments that reach every RUN without ARG, in both spellings.
const PROXIES: &[&str] = &["HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"];

impl Planner<'_> {
    pub(super) fn run(&mut self, course: &Course<'_>, instruction: &Instruction, run: &model::Run) -> Done {
        let argv = argv(&run.command, course.running.shell());
        let env = self.environment(course, instruction);
        let created_by = history::run(&arguments(course, &env), &argv);
        let script = match &run.command {
            Command::Script { heredoc, .. } if heredoc.content.starts_with("#!") => {
                Some(Inline { name: heredoc.name.clone(), content: heredoc.content.clone() })
            }
            _ => None,
        };
        let network = match run.network.as_ref().map(|network| network.value.as_str()) {
            Some("none") => Network::None,
            Some("host") => Network::Host,
            _ => Network::Default,
        };
        let mounts = run.mounts.iter().enumerate();
        let operation = Run {
            argv,
            is_shell_form: !matches!(run.command, Command::Exec(_)),
            proxies: self.proxies(&env),
            env,
            cwd: course.running.directory(),
            user: course.running.config.user.clone(),
            network,
            script,
            mounts: mounts.filter_map(|(position, mount)| self.mount(course, instruction, position, mount)).collect(),
            security: run.security.clone(),
            devices: run.devices.iter().map(|device| device.value.clone()).collect(),
        };
        Done::step(Operation::Run(operation), created_by)
    }

    /// The environment, sorted by name.
    fn environment(&self, course: &Course<'_>, instruction: &Instruction) -> Vec<RunVariable> {
        let visible = self.resolved.environment(instruction);
        let variables = visible.into_iter().filter_map(|(name, variable)| {
            let value = match variable.value.as_ref()? {
                Value::Known(value) => value.clone(),
                Value::Unknown(_) => course.written.get(name).cloned().unwrap_or_default(),
            };
            let kind = match variable.origin {
                SetBy::Arg | SetBy::Platform => VariableKind::Arg,
                SetBy::Env | SetBy::BaseImage => VariableKind::Env,
            };
            Some(RunVariable { name: name.to_owned(), value, kind })
        });
        variables.collect()
    }

    /// The proxies given as build arguments, but for those that are variables already.
    fn proxies(&self, env: &[RunVariable]) -> Vec<(String, String)> {
        let mut proxies = BTreeMap::new();
        for proxy in PROXIES {
            let spellings = [(*proxy).to_owned(), proxy.to_lowercase()];
            let given = |name: &String| self.resolved.options.build_args.get(name).cloned();
            let either = spellings.iter().find_map(given);
            for name in spellings {
                if let Some(value) = given(&name).or(either.clone()) {
                    proxies.insert(name, value);
                }
            }
        }
        let is_set = |name: &str| env.iter().any(|variable| variable.name == name);
        proxies.into_iter().filter(|(name, _)| !is_set(name)).collect()
    }

    fn mount(
        &mut self,
        course: &Course<'_>,
        instruction: &Instruction,
        position: usize,
        mount: &model::Mount,
    ) -> Option<Mount> {
        // What makes no sense is a problem already, or depends on a base that is not at hand.
        let options = self.resolved.mount(mount)?;
        mount.options.iter().filter_map(|(_, value)| value.as_ref()).for_each(|value| drop(self.text(value)));
        let origin = match (options.kind, &options.from) {
            (MountKind::Bind | MountKind::Cache, Some(_)) => self.origin(instruction, position, course.stage.id),
            (MountKind::Bind, None) => Some(Origin::Context),
            _ => None,
        };
        Some(Mount {
            span: mount.span,
            origin,
            source: path::inside(options.source.as_deref().unwrap_or_default()),
            target: options.target.as_deref().map(|target| course.running.absolute(target)).unwrap_or_default(),
            options,
        })
    }
}

/// The ARGs of the stage with the values in force, as the history of RUN names them.
fn arguments(course: &Course<'_>, env: &[RunVariable]) -> Vec<(String, String)> {
    // Some ARGs are told and never enter the environment.
    let value_of = |name: &String| {
        let variable = env.iter().find(|variable| variable.name == *name);
        variable.map(|variable| &variable.value).or_else(|| course.written.get(name))
    };
    course.args.iter().map(|name| (name.clone(), value_of(name).cloned().unwrap_or_default())).collect()
}
