//! One letter on its way to its app, and what the app says to it.

use std::time::Duration;

use http::{
    HeaderValue, Method, Request, Response, StatusCode,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER},
};
use serde::Deserialize;
use time::{OffsetDateTime, format_description::well_known::Rfc2822};
use url::{Url, form_urlencoded};

use super::{BOUNDS, Courier, token};
use crate::{
    outbox::{Letter, News},
    telemetry::Escaped,
    types::{App, SecretText, Timestamp, app::EventChannel},
};

/// The longest that an app may ask us to wait.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// What became of sending a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sent {
    /// The app has it.
    Taken,
    /// The app will not have it, now or later.
    Refused,
    /// Not this time. The app may have said for how long to leave it alone.
    Later(Option<Duration>),
    /// The app named no way to be told.
    Nowhere,
}

/// What a receiver says that takes no event (RFC 8935, section 2.3).
#[derive(Deserialize)]
struct Refusal {
    err: String,
}

impl Courier {
    /// Sends a letter once.
    pub(super) async fn send(&self, letter: &Letter) -> Sent {
        let directory = self.parts.directory.load_full();
        let Some(app) = directory.apps.get(&letter.app) else { return Sent::Nowhere };
        let now = self.parts.clock.now();
        let Some((url, authorization)) = address(app, letter) else { return Sent::Nowhere };
        let token = match token::sign(letter, app, &self.parts.issuer, &self.parts.keyring, now) {
            Ok(token) => token,
            Err(error) => {
                tracing::warn!(app = %app.id, %error, "a message to an app could not be signed");
                return Sent::Later(None);
            }
        };
        let Some(request) = request(letter, url, authorization, &token) else { return Sent::Nowhere };
        let egress = self.egress(app).await;
        let sending = tokio::time::timeout(BOUNDS.step, egress.call(request));
        match sending.await {
            Ok(Ok(answer)) => heard(letter, &answer, now),
            Ok(Err(error)) => {
                let (event, error) = (letter.news.word(), error.to_string());
                tracing::warn!(app = %app.id, event, error = %Escaped(&error), "an app could not be told");
                Sent::Later(None)
            }
            Err(_) => Sent::Later(None),
        }
    }
}

fn address<'a>(app: &'a App, letter: &Letter) -> Option<(&'a Url, Option<&'a SecretText>)> {
    match (&letter.news, &app.channels.events) {
        (News::LogOut, _) => app.channels.logout.as_ref().map(|logout| (&logout.uri, None)),
        (_, Some(EventChannel::Push { uri, authorization })) => Some((uri, authorization.as_ref())),
        (_, Some(EventChannel::Poll) | None) => None,
    }
}

/// RFC 8935, section 2.1; OpenID Connect Back-Channel Logout 1.0, section 2.5.
fn request(letter: &Letter, url: &Url, authorization: Option<&SecretText>, token: &str) -> Option<Request<Vec<u8>>> {
    let request = Request::builder().method(Method::POST).uri(url.as_str());
    if letter.news == News::LogOut {
        let form = form_urlencoded::Serializer::new(String::new()).append_pair("logout_token", token).finish();
        return request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form.into_bytes()).ok();
    }
    let mut request = request.header(CONTENT_TYPE, "application/secevent+jwt").header(ACCEPT, "application/json");
    if let Some(secret) = authorization {
        let mut value = HeaderValue::from_str(secret.expose()).ok()?;
        value.set_sensitive(true);
        request = request.header(AUTHORIZATION, value);
    }
    request.body(token.as_bytes().to_vec()).ok()
}

fn heard(letter: &Letter, answer: &Response<Vec<u8>>, now: Timestamp) -> Sent {
    let (status, event) = (answer.status(), letter.news.word());
    let taken = match letter.news {
        News::LogOut => matches!(status, StatusCode::OK | StatusCode::NO_CONTENT),
        _ => status == StatusCode::ACCEPTED,
    };
    if taken {
        return Sent::Taken;
    }
    let refusal = serde_json::from_slice::<Refusal>(answer.body()).ok().filter(|refusal| !refusal.err.is_empty());
    let code = status.as_u16();
    if status == StatusCode::BAD_REQUEST && (letter.news == News::LogOut || refusal.is_some()) {
        let said = refusal.map(|refusal| refusal.err).unwrap_or_default();
        tracing::warn!(app = %letter.app, event, said = %Escaped(&said), "an app refused a message");
        return Sent::Refused;
    }
    tracing::warn!(app = %letter.app, event, status = code, "an app did not take a message");
    let wait = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    Sent::Later(wait.and_then(|text| retry_after(text, now)))
}

/// Seconds, or a date (RFC 9110, section 10.2.3).
fn retry_after(text: &str, now: Timestamp) -> Option<Duration> {
    let wait = match text.trim().parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let date = OffsetDateTime::parse(text.trim(), &Rfc2822).ok()?;
            Timestamp::from_secs(date.unix_timestamp().try_into().ok()?).since(now)
        }
    };
    Some(wait.min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::ids::{RandomId, Subject};

    fn letter(news: News) -> Letter {
        let (case, app) = (RandomId::new([1; 16]), "notes".parse().unwrap());
        Letter::new(case, app, Subject::new("sub".into()), None, news, Timestamp::from_secs(1_764_028_800))
    }

    fn answer(news: News, status: u16, body: &str, wait: Option<&str>) -> Sent {
        let mut response = Response::builder().status(status);
        if let Some(wait) = wait {
            response = response.header(RETRY_AFTER, wait);
        }
        let response = response.body(body.as_bytes().to_vec()).unwrap();
        heard(&letter(news), &response, Timestamp::from_secs(1_764_028_800))
    }

    #[test]
    fn an_event_is_taken_by_202_alone() {
        let err = r#"{"err":"invalid_key","description":"no"}"#;
        assert_eq!(answer(News::Purged, 202, "", None), Sent::Taken);
        assert_eq!(answer(News::Purged, 400, err, None), Sent::Refused);
        // What a proxy says on the way, or a page that says yes to anything.
        for (status, body) in [(200, ""), (204, ""), (302, ""), (400, "<html>"), (400, "{}"), (401, err), (404, "")] {
            assert_eq!(answer(News::Purged, status, body, None), Sent::Later(None), "{status} {body}");
        }
    }

    #[test]
    fn a_logout_is_taken_by_200_and_refused_by_400() {
        assert_eq!(answer(News::LogOut, 200, "", None), Sent::Taken);
        assert_eq!(answer(News::LogOut, 204, "", None), Sent::Taken);
        assert_eq!(answer(News::LogOut, 400, "", None), Sent::Refused);
        for status in [202, 303, 401, 404, 429, 500, 503] {
            assert_eq!(answer(News::LogOut, status, "", None), Sent::Later(None), "{status}");
        }
    }

    #[test]
    fn an_app_may_say_when_within_bounds() {
        let wait = |text| answer(News::Purged, 503, "", Some(text));
        assert_eq!(wait("120"), Sent::Later(Some(Duration::from_secs(120))));
        assert_eq!(wait("Tue, 25 Nov 2025 00:01:00 GMT"), Sent::Later(Some(Duration::from_secs(60))));
        assert_eq!(wait("Mon, 24 Nov 2025 00:01:00 GMT"), Sent::Later(Some(Duration::ZERO)));
        assert_eq!(wait("99999999999"), Sent::Later(Some(LONGEST_WAIT)));
        for nonsense in ["", "soon", "-1", "1.5"] {
            assert_eq!(wait(nonsense), Sent::Later(None), "{nonsense}");
        }
    }
}
