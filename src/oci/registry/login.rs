//! Showing a registry who asks: its challenge, and the token or password that answers it.
//!
//! A login is shown to the registry and to the server that its challenge names, over an encrypted connection unless
//! the registry itself is a plain one; to nobody else. Tokens are asked for by scope and kept while they last.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use reqwest::header::{HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use reqwest::{RequestBuilder, Url};
use serde::Deserialize;

use super::credentials::Auth;
use super::failure::Failure;
use super::wire::{Wire, body_within};

/// More than any token has.
const TOKEN_LIMIT: usize = 1 << 20;
/// How long a token lasts that does not say, as the protocol has it.
const USUAL_LIFE: Duration = Duration::from_secs(60);
/// A token is not used in its last moments.
const MARGIN: Duration = Duration::from_secs(10);

/// How requests to one registry are made with a login.
#[derive(Default)]
pub(super) struct Keys {
    known: Mutex<BTreeMap<String, Key>>,
}

#[derive(Clone)]
struct Key {
    header: HeaderValue,
    until: Option<Instant>,
}

/// What a registry wants.
#[derive(Debug, PartialEq, Eq)]
enum Challenge {
    Basic,
    Bearer { realm: String, service: Option<String> },
}

#[derive(Deserialize)]
struct Token {
    #[serde(default)]
    token: String,
    #[serde(default)]
    access_token: String,
    expires_in: Option<u64>,
}

impl Keys {
    /// What is known to open `scope`.
    pub(super) fn known(&self, scope: &str) -> Option<HeaderValue> {
        let known = self.known.lock().expect("nobody panics while holding the keys");
        let key = known.get(scope)?;
        key.until.is_none_or(|until| Instant::now() < until).then(|| key.header.clone())
    }

    /// Answers the challenge in `headers`; nothing where there is nothing to answer with.
    pub(super) async fn answer(
        &self,
        wire: &Wire,
        auth: &Auth,
        headers: &HeaderMap,
        scope: &str,
    ) -> Result<Option<HeaderValue>, Failure> {
        let key = match (challenge(headers), auth) {
            (Some(Challenge::Basic), Auth::Password { user, password }) => {
                // Let the client spell the header.
                let request = wire.http.get(wire.address("", "")).basic_auth(user, Some(password)).build()?;
                let Some(header) = request.headers().get(reqwest::header::AUTHORIZATION) else { return Ok(None) };
                Key { header: header.clone(), until: None }
            }
            (Some(Challenge::Bearer { realm, service }), auth) => {
                let realm =
                    Url::parse(&realm).map_err(|_| Failure::Nonsense(format!("it names `{realm}` to log in at")))?;
                if realm.scheme() != "https" && !wire.is_plain() {
                    let why = format!("it wants its login to be shown to {realm}, which is not encrypted");
                    return Err(Failure::Nonsense(why));
                }
                token(wire, auth, realm, service.as_deref(), scope).await?
            }
            (Some(Challenge::Basic) | None, _) => return Ok(None),
        };
        let mut known = self.known.lock().expect("nobody panics while holding the keys");
        known.insert(scope.to_owned(), key.clone());
        Ok(Some(key.header))
    }
}

async fn token(wire: &Wire, auth: &Auth, realm: Url, service: Option<&str>, scope: &str) -> Result<Key, Failure> {
    let request = token_request(wire, auth, realm, service, scope);
    let response = request.send().await?;
    if !response.status().is_success() {
        return Err(Failure::of(response).await);
    }
    let body = body_within(response, TOKEN_LIMIT).await?;
    let nonsense = || Failure::Nonsense("what it was to log in at gave no token".to_owned());
    let Token { token, access_token, expires_in } = serde_json::from_slice(&body).map_err(|_| nonsense())?;
    let token = if token.is_empty() { access_token } else { token };
    let mut header = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| nonsense())?;
    if token.is_empty() {
        return Err(nonsense());
    }
    header.set_sensitive(true);
    let life = expires_in.map_or(USUAL_LIFE, Duration::from_secs).saturating_sub(MARGIN);
    Ok(Key { header, until: Instant::now().checked_add(life) })
}

/// A token is asked for with GET and a password, or with POST where the login is an identity token.
fn token_request(wire: &Wire, auth: &Auth, mut realm: Url, service: Option<&str>, scope: &str) -> RequestBuilder {
    if let Auth::IdentityToken(identity) = auth {
        let mut form = realm.clone();
        form.set_query(None);
        form.query_pairs_mut()
            .append_pair("grant_type", "refresh_token")
            .append_pair("client_id", "rplan")
            .append_pair("refresh_token", identity)
            .append_pair("scope", scope)
            .extend_pairs(service.map(|service| ("service", service)));
        let form = form.query().unwrap_or_default().to_owned();
        let kind = "application/x-www-form-urlencoded";
        return wire.http.post(realm).header(reqwest::header::CONTENT_TYPE, kind).body(form);
    }
    realm
        .query_pairs_mut()
        .extend_pairs(service.map(|service| ("service", service)))
        .extend_pairs(scope.split(' ').map(|scope| ("scope", scope)));
    match auth {
        Auth::Password { user, password } => wire.http.get(realm).basic_auth(user, Some(password)),
        Auth::Anonymous | Auth::IdentityToken(_) => wire.http.get(realm),
    }
}

/// The challenge that can be answered best: a token's before a password's.
fn challenge(headers: &HeaderMap) -> Option<Challenge> {
    let challenges = headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| parse(value.to_str().ok()?));
    challenges.max_by_key(|challenge| matches!(challenge, Challenge::Bearer { .. }))
}

fn parse(text: &str) -> Option<Challenge> {
    let (scheme, rest) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
    if scheme.eq_ignore_ascii_case("basic") {
        return Some(Challenge::Basic);
    }
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    let fields = parameters(rest);
    Some(Challenge::Bearer { realm: fields.get("realm")?.clone(), service: fields.get("service").cloned() })
}

/// `key="value",…`: a comma within quotes separates nothing.
fn parameters(text: &str) -> BTreeMap<String, String> {
    let (mut fields, mut rest) = (BTreeMap::new(), text);
    while let Some((key, after)) = rest.split_once('=') {
        let (value, after) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => after.split_once(',').unwrap_or((after, "")),
        };
        fields.insert(key.trim_matches([',', ' ']).to_ascii_lowercase(), value.trim().to_owned());
        rest = after.trim_start_matches([',', ' ']);
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_read_and_a_token_is_preferred() {
        let headers = HeaderMap::from_iter([
            (WWW_AUTHENTICATE, HeaderValue::from_static(r#"Basic realm="x""#)),
            (
                WWW_AUTHENTICATE,
                HeaderValue::from_static(r#"Bearer realm="https://a/t",service="s",scope="r:a:pull,push""#),
            ),
        ]);
        // A map made from pairs keeps the last of equal keys, so the other is appended.
        let mut both = headers.clone();
        both.append(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=x"));
        let expected = Challenge::Bearer { realm: "https://a/t".into(), service: Some("s".into()) };
        assert_eq!(challenge(&both), Some(expected));
        assert_eq!(parse("basic"), Some(Challenge::Basic));
        for unknown in ["", "Negotiate", "Bearer service=\"x\""] {
            assert_eq!(parse(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn parameters_may_hold_commas_and_be_broken() {
        let fields = parameters(r#"realm="https://a/?x=1,2", Service=s , scope="open"#);
        assert_eq!(fields["realm"], "https://a/?x=1,2");
        assert_eq!(fields["service"], "s");
        assert_eq!(fields["scope"], "open");
    }
}
