//! A server for remote logins, installed in the image that ships.

use super::{Check, Cx, Out, RunCommand};
use crate::effect::packages::{APK, APT, DNF, Installer, YUM, ZYPPER};

pub(super) struct SshServer;

const INSTALLERS: &[&Installer] = &[&APK, &APT, &DNF, &YUM, &ZYPPER];

const SERVERS: &[&str] = &["dropbear", "openssh-server", "telnetd"];

impl Check for SshServer {
    fn command(&self, command: RunCommand<'_>, cx: &Cx<'_>, out: &mut Out<'_>) {
        if !command.ships(cx) {
            return;
        }
        for request in INSTALLERS.iter().filter_map(|installer| installer.request(command.command)) {
            for package in request.packages {
                let name = package.literal.as_deref().and_then(|name| name.split(['=', ':']).next());
                if let Some(name) = name.filter(|name| SERVERS.contains(name)) {
                    out.find(package.span, format!("{name} lets people into the container from outside"))
                        .help("leave it out: the container engine lets you look inside");
                }
            }
        }
    }
}
