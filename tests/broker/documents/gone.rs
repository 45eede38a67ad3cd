//! Apps whose document is gone for good, or whose host is away: they get nothing more, nobody else is to blame, and people
//! see them, part from them and leave as from any other.

use serde_json::json;

use super::{
    Place,
    cold::{at_the_gate, exchange, introspect, token, town},
    refresh,
};
use crate::{
    export::export,
    on_both_stores,
    stage::{App, Browser, NOTES_SECRET, OnStore, Page, WIKI_SECRET, eventually},
};

fn error(page: &Page) -> (u16, String) {
    (page.status.as_u16(), page.json()["error"].as_str().unwrap_or_default().to_owned())
}

on_both_stores! {
    /// Each endpoint says what its standard has for it; and when the document is back, nothing has been lost.
    async fn an_app_without_its_document_gets_nothing(on: OnStore) {
        let place = town(on).await;
        let app = App::of(&place.stage);
        let (id, tokens) = place.connected(&Browser::careful(), "/app.json", &[]).await;
        let called = token(&exchange(&place, &tokens.access, "notes").await);
        let gated = token(&exchange(&place, &tokens.access, "https://board.test").await);
        place.shelf.forget_asked();
        for (status, own, userinfo, exchanged, gate) in [
            (404, (401, "invalid_client"), (401, "invalid_token"), (400, "invalid_request"), 401),
            (410, (401, "invalid_client"), (401, "invalid_token"), (400, "invalid_request"), 401),
            (503, (503, "temporarily_unavailable"), (503, "temporarily_unavailable"), (503, "temporarily_unavailable"), 503),
        ] {
            place.shelf.lay("/app.json", status, "", "");
            place.restart();
            let own = (own.0, own.1.to_owned());
            assert_eq!(error(&refresh(&app, &id, &tokens.refresh).await), own, "{status}");
            let page = place.call("/revoke", &[("client_id", &id), ("token", &tokens.refresh)], &[]).await;
            assert_eq!(error(&page), own, "{status}");
            let page = app.userinfo(&tokens.access).await;
            assert_eq!(page.status, userinfo.0, "{status}");
            assert!(format!("{} {}", page.header("www-authenticate"), page.body).contains(userinfo.1), "{status}: {}", page.body);
            for (who, held) in [(("wiki", WIKI_SECRET), &tokens.access), (("notes", NOTES_SECRET), &called)] {
                let page = introspect(&place, who, held).await;
                if status == 503 {
                    assert_eq!(error(&page), own, "{who:?}");
                } else {
                    assert_eq!((page.status.as_u16(), page.json()), (200, json!({"active": false})), "{who:?}");
                }
            }
            let page = exchange(&place, &tokens.access, "notes").await;
            assert_eq!(error(&page), (exchanged.0, exchanged.1.to_owned()), "{status}");
            assert_eq!(at_the_gate(&place, &gated).await.status, gate, "{status}");
            assert_eq!(place.shelf.asked("/app.json"), 1, "{status}: asked once, and not again for half a minute");
            place.shelf.forget_asked();
        }
        place.lay("/app.json", &[]);
        place.restart();
        assert_eq!(refresh(&app, &id, &tokens.refresh).await.status, 200, "nothing was burnt");
        place.stop().await;
    }

    /// The person still reads who it was, takes their data with them, signs out and disconnects.
    async fn people_part_from_an_app_whose_document_is_gone(on: OnStore) {
        let place = Place::open(on).await;
        for (number, status) in [404, 503].into_iter().enumerate() {
            let (browser, path) = (Browser::careful(), format!("/{number}"));
            let bye = place.shelf.at("/bye");
            let (id, tokens) = place.connected(&browser, &path, &[("post_logout_redirect_uris", json!([bye]))]).await;
            place.shelf.lay(&path, status, "", "");
            place.restart();
            let account = browser.open(&place.at("/account")).await;
            assert!(account.texts("details .name").contains(&id), "{}", account.body);
            assert!(account.body.contains("hear nothing") && !account.body.contains("no longer set up"), "{}", account.body);
            assert!(account.attrs("button[formaction$='/pause']", "formaction").is_empty(), "{}", account.body);
            let files = export(&place.stage, &browser).await;
            assert!(files.values().any(|file| file.contains(&id)), "{:?}", files.keys());

            let query = [("id_token_hint", tokens.id.as_str()), ("post_logout_redirect_uri", &bye)];
            let page = browser.get(url::Url::parse_with_params(&place.at("/logout"), query).unwrap().as_str()).await;
            assert_eq!((page.status.as_u16(), page.location()), (200, None), "asked, since nobody vouches for the hint");
            let action = page.url.join(&page.attrs("main form", "action")[0]).unwrap();
            let mut fields = page.hidden_fields();
            fields.push(("answer".into(), "yes".into()));
            let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let page = browser.post(action.as_str(), &fields, &[]).await;
            assert_eq!((page.status.as_u16(), page.header("location")), (303, "/logout/done"), "{}", page.body);

            let page = browser.open(&place.at("/account")).await;
            browser.choose(&page, "google").await;
            let done = place.press(&browser, "disconnect", &[]).await;
            assert_eq!(done.status, 303, "{}", done.body);
            let account = browser.open(&place.at("/account")).await;
            assert!(account.attrs("button[formaction$='/disconnect']", "formaction").is_empty(), "{}", account.body);
            place.lay(&path, &[]);
            place.restart();
            let page = refresh(&App::of(&place.stage), &id, &tokens.refresh).await;
            assert_eq!(error(&page), (400, "invalid_grant".into()), "it stays disconnected when it is back");
        }
        place.stop().await;
    }

    /// Whoever deletes everything waits for no app: nothing of it is left, and what it was given is good for nothing.
    async fn deleting_everything_waits_for_no_document(on: OnStore) {
        let place = Place::open(on).await;
        let browser = Browser::careful();
        let (id, tokens) = place.connected(&browser, "/app.json", &[]).await;
        place.shelf.lay("/app.json", 404, "", "");
        place.restart();
        let page = browser.get(&place.at("/account/delete")).await;
        let page = browser.answer(&page, "yes", &[]).await;
        assert!(page.url.path().starts_with("/status/"), "{} {}", page.url, page.body);
        let of_the_app = async || place.stage.records().await.iter().filter(|entry| entry.key.app().is_some()).count();
        eventually("nothing of the app is left", async || of_the_app().await == 0).await;
        let status = browser.get(page.url.as_str()).await;
        assert!(status.status == 200 && status.body.contains(&id), "{}", status.body);
        place.lay("/app.json", &[]);
        place.restart();
        assert_eq!(error(&refresh(&App::of(&place.stage), &id, &tokens.refresh).await), (400, "invalid_grant".into()));
        assert_eq!(App::of(&place.stage).userinfo(&tokens.access).await.status, 401);
        place.stop().await;
    }
}
