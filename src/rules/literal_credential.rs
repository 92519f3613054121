//! A credential that stands in the file, told by the form that its issuer gives to all of them. Only forms that nothing
//! else has count, and no placeholder. The credential itself is never repeated.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::{Check, Cx, Out};
use crate::text::Span;

pub(super) struct LiteralCredential;

/// What a kind of credential looks like: what it begins with, which characters follow, and how many of them.
struct Form {
    name: &'static str,
    prefix: &'static str,
    /// Characters besides letters and digits.
    also: &'static [u8],
    least: usize,
    most: usize,
}

const fn form(name: &'static str, prefix: &'static str, also: &'static [u8], least: usize, most: usize) -> Form {
    Form { name, prefix, also, least, most }
}

const FORMS: &[Form] = &[
    form("an access key of AWS", "AKIA", b"", 16, 16),
    form("a key of age", "AGE-SECRET-KEY-1", b"", 58, 58),
    form("a key of Anthropic", "sk-ant-api03-", b"-_", 80, 120),
    form("a token of DigitalOcean", "dop_v1_", b"", 64, 64),
    form("a token of Docker Hub", "dckr_pat_", b"-_", 27, 32),
    form("a token of GitHub", "ghp_", b"", 36, 36),
    form("a token of GitHub", "gho_", b"", 36, 36),
    form("a token of GitHub", "ghs_", b"", 36, 36),
    form("a token of GitHub", "ghr_", b"", 36, 76),
    form("a token of GitHub", "github_pat_", b"_", 82, 82),
    form("a token of GitLab", "glpat-", b"-_.", 20, 300),
    form("a token of Hugging Face", "hf_", b"", 34, 34),
    form("a token of npm", "npm_", b"", 36, 36),
    form("a key of OpenAI", "sk-proj-", b"-_", 40, 200),
    form("a token of PyPI", "pypi-AgEIcHlwaS5vcmc", b"-_", 50, 400),
    form("a key of RubyGems", "rubygems_", b"", 48, 48),
    form("a key of SendGrid", "SG.", b"-_.", 66, 66),
    form("a token of Shopify", "shpat_", b"", 32, 32),
    form("a token of Slack", "xoxb-", b"-", 40, 80),
    form("a token of Slack", "xoxp-", b"-", 40, 100),
    form("a web hook of Slack", "https://hooks.slack.com/services/T", b"/", 40, 60),
    form("a key of Stripe", "sk_live_", b"", 24, 120),
    form("a key of Stripe", "rk_live_", b"", 24, 120),
    form("a token of Vault", "hvs.", b"-_", 90, 300),
];

/// How a private key begins, up to its kind, and what follows the kind.
const KEY: (&str, &str) = ("-----BEGIN ", "PRIVATE KEY-----");

/// How long the first line of its content is at least; a key that is only spoken of has none.
const KEY_LINE: usize = 40;

/// What any of them begins with: one pass over the text tells that there is none, as nearly always.
static BEGINNINGS: LazyLock<Regex> = LazyLock::new(|| {
    let prefixes = FORMS.iter().map(|form| form.prefix).chain([KEY.0]).map(regex::escape);
    Regex::new(&prefixes.collect::<Vec<_>>().join("|")).expect("the pattern of beginnings is valid")
});

impl Check for LiteralCredential {
    fn file(&self, cx: &Cx<'_>, out: &mut Out<'_>) {
        for (span, name) in found(cx.source().text()) {
            out.find(span, format!("{name} is written in the file"))
                .label("readable by everybody who has the file or the image")
                .hide()
                .help("revoke it: it is known now; give the next one to the step alone, with RUN --mount=type=secret");
        }
    }
}

/// Every credential with its place, in the order of the text.
fn found(text: &str) -> impl Iterator<Item = (Span, &'static str)> {
    BEGINNINGS.find_iter(text).filter_map(|beginning| {
        let at = beginning.start();
        match FORMS.iter().find(|form| form.prefix == beginning.as_str()) {
            Some(form) => Some((form.at(text, at)?, form.name)),
            None => Some((private_key(text, at)?, "a private key")),
        }
    })
}

