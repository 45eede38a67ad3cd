//! RP-Initiated Logout OP.

use jsonwebtoken::{Algorithm, EncodingKey, Header};

use super::{Mode, Suite, says};
use crate::stage::{NOTES_SECRET, Page, Tokens, jws_claims};

const BYE: (&str, &str) = ("post_logout_redirect_uri", "https://notes.test/bye");

/// A person who is signed in, and the app that knows it.
struct SignedIn {
    suite: Suite,
    tokens: Tokens,
}

impl SignedIn {
    async fn start() -> Self {
        let suite = Suite::start(Mode::Query, |config| config).await;
        let tokens = suite.tokens(&[]).await;
        Self { suite, tokens }
    }

    fn hint(&self) -> (&str, &str) {
        ("id_token_hint", &self.tokens.id)
    }

    async fn logout(&self, query: &[(&str, &str)]) -> Page {
        let url = url::Url::parse_with_params(&format!("{}/logout", self.suite.stage.issuer), query).unwrap();
        self.suite.browser.get(url.as_str()).await
    }

    /// Signed out at once, and sent there.
    async fn leads(&self, query: &[(&str, &str)], to: &str) {
        let page = self.logout(query).await;
        assert_eq!((page.status.as_u16(), page.header("location")), (303, to));
        assert!(!self.suite.is_signed_in().await);
    }

    /// Nothing happens without the person, and nobody is sent anywhere.
    async fn stays(&self, query: &[(&str, &str)], status: u16) {
        let page = self.logout(query).await;
        assert_eq!((page.status.as_u16(), page.header("location")), (status, ""), "{}", page.body);
        assert!(self.suite.is_signed_in().await);
    }
}

macro_rules! checks {
    ($($name:ident($person:ident) $body:block)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            let $person = SignedIn::start().await;
            $body
            $person.suite.stage.stop().await;
        }
    )*};
}

checks! {
    oidcc_rp_initiated_logout_discovery_endpoint_verification(person) {
        says(&person.suite.stage, &[], &[]).await;
    }

    oidcc_rp_initiated_logout(person) {
        let state = "s".repeat(128);
        person.leads(&[person.hint(), BYE, ("state", &state)], &format!("https://notes.test/bye?state={state}")).await;
    }

    oidcc_rp_initiated_logout_no_state(person) {
        person.leads(&[person.hint(), BYE], "https://notes.test/bye").await;
    }

    oidcc_rp_initiated_logout_no_post_logout_redirect_uri(person) {
        person.leads(&[person.hint(), ("state", "s-1")], "/logout/done").await;
    }

    oidcc_rp_initiated_logout_bad_post_logout_redirect_uri(person) {
        person.leads(&[person.hint(), ("post_logout_redirect_uri", "https://notes.test/bye/other")], "/logout/done").await;
    }

    oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri(person) {
        person.leads(&[person.hint(), ("post_logout_redirect_uri", "https://notes.test/bye?foo=bar")], "/logout/done").await;
    }

    oidcc_rp_initiated_logout_no_params(person) {
        person.stays(&[], 200).await;
    }

    oidcc_rp_initiated_logout_only_state(person) {
        person.stays(&[("state", "s-1")], 200).await;
    }

    oidcc_rp_initiated_logout_no_id_token_hint(person) {
        person.stays(&[BYE, ("state", "s-1")], 200).await;
    }

    oidcc_rp_initiated_logout_bad_id_token_hint(person) {
        // Signed by the app itself, with the secret that it has: it proves as little as one by a key that has retired.
        let key = EncodingKey::from_secret(NOTES_SECRET.as_bytes());
        let own = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &jws_claims(&person.tokens.id), &key).unwrap();
        person.stays(&[("id_token_hint", "bad.id.hint"), BYE, ("state", "s-1")], 400).await;
        person.stays(&[("id_token_hint", &own), BYE, ("state", "s-1")], 200).await;
    }

    oidcc_rp_initiated_logout_modified_id_token_hint(person) {
        let (_, claims) = person.tokens.id.split_once('.').unwrap();
        let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", claims.split_once('.').unwrap().0);
        person.stays(&[("id_token_hint", &unsigned), BYE, ("state", "s-1")], 400).await;
        let (signed, signature) = person.tokens.id.rsplit_once('.').unwrap();
        let first = if signature.starts_with('A') { 'B' } else { 'A' };
        let modified = format!("{signed}.{first}{}", &signature[1..]);
        person.stays(&[("id_token_hint", &modified), BYE, ("state", "s-1")], 400).await;
    }
}
