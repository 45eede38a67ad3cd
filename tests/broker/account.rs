//! The privacy page: what it shows and to whom, and what its forms do.

use url::Url;
use vestibule::{
    partition::{Deed, HeadIdentity},
    types::{AppId, ids::IdentityId},
};

use crate::{
    on_both_stores,
    stage::{App, Browser, OnStore, Page, Stage, Tokens, jws_claims},
};

const OURS: [(&str, &str); 1] = [("sec-fetch-site", "same-origin")];

fn at(stage: &Stage, path: &str) -> String {
    format!("{}{path}", stage.issuer)
}

async fn account(stage: &Stage, browser: &Browser) -> Page {
    let page = browser.get(&at(stage, "/account")).await;
    assert_eq!(page.status, 200, "{}", page.body);
    page
}

/// The token of the forms on the page.
fn form_token(page: &Page) -> String {
    page.attrs("#browsers input[name=form_token]", "value").remove(0)
}

/// Presses a button of the page; what came back.
async fn press(stage: &Stage, browser: &Browser, path: &str, on: &[&str]) -> Page {
    let token = form_token(&account(stage, browser).await);
    let mut fields = vec![("form_token", token.as_str())];
    fields.extend(on.iter().map(|claim| (*claim, "on")));
    browser.post(&at(stage, path), &fields, &OURS).await
}

/// The same, and what the page says then.
async fn said(stage: &Stage, browser: &Browser, path: &str, on: &[&str]) -> String {
    let answer = press(stage, browser, path, on).await;
    assert_eq!(answer.status, 303, "{path}: {}", answer.body);
    let page = browser.follow(answer).await;
    assert_eq!((page.status.as_u16(), page.url.path()), (200, "/account"), "{path}");
    let mut notes = page.texts("[role=status]");
    assert_eq!(notes.len(), 1, "{path}: {notes:?}");
    notes.remove(0)
}

/// Somebody who uses `notes`, and what the app got.
async fn somebody(stage: &Stage) -> (Browser, App, Tokens) {
    let browser = Browser::new();
    let answer = browser.sign_in(stage, &[], "google").await;
    let app = App::of(stage);
    let tokens = app.tokens(&answer).await;
    (browser, app, tokens)
}

/// Where a name goes out: at UserInfo, and in the next ID token.
async fn sees_name(app: &App, tokens: &Tokens) -> ([bool; 2], Tokens) {
    let user_info = app.userinfo(&tokens.access).await.json();
    let next = Tokens::of(&app.refresh(&tokens.refresh, &[]).await);
    ([user_info.get("name").is_some(), jws_claims(&next.id).get("name").is_some()], next)
}

