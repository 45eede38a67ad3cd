//! The certification profiles of the OpenID Foundation, each check as a test of the name that its conformance suite
//! gives it, on what that suite sees of a provider: what it sends to the endpoints, and what comes back. What other
//! files of this folder test more closely is not repeated here.

mod back_channel;
mod basic;
mod config;
mod fapi2;
mod fapi2_requests;
mod form_post;
mod front_channel;
mod rp_initiated;
mod session_management;
mod whole;

use serde_json::Value;
use url::Url;

use crate::stage::{App, Browser, NOTES_CALLBACK, OnStore, Page, Stage, Tokens, param};

/// How answers travel: the Form Post OP profile is the Basic one with each answer in a form.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Query,
    FormPost,
}

/// A provider, a person's browser, and an app.
struct Suite {
    stage: Stage,
    browser: Browser,
    app: App,
    mode: Mode,
}

impl Suite {
    async fn start(mode: Mode, change: impl Fn(String) -> String + Send + Sync + 'static) -> Self {
        let stage = Stage::start_with(OnStore::Sqlite, change).await;
        let (browser, app) = (Browser::new(), App::of(&stage));
        Self { stage, browser, app, mode }
    }

    /// The address of a request, changed as asked.
    fn authorize(&self, request: &[(&str, &str)]) -> String {
        let form_post = [("response_mode", "form_post")];
        let mode = if self.mode == Mode::FormPost { &form_post[..] } else { &[] };
        self.stage.authorize(&[mode, request].concat())
    }

    /// What a request leads to, at once or by way of a login: the answer for the app.
    async fn sign_in(&self, request: &[(&str, &str)]) -> Url {
        self.sign_in_with(&self.browser, request).await
    }

    async fn sign_in_with(&self, browser: &Browser, request: &[(&str, &str)]) -> Url {
        let page = browser.open(&self.authorize(request)).await;
        self.answer_in(&if page.url.path() == "/login" { browser.choose(&page, "google").await } else { page })
    }

    /// A login with this request, to its tokens.
    async fn tokens(&self, request: &[(&str, &str)]) -> Tokens {
        self.app.tokens(&self.sign_in(request).await).await
    }

    /// Where a request leads at once, without a page of ours.
    async fn answer(&self, request: &[(&str, &str)]) -> Url {
        self.answer_in(&self.browser.get(&self.authorize(request)).await)
    }

    /// The answer for the app, written as an address whichever way it travels.
    fn answer_in(&self, page: &Page) -> Url {
        match self.mode {
            Mode::Query => page.location().unwrap_or_else(|| panic!("no answer, but {} {}", page.status, page.body)),
            Mode::FormPost => Url::parse_with_params(NOTES_CALLBACK, form_post::fields(page)).unwrap(),
        }
    }

    async fn error(&self, request: &[(&str, &str)]) -> Option<String> {
        param(&self.answer(request).await, "error")
    }

    async fn userinfo(&self, tokens: &Tokens) -> Value {
        self.app.userinfo(&tokens.access).await.json()
    }

    async fn is_signed_in(&self) -> bool {
        param(&self.answer(&[("prompt", "none")]).await, "code").is_some()
    }
}

/// That this looks as random as what nobody may guess has to (RFC 6749, section 10.10), by its Shannon entropy.
fn is_random(text: &str) {
    let often = |c: char| text.chars().filter(|other| *other == c).count() as f64;
    let bits: f64 = text.chars().map(|c| (text.chars().count() as f64 / often(c)).log2()).sum();
    assert!(bits > 128.0, "{bits} bits: {text}");
}

/// What discovery says.
async fn discovered(stage: &Stage) -> Value {
    let page = Browser::new().get(&format!("{}/.well-known/openid-configuration", stage.issuer)).await;
    assert_eq!((page.status.as_u16(), page.header("content-type")), (200, "application/json"));
    page.json()
}

