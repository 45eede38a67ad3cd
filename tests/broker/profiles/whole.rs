//! A person of whom everything is known, and apps that may see it all: what each scope gives then, and what the `claims`
//! parameter asks for one by one (OpenID Connect Core, sections 5.1, 5.4 and 5.5).

use std::collections::BTreeSet;

use serde_json::{Value, json};
use vestibule::types::Claim;

use super::{Mode, Suite};
use crate::{
    fake_op::{CLIENT_ID, CLIENT_SECRET, FakeOp},
    stage::{Tokens, jws_claims},
};

/// The way to the provider that knows it all.
pub const AT_HOME: (&str, &str) = ("provider", "home");

/// What each scope gives, as OpenID Connect Core, section 5.4, lists it.
const SCOPES: [(&str, &[&str]); 4] = [
    (
        "profile",
        &[
            "name",
            "given_name",
            "family_name",
            "middle_name",
            "nickname",
            "preferred_username",
            "profile",
            "picture",
            "website",
            "gender",
            "birthdate",
            "zoneinfo",
            "locale",
            "updated_at",
        ],
    ),
    ("email", &["email", "email_verified"]),
    ("address", &["address"]),
    ("phone", &["phone_number", "phone_number_verified"]),
];

/// All of them.
pub fn standard() -> BTreeSet<&'static str> {
    SCOPES.iter().flat_map(|(_, claims)| claims.iter().copied()).collect()
}

/// A provider that says all of it, and its section.
pub fn home() -> (FakeOp, String) {
    let op = FakeOp::start();
    op.person(person());
    let section = format!(
        "\n[providers.home]\nkind = \"oidc\"\nissuer = \"{}\"\nallow_loopback = true\nclient_id = \"{CLIENT_ID}\"\n\
         client_secret = \"{CLIENT_SECRET}\"\n",
        op.base()
    );
    (op, section)
}

/// What an app writes that needs all of it.
pub fn needs() -> String {
    let is_flag = |claim: &Claim| Claim::ALL.iter().any(|other| other.companion() == Some(*claim));
    let asked = Claim::ALL.into_iter().filter(|claim| !is_flag(claim) && *claim != Claim::Groups);
    asked.map(|claim| format!("claims.{} = {{ need = \"required\", why = \"To see.\" }}\n", claim.as_str())).collect()
}

fn person() -> Value {
    json!({
        "sub": "person-1", "name": "Ada King Lovelace", "given_name": "Ada", "family_name": "Lovelace", "middle_name": "King",
        "nickname": "Countess", "preferred_username": "ada", "profile": "https://home.test/ada",
        "picture": "https://home.test/ada.jpg", "website": "https://ada.test", "gender": "female",
        "birthdate": "1815-12-10", "zoneinfo": "Europe/London", "locale": "en-GB", "updated_at": 1_700_000_000,
        "email": "ada@home.test", "email_verified": true, "phone_number": "+44 20 7946 0000", "phone_number_verified": true,
        "address": {
            "formatted": "12 St James's Square\nLondon", "street_address": "12 St James's Square", "locality": "London",
            "region": "London", "postal_code": "SW1Y 4JH", "country": "United Kingdom",
        },
    })
}

/// `notes`, needing it all, at that provider.
async fn knowing() -> (FakeOp, Suite) {
    let (op, section) = home();
    let suite = Suite::start(Mode::Query, move |config| {
        let (before, after) = config.split_once("claims.email = ").unwrap();
        let (_, after) = after.split_once("\n\n").unwrap();
        format!("{before}{}\n{after}{section}", needs())
    })
    .await;
    (op, suite)
}

fn names(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).filter(|name| *name != "sub").collect()
}

/// Every claim of a scope, as it was said, and none of another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_scope_gives_all_that_it_is_for() {
    let (_op, suite) = knowing().await;
    let (said, all) = (person(), SCOPES.map(|(scope, _)| scope).join(" "));
    let asked = SCOPES.into_iter().map(|(scope, claims)| (scope, claims.iter().copied().collect()));
    for (scope, expected) in asked.chain([(all.as_str(), standard())]) {
        let tokens = suite.tokens(&[AT_HOME, ("scope", &format!("openid {scope}"))]).await;
        let info = suite.userinfo(&tokens).await;
        assert_eq!(names(&info), expected, "{scope}");
        for name in expected {
            assert_eq!(info[name], said[name], "{name}");
        }
        assert_eq!(info["sub"], jws_claims(&tokens.id)["sub"]);
    }
    suite.stage.stop().await;
}

/// A claim that is asked for at UserInfo is there, and not in the ID token; what nobody knows is ignored.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_essential_name_is_where_it_was_asked_for() {
    let (_op, suite) = knowing().await;
    let claims =
        json!({ "userinfo": { "name": { "essential": true }, "f81d4fae": { "value": "x" }, "1": null } }).to_string();
    let tokens = suite.tokens(&[AT_HOME, ("scope", "openid"), ("claims", &claims)]).await;
    assert_eq!(names(&suite.userinfo(&tokens).await), BTreeSet::from(["name"]));
    assert!(jws_claims(&tokens.id).get("name").is_none(), "not asked for there");
    let later = Tokens::of(&suite.app.refresh(&tokens.refresh, &[]).await);
    assert!(jws_claims(&later.id).get("name").is_none());
    suite.stage.stop().await;
}
