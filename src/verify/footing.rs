//! What a rewritten file stands on where another image takes the place of the first one: whatever that image brings is
//! there because of it, and nothing else is.

use std::path::Path;

use super::config;
use super::survey::Survey;
use crate::oci::config::ImageConfig;

/// An image by itself.
pub struct Footing {
    /// Its tree.
    pub survey: Survey,
    /// Its config.
    pub config: ImageConfig,
}

impl Footing {
    /// Whether what `tree` has at `path` is what the image brings.
    pub fn brings(&self, path: &Path, tree: &Survey) -> bool {
        tree.get(path).is_some_and(|seen| self.survey.get(path) == Some(seen))
    }

    /// Whether a variable or label is as the image sets it.
    pub fn sets(&self, cell: &str, config: &ImageConfig) -> bool {
        let is_inherited = cell.starts_with("ENV ") || cell.starts_with("LABEL ");
        is_inherited && config::agree_on(cell, &self.config, config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oci::Platform;
    use crate::verify::fixtures::{file, tree};

    #[test]
    fn an_image_brings_what_is_as_it_is_there() {
        let mut config = ImageConfig::new(Platform::host());
        config.config.env = vec!["A=1".into()];
        config.config.user = "7".into();
        let footing = Footing { survey: tree([("a", file("1")), ("b", file("1"))]), config: config.clone() };
        let after = tree([("a", file("1")), ("b", file("2")), ("c", file("1"))]);
        assert_eq!(["a", "b", "c"].map(|path| footing.brings(Path::new(path), &after)), [true, false, false]);
        assert!(footing.sets("ENV A", &config) && !footing.sets("USER", &config) && !footing.sets("ENV B", &config));
        config.config.env = vec!["A=2".into()];
        assert!(!footing.sets("ENV A", &config));
    }
}
