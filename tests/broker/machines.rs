//! Services that speak for themselves (RFC 6749, section 4.4).

use crate::{
    on_both_stores,
    stage::{App, Browser, NOTES_SECRET, OnStore, Page, Stage, WIKI_SECRET, jws_claims, jws_header},
};

const ROBOT: [(&str, &str); 5] = [
    ("grant_type", "client_credentials"),
    ("client_id", "robot"),
    ("client_secret", NOTES_SECRET),
    ("redirect_uri", ""),
    ("code_verifier", ""),
];

async fn stage(on: OnStore) -> Stage {
    Stage::start_with(on, |config| {
        let hash = config.lines().find(|line| line.starts_with("secret_sha256")).unwrap().to_owned();
        let config = config.replace(
            "[apps.wiki]\n",
            "[apps.wiki]\nresource_uris = [\"https://api.test/v1\"]\ngrant_types = [\"authorization_code\"]\n",
        );
        format!(
            "{config}\n[apps.robot]\nname = \"Robot\"\n{hash}\ngrant_types = [\"client_credentials\"]\n\
             audiences = [\"https://api.test/v1\", \"https://other.test\", \"{}\"]\n",
            config.lines().next().unwrap().split('"').nth(1).unwrap()
        )
    })
    .await
}

async fn ask(app: &App, more: &[(&str, &str)]) -> Page {
    app.token(&[&ROBOT, more].concat()).await
}

fn access(page: &Page) -> String {
    assert_eq!(page.status, 200, "{}", page.body);
    page.json()["access_token"].as_str().unwrap().to_owned()
}

fn refused(page: &Page, error: &str) {
    let status = if error == "invalid_client" { 401 } else { 400 };
    assert_eq!((page.status.as_u16(), page.json()["error"].as_str()), (status, Some(error)), "{}", page.body);
}

