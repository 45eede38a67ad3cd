//! An instance that has met nobody yet, as after a restart: whatever names an app, or carries its token, makes it known.

use serde_json::{Value, json};

use super::{Place, refresh};
use crate::{
    export::export,
    gate::{BOARD, Visitor},
    on_both_stores,
    stage::{App, Browser, NOTES_SECRET, OnStore, Page, Shelf, WIKI_SECRET},
};

/// Where `wiki` is the very service that the document's address names, and may exchange what it is called with.
pub(super) async fn town(on: OnStore) -> Place {
    let shelf = Shelf::start();
    let id = shelf.at("/app.json");
    let change = move |config: String| {
        let wiki = format!(
            "[apps.wiki]\nresource_uris = [\"{id}\"]\nexchange_to = [\"notes\", \"https://{BOARD}\", \"{id}\"]\n"
        );
        let config = super::open(crate::gate::gated(config)).replace("apps = [\"notes\"]", "apps = [\"wiki\"]");
        config.replace("[apps.wiki]\n", &wiki)
    };
    Place::furnished(on, shelf, change).await
}

/// `wiki` calls another service for whoever is behind a token.
pub(super) async fn exchange(place: &Place, token: &str, audience: &str) -> Page {
    let form = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("client_id", "wiki"),
        ("client_secret", WIKI_SECRET),
        ("subject_token", token),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
        ("audience", audience),
    ];
    place.call("/token", &form, &[]).await
}

pub(super) async fn introspect(place: &Place, (app, secret): (&str, &str), token: &str) -> Page {
    App::of(&place.stage).introspect(token, &[("client_id", app), ("client_secret", secret)]).await
}

pub(super) async fn at_the_gate(place: &Place, token: &str) -> Page {
    let headers = [("authorization", format!("Bearer {token}"))];
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    Visitor::new(&place.stage).forward_auth("GET", BOARD, "/api/cards", &headers).await
}

pub(super) fn token(page: &Page) -> String {
    assert_eq!(page.status, 200, "{}", page.body);
    page.json()["access_token"].as_str().unwrap().to_owned()
}

/// Claims of which one may be turned on.
fn claims() -> Value {
    json!({
        "name": {"need": "required", "why": "To greet you."}, "email": {"need": "optional", "why": "To write to you."},
    })
}

