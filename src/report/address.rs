//! Where the documentation of a rule can be read, for links. The project has an address where its package names one.

use crate::rules::meta::Tool;

/// The repository that the package names; empty where it names none.
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

/// The address of the project.
pub(super) fn home() -> Option<&'static str> {
    web_page(REPOSITORY)
}

/// The address of what is said of a rule that is not a user's, or of a finding of ShellCheck.
pub fn rule_address(id: &str) -> Option<String> {
    match Tool::of(id) {
        Tool::ShellCheck => Some(format!("https://www.shellcheck.net/wiki/{id}")),
        _ => address_in(REPOSITORY, id),
    }
}

fn address_in(repository: &str, id: &str) -> Option<String> {
    web_page(repository).map(|home| format!("{home}/blob/HEAD/rules/lint/{id}.yaml"))
}

/// A repository is named as it is cloned, or as it is looked at.
fn web_page(repository: &str) -> Option<&str> {
    let page = repository.trim_end_matches('/').trim_end_matches(".git");
    (page.starts_with("https://") || page.starts_with("http://")).then_some(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_has_an_address_where_the_project_has_one() {
        let page = Some("https://example.com/rplan/blob/HEAD/rules/lint/latest-tag.yaml".to_owned());
        for repository in ["https://example.com/rplan", "https://example.com/rplan.git", "https://example.com/rplan/"] {
            assert_eq!(address_in(repository, "latest-tag"), page);
        }
        assert_eq!(rule_address("SC2086").as_deref(), Some("https://www.shellcheck.net/wiki/SC2086"));
        assert_eq!(address_in("", "latest-tag"), None);
        assert_eq!(address_in("git@example.com:rplan.git", "latest-tag"), None);
    }
}
