//! The question what an app may see: who is asked, what an answer does, and what is asked again.

use crate::{
    on_both_stores,
    stage::{App, Browser, Page, Stage, jws_claims, param},
};

/// The page with the question, after signing in with Google.
async fn question(stage: &Stage, browser: &Browser, changes: &[(&str, &str)]) -> Page {
    let chooser = browser.open(&stage.authorize(changes)).await;
    let page = if chooser.url.path() == "/login" { browser.choose(&chooser, "google").await } else { chooser };
    assert!(page.is_question(), "{} {}", page.status, page.url);
    page
}

/// The names of the boxes on a page, and whether each is on.
fn boxes(page: &Page) -> Vec<(String, bool)> {
    let all = page.attrs("main form input[type=checkbox]", "name");
    let on = page.attrs("main form input[type=checkbox][checked]", "name");
    all.into_iter().map(|name| (name.clone(), on.contains(&name))).collect()
}

async fn answer(browser: &Browser, page: &Page, answer: &str, on: &[&str]) -> url::Url {
    let back = browser.answer(page, answer, on).await;
    back.location().unwrap_or_else(|| panic!("{} {}", back.status, back.body))
}

/// What the ID token and UserInfo say of somebody's name.
async fn names(stage: &Stage, back: &url::Url) -> (bool, bool) {
    let app = App::of(stage);
    let tokens = app.tokens(back).await;
    let user_info = app.userinfo(&tokens.access).await.json();
    (jws_claims(&tokens.id).get("name").is_some(), user_info.get("name").is_some())
}

on_both_stores! {
    /// Promise 5: what the app marked optional is off until the person turns it on; its purpose and the very value
    /// stand beside it.
    async fn the_first_login_asks_and_what_is_optional_is_off(stage: Stage) {
        let browser = Browser::careful();
        let page = question(&stage, &browser, &[]).await;
        let boxes = boxes(&page);
        assert!(boxes.iter().any(|(name, _)| name == "name"), "{boxes:?}");
        assert!(boxes.iter().all(|(_, on)| !on), "{boxes:?}");
        assert!(page.body.contains("Ada") && page.body.contains("ada"), "the values that would be given");
        assert!(page.body.contains("notes.test"), "where people go back to");
        let back = answer(&browser, &page, "yes", &[]).await;
        assert_eq!(names(&stage, &back).await, (false, false));
    }

    async fn what_is_turned_on_goes_out_and_nobody_is_asked_twice(stage: Stage) {
        let browser = Browser::careful();
        let page = question(&stage, &browser, &[]).await;
        let back = answer(&browser, &page, "yes", &["name"]).await;
        assert_eq!(names(&stage, &back).await, (true, true));
        let again = browser.open(&stage.authorize(&[])).await;
        assert!(param(&again.location().unwrap(), "code").is_some(), "straight back");
        // Asked on demand, with what was chosen before.
        let page = question(&stage, &browser, &[("prompt", "consent")]).await;
        assert!(boxes(&page).contains(&("name".into(), true)));
        let back = answer(&browser, &page, "yes", &[]).await;
        assert_eq!(names(&stage, &back).await, (false, false));
    }

    async fn not_now_gives_nothing_and_leads_back(stage: Stage) {
        let browser = Browser::careful();
        let page = question(&stage, &browser, &[]).await;
        let back = answer(&browser, &page, "no", &["name"]).await;
        assert_eq!(param(&back, "error").as_deref(), Some("access_denied"));
        assert!(param(&back, "code").is_none());
        question(&stage, &browser, &[]).await;
    }

    async fn without_a_page_the_app_hears_that_one_is_needed(stage: Stage) {
        let browser = Browser::careful();
        let page = question(&stage, &browser, &[]).await;
        let silent = browser.open(&stage.authorize(&[("prompt", "none")])).await;
        assert_eq!(param(&silent.location().unwrap(), "error").as_deref(), Some("consent_required"));
        answer(&browser, &page, "yes", &[]).await;
        let silent = browser.open(&stage.authorize(&[("prompt", "none")])).await;
        assert!(param(&silent.location().unwrap(), "code").is_some());
    }

    /// A page that lay open while the app changed its words agrees to nothing; a new text asks for that claim alone.
    async fn a_new_purpose_is_asked_for_by_itself(stage: Stage) {
        let browser = Browser::careful();
        let stale = question(&stage, &browser, &[]).await;
        let why = "To greet you.";
        assert!(stage.config().contains(why), "the text that is about to change");
        let other = |config: String| config.replace(why, "To print it on your parcels.");
        stage.reload(other);
        let refused = browser.submit(&stale, "yes", &["name"]).await;
        let code = refused.location().and_then(|back| param(&back, "code"));
        assert!(code.is_none(), "{} {:?}", refused.status, refused.location());
        let page = question(&stage, &browser, &[]).await;
        answer(&browser, &page, "yes", &["name"]).await;
        stage.reload(|config| config);
        let page = question(&stage, &browser, &[]).await;
        assert_eq!(boxes(&page), [("name".to_owned(), false)], "that claim, and off again");
        let back = answer(&browser, &page, "yes", &[]).await;
        assert_eq!(names(&stage, &back).await, (false, false));
    }

    /// Forged, foreign and doubled answers: nothing is agreed to.
    async fn only_the_browser_that_was_asked_answers(stage: Stage) {
        let browser = Browser::careful();
        let page = question(&stage, &browser, &[]).await;
        let mut fields = page.hidden_fields();
        fields.push(("answer".into(), "yes".into()));
        let foreign = Browser::careful().post_from(&page, &fields).await;
        assert!(foreign.status.is_client_error(), "{}", foreign.status);
        let flat: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let cross = [("origin", "https://evil.test"), ("sec-fetch-site", "cross-site")];
        let url = format!("{}/consent", stage.issuer);
        assert!(browser.post(&url, &flat, &cross).await.status.is_client_error());
        for (name, value) in [("answer", "no"), ("form_token", "x"), ("name", "on")] {
            let mut doubled = fields.clone();
            doubled.push((name.into(), value.into()));
            doubled.push((name.into(), value.into()));
            let refused = browser.post_from(&page, &doubled).await;
            let code = refused.location().and_then(|back| param(&back, "code"));
            assert!(code.is_none(), "{name} twice: {}", refused.status);
        }
        let records = stage.records().await;
        assert!(!records.iter().any(|entry| entry.key.as_str().starts_with("c:")), "nothing is agreed to");
    }
}
