//! "Did you mean": the known word that is closest to what was written.

/// The candidate closest to `word`, when it is close enough to be what was meant: no more than a third of its letters
/// differ. Case counts for nothing, two swapped neighbours for one difference; the first of equals wins.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word: Vec<char> = word.to_lowercase().chars().collect();
    let distances = candidates.into_iter().filter_map(|candidate| {
        let letters: Vec<char> = candidate.to_lowercase().chars().collect();
        let allowed = letters.len().max(word.len()).div_ceil(3);
        if letters.len().abs_diff(word.len()) > allowed {
            return None;
        }
        let distance = distance(&word, &letters);
        (distance <= allowed && distance < letters.len()).then_some((distance, candidate))
    });
    distances.min_by_key(|(distance, _)| *distance).map(|(_, candidate)| candidate)
}

/// How many letters must be added, dropped, changed or swapped with their neighbour to get from `a` to `b`.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let changed = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (above[j] + 1).min(row[j - 1] + 1).min(above[j - 1] + changed);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn slips_of_the_finger_are_understood() {
        let words = ["COPY", "CMD", "ENTRYPOINT", "ENV", "EXPOSE"];
        assert_eq!(nearest("COYP", words), Some("COPY"));
        assert_eq!(nearest("cpoy", words), Some("COPY"));
        assert_eq!(nearest("ENTRYPONT", words), Some("ENTRYPOINT"));
        assert_eq!(nearest("EXPOSES", words), Some("EXPOSE"));
    }

    #[test]
    fn anything_else_is_not() {
        assert_eq!(nearest("HELLO", ["COPY", "CMD"]), None);
        assert_eq!(nearest("x", ["y"]), None);
        assert_eq!(nearest("", ["CMD"]), None);
    }
}
