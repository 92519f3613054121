//! The forms that values of labels may have: addresses, points in time, licences, commits, versions.

/// An address with a scheme, or as git knows one without.
pub(super) fn is_url(text: &str) -> bool {
    let has_scheme = text.split_once(':').is_some_and(|(scheme, rest)| {
        let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.chars().all(|char| char.is_ascii_alphanumeric() || "+-.".contains(char));
        is_scheme && rest.starts_with("//") && rest.len() > 2
    });
    let is_for_ssh = || text.split_once('@').is_some_and(|(_, rest)| rest.contains(':'));
    !text.contains(char::is_whitespace) && (has_scheme || is_for_ssh())
}

/// RFC 3339: date, time and offset.
pub(super) fn is_time(text: &str) -> bool {
    let Some((date, time)) = text.split_once(['T', 't', ' ']) else { return false };
    let Some(at) = time.find(['Z', 'z', '+', '-']) else { return false };
    let (clock, offset) = time.split_at(at);
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let is_offset = match &offset[1..] {
        "" => offset.eq_ignore_ascii_case("z"),
        hours => numbers(hours, ':', &[(2, 0, 23), (2, 0, 59)]) && !offset.eq_ignore_ascii_case("z"),
    };
    numbers(date, '-', &[(4, 0, 9999), (2, 1, 12), (2, 1, 31)])
        && numbers(clock, ':', &[(2, 0, 23), (2, 0, 59), (2, 0, 60)])
        && !fraction.is_empty()
        && fraction.bytes().all(|byte| byte.is_ascii_digit())
        && is_offset
}

/// Whether the text is numbers of these lengths and bounds with a sign between them.
fn numbers(text: &str, sign: char, wanted: &[(usize, u32, u32)]) -> bool {
    let parts: Vec<&str> = text.split(sign).collect();
    parts.len() == wanted.len()
        && parts.iter().zip(wanted).all(|(part, (length, low, high))| {
            let is_number = part.len() == *length && part.bytes().all(|byte| byte.is_ascii_digit());
            is_number && part.parse::<u32>().is_ok_and(|number| (*low..=*high).contains(&number))
        })
}

/// Names that people write and SPDX does not know, in small letters.
const NO_LICENCES: &[&str] = &[
    "agpl",
    "agpl3",
    "agplv3",
    "apache",
    "apache-2",
    "apache2",
    "apache2.0",
    "apachev2",
    "asl2",
    "bsd",
    "bsd-2",
    "bsd-3",
    "cc-by",
    "cc0",
    "gpl",
    "gpl-2",
    "gpl-3",
    "gpl2",
    "gpl3",
    "gplv2",
    "gplv2+",
    "gplv3",
    "gplv3+",
    "lgpl",
    "lgplv2",
    "lgplv2.1",
    "lgplv3",
    "mpl",
    "mpl2",
    "mplv2",
    "mozilla",
    "psf",
    "public-domain",
];

/// An SPDX licence expression by its grammar; of the names, only those that are often wrong are known.
pub(super) fn is_licence(text: &str) -> bool {
    let spaced = text.replace('(', " ( ").replace(')', " ) ");
    let (mut depth, mut wants_name) = (0_usize, true);
    for word in spaced.split_whitespace() {
        match (word, wants_name) {
            ("(", true) => depth += 1,
            (")", false) if depth > 0 => depth -= 1,
            ("AND" | "OR" | "WITH" | "and" | "or" | "with", false) => wants_name = true,
            (name, true) if is_licence_name(name) => wants_name = false,
            _ => return false,
        }
    }
    depth == 0 && !wants_name
}

fn is_licence_name(name: &str) -> bool {
    let is_word = name.chars().all(|char| char.is_ascii_alphanumeric() || "-.+:".contains(char));
    is_word && !NO_LICENCES.contains(&name.to_lowercase().as_str())
}

/// A git commit, short or in full, SHA-1 or SHA-256.
pub(super) fn is_commit(text: &str) -> bool {
    matches!(text.len(), 7..=40 | 64) && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// A semantic version: three numbers, then a pre-release after `-` and a build after `+`.
pub(super) fn is_version(text: &str) -> bool {
    let (text, build) = text.split_once('+').map_or((text, None), |(text, build)| (text, Some(build)));
    let (core, release) = text.split_once('-').map_or((text, None), |(text, release)| (text, Some(release)));
    let is_number = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()) && (part == "0" || !part.starts_with('0'))
    };
    let is_word =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let is_release = |part: &str| is_word(part) && (is_number(part) || !part.bytes().all(|byte| byte.is_ascii_digit()));
    core.split('.').count() == 3
        && core.split('.').all(is_number)
        && release.is_none_or(|release| release.split('.').all(is_release))
        && build.is_none_or(|build| build.split('.').all(is_word))
}

/// A mail address, as far as its shape goes; a name before it in `Name <address>` is let through.
pub(super) fn is_mail(text: &str) -> bool {
    let address = text.split_once('<').and_then(|(_, rest)| rest.strip_suffix('>')).unwrap_or(text);
    address.split_once('@').is_some_and(|(name, host)| {
        let is_part = |part: &str| !part.is_empty() && !part.contains(char::is_whitespace) && !part.contains('@');
        is_part(name) && is_part(host) && !host.starts_with('.') && !host.ends_with('.')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(is: fn(&str) -> bool, right: &[&str], wrong: &[&str]) {
        right.iter().for_each(|text| assert!(is(text), "{text:?} is right"));
        wrong.iter().for_each(|text| assert!(!is(text), "{text:?} is wrong"));
    }

    #[test]
    fn addresses_have_a_scheme() {
        check(
            is_url,
            &["https://a.b/c", "git+ssh://a", "git@a:b/c.git"],
            &["a.b", "http:/a", "https://", "https://a b", ""],
        );
    }

    #[test]
    fn points_in_time_have_date_time_and_offset() {
        let right = ["2024-02-29T23:59:60Z", "2024-01-01t00:00:00.123-08:00", "2024-01-01 00:00:00z"];
        let wrong = ["2024-01-01", "2024-01-01T00:00:00", "2024-1-01T00:00:00Z", "2024-01-01T24:00:00Z", "T", "é"];
        check(is_time, &right, &wrong);
        check(is_time, &[], &["2024-01-01T00:00:00Z1", "2024-01-01T00:00:00.Z", "2024-01-01T00:00:00+1"]);
    }

    #[test]
    fn licences_are_names_with_words_between_them() {
        let right = ["MIT", "GPL-2.0+", "(A OR B) AND C WITH D", "LicenseRef-x", "DocumentRef-a:LicenseRef-b"];
        check(is_licence, &right, &["", "MIT License", "A OR", "(A", "A)", "A B", "GPLv3", "OR A", "a/b"]);
    }

    #[test]
    fn commits_are_hexadecimal() {
        check(
            is_commit,
            &["0123abc", &"a".repeat(40), &"a".repeat(64)],
            &["012345", "012345g", "ABCDEF0", &"a".repeat(50)],
        );
    }

    #[test]
    fn versions_have_three_numbers() {
        let right = ["0.1.2", "1.2.3-rc.1", "1.2.3+b.01", "1.2.3-a-b+c"];
        check(is_version, &right, &["1.2", "v1.2.3", "01.2.3", "1.2.3-", "1.2.3-01", "1.2.3+", "1.2.3.4"]);
    }

    #[test]
    fn mail_addresses_have_a_host() {
        check(is_mail, &["a@b.c", "A B <a@b>"], &["a", "a@", "@b", "a b@c", "a@b@c", "a@.b"]);
    }
}
