//! Grants on a real store: what happens between a decision and its commit.

use std::sync::Arc;

use tempfile::TempDir;

use super::*;
use crate::{
    config::StoreUrl,
    flow::{
        Facts, SignedIn, Step, next,
        tests::{app, known, providers, request},
    },
    partition::{Head, HeadIdentity},
    seal::{Pseudonyms, Sealer, token},
    store::{Commit, Outcome, Put},
    types::{App, Secret32, SetClock, SystemRandom, app::ConsentMode},
};

struct Place {
    grants: Grants,
    codec: Codec,
    clock: Arc<SetClock>,
    store: Arc<dyn Backend>,
    who: Presence,
    session: RandomId,
    _folder: TempDir,
}

/// An account with a session whose content nobody here reads.
async fn place() -> Place {
    let (folder, clock) = (tempfile::tempdir().unwrap(), Arc::new(SetClock::default()));
    let store = crate::store::open(&StoreUrl::Sqlite(folder.path().join("v.db")), clock.clone()).unwrap();
    let sealer = Sealer::new(Secret32::new([1; 32]), vec![], Arc::new(SystemRandom));
    let codec = Codec::new(Arc::new(sealer), Arc::new(Pseudonyms::new(&Secret32::new([2; 32]))));
    let minutes = |n: u64| Duration::from_secs(60 * n);
    let refresh = RefreshLifetimes { idle: minutes(60), absolute: minutes(180), grace: minutes(1) };
    let (code, access_token, id_token) = (minutes(1), minutes(5), minutes(5));
    let lifetimes = Lifetimes { code, access_token, id_token, refresh, consent: minutes(60 * 24 * 395) };
    let chronicle = Chronicle::new(codec.clone(), clock.clone(), minutes(60 * 24 * 90));
    let grants = Grants::new(store.clone(), codec.clone(), clock.clone(), chronicle, lifetimes);
    let identity = codec.pseudonyms().identity("google", "1");
    let head = Head::first(HeadIdentity { provider: "google".parse().unwrap(), identity }, clock.now(), &SystemRandom);
    let session = RandomId::generate(&SystemRandom);
    let put_head = codec.put_head(identity.home(), &head);
    let who = codec.presence(identity.home(), head, put_head.version).unwrap();
    let key = RecordKey::session(session);
    let put_session = Put { key, version: codec.version(), value: vec![], expires: None, due: None };
    let place = Place { grants, codec, clock, store, who, session, _folder: folder };
    place.write(vec![put_head, put_session], vec![]).await;
    place
}

impl Place {
    async fn write(&self, puts: Vec<Put>, deletes: Vec<RecordKey>) {
        let commit = Commit { guards: vec![], puts, deletes };
        assert_eq!(self.store.commit(&self.who.partition(), commit).await.unwrap(), Outcome::Committed);
    }

    async fn agreed(&self) -> Agreed {
        let app = request().app;
        let read = self.store.read(&self.who.partition(), &[RecordKey::consent(&app)]).await.unwrap().pop().flatten();
        self.codec.agreed(&self.who, &app, read.as_ref())
    }

    /// Decides on an agreement as it was read, and opens a grant on the decision.
    async fn open(&self, agreed: &Agreed) -> Opened {
        let (request, known, providers) = (request(), known(), providers());
        let app = App { consent: ConsentMode::Implicit, ..app() };
        let provider = providers.first().unwrap();
        let auth_time = self.clock.now();
        let signed_in = SignedIn { provider, auth_time, known: &known, by_this_attempt: true };
        let agreement = agreed.agreement.as_ref();
        let step = next(&Facts {
            app: &app,
            request: &request,
            providers: &providers,
            signed_in: Some(signed_in),
            agreement,
            answer: None,
            now: auth_time,
        });
        let Step::Issue(approved) = step else { panic!("{step:?}") };
        let declared = known.clone();
        let (who, session, request) = (&self.who, self.session, &request);
        let new = NewGrant { who, app: &app, session, provider, auth_time, request, agreed, declared };
        self.grants.open(approved, new).await.unwrap()
    }
}

/// The person pauses an app, or disconnects it, while a code for it is about to be minted.
#[tokio::test]
async fn a_consent_that_changed_after_the_decision_is_not_written_over() {
    let place = place().await;
    let app = request().app;
    assert!(matches!(place.open(&place.agreed().await).await, Opened::Code(_)));

    let before = place.agreed().await;
    let paused = Agreement { paused: true, ..before.agreement.clone().unwrap() };
    let until = place.clock.now().plus(Duration::from_secs(3600));
    place.write(vec![place.codec.put_agreement(&place.who, &app, &paused, until)], vec![]).await;
    assert!(matches!(place.open(&before).await, Opened::Changed));
    assert!(place.agreed().await.agreement.unwrap().paused);

    place.write(vec![], vec![RecordKey::consent(&app)]).await;
    assert!(matches!(place.open(&before).await, Opened::Changed));
    assert!(place.agreed().await.agreement.is_none());
}

/// Many tabs at once do not get in each other's way: what says nothing new is not written.
#[tokio::test]
async fn a_consent_is_written_when_it_says_something_new() {
    let place = place().await;
    assert!(matches!(place.open(&place.agreed().await).await, Opened::Code(_)));
    let read = place.agreed().await;
    for _ in 0..3 {
        assert!(matches!(place.open(&read).await, Opened::Code(_)));
    }
    place.clock.forward(Duration::from_secs(24 * 3600));
    assert!(matches!(place.open(&read).await, Opened::Code(_)));
    assert_eq!(place.agreed().await.agreement.unwrap().used, place.clock.now());
}

/// Signing out, everywhere or here, wins over a code that is about to be minted.
#[tokio::test]
async fn a_session_that_ended_after_the_decision_gets_no_code() {
    let place = place().await;
    let agreed = place.agreed().await;
    place.write(vec![], vec![RecordKey::session(place.session)]).await;
    assert!(matches!(place.open(&agreed).await, Opened::Changed));
    assert!(place.agreed().await.agreement.is_none());
}

/// The same between reading a code's grant and spending it.
#[tokio::test]
async fn what_ended_while_a_code_was_redeemed_gets_no_tokens() {
    let (app, providers) = (app(), providers());
    let asking = Asking { app: &app, providers: &providers };
    for ended in ["session", "consent"] {
        let place = place().await;
        let Opened::Code(code) = place.open(&place.agreed().await).await else { panic!("no code") };
        let locator: Locator = place.codec.sealer().take_back(token::CODE, code.expose()).unwrap();
        let found = place.grants.read(&locator).await.unwrap().unwrap();
        let key = if ended == "session" { RecordKey::session(place.session) } else { RecordKey::consent(&locator.app) };
        place.write(vec![], vec![key]).await;
        assert!(place.grants.activate(&found, &locator, None, asking).await.unwrap().is_none(), "{ended}");
        let (redirect, verifier) = (request().redirect, None);
        let again = Redemption { asking, code: code.expose(), redirect_uri: Some(redirect.as_str()), verifier };
        let again = place.grants.redeem(again).await.unwrap();
        assert!(matches!(again, Redeemed::Refused(Refusal::Unknown)), "{again:?}");
    }
}
