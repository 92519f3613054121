//! A small machine: a tree with links, modes and owners, a config, and the instructions that `generate` writes.

use std::collections::BTreeMap;

use super::generate::Context;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Directory,
    File(String),
    Link(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Node {
    kind: Kind,
    mode: u32,
    owner: String,
}

/// What a build has come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    tree: BTreeMap<String, Node>,
    variables: BTreeMap<String, String>,
    labels: BTreeMap<String, String>,
    workdir: String,
    user: String,
}

type Result<T> = std::result::Result<T, String>;

impl Machine {
    /// The state after all lines, or the first that fails.
    pub fn run(lines: &[String], context: &Context) -> Result<Self> {
        let root = Node { kind: Kind::Directory, mode: 0o755, owner: "0".to_owned() };
        let mut machine = Self {
            tree: BTreeMap::from([("/".to_owned(), root)]),
            variables: BTreeMap::new(),
            labels: BTreeMap::new(),
            workdir: "/".to_owned(),
            user: "0".to_owned(),
        };
        lines.iter().try_for_each(|line| machine.step(line, context))?;
        Ok(machine)
    }

    fn step(&mut self, line: &str, context: &Context) -> Result<()> {
        let (keyword, rest) = line.split_once(' ').unwrap();
        match keyword {
            "RUN" => rest.split(" && ").try_for_each(|command| self.command(command)),
            "COPY" => {
                let (source, target) = rest.split_once(' ').unwrap();
                self.copy(source, target, context)
            }
            "ENV" | "LABEL" => {
                let (name, value) = rest.split_once('=').unwrap();
                let into = if keyword == "ENV" { &mut self.variables } else { &mut self.labels };
                into.insert(name.to_owned(), value.to_owned());
                Ok(())
            }
            "USER" => {
                self.user = rest.to_owned();
                Ok(())
            }
            "WORKDIR" => {
                let owner = self.user.clone();
                self.make(rest, &owner)?;
                self.workdir = rest.to_owned();
                Ok(())
            }
            _ => unreachable!("{line}"),
        }
    }

    fn command(&mut self, command: &str) -> Result<()> {
        let words: Vec<&str> = command.split(' ').collect();
        match words.as_slice() {
            ["mkdir", "-p", paths @ ..] => {
                let owner = self.user.clone();
                paths.iter().try_for_each(|path| self.make(path, &owner).map(drop))
            }
            ["cp", "-r", from, to] => self.copy_tree(from, to),
            ["cp", from, to] => self.copy_file(from, to),
            ["mv", from, to] => self.rename(from, to),
            ["rm", "-rf", path] => self.remove(path),
            ["touch", path] => self.write(path, |content| content),
            ["chmod", "-R", mode, path] => self.chmod(path, mode, true),
            ["chmod", mode, path] => self.chmod(path, mode, false),
            ["ln", "-s", target, path] => self.link(target, path),
            ["echo", word, operator, path] => {
                let word = match word.strip_prefix('$') {
                    Some(name) => self.variables.get(name).cloned().unwrap_or_default(),
                    None => (*word).to_owned(),
                };
                let appends = *operator == ">>";
                self.write(path, |content| if appends { content + &word } else { word })
            }
            _ => unreachable!("{command}"),
        }
    }

    /// Where a path leads: every link on the way is followed, the last one if asked.
    fn lead(&self, path: &str, follow_last: bool) -> Result<String> {
        let mut waiting: Vec<String> = self.parts(path);
        let mut at = String::new();
        let mut followed = 0;
        while let Some(part) = waiting.pop() {
            match part.as_str() {
                ".." => at.truncate(at.rfind('/').unwrap_or(0)),
                _ => at = format!("{at}/{part}"),
            }
            if let (Some(Kind::Link(target)), true) =
                (self.tree.get(&at).map(|node| &node.kind), follow_last || !waiting.is_empty())
            {
                followed += 1;
                if followed > 16 {
                    return Err(format!("{path}: too many links"));
                }
                at = if target.starts_with('/') { String::new() } else { parent(&at).trim_end_matches('/').to_owned() };
                waiting.extend(split(target));
            } else if !waiting.is_empty() && !self.is_directory(&at) {
                return Err(format!("{at} is no directory"));
            }
        }
        Ok(if at.is_empty() { "/".to_owned() } else { at })
    }

