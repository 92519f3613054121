//! Which variables hold secrets, judged by their names alone.

/// Words that make a name that of a secret.
const TELLING: &[&str] =
    &["apikey", "auth", "credential", "credentials", "key", "passwd", "password", "pword", "secret", "token"];

/// Words that say that it is something about the secret, or no secret at all.
const HARMLESS: &[&str] = &["checking", "file", "fingerprint", "public", "version"];

/// Whether a variable of this name probably holds a secret: one of the words between its underscores says so, and none
/// says otherwise.
pub fn is_secret_name(name: &str) -> bool {
    let has = |words: &[&str]| name.split('_').any(|part| words.iter().any(|word| part.eq_ignore_ascii_case(word)));
    // What verifies signatures is named by its fingerprint, and no secret.
    let fingerprint = has(&["gpg", "pgp"]) && !has(&["private", "secret", "password"]);
    has(TELLING) && !has(HARMLESS) && !fingerprint
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_secrets() {
        for name in
            ["TOKEN", "GITHUB_TOKEN", "db_password", "AWS_SECRET_ACCESS_KEY", "Api_Key", "APIKEY", "GPG_PRIVATE_KEY"]
        {
            assert!(is_secret_name(name), "{name}");
        }
        for name in [
            "",
            "TOKENS",
            "KEYBOARD",
            "PUBLIC_KEY",
            "PASSWORD_FILE",
            "AUTH_VERSION",
            "MONKEY",
            "GPG_KEY",
            "HOST_KEY_CHECKING",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }
}
