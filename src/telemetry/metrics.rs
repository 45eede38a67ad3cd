//! Numbers for Prometheus. Each is a function, so that names and labels are written once; labels hold names from
//! the configuration and words of ours, never anything of a person.

use std::time::Duration;

use metrics::{
    Histogram, SharedString, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
    set_global_recorder,
};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};

use crate::types::{AppId, ProviderId};

const LOGINS: &str = "vestibule_logins_total";
const CODES: &str = "vestibule_codes_total";
const TOKENS: &str = "vestibule_tokens_total";
const STORE_ERRORS: &str = "vestibule_store_errors_total";
const LIMITED: &str = "vestibule_limited_total";
const SWEPT_AT: &str = "vestibule_sweep_last_timestamp_seconds";
const SWEEP_TOOK: &str = "vestibule_sweep_last_duration_seconds";
const SWEEP_RECORDS: &str = "vestibule_sweep_last_records";
const OUTBOX_WAITING: &str = "vestibule_outbox_waiting";
const OUTBOX_OLDEST: &str = "vestibule_outbox_oldest_seconds";
const OUTBOX_SENT: &str = "vestibule_outbox_messages_total";
const HTTP: &str = "vestibule_http_request_duration_seconds";

/// Upper bounds in seconds: a gate check takes well under a millisecond, a slow provider up to eight seconds.
const BUCKETS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0];

/// How often measurements are folded into their buckets when nobody scrapes: until then each takes 16 bytes.
const UPKEEP: Duration = Duration::from_secs(1);

/// How a sign-in at a provider ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the label that it becomes")]
pub enum Outcome {
    Success,
    Cancelled,
    Refused,
    Unavailable,
    Invalid,
}

impl Outcome {
    const fn label(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Cancelled => "cancelled",
            Self::Refused => "refused",
            Self::Unavailable => "unavailable",
            Self::Invalid => "invalid",
        }
    }
}

/// A sign-in came back from a provider.
pub fn login(provider: &ProviderId, outcome: Outcome) {
    counter!(LOGINS, "provider" => provider.as_str().to_owned(), "outcome" => outcome.label()).increment(1);
}

/// Apps that are named after a document have one label together: there is no end of them.
fn label(app: &AppId) -> String {
    if app.is_document() { "client_id_document".to_owned() } else { app.as_str().to_owned() }
}

/// A code was issued to an app.
pub fn code(app: &AppId) {
    counter!(CODES, "app" => label(app)).increment(1);
}

/// Tokens were issued to an app. `grant_type` is the name on the wire of one that we implement.
pub fn tokens(app: &AppId, grant_type: &'static str) {
    counter!(TOKENS, "app" => label(app), "grant_type" => grant_type).increment(1);
}

/// A request came to nothing by the store's fault; `problem` is `unavailable` or `corrupt`.
pub fn store_error(problem: &'static str) {
    counter!(STORE_ERRORS, "problem" => problem).increment(1);
}

/// Somebody was asked to slow down; `by` says what was counted: `address`, `app`, `device` or `user_code`.
pub fn limited(by: &'static str) {
    counter!(LIMITED, "by" => by).increment(1);
}

/// How the last walk of the sweeper went: when it ended (seconds since the epoch), how long it took, how many records
/// it looked at. Lags by a minute behind an instance that is not this one.
pub fn swept(ended: u64, took: Duration, records: u64) {
    gauge!(SWEPT_AT).set(number(ended));
    gauge!(SWEEP_TOOK).set(took.as_secs_f64());
    gauge!(SWEEP_RECORDS).set(number(records));
}

/// How many messages to apps wait, and for how long the oldest has. The same whichever instance is asked, to half a
/// minute.
pub fn outbox(waiting: u64, oldest: Duration) {
    gauge!(OUTBOX_WAITING).set(number(waiting));
    gauge!(OUTBOX_OLDEST).set(oldest.as_secs_f64());
}

/// A message to an app was `delivered`, `refused` or `given_up`, or is tried again `later`.
pub fn letter(app: &AppId, outcome: &'static str) {
    counter!(OUTBOX_SENT, "app" => label(app), "outcome" => outcome).increment(1);
}

/// Exact up to 2^53, which is far beyond any count of ours.
const fn number(count: u64) -> f64 {
    count as f64
}

/// A request was answered. `route` is the pattern that matched, never the path; unknown paths share one.
pub fn http(method: &'static str, route: impl Into<SharedString>, status: u16, took: Duration) {
    answers(method, route.into(), class(status)).record(took.as_secs_f64());
}

/// What [`http`] measures of the one answer that a busy route nearly always gives, 200 to a GET, with name and labels
/// looked up once and not for each request.
#[derive(Clone)]
pub struct UsualAnswer(Histogram);

