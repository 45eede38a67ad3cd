//! The documents of apps that are named after them (Client ID Metadata Document): fetched through the egress guard, kept
//! as long as they ask within bounds, and never fetched at the bidding of whoever sends addresses.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::{
    document::{self, Terms},
    fetched::{Fetched, Place},
};
use crate::{
    config::NotRegistered,
    egress::{Egress, EgressError},
    types::{App, AppId, Clock, Timestamp, json::Members},
};
use http::header;

/// The longest document, in bytes.
const MAX_BYTES: usize = 16 * 1024;
/// The most documents, and failures, that are kept.
const MOST: usize = 1000;
/// For how long a document is taken as it is, where it says nothing or something else.
const FRESH: Duration = Duration::from_secs(60 * 60);
const LEAST_FRESH: Duration = Duration::from_secs(60);
const MOST_FRESH: Duration = Duration::from_secs(24 * 60 * 60);
/// How long it serves beyond that while nobody answers there.
const STALE: Duration = Duration::from_secs(60 * 60);
/// How long nobody makes us ask again where it failed.
const COOL_DOWN: Duration = Duration::from_secs(30);
/// How often one host is asked at most within a minute.
const PER_HOST: usize = 30;
const MINUTE: Duration = Duration::from_secs(60);

/// Why there is no app.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoDocument {
    /// Its address gives no document, now or lately.
    #[error("the document cannot be fetched")]
    Away,
    /// Its host was asked too often.
    #[error("the host of the document was asked too often")]
    TooMany,
    /// The document is none, or describes no app that may be here.
    #[error("the document is not good: {0}")]
    Wrong(NotRegistered),
}

impl NoDocument {
    fn wrong(problem: &'static str) -> Self {
        Self::Wrong(NotRegistered::because(problem))
    }
}

/// All that were fetched.
pub struct Documents {
    terms: Terms,
    clock: Arc<dyn Clock>,
    fetched: Fetched<AppId, Held>,
}

/// What is held of one document.
#[derive(Clone, Default)]
struct Held {
    outcome: Option<Result<Arc<App>, NoDocument>>,
    /// Until when the outcome stands.
    until: Timestamp,
    /// Until when the app serves while nobody answers.
    stale: Timestamp,
    asked: Option<Timestamp>,
    used: Timestamp,
}

impl Held {
    fn fresh(&self, now: Timestamp) -> Option<Result<Arc<App>, NoDocument>> {
        let in_time = now < self.until && self.asked.is_none_or(|asked| now.age_of(asked) <= MOST_FRESH);
        self.outcome.clone().filter(|_| in_time)
    }

    fn app(&self) -> Option<&Arc<App>> {
        self.outcome.as_ref().and_then(|outcome| outcome.as_ref().ok())
    }

    /// The lesser go first: failures before apps, then what was not used for longest.
    fn worth(&self) -> (bool, Timestamp) {
        (self.app().is_some(), self.used)
    }

    fn take(&mut self, fetched: Result<(App, Duration), NoDocument>, now: Timestamp) {
        let still = self.app().filter(|_| now < self.stale).cloned();
        match (fetched, still) {
            (Ok((app, fresh)), _) => {
                self.outcome = Some(Ok(Arc::new(app)));
                self.until = now.plus(fresh);
                self.stale = self.until.plus(STALE);
            }
            (Err(NoDocument::Away | NoDocument::TooMany), Some(_)) => self.until = now.plus(COOL_DOWN),
            (Err(error), _) => {
                self.outcome = Some(Err(error));
                self.until = now.plus(COOL_DOWN);
            }
        }
    }
}

impl Documents {
    /// With what goes out, the services that these apps may name in `resource`, and the time.
    pub fn new(egress: &Egress, audiences: Vec<String>, clock: Arc<dyn Clock>) -> Self {
        Self { terms: Terms { egress: egress.taking(MAX_BYTES), audiences }, clock, fetched: Fetched::new(MOST) }
    }

    /// What is known of an app without asking.
    pub fn known(&self, id: &AppId) -> Option<Result<Arc<App>, NoDocument>> {
        let now = self.clock.now();
        self.fetched.find(id)?.with(|held| {
            held.used = now;
            held.fresh(now)
        })
    }

