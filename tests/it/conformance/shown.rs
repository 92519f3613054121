//! An image as text: its config, what it adds to its base's history and tree, and on request its layers.
//!
//! Times of the build are `now`, others are written out. What is empty is left out, as builders do not agree how to
//! write it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Read;
use std::rc::Rc;

use rplan::digest::Digest;
use rplan::oci::config::History;
use rplan::oci::layer::{Entry, Kind, LayerReader, walk_order};
use rplan::oci::{BlobSource, Image, Platform};
use serde_json::Value;

/// A daemon that keeps what it made may give it again.
const HOUR: i64 = 3600;

/// Longer contents are told by their digest.
const LONG: usize = 2000;

/// Shows `image`; `base` is what it was built on, if anything, and `began` when.
pub(super) fn shown(
    image: &Image,
    source: &dyn BlobSource,
    (base, below): (&Image, &Layers),
    began: i64,
    with_layers: bool,
) -> String {
    let layers = Layers::read(image, source);
    let is_on_base = image.layers.first().map(|layer| layer.diff_id) == base.layers.first().map(|layer| layer.diff_id);
    let clock = Clock { began };
    let mut text = "config\n".to_owned();
    config(&mut text, &image.config_bytes, clock);
    text.push_str("history\n");
    history(&mut text, image, if is_on_base { &base.config.history } else { &[] }, clock);
    let own = if is_on_base { base.layers.len() } else { 0 };
    if with_layers {
        for (number, layer) in layers.0[own..].iter().enumerate() {
            writeln!(text, "layer {}", number + 1).unwrap();
            layer.iter().for_each(|file| line(&mut text, &file.entry, file.detail(), clock));
        }
    }
    text.push_str("tree\n");
    tree(&mut text, &Tree::of(&layers), &if is_on_base { Tree::of(below) } else { Tree::default() }, clock);
    text
}

/// The entries of every layer, with their contents.
pub(super) struct Layers(Vec<Vec<File>>);

#[derive(Clone)]
struct File {
    entry: Entry,
    content: Rc<Vec<u8>>,
}

impl Layers {
    /// Reads the layers of `image`.
    pub fn read(image: &Image, source: &dyn BlobSource) -> Self {
        let read = |layer: &rplan::oci::Layer| {
            let mut reader = LayerReader::new(source.open(&layer.blob).expect("a blob")).expect("a layer");
            let mut files = Vec::new();
            while let Some(entry) = reader.next_entry().expect("an entry") {
                let mut content = Vec::new();
                if matches!(entry.kind, Kind::File { .. }) {
                    reader.read_to_end(&mut content).expect("a content");
                }
                files.push(File { entry, content: Rc::new(content) });
            }
            files
        };
        Self(image.layers.iter().map(read).collect())
    }
}

impl File {
    fn detail(&self) -> String {
        match &self.entry.kind {
            Kind::File { .. } => content(&self.content),
            Kind::Symlink { target } => format!(" -> {}", text(target)),
            Kind::HardLink { target } => format!(" = /{}", text(target)),
            Kind::CharDevice { major, minor } | Kind::BlockDevice { major, minor } => format!(" {major},{minor}"),
            Kind::Directory | Kind::Fifo | Kind::Whiteout | Kind::Opaque => String::new(),
        }
    }

    /// Whether nothing tells them apart but the times of directories: any change in a directory moves those.
    fn looks_like(&self, other: &Self) -> bool {
        let timeless = |file: &Self| Entry {
            mtime: if file.entry.kind == Kind::Directory { 0 } else { file.entry.mtime },
            ..file.entry.clone()
        };
        timeless(self) == timeless(other) && self.content == other.content
    }
}

/// What the layers add up to.
#[derive(Default)]
struct Tree(BTreeMap<Vec<u8>, File>);

impl Tree {
    fn of(layers: &Layers) -> Self {
        let mut tree = Self::default();
        for layer in &layers.0 {
            let is = |file: &&File, wanted: Kind| file.entry.kind == wanted;
            for file in layer.iter().filter(|file| is(file, Kind::Whiteout)) {
                tree.remove(&file.entry.path, true);
            }
            for file in layer.iter().filter(|file| is(file, Kind::Opaque)) {
                tree.remove(&file.entry.path, false);
            }
            for file in layer.iter().filter(|file| !is(file, Kind::Whiteout) && !is(file, Kind::Opaque)) {
                tree.put(file);
            }
        }
        tree
    }