impl UsualAnswer {
    /// Of the route with this pattern.
    pub fn of(route: &'static str) -> Self {
        Self(answers("GET", route.into(), class(200)))
    }

    /// It was given, after so long.
    pub fn given(&self, took: Duration) {
        self.0.record(took.as_secs_f64());
    }
}

fn answers(method: &'static str, route: SharedString, class: &'static str) -> Histogram {
    histogram!(HTTP, "method" => method, "route" => route, "status" => class)
}

const fn class(status: u16) -> &'static str {
    match status {
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        _ => "5xx",
    }
}

/// Collects the numbers of this process.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

/// The process collects numbers already, or cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the process has a metrics recorder already")]
pub struct MetricsError;

impl Metrics {
    /// Begins to collect, for the whole process.
    ///
    /// # Errors
    /// [`MetricsError`] when it was called before.
    pub fn install() -> Result<Self, MetricsError> {
        let recorder = recorder().ok_or(MetricsError)?;
        let handle = recorder.handle();
        set_global_recorder(recorder).map_err(|_| MetricsError)?;
        describe();
        Ok(Self(handle))
    }

    /// The numbers in Prometheus' text format.
    pub fn render(&self) -> String {
        self.0.render()
    }

    /// Folds measurements every few seconds, for as long as it is polled, so that they take no more memory when
    /// nobody scrapes.
    pub async fn upkeep(self) {
        loop {
            tokio::time::sleep(UPKEEP).await;
            self.0.run_upkeep();
        }
    }
}

fn recorder() -> Option<PrometheusRecorder> {
    let builder = PrometheusBuilder::new().set_buckets_for_metric(Matcher::Full(HTTP.to_owned()), &BUCKETS);
    builder.ok().map(PrometheusBuilder::build_recorder)
}

fn describe() {
    describe_counter!(LOGINS, "Sign-ins that came back from a provider, by provider and outcome");
    describe_counter!(CODES, "Authorization codes issued, by app");
    describe_counter!(TOKENS, "Token answers, by app and grant type");
    describe_counter!(STORE_ERRORS, "Requests that came to nothing by the store's fault, by what was wrong");
    describe_counter!(LIMITED, "Requests that were asked to slow down, by what was counted");
    describe_gauge!(SWEPT_AT, "When the last sweep of the store ended, in seconds since the epoch");
    describe_gauge!(SWEEP_TOOK, "How long the last sweep took");
    describe_gauge!(SWEEP_RECORDS, "How many records the last sweep looked at");
    describe_gauge!(OUTBOX_WAITING, "Messages to apps that wait");
    describe_gauge!(OUTBOX_OLDEST, "For how long the oldest message to an app has waited");
    describe_counter!(OUTBOX_SENT, "Messages to apps, by app and outcome: delivered, refused, given_up, or later");
    describe_histogram!(HTTP, "Time to answer a request, by method, route and class of status");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_out_under_their_names() {
        let recorder = recorder().unwrap();
        let handle = recorder.handle();
        metrics::with_local_recorder(&recorder, || {
            describe();
            login(&"google".parse().unwrap(), Outcome::Success);
            login(&"google".parse().unwrap(), Outcome::Success);
            code(&"notes".parse().unwrap());
            tokens(&"notes".parse().unwrap(), "authorization_code");
            store_error("unavailable");
            limited("address");
            swept(1_764_028_800, Duration::from_millis(1500), 42);
            outbox(3, Duration::from_secs(90));
            letter(&"notes".parse().unwrap(), "delivered");
            http("GET", "/callback/{provider}", 303, Duration::from_millis(3));
            http("GET", "/jwks", 200, Duration::from_millis(1));
            UsualAnswer::of("/jwks").given(Duration::from_millis(1));
        });
        let text = handle.render();
        for line in [
            r#"vestibule_logins_total{provider="google",outcome="success"} 2"#,
            r#"vestibule_codes_total{app="notes"} 1"#,
            r#"vestibule_tokens_total{app="notes",grant_type="authorization_code"} 1"#,
            r#"vestibule_store_errors_total{problem="unavailable"} 1"#,
            r#"vestibule_limited_total{by="address"} 1"#,
            "vestibule_sweep_last_timestamp_seconds 1764028800",
            "vestibule_sweep_last_duration_seconds 1.5",
            "vestibule_sweep_last_records 42",
            "vestibule_outbox_waiting 3",
            "vestibule_outbox_oldest_seconds 90",
            r#"vestibule_outbox_messages_total{app="notes",outcome="delivered"} 1"#,
            r#"status="3xx",le="0.005"} 1"#,
            r#"vestibule_http_request_duration_seconds_count{method="GET",route="/jwks",status="2xx"} 2"#,
            "# HELP vestibule_logins_total ",
            "# TYPE vestibule_http_request_duration_seconds histogram",
        ] {
            assert!(text.contains(line), "{line} in\n{text}");
        }
    }
}