on_both_stores! {
    /// What the app does, and what people do about it.
    async fn a_restart_loses_nobody(on: OnStore) {
        let place = Place::open(on).await;
        let (browser, app) = (Browser::careful(), App::of(&place.stage));
        let bye = place.shelf.at("/bye");
        let changes = [("post_logout_redirect_uris", json!([bye])), ("vestibule_claims", claims())];
        let (id, tokens) = place.connected(&browser, "/app.json", &changes).await;
        let name = format!("{} (Preview)", place.shelf.origin.trim_start_matches("https://"));

        place.restart();
        assert_eq!(app.userinfo(&tokens.access).await.json()["name"], "Ada Lovelace");
        place.restart();
        let account = browser.open(&place.at("/account")).await;
        assert!(account.texts("details .name").contains(&name), "{}", account.body);
        assert!(!account.body.contains("hear nothing") && !account.body.contains("no longer set up"), "{}", account.body);
        for (button, shown) in [("", "pause"), ("pause", "resume"), ("resume", "pause")] {
            let page = place.press(&browser, button, &[("email", "on")]).await;
            assert_eq!((page.status.as_u16(), page.header("location").starts_with("/account")), (303, true), "{button}");
            place.restart();
            let account = browser.open(&place.at("/account")).await;
            assert_eq!(account.attrs(&format!("button[formaction$='/{shown}']"), "formaction").len(), 1, "{button}");
            assert_eq!(account.attrs("details input[name=email]", "checked").len(), 1, "{button}: it stays on");
        }
        place.restart();
        let preview = url::Url::parse_with_params(&place.at("/account/preview"), [("app", &id)]).unwrap();
        let preview = browser.get(preview.as_str()).await;
        assert!(preview.status == 200 && preview.body.contains(&name), "{}", preview.body);
        place.restart();
        let files = export(&place.stage, &browser).await;
        assert!(files.values().any(|file| file.contains(&name)), "{:?}", files.keys());

        place.restart();
        let refreshed = refresh(&app, &id, &tokens.refresh).await;
        assert_eq!(refreshed.status, 200, "{}", refreshed.body);
        place.restart();
        let revoked = place.call("/revoke", &[("client_id", &id), ("token", &tokens.access)], &[]).await;
        assert_eq!(revoked.status, 200, "{}", revoked.body);
        assert_eq!(app.userinfo(&tokens.access).await.status, 401);
        place.restart();
        let query = [("id_token_hint", tokens.id.as_str()), ("post_logout_redirect_uri", &bye), ("state", "s")];
        let logout = url::Url::parse_with_params(&place.at("/logout"), query).unwrap();
        let page = browser.get(logout.as_str()).await;
        assert_eq!((page.status.as_u16(), page.header("location")), (303, format!("{bye}?state=s").as_str()));
        assert_eq!(browser.open(&place.at("/account")).await.url.path(), "/login", "signed out");
        place.stop().await;
    }

    /// Without a hint the person is asked on behalf of the app, and goes back to it, whichever instance it is.
    async fn signing_out_by_name_leads_back(on: OnStore) {
        let place = Place::open(on).await;
        let browser = Browser::careful();
        let bye = place.shelf.at("/bye");
        let (id, _) = place.connected(&browser, "/app.json", &[("post_logout_redirect_uris", json!([bye]))]).await;
        place.restart();
        let query = [("client_id", id.as_str()), ("post_logout_redirect_uri", &bye)];
        let page = browser.get(url::Url::parse_with_params(&place.at("/logout"), query).unwrap().as_str()).await;
        assert!(page.status == 200 && page.body.contains("(Preview)"), "{}", page.body);
        place.restart();
        let action = page.url.join(&page.attrs("main form", "action")[0]).unwrap();
        let mut fields = page.hidden_fields();
        fields.push(("answer".into(), "yes".into()));
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let page = browser.post(action.as_str(), &fields, &[]).await;
        assert_eq!((page.status.as_u16(), page.header("location")), (303, bye.as_str()));
        place.stop().await;
    }

    /// A token makes its app known wherever it comes: to the service that it is for, to one that was called for the
    /// person, and to the gate.
    async fn a_token_makes_its_app_known(on: OnStore) {
        let place = town(on).await;
        let (_, tokens) = place.connected(&Browser::careful(), "/app.json", &[]).await;
        place.restart();
        let page = introspect(&place, ("wiki", WIKI_SECRET), &tokens.access).await;
        assert_eq!((page.status.as_u16(), &page.json()["active"]), (200, &json!(true)), "{}", page.body);
        place.restart();
        let called = token(&exchange(&place, &tokens.access, "notes").await);
        place.restart();
        let page = introspect(&place, ("notes", NOTES_SECRET), &called).await;
        assert_eq!((page.status.as_u16(), &page.json()["active"]), (200, &json!(true)), "{}", page.body);
        let gated = token(&exchange(&place, &tokens.access, "https://board.test").await);
        place.restart();
        let page = at_the_gate(&place, &gated).await;
        assert_eq!((page.status.as_u16(), page.header("x-vestibule-auth")), (200, "machine"), "{}", page.body);
        place.stop().await;
    }

    /// A script asks before it sends what names its app: it may, and reads the answer; others read nothing.
    async fn scripts_of_strangers_are_let_through(on: OnStore) {
        let place = Place::open(on).await;
        let (id, tokens) = place.connected(&Browser::careful(), "/app.json", &[]).await;
        let (asks, origin) = (Browser::new(), place.shelf.origin.as_str());
        let asked = place.shelf.asked("/app.json");
        let allowed = |page: &Page| page.header("access-control-allow-origin").to_owned();
        for path in ["/token", "/userinfo", "/revoke"] {
            place.restart();
            let preflight = asks.raw("OPTIONS", &place.at(path), &[("origin", origin)], "").await;
            assert_eq!((preflight.status.as_u16(), allowed(&preflight).as_str()), (204, origin), "{path}");
            assert!(preflight.header("access-control-allow-headers").contains("Authorization"), "{path}");
            assert_eq!((preflight.header("access-control-allow-credentials"), preflight.header("vary")), ("", "Origin"));
        }
        assert_eq!(place.shelf.asked("/app.json"), asked, "for a preflight nobody is asked");
        let preflight = asks.raw("OPTIONS", &place.at("/authorize"), &[("origin", origin)], "").await;
        assert_eq!(allowed(&preflight), "");

        let form = [("grant_type", "refresh_token"), ("client_id", &id), ("refresh_token", &tokens.refresh)];
        place.restart();
        let page = place.call("/token", &form, &[("origin", origin)]).await;
        assert_eq!((page.status.as_u16(), allowed(&page).as_str()), (200, origin), "{}", page.body);
        let bearer = format!("Bearer {}", tokens.access);
        place.restart();
        let page = asks.get_with(&place.at("/userinfo"), &[("origin", origin), ("authorization", &bearer)]).await;
        assert_eq!((page.status.as_u16(), allowed(&page).as_str()), (200, origin), "{}", page.body);
        for evil in ["https://evil.test", "null", "http://localhost"] {
            let page = place.call("/token", &form, &[("origin", evil)]).await;
            assert_eq!(allowed(&page), "", "{evil}");
            let page = asks.get_with(&place.at("/userinfo"), &[("origin", evil), ("authorization", &bearer)]).await;
            assert_eq!((page.status.as_u16(), allowed(&page).as_str()), (200, ""), "{evil}");
        }
        place.stop().await;
    }
}