    /// The app that is named after a document; `is_free` says whether it may have the name that it gives itself.
    ///
    /// # Errors
    /// [`NoDocument`].
    pub async fn of(
        &self,
        id: &AppId,
        is_free: impl FnOnce(&str) -> Result<(), NotRegistered>,
    ) -> Result<Arc<App>, NoDocument> {
        let place = self.place(id);
        let _one_at_a_time = place.turn().await;
        let now = self.clock.now();
        if let Some(outcome) = place.with(|held| held.fresh(now)) {
            return outcome;
        }
        let fetched = if self.is_busy(id, now) {
            Err(NoDocument::TooMany)
        } else {
            place.with(|held| held.asked = Some(now));
            self.fetch(id, is_free).await
        };
        if let Err(error) = &fetched {
            tracing::info!(app = %id, %error, "no app by its document");
        }
        let now = self.clock.now();
        place.with(|held| {
            held.take(fetched, now);
            held.used = now;
            held.outcome.clone().unwrap_or(Err(NoDocument::Away))
        })
    }

    /// All apps that are known at this moment.
    pub fn apps(&self) -> BTreeMap<AppId, Arc<App>> {
        self.fetched.filter_map(|id, held| Some((id.clone(), held.app().cloned()?))).into_iter().collect()
    }

    /// Forgets all of them.
    pub fn forget(&self) {
        self.fetched.clear();
    }

    fn place(&self, id: &AppId) -> Arc<Place<Held>> {
        let new = || Held { used: self.clock.now(), ..Held::default() };
        self.fetched.place(id, new, Held::worth)
    }

    /// Whether the host of a document was asked as often as it may be.
    fn is_busy(&self, id: &AppId, now: Timestamp) -> bool {
        let host = id.document_host();
        let lately = |held: &Held| held.asked.is_some_and(|asked| now.age_of(asked) < MINUTE);
        let same = |other: &AppId, held: &Held| (lately(held) && other.document_host() == host).then_some(());
        self.fetched.filter_map(same).len() >= PER_HOST
    }

    async fn fetch(
        &self,
        id: &AppId,
        is_free: impl FnOnce(&str) -> Result<(), NotRegistered>,
    ) -> Result<(App, Duration), NoDocument> {
        let request = http::Request::get(id.as_str()).header(header::ACCEPT, "application/json").body(Vec::new());
        let request = request.map_err(|_| NoDocument::wrong("client_id is no address"))?;
        let answer = self.terms.egress.call(request).await.map_err(|error| {
            tracing::info!(app = %id, %error, "its document cannot be fetched");
            match error {
                EgressError::Unreachable(_) => NoDocument::Away,
                EgressError::TooLong => NoDocument::wrong("it is too long"),
                EgressError::Forbidden(_) => NoDocument::wrong("its address is out of bounds"),
            }
        })?;
        if answer.status().is_server_error() || answer.status() == http::StatusCode::TOO_MANY_REQUESTS {
            return Err(NoDocument::Away);
        }
        if answer.status() != http::StatusCode::OK {
            return Err(NoDocument::wrong("its address answers with another status than 200"));
        }
        if !is_json(answer.headers()) {
            return Err(NoDocument::wrong("its content type is not JSON"));
        }
        let no_object = || NoDocument::wrong("it is no JSON object whose members are there once each");
        let said = Members::read(answer.body()).ok_or_else(no_object)?;
        let app = document::described(id, said, &self.terms, is_free).map_err(NoDocument::Wrong)?;
        Ok((app, fresh_for(answer.headers())))
    }
}

