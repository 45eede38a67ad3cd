//! Whole accounts, by the services alone: linking, unlinking, blocking, deleting, signing out, on a clock that is set.

use std::{sync::Arc, time::Duration};

use tempfile::TempDir;

use vestibule::{
    accounts::{Accounts, Deleted, Linked, Unlinked},
    config::StoreUrl,
    flow::Learned,
    partition::{By, Chronicle, Codec, Deed, HeadIdentity, Origin, StatusCode, Told},
    seal::{Pseudonyms, Sealer},
    session::{Arrival, BeginError, Begun, Lifetimes, Sessions},
    store::{self, Backend, Commit, Cursor, Entry, Guard, Kind, Outcome, Partition, Put},
    types::{Claims, Clock, Secret32, SetClock, SystemRandom},
};

struct Place {
    accounts: Accounts,
    sessions: Sessions,
    codec: Codec,
    clock: Arc<SetClock>,
    store: Arc<dyn Backend>,
    _folder: TempDir,
}

fn place() -> Place {
    let (folder, clock) = (tempfile::tempdir().unwrap(), Arc::new(SetClock::default()));
    let store = store::open(&StoreUrl::Sqlite(folder.path().join("v.db")), clock.clone()).unwrap();
    let sealer = Sealer::new(Secret32::new([1; 32]), vec![], Arc::new(SystemRandom));
    let codec = Codec::new(Arc::new(sealer), Arc::new(Pseudonyms::new(&Secret32::new([2; 32]))));
    let chronicle = Chronicle::new(codec.clone(), clock.clone(), Duration::from_secs(90 * 24 * 3600));
    let hour = Duration::from_secs(3600);
    let lives = Lifetimes { idle: 12 * hour, absolute: 7 * 24 * hour };
    let sessions = Sessions::new(store.clone(), codec.clone(), clock.clone(), chronicle.clone(), lives);
    let accounts = Accounts::new(store.clone(), codec.clone(), clock.clone(), chronicle);
    Place { accounts, sessions, codec, clock, store, _folder: folder }
}

impl Place {
    fn way(&self, provider: &str) -> HeadIdentity {
        let identity = self.codec.pseudonyms().identity(provider, "1");
        HeadIdentity { provider: provider.parse().unwrap(), identity }
    }

    async fn try_sign_in(&self, provider: &str) -> Result<Begun, BeginError> {
        let HeadIdentity { provider, identity } = self.way(provider);
        let auth_time = self.clock.now();
        self.sessions
            .begin(
                &Arrival {
                    provider,
                    identity,
                    known: Claims::default(),
                    learned: Learned::default(),
                    auth_time,
                    device: None,
                },
                None,
            )
            .await
    }

    async fn sign_in(&self, provider: &str) -> Begun {
        self.try_sign_in(provider).await.unwrap()
    }

    async fn lives(&self, begun: &Begun) -> bool {
        self.sessions.find(begun.cookie.expose()).await.unwrap().is_some()
    }

    /// The records of a kind, as they are now.
    async fn records(&self, kind: Kind) -> Vec<Entry> {
        let (page, more) = self.store.scan(&Cursor::default(), 1000).await.unwrap();
        assert!(more.is_none());
        page.into_iter().filter(|entry| entry.key.kind() == Some(kind)).collect()
    }

    /// Puts records back that are gone, as a crash or a write that crosses leaves them.
    async fn put_back(&self, entries: Vec<Entry>) {
        for Entry { partition, key, stored } in entries {
            let (version, value, expires) = (stored.version, stored.value, stored.expires);
            let put = Put { key: key.clone(), version, value, expires, due: None };
            let commit = Commit { guards: vec![Guard::Absent(key)], puts: vec![put], deletes: vec![] };
            assert_eq!(self.store.commit(&partition, commit).await.unwrap(), Outcome::Committed);
        }
    }

    async fn delete(&self, begun: &Begun) -> StatusCode {
        let code = StatusCode::generate(&SystemRandom);
        let deleted = self.accounts.delete(&begun.session.who, Origin::Person, &code).await.unwrap();
        assert_eq!(deleted, Deleted::Done);
        code
    }
}

#[tokio::test]
async fn a_linked_way_opens_the_same_account_and_an_unlinked_one_begins_another() {
    let place = place();
    let first = place.sign_in("google").await;
    let account = first.session.who.account;
    assert!(matches!(place.accounts.link(&first.session.who, place.way("github")).await.unwrap(), Linked::Done));
    assert!(matches!(place.accounts.link(&first.session.who, place.way("github")).await.unwrap(), Linked::AlreadyHere));
    let second = place.sign_in("github").await;
    assert_eq!(second.session.who.account, account);

    let who = &second.session.who;
    let unlinked = place.accounts.unlink(who, place.way("github").identity).await.unwrap();
    assert!(matches!(unlinked, Unlinked::Done));
    assert_ne!(place.sign_in("github").await.session.who.account, account);
    assert_eq!(place.sign_in("google").await.session.who.account, account, "what apps call the person stays");
    let last = place.accounts.unlink(who, place.way("google").identity).await.unwrap();
    assert!(matches!(last, Unlinked::LastWay));
}

