//! The person's language: asked for by an app, chosen on any page, or what the browser prefers.

use std::collections::BTreeSet;

use crate::{
    on_both_stores,
    stage::{Browser, Page, Stage},
};

/// The language that a page is in, in its headers and in itself.
fn language(page: &Page) -> String {
    assert!(page.body.contains("<html"), "{} is no page: {} {}", page.url, page.status, page.body);
    let lang = page.attrs("html", "lang").remove(0);
    assert_eq!(page.header("content-language"), lang);
    assert_eq!(page.header("vary"), "Accept-Language, Cookie");
    lang
}

/// Every record by its name. (The keyring changes by itself soon after the start.)
async fn names(stage: &Stage) -> BTreeSet<(String, String)> {
    let records = stage.records().await;
    records.iter().map(|entry| (entry.partition.as_str().to_owned(), entry.key.as_str().to_owned())).collect()
}

/// Chooses a language in the foot of a page; what came back.
async fn choose(browser: &Browser, page: &Page, tag: &str) -> Page {
    assert!(page.body.contains("/language"), "{}: {} {}", page.url, page.status, page.body);
    let form_token = page.attrs("footer form input[name=form_token]", "value").remove(0);
    let action = page.url.join(&page.attrs("footer form", "action")[0]).unwrap();
    let origin = action.origin().ascii_serialization();
    let fields = [("form_token", form_token.as_str()), ("language", tag)];
    browser.post(action.as_str(), &fields, &[("origin", &origin), ("sec-fetch-site", "same-origin")]).await
}

on_both_stores! {
    /// A person chooses before anything of theirs is stored, comes back to the same page, and is understood from then on.
    async fn a_choice_holds_on_every_page_and_stores_nothing(stage: Stage) {
        let browser = Browser::new();
        let before = names(&stage).await;
        let login = browser.open(&stage.authorize(&[])).await;
        assert_eq!((login.url.path(), language(&login).as_str()), ("/login", "en"));
        let answer = choose(&browser, &login, "de").await;
        assert_eq!((answer.status.as_u16(), answer.location().unwrap()), (303, login.url.clone()));
        let set = answer.header("set-cookie");
        assert_eq!(set, "vst_lang=de; HttpOnly; SameSite=Lax; Path=/; Max-Age=31536000");
        let login = browser.follow(answer).await;
        assert_eq!(language(&login), "de");
        assert_eq!(names(&stage).await, before, "an anonymous request writes nothing");

        for path in ["/", "/privacy", "/logout", "/nowhere", "/authorize"] {
            assert_eq!(language(&browser.open(&format!("{}{path}", stage.issuer)).await), "de", "{path}");
        }
        let french = [("accept-language", "fr")];
        assert_eq!(language(&browser.get_with(&stage.issuer, &french).await), "de", "a choice goes before the browser");
        assert_eq!(language(&Browser::new().get_with(&stage.issuer, &french).await), "fr");
        stage.stop().await;
    }
}

#[tokio::test]
async fn the_wish_of_an_app_goes_before_the_choice() {
    let stage = Stage::start(crate::stage::OnStore::Sqlite).await;
    let browser = Browser::new();
    browser.set_cookie(&stage.issuer, "vst_lang", "es");
    let wished = browser.open(&stage.authorize(&[("ui_locales", "xx fr-CA en")])).await;
    assert_eq!(language(&wished), "fr");
    assert!(wished.attrs("footer form", "action").is_empty(), "a choice that would change nothing is not offered");
    assert_eq!(language(&browser.open(&stage.authorize(&[])).await), "es");
    browser.set_cookie(&stage.issuer, "vst_lang", "klingon");
    assert_eq!(
        language(&browser.open(&stage.authorize(&[])).await),
        "en",
        "a language that is none counts as no choice"
    );
    stage.stop().await;
}

/// Only a page of ours asks, and the way back is always here.
#[tokio::test]
async fn a_choice_leads_nowhere_else() {
    let stage = Stage::start(crate::stage::OnStore::Sqlite).await;
    let (browser, home) = (Browser::new(), format!("{}/", stage.issuer));
    for path in ["//evil.test/x", "//evil.test", "/%2f%2fevil.test", "/\\evil.test", "/x?back=https://evil.test/"] {
        let page = browser.raw("GET", &format!("{}{path}", stage.issuer), &[], "").await;
        let answer = choose(&browser, &page, "de").await;
        let to = answer.location().unwrap();
        assert_eq!(to.origin().ascii_serialization(), stage.issuer, "{path} leads to {to}");
        assert!(answer.header("location").starts_with(&home), "{path}: {}", answer.header("location"));
    }
    let page = browser.get(&format!("{}/callback/google?code=x&state=y", stage.issuer)).await;
    assert_eq!(choose(&browser, &page, "de").await.header("location"), home, "a spent code is not asked for again");
    let posted = browser.post(&format!("{}/login/google", stage.issuer), &[], &[]).await;
    assert_eq!(choose(&browser, &posted, "de").await.header("location"), home, "nor is a form sent again");
    let long = browser.get(&format!("{}/nowhere?{}", stage.issuer, "x".repeat(4000))).await;
    assert_eq!(choose(&browser, &long, "de").await.header("location"), home);
    stage.stop().await;
}

#[tokio::test]
async fn a_choice_that_no_page_of_ours_offered_is_refused() {
    let stage = Stage::start(crate::stage::OnStore::Sqlite).await;
    let browser = Browser::new();
    let url = format!("{}/language", stage.issuer);
    let page = browser.get(&stage.issuer).await;
    let form_token = page.attrs("footer form input[name=form_token]", "value").remove(0);
    let good = [("form_token", form_token.as_str()), ("language", "de")];
    let login = browser.open(&stage.authorize(&[])).await;
    let of_login = login.hidden_fields().into_iter().find(|(name, _)| name == "form_token").unwrap().1;
    for (fields, headers, status) in [
        (vec![("language", "de")], vec![], 403),
        (vec![("form_token", "nonsense"), ("language", "de")], vec![], 403),
        (vec![("form_token", of_login.as_str()), ("language", "de")], vec![], 403),
        (good.to_vec(), vec![("origin", "https://evil.test")], 403),
        (good.to_vec(), vec![("sec-fetch-site", "cross-site")], 403),
        (vec![good[0], ("language", "it")], vec![], 400),
        (vec![good[0]], vec![], 400),
        (good.to_vec(), vec![], 303),
    ] {
        let answer = browser.post(&url, &fields, &headers).await;
        assert_eq!(answer.status.as_u16(), status, "{fields:?} {headers:?}");
        assert_eq!(answer.header("set-cookie").is_empty(), status != 303);
    }
    assert_eq!(browser.get(&url).await.status, 405);
    stage.stop().await;
}
