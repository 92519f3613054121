//! The same file in another dress gives the same findings: line ends, case of keywords, a stage in front, another
//! escape character. An example says with `except` where a rule is about the dress itself.

use rplan::syntax::ItemKind;

use super::{Case, cases, each, ensure, resolved};

/// Tries every example in another dress; `lines` is how many lines the dress puts in front.
fn agree(dress: &str, lines: usize, change: impl Fn(&Case) -> Option<String>) {
    each(cases(), |case| {
        let excepted = case.example.except.contains_key(dress);
        let Some(text) = change(case).filter(|_| !excepted) else { return Ok(()) };
        let at = |shown: Vec<String>| -> Vec<String> {
            shown.iter().map(|one| one.split_once(": ").unwrap().0.to_owned()).collect()
        };
        let expected: Vec<String> =
            case.example.expect.iter().map(|expected| (expected.line + lines).to_string()).collect();
        let shown = case.shown(&text);
        ensure!(at(shown.clone()) == expected, "{} {dress}:\n{text}\n{shown:?}", case.rule);
        Ok(())
    });
}

#[test]
fn with_carriage_returns() {
    agree("crlf", 0, |case| Some(case.text.replace('\n', "\r\n")));
}

#[test]
fn with_keywords_in_small_letters() {
    agree("lower-case", 0, |case| {
        let mut text = case.text.clone();
        let (resolved, _) = resolved(&case.text, &case.around());
        for item in &resolved.model.tree.items {
            if let ItemKind::Instruction(instruction) = &item.kind {
                let span = instruction.keyword_span.range();
                let lower = text[span.clone()].to_lowercase();
                text.replace_range(span, &lower);
            }
        }
        Some(text)
    });
}

#[test]
fn with_a_stage_in_front() {
    agree("stage-in-front", 1, |case| {
        // Directives hold only at the top, and a global ARG is no longer one below a FROM.
        let starts = case.text.trim_start().to_lowercase().starts_with("from ");
        starts.then(|| format!("FROM scratch AS in-front-for-a-test\n{}", case.text))
    });
}

#[test]
fn with_backtick_as_escape() {
    agree("backtick", 1, |case| {
        let is_plain = !case.text.contains('`') && !case.text.starts_with("# ") && !case.text.starts_with('#');
        let is_continued = |line: &str| line.trim_end().ends_with('\\');
        let swapped: Vec<String> = case
            .text
            .lines()
            .map(|line| match is_continued(line) {
                true => format!("{}`", line.trim_end().trim_end_matches('\\')),
                false => line.to_owned(),
            })
            .collect();
        // A backslash that is left would be read in another way by design.
        let unclear = swapped.iter().any(|line| line.contains('\\'));
        (is_plain && !unclear).then(|| format!("# escape=`\n{}\n", swapped.join("\n")))
    });
}
