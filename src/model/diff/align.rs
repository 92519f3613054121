//! Lining up two sequences.

/// Above this many cells the table of a comparison is not filled; what is between the common ends counts as different.
const LARGEST_TABLE: usize = 4_000_000;

/// A stage of one version, or of both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pair {
    Both(usize, usize),
    Old(usize),
    New(usize),
}

/// Which stages are the same: those of one name, and unnamed or renamed ones between the same neighbours, in order.
pub(super) fn stages(old: &[Option<&str>], new: &[Option<&str>]) -> Vec<Pair> {
    let same = |a: usize, b: usize| old[a].is_some() && old[a] == new[b];
    let mut pairs = Vec::new();
    let (mut a, mut b) = (0, 0);
    let anchors = longest_common(old.len(), new.len(), &same);
    for (next_a, next_b) in anchors.into_iter().chain([(old.len(), new.len())]) {
        between(a..next_a, b..next_b, &mut pairs);
        if next_a < old.len() {
            pairs.push(Pair::Both(next_a, next_b));
        }
        (a, b) = (next_a + 1, next_b + 1);
    }
    pairs
}

/// Pairs what stands between two pairs from the end, because the last stage is the one that is built.
fn between(old: std::ops::Range<usize>, new: std::ops::Range<usize>, pairs: &mut Vec<Pair>) {
    let paired = old.len().min(new.len());
    let (old_rest, new_rest) = (old.end - paired, new.end - paired);
    pairs.extend((old.start..old_rest).map(Pair::Old));
    pairs.extend((new.start..new_rest).map(Pair::New));
    pairs.extend((old_rest..old.end).zip(new_rest..new.end).map(|(a, b)| Pair::Both(a, b)));
}

/// The longest common subsequence of two sequences of these lengths, as pairs of indexes.
pub(super) fn longest_common(old: usize, new: usize, same: &dyn Fn(usize, usize) -> bool) -> Vec<(usize, usize)> {
    let shorter = old.min(new);
    let start = (0..shorter).take_while(|at| same(*at, *at)).count();
    let end = (0..shorter - start).take_while(|back| same(old - 1 - back, new - 1 - back)).count();
    let (rows, columns) = (old - start - end, new - start - end);
    let middle = match rows.saturating_mul(columns) <= LARGEST_TABLE {
        true => table(rows, columns, &|a, b| same(start + a, start + b)),
        false => Vec::new(),
    };
    let first = (0..start).map(|at| (at, at));
    let middle = middle.into_iter().map(|(a, b)| (start + a, start + b));
    let last = (0..end).rev().map(|back| (old - 1 - back, new - 1 - back));
    first.chain(middle).chain(last).collect()
}

fn table(rows: usize, columns: usize, same: &dyn Fn(usize, usize) -> bool) -> Vec<(usize, usize)> {
    let width = columns + 1;
    // The length of the longest common subsequence of what begins at a row and a column.
    let mut lengths = vec![0u32; (rows + 1) * width];
    for a in (0..rows).rev() {
        for b in (0..columns).rev() {
            lengths[a * width + b] = match same(a, b) {
                true => lengths[(a + 1) * width + b + 1] + 1,
                false => lengths[(a + 1) * width + b].max(lengths[a * width + b + 1]),
            };
        }
    }
    let mut pairs = Vec::new();
    let (mut a, mut b) = (0, 0);
    while a < rows && b < columns {
        if same(a, b) {
            pairs.push((a, b));
            (a, b) = (a + 1, b + 1);
        } else if lengths[(a + 1) * width + b] >= lengths[a * width + b + 1] {
            a += 1;
        } else {
            b += 1;
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn common(old: &str, new: &str) -> String {
        let (a, b) = (old.as_bytes(), new.as_bytes());
        let pairs = longest_common(a.len(), b.len(), &|x, y| a[x] == b[y]);
        pairs.iter().map(|(x, _)| char::from(a[*x])).collect()
    }

    #[test]
    fn the_longest_common_subsequence_is_found() {
        assert_eq!(common("abcdef", "abxdyf"), "abdf");
        assert_eq!(common("abc", "bca"), "bc");
        assert_eq!(common("", "abc"), "");
        assert_eq!(common("same", "same"), "same");
    }

    #[test]
    fn stages_are_known_by_name_and_else_by_place() {
        let pairs = stages(&[Some("a"), None], &[Some("x"), Some("a"), None]);
        assert_eq!(pairs, [Pair::New(0), Pair::Both(0, 1), Pair::Both(1, 2)]);
        assert_eq!(stages(&[None], &[Some("build"), None]), [Pair::New(0), Pair::Both(0, 1)]);
        assert_eq!(stages(&[Some("a")], &[Some("b")]), [Pair::Both(0, 0)]);
    }
}
