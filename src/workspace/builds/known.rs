//! Which files are Compose or Bake files, by their names.

use std::path::Path;

/// What a file that declares builds is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BuildFileKind {
    /// A Compose file.
    Compose,
    /// A Bake file.
    Bake,
}

/// The files that `docker compose` and `docker buildx bake` take up without being told.
pub const NEAR: [&str; 12] = [
    "compose.yaml",
    "compose.yml",
    "docker-compose.yml",
    "docker-compose.yaml",
    "compose.override.yaml",
    "compose.override.yml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
    "docker-bake.json",
    "docker-bake.hcl",
    "docker-bake.override.json",
    "docker-bake.override.hcl",
];

/// What a file of this name is where nobody said so: the names that Compose and Bake look for, and variants of them.
pub fn kind_by_name(path: &Path) -> Option<BuildFileKind> {
    let name = path.file_name()?.to_str()?.to_ascii_lowercase();
    let (stem, ending) = name.rsplit_once('.')?;
    let first = stem.split(['.', '_']).next().unwrap_or_default();
    let is_variant = |word: &str| first.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    match ending {
        "yaml" | "yml" if is_variant("compose") || is_variant("docker-compose") => Some(BuildFileKind::Compose),
        "json" if matches!(first, "compose" | "docker-compose") => Some(BuildFileKind::Compose),
        "yaml" | "yml" if stem.ends_with(".compose") || stem.ends_with(".docker-compose") => {
            Some(BuildFileKind::Compose)
        }
        "hcl" | "json" if is_variant("docker-bake") || is_variant("bake") => Some(BuildFileKind::Bake),
        _ => None,
    }
}

/// What a file is that was asked for: no Dockerfile ends like these.
pub fn kind_by_ending(path: &Path) -> Option<BuildFileKind> {
    let named = kind_by_name(path);
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    named.or(match ending {
        "yaml" | "yml" => Some(BuildFileKind::Compose),
        "hcl" | "json" => Some(BuildFileKind::Bake),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_what_a_file_is() {
        let kind = |name: &str| kind_by_name(Path::new(name));
        for name in ["compose.yaml", "docker-compose.yml", "a/docker-compose.prod.yaml", "docker-compose-dev.yml"] {
            assert_eq!(kind(name), Some(BuildFileKind::Compose), "{name}");
        }
        for name in
            ["composer.json", "compose", "values.yaml", "docker-composer.yml", "compose-spec.json", "compose.md"]
        {
            assert_eq!(kind(name), None, "{name}");
        }
        for name in ["docker-bake.hcl", "docker-bake.override.json", "docker-bake-dev.hcl"] {
            assert_eq!(kind(name), Some(BuildFileKind::Bake), "{name}");
        }
        assert_eq!(kind_by_ending(Path::new("stack.yml")), Some(BuildFileKind::Compose));
        assert_eq!(kind_by_ending(Path::new("Dockerfile.dev")), None);
    }
}
