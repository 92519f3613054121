//! RUN with its flags, and the commands of CMD, ENTRYPOINT and HEALTHCHECK.

use super::csv;
use super::typing::Typist;
use crate::model::shell::{self, Interpreter};
use crate::model::{Command, Device, Healthcheck, Mount, MountKind, Problem, Run, Security};
use crate::syntax::{self, Arguments, Flag, Heredoc, JoinedText, Probe};
use crate::text::Spanned;

impl Typist<'_> {
    pub(super) fn run(&mut self, written: &syntax::Instruction, shell: &Interpreter) -> Option<Run> {
        let mut run = Run {
            command: self.command(&written.arguments, &written.heredocs, written, shell)?,
            mounts: Vec::new(),
            network: None,
            security: None,
            devices: Vec::new(),
        };
        for flag in &written.flags {
            let Some(value) = &flag.value else { continue };
            match flag.name.value.as_str() {
                "mount" => {
                    let mount = self.mount(flag, value);
                    run.mounts.extend(mount);
                }
                "network" => run.network = Some(self.spanned(value)),
                "security" => {
                    let security = match value.as_str() {
                        "insecure" => Security::Insecure,
                        _ => Security::Sandbox,
                    };
                    run.security = Some(Spanned::new(security, self.at(value.span())));
                }
                "device" => {
                    self.check_device(value);
                    run.devices.push(Device { value: self.spanned(value) });
                }
                _ => {}
            }
        }
        Some(run)
    }

    /// A command in any of its forms.
    pub(super) fn command(
        &mut self,
        arguments: &Arguments,
        heredocs: &[Heredoc],
        written: &syntax::Instruction,
        shell: &Interpreter,
    ) -> Option<Command> {
        let text = match arguments {
            Arguments::Json(strings) => {
                let words = strings.iter().map(|string| self.json(string));
                return Some(Command::Exec(words.collect()));
            }
            Arguments::Text(text) => text.clone(),
            Arguments::None => JoinedText::contiguous("", written.span.end),
            _ => return None,
        };
        let placed = self.placed(&text);
        Some(match heredocs {
            [] => {
                let text = placed;
                let body = shell::parse(&text, shell);
                Command::Shell { text, body }
            }
            [heredoc] if is_only(&text, heredoc) => {
                let body = shell::parse_heredoc(&self.placed(&heredoc.text(self.source)), heredoc, shell);
                Command::Script { heredoc: self.heredoc(heredoc), body }
            }
            several => {
                let body = shell::parse_with_heredocs(&placed, several, shell);
                let heredocs = several.iter().map(|heredoc| self.heredoc(heredoc)).collect();
                Command::ShellWithHeredocs { text: placed, heredocs, body }
            }
        })
    }

    pub(super) fn healthcheck(
        &mut self,
        written: &syntax::Instruction,
        probe: &Probe,
        shell: &Interpreter,
    ) -> Option<Healthcheck> {
        let command = match probe {
            Probe::None(_) => return Some(Healthcheck { command: None, options: Vec::new() }),
            Probe::Command { command, .. } => self.command(command, &[], written, shell)?,
        };
        let mut options = Vec::new();
        for flag in &written.flags {
            let Some(value) = &flag.value else { continue };
            options.push((flag.name.clone(), self.spanned(value)));
        }
        Some(Healthcheck { command: Some(command), options })
    }

    fn mount(&mut self, flag: &Flag, value: &JoinedText) -> Option<Mount> {
        let fields = match csv::fields(value) {
            Ok(fields) => fields,
            Err(reason) => {
                self.problem(Problem::new(self.at(value.span()), format!("--mount: {reason}")));
                return None;
            }
        };
        let mut mount = Mount { span: self.at(flag.span), kind: Some(MountKind::Bind), options: Vec::new() };
        for field in fields {
            let (mut key, value) = split_option(&field);
            key.span = self.at(key.span);
            if key.value == "from" {
                self.check_mount_source(value.as_ref());
            }
            if let ("type", Some(value)) = (key.value.as_str(), &value) {
                mount.kind = MountKind::from_name(value.as_str());
            }
            let value = value.map(|value| self.word(&value));
            mount.options.push((key, value));
        }
        Some(mount)
    }

    /// The source of a mount is looked up before any variable has a value.
    fn check_mount_source(&mut self, value: Option<&JoinedText>) {
        let Some(value) = value else { return };
        let text = value.as_str();
        // A `$` at the very end is no variable.
        if text.find('$').is_some_and(|at| at + 1 < text.len()) {
            let problem = Problem::new(self.at(value.span()), "`from` of a mount cannot use variables");
            self.problem(problem.help("name a stage: FROM the variable above, and mount from that stage"));
        }
    }

    fn check_device(&mut self, value: &JoinedText) {
        let fields = match csv::fields(value) {
            Ok(fields) => fields,
            Err(reason) => return self.problem(Problem::new(self.at(value.span()), format!("--device: {reason}"))),
        };
        let mut named = false;
        for field in fields {
            let (key, value) = split_option(&field);
            let problem = match (key.value.as_str(), &value) {
                ("required", None) => None,
                ("required", Some(value)) if parse_bool(value.as_str()).is_some() => None,
                ("required", Some(_)) => Some("`required` is either true or false".to_owned()),
                ("name", Some(_)) if named => Some("the device has a name already".to_owned()),
                ("name", Some(_)) => {
                    named = true;
                    None
                }
                // The first field without a key of its own is the name: `vendor.com/class=device`.
                _ if !named => {
                    named = true;
                    None
                }
                _ => Some(format!("`{}` is no option of a device", field.as_str())),
            };
            if let Some(message) = problem {
                self.problem(Problem::new(self.at(field.span()), message).help("a device takes `name` and `required`"));
            }
        }
    }
}

/// `key=value` or `key`; the key in lower case.
fn split_option(field: &JoinedText) -> (Spanned<String>, Option<JoinedText>) {
    let text = field.as_str();
    let (key, value) = match text.find('=') {
        Some(equals) => (field.slice(0, equals), Some(field.slice(equals + 1, text.len()))),
        None => (field.clone(), None),
    };
    (Spanned::new(key.as_str().to_lowercase(), key.span()), value)
}

/// Whether the text is nothing but this heredoc.
fn is_only(text: &JoinedText, heredoc: &Heredoc) -> bool {
    let trimmed = text.as_str().trim();
    let start = text.as_str().find(trimmed).unwrap_or(0);
    text.span_of(start, start + trimmed.len()) == heredoc.span
}

/// A truth value in any of the spellings that builders take.
pub(in crate::model) fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}
