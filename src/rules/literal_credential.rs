//! A credential that stands in the file, told by the form that its issuer gives to all of them. Only forms that nothing
//! else has count, and no placeholder. The credential itself is never repeated.

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

/// How many characters of its content tell a key from one that is only spoken of.
const KEY_CONTENT: usize = 60;

impl Check for LiteralCredential {
    fn file(&self, cx: &Cx<'_>, out: &mut Out<'_>) {
        let text = cx.source().text();
        let mut found: Vec<(Span, &str)> = Vec::new();
        for form in FORMS {
            found.extend(text.match_indices(form.prefix).filter_map(|(at, _)| Some((form.at(text, at)?, form.name))));
        }
        found.extend(text.match_indices(KEY.0).filter_map(|(at, _)| Some((private_key(text, at)?, "a private key"))));
        for (span, name) in found {
            out.find(span, format!("{name} is written in the file"))
                .label("readable by everybody who has the file or the image")
                .hide()
                .help("revoke it: it is known now; give the next one to the step alone, with RUN --mount=type=secret");
        }
    }
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
    let different = secret.iter().collect::<std::collections::BTreeSet<_>>().len();
    let steps = secret.windows(2).filter(|pair| pair[1] == pair[0] || pair[1] == pair[0].wrapping_add(1)).count();
    let text = String::from_utf8_lossy(secret).to_lowercase();
    different >= 8
        && steps * 3 < secret.len()
        && !["example", "xxxx", "your", "placeholder"].iter().any(|word| text.contains(word))
}

/// The key whose first line begins at `at`, up to the end of its content.
fn private_key(text: &str, at: usize) -> Option<Span> {
    let rest = &text[at + KEY.0.len()..];
    let kind = rest.find(KEY.1).filter(|end| *end <= "ENCRYPTED ".len() && !rest[..*end].contains('\n'))?;
    let content = &rest[kind + KEY.1.len()..];
    let end = content.find("-----END").unwrap_or(content.len());
    let letters = content[..end].bytes().filter(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(byte)).count();
    let is_key = letters >= KEY_CONTENT && !content[..end].contains('$');
    is_key.then(|| Span::new(at, at + KEY.0.len() + kind + KEY.1.len() + end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&'static str> {
        let at = |form: &'static Form| {
            text.match_indices(form.prefix)
                .filter_map(|(at, _)| form.at(text, at).map(|_| form.name))
                .collect::<Vec<_>>()
        };
        FORMS.iter().flat_map(at).collect()
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
            assert_eq!(found(&format!("A={secret} b")), [form.name], "{}", form.prefix);
            assert!(found(&format!("A=x{secret}")).is_empty(), "{}", form.prefix);
            assert!(found(&made_up(form.prefix, form.least - 1)).is_empty(), "{}", form.prefix);
            assert!(found(&made_up(form.prefix, form.most + 1)).is_empty(), "{}", form.prefix);
        }
    }

    #[test]
    fn placeholders_are_none() {
        for text in [
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "abcdefghijklmnopqrstuvwxyz0123456789",
            "000000000000000000000000000000000000",
        ] {
            assert!(found(&format!("ghp_{text}")).is_empty(), "{text}");
        }
        assert!(found("AKIAIOSFODNN7EXAMPLE").is_empty());
    }

    #[test]
    fn a_private_key_needs_content() {
        let key = made_up("-----BEGIN RSA PRIVATE KEY-----\n", 120);
        assert_eq!(private_key(&key, 0), Some(Span::new(0, key.len())));
        for text in ["-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----\n$KEY\n-----END PRIVATE KEY-----"] {
            assert_eq!(private_key(text, 0), None, "{text}");
        }
    }
}
