//! A user that is made for the program, and then nobody switches to it. Servers that become their own user are left
//! alone, and so is what nobody can see: a script that starts the program, or the start of the base image.

use super::{Check, Cx, Out, account, insertion};
use crate::model::{Command, Operation, Stage};

pub(super) struct UnusedUser;

/// Servers that start as root and become another user by themselves.
const SERVERS: &[&str] = &[
    "apache2",
    "apachectl",
    "cron",
    "crond",
    "dnsmasq",
    "dovecot",
    "haproxy",
    "httpd",
    "lighttpd",
    "mariadbd",
    "memcached",
    "mosquitto",
    "mysqld",
    "named",
    "nginx",
    "ntpd",
    "openvpn",
    "php-fpm",
    "postfix",
    "proftpd",
    "pure-ftpd",
    "rsyslogd",
    "smbd",
    "squid",
    "sshd",
    "systemd",
    "tor",
    "unbound",
    "varnishd",
    "vsftpd",
];

impl Check for UnusedUser {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        let stays_root = || account::last_user(stage.id, cx).is_none() && !account::may_drop_root(stage.id, cx);
        if !cx.is_target(stage.id) || !stays_root() || !starts_a_program(stage, cx) {
            return;
        }
        let made = account::made(stage.id, cx);
        let [made] = &made[..] else { return };
        let name = made.name.literal.as_deref().unwrap_or_default();
        let user = made.number.unwrap_or(name);
        out.find(made.name.span, format!("nothing switches to the user `{name}`"))
            .label("the container still runs as root")
            .help(format!("add USER {user} after the last step that needs root"))
            .fix(format!("switch to `{name}` at the end"), || {
                let is_step = |operation: &Operation| {
                    matches!(
                        operation,
                        Operation::Run(_) | Operation::Copy(_) | Operation::Add(_) | Operation::Workdir(_)
                    )
                };
                let last = stage.instructions.iter().rev().find(|one| is_step(&one.operation))?;
                Some(vec![insertion::below(last, "USER", user, cx)?])
            });
    }
}

/// Whether the file says which program starts, and that it is none of the servers.
fn starts_a_program(stage: &Stage, cx: &Cx<'_>) -> bool {
    let instructions = cx.lineage(stage.id).flat_map(|stage| &stage.instructions);
    let mut starts = instructions.filter_map(|one| match &one.operation {
        Operation::Cmd(command) | Operation::Entrypoint(command) => Some(command),
        _ => None,
    });
    let is_server = |command: &Command| {
        let words: Vec<&str> = match command {
            Command::Exec(words) => words.iter().map(|word| word.value.as_str()).collect(),
            Command::Shell { text, .. } => text.as_str().split_whitespace().collect(),
            Command::Script { .. } | Command::ShellWithHeredocs { .. } => return true,
        };
        let is_one = |word: &&str| {
            let name = word.rsplit('/').next().unwrap_or(word);
            SERVERS.iter().any(|server| name.starts_with(server))
        };
        words.iter().any(is_one)
    };
    let first = starts.next().is_some_and(|command| !is_server(command));
    first && !starts.any(is_server)
}