impl Form {
    /// The credential that begins at `at`.
    fn at(&self, text: &str, at: usize) -> Option<Span> {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || self.also.contains(&byte);
        let before = text.as_bytes()[..at].last().copied();
        let start = at + self.prefix.len();
        let rest = &text.as_bytes()[start..];
        let length = rest.iter().take_while(|byte| is_part(**byte)).count();
        let is_whole = !before.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let fits = (self.least..=self.most).contains(&length);
        (is_whole && fits && is_random(&rest[..length])).then(|| Span::new(at, start + length))
    }
}

/// Whether it was drawn by lot: a placeholder repeats itself, counts up, or says what it is.
fn is_random(secret: &[u8]) -> bool {
    let different = secret.iter().collect::<BTreeSet<_>>().len();
    let steps = secret.windows(2).filter(|pair| pair[1] == pair[0] || pair[1] == pair[0].wrapping_add(1)).count();
    let text = String::from_utf8_lossy(secret).to_lowercase();
    different >= 8
        && steps * 3 < secret.len()
        && !["example", "xxxx", "your", "placeholder"].iter().any(|word| text.contains(word))
}

/// The key whose first line begins at `at`, up to the end of its content; written on lines, or on one with `\n`.
fn private_key(text: &str, at: usize) -> Option<Span> {
    let rest = &text[at + KEY.0.len()..];
    let kind = rest.find(KEY.1).filter(|end| *end <= "OPENSSH ".len() && !rest[..*end].contains('\n'))?;
    let content = &rest[kind + KEY.1.len()..];
    let first = content.trim_start_matches(|char: char| char.is_whitespace() || "\\n".contains(char));
    let line = first.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(byte)).count();
    let shown = content.len() - first.len() + line;
    let end = at + KEY.0.len() + kind + KEY.1.len() + content.find("-----END").unwrap_or(shown);
    (line >= KEY_LINE).then(|| Span::new(at, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<&'static str> {
        found(text).map(|(_, name)| name).collect()
    }

    // Put together here, so that no scanner takes them for real ones.
    fn made_up(prefix: &str, length: usize) -> String {
        let letters = "kQ7vTz2mWx9RbN4cJpL8sGd3HyF6aVt1ZeKoU5iXqBwMrEnYgPhSfDjCuAl0OI";
        format!("{prefix}{}", letters.chars().cycle().take(length).collect::<String>())
    }

    #[test]
    fn a_credential_is_told_by_its_form() {
        for form in FORMS {
            let secret = made_up(form.prefix, form.least);
            assert_eq!(names(&format!("A={secret} b")), [form.name], "{}", form.prefix);
            assert!(names(&format!("A=x{secret}")).is_empty(), "{}", form.prefix);
            assert!(names(&made_up(form.prefix, form.least - 1)).is_empty(), "{}", form.prefix);
            assert!(names(&made_up(form.prefix, form.most + 1)).is_empty(), "{}", form.prefix);
        }
    }

    #[test]
    fn placeholders_are_none() {
        for text in [
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "abcdefghijklmnopqrstuvwxyz0123456789",
            "000000000000000000000000000000000000",
        ] {
            assert!(names(&format!("ghp_{text}")).is_empty(), "{text}");
        }
        assert!(names("AKIAIOSFODNN7EXAMPLE").is_empty());
    }

    #[test]
    fn a_private_key_needs_content() {
        let key = made_up("-----BEGIN RSA PRIVATE KEY-----\n", 120);
        assert_eq!(private_key(&key, 0), Some(Span::new(0, key.len())));
        let on_one_line = made_up("-----BEGIN PRIVATE KEY-----\\n", 64) + "\\n-----END";
        assert_eq!(private_key(&on_one_line, 0), Some(Span::new(0, on_one_line.len() - "-----END".len())));
        let spoken_of = format!("-----BEGIN PRIVATE KEY-----\" /key\nRUN {}", "a few words ".repeat(20));
        for text in [&spoken_of, "-----BEGIN PRIVATE KEY-----\n$KEY\n-----END PRIVATE KEY-----"] {
            assert_eq!(private_key(text, 0), None, "{text}");
        }
    }
}