on_both_stores! {
    /// RFC 9068, section 2.2: the subject is the service itself, and nothing speaks of a person.
    async fn a_service_gets_a_token_of_its_own(on: OnStore) {
        let stage = stage(on).await;
        let app = App::of(&stage);
        let page = ask(&app, &[]).await;
        assert_eq!(page.header("cache-control"), "no-store");
        let (answer, token) = (page.json(), access(&page));
        assert_eq!((answer["token_type"].as_str(), answer["expires_in"].as_u64()), (Some("Bearer"), Some(300)));
        for absent in ["refresh_token", "id_token", "scope"] {
            assert!(answer.get(absent).is_none(), "{answer}");
        }
        assert_eq!(jws_header(&token)["typ"], "at+jwt");
        let claims = jws_claims(&token);
        assert_eq!((&claims["sub"], &claims["client_id"]), (&"robot".into(), &"robot".into()));
        assert_eq!(claims["aud"], serde_json::json!(["robot"]));
        for absent in ["auth_time", "sid", "vst", "scope", "nonce"] {
            assert!(claims.get(absent).is_none(), "{claims}");
        }
        assert_ne!(jws_claims(&access(&ask(&app, &[]).await))["jti"], claims["jti"]);
        assert_eq!(stage.people_records().await.len(), 0, "nobody is written down");
        stage.stop().await;
    }

    /// RFC 8707: for the services that it names, if it may; never for us.
    async fn it_names_the_services_that_it_may(on: OnStore) {
        let stage = stage(on).await;
        let app = App::of(&stage);
        let one = access(&ask(&app, &[("resource", "https://api.test/v1")]).await);
        assert_eq!(jws_claims(&one)["aud"], serde_json::json!(["https://api.test/v1"]));
        let both = [("resource", "https://api.test/v1"), ("resource", "https://other.test")];
        let both = jws_claims(&access(&ask(&app, &both).await));
        assert_eq!(both["aud"], serde_json::json!(["https://api.test/v1", "https://other.test"]));
        for wrong in ["https://api.test/v1/", "https://api.test", "robot", "wiki", "*", "https://evil.test", &stage.issuer] {
            refused(&ask(&app, &[("resource", wrong)]).await, "invalid_target");
            refused(&ask(&app, &[("resource", "https://other.test"), ("resource", wrong)]).await, "invalid_target");
        }
        stage.stop().await;
    }

    /// Neither it, nor one that it names us in, opens UserInfo: there is nobody to tell about.
    async fn it_is_nobody_at_userinfo(on: OnStore) {
        let stage = stage(on).await;
        let app = App::of(&stage);
        let page = app.userinfo(&access(&ask(&app, &[]).await)).await;
        assert_eq!(page.status, 401);
        assert!(page.header("www-authenticate").contains("invalid_token"));
        stage.stop().await;
    }

    /// It is described to itself and to the service that it is for, until it is given back or its app may no more.
    async fn it_is_described_and_given_back(on: OnStore) {
        let stage = stage(on).await;
        let app = App::of(&stage);
        let me = [("client_id", "robot")];
        let wiki = [("client_id", "wiki"), ("client_secret", WIKI_SECRET)];
        let tokens = [access(&ask(&app, &[("resource", "https://api.test/v1")]).await), access(&ask(&app, &[]).await)];
        let active = async |token: &str, who: &[(&str, &str)]| app.introspect(token, who).await.json()["active"] == true;
        let facts = app.introspect(&tokens[0], &wiki).await.json();
        assert_eq!((&facts["active"], &facts["sub"]), (&true.into(), &"robot".into()));
        assert!(facts.get("auth_time").is_none() && facts.get("scope").is_none(), "{facts}");
        assert!(active(&tokens[0], &me).await && active(&tokens[1], &me).await);
        assert!(!active(&tokens[1], &wiki).await && !active(&tokens[0], &[]).await, "it concerns nobody else");
        refused(&app.revoke(&tokens[0], &wiki).await, "invalid_grant");
        assert!(active(&tokens[0], &me).await);
        for _ in 0..2 {
            assert_eq!(app.revoke(&tokens[0], &me).await.status, 200);
        }
        assert!(!active(&tokens[0], &me).await && !active(&tokens[0], &wiki).await && active(&tokens[1], &me).await);
        stage.reload(|config| config.replace("grant_types = [\"client_credentials\"]", "redirect_uris = [\"https://robot.test/cb\"]"));
        assert!(!active(&tokens[1], &me).await, "what it may do no longer, its tokens do no longer");
        stage.stop().await;
    }

    /// Each wrong request gets the error of its own.
    async fn a_wrong_request_is_refused_by_name(on: OnStore) {
        let stage = stage(on).await;
        let app = App::of(&stage);
        for (changes, error) in [
            (vec![("client_id", "notes")], "unauthorized_client"),
            (vec![("client_id", "wiki"), ("client_secret", WIKI_SECRET)], "unauthorized_client"),
            (vec![("client_id", "native"), ("client_secret", "")], "unauthorized_client"),
            (vec![("client_secret", "wrong")], "invalid_client"),
            (vec![("client_secret", "")], "invalid_client"),
            (vec![("scope", "openid")], "invalid_scope"),
            (vec![("scope", "api email")], "invalid_scope"),
            (vec![("scope", "offline_access")], "invalid_scope"),
            (vec![("scope", "a"), ("scope", "b")], "invalid_request"),
            (vec![("grant_type", "client_credentials"), ("grant_type", "client_credentials")], "invalid_request"),
        ] {
            let kept: Vec<_> = ROBOT.into_iter().filter(|(name, _)| !changes.iter().any(|(other, _)| other == name)).collect();
            refused(&app.token(&[kept, changes.clone()].concat()).await, error);
        }
        // What nobody here knows is not granted, and that is said.
        assert_eq!(ask(&app, &[("scope", "api.read")]).await.json()["scope"], "");
        let browser = Browser::new();
        let page = browser.get(&stage.authorize(&[("client_id", "robot"), ("redirect_uri", "https://notes.test/callback")])).await;
        assert_eq!((page.status.as_u16(), page.location()), (400, None), "nobody signs in to it");
        stage.stop().await;
    }
}
