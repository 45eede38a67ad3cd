//! Promise 5: a claim that the app marked optional is off until the person turns it on, and can be turned off again.

use crate::{
    on_both_stores,
    stage::{App, Browser, Stage, jws_claims},
};

/// What a person does on their own page: opens it, sets the boxes of an app, presses the button.
async fn choose_on_the_page(stage: &Stage, browser: &Browser, on: &[&str]) {
    let page = browser.get(&format!("{}/account", stage.issuer)).await;
    let form = "#apps form[action='/account/apps/notes']";
    let token = page.attrs(&format!("{form} input[name=form_token]"), "value").remove(0);
    let mut fields = vec![("form_token", token.as_str())];
    fields.extend(on.iter().map(|claim| (*claim, "on")));
    let answer = browser.post(&format!("{}/account/apps/notes", stage.issuer), &fields, &[]).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/account#apps"));
}

/// Where a name could go out.
async fn sees(app: &App, access: &str, refresh: &str) -> ([bool; 2], String) {
    let user_info = app.userinfo(access).await.json();
    let refreshed = crate::stage::Tokens::of(&app.refresh(refresh, &[]).await);
    let id = jws_claims(&refreshed.id);
    ([user_info.get("name").is_some(), id.get("name").is_some()], refreshed.refresh)
}

on_both_stores! {
    async fn promise_5_opt_in(stage: Stage) {
        let (browser, app) = (Browser::careful(), App::of(&stage));
        let login = browser.open(&stage.authorize(&[])).await;
        let page = browser.choose(&login, "google").await;
        // The purpose stands beside it, with the very value, and it is off.
        let row = page.texts("main li.row").into_iter().find(|row| row.contains("Ada Lovelace")).unwrap();
        assert!(row.contains("To greet you.") && row.contains("From"), "{row}");
        assert_eq!(page.attrs("main input[type=checkbox]", "name"), ["name"]);
        assert!(page.attrs("main input[checked]", "name").is_empty());
        let answer = browser.submit(&page, "yes", &[]).await.location().unwrap();
        let tokens = app.tokens(&answer).await;
        assert!(jws_claims(&tokens.id).get("name").is_none());
        let (seen, refresh) = sees(&app, &tokens.access, &tokens.refresh).await;
        assert_eq!(seen, [false, false], "off until it is turned on");

        choose_on_the_page(&stage, &browser, &["name"]).await;
        let (seen, refresh) = sees(&app, &tokens.access, &refresh).await;
        assert_eq!(seen, [true, true]);
        choose_on_the_page(&stage, &browser, &[]).await;
        let (seen, refresh) = sees(&app, &tokens.access, &refresh).await;
        assert_eq!(seen, [false, false], "and off again, at once");

        // Another purpose is another question: what was turned on is off until the person has read why.
        choose_on_the_page(&stage, &browser, &["name"]).await;
        stage.reload(|config| config.replace("To greet you.", "To sell it."));
        assert_eq!(sees(&app, &tokens.access, &refresh).await.0, [false, false]);
        stage.stop().await;
    }
}
