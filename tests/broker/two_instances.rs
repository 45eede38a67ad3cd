//! Promises 7 and 8 on Redis: instances are interchangeable, keys rotate under everyone's hands, and an outage of the
//! store is said, waited for and over.

use std::time::{Duration, Instant};

use jsonwebtoken::{DecodingKey, Validation, jwk::JwkSet};
use serde_json::Value;
use url::Url;
use vestibule::keyring::{Pace, Rotation};

use crate::stage::{App, Browser, Instance, OnStore, Page, Stage, Tokens, eventually, jws_header, param};

/// How long the keys may be kept by those who fetched them, in the test of rotation.
const MAX_AGE: Duration = Duration::from_secs(2);

/// What promise 8 gives another instance to notice.
const SEEN_WITHIN: Duration = Duration::from_secs(5);

/// A service that verifies tokens: it keeps the keys that it fetched for as long as it may, and asks nobody meanwhile.
struct Verifier {
    http: Browser,
    url: String,
    keys: JwkSet,
    fetched: Instant,
}

impl Verifier {
    async fn of(origin: &str) -> Self {
        let (http, url) = (Browser::new(), format!("{origin}/jwks"));
        let keys = fetch(&http, &url).await;
        Self { http, url, keys, fetched: Instant::now() }
    }

    async fn accepts(&mut self, token: &str) -> Result<Value, String> {
        if self.fetched.elapsed() > MAX_AGE {
            (self.keys, self.fetched) = (fetch(&self.http, &self.url).await, Instant::now());
        }
        verify(&self.keys, token)
    }
}

async fn fetch(http: &Browser, url: &str) -> JwkSet {
    serde_json::from_value(http.get(url).await.json()).unwrap()
}

fn verify(keys: &JwkSet, token: &str) -> Result<Value, String> {
    let header = jsonwebtoken::decode_header(token).map_err(|error| error.to_string())?;
    let jwk = keys.find(header.kid.as_deref().unwrap()).ok_or("no such key")?;
    let mut validation = Validation::new(header.alg);
    validation.set_audience(&["notes"]);
    let key = DecodingKey::from_jwk(jwk).map_err(|error| error.to_string())?;
    jsonwebtoken::decode::<Value>(token, &key, &validation).map(|data| data.claims).map_err(|error| error.to_string())
}

async fn two() -> (Stage, Instance) {
    let stage = Stage::start(OnStore::Redis).await;
    let second = stage.second_instance().await;
    (stage, second)
}

/// New tokens in a session, the code minted at one instance and redeemed at another.
async fn tokens(stage: &Stage, browser: &Browser, app: &App) -> Tokens {
    let answer = browser.get(&stage.authorize(&[("prompt", "none")])).await.location().unwrap();
    app.tokens(&answer).await
}

/// Each request of a login goes to the other instance: attempts, sessions, codes, tokens and form tokens are shared.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_and_codes_are_shared() {
    let (stage, second) = two().await;
    let instances = [stage.issuer.as_str(), second.origin.as_str()];
    let apps = instances.map(App::at);
    for turn in 0..2 {
        let browser = Browser::balanced(&stage.issuer, &[instances[turn], instances[1 - turn]]);
        let answer = browser.sign_in(&stage, &[], "google").await;
        let first = apps[turn].tokens(&answer).await;
        assert_eq!(apps[1 - turn].userinfo(&first.access).await.status, 200);
        // Minted here, redeemed there, and its second use, wherever, takes back what it gave.
        for (mints, redeems) in [(0, 1), (1, 0)] {
            let at = Browser::balanced(&stage.issuer, &[instances[mints]]);
            at.set_cookie(&stage.issuer, "vst_session", &browser.cookie(&stage.issuer, "vst_session").unwrap());
            let answer = at.get(&stage.authorize(&[("prompt", "none")])).await.location().unwrap();
            let tokens = apps[redeems].tokens(&answer).await;
            assert_eq!(apps[mints].redeem(&answer).await.json()["error"], "invalid_grant");
            for app in &apps {
                assert_eq!(app.userinfo(&tokens.access).await.status, 401);
            }
        }
        // Signed out at one is signed out at both.
        let out = browser.get(&format!("{}/logout?id_token_hint={}", stage.issuer, first.id)).await;
        assert_eq!(out.status, 303);
        for app in &apps {
            assert_eq!(app.userinfo(&first.access).await.status, 401);
        }
    }
    second.running.stop().await;
    stage.stop().await;
}

