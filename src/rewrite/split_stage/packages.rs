//! The packages of the system that a stage installs: which of them only a build needs, and the line that installs the
//! others where the program runs.
//!
//! Libraries come in pairs on a distribution: one package to build against, and one to run with, whose name only the
//! distribution knows. Building both files shows which ones the program is linked to; until then the first of the pair,
//! which brings the second, stays.

use super::Site;
use crate::effect::packages::{APK, APT};
use crate::rewrite::Refusal;

/// Packages that nothing needs once it is built, as Debian and Alpine call them.
const FOR_BUILDING: &[&str] = &[
    "ant",
    "autoconf",
    "automake",
    "bison",
    "build-base",
    "build-essential",
    "cargo",
    "ccache",
    "clang",
    "cmake",
    "default-jdk",
    "default-jdk-headless",
    "dpkg-dev",
    "flex",
    "g++",
    "gcc",
    "gfortran",
    "gradle",
    "libc-dev",
    "libtool",
    "linux-headers",
    "lld",
    "llvm",
    "m4",
    "make",
    "maven",
    "meson",
    "nasm",
    "ninja",
    "ninja-build",
    "patch",
    "pkg-config",
    "pkgconf",
    "protobuf-compiler",
    "py3-pip",
    "python3-pip",
    "python3-setuptools",
    "python3-venv",
    "python3-wheel",
    "rust",
    "rustc",
    "rustup",
    "swig",
    "tcc",
    "virtualenv",
    "yasm",
];

/// Package managers whose packages are not told apart here.
const OTHERS: &[&str] = &["dnf", "yum", "microdnf", "zypper", "dpkg", "rpm"];

/// Words that show packages from elsewhere than the distribution.
const OF_OTHER_MAKERS: &[&str] = &["/etc/apt/", "add-apt-repository", "apt-key", "nodesource", "/etc/apk/repositories"];

/// What packages become of a stage that is split.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Packages {
    /// Those that the final stage installs.
    pub(super) kept: Vec<String>,
    /// Those that only the build needs.
    pub(super) dropped: Vec<String>,
    /// Whether it is Alpine's manager that installs them.
    is_alpine: bool,
    /// Whether what they recommend comes along.
    recommended: bool,
}

impl Site<'_> {
    /// The packages that the stage installs up to `last`; `instead` tells what to run with in place of what builds.
    pub(super) fn packages(&self, last: usize, instead: &dyn Fn(&str) -> Option<String>) -> Result<Packages, Refusal> {
        let mut found = Packages::default();
        let mut foreign = None;
        for (index, command) in self.commands().filter(|(index, _)| *index <= last) {
            let span = self.stage.instructions[index].span;
            let name = command.name().unwrap_or_default();
            if OTHERS.contains(&name) {
                return Err(
                    self.refuse(span, format!("which of the packages of `{name}` the program needs is not known"))
                );
            }
            let text = self.resolved.model.tree.source.slice(command.span);
            if OF_OTHER_MAKERS.iter().any(|word| text.contains(word)) {
                foreign = Some(span);
            }
            let Some(request) = APT.request(command).or_else(|| APK.request(command)) else { continue };
            found.is_alpine = name == "apk";
            found.recommended |= !found.is_alpine && !request.has(&["--no-install-recommends"]);
            if let Some(word) = command.words.iter().find(|word| word.literal.is_none()) {
                let reason = format!("the name of the package `{}` is only known when the shell runs", word.raw);
                return Err(self.refuse(span, reason));
            }
            for package in request.packages.iter().filter_map(|word| word.literal.as_deref()) {
                found.sort_in(package, instead, self.around.needs.is_some());
            }
        }
        if let Some(needs) = &self.around.needs {
            found.kept.extend(needs.packages.iter().cloned());
        }
        found.kept.sort();
        found.kept.dedup();
        match foreign.filter(|_| !found.kept.is_empty()) {
            Some(span) => Err(self.refuse(span, "it takes packages from a repository that the final stage would lack")),
            None => Ok(found),
        }
    }
}

impl Packages {
    fn sort_in(&mut self, package: &str, instead: &dyn Fn(&str) -> Option<String>, libraries_are_known: bool) {
        let name = package.split('=').next().unwrap_or(package);
        if let Some(other) = instead(name) {
            self.dropped.push(package.to_owned());
            self.kept.push(other);
        } else if is_for_building(name) || (libraries_are_known && name.ends_with("-dev")) {
            self.dropped.push(package.to_owned());
        } else {
            self.kept.push(package.to_owned());
        }
    }

    /// Whether any of them is a tool that builds, besides those that are `usual`; whatever is known of libraries.
    pub(super) fn build(&self, usual: &dyn Fn(&str) -> bool) -> bool {
        let names = self.dropped.iter().map(|package| package.split('=').next().unwrap_or(package));
        names.into_iter().any(|name| !name.ends_with("-dev") && !usual(name))
    }

    /// Whether a program of this name comes with one of those that are kept.
    pub(super) fn bring(&self, program: &str) -> bool {
        self.kept.iter().any(|package| package.split('=').next() == Some(program))
    }

    /// What installs those that are kept, without RUN; nothing where there are none.
    pub(super) fn install(&self) -> Option<String> {
        let names = self.kept.join(" ");
        match (self.kept.is_empty(), self.is_alpine) {
            (true, _) => None,
            (false, true) => Some(format!("apk add --no-cache {names}")),
            (false, false) => {
                let option = if self.recommended { "" } else { " --no-install-recommends" };
                Some(format!(
                    "apt-get update \\\n && apt-get install -y{option} {names} \\\n && rm -rf /var/lib/apt/lists/*"
                ))
            }
        }
    }

    /// Where installing them leaves what is not the same from one image to another.
    pub(super) fn state(&self) -> Vec<String> {
        let paths: &[&str] = match (self.kept.is_empty(), self.is_alpine) {
            (true, _) => &[],
            (false, true) => &["/lib/apk", "/etc/apk/world", "/var/cache"],
            (false, false) => {
                &["/var/lib/dpkg", "/var/lib/apt", "/var/cache", "/var/log", "/etc/ld.so.cache", "/etc/alternatives"]
            }
        };
        paths.iter().map(|path| (*path).to_owned()).collect()
    }
}

fn is_for_building(name: &str) -> bool {
    let compiler = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '-');
    let is_go = name.starts_with("golang");
    is_go || FOR_BUILDING.contains(&name) || ["gcc", "g++", "clang", "llvm", "lld"].contains(&compiler)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_that_only_a_build_needs_are_told_from_the_others() {
        for name in ["gcc", "gcc-12", "build-essential", "golang-go", "golang-1.20-go", "clang-15"] {
            assert!(is_for_building(name), "{name}");
        }
        for name in ["curl", "libpq5", "gcc-12-base", "imagemagick", "git", "make-guile"] {
            assert!(!is_for_building(name), "{name}");
        }
    }

    #[test]
    fn what_builds_against_a_library_stays_until_it_is_known_what_runs_with_it() {
        let sorted = |is_known| {
            let mut packages = Packages::default();
            ["libssl-dev", "default-jdk", "curl=7.1"].iter().for_each(|package| {
                packages.sort_in(package, &|name| (name == "default-jdk").then(|| "default-jre".to_owned()), is_known);
            });
            packages.kept
        };
        assert_eq!(sorted(false), ["libssl-dev", "default-jre", "curl=7.1"]);
        assert_eq!(sorted(true), ["default-jre", "curl=7.1"]);
    }
}
