//! Generated from `rules/prior/*.yaml` and `rules/bases.yaml` by `RPLAN_UPDATE=1 cargo test --test it plan::prior`; do not edit.

use super::{Form, Prior};

/// Every prior, sorted by id.
pub(super) static PRIORS: &[Prior] = &[
    Prior {
        names: &["apk"],
        forms: &[
            Form { words: &["add"], milliseconds: 2000, each: 700 },
            Form { words: &["update"], milliseconds: 2000, each: 0 },
            Form { words: &[], milliseconds: 1000, each: 0 },
        ],
    },
    Prior {
        names: &["apt", "apt-get", "aptitude"],
        forms: &[
            Form { words: &["update"], milliseconds: 5000, each: 0 },
            Form { words: &["install"], milliseconds: 8000, each: 2500 },
            Form { words: &["build-dep"], milliseconds: 40000, each: 0 },
            Form { words: &["upgrade|dist-upgrade|full-upgrade"], milliseconds: 30000, each: 0 },
            Form { words: &[], milliseconds: 500, each: 0 },
        ],
    },
    Prior {
        names: &["tar", "unzip", "gunzip", "unxz", "xz", "gzip", "bunzip2", "7z", "dpkg", "rpm"],
        forms: &[
            Form { words: &[], milliseconds: 2000, each: 0 },
        ],
    },
    Prior {
        names: &["bun"],
        forms: &[
            Form { words: &["install|i|add"], milliseconds: 10000, each: 0 },
            Form { words: &["run|build"], milliseconds: 20000, each: 0 },
            Form { words: &[], milliseconds: 5000, each: 0 },
        ],
    },
    Prior {
        names: &["bundle", "bundler"],
        forms: &[
            Form { words: &["install|update"], milliseconds: 40000, each: 0 },
            Form { words: &["exec"], milliseconds: 15000, each: 0 },
            Form { words: &[], milliseconds: 1000, each: 0 },
        ],
    },
    Prior {
        names: &["webpack", "vite", "ng", "next", "nuxt", "gulp", "grunt", "turbo", "nx"],
        forms: &[
            Form { words: &[], milliseconds: 30000, each: 0 },
        ],
    },
    Prior {
        names: &["cargo"],
        forms: &[
            Form { words: &["fetch"], milliseconds: 10000, each: 0 },
            Form { words: &["chef", "prepare"], milliseconds: 1000, each: 0 },
            Form { words: &["chef", "cook"], milliseconds: 120000, each: 0 },
            Form { words: &["build|install|test|clippy|rustc|leptos"], milliseconds: 120000, each: 0 },
            Form { words: &["check|doc"], milliseconds: 60000, each: 0 },
            Form { words: &[], milliseconds: 5000, each: 0 },
        ],
    },
    Prior {
        names: &["gcc", "g++", "cc", "c++", "clang", "clang++", "javac", "rustc", "tsc", "ghc"],
        forms: &[
            Form { words: &[], milliseconds: 5000, each: 0 },
        ],
    },
    Prior {
        names: &["composer"],
        forms: &[
            Form { words: &["install|update|require"], milliseconds: 20000, each: 0 },
            Form { words: &["dump-autoload|dumpautoload"], milliseconds: 3000, each: 0 },
            Form { words: &[], milliseconds: 1000, each: 0 },
        ],
    },
    Prior {
        names: &["conda", "mamba", "micromamba"],
        forms: &[
            Form { words: &["install|create|env|update"], milliseconds: 60000, each: 0 },
            Form { words: &[], milliseconds: 3000, each: 0 },
        ],
    },
    Prior {
        names: &["configure", "autogen.sh", "autoreconf", "cmake"],
        forms: &[
            Form { words: &[], milliseconds: 20000, each: 0 },
        ],
    },
    Prior {
        names: &["corepack"],
        forms: &[
            Form { words: &[], milliseconds: 2000, each: 0 },
        ],
    },
    Prior {
        names: &["manage.py", "artisan", "rails", "rake", "bin/console"],
        forms: &[
            Form { words: &[], milliseconds: 8000, each: 0 },
        ],
    },
    Prior {
        names: &["dnf", "microdnf", "tdnf", "yum", "zypper"],
        forms: &[
            Form { words: &["install|groupinstall|in"], milliseconds: 12000, each: 2500 },
            Form { words: &["update|upgrade|up"], milliseconds: 30000, each: 0 },
            Form { words: &[], milliseconds: 1000, each: 0 },
        ],
    },
    Prior {
        names: &["dotnet"],
        forms: &[
            Form { words: &["restore"], milliseconds: 20000, each: 0 },
            Form { words: &["publish|build|test|pack"], milliseconds: 30000, each: 0 },
            Form { words: &["tool|workload|add"], milliseconds: 10000, each: 0 },
            Form { words: &[], milliseconds: 1000, each: 0 },
        ],
    },
    Prior {
        names: &["curl", "wget", "aria2c"],
        forms: &[
            Form { words: &[], milliseconds: 4000, each: 0 },
        ],
    },
    Prior {
        names: &["gem"],
        forms: &[
            Form { words: &["install"], milliseconds: 8000, each: 4000 },
            Form { words: &[], milliseconds: 1000, each: 0 },
        ],
    },
    Prior {
        names: &["git", "hg", "svn"],
        forms: &[
            Form { words: &["clone|checkout|fetch|pull|submodule"], milliseconds: 6000, each: 0 },
            Form { words: &[], milliseconds: 500, each: 0 },
        ],
    },
    Prior {
        names: &["go"],
        forms: &[
            Form { words: &["mod|get|work"], milliseconds: 15000, each: 0 },
            Form { words: &["build|install"], milliseconds: 30000, each: 0 },
            Form { words: &["test|vet|generate|run"], milliseconds: 30000, each: 0 },
            Form { words: &[], milliseconds: 500, each: 0 },
        ],
    },
    Prior {
        names: &["gradle", "gradlew"],
        forms: &[
            Form { words: &["dependencies|resolveDependencies"], milliseconds: 45000, each: 0 },
            Form { words: &[], milliseconds: 90000, each: 0 },
        ],
    },
    Prior {
        names: &["make", "gmake", "ninja", "bazel", "scons", "meson"],
        forms: &[
            Form { words: &["install"], milliseconds: 5000, each: 0 },
            Form { words: &["clean|distclean"], milliseconds: 1000, each: 0 },
            Form { words: &[], milliseconds: 60000, each: 0 },
        ],
    },
    Prior {
        names: &["mix"],
        forms: &[
            Form { words: &["deps.get"], milliseconds: 10000, each: 0 },
            Form { words: &["deps.compile|compile"], milliseconds: 40000, each: 0 },
            Form { words: &["release|phx.digest|assets.deploy"], milliseconds: 20000, each: 0 },
            Form { words: &["local.hex|local.rebar"], milliseconds: 2000, each: 0 },
            Form { words: &[], milliseconds: 5000, each: 0 },
        ],
    },
    Prior {
        names: &["huggingface-cli", "playwright", "puppeteer", "spacy", "nltk.downloader"],
        forms: &[
            Form { words: &[], milliseconds: 40000, each: 0 },
        ],
    },
    Prior {
        names: &["mvn", "mvnw"],
        forms: &[
            Form { words: &["dependency:go-offline|dependency:resolve|dependency:copy-dependencies"], milliseconds: 40000, each: 0 },
            Form { words: &[], milliseconds: 60000, each: 0 },
        ],
    },
    Prior {
        names: &["npm"],
        forms: &[
            Form { words: &["ci|clean-install|install|i|add"], milliseconds: 35000, each: 0 },
            Form { words: &["run|run-script|build|exec"], milliseconds: 30000, each: 0 },
            Form { words: &["test"], milliseconds: 20000, each: 0 },
            Form { words: &[], milliseconds: 1000, each: 0 },
        ],
    },
    Prior {
        names: &["npx", "pnpx", "bunx"],
        forms: &[
            Form { words: &[], milliseconds: 20000, each: 0 },
        ],
    },
    Prior {
        names: &["pacman"],
        forms: &[
            Form { words: &[], milliseconds: 20000, each: 0 },
        ],
    },
    Prior {
        names: &["pdm"],
        forms: &[
            Form { words: &["install|sync"], milliseconds: 20000, each: 0 },
            Form { words: &[], milliseconds: 2000, each: 0 },
        ],
    },
    Prior {
        names: &["docker-php-ext-install", "install-php-extensions", "pecl"],
        forms: &[
            Form { words: &[], milliseconds: 10000, each: 10000 },
        ],
    },
    Prior {
        names: &["pip", "pip2", "pip3"],
        forms: &[
            Form { words: &["install|wheel"], milliseconds: 20000, each: 0 },
            Form { words: &["download"], milliseconds: 10000, each: 0 },
            Form { words: &[], milliseconds: 1000, each: 0 },
        ],
    },
    Prior {
        names: &["pipenv"],
        forms: &[
            Form { words: &["install|sync"], milliseconds: 30000, each: 0 },
            Form { words: &[], milliseconds: 2000, each: 0 },
        ],
    },
    Prior {
        names: &["pnpm"],
        forms: &[
            Form { words: &["install|i|fetch|add"], milliseconds: 20000, each: 0 },
            Form { words: &["run|build|exec|turbo|nx"], milliseconds: 30000, each: 0 },
            Form { words: &[], milliseconds: 2000, each: 0 },
        ],
    },
    Prior {
        names: &["poetry"],
        forms: &[
            Form { words: &["install|sync|update"], milliseconds: 30000, each: 0 },
            Form { words: &["build"], milliseconds: 5000, each: 0 },
            Form { words: &[], milliseconds: 2000, each: 0 },
        ],
    },
    Prior {
        names: &[":", "[", "addgroup", "adduser", "basename", "cat", "cd", "chgrp", "chmod", "chown", "cp", "cut", "date", "dirname", "echo", "env", "exit", "export", "false", "find", "grep", "groupadd", "groupmod", "head", "hostname", "id", "install", "ldconfig", "ln", "locale-gen", "ls", "mkdir", "mktemp", "mv", "passwd", "printf", "pwd", "rm", "rmdir", "sed", "set", "sort", "stat", "strip", "tail", "tee", "test", "touch", "tr", "true", "umask", "uname", "uniq", "unset", "update-alternatives", "update-ca-certificates", "useradd", "usermod", "wc", "which", "xargs"],
        forms: &[
            Form { words: &[], milliseconds: 5, each: 0 },
        ],
    },
    Prior {
        names: &["rustup", "rustup-init"],
        forms: &[
            Form { words: &["target"], milliseconds: 5000, each: 0 },
            Form { words: &[], milliseconds: 20000, each: 0 },
        ],
    },
    Prior {
        names: &["sbt", "mill"],
        forms: &[
            Form { words: &["update"], milliseconds: 60000, each: 0 },
            Form { words: &[], milliseconds: 120000, each: 0 },
        ],
    },
    Prior {
        names: &["uv"],
        forms: &[
            Form { words: &["sync|pip"], milliseconds: 5000, each: 0 },
            Form { words: &["tool|python"], milliseconds: 5000, each: 0 },
            Form { words: &["run"], milliseconds: 5000, each: 0 },
            Form { words: &[], milliseconds: 1000, each: 0 },
        ],
    },
    Prior {
        names: &["yarn", "yarnpkg"],
        forms: &[
            Form { words: &["install"], milliseconds: 35000, each: 0 },
            Form { words: &["build|run|workspace|workspaces|nx|turbo"], milliseconds: 30000, each: 0 },
            Form { words: &["global|add"], milliseconds: 10000, each: 0 },
            Form { words: &["cache|config|set"], milliseconds: 1000, each: 0 },
            Form { words: &[], milliseconds: 35000, each: 0 },
        ],
    },
];

/// How often official images move in a year, sorted by name.
pub(super) static BASES: &[(&str, u32)] = &[
    ("alpine", 11),
    ("debian", 19),
    ("golang", 74),
    ("nginx", 19),
    ("node", 53),
    ("php", 47),
    ("python", 30),
    ("rust", 21),
];
