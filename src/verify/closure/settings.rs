//! What the config of an image takes for granted: the user, files that it names, the time zone, the locale.

use std::path::Path;

use super::{Image, Lack, lack};
use crate::tree::TreeError;

/// Where the time zones are, by whatever distribution.
const ZONES: &str = "/usr/share/zoneinfo";
/// Where glibc keeps the locales that were made.
const LOCALES: &str = "/usr/lib/locale";
/// Those that need no files.
const BUILT_IN: &[&str] = &["C", "POSIX", "C.UTF-8", "C.utf8"];

impl Image<'_> {
    pub(super) fn settings(&self) -> Result<Vec<Lack>, TreeError> {
        let mut found = self.user()?;
        for variable in &self.config.env {
            let (name, value) = variable.split_once('=').unwrap_or((variable, ""));
            let cell = format!("ENV {name}");
            match name {
                "TZ" => {
                    let zone = Path::new(ZONES).join(value.trim_start_matches(':'));
                    if self.gone(&zone).is_some() {
                        let what = format!("is {value}, and the time zones are gone");
                        found.push(lack(&cell, what, self.had(Path::new(ZONES))));
                    }
                }
                "LANG" | "LC_ALL" | "LC_CTYPE" if !BUILT_IN.contains(&value) => {
                    if self.gone(Path::new(LOCALES)).is_some() {
                        let what = format!("is {value}, and the locales are gone");
                        found.push(lack(&cell, what, self.had(Path::new(LOCALES))));
                    }
                }
                "PATH" => {}
                _ => found.extend(self.named(&cell, value, false)),
            }
        }
        for (cell, words) in [("ENTRYPOINT", &self.config.entrypoint), ("CMD", &self.config.cmd)] {
            // The first word is looked for as a program.
            for word in words.iter().skip(1) {
                let value = word.split_once('=').map_or(word.as_str(), |(_, value)| value);
                found.extend(self.named(cell, value, true));
            }
        }
        Ok(found)
    }

    /// A file that a word names; a directory too where that is `wanted`.
    fn named(&self, cell: &str, word: &str, directory_is_wanted: bool) -> Option<Lack> {
        if word.is_empty() || word.starts_with('-') || word.contains(char::is_whitespace) {
            return None;
        }
        let path = Path::new("/").join(&self.config.working_dir).join(word);
        let had = self.gone(&path)?;
        let is_directory = self.before.get(&had).is_some_and(|seen| seen.what == super::What::Directory);
        (directory_is_wanted || !is_directory)
            .then(|| lack(cell, format!("names {}, which is gone", path.display()), Some(had)))
    }

    /// A user or group that is named must be known.
    fn user(&self) -> Result<Vec<Lack>, TreeError> {
        let (user, group) = self.config.user.split_once(':').unwrap_or((&self.config.user, ""));
        let mut found = Vec::new();
        for (name, kind, file) in [(user, "user", "etc/passwd"), (group, "group", "etc/group")] {
            if name.is_empty() || name.bytes().all(|byte| byte.is_ascii_digit()) {
                continue;
            }
            let accounts = self.root.read(Path::new(file))?.unwrap_or_default();
            let is_known = String::from_utf8_lossy(&accounts).lines().any(|line| line.split(':').next() == Some(name));
            if !is_known {
                found.push(lack("USER", format!("{name} is no {kind} of the image"), None));
            }
        }
        Ok(found)
    }
}
