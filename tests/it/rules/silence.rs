//! Every comment that silences, and every name of a rule, silences each bad example.

use rplan::rules::{Alias, RuleMeta};
use rplan::syntax::ItemKind;

use super::{Case, bad_cases, catalogue, each, ensure};

/// Fails when a finding of the case's rule is left.
fn is_silent(case: &Case, text: &str) -> Result<(), String> {
    let left = case.shown(text);
    ensure!(left.is_empty(), "{} is not silenced in\n{text}\n{left:?}", case.rule);
    Ok(())
}

/// The examples whose rule is not about comments themselves.
fn silenceable() -> Vec<Case> {
    bad_cases().into_iter().filter(|case| !case.example.except.contains_key("silence")).collect()
}

/// Where the comment may stand: after directives, which it would otherwise turn into comments.
fn top(text: &str) -> usize {
    let is_directive =
        |line: &&str| line.starts_with("# escape=") || line.starts_with("# syntax=") || line.starts_with("# check=");
    text.split_inclusive('\n').take_while(|line| is_directive(&line.trim_end())).map(str::len).sum()
}

fn with_line(text: &str, at: usize, line: &str) -> String {
    format!("{}{line}\n{}", &text[..at], &text[at..])
}

/// Every name that all findings of the case have.
fn names<'a>(case: &Case, meta: &'a RuleMeta) -> Vec<&'a str> {
    let findings = case.findings(&case.text);
    let holds = |alias: &&Alias| findings.iter().all(|one| meta.aliases_of(&one.known_as).any(|known| known == *alias));
    let aliases = meta.aliases.iter().filter(holds).map(|alias| alias.name.as_ref());
    aliases.chain([meta.id.as_str(), "all"]).collect()
}

#[test]
fn every_name_silences_the_whole_file() {
    each(silenceable(), |case| {
        let rule = catalogue().by_id(&case.rule).unwrap();
        let at = top(&case.text);
        for name in names(case, &rule.meta) {
            is_silent(case, &with_line(&case.text, at, &format!("# rplan file-ignore={name}")))?;
            is_silent(case, &with_line(&case.text, at, &format!("# hadolint global ignore={name}")))?;
            if at == 0 {
                is_silent(case, &with_line(&case.text, 0, &format!("# check=skip={name}")))?;
            }
        }
        Ok(())
    });
}

#[test]
fn a_comment_above_each_instruction_silences_it() {
    each(silenceable(), |case| {
        let (resolved, _) = super::resolved(&case.text, &case.around());
        let starts: Vec<usize> = resolved
            .model
            .tree
            .items
            .iter()
            .filter(|item| matches!(item.kind, ItemKind::Instruction(_) | ItemKind::Unknown(_)))
            .map(|item| item.span.start)
            .collect();
        for comment in ["# rplan ignore=", "# hadolint ignore=", "# check=skip="] {
            // From below, so that the places above stay where they are.
            let text = starts.iter().rev().fold(case.text.clone(), |text, at| {
                with_line(&text, *at, &format!("{comment}{}\n\n# and why", case.rule))
            });
            is_silent(case, &text)?;
        }
        Ok(())
    });
}

#[test]
fn a_comment_above_each_stage_silences_it() {
    each(silenceable(), |case| {
        let (resolved, _) = super::resolved(&case.text, &case.around());
        let stages = resolved.model.stages.iter().rev();
        let text = stages.fold(case.text.clone(), |text, stage| {
            with_line(&text, stage.span.start, &format!("# rplan stage-ignore={}", case.rule))
        });
        let left = case.findings(&text);
        let first = text.find("# rplan").unwrap_or(0);
        ensure!(left.iter().all(|one| one.primary.span.start < first), "{}\n{text}\n{left:?}", case.rule);
        Ok(())
    });
}

#[test]
fn a_comment_that_has_expired_silences_nothing() {
    each(silenceable(), |case| {
        let count = case.example.expect.len();
        for (expires, left) in [("2030-06-14", count), ("2030-06-15", 0), ("2031-01-01", 0)] {
            let comment = format!("# rplan file-ignore={} reason=\"a test\" expires={expires}", case.rule);
            let text = with_line(&case.text, top(&case.text), &comment);
            ensure!(case.shown(&text).len() == left, "{}: {expires}", case.rule);
        }
        Ok(())
    });
}
