//! Numbers in words: counts with their noun, sizes, times.

use std::time::Duration;

pub(super) use crate::text::amount as size;

/// `1 file`, `2 files`.
pub fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn listed(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [only] => only.clone(),
        [init @ .., last] => format!("{} and {last}", init.join(", ")),
    }
}

/// `0.3 s`, `30.1 s`, `1 min 50 s`, `51 min`, `2 h 5 min`: no more digits than anybody reads.
pub fn time(time: Duration) -> String {
    let tenths = (time.as_millis() + 50) / 100;
    let seconds = (time.as_millis() + 500) / 1000;
    let minutes = (seconds + 30) / 60;
    match seconds {
        _ if tenths < 600 => format!("{}.{} s", tenths / 10, tenths % 10),
        0..600 => format!("{} min {} s", seconds / 60, seconds % 60),
        600..3_570 => format!("{minutes} min"),
        _ => format!("{} h {} min", minutes / 60, minutes % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_agree_with_numbers() {
        assert_eq!(counted(0, "file"), "0 files");
        assert_eq!(counted(1, "file"), "1 file");
        assert_eq!(listed(&["a".into(), "b".into(), "c".into()]), "a, b and c");
    }

    #[test]
    fn times_have_few_digits() {
        let cases = [
            (0, "0.0 s"),
            (49, "0.0 s"),
            (300, "0.3 s"),
            (30_149, "30.1 s"),
            (59_949, "59.9 s"),
            (59_950, "1 min 0 s"),
            (110_000, "1 min 50 s"),
            (599_499, "9 min 59 s"),
            (600_000, "10 min"),
            (3_060_000, "51 min"),
            (3_599_000, "1 h 0 min"),
            (7_500_000, "2 h 5 min"),
        ];
        for (millis, words) in cases {
            assert_eq!(time(Duration::from_millis(millis)), words, "{millis}");
        }
    }
}
