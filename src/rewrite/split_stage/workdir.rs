//! Whether everything that a stage adds lies in its working directory, so that this one directory is all to move over.

use super::Site;
use crate::effect::instruction::workdir_before;
use crate::effect::paths;
use crate::model::Operation;
use crate::rewrite::Refusal;

impl Site<'_> {
    /// The working directory, where everything that the stage adds lies below it; `elsewhere` are words of commands that
    /// write to other places.
    pub(super) fn only_the_workdir(&self, elsewhere: &[&str]) -> Result<String, Refusal> {
        let Some(directory) = self.workdir().filter(|directory| directory != "/") else {
            return Err(self
                .refuse(self.stage.span, "its files have no directory of their own: no WORKDIR says where they are"));
        };
        for (index, instruction) in self.stage.instructions.iter().enumerate() {
            let transfer = match &instruction.operation {
                Operation::Copy(copy) => &copy.transfer,
                Operation::Add(add) => &add.transfer,
                _ => continue,
            };
            let workdir = workdir_before(self.resolved, self.around, self.stage.id, index).unwrap_or_default();
            let destination = self.resolved.known(&transfer.destination).map(|path| paths::join(&workdir, path));
            if !destination.is_some_and(|path| paths::is_below(&path, &directory)) {
                return Err(self.refuse(instruction.span, format!("it copies to a place outside of {directory}")));
            }
            if transfer.chown.is_some() {
                return Err(self.refuse(instruction.span, "it gives files an owner, which they lose on the way"));
            }
        }
        for (index, command) in self.commands() {
            let at = self.stage.instructions[index].span;
            let words: Vec<&str> = command.words.iter().map(|word| word.raw.as_str()).collect();
            let text = words.join(" ");
            let name = command.name().unwrap_or_default();
            if OF_THE_SYSTEM.contains(&name) {
                return Err(self.refuse(at, "it installs packages of the system, which the program may need"));
            }
            if ["chown", "useradd", "adduser", "groupadd", "addgroup"].contains(&name) {
                return Err(self.refuse(at, format!("what `{name}` does would be missing in the image")));
            }
            let names_it = |wanted: &&&str| match wanted.contains(' ') {
                true => text.contains(**wanted),
                false => words.iter().any(|word| *word == **wanted || word.starts_with(&format!("{wanted}="))),
            };
            if let Some(word) = elsewhere.iter().find(names_it) {
                return Err(self.refuse(at, format!("`{name} … {word}` writes outside of {directory}")));
            }
        }
        Ok(directory)
    }
}

/// The package managers of distributions.
const OF_THE_SYSTEM: &[&str] = &["apt-get", "apt", "apk", "dnf", "yum", "microdnf", "zypper", "dpkg", "rpm"];
