//! Amounts as people type them: an age, a size.

use std::time::Duration;

/// Reads `30s`, `45m`, `12h`, `7d`, `2w`.
pub(super) fn age(text: &str) -> Result<Duration, String> {
    let (number, unit) = parts(text);
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 604_800,
        _ => return Err("expected a number and s, m, h, d or w, as in 7d".to_owned()),
    };
    let number: u64 = number.parse().map_err(|_| "expected a whole number before the unit, as in 7d".to_owned())?;
    number.checked_mul(seconds).map(Duration::from_secs).ok_or_else(|| "that is too long".to_owned())
}

/// Reads `500MB`, `10GB`, `1.5GiB`, or bytes.
pub(super) fn bytes(text: &str) -> Result<u64, String> {
    let (number, unit) = parts(text);
    let factor: u64 = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" => 1_000,
        "m" | "mb" => 1_000_000,
        "g" | "gb" => 1_000_000_000,
        "t" | "tb" => 1_000_000_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        "tib" => 1 << 40,
        _ => return Err("expected a number and kB, MB, GB, TB, KiB, MiB, GiB or TiB, as in 10GB".to_owned()),
    };
    match number.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok((number * factor as f64) as u64),
        _ => Err("expected a number before the unit, as in 10GB".to_owned()),
    }
}

fn parts(text: &str) -> (&str, &str) {
    let end = text.find(|char: char| !char.is_ascii_digit() && char != '.').unwrap_or(text.len());
    text.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_and_sizes_are_read_with_their_units() {
        assert_eq!(age("7d"), Ok(Duration::from_secs(7 * 86_400)));
        assert_eq!(age("90m"), Ok(Duration::from_secs(5_400)));
        assert_eq!(bytes("10GB"), Ok(10_000_000_000));
        assert_eq!(bytes("1.5gib"), Ok(3 << 29));
        assert_eq!(bytes("512"), Ok(512));
        for wrong in ["7", "d", "1.5d", "-1d", "99999999999999999w", ""] {
            assert!(age(wrong).is_err(), "{wrong}");
        }
        for wrong in ["GB", "1XB", "1.2.3GB", "", "-5"] {
            assert!(bytes(wrong).is_err(), "{wrong}");
        }
    }
}
