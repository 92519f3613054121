//! A server for which SIGTERM, the default, means "at once", although it knows a signal that lets it finish. Judged where
//! the file says what starts, and the base is a plain distribution, which sets no STOPSIGNAL.

use super::{Check, Cx, Out, insertion, userland};
use crate::model::{Command, Instruction, Operation, Stage};
use crate::text::Edit;

pub(super) struct ServerStopsignal;

type Server = (&'static str, &'static str, &'static [&'static str]);

/// Programs, the signal that lets them finish, and its other names.
const SERVERS: &[Server] = &[
    ("apache2", "SIGWINCH", &["WINCH", "28"]),
    ("apache2-foreground", "SIGWINCH", &["WINCH", "28"]),
    ("httpd", "SIGWINCH", &["WINCH", "28"]),
    ("nginx", "SIGQUIT", &["QUIT", "3"]),
    ("openresty", "SIGQUIT", &["QUIT", "3"]),
    ("php-fpm", "SIGQUIT", &["QUIT", "3"]),
    ("systemd", "SIGRTMIN+3", &["RTMIN+3", "37"]),
];

impl Check for ServerStopsignal {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        if !cx.is_target(stage.id) {
            return;
        }
        let instructions = || cx.lineage(stage.id).flat_map(|stage| stage.instructions.iter().rev());
        let signal = instructions().find_map(|one| match &one.operation {
            Operation::Stopsignal(stop) => Some(&stop.signal),
            _ => None,
        });
        let entrypoint = instructions().find_map(|one| match &one.operation {
            Operation::Entrypoint(command) => Some((one, command)),
            _ => None,
        });
        let cmd = || {
            instructions().find_map(|one| match &one.operation {
                Operation::Cmd(command) => Some((one, command)),
                _ => None,
            })
        };
        let Some((start, command)) = entrypoint.or_else(cmd) else { return };
        let Some((server, wanted, others)) = server(command) else { return };
        let message = format!("{server} ends gracefully on {wanted}");
        match signal.map(|word| (word, cx.resolved.known(word))) {
            Some((word, Some(known))) if !is_same(known, wanted, others) => {
                out.find(word.span(), message)
                    .help(format!("write STOPSIGNAL {wanted}"))
                    .fix(format!("write {wanted}"), || {
                        (cx.text(word.span()) == known).then(|| vec![Edit::replace(word.span(), *wanted)])
                    });
            }
            Some(_) => {}
            None if userland::is_plain(stage.id, cx) => {
                out.find(start.keyword_span, message)
                    .help(format!("add STOPSIGNAL {wanted}: what comes without it breaks its connections"))
                    .fix(format!("add STOPSIGNAL {wanted}"), || {
                        let last: &Instruction = stage.instructions.last()?;
                        Some(vec![insertion::below(last, "STOPSIGNAL", wanted, cx)?])
                    });
            }
            None => {}
        }
    }
}

/// The server that the command starts itself, in exec form: a shell in between would not pass the signal on.
fn server(command: &Command) -> Option<&'static Server> {
    let Command::Exec(words) = command else { return None };
    let name = words.first()?.value.rsplit('/').next()?;
    SERVERS.iter().find(|(server, _, _)| *server == name)
}

fn is_same(known: &str, wanted: &str, others: &[&str]) -> bool {
    known.eq_ignore_ascii_case(wanted) || others.iter().any(|other| known.eq_ignore_ascii_case(other))
}
