//! What went out is written down, whoever else writes at the same time.

use super::*;
use crate::{partition::Served, types::Claim};

impl Place {
    async fn served(&self, app: &AppId) -> Option<Served> {
        let read = self.store.read(&self.who.partition(), &[RecordKey::served(app)]).await.unwrap().pop().flatten();
        self.codec.open_served(&self.who, app, &read?)
    }

    async fn agreed_with(&self, app: &AppId) -> Agreed {
        let read = self.store.read(&self.who.partition(), &[RecordKey::consent(app)]).await.unwrap().pop().flatten();
        self.codec.agreed(&self.who, app, read.as_ref())
    }

    async fn named(&self, live: &Live, app: &AppId) -> bool {
        self.grants.named(live, app, &self.agreed_with(app).await).await.unwrap()
    }
}

fn wiki() -> AppId {
    "wiki".parse().unwrap()
}

fn only(claim: Claim) -> Claims {
    let mut claims = Claims::default();
    claims.insert(claim, "x".into());
    claims
}

/// Each of two that read the same state adds to what the other wrote.
#[tokio::test]
async fn what_two_give_at_once_is_all_written_down() {
    let place = place().await;
    let live = place.granted().await;
    for claim in [Claim::Picture, Claim::Locale, Claim::Zoneinfo] {
        place.grants.shown(&live, &only(claim)).await.unwrap();
    }
    let served = place.served(&live.app).await.unwrap();
    for claim in [Claim::Picture, Claim::Locale, Claim::Zoneinfo] {
        assert!(served.claims.contains_key(&claim), "{claim:?}");
    }
}

/// An app that is given a name for somebody stands there before it gets it, or gets nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_that_is_called_is_written_down_or_not_called() {
    let place = Arc::new(place().await);
    let live = place.granted().await;
    let lives: Vec<Live> =
        (0..16).map(|_| Live { session: RandomId::generate(&SystemRandom), ..live.clone() }).collect();
    let named = lives.iter().cloned().map(|live| {
        let place = place.clone();
        tokio::spawn(async move { place.named(&live, &wiki()).await })
    });
    let named: Vec<_> = futures_util::future::join_all(named).await.into_iter().map(Result::unwrap).collect();
    assert!(named.iter().all(|named| *named), "{named:?}");
    let served = place.served(&wiki()).await.unwrap();
    assert!(lives.iter().all(|live| served.sessions.contains_key(&live.session)), "{served:?}");
}

/// Whoever signed out, or decided about that app, in between, is not named to it.
#[tokio::test]
async fn what_ends_in_between_wins() {
    let place = place().await;
    let live = place.granted().await;
    let before = place.agreed_with(&wiki()).await;
    let agreement = Agreement { paused: true, ..live.agreement.clone() };
    let until = place.clock.now().plus(minutes(60));
    place.write(vec![place.codec.put_agreement(&place.who, &wiki(), &agreement, until)], vec![]).await;
    assert!(!place.grants.named(&live, &wiki(), &before).await.unwrap());
    place.write(vec![], vec![RecordKey::consent(&wiki()), RecordKey::session(place.session)]).await;
    assert!(!place.named(&live, &wiki()).await);
    assert_eq!(place.served(&wiki()).await, None);
}
