//! How a request to a registry fails: what is worth trying again, when, and what the user is told in the end.

use std::time::Duration;

use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use serde::Deserialize;

use super::distrust::Distrust;
use super::wire::body_within;

/// How often a request is made before it counts as failed.
pub(super) const ATTEMPTS: u32 = 4;

/// The longest that a registry may make its clients wait.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// More than any registry needs to say what is wrong.
const EXPLANATION_LIMIT: usize = 64 << 10;

/// Why a request failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// The registry answered, but not as it should.
    Status {
        /// Its answer.
        status: StatusCode,
        /// Its reason.
        said: String,
        /// How long it wants to be left alone.
        wait: Option<Duration>,
    },
    /// There was no answer, or only the beginning of one.
    Network(reqwest::Error),
    /// The connection broke.
    Broken(std::io::Error),
    /// An answer that cannot be.
    Nonsense(String),
}

#[derive(Deserialize)]
struct Explanation {
    #[serde(default)]
    errors: Vec<Reason>,
}

#[derive(Deserialize)]
struct Reason {
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
}

impl Failure {
    /// What an answer that is no success means.
    pub(super) async fn of(response: Response) -> Self {
        let status = response.status();
        let wait = retry_after(response.headers());
        let body = body_within(response, EXPLANATION_LIMIT).await.unwrap_or_default();
        let reasons = serde_json::from_slice::<Explanation>(&body).map(|told| told.errors).unwrap_or_default();
        let words = reasons.iter().map(|reason| match (&reason.code[..], &reason.message[..]) {
            (code, "") => code.to_owned(),
            ("", message) => message.to_owned(),
            (code, message) => format!("{code}: {message}"),
        });
        let words: Vec<String> = words.filter(|word| !word.is_empty()).collect();
        // What a registry says goes to a terminal.
        let said = words.join("; ").chars().filter(|letter| !letter.is_control()).take(400).collect();
        Self::Status { status, said, wait }
    }

    /// Whether the same request may succeed a moment later.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Status { status, .. } => matches!(status.as_u16(), 408 | 429 | 500..),
            Self::Network(error) => !error.is_builder() && !error.is_redirect() && Distrust::behind(error).is_none(),
            Self::Broken(_) => true,
            Self::Nonsense(_) => false,
        }
    }

    /// Whether the registry says that it has no such thing.
    pub(super) fn is_absence(&self) -> bool {
        matches!(self, Self::Status { status, .. } if *status == StatusCode::NOT_FOUND)
    }

    /// Whether the registry wants to know who asks, or does not like who asks.
    pub(super) fn is_refusal(&self) -> bool {
        matches!(self, Self::Status { status, .. } if matches!(status.as_u16(), 401 | 403))
    }

    /// Why one side does not trust the other, where that is it.
    pub(super) fn distrust(&self) -> Option<Distrust> {
        match self {
            Self::Network(error) => Distrust::behind(error),
            _ => None,
        }
    }

    /// How long to wait before attempt `next` (the second is 1): longer each time, and as long as the registry says.
    pub(super) fn pause(&self, next: u32) -> Duration {
        let usual = Duration::from_millis(200) * 2u32.pow(next - 1);
        match self {
            Self::Status { wait: Some(wait), .. } => usual.max(*wait).min(LONGEST_PAUSE),
            _ => usual,
        }
    }
}

/// `Retry-After`: a number of seconds, or a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let said = headers.get(RETRY_AFTER)?.to_str().ok()?;
    if let Ok(seconds) = said.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = jiff::fmt::rfc2822::parse(said.trim()).ok()?.timestamp();
    until.duration_since(jiff::Timestamp::now()).try_into().ok()
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Status { status, said, .. } if said.is_empty() => write!(f, "it answered {status}"),
            Self::Status { status, said, .. } => write!(f, "it answered {status}: {said}"),
            Self::Network(error) => f.write_str(&spelled_out(error)),
            Self::Broken(error) => write!(f, "{error}"),
            Self::Nonsense(why) => f.write_str(why),
        }
    }
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        // Where a request went after redirects may hold a signature that is good for a while.
        Self::Network(error.without_url())
    }
}

/// The error with all its causes in one line.
fn spelled_out(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(deeper) = cause {
        let told = deeper.to_string();
        if !text.contains(&told) {
            text = format!("{text}: {told}");
        }
        cause = deeper.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, wait: Option<u64>) -> Failure {
        let status = StatusCode::from_u16(status).expect("a status");
        Failure::Status { status, said: String::new(), wait: wait.map(Duration::from_secs) }
    }

    #[test]
    fn pauses_grow_and_heed_the_registry_within_limits() {
        assert_eq!([1, 2, 3].map(|next| answered(503, None).pause(next).as_millis()), [200, 400, 800]);
        assert_eq!(answered(429, Some(3)).pause(1), Duration::from_secs(3));
        assert_eq!(answered(429, Some(86_400)).pause(1), LONGEST_PAUSE);
    }

    #[test]
    fn the_pause_may_be_given_as_a_date() {
        let header = |text: &str| HeaderMap::from_iter([(RETRY_AFTER, text.parse().expect("a header"))]);
        assert_eq!(retry_after(&header("7")), Some(Duration::from_secs(7)));
        assert_eq!(retry_after(&header("Wed, 21 Oct 2015 07:28:00 GMT")), None);
        assert!(retry_after(&header("Wed, 21 Oct 2285 07:28:00 GMT")).is_some_and(|wait| wait > LONGEST_PAUSE));
        assert_eq!(retry_after(&header("soon")), None);
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        for (status, passes) in [(429, true), (500, true), (503, true), (400, false), (401, false), (404, false)] {
            assert_eq!(answered(status, None).is_passing(), passes, "{status}");
        }
    }
}
