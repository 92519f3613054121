//! What of an image a rewrite changes on purpose. Whatever else differs after it is a fault of the rewrite.

use serde::Serialize;

/// The differences that are wanted; none by default: the same files and the same config.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Declared {
    /// Paths that may be gone, each with all that is below it; `/` is everything. Directories above them may be gone too,
    /// where nothing else was in them.
    pub removes: Vec<String>,
    /// Paths at which, and below which, anything may be new or other than it was.
    pub changes: Vec<String>,
    /// Cells of the config that may differ, by the instruction that sets them: `ENV` for every variable, `ENV PATH` for
    /// one.
    pub config: Vec<String>,
    /// The image that takes the place of the one that the file starts from: what comes with it may be there, and the
    /// variables and labels that it sets.
    pub image: Option<String>,
}

impl Declared {
    /// What several rewrites together may change.
    pub fn and(mut self, other: &Declared) -> Self {
        self.removes.extend_from_slice(&other.removes);
        self.changes.extend_from_slice(&other.changes);
        self.config.extend_from_slice(&other.config);
        self.image = other.image.clone().or(self.image);
        self
    }

    /// Whether what was at `path` may be gone. Whatever else a directory held is asked for by itself.
    pub fn may_remove(&self, path: &str) -> bool {
        let holds = |removed: &String| removed.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
        covers(&self.removes, path) || covers(&self.changes, path) || self.removes.iter().any(holds)
    }

    /// Whether what is at `path` may be other than it was.
    pub fn may_change(&self, path: &str) -> bool {
        covers(&self.changes, path)
    }

    /// Whether `cell` of the config may differ.
    pub fn may_set(&self, cell: &str) -> bool {
        let kind = cell.split_once(' ').map_or(cell, |(kind, _)| kind);
        self.config.iter().any(|declared| declared == cell || declared == kind)
    }
}

/// Whether one of these paths is `path` or above it.
fn covers(paths: &[String], path: &str) -> bool {
    paths.iter().any(|above| match path.strip_prefix(above.trim_end_matches('/')) {
        Some(rest) => rest.is_empty() || rest.starts_with('/'),
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stands_for_all_that_is_below_it() {
        let declared =
            Declared { removes: vec!["/app/.git".into()], changes: vec!["/bin/app".into()], ..Declared::default() };
        assert!(declared.may_remove("/app/.git") && declared.may_remove("/app/.git/HEAD"));
        assert!(!declared.may_remove("/app/.gitignore") && !declared.may_remove("/ap"));
        assert!(declared.may_remove("/app"), "it may have held nothing else");
        assert!(declared.may_change("/bin/app") && declared.may_remove("/bin/app"));
        assert!(!declared.may_change("/app/.git"), "what may go may not change");
        let all = Declared { removes: vec!["/".into()], ..Declared::default() };
        assert!(all.may_remove("/etc/passwd") && !all.may_change("/etc/passwd"));
    }

    #[test]
    fn a_cell_is_named_alone_or_with_all_of_its_kind() {
        let declared = Declared { config: vec!["ENV".into(), "LABEL a".into()], ..Declared::default() };
        assert!(declared.may_set("ENV PATH") && declared.may_set("LABEL a"));
        assert!(!declared.may_set("LABEL b") && !declared.may_set("USER"));
    }
}