    /// The parts of a path, the last one first.
    fn parts(&self, path: &str) -> Vec<String> {
        let whole = if path.starts_with('/') { path.to_owned() } else { format!("{}/{path}", self.workdir) };
        split(&whole)
    }

    fn is_directory(&self, path: &str) -> bool {
        path.is_empty() || self.tree.get(path).is_some_and(|node| node.kind == Kind::Directory)
    }

    fn node(&self, kind: Kind, mode: u32) -> Node {
        Node { kind, mode, owner: self.user.clone() }
    }

    /// Makes a directory and those above it, and tells where it is.
    fn make(&mut self, path: &str, owner: &str) -> Result<String> {
        let mut parts = self.parts(path);
        let mut at = String::new();
        while let Some(part) = parts.pop() {
            let next = self.lead(&format!("{at}/{part}"), true)?;
            match self.tree.get(&next) {
                Some(node) if node.kind == Kind::Directory => {}
                Some(_) => return Err(format!("{next} is no directory")),
                None if self.tree.contains_key(&format!("{at}/{part}")) => return Err(format!("{next} is dangling")),
                None => {
                    let node = Node { kind: Kind::Directory, mode: 0o755, owner: owner.to_owned() };
                    self.tree.insert(next.clone(), node);
                }
            }
            at = if next == "/" { String::new() } else { next };
        }
        Ok(at)
    }

    fn write(&mut self, path: &str, change: impl FnOnce(String) -> String) -> Result<()> {
        let at = self.lead(path, true)?;
        if !self.is_directory(parent(&at).trim_end_matches('/')) {
            return Err(format!("{path}: no such directory"));
        }
        let new = self.node(Kind::File(String::new()), 0o644);
        let node = self.tree.entry(at).or_insert(new);
        match &mut node.kind {
            Kind::File(content) => *content = change(std::mem::take(content)),
            // What touch does to a directory shows in its times alone.
            Kind::Directory if change(String::new()).is_empty() => {}
            _ => return Err(format!("{path} is no file")),
        }
        Ok(())
    }

    /// The path that something called `name` gets when it is put to `to`.
    fn put_to(&self, name: &str, to: &str) -> Result<String> {
        let at = self.lead(to, true)?;
        match self.is_directory(if at == "/" { "" } else { &at }) {
            true => Ok(format!("{}/{}", at.trim_end_matches('/'), name.rsplit('/').next().unwrap())),
            false => self.lead(to, false),
        }
    }

    fn copy_file(&mut self, from: &str, to: &str) -> Result<()> {
        let at = self.lead(from, true)?;
        let Some(Node { kind: Kind::File(content), mode, .. }) = self.tree.get(&at).cloned() else {
            return Err(format!("{from} is no file"));
        };
        let target = self.put_to(from, to)?;
        let led = self.lead(&target, true)?;
        if led != target && !self.tree.contains_key(&led) {
            return Err(format!("{to} is dangling"));
        }
        if led == at {
            return Err("they are the same".to_owned());
        }
        let is_new = !self.tree.contains_key(&led);
        self.write(&led, |_| content)?;
        if is_new {
            self.tree.get_mut(&led).unwrap().mode = mode;
        }
        Ok(())
    }

    fn copy_tree(&mut self, from: &str, to: &str) -> Result<()> {
        let at = self.lead(from, false)?;
        if matches!(self.tree.get(&at).map(|node| &node.kind), Some(Kind::File(_))) {
            return self.copy_file(from, to);
        }
        let target = self.put_to(from, to)?;
        if !self.tree.contains_key(&at) || within(&target, &at) || within(&at, &target) {
            return Err(format!("{from} cannot be copied"));
        }
        let all: Vec<(String, Node)> = self.below(&at);
        for (path, node) in all {
            let path = format!("{target}{}", &path[at.len()..]);
            self.place(path, Node { owner: self.user.clone(), ..node }, false)?;
        }
        Ok(())
    }

