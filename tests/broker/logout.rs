//! RP-Initiated Logout 1.0, as far as a plain `/logout` goes.

use crate::{
    on_both_stores,
    stage::{App, Browser, Stage, param},
};

async fn is_signed_in(stage: &Stage, browser: &Browser) -> bool {
    let page = browser.get(&stage.authorize(&[("prompt", "none")])).await;
    param(&page.location().unwrap(), "code").is_some()
}

on_both_stores! {
    /// A hint of this session signs out at once and leads back, only to what is registered (AC-09).
    async fn a_hint_signs_out_at_once(stage: Stage) {
        let (browser, app) = (Browser::new(), App::of(&stage));
        for (back, state, lands) in [
            ("https://notes.test/bye", "s", "https://notes.test/bye?state=s"),
            ("https://notes.test/bye", "", "https://notes.test/bye"),
            ("https://notes.test/bye?x=1", "", "/logout/done"),
            ("https://wiki.test/bye", "", "/logout/done"),
            ("https://evil.test/", "", "/logout/done"),
        ] {
            let tokens = app.tokens(&browser.sign_in(&stage, &[], "google").await).await;
            let before = browser.cookie(&stage.issuer, "vst_session").unwrap();
            let mut query = vec![("id_token_hint", tokens.id.as_str()), ("post_logout_redirect_uri", back)];
            query.extend((!state.is_empty()).then_some(("state", state)));
            let url = url::Url::parse_with_params(&format!("{}/logout", stage.issuer), query).unwrap();
            let page = browser.get(url.as_str()).await;
            assert_eq!((page.status.as_u16(), page.header("location")), (303, lands));
            assert!(!is_signed_in(&stage, &browser).await);
            let thief = Browser::new();
            thief.set_cookie(&stage.issuer, "vst_session", &before);
            assert!(!is_signed_in(&stage, &thief).await, "the cookie opens nothing any more");
        }
        stage.stop().await;
    }

    /// Without a valid hint the person is asked; both answers work.
    async fn without_a_hint_the_person_is_asked(stage: Stage) {
        let (browser, other) = (Browser::new(), Browser::new());
        let foreign = App::of(&stage).tokens(&other.sign_in(&stage, &[], "google").await).await;
        browser.sign_in(&stage, &[], "google").await;
        for query in [String::new(), "?client_id=notes".into(), format!("?id_token_hint={}", foreign.id)] {
            let page = browser.get(&format!("{}/logout{query}", stage.issuer)).await;
            assert_eq!(page.status, 200, "{query}");
            assert!(is_signed_in(&stage, &browser).await);
        }
        let bad = browser.get(&format!("{}/logout?id_token_hint=a.b.c", stage.issuer)).await;
        assert_eq!(bad.status, 400);

        let page = browser.get(&format!("{}/logout?client_id=notes&post_logout_redirect_uri=https://notes.test/bye", stage.issuer)).await;
        assert_eq!(page.attrs("main form button[name=answer]", "value"), ["yes", "no"]);
        let action = page.url.join(&page.attrs("main form", "action")[0]).unwrap();
        let fields = page.hidden_fields();
        let answer = |yes: &'static str| fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).chain([("answer", yes)]).collect::<Vec<_>>();
        assert_eq!(browser.post(action.as_str(), &answer("no"), &[]).await.status, 303);
        assert!(is_signed_in(&stage, &browser).await);
        let forged = browser.post(action.as_str(), &[("answer", "yes")], &[]).await;
        assert_eq!(forged.status, 403);
        assert!(is_signed_in(&stage, &browser).await);
        let done = browser.post(action.as_str(), &answer("yes"), &[]).await;
        assert_eq!((done.status.as_u16(), done.header("location")), (303, "https://notes.test/bye"));
        assert!(!is_signed_in(&stage, &browser).await);
        stage.stop().await;
    }
}
