//! A provider that lies: no session, no cookie and no code is left behind, and an honest sign-in right after works.

use crate::{
    fake_op::{CLIENT_ID, CLIENT_SECRET, FakeOp, Fault, lying_user_info, wrong_id_tokens, wrong_signatures},
    stage::{App, Browser, OnStore, Stage, param},
};

/// A stage with one provider more: `home`, which is `op`.
async fn stage_with(op: &FakeOp, on: OnStore) -> Stage {
    let section = format!(
        "\n[providers.home]\nkind = \"oidc\"\nissuer = \"{}\"\nallow_loopback = true\nclient_id = \"{CLIENT_ID}\"\n\
         client_secret = \"{CLIENT_SECRET}\"\n",
        op.base()
    );
    Stage::start_with(on, move |config| config + &section).await
}

const AT_HOME: [(&str, &str); 1] = [("provider", "home")];

/// Each fault, beside one that opens the way for it, is refused in a browser of its own, which then signs in honestly.
async fn refused(stage: &Stage, op: &FakeOp, way: Option<&Fault>, faults: Vec<(&'static str, Fault)>) {
    for (case, fault) in faults {
        let browser = Browser::new();
        op.honest();
        way.into_iter().chain([&fault]).for_each(|fault| op.also(fault));
        let page = browser.open(&stage.authorize(&AT_HOME)).await;
        assert_eq!((page.status.as_u16(), page.header("location")), (502, ""), "{case}: {}", page.body);
        let left: Vec<String> = browser.cookies(&stage.issuer).into_keys().collect();
        assert!(left.iter().all(|name| name.starts_with("vst_a_")), "{case}: {left:?}");
        let silent = browser.get(&stage.authorize(&[("prompt", "none")])).await.location().unwrap();
        assert_eq!(param(&silent, "error").as_deref(), Some("login_required"), "{case}");
        op.honest();
        let answer = browser.open(&stage.authorize(&AT_HOME)).await.location();
        assert!(answer.is_some_and(|url| param(&url, "code").is_some()), "{case}: an honest sign-in right after");
    }
}

async fn wrong_tokens(on: OnStore) {
    let op = FakeOp::start();
    let stage = stage_with(&op, on).await;
    refused(&stage, &op, None, wrong_id_tokens()).await;
    refused(&stage, &op, None, wrong_signatures()).await;
    stage.stop().await;
}

async fn lying_userinfo(on: OnStore) {
    let op = FakeOp::start();
    let stage = stage_with(&op, on).await;
    // The ID token says less than was asked for, so UserInfo is asked.
    let says_little = Fault::id_token(|draft| drop(draft.claims.remove("name")));
    refused(&stage, &op, Some(&says_little), lying_user_info()).await;
    stage.stop().await;
}

/// A token of another app, injected between Facebook and us (RFC 9700, section 4.6).
async fn foreign_facebook_token(on: OnStore) {
    let stage = Stage::start(on).await;
    let browser = Browser::new();
    stage.facebook.fault(vestibule::demo::simulators::Fault::ForeignApp);
    let login = browser.open(&stage.authorize(&[])).await;
    let page = browser.choose(&login, "facebook").await;
    assert_eq!(page.status, 502, "{}", page.body);
    assert!(browser.cookie(&stage.issuer, "vst_session").is_none());
    stage.facebook.clear();
    stage.facebook.answer_with("ada");
    App::of(&stage).tokens(&browser.sign_in(&stage, &[], "facebook").await).await;
    stage.stop().await;
}

macro_rules! on_each_store {
    ($($case:ident),*) => {$(
        mod $case {
            use crate::stage::OnStore;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                super::$case(OnStore::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_redis() {
                super::$case(OnStore::Redis).await;
            }
        }
    )*};
}

on_each_store!(wrong_tokens, lying_userinfo, foreign_facebook_token);
