//! The keys that apps publish (`jwks_uri`): fetched through the egress guard, kept for a while, and asked for again when
//! a token names one that is not there, but not at the bidding of whoever sends tokens.

use std::{sync::Arc, time::Duration};

use jsonwebtoken::Algorithm;
use url::Url;

use super::{Authenticated, NotAuthenticated, fetched::Fetched};
use crate::{
    egress::Egress,
    proof::{
        ALGORITHMS, STRICT,
        assertion::{self, Asserted, Expect},
    },
    types::{
        App, Clock, Timestamp,
        app::AppAuth,
        app_keys::{AppKeys, KeySource},
    },
};

/// How long a set is taken as it is.
const FRESH: Duration = Duration::from_secs(10 * 60);
/// How long it serves while its address does not answer.
const STALE: Duration = Duration::from_secs(60 * 60);
/// How long nobody makes us ask again.
const COOL_DOWN: Duration = Duration::from_secs(30);
/// The most sets that are kept.
const MAX_SETS: usize = 1024;

/// Why there are no keys to verify with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoKeys {
    /// The app has none.
    #[error("the app has no keys")]
    None,
    /// Its address did not give any, now or lately.
    #[error("the app's keys cannot be fetched")]
    Away,
}

/// Why an assertion proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSigned {
    /// `invalid_client`.
    #[error(transparent)]
    Wrong(#[from] NotAuthenticated),
    /// It cannot be told at the moment.
    #[error(transparent)]
    Keys(#[from] NoKeys),
}

/// An app that proved itself by a statement which is good once: spend it before anything comes of it.
#[derive(Debug)]
pub struct Signed<'a> {
    /// The app.
    pub app: Authenticated<'a>,
    /// What it signed.
    pub asserted: Asserted,
}

/// All sets that were fetched.
pub struct KeySets {
    egress: Egress,
    clock: Arc<dyn Clock>,
    sets: Fetched<Url, Held>,
}

/// What is held of one set.
#[derive(Default)]
struct Held {
    keys: Option<(Arc<AppKeys>, Timestamp)>,
    /// When it was asked for last, whatever came of that.
    asked: Option<Timestamp>,
}

impl Held {
    fn keys(&self, now: Timestamp, within: Duration) -> Option<Arc<AppKeys>> {
        self.keys.as_ref().filter(|(_, fetched)| now.age_of(*fetched) < within).map(|(keys, _)| Arc::clone(keys))
    }

    fn take(&mut self, fetched: Option<AppKeys>, now: Timestamp) {
        self.asked = Some(now);
        if let Some(keys) = fetched {
            self.keys = Some((Arc::new(keys), now));
        }
    }
}

impl KeySets {
    /// With what goes out, and the time.
    pub fn new(egress: Egress, clock: Arc<dyn Clock>) -> Self {
        Self { egress, clock, sets: Fetched::new(MAX_SETS) }
    }

    /// The keys of `app`, among them one of that `kid` if the app has it.
    ///
    /// # Errors
    /// [`NoKeys`].
    pub async fn of(&self, app: &App, kid: Option<&str>) -> Result<Arc<AppKeys>, NoKeys> {
        let url = match &app.keys {
            None => return Err(NoKeys::None),
            Some(KeySource::Inline(keys)) => return Ok(Arc::clone(keys)),
            Some(KeySource::Published(url)) => url,
        };
        let set = self.sets.place(url, Held::default, |held| held.asked);
        let fresh = || set.with(|held| held.keys(self.clock.now(), FRESH));
        let good = || fresh().filter(|keys| keys.for_kid(kid).next().is_some());
        if let Some(keys) = good() {
            return Ok(keys);
        }
        let _one_at_a_time = set.turn().await;
        if let Some(keys) = good() {
            return Ok(keys);
        }
        let now = self.clock.now();
        if set.with(|held| held.asked).is_none_or(|asked| now.age_of(asked) >= COOL_DOWN) {
            let keys = self.fetch(app, url).await;
            set.with(|held| held.take(keys, now));
        }
        set.with(|held| held.keys(now, STALE)).ok_or(NoKeys::Away)
    }

    /// The app that an assertion proves (RFC 7523, section 3), if it is `app`.
    ///
    /// # Errors
    /// [`NotSigned`].
    pub async fn authenticate<'a>(
        &self,
        app: &'a App,
        assertion: &str,
        audiences: &[&str],
    ) -> Result<Signed<'a>, NotSigned> {
        let AppAuth::PrivateKey { alg } = &app.auth else { return Err(NotAuthenticated.into()) };
        let allowed = allowed(app);
        let algs: Vec<Algorithm> =
            allowed.iter().copied().filter(|allowed| alg.is_none_or(|alg| alg == *allowed)).collect();
        let keys = self.of(app, kid(assertion).as_deref()).await?;
        let expect = Expect {
            client_id: app.id.as_str(),
            audiences,
            // FAPI 2.0, section 5.3.2.1: the issuer, as a string.
            listed: !app.is_strict(),
            algs: &algs,
            now: self.clock.now(),
        };
        match assertion::verify(assertion, &keys, expect) {
            Ok(asserted) => Ok(Signed { app: Authenticated(app), asserted }),
            Err(reason) => {
                tracing::debug!(app = %app.id, %reason, "a client assertion was refused");
                Err(NotAuthenticated.into())
            }
        }
    }

    async fn fetch(&self, app: &App, url: &Url) -> Option<AppKeys> {
        let request = http::Request::get(url.as_str()).header(http::header::ACCEPT, "application/json");
        let answer = self.egress.for_app(app, url).call(request.body(Vec::new()).ok()?).await;
        let answer = answer.inspect_err(|error| tracing::warn!(app = %app.id, %error, "its keys cannot be fetched"));
        let answer = answer.ok().filter(|answer| answer.status() == http::StatusCode::OK)?;
        let set = serde_json::from_slice(answer.body()).unwrap_or_default();
        let keys = AppKeys::published(&set);
        keys.inspect_err(|error| tracing::warn!(app = %app.id, %error, "what it publishes are no keys")).ok()
    }
}

/// What an app may sign with.
pub fn allowed(app: &App) -> &'static [Algorithm] {
    if app.is_strict() { &STRICT } else { &ALGORITHMS }
}

/// The key that a JWS names.
pub fn kid(jws: &str) -> Option<String> {
    jsonwebtoken::decode_header(jws).ok()?.kid
}