#[tokio::test]
async fn the_way_that_began_an_account_may_leave_it() {
    let place = place();
    let first = place.sign_in("google").await;
    let account = first.session.who.account;
    place.accounts.link(&first.session.who, place.way("github")).await.unwrap();
    let unlinked = place.accounts.unlink(&first.session.who, place.way("google").identity).await.unwrap();
    assert!(matches!(unlinked, Unlinked::Done));
    assert_eq!(place.sign_in("github").await.session.who.account, account);
    let alone = place.sign_in("google").await.session.who.account;
    assert_ne!(alone, account);
    assert_eq!(place.sign_in("google").await.session.who.account, alone, "and stays the same one");
}

/// Whoever took a way out of their account is safe from whoever holds it then, wherever that person links it and
/// however they part with it again.
#[tokio::test]
async fn a_way_that_left_never_finds_back() {
    for deletes in [false, true] {
        let place = place();
        let first = place.sign_in("google").await;
        let account = first.session.who.account;
        place.accounts.link(&first.session.who, place.way("github")).await.unwrap();
        place.accounts.unlink(&first.session.who, place.way("google").identity).await.unwrap();
        let other = place.sign_in("home").await;
        let linked = place.accounts.link(&other.session.who, place.way("google")).await.unwrap();
        assert!(matches!(linked, Linked::Done));
        assert_eq!(place.sign_in("google").await.session.who.account, other.session.who.account);
        place.accounts.block(place.way("home").identity).await.unwrap();
        assert_eq!(place.sign_in("github").await.session.who.account, account, "another's block is another's");
        place.accounts.unblock(place.way("home").identity).await.unwrap();
        if deletes {
            place.delete(&place.sign_in("home").await).await;
        } else {
            place.accounts.unlink(&other.session.who, place.way("google").identity).await.unwrap();
        }
        let alone = place.sign_in("google").await.session.who.account;
        assert!(alone != account && alone != other.session.who.account, "deletes: {deletes}");
        assert_eq!(place.sign_in("google").await.session.who.account, alone);
        assert_eq!(place.sign_in("github").await.session.who.account, account);
    }
}

/// AC-54: what somebody else began is not taken over.
#[tokio::test]
async fn an_identity_with_an_account_of_its_own_is_not_linked() {
    let place = place();
    let (first, other) = (place.sign_in("google").await, place.sign_in("github").await);
    let linked = place.accounts.link(&first.session.who, place.way("github")).await.unwrap();
    assert!(matches!(linked, Linked::Elsewhere));
    assert_eq!(place.sign_in("github").await.session.who.account, other.session.who.account);
}

#[tokio::test]
async fn a_deletion_takes_everything_at_once_and_leaves_an_epoch() {
    let place = place();
    let first = place.sign_in("google").await;
    place.accounts.link(&first.session.who, place.way("github")).await.unwrap();
    let code = place.delete(&first).await;
    assert!(!place.lives(&first).await);
    let home = first.session.who.home;
    assert!(place.accounts.sweep(home).await.unwrap() > 0);
    assert_eq!(place.accounts.sweep(home).await.unwrap(), 0);
    let (page, more) = place.store.scan(&Cursor::default(), 1000).await.unwrap();
    assert!(more.is_none());
    let left: Vec<_> = page.iter().filter(|entry| entry.partition == Partition::home(home)).collect();
    let kinds: Vec<_> = left.iter().filter_map(|entry| entry.key.kind()).collect();
    assert!(kinds.iter().all(|kind| matches!(kind, Kind::Head | Kind::Intent)), "{kinds:?}");
    let aliases = page.iter().filter(|entry| entry.key.kind() == Some(Kind::Identity)).count();
    assert_eq!(aliases, 0, "nothing says which pseudonyms were one person");

    let status = place.accounts.status(&code).await.unwrap().unwrap();
    assert!(!status.nobody && status.apps.values().all(|told| *told == Told::Waiting));
    assert!(place.accounts.status(&StatusCode::generate(&SystemRandom)).await.unwrap().is_none());

    let again = place.sign_in("google").await;
    assert!(again.first);
    assert_ne!(again.session.who.account, first.session.who.account, "coming back makes a new person");
    assert_ne!(place.sign_in("github").await.session.who.account, first.session.who.account);
    assert_eq!(place.accounts.sweep(home).await.unwrap(), 0, "nothing of the present life is swept");
    assert!(place.lives(&again).await);
}