    fn remove(&mut self, path: &[u8], itself: bool) {
        let below = [path, b"/"].concat();
        self.0.retain(|other, _| !(other.starts_with(&below) || itself && other == path));
    }

    fn put(&mut self, file: &File) {
        let path = &file.entry.path;
        for (end, _) in path.iter().enumerate().filter(|(_, byte)| **byte == b'/') {
            let implied = Entry::new(&path[..end], Kind::Directory, 0o755);
            self.0.entry(path[..end].to_vec()).or_insert(File { entry: implied, content: Rc::default() });
        }
        let was_directory = self.0.get(path).is_some_and(|old| old.entry.kind == Kind::Directory);
        if was_directory && file.entry.kind != Kind::Directory {
            self.remove(path, true);
        }
        // A link is one more name of what is at its target now: the two share their content from here on.
        let mut file = file.clone();
        if let Kind::HardLink { target } = &file.entry.kind
            && let Some(named) = self.0.get(target)
        {
            file = File { entry: Entry { path: path.clone(), ..named.entry.clone() }, content: named.content.clone() };
        }
        self.0.insert(path.clone(), file);
    }
}

/// Tells the times of a build from others.
#[derive(Clone, Copy)]
struct Clock {
    began: i64,
}

impl Clock {
    fn is_now(self, seconds: i64) -> bool {
        seconds >= self.began - HOUR
    }

    fn time(self, seconds: i64) -> String {
        if self.is_now(seconds) {
            return "now".to_owned();
        }
        let time = jiff::Timestamp::from_second(seconds).expect("a time").to_string();
        time.strip_suffix("T00:00:00Z").map_or(time.clone(), str::to_owned)
    }

    /// The same of what a config says, when it is not now.
    fn remark(self, written: Option<&str>) -> Option<String> {
        let Some(written) = written else { return Some("never".to_owned()) };
        let time: jiff::Timestamp = written.parse().expect("a time");
        (!self.is_now(time.as_second())).then(|| self.time(time.as_second()))
    }
}

fn config(out: &mut String, bytes: &[u8], clock: Clock) {
    let config: Value = serde_json::from_slice(bytes).expect("a config");
    let host = Platform::host();
    for (key, value) in config.as_object().expect("an object") {
        let is_usual = match key.as_str() {
            "config" | "rootfs" | "history" => true,
            "architecture" => *value == host.architecture.as_str(),
            "os" => *value == host.os.as_str(),
            _ => is_empty(value),
        };
        match key.as_str() {
            "created" => {
                if let Some(time) = clock.remark(value.as_str()) {
                    writeln!(out, "  created {time}").unwrap();
                }
            }
            _ if is_usual => {}
            _ => writeln!(out, "  {key} {value}").unwrap(),
        }
    }
    for (key, value) in config["config"].as_object().into_iter().flatten().filter(|(_, value)| !is_empty(value)) {
        match (key.as_str(), value) {
            ("Env", Value::Array(lines)) => {
                lines.iter().filter_map(Value::as_str).for_each(|line| writeln!(out, "  Env {line}").unwrap());
            }
            ("Labels", Value::Object(labels)) => {
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                labels.iter().for_each(|(name, value)| writeln!(out, "  Label {name}={}", text(value)).unwrap());
            }
            _ => writeln!(out, "  {key} {value}").unwrap(),
        }
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Number(_) => false,
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.is_empty(),
        Value::Object(values) => values.is_empty(),
    }
}

fn history(out: &mut String, image: &Image, base: &[History], clock: Clock) {
    let lines = &image.config.history;
    let of_base = lines.iter().zip(base).take_while(|(line, old)| line == old).count();
    if of_base < base.len() {
        writeln!(out, "  without that of its base").unwrap();
    }
    for line in &lines[of_base..] {
        let kind = if line.empty_layer { "empty" } else { "layer" };
        write!(out, "  {kind} {}", line.created_by.replace('\n', "\\n")).unwrap();
        if line.comment != "buildkit.dockerfile.v0" {
            write!(out, " [comment: {}]", line.comment).unwrap();
        }
        if let Some(time) = clock.remark(line.created.as_deref()) {
            write!(out, " [created: {time}]").unwrap();
        }
        out.push('\n');
    }
    let told = lines.iter().filter(|line| !line.empty_layer).count();
    if told != image.layers.len() {
        writeln!(out, "  tells of {told} layers, but there are {}", image.layers.len()).unwrap();
    }
}

