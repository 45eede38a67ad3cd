//! What stands beside the question: apps that ask nobody, that are paused, that may come back by themselves.

use vestibule::{
    flow::Agreement,
    partition::{Deed, ReceiptEvent},
    types::{AppId, Claim},
};

use crate::{
    on_both_stores,
    stage::{App, Browser, NOTES_CALLBACK, OnStore, Stage, jws_claims, param},
};

fn notes() -> AppId {
    "notes".parse().unwrap()
}

async fn agreement(stage: &Stage, browser: &Browser) -> Option<Agreement> {
    let who = stage.who(browser).await;
    stage.broker().house().consents.find(&who, &notes()).await.unwrap().agreement
}

async fn deeds(stage: &Stage, browser: &Browser) -> Vec<Deed> {
    let who = stage.who(browser).await;
    let lines = stage.broker().house().accounts.history(&who).await.unwrap();
    lines.into_iter().map(|line| line.deed).collect()
}

fn error(page: &crate::stage::Page) -> Option<String> {
    page.location().and_then(|url| param(&url, "error"))
}

on_both_stores! {
    /// A yes and a no are written down, each once; a receipt says to what, in the app's words.
    async fn what_was_answered_is_written_down(stage: Stage) {
        let browser = Browser::careful();
        let login = browser.open(&stage.authorize(&[])).await;
        let page = browser.choose(&login, "google").await;
        browser.submit(&page, "no", &[]).await;
        let declined = Deed::Declined { app: notes() };
        assert_eq!(deeds(&stage, &browser).await.last(), Some(&declined));
        assert!(agreement(&stage, &browser).await.is_none());

        let page = browser.open(&stage.authorize(&[])).await;
        browser.submit(&page, "yes", &["name"]).await;
        browser.open(&stage.authorize(&[])).await;
        let deeds = deeds(&stage, &browser).await;
        assert_eq!(deeds.iter().filter(|deed| **deed == Deed::Agreed { app: notes() }).count(), 1, "{deeds:?}");
        let who = stage.who(&browser).await;
        let receipts = stage.broker().house().accounts.receipts(&who).await.unwrap();
        let [receipt] = receipts.as_slice() else { panic!("{receipts:?}") };
        assert_eq!((receipt.event, receipt.implicit, receipt.app_name.as_str()), (ReceiptEvent::Given, false, "Notes"));
        let name = receipt.items.iter().find(|item| item.claim == Claim::Name).unwrap();
        assert_eq!((name.on, name.why.as_str()), (true, "To greet you."));
        stage.stop().await;
    }

    /// An operator's own app: nothing is asked, not even on demand; what it gets is written down, and can be changed.
    async fn an_operators_own_app_asks_nothing(on: OnStore) {
        let implicit = |config: String| config.replacen("[apps.notes]", "[apps.notes]\nconsent = \"implicit\"", 1);
        let stage = Stage::start_with(on, implicit).await;
        let browser = Browser::careful();
        let answer = browser.sign_in(&stage, &[("prompt", "consent")], "google").await;
        let app = App::of(&stage);
        let tokens = app.tokens(&answer).await;
        assert!(jws_claims(&tokens.id).get("email").is_some() && jws_claims(&tokens.id).get("name").is_none());
        assert!(agreement(&stage, &browser).await.unwrap().implicit);
        let (house, who) = (stage.broker().house(), stage.who(&browser).await);
        let receipts = house.accounts.receipts(&who).await.unwrap();
        assert!(matches!(receipts.as_slice(), [receipt] if receipt.implicit), "{receipts:?}");
        let directory = house.directory.load_full();
        let on = [Claim::Name].into();
        house.consents.change(&who, directory.apps.get(&notes()).unwrap(), &on).await.unwrap();
        assert!(app.userinfo(&tokens.access).await.json().get("name").is_some());
        // From now on the operator has people asked: what nobody was asked about is no answer.
        stage.reload(|config| config.replacen("consent = \"implicit\"", "consent = \"explicit\"", 1));
        let page = browser.open(&stage.authorize(&[])).await;
        assert!(page.is_question());
        assert_eq!(page.attrs("main input[checked]", "name"), ["name"], "what the person turned on themselves");
        stage.stop().await;
    }

    /// Paused: the app hears no, with or without a page, until the person resumes it; nobody is asked anything.
    async fn a_paused_app_hears_no(stage: Stage) {
        let browser = Browser::careful();
        let login = browser.open(&stage.authorize(&[])).await;
        let page = browser.choose(&login, "google").await;
        browser.submit(&page, "yes", &[]).await;
        let (house, who) = (stage.broker().house(), stage.who(&browser).await);
        let directory = house.directory.load_full();
        let app = directory.apps.get(&notes()).unwrap();
        house.consents.pause(&who, app).await.unwrap();
        for prompt in ["", "none", "consent"] {
            let page = browser.open(&stage.authorize(&[("prompt", prompt)])).await;
            assert_eq!(error(&page).as_deref(), Some("access_denied"), "{prompt:?}");
        }
        house.consents.resume(&who, app).await.unwrap();
        let page = browser.open(&stage.authorize(&[])).await;
        assert!(param(&page.location().unwrap(), "code").is_some());
        stage.stop().await;
    }

    /// Coming back while the person is away: a line without a box, shown once, agreed to by the yes.
    async fn coming_back_while_the_person_is_away_is_a_line_of_the_page(stage: Stage) {
        let browser = Browser::careful();
        let login = browser.open(&stage.authorize(&[])).await;
        let page = browser.choose(&login, "google").await;
        assert!(!page.texts("main h2").iter().any(|text| text == "Also while you are away"));
        browser.submit(&page, "yes", &[]).await;
        assert!(!agreement(&stage, &browser).await.unwrap().offline);

        let offline = [("scope", "openid email profile offline_access")];
        let page = browser.open(&stage.authorize(&offline)).await;
        assert!(page.is_question());
        assert!(page.texts("main h2").iter().any(|text| text == "Also while you are away"), "{}", page.body);
        assert!(page.attrs("main input[type=checkbox]", "name").is_empty());
        browser.submit(&page, "yes", &[]).await;
        assert!(agreement(&stage, &browser).await.unwrap().offline);
        let again = browser.open(&stage.authorize(&offline)).await;
        assert!(param(&again.location().unwrap(), "code").is_some(), "no question twice");
        stage.stop().await;
    }

    /// What a later question leaves out is named: what the app may see already, and what it never gets.
    async fn a_later_question_says_what_is_settled(on: OnStore) {
        let stage = Stage::start_with(on, |config| config).await;
        let browser = Browser::careful();
        let login = browser.open(&stage.authorize(&[])).await;
        let page = browser.choose(&login, "google").await;
        assert!(page.texts("main ul.chips li").iter().any(|text| text == "Your picture"), "{}", page.body);
        browser.submit(&page, "yes", &["name"]).await;
        let picture = "[apps.notes]\nclaims.picture = { need = \"optional\", why = \"To show it.\" }";
        stage.reload(|config| config.replacen("[apps.notes]", picture, 1));
        let page = browser.open(&stage.authorize(&[])).await;
        assert_eq!(page.attrs("main input[type=checkbox]", "name"), ["picture"]);
        let chips = page.texts("main ul.chips li");
        assert!(["Your full name", "Your e-mail address"].iter().all(|text| chips.contains(&(*text).to_owned())), "{chips:?}");
        assert!(!chips.contains(&"Your picture".to_owned()));
        stage.stop().await;
    }

    /// A form of this page may lead back to the app, and through a provider; a browser follows it nowhere else.
    async fn the_page_lets_its_form_lead_back_to_the_app(stage: Stage) {
        let browser = Browser::careful();
        let login = browser.open(&stage.authorize(&[])).await;
        let page = browser.choose(&login, "google").await;
        let policy = page.header("content-security-policy").to_owned();
        let home = url::Url::parse(NOTES_CALLBACK).unwrap().origin().ascii_serialization();
        assert!(policy.contains("form-action 'self' https: ") && policy.contains(&home), "{policy}");
        assert_eq!((page.header("cache-control"), page.header("referrer-policy")), ("no-store", "no-referrer"));
        stage.stop().await;
    }
}
