//! Sessions on a real store, with the clock in hand.

use std::sync::Arc;

use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::{
    config::StoreUrl,
    seal::{Pseudonyms, Sealer},
    types::{Claim, Secret32, SetClock, SystemRandom},
};

const HOUR: Duration = Duration::from_secs(3600);
const LIFETIMES: Lifetimes =
    Lifetimes { idle: Duration::from_secs(12 * 3600), absolute: Duration::from_secs(7 * 24 * 3600) };

struct Place {
    sessions: Sessions,
    codec: Codec,
    clock: Arc<SetClock>,
    store: Arc<dyn Backend>,
    _folder: TempDir,
}

fn place() -> Place {
    let (folder, clock) = (tempfile::tempdir().unwrap(), Arc::new(SetClock::default()));
    let store = crate::store::open(&StoreUrl::Sqlite(folder.path().join("v.db")), clock.clone()).unwrap();
    let sealer = Sealer::new(Secret32::new([1; 32]), vec![], Arc::new(SystemRandom));
    let codec = Codec::new(Arc::new(sealer), Arc::new(Pseudonyms::new(&Secret32::new([2; 32]))));
    let chronicle = Chronicle::new(codec.clone(), clock.clone(), 90 * 24 * HOUR);
    let sessions = Sessions::new(store.clone(), codec.clone(), clock.clone(), chronicle, LIFETIMES);
    Place { sessions, codec, clock, store, _folder: folder }
}

impl Place {
    fn arrival(&self, subject: &str) -> Arrival {
        let mut known = Claims::default();
        assert!(known.insert(Claim::Name, json!("Ada")));
        Arrival {
            provider: "google".parse().unwrap(),
            identity: self.codec.pseudonyms().identity("google", subject),
            known,
            learned: crate::flow::Learned::default(),
            auth_time: self.clock.now(),
            device: None,
        }
    }

    async fn begin(&self, subject: &str, before: Option<&Begun>) -> Begun {
        let before = before.map(|begun| begun.cookie.expose());
        self.sessions.begin(&self.arrival(subject), before).await.unwrap()
    }

    async fn lives(&self, begun: &Begun) -> bool {
        self.sessions.find(begun.cookie.expose()).await.unwrap().is_some()
    }

    /// Changes the head of an account as an operator, a sign-out everywhere or a deletion does.
    async fn change_head(&self, begun: &Begun, change: impl FnOnce(&mut Head)) {
        let who = &begun.session.who;
        let stored = self.store.read(&who.partition(), &[RecordKey::head()]).await.unwrap().pop().flatten().unwrap();
        let mut head = self.codec.open_head(who.home, &stored).unwrap();
        change(&mut head);
        let commit =
            Commit { guards: vec![who.unchanged()], puts: vec![self.codec.put_head(who.home, &head)], deletes: vec![] };
        assert_eq!(self.store.commit(&who.partition(), commit).await.unwrap(), Outcome::Committed);
    }
}

#[tokio::test]
async fn a_session_ends_unused_and_in_any_case() {
    let place = place();
    let unused = place.begin("1", None).await;
    place.clock.forward(LIFETIMES.idle - Duration::from_millis(1));
    assert!(place.lives(&unused).await);
    place.clock.forward(LIFETIMES.idle);
    assert!(!place.lives(&unused).await);

    let used = place.begin("1", None).await;
    for _ in 0..(7 * 24 / 6) {
        assert!(place.lives(&used).await, "used every six hours");
        place.clock.forward(6 * HOUR);
    }
    assert!(!place.lives(&used).await, "seven days are the end");
}

#[tokio::test]
async fn a_clock_that_is_set_back_ends_nothing_and_brings_nothing_back() {
    let place = place();
    let (alive, ended) = (place.begin("1", None).await, place.begin("2", None).await);
    place.sessions.end(&ended.session).await.unwrap();
    place.clock.back(HOUR);
    assert!(place.lives(&alive).await && !place.lives(&ended).await);
}