on_both_stores! {
    /// One page has it all: claims, apps, pseudonyms, browsers, ways and history; and nothing of anybody else.
    async fn it_shows_what_is_known_and_who_gets_it(stage: Stage) {
        let (browser, app, tokens) = somebody(&stage).await;
        let other = Browser::new();
        stage.facebook.answer_with("grace");
        other.sign_in(&stage, &[("client_id", "blog"), ("redirect_uri", "https://blog.test/cb")], "facebook").await;
        app.userinfo(&tokens.access).await;

        let page = account(&stage, &browser).await;
        let known = page.texts("#known .row");
        let name = known.iter().find(|row| row.contains("Your full name")).unwrap();
        assert!(name.contains("Ada Lovelace") && name.contains("From Google") && name.contains("Gone on "), "{name}");
        assert_eq!(page.attrs("#known .row time", "datetime").len(), known.len());
        let sub = jws_claims(&tokens.id)["sub"].as_str().unwrap().to_owned();
        assert_eq!(page.texts("#subs code"), [sub]);
        let card = page.texts("#apps details").remove(0);
        for part in ["Notes", "Last used on", "Connected since", "To greet you.", "Went out last on", "Has not gone out"] {
            assert!(card.contains(part), "{part}: {card}");
        }
        assert_eq!(page.attrs("#apps input[type=checkbox]", "name"), ["name"]);
        assert!(page.attrs("#apps input[checked]", "name").is_empty());
        assert_eq!(page.texts("#browsers .row .chip"), ["this browser"]);
        assert_eq!(page.texts("#ways .row h3"), ["Google"]);
        assert_eq!(page.attrs("#ways .provider", "formaction"), ["/account/link/facebook"]);
        let history = page.texts("#history li").join("\n");
        assert!(history.contains("Signed in with Google") && history.contains("You agreed to what Notes asked"), "{history}");
        assert_eq!(page.attrs("#preview option", "value"), ["blog", "native", "notes", "shop", "wiki"]);
        for path in ["/account/export", "/account/export/schema", "/account/delete"] {
            assert!(page.attrs("main a", "href").contains(&path.to_owned()), "{path}");
        }
        let theirs = account(&stage, &other).await;
        assert!(!theirs.body.contains("Ada") && !page.body.contains("Grace"));
        assert_eq!(theirs.texts("#apps summary .name"), ["Blog"]);
        assert_eq!((page.header("cache-control"), page.header("referrer-policy")), ("no-store", "no-referrer"));
        stage.stop().await;
    }

    /// Turned on, a claim is in the next refresh and at UserInfo; turned off, it is gone from both at once.
    async fn what_is_chosen_counts_at_once(stage: Stage) {
        let (browser, app, tokens) = somebody(&stage).await;
        let (seen, tokens) = sees_name(&app, &tokens).await;
        assert_eq!(seen, [false, false]);
        let note = said(&stage, &browser, "/account/apps/notes", &["name"]).await;
        assert_eq!(note, "Saved. Notes gets what you chose, from now on.");
        assert_eq!(account(&stage, &browser).await.attrs("#apps input[checked]", "name"), ["name"]);
        let (seen, tokens) = sees_name(&app, &tokens).await;
        assert_eq!(seen, [true, true]);
        assert_eq!(said(&stage, &browser, "/account/apps/notes", &["name"]).await, "Nothing changed for Notes.");
        said(&stage, &browser, "/account/apps/notes", &[]).await;
        assert_eq!(sees_name(&app, &tokens).await.0, [false, false]);
        // What is required is no choice, and what the app does not ask for is none either.
        assert_eq!(said(&stage, &browser, "/account/apps/notes", &["email", "gender"]).await, "Nothing changed for Notes.");
        for (field, status) in [("nonsense", 400), ("answer", 400)] {
            assert_eq!(press(&stage, &browser, "/account/apps/notes", &[field]).await.status, status);
        }
        stage.stop().await;
    }

    /// Paused, an app gets nothing; resumed, it goes on; disconnected, its refresh token is dead.
    async fn an_app_is_paused_resumed_and_disconnected(stage: Stage) {
        let (browser, app, tokens) = somebody(&stage).await;
        assert!(said(&stage, &browser, "/account/apps/notes/pause", &[]).await.contains("paused"));
        assert_eq!(account(&stage, &browser).await.texts("#apps .chip"), ["Paused"]);
        assert_ne!(app.userinfo(&tokens.access).await.status, 200);
        assert!(said(&stage, &browser, "/account/apps/notes/resume", &[]).await.contains("goes on"));
        assert_eq!(app.userinfo(&tokens.access).await.status, 200);
        let tokens = Tokens::of(&app.refresh(&tokens.refresh, &[]).await);

        assert!(said(&stage, &browser, "/account/apps/notes/disconnect", &[]).await.contains("disconnected"));
        assert_eq!(app.refresh(&tokens.refresh, &[]).await.status, 400);
        assert_ne!(app.userinfo(&tokens.access).await.status, 200);
        let page = account(&stage, &browser).await;
        assert_eq!(page.texts("#apps .chip"), ["Not connected"]);
        assert!(page.attrs("#apps form", "action").is_empty(), "nothing is left to decide");
        assert_eq!(said(&stage, &browser, "/account/apps/notes/disconnect", &[]).await, "Notes is not connected.");
        assert_eq!(press(&stage, &browser, "/account/apps/nobody/pause", &[]).await.status, 404);
        stage.stop().await;
    }

    /// One browser, all others, all: each is signed out at once, and nobody else.
    async fn browsers_are_signed_out(stage: Stage) {
        let (this, _, _) = somebody(&stage).await;
        let (second, third, stranger) = (Browser::new(), Browser::new(), Browser::new());
        for browser in [&second, &third] {
            browser.sign_in(&stage, &[], "google").await;
        }
        stage.facebook.answer_with("grace");
        stranger.sign_in(&stage, &[], "facebook").await;
        let is_in = async |browser: &Browser| browser.get(&at(&stage, "/account")).await.status == 200;
        let name_of = async |browser: &Browser| {
            let cookie = browser.cookie(&stage.issuer, "vst_session").unwrap();
            stage.broker().house().sessions.find(&cookie).await.unwrap().unwrap().id.to_string()
        };
        assert_eq!(account(&stage, &this).await.texts("#browsers .row").len(), 3);
        let end = format!("/account/sessions/{}/end", name_of(&second).await);
        assert_eq!(said(&stage, &this, &end, &[]).await, "That browser is signed out.");
        assert!(!is_in(&second).await && is_in(&third).await);
        assert_eq!(said(&stage, &this, &end, &[]).await, "That browser was signed out already.");
        // A name that belongs to somebody else is none here.
        let theirs = format!("/account/sessions/{}/end", name_of(&stranger).await);
        assert_eq!(said(&stage, &this, &theirs, &[]).await, "That browser was signed out already.");
        assert!(is_in(&stranger).await);
        assert_eq!(press(&stage, &this, "/account/sessions/nonsense/end", &[]).await.status, 404);

        let others = said(&stage, &this, "/account/sessions/end-others", &[]).await;
        assert_eq!(others, "All other browsers are signed out.");
        assert!(is_in(&this).await && !is_in(&third).await && is_in(&stranger).await);
        assert_eq!(said(&stage, &this, "/account/sessions/end-others", &[]).await, "No other browser was signed in.");

        third.sign_in(&stage, &[], "google").await;
        let answer = press(&stage, &this, "/account/sessions/end-all", &[]).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/logout/done"));
        assert!(this.cookie(&stage.issuer, "vst_session").is_none(), "the cookie goes, too");
        assert!(!is_in(&this).await && !is_in(&third).await && is_in(&stranger).await);

        let own = format!("/account/sessions/{}/end", name_of(&stranger).await);
        let answer = press(&stage, &stranger, &own, &[]).await;
        assert_eq!(answer.header("location"), "/logout/done");
        assert!(stranger.cookie(&stage.issuer, "vst_session").is_none() && !is_in(&stranger).await);
        stage.stop().await;
    }

    /// A way is removed with the browsers that came by it; the last one stays.
    async fn a_way_is_removed_unless_it_is_the_last(stage: Stage) {
        let (browser, _, _) = somebody(&stage).await;
        let who = stage.who(&browser).await;
        let own = who.living.identities[0].identity;
        let unlink = |identity: IdentityId| format!("/account/ways/{identity}/unlink");
        let last = said(&stage, &browser, &unlink(own), &[]).await;
        assert_eq!(last, "Google is your only way in, so it stays.");
        assert!(account(&stage, &browser).await.attrs("#ways .act", "formaction").is_empty());

        let added = IdentityId::new([7; 32]);
        let identity = HeadIdentity { provider: "facebook".parse().unwrap(), identity: added };
        stage.broker().house().accounts.link(&who, identity).await.unwrap();
        let page = account(&stage, &browser).await;
        assert_eq!(page.attrs("#ways .act", "formaction"), [unlink(own), unlink(added)]);
        assert!(page.attrs("#ways .provider", "formaction").is_empty(), "nothing is left to add");
        assert_eq!(said(&stage, &browser, &unlink(added), &[]).await, "Facebook is removed. It no longer leads here.");
        assert_eq!(said(&stage, &browser, &unlink(added), &[]).await, "That way to sign in was gone already.");

        let identity = HeadIdentity { provider: "facebook".parse().unwrap(), identity: added };
        stage.broker().house().accounts.link(&stage.who(&browser).await, identity).await.unwrap();
        let answer = press(&stage, &browser, &unlink(own), &[]).await;
        assert_eq!(answer.header("location"), "/logout/done", "this browser came by it");
        assert_ne!(browser.get(&at(&stage, "/account")).await.status, 200);
        stage.stop().await;
    }

    /// Every form is refused that no page of this person's made, and changes nothing (AC-35 and its neighbours).
    async fn a_form_of_anybody_else_is_refused(stage: Stage) {
        let (browser, app, tokens) = somebody(&stage).await;
        let other = Browser::new();
        stage.facebook.answer_with("grace");
        other.sign_in(&stage, &[], "facebook").await;
        let (own, theirs) = (form_token(&account(&stage, &browser).await), form_token(&account(&stage, &other).await));
        let id = stage.who(&browser).await.living.identities[0].identity;
        let session = stage.broker().house().sessions.list(&stage.who(&browser).await).await.unwrap()[0].id;
        let before = stage.people_records().await.len();
        for path in [
            "/account/apps/notes".to_owned(),
            "/account/apps/notes/pause".to_owned(),
            "/account/apps/notes/resume".to_owned(),
            "/account/apps/notes/disconnect".to_owned(),
            "/account/sessions/end-others".to_owned(),
            "/account/sessions/end-all".to_owned(),
            format!("/account/sessions/{session}/end"),
            format!("/account/ways/{id}/unlink"),
        ] {
            let link = account(&stage, &browser).await.attrs("#ways .stack, #ways form input", "value").pop().unwrap();
            for (token, headers) in [
                ("", vec![]),
                ("nonsense", vec![]),
                (theirs.as_str(), vec![]),
                (link.as_str(), vec![]),
                (own.as_str(), vec![("origin", "https://evil.test")]),
                (own.as_str(), vec![("sec-fetch-site", "cross-site")]),
                (own.as_str(), vec![("sec-fetch-site", "same-site")]),
            ] {
                let answer = browser.post(&at(&stage, &path), &[("form_token", token)], &headers).await;
                assert_eq!(answer.status, 403, "{path} {headers:?}: {}", answer.body);
            }
            let nobody = Browser::new().post(&at(&stage, &path), &[("form_token", &own)], &OURS).await;
            assert_eq!((nobody.status.as_u16(), nobody.header("location")), (303, "/account"), "{path}");
            assert_eq!(browser.get(&at(&stage, &path)).await.status, 405, "{path}");
        }
        assert_eq!(stage.people_records().await.len(), before);
        assert_eq!(app.userinfo(&tokens.access).await.status, 200);
        stage.stop().await;
    }

    /// A name of somebody else's app connection, session or identity is none of one's own.
    async fn nobody_acts_on_somebody_else(stage: Stage) {
        let (browser, app, tokens) = somebody(&stage).await;
        let other = Browser::new();
        stage.facebook.answer_with("grace");
        other.sign_in(&stage, &[("client_id", "blog"), ("redirect_uri", "https://blog.test/cb")], "facebook").await;
        let id = stage.who(&browser).await.living.identities[0].identity;
        for path in ["/account/apps/notes/disconnect", "/account/apps/notes/pause", "/account/apps/notes"] {
            assert_eq!(said(&stage, &other, path, &[]).await, "Notes is not connected.", "{path}");
        }
        let unlinked = said(&stage, &other, &format!("/account/ways/{id}/unlink"), &[]).await;
        assert_eq!(unlinked, "That way to sign in was gone already.");
        assert_eq!(account(&stage, &browser).await.texts("#ways .row h3"), ["Google"]);
        assert_eq!(app.userinfo(&tokens.access).await.status, 200);
        assert!(app.refresh(&tokens.refresh, &[]).await.status == 200);
        stage.stop().await;
    }

    /// What an app would get, before it is used, while it is, and while it is paused.
    async fn a_preview_shows_what_an_app_would_get(stage: Stage) {
        let (browser, _, _) = somebody(&stage).await;
        let preview = async |app: &str| browser.get(&at(&stage, &format!("/account/preview?app={app}"))).await;
        let wiki = preview("wiki").await;
        assert_eq!(wiki.texts("h1"), ["What Wiki would get"]);
        assert!(wiki.texts(".row").join("\n").contains("Ada Lovelace"));
        let never = wiki.texts(".chips li");
        assert!(never.contains(&"Your e-mail address".to_owned()), "{never:?}");
        let sections = |page: &Page| page.texts("main section .row h3");
        let notes = preview("notes").await;
        assert_eq!(sections(&notes), ["Your e-mail address", "Your full name"]);
        assert!(notes.texts("main section")[1].starts_with("Only if you turn it on"), "{}", notes.body);
        said(&stage, &browser, "/account/apps/notes", &["name"]).await;
        assert!(!preview("notes").await.body.contains("Only if you turn it on"));
        said(&stage, &browser, "/account/apps/notes/pause", &[]).await;
        assert!(preview("notes").await.texts(".lede")[0].contains("paused"));
        let before = stage.people_records().await;
        for (path, status) in [("?app=nobody", 404), ("", 404), ("?app=a&app=b", 400)] {
            assert_eq!(browser.get(&at(&stage, &format!("/account/preview{path}"))).await.status, status, "{path}");
        }
        assert_eq!(stage.people_records().await, before, "looking writes nothing");
        for path in ["/account/preview?app=notes", "/account/history", "/account/apps"] {
            let page = Browser::new().get(&at(&stage, path)).await;
            assert_eq!((page.status.as_u16(), page.header("location")), (303, "/account"), "{path}");
        }
        stage.stop().await;
    }

    /// How an act came out is said once, to whom it belongs, and nobody else can say it.
    async fn a_note_is_said_once(stage: Stage) {
        let (browser, _, _) = somebody(&stage).await;
        let answer = press(&stage, &browser, "/account/apps/notes", &["name"]).await;
        assert_eq!(answer.header("location"), "/account#apps");
        let note = browser.cookie(&stage.issuer, "vst_note").unwrap();
        assert_eq!(account(&stage, &browser).await.texts("[role=status]").len(), 1);
        assert!(account(&stage, &browser).await.texts("[role=status]").is_empty());
        let other = Browser::new();
        stage.facebook.answer_with("grace");
        other.sign_in(&stage, &[], "facebook").await;
        for cookie in [note.as_str(), "nonsense"] {
            other.set_cookie(&stage.issuer, "vst_note", cookie);
            assert!(account(&stage, &other).await.texts("[role=status]").is_empty());
        }
        stage.stop().await;
    }
}

