//! What an install command is asked for: the packages that it names, with their places.
//!
//! Does not know what installing them does, nor which names are good. Words that only the shell knows are left out.

use crate::model::shell::{ShellWord, SimpleCommand};

/// How an installer is called.
#[derive(Debug, Clone, Copy)]
pub struct Installer {
    /// The names of the command.
    pub names: &'static [&'static str],
    /// The subcommands that install, as words; `module install` is two.
    pub subcommands: &'static [&'static str],
    /// The options that take the next word as their value, with blanks between them.
    pub valued: &'static str,
}

/// What one command is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request<'a> {
    /// The options as written, without the values that follow them.
    pub options: Vec<&'a str>,
    /// The packages.
    pub packages: Vec<&'a ShellWord>,
}

impl Request<'_> {
    /// Whether one of the options is there, alone or with `=value`.
    pub fn has(&self, names: &[&str]) -> bool {
        self.options.iter().any(|option| names.contains(&option.split_once('=').map_or(*option, |(name, _)| name)))
    }
}

/// `apt-get install`
pub const APT: Installer = Installer {
    names: &["apt-get", "apt"],
    subcommands: &["install"],
    valued: "-t --target-release --default-release -o --option -c --config-file -a --host-architecture",
};

/// `apk add`
pub const APK: Installer = Installer {
    names: &["apk"],
    subcommands: &["add"],
    valued: "-t --virtual -X --repository -p --root --keys-dir --repositories-file --cache-dir \
        --cache-max-age --arch --wait --progress-fd",
};

/// `pip install`; also as `python -m pip install`.
pub const PIP: Installer = Installer {
    names: &["pip", "pip3", "pip2"],
    subcommands: &["install"],
    valued: "-r --requirement -c --constraint -e --editable -t --target -i --index-url --extra-index-url -f \
        --find-links --prefix --root --src --platform --python-version --implementation --abi \
        --no-binary --only-binary --global-option --install-option --build-option -C --config-settings \
        --proxy --retries --timeout --trusted-host --cert --client-cert --cache-dir --log \
        --upgrade-strategy --progress-bar --report --root-user-action --use-feature --use-deprecated \
        --exists-action --python --group",
};

/// `npm install`
pub const NPM: Installer = Installer {
    names: &["npm"],
    subcommands: &["install", "i", "add"],
    valued: "--prefix -C --registry -w --workspace --cache --loglevel --omit --include --userconfig --tag \
        --install-strategy --script-shell --network-timeout --fetch-retries",
};

/// `gem install`
pub const GEM: Installer = Installer {
    names: &["gem"],
    subcommands: &["install", "i"],
    valued: "-v --version -i --install-dir -n --bindir -s --source -P --trust-policy -p --http-proxy \
        --platform -g --file --document --build-root --without -B",
};

/// `yum install`
pub const YUM: Installer =
    Installer { names: &["yum"], subcommands: &["module install", "install", "localinstall"], valued: RPM_OPTIONS };

/// `dnf install`
pub const DNF: Installer = Installer {
    names: &["dnf", "dnf5", "microdnf"],
    subcommands: &["module install", "install", "localinstall"],
    valued: RPM_OPTIONS,
};

const RPM_OPTIONS: &str = "-c --config -d --debuglevel -e --errorlevel -x --exclude --disablerepo --enablerepo --repo \
        --repoid --repofrompath --installroot --setopt --releasever -R --disableplugin --rpmverbosity \
        --downloaddir --advisory --forcearch --color";

/// `zypper install`
pub const ZYPPER: Installer = Installer {
    names: &["zypper"],
    subcommands: &["install", "in"],
    valued: "-t --type -r --repo --from -R --root -c --config -p --plus-repo --plus-content --installroot \
        --reposd-dir -D --cache-dir -C",
};

/// `go install`, `go get`
pub const GO: Installer = Installer {
    names: &["go"],
    subcommands: &["install", "get"],
    valued: "-p -asmflags -buildmode -compiler -gccgoflags -gcflags -installsuffix -ldflags -mod -modfile \
        -overlay -pgo -pkgdir -tags -toolexec -C -o",
};

const ALL: &[&Installer] = &[&APT, &APK, &PIP, &NPM, &GEM, &YUM, &DNF, &ZYPPER, &GO];

/// Whether the next word is the value of this option of an installer.
pub fn takes_value(command: &str, option: &str) -> bool {
    let mut called = ALL.iter().filter(|installer| installer.names.contains(&command));
    called.any(|installer| installer.valued.split_whitespace().any(|valued| valued == option))
}

impl Installer {
    /// What the command asks this installer for; none where it is another command or subcommand.
    pub fn request<'a>(&self, command: &'a SimpleCommand) -> Option<Request<'a>> {
        let mut rest = self.arguments(command)?.iter();
        let mut request = Request { options: Vec::new(), packages: Vec::new() };
        let wanted = |found: &str| self.subcommands.contains(&found);
        let mut subcommand = String::new();
        while let Some(word) = rest.next() {
            let Some(text) = word.literal.as_deref() else { continue };
            if text == "--" {
                break;
            } else if text.starts_with('-') && text.len() > 1 {
                request.options.push(text);
                if self.valued.split_whitespace().any(|option| option == text) {
                    rest.next();
                }
            } else if wanted(&subcommand) {
                request.packages.push(word);
            } else {
                subcommand = if subcommand.is_empty() { text.to_owned() } else { format!("{subcommand} {text}") };
                if !self.subcommands.iter().any(|one| one.starts_with(&subcommand)) {
                    return None;
                }
            }
        }
        wanted(&subcommand).then_some(request)
    }

    /// What follows the name of the command, or `-m pip` where an interpreter runs it.
    fn arguments<'a>(&self, command: &'a SimpleCommand) -> Option<&'a [ShellWord]> {
        let name = command.name()?.rsplit('/').next()?;
        // `pip3.11`
        let unversioned = name.trim_end_matches(|char: char| char.is_ascii_digit() || char == '.');
        if self.names.contains(&name) || self.names.contains(&unversioned) {
            return Some(command.arguments());
        }
        let is_interpreter = name
            .strip_prefix("python")
            .is_some_and(|version| version.chars().all(|char| char.is_ascii_digit() || char == '.'));
        match command.arguments() {
            [flag, module, rest @ ..] if is_interpreter && flag.literal.as_deref() == Some("-m") => {
                module.literal.as_deref().is_some_and(|module| self.names.contains(&module)).then_some(rest)
            }
            _ => None,
        }
    }
}