#[tokio::test]
async fn a_cookie_opens_its_own_session_only() {
    let place = place();
    let (one, two) = (place.begin("1", None).await, place.begin("2", None).await);
    assert_ne!(one.cookie, two.cookie);
    let found = place.sessions.find(two.cookie.expose()).await.unwrap().unwrap();
    assert_eq!(found.who.account, two.session.who.account);
    assert_eq!(found.known.text(Claim::Name), Some("Ada"));
    for wrong in ["", "vst_s_", "garbage", one.cookie.expose().trim_start_matches("vst_s_")] {
        assert!(place.sessions.find(wrong).await.unwrap().is_none(), "{wrong}");
    }
}

#[tokio::test]
async fn signing_in_again_keeps_the_name_and_changes_the_cookie() {
    let place = place();
    let first = place.begin("1", None).await;
    let again = place.begin("1", Some(&first)).await;
    assert_eq!(first.session.id, again.session.id);
    assert!(first.first && !again.first);
    assert!(!place.lives(&first).await && place.lives(&again).await);
    let other = place.begin("2", Some(&again)).await;
    assert!(!place.lives(&again).await && place.lives(&other).await);
}

#[tokio::test]
async fn one_write_of_the_head_ends_every_session() {
    let place = place();
    for change in [
        (|head: &mut Head| head.blocked = true) as fn(&mut Head),
        |head| head.living.as_mut().unwrap().stamp = crate::partition::Stamp::generate(&SystemRandom),
        |head| head.living = None,
    ] {
        let place = self::place();
        let (laptop, phone) = (place.begin("1", None).await, place.begin("1", None).await);
        assert!(place.lives(&laptop).await && place.lives(&phone).await);
        place.change_head(&laptop, change).await;
        assert!(!place.lives(&laptop).await && !place.lives(&phone).await);
    }
    let blocked = place.begin("1", None).await;
    place.change_head(&blocked, |head| head.blocked = true).await;
    assert!(matches!(place.sessions.begin(&place.arrival("1"), None).await, Err(BeginError::Blocked)));
}

#[tokio::test]
async fn a_last_seen_does_not_bring_a_session_back() {
    let place = place();
    let begun = place.begin("1", None).await;
    place.clock.forward(2 * HOUR);
    // A request that read the session before it ended, and writes after.
    let partition = begun.session.who.partition();
    let key = RecordKey::session(begun.session.id);
    let read = place.store.read(&partition, std::slice::from_ref(&key)).await.unwrap().pop().flatten().unwrap();
    place.sessions.end(&begun.session).await.unwrap();
    let put = Put { key: key.clone(), version: place.codec.version(), value: read.value, expires: None, due: None };
    let commit = Commit { guards: vec![Guard::Version(key, read.version)], puts: vec![put], deletes: vec![] };
    assert_eq!(place.store.commit(&partition, commit).await.unwrap(), Outcome::Conflict);
    assert!(!place.lives(&begun).await);
}

#[tokio::test]
async fn two_first_logins_at_once_make_one_account() {
    let place = Arc::new(place());
    let logins = (0..16).map(|_| {
        let place = Arc::clone(&place);
        tokio::spawn(async move { place.begin("1", None).await })
    });
    let begun: Vec<Begun> = futures_util::future::join_all(logins).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(begun.iter().filter(|begun| begun.first).count(), 1);
    for session in &begun {
        assert!(place.lives(session).await);
    }
}

/// A sign-out in one tab crosses a fresh login in another: what hung on the ended session must not live again.
#[tokio::test]
async fn a_login_does_not_bring_back_a_session_that_ended_meanwhile() {
    let place = place();
    let first = place.begin("1", None).await;
    let arrival = place.arrival("1");
    // The login has read the session; now it ends.
    place.sessions.end(&first.session).await.unwrap();
    let begun = place.sessions.try_begin(&arrival, Some(&first.session)).await.unwrap().unwrap();
    assert_ne!(begun.session.id, first.session.id);
    assert!(place.lives(&begun).await);
}
