//! Reading a Compose file: the `build` of each service, what it extends, and which files are included.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use granit_parser::ScalarStyle;

use super::dotenv::Env;
use super::fragment::{Fragment, is_remote, joined};
use super::inline::Written;
use super::interpolation;
use super::yaml::{self, Content, Node};
use super::{BuildFileError, Inline, Setting, scalar};
use crate::text::{SourceFile, Span};

/// What Compose knows at the top of its files; one without any of these is something else.
const TOP: [&str; 9] =
    ["services", "include", "name", "version", "volumes", "networks", "configs", "secrets", "models"];

/// What a Compose file says of builds.
#[derive(Debug, Clone, Default)]
pub(super) struct ComposeFile {
    pub(super) services: BTreeMap<String, Service>,
    pub(super) includes: Vec<Include>,
}

/// A project of its own.
#[derive(Debug, Clone)]
pub(super) struct Include {
    pub(super) files: Vec<PathBuf>,
    /// What paths in its files are relative to.
    pub(super) folder: PathBuf,
    /// What its variables are, the later over the earlier.
    pub(super) env_files: Vec<PathBuf>,
}

/// One service.
#[derive(Debug, Clone, Default)]
pub(super) struct Service {
    pub(super) build: Option<Fragment>,
    pub(super) extends: Option<Extends>,
}

/// The service that another one starts from.
#[derive(Debug, Clone)]
pub(super) struct Extends {
    /// The file it is in; the same one where none is named.
    pub(super) file: Option<PathBuf>,
    pub(super) service: String,
}

impl ComposeFile {
    /// Every Dockerfile that is written into it.
    pub(super) fn inlines(self) -> Vec<Arc<Inline>> {
        self.services.into_values().filter_map(|service| service.build?.inline?).collect()
    }
}

/// Reads the file.
pub(super) fn read(written: &Arc<Written>) -> Result<ComposeFile, BuildFileError> {
    let (reader, source) = (Reader { written, folder: &written.folder }, &written.source);
    let mut file = ComposeFile::default();
    for document in yaml::read(source)?.iter().filter(|document| !document.is_null()) {
        let entries = document
            .entries()
            .ok_or_else(|| BuildFileError::new(first_line(source), "this is no Compose file: it is no mapping"))?;
        let is_known = |key: &str| TOP.contains(&key) || key.starts_with("x-");
        if !entries.is_empty() && !entries.iter().any(|entry| is_known(&entry.key)) {
            return Err(BuildFileError::new(first_line(source), "this is no Compose file: it has no `services`"));
        }
        if let Some(services) = document.get("services") {
            for entry in map(services, "`services`")? {
                let service = reader.service(&entry.value, &entry.key)?;
                file.services.entry(entry.key.clone()).or_default().add(service);
            }
        }
        if let Some(include) = document.get("include") {
            reader.includes(include, &mut file.includes);
        }
    }
    Ok(file)
}

fn first_line(source: &SourceFile) -> Span {
    source.line_span(0)
}

impl Service {
    /// What a later document says of the same service.
    fn add(&mut self, later: Service) {
        self.build = match (self.build.take(), later.build) {
            (Some(below), Some(own)) => Some(own.over(below)),
            (below, own) => own.or(below),
        };
        self.extends = later.extends.or(self.extends.take());
    }
}

struct Reader<'a> {
    written: &'a Arc<Written>,
    folder: &'a Path,
}

