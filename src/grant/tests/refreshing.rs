//! Refresh tokens on a real store.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use async_trait::async_trait;

use super::*;
use crate::{
    store::{Cursor, Health, Partition},
    types::app::ClaimPurpose,
};

/// What an app keeps of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Got {
    body: String,
    refresh: String,
}

/// How it ended for the app.
#[derive(Clone, Debug, PartialEq, Eq)]
enum End {
    Got(Got),
    Reused,
    Refused(RefreshRefusal),
    StoreAway,
}

impl End {
    fn got(self) -> Got {
        match self {
            Self::Got(got) => got,
            other => panic!("{other:?}"),
        }
    }
}

impl Place {
    async fn refresh(&self, token: &str) -> End {
        self.refresh_as(&our_app(), token, None).await
    }

    async fn narrowed(&self, token: &str, scope: &str) -> End {
        self.refresh_as(&our_app(), token, Some(scope)).await
    }

    /// Each answer that is made differs from all others, as tokens do.
    async fn refresh_as(&self, app: &App, token: &str, scope: Option<&str>) -> End {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let (providers, scope) = (providers(), scope.map(Scope::parse));
        let asking = Asking { app, providers: &providers };
        // A proof is good once, however often the store must be asked again.
        let is_spent = Arc::new(AtomicBool::new(false));
        let refreshed = self.grants.refresh(
            Presented { asking, token, scope: scope.as_ref(), resources: &[], key: None },
            move || std::future::ready(Ok(!is_spent.swap(true, Ordering::SeqCst))),
            |making| {
                let names: Vec<&str> = making.shown.iter().map(|(claim, _)| claim.as_str()).collect();
                let number = MADE.fetch_add(1, Ordering::SeqCst);
                let body = format!("{}|{number}|{}|{}", making.refresh.expose(), making.scope, names.join(","));
                Ok::<_, StoreError>(body.into_bytes())
            },
        );
        match refreshed.await {
            Ok(Refreshed::Answer(body)) => {
                let body = String::from_utf8(body).unwrap();
                End::Got(Got { refresh: body.split('|').next().unwrap().to_owned(), body })
            }
            Ok(Refreshed::Reused(_)) => End::Reused,
            Ok(Refreshed::Refused(refusal)) => End::Refused(refusal),
            Err(_) => End::StoreAway,
        }
    }

    async fn agree(&self, change: impl FnOnce(&mut Agreement)) {
        let mut agreement = self.agreed().await.agreement.unwrap();
        change(&mut agreement);
        let until = self.clock.now().plus(minutes(10_000));
        self.write(vec![self.codec.put_agreement(&self.who, &our_app().id, &agreement, until)], vec![]).await;
    }

    /// Signs out everywhere: another stamp.
    async fn new_stamp(&mut self) {
        let stored = self.store.read(&self.who.partition(), &[RecordKey::head()]).await.unwrap().pop().flatten();
        let mut head = self.codec.open_head(self.who.home, &stored.unwrap()).unwrap();
        head.living.as_mut().unwrap().stamp = crate::partition::Stamp::generate(&SystemRandom);
        self.write(vec![self.codec.put_head(self.who.home, &head)], vec![]).await;
    }
}

const UNKNOWN: End = End::Refused(RefreshRefusal::Unknown);

#[tokio::test]
async fn a_lost_answer_comes_again_and_an_older_token_ends_it_all() {
    let place = place().await;
    let first = place.first("openid email").await;
    let second = place.refresh(&first).await.got();
    place.clock.forward(minutes(1) - Duration::from_millis(1));
    assert_eq!(place.refresh(&first).await.got(), second, "the identical answer");
    let third = place.refresh(&second.refresh).await.got();
    assert_eq!(place.refresh(&second.refresh).await.got(), third);
    assert_eq!(place.refresh(&first).await, End::Reused);
    for token in [&first, &second.refresh, &third.refresh] {
        assert_eq!(place.refresh(token).await, UNKNOWN);
    }
    assert_eq!(place.history().await.last(), Some(&Deed::Reused { app: our_app().id }));
}

#[tokio::test]
async fn the_window_closes() {
    let place = place().await;
    let first = place.first("openid").await;
    let second = place.refresh(&first).await.got();
    place.clock.forward(minutes(1));
    assert_eq!(place.refresh(&first).await, End::Reused);
    assert_eq!(place.refresh(&second.refresh).await, UNKNOWN);

    let strict = place_where(RefreshLifetimes { grace: Duration::ZERO, ..REFRESH }, |store| store).await;
    let first = strict.first("openid").await;
    strict.refresh(&first).await.got();
    assert_eq!(strict.refresh(&first).await, End::Reused);
}

/// An answer whose tokens have expired helps nobody: the same refresh token comes with new ones.
#[tokio::test]
async fn an_answer_that_has_expired_is_made_anew() {
    let place = place_where(RefreshLifetimes { grace: minutes(10), ..REFRESH }, |store| store).await;
    let first = place.first("openid").await;
    let second = place.refresh(&first).await.got();
    place.clock.forward(minutes(5));
    let again = place.refresh(&first).await.got();
    assert!(again.refresh == second.refresh && again.body != second.body);
    assert_eq!(place.refresh(&first).await.got(), again);
    place.clock.forward(minutes(5));
    assert_eq!(place.refresh(&first).await, End::Reused, "the window is counted from the first answer");
}