/// `application/json`, or a type that is made of it (RFC 6839, section 3.1).
fn is_json(headers: &http::HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

/// How long a document asks to be kept (RFC 9111, section 5.2.2), within our bounds.
fn fresh_for(headers: &http::HeaderMap) -> Duration {
    let values = headers.get_all(header::CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    let mut fresh = FRESH;
    for directive in values.flat_map(|value| value.split(',')).map(|directive| directive.trim().to_ascii_lowercase()) {
        if directive == "no-store" || directive == "no-cache" {
            return LEAST_FRESH;
        }
        let seconds = directive.strip_prefix("max-age=").and_then(|seconds| seconds.parse().ok());
        fresh = seconds.map_or(fresh, Duration::from_secs);
    }
    fresh.clamp(LEAST_FRESH, MOST_FRESH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{egress::Opening, types::SetClock};

    /// Nobody is at the place of the document with the number 0, which may be asked.
    fn documents() -> (Documents, Arc<SetClock>) {
        let clock = Arc::new(SetClock::at(Timestamp::from_secs(1_800_000_000)));
        let nobody = Opening { host: "127.0.0.1".into(), port: 10_000, loopback: true, private: false };
        (Documents::new(&Egress::default().opening(vec![nobody]), vec![], clock.clone()), clock)
    }

    const BOUNDS: &str = "its address is out of bounds";

    /// On loopback: all but one are not asked, and nothing goes out.
    fn id(number: usize) -> AppId {
        format!("https://127.0.0.1:{}/{number}", 10_000 + number).parse().unwrap()
    }

    fn hold(documents: &Documents, id: &AppId) {
        let app = App { id: id.clone(), ..crate::flow::tests::app() };
        let now = documents.clock.now();
        documents.place(id).with(|held| held.take(Ok((app, FRESH)), now));
    }

    #[tokio::test]
    async fn no_more_are_kept_than_have_room_and_failures_go_first() {
        let (documents, clock) = documents();
        hold(&documents, &id(0));
        clock.forward(Duration::from_secs(1));
        for number in 1..MOST + 200 {
            assert_eq!(documents.of(&id(number), |_| Ok(())).await.map(drop), Err(NoDocument::wrong(BOUNDS)));
        }
        assert_eq!(documents.fetched.filter_map(|_, _| Some(())).len(), MOST);
        assert!(documents.known(&id(0)).is_some_and(|known| known.is_ok()), "an app outlives strangers' addresses");
        documents.forget();
        assert!(documents.known(&id(0)).is_none() && documents.apps().is_empty());
    }

    #[tokio::test]
    async fn one_host_is_not_asked_all_the_time() {
        let (documents, clock) = documents();
        let path = |number: usize| format!("https://127.0.0.1/{number}").parse::<AppId>().unwrap();
        for number in 0..PER_HOST {
            assert_eq!(documents.of(&path(number), |_| Ok(())).await.map(drop), Err(NoDocument::wrong(BOUNDS)));
        }
        assert_eq!(documents.of(&path(100), |_| Ok(())).await.map(drop), Err(NoDocument::TooMany));
        assert_eq!(documents.of(&id(1), |_| Ok(())).await.map(drop), Err(NoDocument::wrong(BOUNDS)), "another host");
        clock.forward(MINUTE);
        assert_eq!(documents.of(&path(101), |_| Ok(())).await.map(drop), Err(NoDocument::wrong(BOUNDS)));
    }

    #[tokio::test]
    async fn an_app_serves_for_a_while_when_nobody_answers() {
        let (documents, clock) = documents();
        hold(&documents, &id(0));
        clock.forward(FRESH);
        assert!(documents.known(&id(0)).is_none());
        assert!(documents.of(&id(0), |_| Ok(())).await.is_ok(), "stale, and nobody there");
        clock.forward(STALE);
        assert_eq!(documents.of(&id(0), |_| Ok(())).await.map(drop), Err(NoDocument::Away));
        assert!(documents.apps().is_empty());
    }

    /// AC-79: what was asked while the clock was ahead holds nothing up once it is set right.
    #[tokio::test]
    async fn a_clock_that_is_set_back_holds_nothing_up() {
        let (documents, clock) = documents();
        let path = |number: usize| format!("https://127.0.0.1/{number}").parse::<AppId>().unwrap();
        for number in 0..PER_HOST {
            assert_eq!(documents.of(&path(number), |_| Ok(())).await.map(drop), Err(NoDocument::wrong(BOUNDS)));
        }
        assert!(documents.known(&path(0)).is_some());
        clock.back(MOST_FRESH);
        assert!(documents.known(&path(0)).is_none());
        assert_eq!(documents.of(&path(100), |_| Ok(())).await.map(drop), Err(NoDocument::wrong(BOUNDS)));
    }

    #[test]
    fn a_document_says_how_long_it_is_kept_within_bounds() {
        let fresh = |value: &'static str| {
            fresh_for(&[(header::CACHE_CONTROL, http::HeaderValue::from_static(value))].into_iter().collect()).as_secs()
        };
        for (value, seconds) in [
            ("max-age=600", 600),
            ("public, Max-Age=7200", 7200),
            ("max-age=0", 60),
            ("no-store", 60),
            ("max-age=99999999", 86400),
            ("max-age=x", 3600),
            ("", 3600),
        ] {
            assert_eq!(fresh(value), seconds, "{value:?}");
        }
    }
}
