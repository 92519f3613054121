//! Random stages of commands that have a model, over few enough paths that they get into each other's way.

use super::super::super::support::memory::MemoryContext;

/// Numbers that are the same for the same seed.
pub struct Source(u64);

impl Source {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end
    }

    pub fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

/// Files, and links with their targets, by path; directories are those that the paths name.
#[derive(Debug, Clone)]
pub struct Context {
    pub files: Vec<(&'static str, &'static str)>,
    pub links: Vec<(&'static str, &'static str)>,
}

impl Context {
    pub fn random(source: &mut Source) -> Self {
        let files = vec![("d/x", "dx"), ("d/y", "dy"), ("f", "f"), ("g", "g")];
        let links = match source.below(4) {
            0 => vec![("d/l", "/b")],
            1 => vec![("k", "d")],
            _ => Vec::new(),
        };
        Self { files, links }
    }

    pub fn in_memory(&self) -> MemoryContext {
        let context = MemoryContext::new(self.files.iter().copied());
        self.links.iter().fold(context, |context, (path, target)| context.with_link(path, target))
    }
}

const DIRECTORIES: &[&str] = &["/a", "/b", "/a/d", "/b/d", "/c", "/a/l", "/l"];
const FILES: &[&str] = &["/a/x", "/a/f", "/b/x", "/b/y", "/a/d/x", "/c/x", "/l/x", "/a/l/y", "x", "d/y"];

fn path(source: &mut Source) -> &'static str {
    if source.below(3) == 0 { source.pick(DIRECTORIES) } else { source.pick(FILES) }
}

/// A RUN of one or two commands.
pub fn run(source: &mut Source) -> String {
    let first = command(source);
    match source.below(4) {
        0 => format!("RUN {first} && {}", command(source)),
        _ => format!("RUN {first}"),
    }
}

fn command(source: &mut Source) -> String {
    let (one, other) = (path(source), path(source));
    match source.below(13) {
        0 | 1 => format!("mkdir -p {}", source.pick(DIRECTORIES)),
        2 => format!("cp {one} {other}"),
        3 => format!("cp -r {} {other}", source.pick(DIRECTORIES)),
        4 => format!("mv {one} {other}"),
        5 => format!("rm -rf {one}"),
        6 => format!("touch {one}"),
        7 => format!("chmod {} {one}", source.pick(&["700", "644"])),
        8 => format!("chmod -R 711 {one}"),
        9 | 10 => format!("ln -s {} {}", source.pick(DIRECTORIES), source.pick(&["/l", "/a/l", "/b/x", "/c/l"])),
        11 => format!("echo {} >> {one}", source.pick(&["1", "2"])),
        _ => format!("echo {} > {one}", source.pick(&["1", "2", "$V"])),
    }
}

/// A few instructions; the first make it likely that the others work.
pub fn stage(source: &mut Source) -> Vec<String> {
    let mut lines = vec!["RUN mkdir -p /a/d /b /c && echo 0 > /a/x && echo 0 > /b/x".to_owned()];
    for _ in 0..3 + source.below(4) {
        lines.push(match source.below(12) {
            0 => format!("COPY f {}/", source.pick(DIRECTORIES)),
            1 => format!("COPY d {}/", source.pick(DIRECTORIES)),
            2 => format!("COPY . {}/", source.pick(DIRECTORIES)),
            3 => format!("ENV {}={}", source.pick(&["V", "W"]), source.pick(&["1", "2"])),
            4 => format!("WORKDIR {}", source.pick(DIRECTORIES)),
            5 => format!("LABEL l={}", source.pick(&["1", "2"])),
            6 => format!("USER {}", source.pick(&["0", "1000"])),
            _ => run(source),
        });
    }
    lines
}
