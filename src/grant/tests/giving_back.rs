//! Revocation, the list for the person, and what is written down with each step.

use super::*;
use crate::{grant::Revoked, types::Claim};

impl Place {
    pub(super) async fn live(&self, token: &str) -> Option<Refreshable> {
        let (app, providers) = (our_app(), providers());
        self.grants.look(token, Asking { app: &app, providers: &providers }).await.unwrap()
    }
}

#[tokio::test]
async fn a_refresh_token_ends_its_grant_and_only_its_own_app_may() {
    let place = place().await;
    let (token, app) = (place.first("openid").await, our_app());
    let wiki = "wiki".parse().unwrap();
    assert_eq!(place.grants.revoke(&token, &wiki).await.unwrap(), Some(Revoked::OtherApp));
    assert!(place.live(&token).await.is_some());
    assert_eq!(place.grants.revoke("vst_r_nothing", &app.id).await.unwrap(), None);
    assert_eq!(place.grants.revoke(&token, &app.id).await.unwrap(), Some(Revoked::Done));
    assert!(place.live(&token).await.is_none() && place.all(Kind::Grant).await.is_empty());
    assert_eq!(place.grants.revoke(&token, &app.id).await.unwrap(), Some(Revoked::Done), "again");
}

#[tokio::test]
async fn an_access_token_ends_alone() {
    let place = place().await;
    let (app, providers) = (our_app(), providers());
    let asking = Asking { app: &app, providers: &providers };
    let live = place.live(&place.first("openid").await).await.unwrap().live;
    let ids = [1, 2].map(|n| RandomId::new([n; 16]).to_string());
    let locator = place.grants.hand_out(&live);
    let [one, other] = [0, 1].map(|n| Access { locator: &locator, id: &ids[n] });
    let find = async |access| place.grants.find(&place.grants.locate(access).unwrap(), asking).await;
    let until = place.clock.now().plus(minutes(5));
    assert_eq!(place.grants.deny(one, until, &"wiki".parse().unwrap()).await.unwrap(), Revoked::OtherApp);
    assert!(find(one).await.unwrap().is_some());
    assert_eq!(place.grants.deny(one, until, &app.id).await.unwrap(), Revoked::Done);
    assert!(find(one).await.unwrap().is_none());
    assert!(find(other).await.unwrap().is_some());
    // Whoever gives back more than anyone uses is done with the grant.
    for n in 3..90 {
        let id = RandomId::new([n; 16]).to_string();
        place.grants.deny(Access { locator: &locator, id: &id }, until, &app.id).await.unwrap();
    }
    assert!(find(other).await.unwrap().is_none());
}

#[tokio::test]
async fn the_person_sees_what_lives() {
    let place = place().await;
    assert_eq!(place.grants.list(&place.who).await.unwrap(), []);
    let Opened::Code(_pending) = place.open(&place.agreed().await).await else { panic!("no code") };
    assert_eq!(place.grants.list(&place.who).await.unwrap(), [], "a code is no grant yet");
    place.first("openid email").await;
    place.first("openid offline_access").await;
    let mut lines = place.grants.list(&place.who).await.unwrap();
    lines.sort_by_key(|line| line.offline);
    let [bound, offline] = lines.as_slice() else { panic!("{lines:?}") };
    assert_eq!((bound.session, offline.session), (Some(place.session), None));
    assert_eq!((bound.scope.to_string(), &bound.app), ("openid email".to_owned(), &our_app().id));
    assert!(bound.expires >= place.clock.now().plus(minutes(60)));
    place.write(vec![], vec![RecordKey::session(place.session)]).await;
    assert_eq!(place.grants.list(&place.who).await.unwrap(), std::slice::from_ref(offline));
    // What ended does not lie around; what lives, and a code that waits, is left alone.
    assert_eq!((place.grants.tidy(&place.who).await.unwrap(), place.all(Kind::Grant).await.len()), (1, 2));
    place.write(vec![], vec![RecordKey::consent(&our_app().id)]).await;
    assert_eq!(place.grants.list(&place.who).await.unwrap(), []);
    assert_eq!((place.grants.tidy(&place.who).await.unwrap(), place.all(Kind::Grant).await.len()), (1, 1));
}

#[tokio::test]
async fn what_was_decided_and_what_went_out_is_written_with_it() {
    let place = place().await;
    let Opened::Code(code) = place.open(&place.agreed().await).await else { panic!("no code") };
    let app = our_app();
    assert_eq!(place.history().await, [Deed::Agreed { app: app.id.clone() }]);
    let receipts = place.all(Kind::Receipt).await;
    let receipt = place.codec.open_receipt(&place.who, &receipts[0]).unwrap();
    assert_eq!(
        (receipts.len(), receipt.app, receipt.event),
        (1, app.id.clone(), crate::partition::ReceiptEvent::Given)
    );
    assert!(place.all(Kind::Served).await.is_empty(), "nothing went out yet");

    assert!(matches!(place.redeem(code.expose()).await, Redeemed::Granted { .. }));
    let served = place.all(Kind::Served).await;
    let served = place.codec.open_served(&place.who, &app.id, &served[0].stored).unwrap();
    assert_eq!(served.claims.keys().copied().collect::<Vec<_>>(), [Claim::Email, Claim::EmailVerified]);
    assert_eq!(served.sessions.keys().copied().collect::<Vec<_>>(), [place.session]);

    // Nothing new was decided.
    place.first("openid email").await;
    assert_eq!((place.history().await.len(), place.all(Kind::Receipt).await.len()), (1, 1));
    // A second use of the code is told to the person.
    place.clock.forward(Duration::from_millis(1));
    assert!(matches!(place.redeem(code.expose()).await, Redeemed::Replayed(id) if id == place.who.living.audit_id));
    assert_eq!(place.history().await.last(), Some(&Deed::Reused { app: app.id }));
}

/// Looking at UserInfo again and again is one note an hour, but what is new is noted at once.
#[tokio::test]
async fn what_is_shown_is_noted_when_it_is_news() {
    let place = place().await;
    let (app, token) = (our_app(), place.first("openid profile email offline_access").await);
    let version = async || place.all(Kind::Served).await[0].stored.version;
    let show = async |only: &[Claim]| {
        let live = place.live(&token).await.unwrap().live;
        let shown = live.known.filtered(|claim| only.contains(&claim));
        place.grants.shown(&live, &shown).await.unwrap();
        version().await
    };
    let first = version().await;
    assert_eq!(show(&[Claim::Email]).await, first);
    let second = show(&[Claim::Email, Claim::Picture]).await;
    assert_ne!(second, first, "a claim that never went out before");
    place.clock.forward(minutes(59));
    assert_eq!(show(&[Claim::Picture]).await, second);
    place.clock.forward(minutes(1));
    let token = place.first("openid").await;
    let live = place.live(&token).await.unwrap().live;
    place.write(vec![], vec![RecordKey::consent(&app.id)]).await;
    let before = version().await;
    place.clock.forward(minutes(60));
    place.grants.shown(&live, &live.known).await.unwrap();
    assert_eq!(version().await, before, "what ended meanwhile writes nothing");
}
