//! A version with `*`, or with `x` for a part, behind the sign that begins a version.

use super::{Check, Cx, Out, RunCommand};
use crate::effect::packages::{APK, APT, Installer, NPM, PIP, ZYPPER};

pub(super) struct WildcardVersion;

const INSTALLERS: &[(&Installer, char)] = &[(&APK, '='), (&APT, '='), (&NPM, '@'), (&PIP, '='), (&ZYPPER, '=')];

impl Check for WildcardVersion {
    fn command(&self, command: RunCommand<'_>, _cx: &Cx<'_>, out: &mut Out<'_>) {
        for (installer, sign) in INSTALLERS {
            let Some(request) = installer.request(command.command) else { continue };
            for word in request.packages {
                let Some(name) = word.literal.as_deref() else { continue };
                let version = name.rsplit_once(*sign).map(|(_, version)| version);
                let is_open = |version: &str| version.contains('*') || version.split('.').any(|part| part == "x");
                if version.is_some_and(is_open) {
                    out.find(word.span, format!("`{name}` is whatever matches on the day of the build"))
                        .help("write the version in full");
                }
            }
        }
    }
}
