//! What happens between a decision and its commit.

use super::*;

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
        assert!(place.grants.activate(&found, &locator, None, asking, None).await.unwrap().is_none(), "{ended}");
        let (redirect, verifier) = (request().redirect, None);
        let again = Redemption {
            asking,
            code: code.expose(),
            redirect_uri: Some(redirect.as_str()),
            verifier,
            resources: &[],
            key: None,
        };
        let again = place.grants.redeem(again, async || Ok(true)).await.unwrap();
        assert!(matches!(again, Redeemed::Refused(Refusal::Unknown)), "{again:?}");
    }
}
