//! Many people behind the gate, from a stand-in for GitLab: nobody is told of another, and of groups only what rules
//! name is known.

use futures_util::StreamExt;
use serde_json::json;

use super::{FILES, Visitor, gated, visitor::text};
use crate::{
    fake_op::{CLIENT_ID, CLIENT_SECRET, FakeOp, Fault},
    on_both_stores,
    stage::{OnStore, Page, Stage, jws_claims},
};

const PEOPLE: usize = 20;
const CHECKS: usize = 5_000;

/// A stage with GitLab as another provider, and an app for one of its groups.
async fn stage_with(op: &FakeOp, on: OnStore, recheck: &str) -> Stage {
    let more = format!(
        r#"
[gate]
recheck = "{recheck}"
[providers.lab]
kind = "gitlab"
name = "Lab"
issuer = "{}"
allow_loopback = true
client_id = "{CLIENT_ID}"
client_secret = "{CLIENT_SECRET}"
[apps.deploy]
name = "Deploy"
gate = "https://deploy.test"
consent = "implicit"
access = [{{ groups = ["lab:acme/ops"] }}]
claims.groups = {{ need = "required", why = "To show your team." }}
"#,
        op.base()
    );
    Stage::start_with(on, move |config| gated(config) + &more).await
}

/// Somebody of whom GitLab says this, signed in at an app.
async fn signed_in<'a>(stage: &'a Stage, op: &FakeOp, person: serde_json::Value, host: &str) -> (Visitor<'a>, Page) {
    op.person(person);
    let visitor = Visitor::new(stage);
    let back = visitor.sign_in(&visitor.navigate(host, "/").await, "lab").await;
    (visitor, back)
}

/// Twenty people, five thousand checks, many at a time: each answer speaks of who asked, in headers and in the JWT.
async fn nobody_is_told_of_another(on: OnStore, recheck: &str) {
    let op = FakeOp::start();
    let stage = stage_with(&op, on, recheck).await;
    let mut people = Vec::new();
    for n in 0..PEOPLE {
        let email = format!("person-{n}@example.com");
        let person =
            json!({ "sub": n.to_string(), "name": format!("Person {n}"), "email": email, "email_verified": true });
        let (visitor, back) = signed_in(&stage, &op, person, FILES).await;
        assert_eq!(back.header("location"), format!("https://{FILES}/"), "{}", back.body);
        let user = text(&visitor.navigate(FILES, "/").await, "remote-user");
        assert!(!user.is_empty() && people.iter().all(|(_, other, _)| *other != user), "twenty people, twenty names");
        people.push((visitor, user, email));
    }
    let check = |n: usize| {
        let (visitor, user, email) = &people[(n * 7) % PEOPLE];
        async move {
            let page = visitor.forward_auth("GET", FILES, &format!("/{n}"), &[]).await;
            assert_eq!(page.status, 200);
            assert_eq!((&text(&page, "remote-user"), &text(&page, "remote-email")), (user, email));
            let jwt = jws_claims(&text(&page, "x-vestibule-jwt"));
            assert_eq!((jwt["sub"].as_str(), jwt["email"].as_str()), (Some(user.as_str()), Some(email.as_str())));
        }
    };
    let answered = futures_util::stream::iter(0..CHECKS).map(check).buffer_unordered(64).count().await;
    assert_eq!(answered, CHECKS);
    stage.stop().await;
}

on_both_stores! {
    /// With the store asked each time.
    async fn checks_at_once_are_never_mixed(on: OnStore) {
        nobody_is_told_of_another(on, "0s").await;
    }

    /// With answers from memory.
    async fn checks_from_memory_are_never_mixed(on: OnStore) {
        nobody_is_told_of_another(on, "5s").await;
    }

    /// A group of GitLab opens what a rule opens to it; of the others nothing is kept.
    async fn groups_of_gitlab_decide_and_only_those_that_rules_name_are_known(on: OnStore) {
        let op = FakeOp::start();
        let stage = stage_with(&op, on, "0s").await;
        let in_groups = |groups: serde_json::Value| Fault::user_info(move |info| info["groups"] = groups.clone());
        let person = |sub: &str| json!({ "sub": sub, "name": "Ada", "email": "ada@example.com", "email_verified": true });
        op.inject(&in_groups(json!(["acme", "acme/ops", "acme/secret-project"])));
        let (ada, back) = signed_in(&stage, &op, person("1"), "deploy.test").await;
        assert_eq!(back.header("location"), "https://deploy.test/", "{}", back.body);
        let page = ada.navigate("deploy.test", "/").await;
        assert_eq!((page.status.as_u16(), text(&page, "remote-groups")), (200, "acme/ops".into()));
        assert_eq!(jws_claims(&text(&page, "x-vestibule-jwt"))["groups"], json!(["acme/ops"]));

        for groups in [json!(["acme"]), json!(["acme/ops/sub"]), json!(["ACME/ops"]), json!("acme/ops"), json!({}), json!([["acme/ops"]])] {
            op.inject(&in_groups(groups.clone()));
            let (eve, told) = signed_in(&stage, &op, person("2"), "deploy.test").await;
            assert_eq!(told.status, 403, "{groups}");
            assert!(eve.cookie("deploy.test", "__Host-vst_gate").is_none());
        }
        stage.stop().await;
    }
}
