//! A case: a Markdown file whose title says what it pins, and whose fenced blocks are a build and what comes of it.
//!
//! | block | what it is |
//! |---|---|
//! | `dockerfile` | the Dockerfile, in the context |
//! | `file PATH` | a file of the context |
//! | `sh` | a script that makes the rest of the context, and runs in it |
//! | `console` | the command, where it is not `rplan build .` |
//! | `base` | keys that the config of the base image has besides its PATH |
//! | `image` | what comes of it: config, history and tree; `image layers` shows the layers too |
//! | `error` | what is said instead |

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// One case.
pub(super) struct Case {
    /// `area/name`
    pub name: String,
    /// Its first line.
    pub title: String,
    /// The part of the language that it is of, as in `§1.9`.
    pub section: String,
    pub blocks: Vec<Block>,
    pub expected: Option<Expected>,
    path: PathBuf,
    text: String,
}

/// A fenced block.
pub(super) struct Block {
    pub kind: String,
    /// What stands behind the kind.
    pub argument: String,
    pub content: String,
}

/// What comes of a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expected {
    Image(String),
    Error(String),
}

impl Case {
    /// Every case below `directory`, sorted by name.
    pub fn all(directory: &Path) -> Vec<Self> {
        let entries = |path: &Path| -> Vec<PathBuf> {
            fs::read_dir(path).into_iter().flatten().map(|entry| entry.unwrap().path()).collect()
        };
        let areas = entries(directory).into_iter().filter(|path| path.is_dir());
        let mut files: Vec<PathBuf> = areas.flat_map(|area| entries(&area)).collect();
        files.sort();
        assert!(!files.is_empty(), "there are cases in {}", directory.display());
        files.into_iter().map(|path| Self::read(directory, path)).collect()
    }

    fn read(directory: &Path, path: PathBuf) -> Self {
        let text = fs::read_to_string(&path).unwrap();
        let name = path.strip_prefix(directory).unwrap().with_extension("").display().to_string();
        let title = text.lines().next().and_then(|line| line.strip_prefix("# ")).unwrap_or_default().to_owned();
        let section = text.lines().nth(2).and_then(|line| line.split([' ', ':']).next()).unwrap_or_default().to_owned();
        assert!(!title.is_empty() && section.starts_with('§'), "{name}: a title and a section come first");
        let mut blocks = blocks(&text);
        let expected = blocks.pop_if(|block| ["image", "error"].contains(&block.kind.as_str()));
        let expected = expected.map(|block| match block.kind.as_str() {
            "image" => Expected::Image(block.content),
            _ => Expected::Error(block.content),
        });
        let known = ["dockerfile", "file", "sh", "console", "base"];
        let unknown = blocks.iter().find(|block| !known.contains(&block.kind.as_str()));
        assert!(unknown.is_none(), "{name}: there is no block `{}` here", unknown.unwrap().kind);
        Self { name, title, section, blocks, expected, path, text }
    }

    /// The content of the block of a kind.
    pub fn block(&self, kind: &str) -> Option<&str> {
        self.blocks.iter().find(|block| block.kind == kind).map(|block| block.content.as_str())
    }

    /// The command that builds it.
    pub fn command(&self) -> &str {
        let command = self.block("console").map_or("rplan build .", |text| text.trim_start_matches("$ ").trim());
        assert!(command.contains("rplan build "), "{}: `{command}` builds nothing", self.name);
        command
    }

    /// Whether the layers matter, and not only what they add up to.
    pub fn shows_layers(&self) -> bool {
        self.text.contains("\n```image layers\n")
    }

    /// Writes down what comes of it.
    pub fn expect(&self, result: &Expected) {
        let cut = ["\n```image", "\n```error"].iter().filter_map(|fence| self.text.rfind(fence)).max();
        let start = self.text[..cut.map_or(self.text.len(), |at| at + 1)].trim_end();
        let kind = match result {
            Expected::Image(_) if self.shows_layers() => "image layers",
            Expected::Image(_) => "image",
            Expected::Error(_) => "error",
        };
        fs::write(&self.path, format!("{start}\n\n```{kind}\n{result}```\n")).unwrap();
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Image(text) | Self::Error(text) => f.write_str(text),
        }
    }
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut is_open = false;
    for line in text.split_inclusive('\n') {
        match line.strip_prefix("```") {
            Some(_) if is_open => is_open = false,
            Some(info) => {
                let (kind, argument) = info.trim().split_once(' ').unwrap_or((info.trim(), ""));
                blocks.push(Block { kind: kind.to_owned(), argument: argument.to_owned(), content: String::new() });
                is_open = true;
            }
            None if is_open => blocks.last_mut().expect("a block is open").content.push_str(line),
            None => {}
        }
    }
    blocks
}
