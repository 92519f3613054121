//! Files of the build context that a program opens when it runs: those that its sources, its variables or its arguments
//! name. They come along.
//!
//! Sources are not understood: a name between quotes that is the path of a file, or of a directory without sources, is
//! taken to be opened. Lines that only a compiler reads are left out. A source file that is named like that is a reason
//! to refuse: a program that reads its own sources cannot do without them.

use std::collections::{BTreeMap, BTreeSet};

use super::Site;
use crate::effect::instruction::workdir_before;
use crate::effect::paths;
use crate::effect::transfer::brought;
use crate::model::{Operation, Resolved};
use crate::rewrite::Refusal;
use crate::text::Span;

/// Ends of the names of sources that are compiled.
const COMPILED: &[&str] = &[
    "c", "cc", "cpp", "cs", "csproj", "cxx", "fs", "go", "h", "hh", "hpp", "hxx", "inc", "java", "kt", "kts", "m4",
    "mod", "proto", "rs", "s", "S", "scala", "sum", "ts", "tsx", "vue", "svelte", "y",
];
/// Ends of the names of sources that are run as they are.
const INTERPRETED: &[&str] = &["js", "cjs", "mjs", "jsx", "py", "rb"];
/// Words of lines that only a compiler reads.
const FOR_THE_COMPILER: &[&str] =
    &["#include", "include!", "include_str!", "include_bytes!", "go:embed", "#[path", "rerun-if-changed"];
/// Calls that load a library by a name which may be put together.
const LOADERS: &[&str] = &["dlopen(", "plugin.Open(", "libloading::", "LoadLibrary("];
/// Longer sources are not looked at.
const MOST_BYTES: u64 = 1 << 20;

/// What the build context brings to the stage, by where it is in the image.
pub(super) struct Contents {
    /// The path in the context, by the path in the image, and the instruction that brings it.
    files: BTreeMap<String, (String, Span)>,
    /// The directories and files that are copied to a place outside of the working directory.
    elsewhere: BTreeSet<String>,
}

impl Site<'_> {
    /// What the instructions up to `last` bring from the build context.
    pub(super) fn contents(&self, last: usize) -> Result<Contents, Refusal> {
        let home = self.workdir().unwrap_or_else(|| "/".to_owned());
        let mut contents = Contents { files: BTreeMap::new(), elsewhere: BTreeSet::new() };
        for (index, instruction) in self.stage.instructions[..=last].iter().enumerate() {
            match &instruction.operation {
                Operation::Copy(copy) if copy.from.is_none() => {}
                Operation::Add(_) => {}
                _ => continue,
            }
            let workdir = workdir_before(self.resolved, self.around, self.stage.id, index);
            let brought = brought(&instruction.operation, workdir.as_deref(), self.resolved, self.context)
                .map_err(|reason| self.refuse(instruction.span, reason))?;
            if !paths::is_below(&brought.destination, &home) && !brought.paths.keys().any(|path| is_compiled(path)) {
                contents.elsewhere.extend(brought.paths.keys().cloned());
            }
            let files = brought.paths.into_iter().map(|(target, path)| (target, (path, instruction.span)));
            contents.files.extend(files);
        }
        Ok(contents)
    }

    /// The paths of the image that the program opens, as far as names tell.
    pub(super) fn data(&self, contents: &Contents) -> Result<BTreeSet<String>, Refusal> {
        let home = self.workdir().unwrap_or_else(|| "/".to_owned());
        let mut named = contents.elsewhere.clone();
        for (target, (path, span)) in &contents.files {
            if !is_source(target) {
                continue;
            }
            let text = self.source_text(path);
            if let Some(loader) = LOADERS.iter().find(|loader| text.contains(**loader)) {
                let call = loader.trim_end_matches(['(', ':']);
                let reason = format!("`{path}` calls `{call}`, and what that loads cannot be seen");
                return Err(self.refuse(*span, reason));
            }
            for word in text.lines().filter(|line| is_for_the_program(line)).flat_map(quoted) {
                let Some(opened) = contents.opened(&home, word) else { continue };
                if opened == *target {
                    continue;
                }
                if !is_compiled(&opened) {
                    named.insert(opened);
                    continue;
                }
                let reason = format!("`{path}` names the source file {opened}, which it may read when it runs");
                return Err(self.refuse(*span, reason));
            }
        }
        for word in self.words_of_config() {
            named.extend(contents.opened(&home, &word).filter(|opened| !is_compiled(opened)));
        }
        let topmost =
            named.iter().filter(|path| !named.iter().any(|above| above != *path && paths::is_below(path, above)));
        Ok(topmost.cloned().collect())
    }

    /// The text of a source file of the context; empty where it is too long to be written by hand.
    pub(super) fn source_text(&self, path: &str) -> String {
        let is_short = self.context.entry(path).is_some_and(|entry| entry.size <= MOST_BYTES);
        let bytes = is_short.then(|| self.context.read(path).ok()).flatten().unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The values that the config of the image holds: variables, and arguments of what it starts.
    fn words_of_config(&self) -> Vec<String> {
        let mut words = Vec::new();
        for instruction in &self.stage.instructions {
            match &instruction.operation {
                Operation::Env(env) => {
                    words.extend(env.pairs.iter().filter_map(|pair| known(self.resolved, &pair.value)))
                }
                Operation::Cmd(command) | Operation::Entrypoint(command) => {
                    words.extend(super::starting::words(command).into_iter().flatten());
                }
                _ => {}
            }
        }
        let values = words.iter().filter_map(|word| word.split_once('=').map(|(_, value)| value.to_owned()));
        values.collect::<Vec<_>>().into_iter().chain(words).collect()
    }
}