/// A link whose account is gone is void, though a crash left its alias behind: it opens nothing of the life that follows,
/// and shuts nobody out.
#[tokio::test]
async fn a_void_link_opens_an_account_of_its_own() {
    let place = place();
    let first = place.sign_in("google").await;
    place.accounts.link(&first.session.who, place.way("github")).await.unwrap();
    let aliases = place.records(Kind::Identity).await;
    assert_eq!(aliases.len(), 1);
    place.delete(&first).await;
    place.put_back(aliases).await;
    let again = place.sign_in("google").await.session.who.account;
    let own = place.sign_in("github").await.session.who.account;
    assert!(own != again && own != first.session.who.account);
    assert_eq!(place.sign_in("github").await.session.who.account, own);
}

/// A session that is written at the very moment of a sign-out everywhere does not bring itself back.
#[tokio::test]
async fn what_crosses_a_sign_out_everywhere_stays_out() {
    let place = place();
    let begun = place.sign_in("google").await;
    let sessions = place.records(Kind::Session).await;
    place.sessions.end_all(&begun.session.who, By::User).await.unwrap();
    place.put_back(sessions).await;
    assert!(!place.lives(&begun).await);
    assert!(place.lives(&place.sign_in("google").await).await);
}

/// What does not fit on a page, or into one commit, is read and taken away all the same.
#[tokio::test]
async fn a_long_life_is_read_whole_and_leaves_nothing() {
    const LINES: usize = 450;
    let place = place();
    let begun = place.sign_in("google").await;
    let who = &begun.session.who;
    for _ in 0..LINES {
        place.accounts.note(who, Deed::Exported).await.unwrap();
    }
    let history = place.accounts.history(who).await.unwrap();
    assert_eq!(history.iter().filter(|line| line.deed == Deed::Exported).count(), LINES);
    place.delete(&begun).await;
    assert!(place.accounts.sweep(who.home).await.unwrap() >= LINES);
    assert_eq!(place.records(Kind::History).await.len(), 0);
    assert_eq!(place.accounts.sweep(who.home).await.unwrap(), 0);
}

/// AC-56: blocked stays blocked on every path.
#[tokio::test]
async fn a_block_shuts_every_way_and_outlives_a_deletion() {
    let place = place();
    let first = place.sign_in("google").await;
    place.accounts.link(&first.session.who, place.way("github")).await.unwrap();
    place.accounts.block(place.way("github").identity).await.unwrap();
    assert!(!place.lives(&first).await);
    for provider in ["google", "github"] {
        assert!(matches!(place.try_sign_in(provider).await, Err(BeginError::Blocked)), "{provider}");
    }
    place.delete(&first).await;
    for provider in ["google", "github"] {
        assert!(matches!(place.try_sign_in(provider).await, Err(BeginError::Blocked)), "{provider} after a deletion");
    }
    place.accounts.unblock(place.way("google").identity).await.unwrap();
    place.sign_in("google").await;
}

#[tokio::test]
async fn an_unblocked_person_signs_in_anew() {
    let place = place();
    let first = place.sign_in("google").await;
    place.accounts.block(place.way("google").identity).await.unwrap();
    place.accounts.unblock(place.way("google").identity).await.unwrap();
    assert!(!place.lives(&first).await, "sessions do not come back");
    assert_eq!(place.sign_in("google").await.session.who.account, first.session.who.account);
}

#[tokio::test]
async fn a_lock_shuts_one_way_only() {
    let place = place();
    let first = place.sign_in("google").await;
    place.accounts.link(&first.session.who, place.way("github")).await.unwrap();
    place.accounts.lock(place.way("google").identity, true).await.unwrap();
    assert!(matches!(place.try_sign_in("google").await, Err(BeginError::Locked)));
    assert_eq!(place.sign_in("github").await.session.who.account, first.session.who.account);
    place.accounts.lock(place.way("google").identity, false).await.unwrap();
    assert_eq!(place.sign_in("google").await.session.who.account, first.session.who.account);
}

#[tokio::test]
async fn signing_out_here_there_and_everywhere() {
    let place = place();
    let [a, b, c] = [place.sign_in("google").await, place.sign_in("google").await, place.sign_in("google").await];
    assert_eq!(place.sessions.list(&a.session.who).await.unwrap().len(), 3);
    assert!(place.sessions.end_one(&a.session.who, b.session.id, By::User).await.unwrap());
    assert!(!place.lives(&b).await && place.lives(&c).await);
    assert_eq!(place.sessions.end_others(&a.session).await.unwrap(), 1);
    assert!(place.lives(&a).await && !place.lives(&c).await);
    place.sessions.end_all(&a.session.who, By::User).await.unwrap();
    assert!(!place.lives(&a).await);
    let history = place.accounts.history(&place.sign_in("google").await.session.who).await.unwrap();
    assert!(history.iter().any(|line| line.deed == Deed::SignedOutEverywhere));
}