    /// Puts a node to a path; what is there is replaced, a directory is kept.
    fn place(&mut self, path: String, node: Node, replaces_links: bool) -> Result<()> {
        if !self.is_directory(parent(&path).trim_end_matches('/')) {
            return Err(format!("{path}: no such directory"));
        }
        match (self.tree.get_mut(&path), &node.kind) {
            (None, _) => drop(self.tree.insert(path, node)),
            (Some(Node { kind: Kind::Directory, .. }), Kind::Directory) => {}
            (Some(Node { kind: Kind::Directory, .. }), _) | (Some(_), Kind::Directory) => {
                return Err(format!("{path} is something else"));
            }
            (Some(there), _) if replaces_links => *there = node,
            (Some(Node { kind: Kind::Link(_), .. }), _) | (Some(_), Kind::Link(_)) => {
                return Err(format!("{path} is a link"));
            }
            (Some(there), Kind::File(_)) => there.kind = node.kind,
        }
        Ok(())
    }

    fn below(&self, at: &str) -> Vec<(String, Node)> {
        let all = self.tree.iter().filter(|(path, _)| within(path, at));
        all.map(|(path, node)| (path.clone(), node.clone())).collect()
    }

    fn rename(&mut self, from: &str, to: &str) -> Result<()> {
        let at = self.lead(from, false)?;
        let target = self.put_to(from, to)?;
        let is_directory = self.is_directory(&at);
        let there = self.tree.get(&target).map(|node| node.kind == Kind::Directory);
        if !self.tree.contains_key(&at) || at == "/" || within(&target, &at) || there == Some(true) {
            return Err(format!("{from} cannot be moved to {to}"));
        }
        if is_directory && there.is_some() || !self.is_directory(parent(&target).trim_end_matches('/')) {
            return Err(format!("{to} is no directory"));
        }
        for (path, node) in self.below(&at) {
            self.tree.remove(&path);
            self.tree.insert(format!("{target}{}", &path[at.len()..]), node);
        }
        Ok(())
    }

    fn remove(&mut self, path: &str) -> Result<()> {
        let Ok(at) = self.lead(path, false) else { return Ok(()) };
        self.tree.retain(|path, _| !within(path, &at));
        Ok(())
    }

    fn chmod(&mut self, path: &str, mode: &str, below: bool) -> Result<()> {
        let at = self.lead(path, true)?;
        let mode = u32::from_str_radix(mode, 8).unwrap();
        if !self.tree.contains_key(&at) {
            return Err(format!("{path}: no such file"));
        }
        for (path, node) in self.tree.iter_mut() {
            if (*path == at || below && within(path, &at)) && !matches!(node.kind, Kind::Link(_)) {
                node.mode = mode;
            }
        }
        Ok(())
    }

    fn link(&mut self, target: &str, path: &str) -> Result<()> {
        let at = self.put_to(target, path)?;
        if self.tree.contains_key(&at) || !self.is_directory(parent(&at).trim_end_matches('/')) {
            return Err(format!("{path} cannot be made"));
        }
        let node = self.node(Kind::Link(target.to_owned()), 0o777);
        self.tree.insert(at, node);
        Ok(())
    }

    fn copy(&mut self, source: &str, target: &str, context: &Context) -> Result<()> {
        let target = self.make(target.trim_end_matches('/'), "0")?;
        let root = |kind, mode| Node { kind, mode, owner: "0".to_owned() };
        if let Some((_, content)) = context.files.iter().find(|(path, _)| *path == source) {
            return self.place(format!("{target}/{source}"), root(Kind::File((*content).to_owned()), 0o644), true);
        }
        let inside = |path: &'static str| match source {
            "." => Some(path),
            directory => path.strip_prefix(directory).and_then(|rest| rest.strip_prefix('/')),
        };
        if source == "." {
            self.place(format!("{target}/d"), root(Kind::Directory, 0o755), true)?;
        }
        for (path, content) in &context.files {
            if let Some(path) = inside(path) {
                self.place(format!("{target}/{path}"), root(Kind::File((*content).to_owned()), 0o644), true)?;
            }
        }
        for (path, to) in &context.links {
            if let Some(path) = inside(path) {
                self.place(format!("{target}/{path}"), root(Kind::Link((*to).to_owned()), 0o777), true)?;
            }
        }
        Ok(())
    }
}

/// The parts of a path, the last one first.
fn split(path: &str) -> Vec<String> {
    path.split('/').filter(|part| !part.is_empty() && *part != ".").rev().map(str::to_owned).collect()
}

fn parent(path: &str) -> &str {
    path.rfind('/').map_or("/", |end| &path[..end.max(1)])
}

fn within(path: &str, directory: &str) -> bool {
    path == directory || directory == "/" || path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'))
}
