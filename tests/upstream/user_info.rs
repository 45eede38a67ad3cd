//! AC-50, and UserInfo that speaks of somebody else.

use serde_json::{Value, json};
use vestibule::{
    config::{ProviderConfig, ProviderKind},
    types::{Claim, Claims},
};

use crate::{
    build,
    fake_op::{FakeOp, Fault, lying_user_info, odd_flags},
    invalid, sign_in,
};

/// The ID token without these claims, so that UserInfo is asked.
fn token_without(claims: &'static [&'static str]) -> Fault {
    Fault::id_token(move |draft| claims.iter().for_each(|claim| drop(draft.claims.remove(*claim))))
}

async fn claims(op: &FakeOp) -> Claims {
    sign_in(&build(&op.oidc()), op).await.unwrap().claims
}

#[tokio::test]
async fn user_info_completes_an_id_token_that_says_little() {
    let op = FakeOp::start();
    op.inject(&token_without(&["name", "email", "email_verified"]));
    let claims = claims(&op).await;
    assert_eq!(claims.text(Claim::Name), Some("Ada Lovelace"));
    assert_eq!(claims.get(Claim::EmailVerified), Some(&json!(true)));
    let asked = op.asked("/userinfo").remove(0);
    assert!(asked.headers["authorization"].starts_with("Bearer at-"));
    assert!(asked.query.is_empty(), "a token is in no address");
}

#[tokio::test]
async fn a_lying_user_info_ends_the_sign_in() {
    let op = FakeOp::start();
    for (case, fault) in lying_user_info() {
        op.inject(&token_without(&["name"]));
        op.also(&fault);
        let why = invalid(sign_in(&build(&op.oidc()), &op).await, case);
        assert!(why.contains("UserInfo"), "{case}: {why}");
        op.honest();
        assert!(sign_in(&build(&op.oidc()), &op).await.is_ok(), "{case}");
    }
}

#[tokio::test]
async fn only_the_boolean_true_verifies_an_address() {
    let op = FakeOp::start();
    for odd in odd_flags() {
        op.inject(&Fault::claim("email_verified", odd.clone()));
        let token = claims(&op).await;
        assert_ne!(token.get(Claim::EmailVerified), Some(&json!(true)), "{odd} in the ID token");
        assert_eq!(token.text(Claim::Email), Some("ada@example.org"));

        op.inject(&token_without(&["email", "email_verified"]));
        let said = odd.clone();
        op.also(&Fault::user_info(move |info| info["email_verified"] = said.clone()));
        assert_ne!(claims(&op).await.get(Claim::EmailVerified), Some(&json!(true)), "{odd} in UserInfo");
    }
}

#[tokio::test]
async fn a_flag_is_about_the_address_of_its_own_document() {
    let op = FakeOp::start();
    // The ID token verifies nothing, UserInfo verifies another address.
    op.inject(&token_without(&["name", "email_verified"]));
    op.also(&Fault::user_info(|info| info["email"] = json!("mallory@example.org")));
    let mixed = claims(&op).await;
    assert_eq!((mixed.text(Claim::Email), mixed.get(Claim::EmailVerified)), (Some("ada@example.org"), None));
    // The ID token verifies without an address, UserInfo has an address without a flag.
    op.inject(&token_without(&["email"]));
    op.also(&Fault::user_info(|info| info["email_verified"] = Value::Null));
    let mixed = claims(&op).await;
    assert_eq!((mixed.text(Claim::Email), mixed.get(Claim::EmailVerified)), (Some("ada@example.org"), None));
}

#[tokio::test]
async fn groups_come_where_the_configuration_names_their_claim() {
    let op = FakeOp::start();
    op.token_claims(json!({ "groups": ["ops"], "roles": ["admin"] }));
    assert_eq!(claims(&op).await.get(Claim::Groups), None);
    let mut section = op.oidc();
    section.groups_claim = Some("roles".into());
    let identity = sign_in(&build(&section), &op).await.unwrap();
    assert_eq!(identity.claims.get(Claim::Groups), Some(&json!(["admin"])));
}

/// GitLab lists groups and subgroups in UserInfo, unasked; its ID token knows the direct ones alone.
#[tokio::test]
async fn gitlab_lists_groups_in_user_info() {
    let op = FakeOp::start();
    op.token_claims(json!({ "groups_direct": ["acme"] }));
    op.inject(&Fault::user_info(|info| info["groups"] = json!(["acme", "acme/ops"])));
    let section = op.section(ProviderKind::Gitlab { issuer: op.base().to_owned() });
    let direct = ProviderConfig { groups_claim: Some("groups_direct".into()), ..section.clone() };
    for (section, expected) in [(&section, json!(["acme", "acme/ops"])), (&direct, json!(["acme"]))] {
        let identity = sign_in(&build(section), &op).await.unwrap();
        assert_eq!(identity.claims.get(Claim::Groups), Some(&expected));
    }
}