on_both_stores! {
    /// Two hundred apps and a thousand lines of history: every page stays small, and each of them is on one.
    async fn it_stays_small_for_somebody_with_much(on: OnStore) {
        let more: String = (0..200)
            .map(|n| format!("\n[apps.app-{n}]\nname = \"App {n}\"\nconsent = \"implicit\"\nredirect_uris = [\"https://app-{n}.test/cb\"]\nclaims.name = {{ need = \"optional\", why = \"To greet you.\" }}\n"))
            .collect();
        let stage = Stage::start_with(on, move |config| format!("{config}{more}")).await;
        let (browser, _, _) = somebody(&stage).await;
        for n in 0..200 {
            let (id, back) = (format!("app-{n}"), format!("https://app-{n}.test/cb"));
            browser.sign_in(&stage, &[("client_id", &id), ("redirect_uri", &back)], "google").await;
        }
        let (house, who) = (stage.broker().house(), stage.who(&browser).await);
        for _ in 0..1000 {
            house.accounts.note(&who, Deed::Declined { app: "app-7".parse::<AppId>().unwrap() }).await.unwrap();
        }
        let page = account(&stage, &browser).await;
        assert!(page.body.len() < 200_000, "{}", page.body.len());
        assert_eq!((page.texts("#apps details").len(), page.texts("#history li").len()), (25, 10));
        let mut seen = std::collections::BTreeSet::new();
        let mut next = Some(page);
        while let Some(page) = next {
            seen.extend(page.texts("details .name"));
            next = follow(&browser, &page, "#apps > .acts a, .fact .acts a", "More apps").await;
        }
        assert_eq!(seen.len(), 201);
        let (mut lines, mut next) = (0, Some(browser.get(&at(&stage, "/account/history")).await));
        while let Some(page) = next {
            assert!(page.texts(".lines li").len() <= 50);
            lines += page.texts(".lines li").len();
            next = follow(&browser, &page, ".acts a", "Older").await;
        }
        assert_eq!(lines, house.accounts.history(&who).await.unwrap().len());
        for odd in ["0", "-1", "x", "65536", "1&page=2"] {
            let page = browser.get(&at(&stage, &format!("/account/history?page={odd}"))).await;
            assert!(matches!(page.status.as_u16(), 400 | 404), "{odd}: {}", page.status);
        }
        let beyond = browser.get(&at(&stage, "/account/history?page=60000")).await;
        assert!(beyond.texts("main p").contains(&"Nothing so far.".to_owned()), "{}", beyond.body);
        stage.stop().await;
    }
}

/// Where a link of that text leads, if there is one.
async fn follow(browser: &Browser, page: &Page, css: &str, text: &str) -> Option<Page> {
    let at = page.texts(css).iter().position(|found| found == text)?;
    let href: Url = page.url.join(&page.attrs(css, "href")[at]).unwrap();
    Some(browser.get(href.as_str()).await)
}