#[tokio::test]
async fn tokens_end_unused_and_in_any_case() {
    let place = place().await;
    let idle = place.first("openid offline_access").await;
    place.clock.forward(minutes(60));
    assert_eq!(place.refresh(&idle).await, UNKNOWN);
    let mut token = place.first("openid offline_access").await;
    for _ in 0..3 {
        place.clock.forward(minutes(50));
        token = place.refresh(&token).await.got().refresh;
    }
    place.clock.forward(minutes(29));
    assert!(place.live(&token).await.is_some());
    place.clock.forward(minutes(1));
    assert_eq!(place.refresh(&token).await, UNKNOWN);
}

#[tokio::test]
async fn another_app_burns_nothing() {
    let place = place().await;
    let first = place.first("openid").await;
    let other = App { id: "wiki".parse().unwrap(), ..our_app() };
    assert_eq!(place.refresh_as(&other, &first, None).await, End::Refused(RefreshRefusal::OtherApp));
    for wrong in ["", "vst_r_", first.split_at(9).0, &first.replace("vst_r_", "vst_c_")] {
        assert_eq!(place.refresh(wrong).await, UNKNOWN);
    }
    place.refresh(&first).await.got();
}

#[tokio::test]
async fn a_scope_gets_narrower_for_one_answer_and_never_wider() {
    let place = place().await;
    let first = place.first("openid email").await;
    for wider in ["openid email profile", "profile", "bogus", ""] {
        assert_eq!(place.narrowed(&first, wider).await, End::Refused(RefreshRefusal::Scope), "{wider}");
    }
    let narrow = place.narrowed(&first, "openid offline_access").await.got();
    assert!(narrow.body.ends_with("|openid|"), "{}", narrow.body);
    // The same token for another scope is another answer, with the same successor.
    let whole = place.refresh(&first).await.got();
    assert!(whole.body.ends_with("|openid email|email,email_verified") && whole.refresh == narrow.refresh);
    let next = place.refresh(&narrow.refresh).await.got();
    assert!(next.body.ends_with("|openid email|email,email_verified"));
}

/// Promise 9: what goes out is decided anew each time, also for an answer that comes again.
#[tokio::test]
async fn a_choice_that_changed_in_between_counts() {
    let place = place().await;
    let first = place.first("openid email profile").await;
    let before = place.refresh(&first).await.got();
    place.agree(|agreement| agreement.choices.get_mut(&crate::types::Claim::Name).unwrap().on = true).await;
    let after = place.refresh(&first).await.got();
    assert_eq!(after.refresh, before.refresh);
    assert!(
        after.body.ends_with("email,email_verified,name") || after.body.ends_with("name,email,email_verified"),
        "{}",
        after.body
    );
    assert!(!before.body.contains("name"));
    assert_eq!(place.refresh(&first).await.got(), after, "and that one comes again");

    place.agree(|agreement| agreement.paused = true).await;
    for token in [&first, &before.refresh] {
        assert_eq!(place.refresh(token).await, UNKNOWN);
    }
    place.agree(|agreement| agreement.paused = false).await;
    let next = place.refresh(&before.refresh).await.got();

    // The app says something else about why it wants to know.
    let mut app = our_app();
    app.claims.insert(
        crate::types::Claim::Name,
        ClaimPurpose { why: "To sell it.".into(), ..app.claims[&crate::types::Claim::Name].clone() },
    );
    let changed = place.refresh_as(&app, &next.refresh, None).await.got();
    assert!(changed.body.ends_with("|email,email_verified"), "{}", changed.body);
}

#[tokio::test]
async fn a_provider_that_people_no_longer_come_through_ends_it() {
    let place = place().await;
    let first = place.first("openid").await;
    let without = App { providers: Some(vec!["facebook".parse().unwrap()]), ..our_app() };
    assert_eq!(place.refresh_as(&without, &first, None).await, UNKNOWN);
    place.refresh(&first).await.got();
}

#[tokio::test]
async fn with_offline_access_it_survives_signing_out_and_without_it_ends() {
    for everywhere in [false, true] {
        let mut place = place().await;
        let (bound, offline) = (place.first("openid").await, place.first("openid offline_access").await);
        if everywhere {
            place.new_stamp().await;
        } else {
            place.write(vec![], vec![RecordKey::session(place.session)]).await;
        }
        assert_eq!(place.refresh(&bound).await, UNKNOWN);
        let again = place.refresh(&offline).await.got();
        assert!(again.body.contains("|openid offline_access|"));
        place.write(vec![], vec![RecordKey::consent(&our_app().id)]).await;
        assert_eq!(place.refresh(&again.refresh).await, UNKNOWN, "disconnected");
    }
}

