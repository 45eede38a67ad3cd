//! What is known of an access token counts while nothing of it has changed, and not a moment longer.

use super::*;
use crate::{partition::Stamp, types::Claim};

/// One access token, and whoever asks for what is behind it.
struct Held {
    place: Place,
    locator: String,
    id: String,
    app: App,
    providers: Vec<ProviderId>,
}

impl Held {
    async fn new() -> Self {
        let place = place().await;
        let live = place.granted().await;
        let (locator, id) = (place.grants.hand_out(&live), RandomId::new([1; 16]).to_string());
        Self { place, locator, id, app: our_app(), providers: providers() }
    }

    fn locate(&self) -> Located {
        self.place.grants.locate(Access { locator: &self.locator, id: &self.id }).unwrap()
    }

    async fn find(&self) -> Option<Live> {
        let asking = Asking { app: &self.app, providers: &self.providers };
        self.place.grants.find(&self.locate(), asking).await.unwrap()
    }
}

#[tokio::test]
async fn what_is_known_is_not_opened_again_and_says_the_same() {
    let held = Held::new().await;
    assert!(held.locate().known.is_none());
    let first = held.find().await.unwrap();
    assert!(held.locate().known.is_some());
    let second = held.find().await.unwrap();
    assert_eq!(format!("{second:?}"), format!("{first:?}"));
    // After their minutes it is forgotten.
    held.place.clock.forward(minutes(5));
    assert!(held.locate().known.is_some(), "asked for again");
    held.place.clock.forward(minutes(10));
    assert!(held.locate().known.is_none());
}

#[tokio::test]
async fn whatever_ends_it_ends_it_at_the_next_request() {
    for part in ["head", "grant", "consent", "session"] {
        let held = Held::new().await;
        let place = &held.place;
        assert!(held.find().await.is_some());
        let [grant] = &place.all(Kind::Grant).await[..] else { panic!("one grant") };
        let key = match part {
            "head" => RecordKey::head(),
            "grant" => grant.key.clone(),
            "consent" => RecordKey::consent(&held.app.id),
            _ => RecordKey::session(place.session),
        };
        place.write(vec![], vec![key]).await;
        assert!(held.find().await.is_none(), "{part}");
        assert!(held.find().await.is_none(), "{part}, again");
    }
}

#[tokio::test]
async fn a_new_stamp_a_block_and_a_denial_count_at_the_next_request() {
    for change in ["stamp", "block", "denied", "paused"] {
        let held = Held::new().await;
        let (place, app) = (&held.place, &held.app.id);
        assert!(held.find().await.is_some());
        let (mut head, _) = place.codec.read_head(&*place.store, place.who.home).await.unwrap().unwrap();
        match change {
            "stamp" => head.living.as_mut().unwrap().stamp = Stamp::generate(&SystemRandom),
            "block" => head.blocked = true,
            "denied" => {
                let access = Access { locator: &held.locator, id: &held.id };
                place.grants.deny(access, place.clock.now().plus(minutes(5)), app).await.unwrap();
            }
            _ => {
                let paused = Agreement { paused: true, ..place.agreed().await.agreement.unwrap() };
                let until = place.clock.now().plus(minutes(60));
                place.write(vec![place.codec.put_agreement(&place.who, app, &paused, until)], vec![]).await;
            }
        }
        place.write(vec![place.codec.put_head(place.who.home, &head)], vec![]).await;
        assert!(held.find().await.is_none(), "{change}");
    }
}

/// What was written down meanwhile is not written over.
#[tokio::test]
async fn what_an_app_was_given_is_as_new_as_the_store() {
    let held = Held::new().await;
    let show = async |claim: Claim| {
        let live = held.find().await.unwrap();
        let mut shown = Claims::default();
        shown.insert(claim, "x".into());
        held.place.grants.shown(&live, &shown).await.unwrap();
        held.place.all(Kind::Served).await.remove(0).stored
    };
    show(Claim::Picture).await;
    let second = show(Claim::Locale).await;
    assert_eq!(show(Claim::Picture).await.version, second.version, "nothing new");
    let served = held.place.codec.open_served(&held.place.who, &held.app.id, &second).unwrap();
    assert!([Claim::Picture, Claim::Locale].iter().all(|claim| served.claims.contains_key(claim)), "{served:?}");
}

/// The same token asked for by an app that it is not of, or while its app's rules keep the person out.
#[tokio::test]
async fn who_asks_is_looked_at_each_time() {
    let mut held = Held::new().await;
    assert!(held.find().await.is_some());
    held.providers.clear();
    assert!(held.find().await.is_none(), "no provider is welcome any more");
    held.providers = providers();
    assert!(held.find().await.is_some());
    held.app.id = "wiki".parse().unwrap();
    assert!(held.find().await.is_none(), "another app");
}