impl Reader<'_> {
    fn service(&self, node: &Node, name: &str) -> Result<Service, BuildFileError> {
        if node.is_null() {
            return Ok(Service::default());
        }
        map(node, &format!("the service `{name}`"))?;
        let mut build = match written(node, "build") {
            Some(build) => Some(self.build(build, name)?),
            None => None,
        };
        // What the service runs on is what it is built for, where the build says nothing else.
        if let (Some(build), Some(platform)) = (&mut build, written(node, "platform")) {
            let platform = self.filled(text(platform, "platform")?).map(|platform| BTreeSet::from([platform]));
            build.platforms.get_or_insert(platform);
        }
        Ok(Service { build, extends: node.get("extends").and_then(|extends| self.extends(extends)) })
    }

    fn extends(&self, node: &Node) -> Option<Extends> {
        let service = node.text().or_else(|| node.get("service")?.text())?;
        let file = node.get("file").and_then(|file| self.path(file.text()?));
        Some(Extends { file, service: service.to_owned() })
    }

    fn includes(&self, node: &Node, includes: &mut Vec<Include>) {
        for item in node.items().unwrap_or_default() {
            let files = self.paths(item.get("path").unwrap_or(item));
            let Some(own) = files.first().and_then(|first| first.parent()) else { continue };
            let folder = item.get("project_directory").and_then(|folder| self.path(folder.text()?));
            let folder = folder.unwrap_or_else(|| own.to_owned());
            let env_files = item.get("env_file").map(|env_files| self.paths(env_files));
            let env_files = env_files.unwrap_or_else(|| vec![Env::beside(&folder)]);
            includes.push(Include { files, folder, env_files });
        }
    }

    /// One path or a list of them.
    fn paths(&self, node: &Node) -> Vec<PathBuf> {
        let several = node.items().unwrap_or_default().iter().filter_map(|path| path.text());
        node.text().into_iter().chain(several).filter_map(|path| self.path(path)).collect()
    }

    /// A path on this machine, where it is known.
    fn path(&self, text: &str) -> Option<PathBuf> {
        self.filled(text).filter(|path| !is_remote(path)).map(|path| joined(self.folder, &path))
    }

    fn filled(&self, text: &str) -> Setting {
        interpolation::filled(text, &self.written.env)
    }

    /// `build: DIR`, or all of it.
    fn build(&self, node: &Node, name: &str) -> Result<Fragment, BuildFileError> {
        if let Some(context) = node.text() {
            return Ok(Fragment { context: Some(self.path(context)), ..Fragment::default() });
        }
        map(node, "`build`")?;
        let text = |key: &str| written(node, key).map(|value| text(value, key)).transpose();
        let named_contexts = match written(node, "additional_contexts") {
            Some(contexts) => self.pairs(contexts, "additional_contexts")?.into_keys().collect(),
            None => BTreeSet::new(),
        };
        Ok(Fragment {
            context: text("context")?.map(|context| self.path(context)),
            dockerfile: text("dockerfile")?.map(|text| self.filled(text)),
            inline: written(node, "dockerfile_inline").map(|inline| self.inline(inline, name)).transpose()?.map(Some),
            target: text("target")?.map(|text| self.filled(text)),
            args: written(node, "args").map(|args| self.pairs(args, "args")).transpose()?.unwrap_or_default(),
            has_further_args: false,
            named_contexts,
            platforms: written(node, "platforms").map(|platforms| self.platforms(platforms)).transpose()?,
        })
    }

    fn inline(&self, node: &Node, name: &str) -> Result<Arc<Inline>, BuildFileError> {
        text(node, "dockerfile_inline")?;
        let text = scalar::transcript(&self.written.source, node).unwrap_or_default();
        Ok(Arc::new(Inline::new(
            self.written,
            name,
            node.span.start,
            interpolation::transcript(&text, &self.written.env),
        )))
    }

    /// The platforms of a build, or of a service; none where one of them is not known.
    fn platforms(&self, node: &Node) -> Result<Option<BTreeSet<String>>, BuildFileError> {
        let items =
            node.items().ok_or_else(|| BuildFileError::new(node.span, "`platforms` is a list in a Compose file"))?;
        items.iter().map(|item| text(item, "platforms").map(|text| self.filled(text))).collect()
    }

    /// Names with values: a mapping, or a list of `NAME=VALUE`. A name alone has the value of the environment.
    fn pairs(&self, node: &Node, key: &str) -> Result<BTreeMap<String, Setting>, BuildFileError> {
        let wrong =
            |node: &Node| BuildFileError::new(node.span, format!("`{key}` is a mapping, or a list of NAME=VALUE"));
        match &node.content {
            Content::Map(entries) => {
                let pair = |entry: &yaml::Entry| {
                    let value = self.value(&entry.key, &entry.value).map_err(wrong)?;
                    Ok((entry.key.clone(), value))
                };
                entries.iter().map(pair).collect()
            }
            Content::List(items) => {
                let pair = |item: &Arc<Node>| {
                    let text = item.text().ok_or_else(|| wrong(item))?;
                    Ok(match text.split_once('=') {
                        Some((name, value)) => (name.to_owned(), self.filled(value)),
                        None => (text.to_owned(), self.of_environment(text)),
                    })
                };
                items.iter().map(pair).collect()
            }
            Content::Scalar { .. } => Err(wrong(node)),
        }
    }

    /// The text that a value becomes; the node when it can have none.
    fn value<'n>(&self, name: &str, node: &'n Node) -> Result<Setting, &'n Node> {
        match &node.content {
            Content::Scalar { .. } if node.is_null() => Ok(self.of_environment(name)),
            Content::Scalar { text, style: ScalarStyle::Plain } if !is_as_written(text) => Ok(None),
            Content::Scalar { text, .. } => Ok(self.filled(text)),
            _ => Err(node),
        }
    }

    /// The value of a name that is given none.
    fn of_environment(&self, name: &str) -> Setting {
        self.written.env.get(name).cloned().flatten()
    }
}

/// The value of a key, unless nothing is written there or it is taken back by `!reset`.
fn written<'a>(node: &'a Node, key: &str) -> Option<&'a Arc<Node>> {
    node.get(key).filter(|value| !value.is_null() && value.tag.as_deref() != Some("reset"))
}

fn map<'a>(node: &'a Node, what: &str) -> Result<&'a [yaml::Entry], BuildFileError> {
    node.entries().ok_or_else(|| BuildFileError::new(node.span, format!("{what} is a mapping in a Compose file")))
}

fn text<'a>(node: &'a Node, key: &str) -> Result<&'a str, BuildFileError> {
    node.text().ok_or_else(|| BuildFileError::new(node.span, format!("`{key}` is a text in a Compose file")))
}

