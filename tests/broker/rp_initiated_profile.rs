//! The checks of the RP-Initiated Logout OP certification profile, each as a test of its name.

use crate::stage::{App, Browser, OnStore, Page, Stage, Tokens, param};

const BYE: (&str, &str) = ("post_logout_redirect_uri", "https://notes.test/bye");

/// A person who is signed in, and the app that knows it.
struct Suite {
    stage: Stage,
    browser: Browser,
    tokens: Tokens,
}

impl Suite {
    async fn start() -> Self {
        let stage = Stage::start(OnStore::Sqlite).await;
        let (browser, app) = (Browser::new(), App::of(&stage));
        let tokens = app.tokens(&browser.sign_in(&stage, &[], "google").await).await;
        Self { stage, browser, tokens }
    }

    fn hint(&self) -> (&str, &str) {
        ("id_token_hint", &self.tokens.id)
    }

    async fn logout(&self, query: &[(&str, &str)]) -> Page {
        let url = url::Url::parse_with_params(&format!("{}/logout", self.stage.issuer), query).unwrap();
        self.browser.get(url.as_str()).await
    }

    async fn is_signed_in(&self) -> bool {
        let page = self.browser.get(&self.stage.authorize(&[("prompt", "none")])).await;
        param(&page.location().unwrap(), "code").is_some()
    }

    /// Signed out at once, and sent there.
    async fn leads(&self, query: &[(&str, &str)], to: &str) {
        let page = self.logout(query).await;
        assert_eq!((page.status.as_u16(), page.header("location")), (303, to));
        assert!(!self.is_signed_in().await);
    }

    /// Nothing happens without the person, and nobody is sent anywhere.
    async fn stays(&self, query: &[(&str, &str)], status: u16) {
        let page = self.logout(query).await;
        assert_eq!((page.status.as_u16(), page.header("location")), (status, ""), "{}", page.body);
        assert!(self.is_signed_in().await);
    }
}

macro_rules! checks {
    ($($name:ident($suite:ident) $body:block)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            let $suite = Suite::start().await;
            $body
            $suite.stage.stop().await;
        }
    )*};
}

checks! {
    oidcc_rp_initiated_logout(suite) {
        suite.leads(&[suite.hint(), BYE, ("state", "s-1")], "https://notes.test/bye?state=s-1").await;
    }

    oidcc_rp_initiated_logout_no_state(suite) {
        suite.leads(&[suite.hint(), BYE], "https://notes.test/bye").await;
    }

    oidcc_rp_initiated_logout_no_post_logout_redirect_uri(suite) {
        suite.leads(&[suite.hint(), ("state", "s-1")], "/logout/done").await;
    }

    oidcc_rp_initiated_logout_bad_post_logout_redirect_uri(suite) {
        suite.leads(&[suite.hint(), ("post_logout_redirect_uri", "https://notes.test/bye/other")], "/logout/done").await;
    }

    oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri(suite) {
        suite.leads(&[suite.hint(), ("post_logout_redirect_uri", "https://notes.test/bye?foo=bar")], "/logout/done").await;
    }

    oidcc_rp_initiated_logout_no_params(suite) {
        suite.stays(&[], 200).await;
    }

    oidcc_rp_initiated_logout_only_state(suite) {
        suite.stays(&[("state", "s-1")], 200).await;
    }

    oidcc_rp_initiated_logout_no_id_token_hint(suite) {
        suite.stays(&[BYE, ("state", "s-1")], 200).await;
    }

    oidcc_rp_initiated_logout_bad_id_token_hint(suite) {
        suite.stays(&[("id_token_hint", "bad.id.hint"), BYE, ("state", "s-1")], 400).await;
    }

    oidcc_rp_initiated_logout_modified_id_token_hint(suite) {
        let (signed, signature) = suite.tokens.id.rsplit_once('.').unwrap();
        let first = if signature.starts_with('A') { 'B' } else { 'A' };
        let modified = format!("{signed}.{first}{}", &signature[1..]);
        suite.stays(&[("id_token_hint", &modified), BYE, ("state", "s-1")], 400).await;
    }
}
