//! How much something is, in words.

/// `6 B`, `52 kB`, `12.4 MB`, `1.0 GB`: decimal units, as registries and `docker history` count.
pub fn amount(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..9_950 => format!("{:.1} kB", bytes as f64 / 1e3),
        9_950..999_500 => format!("{:.0} kB", bytes as f64 / 1e3),
        999_500..999_950_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        999_950_000..999_950_000_000 => format!("{:.1} GB", bytes as f64 / 1e9),
        _ => format!("{:.1} TB", bytes as f64 / 1e12),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_few_digits_and_never_1000_of_a_unit() {
        let cases = [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (9_949, "9.9 kB"),
            (9_950, "10 kB"),
            (52_000, "52 kB"),
            (999_499, "999 kB"),
            (999_500, "1.0 MB"),
            (12_400_000, "12.4 MB"),
            (999_949_999, "999.9 MB"),
            (999_950_000, "1.0 GB"),
            (5_000_000_000_000, "5.0 TB"),
        ];
        for (bytes, words) in cases {
            assert_eq!(amount(bytes), words, "{bytes}");
        }
    }
}
