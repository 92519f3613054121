//! Which step of an earlier build is which step now: by stage, then by the longest common subsequence of texts.
//!
//! Knows nothing of what steps do. Invariant: matching keeps the order within a stage, and matches no step twice.

use std::collections::BTreeMap;
use std::ops::Range;

/// A step to be matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Labelled<'a> {
    /// The stage.
    pub stage: &'a str,
    /// The instruction on one line.
    pub text: &'a str,
}

/// For each new step the number of the old one that it was. A step whose text is new stands for the old one that has
/// the same keyword in the same place between matched neighbours, if there is one: its line changed.
pub fn match_steps(old: &[Labelled<'_>], new: &[Labelled<'_>]) -> Vec<Option<usize>> {
    let mut matched = vec![None; new.len()];
    let by_stage = |steps: &[Labelled<'_>]| {
        let mut numbers: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (number, step) in steps.iter().enumerate() {
            numbers.entry(step.stage.to_owned()).or_default().push(number);
        }
        numbers
    };
    let (old_stages, new_stages) = (by_stage(old), by_stage(new));
    for (stage, numbers) in &new_stages {
        let Some(earlier) = old_stages.get(stage) else { continue };
        match_stage(old, earlier, new, numbers, &mut matched);
    }
    matched
}

fn match_stage(
    old: &[Labelled<'_>],
    earlier: &[usize],
    new: &[Labelled<'_>],
    numbers: &[usize],
    matched: &mut [Option<usize>],
) {
    let is_same = |a: usize, b: usize| old[earlier[a]].text == new[numbers[b]].text;
    let has_same_keyword = |a: usize, b: usize| keyword(old[earlier[a]].text) == keyword(new[numbers[b]].text);
    let (mut from_old, mut from_new) = (0, 0);
    let mut anchors = common(0..earlier.len(), 0..numbers.len(), &is_same);
    anchors.push((earlier.len(), numbers.len()));
    for (a, b) in anchors {
        for (a, b) in common(from_old..a, from_new..b, &has_same_keyword) {
            matched[numbers[b]] = Some(earlier[a]);
        }
        if let (Some(earlier), Some(number)) = (earlier.get(a), numbers.get(b)) {
            matched[*number] = Some(*earlier);
        }
        (from_old, from_new) = (a + 1, b + 1);
    }
}

fn keyword(text: &str) -> &str {
    text.split_ascii_whitespace().next().unwrap_or_default()
}

/// The longest common subsequence of two ranges, as pairs; of several the one that matches earliest.
fn common(mut old: Range<usize>, mut new: Range<usize>, is_same: &dyn Fn(usize, usize) -> bool) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    while !old.is_empty() && !new.is_empty() && is_same(old.start, new.start) {
        pairs.push((old.start, new.start));
        (old.start, new.start) = (old.start + 1, new.start + 1);
    }
    let mut tail = Vec::new();
    while !old.is_empty() && !new.is_empty() && is_same(old.end - 1, new.end - 1) {
        (old.end, new.end) = (old.end - 1, new.end - 1);
        tail.push((old.end, new.end));
    }
    let width = new.len() + 1;
    let mut lengths = vec![0u32; (old.len() + 1) * width];
    for a in (0..old.len()).rev() {
        for b in (0..new.len()).rev() {
            lengths[a * width + b] = match is_same(old.start + a, new.start + b) {
                true => lengths[(a + 1) * width + b + 1] + 1,
                false => lengths[(a + 1) * width + b].max(lengths[a * width + b + 1]),
            };
        }
    }
    let (mut a, mut b) = (0, 0);
    while a < old.len() && b < new.len() {
        if is_same(old.start + a, new.start + b) && lengths[a * width + b] == lengths[(a + 1) * width + b + 1] + 1 {
            pairs.push((old.start + a, new.start + b));
            (a, b) = (a + 1, b + 1);
        } else if lengths[(a + 1) * width + b] >= lengths[a * width + b + 1] {
            a += 1;
        } else {
            b += 1;
        }
    }
    pairs.extend(tail.into_iter().rev());
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(texts: &'static str) -> Vec<Labelled<'static>> {
        texts
            .lines()
            .map(|line| line.trim().split_once(": ").expect("stage: text"))
            .map(|(stage, text)| Labelled { stage, text })
            .collect()
    }

    #[test]
    fn steps_keep_their_match_around_an_inserted_line() {
        let old = steps("b: RUN a\nb: RUN c\nb: RUN d");
        let new = steps("b: RUN a\nb: COPY x y\nb: RUN c\nb: RUN d");
        assert_eq!(match_steps(&old, &new), [Some(0), None, Some(1), Some(2)]);
    }

    #[test]
    fn a_changed_line_is_matched_by_its_keyword() {
        let old = steps("b: RUN a\nb: COPY x y\nb: RUN d");
        let new = steps("b: RUN a2\nb: WORKDIR /\nb: COPY x z\nb: RUN d");
        assert_eq!(match_steps(&old, &new), [Some(0), None, Some(1), Some(2)]);
    }

    #[test]
    fn moved_lines_do_not_cross() {
        let old = steps("b: RUN a\nb: RUN c");
        let new = steps("b: RUN c\nb: RUN a");
        assert_eq!(match_steps(&old, &new), [Some(1), None]);
    }

    #[test]
    fn stages_are_matched_by_name_only() {
        let old = steps("b: RUN a\nc: RUN a");
        let new = steps("c: RUN a\nd: RUN a");
        assert_eq!(match_steps(&old, &new), [Some(1), None]);
    }
}