/// Two instances that begin on one empty store end with one set of keys, and a rotation at one is the other's within
/// five seconds.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotation_is_seen_by_the_other_instance() {
    let (stage, second) = two().await;
    let (browser, here, there) = (Browser::new(), App::of(&stage), App::at(&second.origin));
    let published = async |origin: &str| browser.get(&format!("{origin}/jwks")).await.body;
    // Ready is who can sign; the keys that come next are made a moment later.
    eventually("both publish the same keys, present and next", async || {
        let ours = published(&stage.issuer).await;
        ours == published(&second.origin).await && ours.matches("\"kid\"").count() == 6
    })
    .await;

    browser.sign_in(&stage, &[], "google").await;
    let before = tokens(&stage, &browser, &here).await;
    let rotated = stage.broker().keyring().rotate(Pace::Now).await.unwrap();
    let begun = Instant::now();
    assert_eq!(rotated, Rotation::Done);
    let new = tokens(&stage, &browser, &here).await;
    assert_ne!(jws_header(&before.id)["kid"], jws_header(&new.id)["kid"]);
    eventually("the other instance has the keys", async || {
        published(&stage.issuer).await == published(&second.origin).await
    })
    .await;
    assert!(begun.elapsed() < SEEN_WITHIN, "{:?}", begun.elapsed());
    let theirs = tokens(&stage, &browser, &there).await;
    for (was, is) in [(&new.id, &theirs.id), (&new.access, &theirs.access)] {
        assert_eq!(jws_header(was)["kid"], jws_header(is)["kid"], "both sign with the new key");
    }
    // What was signed before is good at both.
    for app in [&here, &there] {
        assert_eq!(app.userinfo(&before.access).await.status, 200);
        assert_eq!(app.userinfo(&new.access).await.status, 200);
    }
    second.running.stop().await;
    stage.stop().await;
}

/// A verifier that keeps our keys for as long as it may accepts every token before, while and after they rotate; also
/// when a second rotation is asked for on the heels of the first, whose key nobody has seen yet.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_verifier_notices_a_rotation() {
    let short = |config: String| format!("{config}\n[keys]\njwks_max_age = \"2s\"\n");
    let stage = Stage::start_with(OnStore::Redis, short).await;
    let second = stage.second_instance().await;
    let (browser, apps) = (Browser::new(), [App::of(&stage), App::at(&second.origin)]);
    browser.sign_in(&stage, &[], "google").await;
    let jwks = browser.get(&format!("{}/jwks", stage.issuer)).await;
    assert_eq!(jwks.header("cache-control"), "public, max-age=2");

    // They fetch at different times, so that there is always one whose keys are rather old.
    let mut verifiers = [Verifier::of(&stage.issuer).await, Verifier::of(&second.origin).await];
    verifiers[1].fetched -= MAX_AGE / 2;
    let keyrings = [stage.broker().keyring(), second.running.broker().keyring()];
    let (mut issued, mut kids, mut rounds_after) = (Vec::new(), Vec::new(), 0);
    let begun = Instant::now();
    while rounds_after < 20 {
        assert!(begun.elapsed() < Duration::from_secs(60), "no two rotations within a minute");
        for app in &apps {
            issued.push(tokens(&stage, &browser, app).await);
        }
        for verifier in &mut verifiers {
            for token in
                issued.iter().rev().take(2).chain(issued.first()).flat_map(|tokens| [&tokens.id, &tokens.access])
            {
                let accepted = verifier.accepts(token).await;
                assert!(accepted.is_ok(), "{accepted:?} after {:?}: {}", begun.elapsed(), jws_header(token));
            }
        }
        for (instance, tokens) in issued.iter().rev().take(2).rev().enumerate() {
            let kid = jws_header(&tokens.id)["kid"].to_string();
            if !kids.contains(&kid) {
                kids.push(kid);
                // Whoever signs with it knows of this rotation, so that this is another one.
                if kids.len() < 3 {
                    keyrings[instance].rotate(Pace::WhenPublished).await.unwrap();
                }
            }
        }
        rounds_after += usize::from(kids.len() == 3);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // And all of them once more with today's keys.
    let keys = fetch(&browser, &format!("{}/jwks", second.origin)).await;
    for token in issued.iter().flat_map(|tokens| [&tokens.id, &tokens.access]) {
        assert!(verify(&keys, token).is_ok());
    }
    second.running.stop().await;
    stage.stop().await;
}

/// What people and apps were about to do when the store went away.
struct UnderWay {
    signed_in: Browser,
    coming_back: (Browser, Url),
    code: String,
    tokens: Tokens,
}

impl UnderWay {
    async fn begin(stage: &Stage, app: &App) -> Self {
        let (signed_in, away) = (Browser::new(), Browser::new());
        let tokens = app.tokens(&signed_in.sign_in(stage, &[], "google").await).await;
        let answer = signed_in.get(&stage.authorize(&[("prompt", "none")])).await.location().unwrap();
        let code = param(&answer, "code").unwrap();
        let chosen = away.get(&stage.authorize(&[("provider", "google")])).await;
        let at_provider = away.get(chosen.location().unwrap().as_str()).await;
        let callback = at_provider.location().unwrap();
        Self { signed_in, coming_back: (away, callback), code, tokens }
    }