/// Whoever disconnected an app and comes back begins anew: what was stolen before stays dead.
#[tokio::test]
async fn agreeing_again_does_not_bring_back_what_ended() {
    let place = place().await;
    let old = place.first("openid offline_access").await;
    place.write(vec![], vec![RecordKey::consent(&our_app().id)]).await;
    place.clock.forward(Duration::from_millis(1));
    let new = place.first("openid offline_access").await;
    assert_eq!(place.refresh(&old).await, UNKNOWN);
    place.refresh(&new).await.got();
}

/// An agreement that is used does not expire.
#[tokio::test]
async fn refreshing_keeps_the_agreement_alive() {
    let place =
        place_where(RefreshLifetimes { idle: minutes(10_000), absolute: minutes(10_000), ..REFRESH }, |store| store)
            .await;
    let first = place.first("openid offline_access").await;
    place.clock.forward(minutes(24 * 60));
    let second = place.refresh(&first).await.got();
    assert_eq!(place.agreed().await.agreement.unwrap().used, place.clock.now());
    assert_eq!(place.refresh(&first).await.got(), second, "our own note is no change");
}

/// AC-28 on one instance: identical answers, never two successors.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_at_once_get_one_answer() {
    let place = Arc::new(place().await);
    let mut token = place.first("openid").await;
    for _ in 0..5 {
        let tries = (0..64).map(|_| {
            let (place, token) = (place.clone(), token.clone());
            tokio::spawn(async move { place.refresh(&token).await.got() })
        });
        let got: Vec<Got> = futures_util::future::join_all(tries).await.into_iter().map(Result::unwrap).collect();
        assert!(got.iter().all(|other| *other == got[0]));
        token.clone_from(&got[0].refresh);
    }
}

/// However many come with a spent token at once, it ends for all of them, and the person reads of it once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_who_come_with_a_spent_token_are_told_of_once() {
    let place = Arc::new(place().await);
    let first = place.first("openid").await;
    place.refresh(&first).await.got();
    place.clock.forward(minutes(1));
    let tries = (0..64).map(|_| {
        let (place, token) = (place.clone(), first.clone());
        tokio::spawn(async move { place.refresh(&token).await })
    });
    let ends: Vec<End> = futures_util::future::join_all(tries).await.into_iter().map(Result::unwrap).collect();
    assert!(ends.contains(&End::Reused) && ends.iter().all(|end| [End::Reused, UNKNOWN].contains(end)), "{ends:?}");
    let told = place.history().await.iter().filter(|deed| matches!(deed, Deed::Reused { .. })).count();
    assert_eq!(told, 1);
}

/// A store that does what it is asked and then goes away, or goes away before.
struct Failing {
    inner: Arc<dyn Backend>,
    before: AtomicBool,
    after: AtomicBool,
}

fn away() -> StoreError {
    StoreError::Unavailable("away".into())
}

#[async_trait]
impl Backend for Failing {
    async fn read(&self, partition: &Partition, keys: &[RecordKey]) -> Result<Vec<Option<Stored>>, StoreError> {
        self.inner.read(partition, keys).await
    }

    async fn commit(&self, partition: &Partition, commit: Commit) -> Result<Outcome, StoreError> {
        if self.before.swap(false, Ordering::SeqCst) {
            return Err(away());
        }
        let outcome = self.inner.commit(partition, commit).await;
        if self.after.swap(false, Ordering::SeqCst) { Err(away()) } else { outcome }
    }

    async fn list(
        &self,
        partition: &Partition,
        kind: Kind,
        after: Option<&RecordKey>,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        self.inner.list(partition, kind, after, limit).await
    }

    async fn due(&self, partition: &Partition, now: Timestamp, limit: usize) -> Result<Vec<Entry>, StoreError> {
        self.inner.due(partition, now, limit).await
    }

    async fn wipe(&self, partition: &Partition, keep: &[RecordKey]) -> Result<(), StoreError> {
        self.inner.wipe(partition, keep).await
    }

    async fn scan(&self, from: &Cursor, limit: usize) -> Result<(Vec<Entry>, Option<Cursor>), StoreError> {
        self.inner.scan(from, limit).await
    }

    async fn health(&self) -> Result<Health, StoreError> {
        self.inner.health().await
    }
}

/// Promise 7: whether or not the step was written when the store went away, asking again brings the answer.
#[tokio::test]
async fn a_store_that_goes_away_in_the_middle_burns_nothing() {
    let failing = Arc::new(std::sync::OnceLock::new());
    let place = place_where(REFRESH, |inner| {
        let store = Arc::new(Failing { inner, before: AtomicBool::new(false), after: AtomicBool::new(false) });
        failing.set(store.clone()).ok().unwrap();
        store
    })
    .await;
    let failing = failing.get().unwrap();
    let mut token = place.first("openid").await;
    for written in [false, true] {
        if written { &failing.after } else { &failing.before }.store(true, Ordering::SeqCst);
        assert_eq!(place.refresh(&token).await, End::StoreAway);
        let got = place.refresh(&token).await.got();
        assert_eq!(place.refresh(&token).await.got(), got);
        token = got.refresh;
    }
}