/// That it says this of signing out, and names these endpoints.
async fn says(stage: &Stage, supported: &[&str], endpoints: &[&str]) {
    let document = discovered(stage).await;
    for name in supported {
        assert_eq!(document[*name], true, "{name}");
    }
    for name in ["end_session_endpoint"].iter().chain(endpoints) {
        let url = document[*name].as_str().unwrap_or_else(|| panic!("no {name}"));
        assert!(url.starts_with(&stage.issuer), "{name}: {url}");
        assert_eq!(Browser::new().open(url).await.status, 200, "{name}");
    }
}

/// The plans of the conformance suite, with the modules of each.
const PLANS: [(&str, &str, &[&str]); 7] = [
    (
        "oidcc-basic",
        include_str!("basic.rs"),
        &[
            "oidcc-server",
            "oidcc-response-type-missing",
            "oidcc-idtoken-signature",
            "oidcc-idtoken-unsigned",
            "oidcc-userinfo-get",
            "oidcc-userinfo-post-header",
            "oidcc-userinfo-post-body",
            "oidcc-ensure-request-without-nonce-succeeds-for-code-flow",
            "oidcc-scope-profile",
            "oidcc-scope-email",
            "oidcc-scope-address",
            "oidcc-scope-phone",
            "oidcc-scope-all",
            "oidcc-alternate-happy-flow",
            "oidcc-display-page",
            "oidcc-display-popup",
            "oidcc-prompt-login",
            "oidcc-prompt-none-not-logged-in",
            "oidcc-prompt-none-logged-in",
            "oidcc-max-age-1",
            "oidcc-max-age-10000",
            "oidcc-ensure-request-with-unknown-parameter-succeeds",
            "oidcc-id-token-hint",
            "oidcc-login-hint",
            "oidcc-ui-locales",
            "oidcc-claims-locales",
            "oidcc-ensure-request-with-acr-values-succeeds",
            "oidcc-codereuse",
            "oidcc-codereuse-30seconds",
            "oidcc-ensure-registered-redirect-uri",
            "oidcc-ensure-post-request-succeeds",
            "oidcc-server-client-secret-post",
            "oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported",
            "oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported",
            "oidcc-claims-essential",
            "oidcc-ensure-request-object-with-redirect-uri",
            "oidcc-refresh-token",
            "oidcc-ensure-request-with-valid-pkce-succeeds",
        ],
    ),
    ("oidcc-config", include_str!("config.rs"), &["oidcc-discovery-endpoint-verification"]),
    (
        "oidcc-rp-initiated-logout",
        include_str!("rp_initiated.rs"),
        &[
            "oidcc-rp-initiated-logout-discovery-endpoint-verification",
            "oidcc-rp-initiated-logout",
            "oidcc-rp-initiated-logout-bad-post-logout-redirect-uri",
            "oidcc-rp-initiated-logout-modified-id-token-hint",
            "oidcc-rp-initiated-logout-no-id-token-hint",
            "oidcc-rp-initiated-logout-no-params",
            "oidcc-rp-initiated-logout-no-post-logout-redirect-uri",
            "oidcc-rp-initiated-logout-no-state",
            "oidcc-rp-initiated-logout-only-state",
            "oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri",
            "oidcc-rp-initiated-logout-bad-id-token-hint",
        ],
    ),
    (
        "oidcc-frontchannel-rp-initiated-logout",
        include_str!("front_channel.rs"),
        &["oidcc-frontchannel-logout-discovery-endpoint-verification", "oidcc-frontchannel-rp-initiated-logout"],
    ),
    (
        "oidcc-backchannel-rp-initiated-logout",
        include_str!("back_channel.rs"),
        &["oidcc-backchannel-logout-discovery-endpoint-verification", "oidcc-backchannel-rp-initiated-logout"],
    ),
    (
        "oidcc-session-management",
        include_str!("session_management.rs"),
        &["oidcc-session-management-discovery-endpoint-verification", "oidcc-session-management-rp-initiated-logout"],
    ),
    // Each with `fapi2-security-profile-final-` before it.
    (
        "fapi2-security-profile-final",
        concat!(include_str!("fapi2.rs"), include_str!("fapi2_requests.rs")),
        &[
            "discovery-end-point-verification",
            "happy-flow",
            "ensure-authorization-request-without-state-success",
            "ensure-authorization-request-without-nonce-success",
            "ensure-authorization-request-with-64-char-nonce-success",
            "ensure-other-scope-order-succeeds",
            "test-claims-parameter-identity-claims",
            "access-token-type-header-case-sensitivity",
            "ensure-different-nonce-inside-and-outside-request-object",
            "ensure-different-state-inside-and-outside-request-object",
            "ensure-authorization-request-with-long-nonce",
            "ensure-authorization-request-with-long-state",
            "state-only-outside-request-object-not-used",
            "ensure-request-object-without-redirect-uri-fails",
            "user-rejects-authentication",
            "ensure-unsigned-authorization-request-without-using-par-fails",
            "ensure-registered-redirect-uri",
            "plain-fapi-tolerate-unregistered-redirect-uri",
            "ensure-redirect-uri-in-authorization-request",
            "ensure-response-type-code-idtoken-fails",
            "ensure-response-type-token-fails",
            "ensure-client-id-in-token-endpoint",
            "ensure-holder-of-key-required",
            "ensure-authorization-code-is-bound-to-client",
            "attempt-reuse-authorization-code-after-one-second",
            "ensure-token-endpoint-fails-with-expired-auth-code",
            "ensure-client-assertion-in-token-endpoint",
            "ensure-client-assertion-with-exp-is-5-minutes-in-past-fails",
            "ensure-client-assertion-with-wrong-aud-fails",
            "ensure-client-assertion-with-no-sub-fails",
            "ensure-invalid-client-assertions-fail",
            "par-ensure-jwt-client-assertions-nbf-8-seconds-in-the-future-is-accepted",
            "par-ensure-jwt-client-assertions-nbf-over-60-seconds-in-the-future-fails",
            "par-test-array-as-audience-fails",
            "par-test-par-endpoint-url-as-audience-fails",
            "par-test-token-endpoint-url-as-audience-fails",
            "ensure-dpopproof-with-iat-10seconds-before-succeeds",
            "ensure-dpopproof-with-iat-10seconds-after-succeeds",
            "check-dpop-proof-nbf-exp",
            "dpop-negative-tests",
            "ensure-token-endpoint-fails-with-mismatched-dpop-jkt",
            "ensure-dpop-auth-code-binding-success",
            "ensure-token-endpoint-fails-with-mismatched-dpop-proof-jkt",
            "ensure-dpopproof-at-par-endpoint-binding-success",
            "ensure-mismatched-dpop-jkt-fails",
            "refresh-token",
            "par-ensure-reused-request-uri-prior-to-auth-completion-succeeds",
            "par-attempt-reuse-request_uri",
            "par-attempt-to-use-expired-request_uri",
            "par-attempt-to-use-request_uri-for-different-client",
            "par-authorization-request-containing-request_uri-form-param",
            "par-attempt-invalid-http-method",
            "par-ensure-pkce-required",
            "par-plain-pkce-rejected",
            "ensure-pkce-code-verifier-required",
            "incorrect-pkce-code-verifier-rejected",
            "par-without-duplicate-parameters",
            "ensure-signed-client-assertion-with-RS256-fails",
        ],
    ),
];

/// No module is left out, and none is there twice.
#[test]
fn each_module_of_each_plan_is_a_test_of_its_name() {
    for (plan, tests, modules) in PLANS {
        for module in modules {
            let name = format!("{}(", module.replace('-', "_").to_lowercase());
            let found =
                tests.lines().filter(|line| line.trim_start().trim_start_matches("async fn ").starts_with(&name));
            assert_eq!(found.count(), 1, "{plan}: {module}");
        }
    }
}
