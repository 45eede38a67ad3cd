//! AC-52: many tenants behind one door, and addresses that an administrator typed ("nOAuth").

use std::sync::Arc;

use serde_json::{Value, json};
use vestibule::{
    config::ProviderKind,
    types::Claim,
    upstream::{Provider, UpstreamError},
};

use crate::{
    build,
    fake_op::{FakeOp, Fault, RSA, public_jwk},
    invalid, sign_in,
};

const CONTOSO: &str = "aaaabbbb-0000-cccc-1111-dddd2222eeee";
const FABRIKAM: &str = "bbbbcccc-1111-dddd-2222-eeee3333ffff";
const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";
const ADA: &str = "00000000-0000-0000-66f3-3332eca7ea81";
const ALAN: &str = "00000000-0000-0000-66f3-3332eca7ea83";

/// An authority of many tenants, with the placeholder in its discovery document.
fn authority(tenant: &str) -> (FakeOp, Arc<dyn Provider>) {
    let op = FakeOp::start();
    op.advertise_iss(false);
    let base = op.url();
    let kind = ProviderKind::Microsoft { tenant: tenant.into(), base: Some(base) };
    (op.clone(), build(&op.section(kind)))
}

fn template(op: &FakeOp) -> Fault {
    let issuer = format!("{}/{{tenantid}}/v2.0", op.base());
    Fault::discovery(move |document| document["issuer"] = json!(issuer))
}

/// Somebody of a tenant signs in; the token names the issuer of `issued_by`.
fn person(op: &FakeOp, tid: &str, oid: &str, issued_by: &str, more: Value) {
    op.person(json!({ "sub": format!("pairwise-{oid}"), "name": "Somebody", "email": "ada@contoso.example" }));
    let mut claims = json!({ "iss": format!("{}/{issued_by}/v2.0", op.base()), "tid": tid, "oid": oid, "ver": "2.0" });
    claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    op.token_claims(claims);
    op.inject(&template(op));
}

#[tokio::test]
async fn one_address_in_two_tenants_is_two_people() {
    let (op, provider) = authority("common");
    person(&op, CONTOSO, ADA, CONTOSO, json!({}));
    let ada = sign_in(&provider, &op).await.unwrap();
    person(&op, FABRIKAM, ALAN, FABRIKAM, json!({}));
    let alan = sign_in(&provider, &op).await.unwrap();
    assert_eq!(ada.claims.text(Claim::Email), alan.claims.text(Claim::Email));
    assert_ne!(ada.subject, alan.subject);
    assert_eq!(ada.subject.expose(), format!("{CONTOSO}.{ADA}"));
    for identity in [ada, alan] {
        assert_eq!(identity.claims.get(Claim::EmailVerified), Some(&json!(false)));
    }
    // The same object id in another tenant is another account, too.
    person(&op, FABRIKAM, ADA, FABRIKAM, json!({}));
    assert_eq!(sign_in(&provider, &op).await.unwrap().subject.expose(), format!("{FABRIKAM}.{ADA}"));
    let shouted = CONTOSO.to_uppercase();
    person(&op, &shouted, ADA, &shouted, json!({}));
    assert_eq!(sign_in(&provider, &op).await.unwrap().subject.expose(), format!("{CONTOSO}.{ADA}"));
}

#[tokio::test]
async fn a_tenant_vouches_for_itself_alone() {
    let (op, provider) = authority("common");
    for (case, tid, issued_by) in [
        ("iss of another tenant", FABRIKAM, CONTOSO),
        ("the placeholder itself", "{tenantid}", "{tenantid}"),
        ("a name instead of an id", "common", "common"),
        ("no tenant", "", CONTOSO),
        ("a path", "../evil", "../evil"),
    ] {
        person(&op, tid, ADA, issued_by, json!({}));
        let why = invalid(sign_in(&provider, &op).await, case);
        assert!(why.contains("iss"), "{case}: {why}");
    }
    for oid in ["", "not-a-guid", "00000000-0000-0000-66f3-3332eca7ea8"] {
        person(&op, CONTOSO, oid, CONTOSO, json!({}));
        invalid(sign_in(&provider, &op).await, oid);
    }
    person(&op, CONTOSO, ADA, CONTOSO, json!({}));
    assert!(sign_in(&provider, &op).await.is_ok());
}

#[tokio::test]
async fn a_key_may_be_for_one_issuer_alone() {
    for (keys_issuer, fits) in [("{tenantid}", true), (CONTOSO, true), (FABRIKAM, false)] {
        let (op, provider) = authority("common");
        person(&op, CONTOSO, ADA, CONTOSO, json!({}));
        let mut key = public_jwk(RSA);
        key["issuer"] = json!(format!("{}/{keys_issuer}/v2.0", op.base()));
        op.also(&Fault::jwks(move |set| set["keys"] = json!([key.clone()])));
        assert_eq!(sign_in(&provider, &op).await.is_ok(), fits, "{keys_issuer}");
    }
}

#[tokio::test]
async fn an_address_counts_where_its_domain_was_verified() {
    let (op, provider) = authority("common");
    for (edov, verified) in [
        (json!(true), true),
        (json!(1), true),
        (json!("1"), true),
        (json!("true"), true),
        (json!(false), false),
        (json!(0), false),
        (json!("0"), false),
        (json!(null), false),
        (json!([]), false),
        (json!({}), false),
    ] {
        person(&op, CONTOSO, ADA, CONTOSO, json!({ "xms_edov": edov, "email_verified": true }));
        let identity = sign_in(&provider, &op).await.unwrap();
        assert_eq!(identity.claims.get(Claim::EmailVerified), Some(&json!(verified)), "{edov}");
    }
}

#[tokio::test]
async fn the_configured_tenant_decides_who_comes_in() {
    for (tenant, tid, may) in [
        ("common", CONSUMERS, true),
        ("organizations", CONTOSO, true),
        ("organizations", CONSUMERS, false),
        ("consumers", CONSUMERS, true),
        ("consumers", CONTOSO, false),
        (CONTOSO, CONTOSO, true),
        (CONTOSO, FABRIKAM, false),
    ] {
        let (op, provider) = authority(tenant);
        person(&op, tid, ADA, tid, json!({}));
        let result = sign_in(&provider, &op).await.map(drop);
        let refused = Err(UpstreamError::NotAllowed("the account is of another tenant"));
        assert_eq!(result, if may { Ok(()) } else { refused }, "{tenant} {tid}");
    }
    // A domain is whatever tenant its own discovery document names.
    let (op, provider) = authority("contoso.example");
    let stated = |op: &FakeOp| {
        let issuer = format!("{}/{CONTOSO}/v2.0", op.base());
        Fault::discovery(move |document| document["issuer"] = json!(issuer))
    };
    person(&op, CONTOSO, ADA, CONTOSO, json!({}));
    op.inject(&stated(&op));
    assert!(sign_in(&provider, &op).await.is_ok());
    person(&op, FABRIKAM, ADA, FABRIKAM, json!({}));
    op.inject(&stated(&op));
    invalid(sign_in(&provider, &op).await, "another tenant than the domain's");
}