/// What is not as it is in the tree below, and what is gone from it.
fn tree(out: &mut String, tree: &Tree, below: &Tree, clock: Clock) {
    let mut paths: Vec<&Vec<u8>> = tree.0.keys().chain(below.0.keys()).collect();
    paths.sort_by(|left, right| walk_order(left, right));
    paths.dedup();
    let mut names: BTreeMap<*const Vec<u8>, &Vec<u8>> = BTreeMap::new();
    for path in paths {
        let Some(file) = tree.0.get(path) else {
            let parent = path.iter().rposition(|byte| *byte == b'/').map_or(&[][..], |end| &path[..end]);
            // With a directory goes what is in it.
            if parent.is_empty() || tree.0.contains_key(parent) {
                writeln!(out, "  gone /{}", text(path)).unwrap();
            }
            continue;
        };
        let first = match file.entry.kind {
            Kind::File { .. } => *names.entry(Rc::as_ptr(&file.content)).or_insert(path),
            _ => path,
        };
        if below.0.get(path).is_some_and(|old| old.looks_like(file)) {
            continue;
        }
        let detail = if first == path { file.detail() } else { format!(" = /{}", text(first)) };
        line(out, &file.entry, detail, clock);
    }
}

fn line(out: &mut String, entry: &Entry, detail: String, clock: Clock) {
    let path = text(&entry.path);
    let kind = match entry.kind {
        Kind::Whiteout => return writeln!(out, "  gone /{path}").unwrap(),
        Kind::Opaque => return writeln!(out, "  gone /{path}/*").unwrap(),
        Kind::File { .. } | Kind::HardLink { .. } => '-',
        Kind::Directory => 'd',
        Kind::Symlink { .. } => 'l',
        Kind::CharDevice { .. } => 'c',
        Kind::BlockDevice { .. } => 'b',
        Kind::Fifo => 'p',
    };
    let owner = format!("{}:{}", entry.uid, entry.gid);
    let slash = if kind == 'd' { "/" } else { "" };
    let time = clock.time(entry.mtime);
    write!(out, "  {kind}{} {owner:<7} {time:<10} /{path}{slash}", permissions(entry.mode)).unwrap();
    for (name, value) in &entry.xattrs {
        let value: String = value.iter().map(|byte| format!("{byte:02x}")).collect();
        write!(out, " {}={value}", text(name)).unwrap();
    }
    writeln!(out, "{detail}").unwrap();
}

/// `rwxr-xr-x`, with `s` and `t` as `ls` has them.
fn permissions(mode: u32) -> String {
    let special = [(0o4000, 's'), (0o2000, 's'), (0o1000, 't')];
    let triple = |(index, (bit, letter)): (usize, (u32, char))| {
        let bits = mode >> (6 - 3 * index);
        let execute = match (bits & 1 != 0, mode & bit != 0) {
            (true, true) => letter,
            (false, true) => letter.to_ascii_uppercase(),
            (true, false) => 'x',
            (false, false) => '-',
        };
        [if bits & 4 != 0 { 'r' } else { '-' }, if bits & 2 != 0 { 'w' } else { '-' }, execute]
    };
    special.into_iter().enumerate().flat_map(triple).collect()
}

/// A line between quotes, several below each other, or the digest of what is long or no text.
fn content(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if bytes.len() <= LONG && !text.contains('\0') => match text.strip_suffix('\n') {
            Some(lines) if lines.contains('\n') => lines
                .split('\n')
                .map(|line| format!("\n      | {}", line.replace(|c: char| c.is_control() && c != '\t', "?")))
                .collect(),
            _ => format!(" {text:?}"),
        },
        _ => format!(" {} bytes {}", bytes.len(), Digest::of(bytes).short()),
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
