//! Where the documentation of a rule can be read, for links: with the project, where its package names an address; else
//! at the first reference of the rule; else with the linter that has the same rule.

use crate::rewrite::ids;
use crate::rules::meta::{RuleMeta, Tool};

/// The repository that the package names; empty where it names none.
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

/// The address of the project.
pub(super) fn home() -> Option<&'static str> {
    web_page(REPOSITORY)
}

/// The address of what is said of a rule, whose findings go by `id`. The project says nothing of a user's own.
pub fn rule_address(id: &str, meta: &RuleMeta, is_own: bool) -> Option<String> {
    let of_project = || address_in(REPOSITORY, id).filter(|_| !is_own);
    let of_reference = || meta.reference.as_deref().filter(|one| is_address(one)).map(str::to_owned);
    shellcheck_address(id).or_else(of_project).or_else(of_reference).or_else(|| address_elsewhere(meta))
}

/// The address of what ShellCheck says of one of its numbers.
pub fn shellcheck_address(id: &str) -> Option<String> {
    (Tool::of(id) == Tool::ShellCheck).then(|| format!("https://www.shellcheck.net/wiki/{id}"))
}

fn address_in(repository: &str, id: &str) -> Option<String> {
    let folder = if ids::ALL.iter().any(|rewrite| rewrite.as_str() == id) { "rewrite" } else { "lint" };
    web_page(repository).map(|home| format!("{home}/blob/HEAD/rules/{folder}/{id}.yaml"))
}

/// The page of the same rule elsewhere: BuildKit's before hadolint's, since Docker keeps those.
fn address_elsewhere(meta: &RuleMeta) -> Option<String> {
    let first = |tool: Tool| meta.aliases.iter().find(|alias| alias.tool() == tool).map(|alias| alias.name.as_ref());
    let of_buildkit = |name| format!("https://docs.docker.com/reference/build-checks/{}/", kebab_case(name));
    let of_hadolint = |name| format!("https://github.com/hadolint/hadolint/wiki/{name}");
    first(Tool::BuildKit).map(of_buildkit).or_else(|| first(Tool::Hadolint).map(of_hadolint))
}

/// `JSONArgsRecommended` as `json-args-recommended`.
fn kebab_case(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut words = String::new();
    for (index, letter) in letters.iter().enumerate() {
        let is_small = |index: usize| letters.get(index).is_some_and(char::is_ascii_lowercase);
        if index > 0 && letter.is_ascii_uppercase() && (is_small(index - 1) || is_small(index + 1)) {
            words.push('-');
        }
        words.push(letter.to_ascii_lowercase());
    }
    words
}

/// A repository is named as it is cloned, or as it is looked at.
fn web_page(repository: &str) -> Option<&str> {
    let page = repository.trim_end_matches('/').trim_end_matches(".git");
    is_address(page).then_some(page)
}

/// A user's rule may refer to anything, and what a terminal takes for a link must not end it early.
fn is_address(text: &str) -> bool {
    let is_web = text.starts_with("https://") || text.starts_with("http://");
    is_web && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Catalogue;

    fn meta(id: &str) -> RuleMeta {
        Catalogue::builtin().by_id(id).expect("there is such a rule").meta.clone()
    }

    #[test]
    fn a_rule_has_an_address_with_the_project_where_that_has_one() {
        let page = Some("https://example.com/rplan/blob/HEAD/rules/lint/latest-tag.yaml".to_owned());
        for repository in ["https://example.com/rplan", "https://example.com/rplan.git", "https://example.com/rplan/"] {
            assert_eq!(address_in(repository, "latest-tag"), page);
        }
        let proposal = address_in("https://example.com/rplan", "split-run");
        assert_eq!(proposal.as_deref(), Some("https://example.com/rplan/blob/HEAD/rules/rewrite/split-run.yaml"));
        assert_eq!(address_in("", "latest-tag"), None);
        assert_eq!(address_in("git@example.com:rplan.git", "latest-tag"), None);
    }

    #[test]
    fn the_same_rule_elsewhere_has_an_address() {
        let elsewhere = |id: &str| address_elsewhere(&meta(id)).unwrap_or_default();
        let checks = "https://docs.docker.com/reference/build-checks";
        assert_eq!(elsewhere("shell-form-cmd"), format!("{checks}/json-args-recommended/"));
        assert_eq!(elsewhere("undefined-variable"), format!("{checks}/undefined-var/"));
        assert_eq!(elsewhere("latest-tag"), "https://github.com/hadolint/hadolint/wiki/DL3007");
        assert_eq!(elsewhere("trailing-blanks"), "");
        let of_shellcheck = rule_address("SC2086", &meta("shellcheck"), false);
        assert_eq!(of_shellcheck.as_deref(), Some("https://www.shellcheck.net/wiki/SC2086"));
    }

    #[test]
    fn only_what_is_an_address_is_a_link() {
        let with = |text: &'static str| RuleMeta { reference: Some(text.into()), ..meta("trailing-blanks") };
        let address = |text| rule_address("mine", &with(text), true);
        assert_eq!(address("https://example.com/why").as_deref(), Some("https://example.com/why"));
        assert_eq!(address("chapter 3 of the handbook"), None);
        assert_eq!(address("https://example.com/\u{1b}\\now steered"), None);
    }

    #[test]
    fn every_rule_has_an_address() {
        let catalogue = Catalogue::builtin();
        let without = catalogue.rules().iter().map(|rule| &rule.meta);
        let without: Vec<&str> = without
            .filter(|meta| rule_address(meta.id.as_str(), meta, false).is_none())
            .map(|meta| meta.id.as_str())
            .collect();
        assert!(without.is_empty(), "these need `references:` with an address first: {without:?}");
    }
}
