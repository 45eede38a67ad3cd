//! Token exchange (RFC 8693).

use vestibule::{
    partition::{Origin, StatusCode},
    store::Kind,
};

use crate::{
    on_both_stores,
    stage::{App, Browser, NOTES_SECRET, OnStore, Page, Stage, Tokens, WIKI_SECRET, jws_claims},
};

const ACCESS: &str = "urn:ietf:params:oauth:token-type:access_token";
const API: &str = "https://api.test/v1";

/// `notes` may exchange to `wiki`, to the service that `wiki` is, and to one that nobody here knows; `wiki` to `blog`.
async fn stage(on: OnStore) -> Stage {
    Stage::start_with(on, |config| {
        config
            .replace(
                "[apps.notes]\n",
                &format!("[apps.notes]\nexchange_to = [\"wiki\", \"{API}\", \"https://far.test\"]\n"),
            )
            .replace(
                "[apps.wiki]\n",
                &format!("[apps.wiki]\nresource_uris = [\"{API}\"]\nexchange_to = [\"blog\", \"notes\"]\n"),
            )
    })
    .await
}

struct Scene {
    app: App,
    browser: Browser,
    tokens: Tokens,
}

impl Scene {
    async fn set(stage: &Stage) -> Self {
        let (app, browser) = (App::of(stage), Browser::new());
        let tokens = app.tokens(&browser.sign_in(stage, &[], "google").await).await;
        Self { app, browser, tokens }
    }

    /// An exchange of `notes` to `wiki`, changed as asked.
    async fn exchange(&self, changes: &[(&str, &str)]) -> Page {
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("client_id", "notes"),
            ("client_secret", NOTES_SECRET),
            ("subject_token", self.tokens.access.as_str()),
            ("subject_token_type", ACCESS),
            ("audience", "wiki"),
        ];
        let kept = form.into_iter().filter(|(name, _)| !changes.iter().any(|(other, _)| other == name));
        let form: Vec<_> = kept.chain(changes.iter().copied().filter(|(_, value)| !value.is_empty())).collect();
        self.app.token_with(&form, &[]).await
    }

    async fn refused(&self, changes: &[(&str, &str)], error: &str) {
        let page = self.exchange(changes).await;
        assert_eq!(
            (page.status.as_u16(), page.json()["error"].as_str()),
            (400, Some(error)),
            "{changes:?} {}",
            page.body
        );
    }
}

fn access(page: &Page) -> String {
    assert_eq!(page.status, 200, "{}", page.body);
    page.json()["access_token"].as_str().unwrap().to_owned()
}

