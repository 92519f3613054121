//! Durations as Go writes them: `1h2m3.5s`, `100ms`, `0`.

use nom::branch::alt;
use nom::bytes::complete::tag;
use nom::character::complete::{char, digit0, one_of};
use nom::combinator::{map, opt, verify};
use nom::{IResult, Parser};

/// The nanoseconds of a duration; none when it is no duration, or too long for 64 bits.
pub fn duration(text: &str) -> Option<i64> {
    let (mut rest, sign) = opt(one_of::<_, _, nom::error::Error<&str>>("+-")).parse(text).ok()?;
    if rest == "0" {
        return Some(0);
    }
    let mut total: i64 = 0;
    loop {
        let (after, (whole, fraction, unit)) = part(rest).ok()?;
        total = total.checked_add(nanoseconds(whole, fraction, unit)?)?;
        rest = after;
        if rest.is_empty() {
            return Some(if sign == Some('-') { -total } else { total });
        }
    }
}

/// A number, of which either side of the point may be missing, and a unit in nanoseconds.
fn part(input: &str) -> IResult<&str, (&str, &str, i64)> {
    let number =
        verify((digit0, map(opt((char('.'), digit0)), |fraction| fraction.map_or("", |(_, digits)| digits))), {
            |(whole, fraction): &(&str, &str)| !whole.is_empty() || !fraction.is_empty()
        });
    let unit = alt((
        tag("ns").map(|_| 1),
        alt((tag("us"), tag("µs"), tag("μs"))).map(|_| 1_000),
        tag("ms").map(|_| 1_000_000),
        tag("s").map(|_| 1_000_000_000),
        tag("m").map(|_| 60_000_000_000),
        tag("h").map(|_| 3_600_000_000_000),
    ));
    map((number, unit), |((whole, fraction), unit)| (whole, fraction, unit)).parse(input)
}

fn nanoseconds(whole: &str, fraction: &str, unit: i64) -> Option<i64> {
    let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    // An hour has 13 digits of nanoseconds; further ones only say less than one.
    let digits = &fraction[..fraction.len().min(18)];
    let count: i128 = if digits.is_empty() { 0 } else { digits.parse().ok()? };
    let part = count * i128::from(unit) / 10_i128.pow(digits.len() as u32);
    whole.checked_mul(unit)?.checked_add(i64::try_from(part).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_with_units_add_up() {
        assert_eq!(duration("1m30s"), Some(90_000_000_000));
        assert_eq!(duration("1.5s"), Some(1_500_000_000));
        assert_eq!(duration(".5s1.us"), Some(500_001_000));
        assert_eq!(duration("-2h"), Some(-7_200_000_000_000));
        assert_eq!(duration("+0"), Some(0));
        assert_eq!(duration("3µs"), Some(3_000));
        assert_eq!(duration("2562047h47m16.854775807s"), Some(i64::MAX));
    }

    #[test]
    fn anything_else_is_no_duration() {
        for bad in ["", "+", "5", "s", ".s", "1x", "1s2", "--1s", "1s ", "1S", "9223372036854775808ns", "3000000h"] {
            assert_eq!(duration(bad), None, "{bad}");
        }
    }
}
