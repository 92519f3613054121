//! Which build arguments have another value in each build, judged by their names alone.

/// Names, and endings of names behind an underscore, that stand for a revision or a moment.
const TELLING: &[&str] = &[
    "BUILD_DATE",
    "BUILD_ID",
    "BUILD_NUMBER",
    "BUILD_SHA",
    "BUILD_TIME",
    "BUILD_TIMESTAMP",
    "CACHEBUST",
    "CACHE_BUST",
    "CI_COMMIT",
    "CI_COMMIT_SHA",
    "COMMIT",
    "COMMIT_HASH",
    "COMMIT_ID",
    "COMMIT_SHA",
    "GITHUB_SHA",
    "GIT_COMMIT",
    "GIT_HASH",
    "GIT_REF",
    "GIT_REV",
    "GIT_REVISION",
    "GIT_SHA",
    "GIT_SHA1",
    "REVISION",
    "SOURCE_COMMIT",
    "VCS_REF",
];

/// Whether an ARG of this name is probably given another value for each commit.
pub fn is_volatile_name(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    TELLING.iter().any(|telling| name.strip_suffix(telling).is_some_and(|rest| rest.is_empty() || rest.ends_with('_')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_what_changes_with_each_commit() {
        for name in ["GIT_SHA", "git_commit", "APP_REVISION", "VCS_REF", "MY_BUILD_DATE"] {
            assert!(is_volatile_name(name), "{name}");
        }
        for name in ["VERSION", "PYTHON_VERSION", "DATE_FORMAT", "COMMITTER", "SHARED", ""] {
            assert!(!is_volatile_name(name), "{name}");
        }
    }
}