/// Whether Compose hands on a plain value as it is written: a number such as `1.20` or `0x10` it writes anew.
pub(super) fn is_as_written(text: &str) -> bool {
    let is_number = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'))
        && text.bytes().all(|byte| byte.is_ascii_hexdigit() || b"+-.xo_".contains(&byte));
    !is_number
        || text.parse::<i64>().is_ok_and(|number| number.to_string() == text)
        || text.matches('.').count() > 1
        || text.parse::<f64>().is_ok_and(|number| text.contains('.') && number.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::builds::BuildFileKind;

    fn read_text(text: &str) -> Result<ComposeFile, BuildFileError> {
        read_in(Env::default(), text)
    }

    fn read_in(env: Env, text: &str) -> Result<ComposeFile, BuildFileError> {
        let source = SourceFile::new("compose.yaml", text);
        let written = Written::new(BuildFileKind::Compose, Path::new("compose.yaml"), source);
        read(&Arc::new(Written { env, ..written }))
    }

    fn fragment(text: &str) -> Fragment {
        fragment_in("", text)
    }

    fn fragment_in(env: &str, text: &str) -> Fragment {
        let file = read_in(Env::read(env), text).expect("a Compose file");
        file.services.into_values().next().and_then(|service| service.build).expect("a build")
    }

    fn error(text: &str) -> (String, String) {
        let error = read_text(text).expect_err("it is wrong");
        (text[error.span.range()].to_owned(), error.message)
    }

    #[test]
    fn both_forms_of_arguments_are_read() {
        let text = "services:\n  web:\n    build:\n      args:\n        A: x\n        B: 1.20\n        C: 1.2\n        \
                    D: ${D:-d}\n        E: $E\n        F:\n        G: true\n        H: 3.20.1\n        I: '1.20'\n";
        let known = |text: &str| Some(text.to_owned());
        let expected = [
            ("A", known("x")),
            ("B", None),
            ("C", known("1.2")),
            ("D", known("d")),
            ("E", None),
            ("F", None),
            ("G", known("true")),
            ("H", known("3.20.1")),
            ("I", known("1.20")),
        ];
        let expected: BTreeMap<String, Setting> =
            expected.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        assert_eq!(fragment(text).args, expected);
        let listed = "services:\n  web:\n    build:\n      args: [A=x, 'B=1.20', C=1.2, 'D=${D:-d}', E=$E, F, G=true, H=3.20.1]\n";
        let args = fragment(listed).args;
        assert_eq!((&args["A"], &args["B"], &args["F"]), (&known("x"), &known("1.20"), &None));
    }

    #[test]
    fn the_env_file_gives_variables_their_values() {
        let text = "services:\n  web:\n    build:\n      context: ${DIR}\n      target: ${STAGE:-dev}\n      args: [A, B=$A-$OTHER, C]\n      \
                    dockerfile_inline: |\n        FROM alpine:$A\n";
        let fragment = fragment_in("DIR=./app\nA='3.20'\nSTAGE=prod\nC\nOTHER=x\n", text);
        assert_eq!(fragment.context, Some(Some(PathBuf::from("app"))));
        assert_eq!(fragment.target, Some(Some("prod".to_owned())));
        let args: Vec<Option<&str>> = fragment.args.values().map(|value| value.as_deref()).collect();
        assert_eq!(args, [Some("3.20"), Some("3.20-x"), None]);
        let inline = fragment.inline.flatten().expect("a Dockerfile");
        assert_eq!(inline.source().text(), "FROM alpine:3.20\n");
    }

    #[test]
    fn a_build_is_for_its_platforms_or_for_that_of_the_service() {
        let platforms = |text: &str| {
            let platforms = fragment(&format!("services:\n  web:\n{text}")).platforms;
            platforms.map(|known| known.map(|known| known.into_iter().collect::<Vec<_>>().join(" ")))
        };
        let known = |text: &str| Some(Some(text.to_owned()));
        assert_eq!(platforms("    build: .\n"), None);
        assert_eq!(platforms("    build: .\n    platform: linux/arm64\n"), known("linux/arm64"));
        let two = "    platform: linux/arm64\n    build:\n      platforms: [linux/arm64, linux/amd64]\n";
        assert_eq!(platforms(two), known("linux/amd64 linux/arm64"));
        assert_eq!(platforms("    build: .\n    platform: $P\n"), Some(None));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        assert_eq!(error("services: []\n").0, "[]");
        assert_eq!(
            error("services:\n  web:\n    build: [x]\n"),
            ("[x]".into(), "`build` is a mapping in a Compose file".into())
        );
        assert_eq!(error("services:\n  web:\n    build:\n      args: x\n").0, "x");
        assert_eq!(error("kind: Pod\n").1, "this is no Compose file: it has no `services`");
        assert_eq!(error("- a\n").1, "this is no Compose file: it is no mapping");
        assert!(error("services:\n  web: 'x\n").1.starts_with("this cannot be read as YAML: "));
    }

    #[test]
    fn what_was_reset_is_not_there() {
        let file = read_text("services:\n  web:\n    build: !reset null\n  api:\n    image: x\n");
        assert!(file.expect("a Compose file").services.values().all(|service| service.build.is_none()));
    }
}