    /// All that needs the store, one after the other.
    async fn ask(&self, stage: &Stage, app: &App) -> Vec<(&'static str, Page, Duration)> {
        let logout = format!("{}/logout?id_token_hint={}", stage.issuer, self.tokens.id);
        let mut answers = Vec::new();
        for what in [
            "authorize",
            "silent authorize",
            "callback",
            "token",
            "refresh",
            "revoke",
            "revoke an access token",
            "introspect",
            "userinfo",
            "logout",
            "plain logout",
        ] {
            let begun = Instant::now();
            let page = match what {
                "authorize" => self.signed_in.get(&stage.authorize(&[])).await,
                "silent authorize" => self.signed_in.get(&stage.authorize(&[("prompt", "none")])).await,
                "callback" => self.coming_back.0.get(self.coming_back.1.as_str()).await,
                "token" => app.token(&[("code", &self.code)]).await,
                "refresh" => app.refresh(&self.tokens.refresh, &[]).await,
                "revoke" => app.revoke(&self.tokens.refresh, &[]).await,
                "revoke an access token" => app.revoke(&self.tokens.access, &[]).await,
                "introspect" => app.introspect(&self.tokens.access, &[]).await,
                "userinfo" => app.userinfo(&self.tokens.access).await,
                "logout" => self.signed_in.get(&logout).await,
                _ => self.signed_in.get(&format!("{}/logout", stage.issuer)).await,
            };
            answers.push((what, page, begun.elapsed()));
        }
        answers
    }
}

/// Promise 7: with the store away nothing is granted and nothing is said to be done; when it is back, all goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_is_away_fails_closed_and_recovers_alone() {
    let mut stage = Stage::start(OnStore::Redis).await;
    let app = App::of(&stage);
    let under_way = UnderWay::begin(&stage, &app).await;
    let cookie = under_way.signed_in.cookie(&stage.issuer, "vst_session");
    let browser = Browser::new();

    stage.store.redis().stop();
    for (what, page, took) in under_way.ask(&stage, &app).await {
        assert_eq!(page.status, 503, "{what}: {}", page.body);
        assert!(page.header("retry-after").parse::<u64>().is_ok_and(|seconds| seconds > 0), "{what}");
        assert_eq!(page.header("location"), "", "{what}");
        assert!(
            !page.headers.contains_key("set-cookie") || !page.header("set-cookie").contains("vst_session"),
            "{what}"
        );
        assert!(!page.body.contains("access_token") && !page.body.contains("eyJ"), "{what}");
        assert!(took < Duration::from_secs(3), "{what} took {took:?}");
    }
    assert_eq!(under_way.signed_in.cookie(&stage.issuer, "vst_session"), cookie, "nobody was signed out");
    assert_eq!(browser.get(&format!("{}/healthz", stage.management)).await.status, 200);
    assert_eq!(browser.get(&format!("{}/readyz", stage.management)).await.status, 503);
    // What needs no store goes on: who is not signed in gets as far as the provider.
    assert_eq!(browser.get(&format!("{}/jwks", stage.issuer)).await.status, 200);
    assert_eq!(browser.open(&stage.authorize(&[])).await.status, 200);

    stage.store.redis().restart();
    let back = Instant::now();
    let silent = stage.authorize(&[("prompt", "none")]);
    eventually("it works again", async || under_way.signed_in.get(&silent).await.status == 303).await;
    assert!(back.elapsed() < Duration::from_secs(5), "{:?}", back.elapsed());
    stage.ready().await;
    assert!(back.elapsed() < Duration::from_secs(5), "{:?}", back.elapsed());
    // The session is there, the code was not burnt, the token is good, and people sign in.
    let answer = under_way.signed_in.get(&silent).await.location().unwrap();
    assert!(param(&answer, "code").is_some(), "{answer}");
    Tokens::of(&app.token(&[("code", &under_way.code)]).await);
    assert_eq!(app.userinfo(&under_way.tokens.access).await.status, 200);
    Tokens::of(&app.refresh(&under_way.tokens.refresh, &[]).await);
    app.tokens(&Browser::new().sign_in(&stage, &[], "google").await).await;
    let out = format!("{}/logout?id_token_hint={}", stage.issuer, under_way.tokens.id);
    assert_eq!(under_way.signed_in.get(&out).await.status, 303);
    assert_eq!(app.userinfo(&under_way.tokens.access).await.status, 401);
    stage.stop().await;
}

/// The store is away when the process starts: it starts, says that it is not ready, and gets there without a restart.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_is_away_at_start_stops_nothing() {
    let mut stage = Stage::start(OnStore::Redis).await;
    stage.store.redis().stop();
    let second = stage.instance();
    let browser = Browser::new();
    let status = async |url: String| browser.get(&url).await.status.as_u16();
    assert_eq!(status(format!("{}/healthz", second.management)).await, 200);
    assert_eq!(status(format!("{}/readyz", second.management)).await, 503);
    assert_eq!(status(format!("{}/.well-known/openid-configuration", second.origin)).await, 200);
    assert_eq!(status(format!("{}/jwks", second.origin)).await, 503);
    stage.store.redis().restart();
    let back = Instant::now();
    eventually("it is ready", async || status(format!("{}/readyz", second.management)).await == 200).await;
    assert!(back.elapsed() < Duration::from_secs(5), "{:?}", back.elapsed());
    let browser = Browser::balanced(&stage.issuer, &[&second.origin]);
    App::at(&second.origin).tokens(&browser.sign_in(&stage, &[], "google").await).await;
    second.running.stop().await;
    stage.stop().await;
}