impl Contents {
    /// Every file that is brought, by where it is in the image, with its path in the context.
    pub(super) fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(target, (path, _))| (target.as_str(), path.as_str()))
    }

    /// What is copied to a place outside of the working directory.
    pub(super) fn elsewhere(&self) -> impl Iterator<Item = &str> {
        self.elsewhere.iter().map(String::as_str)
    }

    /// The path in the context of what is at `target`.
    pub(super) fn source_of(&self, target: &str) -> Option<&str> {
        self.files.get(target).map(|(path, _)| path.as_str())
    }

    /// Whether anything is brought to `target` or below it.
    pub(super) fn hold(&self, target: &str) -> bool {
        self.files.keys().any(|path| paths::is_below(path, target))
    }

    /// The file that a name means in a program that runs at `home`, or the directory without sources that it means or that
    /// it begins with.
    fn opened(&self, home: &str, word: &str) -> Option<String> {
        let fixed = word.split(['*', '?', '%', '{', '$', '[']).next().unwrap_or_default();
        let is_whole = fixed.len() == word.len();
        let fixed = if is_whole { fixed } else { fixed.rfind('/').map_or("", |end| &fixed[..end]) };
        if fixed.is_empty() || fixed.contains(char::is_whitespace) || fixed.trim_matches(['.', '/']).is_empty() {
            return None;
        }
        let path = paths::join(home, fixed);
        if self.files.contains_key(&path) {
            return Some(path);
        }
        // A name below a directory that is brought may be of a file that is made there.
        let mut directory = path.as_str();
        while !directory.is_empty() && directory != home && paths::is_below(directory, home) {
            if self.hold(directory) {
                let is_data =
                    self.files.keys().filter(|one| paths::is_below(one, directory)).all(|one| !is_source(one));
                return is_data.then(|| directory.to_owned());
            }
            directory = directory.rsplit_once('/').map_or("", |(above, _)| above);
        }
        None
    }
}

fn known(resolved: &Resolved, word: &crate::model::Word) -> Option<String> {
    resolved.known(word).map(str::to_owned)
}

fn has_end(path: &str, ends: &[&str]) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').is_some_and(|(_, end)| ends.contains(&end))
}

fn is_compiled(path: &str) -> bool {
    has_end(path, COMPILED)
}

pub(super) fn is_source(path: &str) -> bool {
    is_compiled(path) || has_end(path, INTERPRETED)
}

fn is_for_the_program(line: &str) -> bool {
    !FOR_THE_COMPILER.iter().any(|word| line.contains(word))
}

/// What stands between quotes of the same kind on a line.
fn quoted(line: &str) -> Vec<&str> {
    let (mut found, mut rest) = (Vec::new(), line);
    while let Some(start) = rest.find(['"', '\'', '`']) {
        let quote = &rest[start..=start];
        let inside = &rest[start + 1..];
        let Some(end) = inside.find(quote) else { break };
        found.push(&inside[..end]);
        rest = &inside[end + 1..];
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contents(paths: &[&str]) -> Contents {
        let file = |path: &&str| (format!("/app/{path}"), ((*path).to_owned(), Span::at(0)));
        Contents { files: paths.iter().map(file).collect(), elsewhere: BTreeSet::new() }
    }

    #[test]
    fn words_between_quotes_are_found() {
        assert_eq!(quoted(r#"open("a.txt", 'r') + `b`"#), ["a.txt", "r", "b"]);
        assert_eq!(quoted("it's"), [""; 0]);
    }

    #[test]
    fn a_name_means_a_file_or_a_directory_without_sources() {
        let contents = contents(&["main.c", "conf/app.ini", "templates/a.html", "src/a.c", "src/a.txt"]);
        let opened = |word| contents.opened("/app", word);
        assert_eq!(opened("conf/app.ini").as_deref(), Some("/app/conf/app.ini"));
        assert_eq!(opened("./templates/*.html").as_deref(), Some("/app/templates"));
        assert_eq!(opened("templates/%s.html").as_deref(), Some("/app/templates"));
        assert_eq!(opened("templates/b.html").as_deref(), Some("/app/templates"));
        assert_eq!(opened("/app/main.c").as_deref(), Some("/app/main.c"));
        for word in ["src", "a", "", ".", "two words", "/etc/hosts", "*.c"] {
            assert_eq!(opened(word), None, "{word}");
        }
        assert_eq!(contents.opened("/", "etc/hosts"), None);
    }
}