on_both_stores! {
    /// The other service learns its own name for the person, who acts, and nothing else.
    async fn an_app_calls_another_for_the_person(on: OnStore) {
        let stage = stage(on).await;
        let scene = Scene::set(&stage).await;
        let page = scene.exchange(&[]).await;
        assert_eq!((page.json()["issued_token_type"].as_str(), page.header("cache-control")), (Some(ACCESS), "no-store"));
        assert!(page.json().get("refresh_token").is_none() && page.json().get("id_token").is_none());
        let (token, first) = (access(&page), jws_claims(&scene.tokens.access));
        let claims = jws_claims(&token);
        assert_eq!((&claims["aud"], &claims["client_id"]), (&"wiki".into(), &"notes".into()));
        assert_eq!(claims["act"], serde_json::json!({"sub": "notes"}));
        assert!(claims["exp"].as_u64() <= first["exp"].as_u64());
        assert_eq!((&claims["scope"], &claims["auth_time"]), (&first["scope"], &first["auth_time"]));
        let wiki = [("client_id", "wiki"), ("redirect_uri", "https://wiki.test/cb")];
        let own = scene.browser.sign_in(&stage, &wiki, "google").await;
        let own = Tokens::of(&scene.app.token(&[
            ("client_id", "wiki"), ("client_secret", WIKI_SECRET), ("redirect_uri", "https://wiki.test/cb"),
            ("code", &crate::stage::param(&own, "code").unwrap()),
        ]).await);
        assert_eq!(claims["sub"], jws_claims(&own.id)["sub"], "the name by which wiki knows the person");
        assert_ne!(claims["sub"], first["sub"]);
        let api = jws_claims(&access(&scene.exchange(&[("audience", ""), ("resource", API)]).await));
        assert_eq!((&api["sub"], &api["aud"]), (&claims["sub"], &API.into()), "the service is wiki's");
        let far = jws_claims(&access(&scene.exchange(&[("audience", "https://far.test")]).await));
        assert_eq!(far["sub"], first["sub"], "somebody whom nobody knows here hears what the caller knows");
        assert_eq!(scene.app.userinfo(&token).await.status, 401, "it opens nothing here");
        let facts = scene.app.introspect(&token, &[("client_id", "wiki"), ("client_secret", WIKI_SECRET)]).await.json();
        assert_eq!((&facts["active"], &facts["sub"]), (&true.into(), &claims["sub"]));
        let blog = scene.app.introspect(&token, &[("client_id", "shop"), ("client_secret", "")]).await;
        assert_eq!(blog.status, 401);
        stage.stop().await;
    }

    /// Who was called may call on; everybody who acts stands in the token.
    async fn whoever_was_called_may_call_on(on: OnStore) {
        let stage = stage(on).await;
        let scene = Scene::set(&stage).await;
        let wiki = [("client_id", "wiki"), ("client_secret", WIKI_SECRET)];
        let to_wiki = access(&scene.exchange(&[]).await);
        let on = access(&scene.exchange(&[&wiki[..], &[("subject_token", &to_wiki), ("audience", "blog")]].concat()).await);
        let claims = jws_claims(&on);
        assert_eq!(claims["act"], serde_json::json!({"sub": "wiki", "act": {"sub": "notes"}}));
        assert!(claims["exp"].as_u64() <= jws_claims(&to_wiki)["exp"].as_u64());
        // What was not aimed at it is none of its business.
        scene.refused(&[&wiki[..], &[("audience", "blog")]].concat(), "invalid_request").await;
        scene.refused(&[("subject_token", &on)], "invalid_request").await;
        // Round and round comes to an end.
        let (mut token, mut turns) = (to_wiki, 1);
        loop {
            let back = [&wiki[..], &[("subject_token", token.as_str()), ("audience", "notes")]].concat();
            let page = if turns % 2 == 1 { scene.exchange(&back).await } else {
                scene.exchange(&[("subject_token", token.as_str())]).await
            };
            if page.status == 400 {
                assert_eq!(page.json()["error"], "invalid_request");
                break;
            }
            (token, turns) = (access(&page), turns + 1);
            assert!(turns < 10, "nothing stops it");
        }
        stage.stop().await;
    }

    /// Never wider: neither audience nor scope, and never about what is none of ours.
    async fn nothing_is_widened(on: OnStore) {
        let stage = stage(on).await;
        let scene = Scene::set(&stage).await;
        for wrong in ["blog", "notes", "https://api.test/v1/", "https://evil.test", &stage.issuer, "*"] {
            scene.refused(&[("audience", wrong)], "invalid_target").await;
            scene.refused(&[("resource", wrong)], "invalid_target").await;
        }
        scene.refused(&[("audience", "")], "invalid_request").await;
        scene.refused(&[("audience", "wiki"), ("audience", API)], "invalid_target").await;
        scene.refused(&[("scope", "openid email profile phone")], "invalid_scope").await;
        scene.refused(&[("scope", "offline_access")], "invalid_scope").await;
        let less = scene.exchange(&[("scope", "email")]).await;
        assert_eq!((less.json()["scope"].as_str(), &jws_claims(&access(&less))["scope"]), (Some("email"), &"email".into()));
        let narrow = access(&less);
        let wiki = [("client_id", "wiki"), ("client_secret", WIKI_SECRET), ("subject_token", narrow.as_str())];
        scene.refused(&[&wiki[..], &[("audience", "blog"), ("scope", "openid")]].concat(), "invalid_scope").await;
        for (changes, error) in [
            (vec![("subject_token", "")], "invalid_request"),
            (vec![("subject_token", "a.b.c")], "invalid_request"),
            (vec![("subject_token", scene.tokens.id.as_str())], "invalid_request"),
            (vec![("subject_token", scene.tokens.refresh.as_str())], "invalid_request"),
            (vec![("subject_token_type", "")], "invalid_request"),
            (vec![("subject_token_type", "urn:ietf:params:oauth:token-type:id_token")], "invalid_request"),
            (vec![("requested_token_type", "urn:ietf:params:oauth:token-type:refresh_token")], "invalid_request"),
            (vec![("actor_token", "x"), ("actor_token_type", ACCESS)], "invalid_request"),
            (vec![("client_id", "native"), ("client_secret", "")], "unauthorized_client"),
        ] {
            scene.refused(&changes, error).await;
        }
        let wrong = scene.exchange(&[("client_secret", "wrong")]).await;
        assert_eq!((wrong.status.as_u16(), wrong.json()["error"].as_str()), (401, Some("invalid_client")));
        stage.stop().await;
    }

    /// What is called by others is the person's to decide, too.
    async fn the_person_decides_who_is_called(on: OnStore) {
        let stage = stage(on).await;
        let (scene, house) = (Scene::set(&stage).await, stage.broker().house());
        let (wiki, directory) = ("wiki".parse().unwrap(), house.directory());
        let app = directory.apps.get(&wiki).unwrap();
        access(&scene.exchange(&[]).await);
        let request = [("client_id", "wiki"), ("redirect_uri", "https://wiki.test/cb")];
        scene.browser.sign_in(&stage, &request, "google").await;
        let who = stage.who(&scene.browser).await;
        let called = access(&scene.exchange(&[]).await);
        let onward = [("client_id", "wiki"), ("client_secret", WIKI_SECRET), ("subject_token", &called), ("audience", "blog")];
        access(&scene.exchange(&onward).await);

        house.consents.pause(&who, app).await.unwrap();
        scene.refused(&[], "invalid_target").await;
        scene.refused(&[("audience", API)], "invalid_target").await;
        scene.refused(&onward, "invalid_request").await;
        access(&scene.exchange(&[("audience", "https://far.test")]).await);
        house.consents.resume(&who, app).await.unwrap();
        access(&scene.exchange(&[]).await);

        house.consents.disconnect(&who, &wiki).await.unwrap();
        scene.refused(&[], "invalid_target").await;
        scene.refused(&[("audience", API)], "invalid_target").await;
        scene.refused(&onward, "invalid_request").await;
        scene.browser.sign_in(&stage, &request, "google").await;
        access(&scene.exchange(&[]).await);
        stage.stop().await;
    }

    /// C-27: the rules of the app that is called are asked, as at each issuance.
    async fn the_rules_of_the_app_that_is_called_hold(on: OnStore) {
        const RULES: [(&str, bool); 4] = [
            ("access = [{ emails = [\"*@elsewhere.test\"] }]", false),
            ("access = [{ providers = [\"google\"] }]", true),
            ("providers = [\"facebook\"]", false),
            ("providers = [\"google\"]", true),
        ];
        for (rule, allowed) in RULES {
            let stage = Stage::start_with(on, move |config| {
                config
                    .replace("[apps.notes]\n", "[apps.notes]\nexchange_to = [\"blog\"]\n")
                    .replace("[apps.blog]\n", &format!("[apps.blog]\n{rule}\n"))
            })
            .await;
            let scene = Scene::set(&stage).await;
            if allowed {
                access(&scene.exchange(&[("audience", "blog")]).await);
            } else {
                scene.refused(&[("audience", "blog")], "invalid_target").await;
                let who = stage.who(&scene.browser).await;
                let served = stage.broker().house().store.list(&who.partition(), Kind::Served, None, 9).await.unwrap();
                assert!(served.iter().all(|entry| entry.key.app().unwrap().as_str() != "blog"), "{rule}");
            }
            stage.stop().await;
        }
    }

    /// C-63: it lives no longer than what it hangs on: neither to be exchanged nor once it is.
    async fn it_ends_with_what_it_hangs_on(on: OnStore) {
        let stage = stage(on).await;
        let wiki = [("client_id", "wiki"), ("client_secret", WIKI_SECRET)];
        let house = stage.broker().house();
        let gone = async |scene: &Scene, exchanged: &str| {
            scene.refused(&[], "invalid_request").await;
            assert_eq!(scene.app.introspect(exchanged, &wiki).await.json()["active"], false);
        };
        let scene = Scene::set(&stage).await;
        let exchanged = access(&scene.exchange(&[]).await);
        assert_eq!(scene.app.introspect(&exchanged, &wiki).await.json()["active"], true);
        // The exchanged one alone is given back, by who holds it.
        assert_eq!(scene.app.revoke(&exchanged, &wiki).await.json()["error"], "invalid_grant");
        assert_eq!(scene.app.revoke(&exchanged, &[]).await.status, 200);
        assert_eq!(scene.app.introspect(&exchanged, &wiki).await.json()["active"], false);
        let exchanged = access(&scene.exchange(&[]).await);
        scene.app.revoke(&scene.tokens.access, &[]).await;
        scene.refused(&[], "invalid_request").await;
        scene.app.revoke(&scene.tokens.refresh, &[]).await;
        gone(&scene, &exchanged).await;
        let scene = Scene::set(&stage).await;
        let exchanged = access(&scene.exchange(&[]).await);
        let who = stage.who(&scene.browser).await;
        // The app that was given a name for the person is among those that are told when they leave.
        let partition = who.partition();
        let served = house.store.list(&partition, Kind::Served, None, 9).await.unwrap();
        assert!(served.iter().any(|entry| entry.key.app().unwrap().as_str() == "wiki"));
        house.accounts.delete(&who, Origin::Person, &StatusCode::generate(house.sealer.random())).await.unwrap();
        gone(&scene, &exchanged).await;
        // Signed out: the session is gone, and with it what came of it, once and twice removed.
        let scene = Scene::set(&stage).await;
        let exchanged = access(&scene.exchange(&[]).await);
        let onward = [&wiki[..], &[("subject_token", exchanged.as_str()), ("audience", "blog")]].concat();
        let further = access(&scene.exchange(&onward).await);
        let session = house.sessions.find(&scene.browser.cookie(&stage.issuer, "vst_session").unwrap()).await.unwrap().unwrap();
        house.sessions.end(&session).await.unwrap();
        gone(&scene, &exchanged).await;
        scene.refused(&onward, "invalid_request").await;
        assert_eq!(scene.app.introspect(&further, &wiki).await.json()["active"], false);
        let scene = Scene::set(&stage).await;
        let exchanged = access(&scene.exchange(&[]).await);
        let identity = stage.who(&scene.browser).await.living.identities[0].identity;
        house.accounts.block(identity).await.unwrap();
        gone(&scene, &exchanged).await;
        stage.stop().await;
    }
}
