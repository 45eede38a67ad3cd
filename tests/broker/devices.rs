//! Devices without a browser (RFC 8628).

use serde_json::json;
use vestibule::partition::{Origin, StatusCode};

use crate::{
    on_both_stores,
    stage::{App, Browser, NOTES_SECRET, OnStore, Page, Stage, Tokens, jws_claims},
};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

async fn stage_with(on: OnStore, change: impl Fn(String) -> String + Send + Sync + 'static) -> Stage {
    Stage::start_with(on, move |config| {
        let hash = config.lines().find(|line| line.starts_with("secret_sha256")).unwrap().to_owned();
        change(format!(
            "{config}\n[apps.tv]\nname = \"Television\"\nclient_uri = \"https://tv.test/\"\n\
             grant_types = [\"{GRANT}\", \"refresh_token\"]\n\
             claims.name = {{ need = \"required\", why = \"To greet you.\" }}\n\
             [apps.radio]\nname = \"Radio\"\n{hash}\ngrant_types = [\"{GRANT}\"]\n"
        ))
    })
    .await
}

async fn stage(on: OnStore) -> Stage {
    stage_with(on, |config| config).await
}

struct Device {
    app: App,
    browser: Browser,
    at: String,
    code: String,
    user_code: String,
    page: String,
}

impl Device {
    /// A television that is switched on.
    async fn on(stage: &Stage) -> Self {
        let page = begin(stage, &[("client_id", "tv"), ("scope", "openid profile")]).await;
        assert_eq!((page.status.as_u16(), page.header("cache-control")), (200, "no-store"), "{}", page.body);
        let answer = page.json();
        let text = |name: &str| answer[name].as_str().unwrap().to_owned();
        assert_eq!((&answer["expires_in"], &answer["interval"]), (&json!(600), &json!(5)));
        assert_eq!(text("verification_uri"), format!("{}/device", stage.issuer));
        let (code, user_code) = (text("device_code"), text("user_code"));
        let at = text("verification_uri_complete");
        assert_eq!(at, format!("{}/device?user_code={user_code}", stage.issuer));
        Self { app: App::of(stage), browser: Browser::careful(), at, code, user_code, page: text("verification_uri") }
    }

    async fn poll_as(&self, who: &[(&str, &str)]) -> Page {
        let form = [&[("grant_type", GRANT), ("device_code", self.code.as_str())], who].concat();
        self.app.token_with(&form, &[]).await
    }

    async fn poll(&self) -> Page {
        self.poll_as(&[("client_id", "tv")]).await
    }

    async fn refused(&self, error: &str) {
        let page = self.poll().await;
        assert_eq!((page.status.as_u16(), page.json()["error"].as_str()), (400, Some(error)), "{}", page.body);
    }

    /// Types a code into the page.
    async fn type_code(&self, code: &str) -> Page {
        type_code(&self.browser, &self.page, code).await
    }

    /// Types the code and says that the device is one's own, up to the choice of a provider.
    async fn confirmed(&self) -> Page {
        let question = self.type_code(&self.user_code).await;
        assert_eq!(question.url.path(), "/device/confirm", "{}", question.body);
        self.browser.answer(&question, "yes", &[]).await
    }

    /// The same, and signs in and agrees.
    async fn connected(&self, provider: &str) -> Page {
        let mut page = self.confirmed().await;
        if page.url.path() == "/login" {
            page = self.browser.choose(&page, provider).await;
        }
        if page.is_question() {
            page = self.browser.answer(&page, "yes", &[]).await;
        }
        page
    }
}

async fn type_code(browser: &Browser, at: &str, code: &str) -> Page {
    let page = browser.get(at).await;
    let mut fields = page.hidden_fields();
    fields.push(("user_code".into(), code.into()));
    let answer = browser.post_from(&page, &fields).await;
    browser.follow(answer).await
}

async fn begin(stage: &Stage, form: &[(&str, &str)]) -> Page {
    Browser::new().post(&format!("{}/device_authorization", stage.issuer), form, &[]).await
}

/// What the store has of people.
async fn nobody(stage: &Stage) -> bool {
    let people = stage.people_records().await;
    people.iter().all(|entry| entry.key.as_str() == "v" || entry.key.as_str().starts_with("vp:"))
}

on_both_stores! {
    /// From the code on the screen to UserInfo; the code is typed as people type.
    async fn a_device_gets_what_the_person_agreed_to(on: OnStore) {
        let stage = stage(on).await;
        let device = Device::on(&stage).await;
        device.refused("authorization_pending").await;
        let question = device.type_code(&device.user_code.to_lowercase().replace('-', " ")).await;
        for shown in ["Television", "tv.test", &device.user_code] {
            assert!(question.body.contains(shown), "{shown}: {}", question.body);
        }
        assert!(nobody(&stage).await, "nothing is written before somebody signs in");
        let choice = device.browser.answer(&question, "yes", &[]).await;
        let consent = device.browser.choose(&choice, "google").await;
        assert!(consent.is_question() && consent.body.contains("tv.test"), "{}", consent.body);
        let done = device.browser.answer(&consent, "yes", &[]).await;
        assert_eq!((done.status.as_u16(), done.url.path()), (200, "/device/connected"));
        let tokens = Tokens::of(&device.poll().await);
        let id = jws_claims(&tokens.id);
        assert_eq!((&id["aud"], &id["name"]), (&"tv".into(), &"Ada Lovelace".into()));
        assert_eq!(device.app.userinfo(&tokens.access).await.json()["sub"], id["sub"]);
        let again = device.app.refresh(&tokens.refresh, &[("client_id", "tv"), ("client_secret", "")]).await;
        assert_eq!(jws_claims(&Tokens::of(&again).id)["sub"], id["sub"]);
        stage.stop().await;
    }

    /// Section 5.4: an address that names the code fills it in, and nothing else; without two yeses nobody gets in.
    async fn no_address_connects_a_device_by_itself(on: OnStore) {
        let stage = stage(on).await;
        let (device, victim) = (Device::on(&stage).await, Browser::careful());
        // Somebody who is signed in, and has agreed to the app before.
        let before = Device { browser: victim, ..Device::on(&stage).await };
        assert_eq!(before.connected("google").await.url.path(), "/device/connected");
        let page = before.browser.open(&device.at).await;
        assert_eq!(page.attrs("input[name=user_code]", "value"), std::slice::from_ref(&device.user_code));
        assert!(!page.body.contains("Television"), "who asks is said when the person has pressed the button");
        device.refused("authorization_pending").await;
        let question = type_code(&before.browser, &before.page, &device.user_code).await;
        assert_eq!(question.url.path(), "/device/confirm");
        // Neither the question's address nor the attempt's goes on by itself.
        let attempt = question.url.query().unwrap().to_owned();
        let on = before.browser.get(&format!("{}/authorize/continue?{attempt}", stage.issuer)).await;
        assert_eq!(on.location().unwrap().path(), "/device/confirm");
        for path in ["/login", "/consent"] {
            let page = before.browser.open(&format!("{}{path}?{attempt}", stage.issuer)).await;
            assert_ne!(page.url.path(), "/device/connected", "{path}");
        }
        device.refused("slow_down").await;
        // Nor does a form that another site sends, or one of another browser, or of another purpose.
        let url = format!("{}/device/confirm", stage.issuer);
        let mut fields = question.hidden_fields();
        fields.push(("answer".into(), "yes".into()));
        let form: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let foreign = before.browser.post(&url, &form, &[("origin", "https://evil.test")]).await;
        assert_eq!(foreign.status, 403);
        assert_eq!(before.browser.post(&url, &form, &[("sec-fetch-site", "cross-site")]).await.status, 403);
        assert_eq!(Browser::careful().post(&url, &form, &[]).await.status, 400, "another browser has no such attempt");
        let (code, typed) = (device.user_code.as_str(), before.browser.get(&before.page).await.hidden_fields());
        let crossed = [("attempt", form[0].1), ("form_token", typed[0].1.as_str()), ("answer", "yes")];
        assert_eq!(before.browser.post(&url, &crossed, &[]).await.status, 403);
        let crossed = [("user_code", code), ("form_token", form[1].1)];
        assert_eq!(before.browser.post(&before.page, &crossed, &[]).await.status, 403);
        // With a yes it needs no other question, since the app is known.
        assert_eq!(before.browser.answer(&question, "yes", &[]).await.url.path(), "/device/connected");
        Tokens::of(&device.poll().await);
        stage.stop().await;
    }

    /// The person says no: to the device, to the provider, to the app.
    async fn a_no_is_a_no(on: OnStore) {
        let stage = stage(on).await;
        let device = Device::on(&stage).await;
        let question = device.type_code(&device.user_code).await;
        let page = device.browser.answer(&question, "no", &[]).await;
        assert_eq!((page.status.as_u16(), page.url.path()), (200, "/device/declined"));
        device.refused("access_denied").await;
        let again = device.type_code(&device.user_code).await;
        assert_eq!(again.url.query(), Some("answer=wrong"), "it waits no longer");
        let other = Device::on(&stage).await;
        let consent = other.browser.choose(&other.confirmed().await, "google").await;
        assert!(consent.is_question());
        assert_eq!(other.browser.answer(&consent, "no", &[]).await.url.path(), "/device/declined");
        other.refused("access_denied").await;
        let third = Device::on(&stage).await;
        let choice = third.confirmed().await;
        let attempt = choice.url.query().unwrap().to_owned();
        let page = third.browser.open(&format!("{}/authorize/continue?{attempt}&answer=no", stage.issuer)).await;
        assert_eq!(page.url.path(), "/device/declined");
        third.refused("access_denied").await;
        stage.stop().await;
    }

    /// Section 3.5, and RFC 6749, section 4.1.2: once, by the app that began it, and by nothing else.
    async fn a_device_code_is_its_own_apps_and_good_once(on: OnStore) {
        let stage = stage_with(on, |config| format!("{config}\n[lifetimes]\nrefresh_grace = \"0s\"\n")).await;
        let device = Device::on(&stage).await;
        device.connected("google").await;
        let radio = [("client_id", "radio"), ("client_secret", NOTES_SECRET)];
        let foreign = device.poll_as(&radio).await;
        assert_eq!(foreign.json()["error"], "invalid_grant");
        let not_registered = device.poll_as(&[("client_id", "notes"), ("client_secret", NOTES_SECRET)]).await;
        assert_eq!(not_registered.json()["error"], "unauthorized_client");
        // As an authorization code it is nothing.
        let as_code = [("grant_type", "authorization_code"), ("client_id", "native"), ("code", device.code.as_str())];
        assert_eq!(device.app.token_with(&as_code, &[]).await.json()["error"], "invalid_grant");
        let tokens = Tokens::of(&device.poll().await);
        assert_eq!(device.app.userinfo(&tokens.access).await.status, 200);
        device.refused("invalid_grant").await;
        assert_eq!(device.app.userinfo(&tokens.access).await.status, 401, "two parties hold the code; nobody keeps it");
        stage.stop().await;
    }

    /// Section 3.5: whoever did not hear the answer asks again. It is one family all the same, and refreshing shuts the
    /// door.
    async fn a_lost_answer_is_given_again_until_it_was_used(on: OnStore) {
        let stage = stage(on).await;
        let device = Device::on(&stage).await;
        device.connected("google").await;
        let lost = Tokens::of(&device.poll().await);
        let heard = Tokens::of(&device.poll().await);
        assert_eq!(device.app.userinfo(&heard.access).await.status, 200);
        let tv = [("client_id", "tv"), ("client_secret", "")];
        let next = Tokens::of(&device.app.refresh(&heard.refresh, &tv).await);
        let same = Tokens::of(&device.app.refresh(&lost.refresh, &tv).await);
        assert_eq!(next.refresh, same.refresh, "one family, one successor");
        device.refused("invalid_grant").await;
        assert_eq!(device.app.userinfo(&next.access).await.status, 401, "asked after it was used: two parties hold it");
        assert_eq!(device.app.refresh(&next.refresh, &tv).await.json()["error"], "invalid_grant");
        stage.stop().await;
    }

    /// Of devices that ask at once, as of one that retries, all get the same family.
    async fn many_at_once_get_one_family(on: OnStore) {
        let stage = stage(on).await;
        let device = Device::on(&stage).await;
        device.connected("google").await;
        let asked = futures_util::future::join_all((0..16).map(|_| device.poll())).await;
        let all: Vec<_> = asked.iter().map(Tokens::of).collect();
        let tv = [("client_id", "tv"), ("client_secret", "")];
        let next = Tokens::of(&device.app.refresh(&all[0].refresh, &tv).await);
        for tokens in &all {
            let again = Tokens::of(&device.app.refresh(&tokens.refresh, &tv).await);
            assert_eq!(again.refresh, next.refresh);
        }
        stage.stop().await;
    }

    /// What is wrong with a request of a device, by name.
    async fn a_wrong_request_is_refused_by_name(on: OnStore) {
        let stage = stage(on).await;
        for (form, status, error) in [
            (vec![("client_id", "tv")], 400, "invalid_scope"),
            (vec![("client_id", "tv"), ("scope", "profile")], 400, "invalid_scope"),
            (vec![("client_id", "tv"), ("scope", "openid"), ("scope", "openid")], 400, "invalid_request"),
            (vec![("client_id", "native"), ("scope", "openid")], 400, "unauthorized_client"),
            (vec![("client_id", "radio"), ("scope", "openid")], 401, "invalid_client"),
            (vec![("client_id", "radio"), ("client_secret", "wrong"), ("scope", "openid")], 401, "invalid_client"),
            (vec![("client_id", "nobody"), ("scope", "openid")], 401, "invalid_client"),
            (vec![("scope", "openid")], 401, "invalid_client"),
        ] {
            let page = begin(&stage, &form).await;
            assert_eq!((page.status.as_u16(), page.json()["error"].as_str()), (status, Some(error)), "{form:?}");
        }
        let device = Device::on(&stage).await;
        for (changes, error) in [
            (vec![("grant_type", GRANT), ("client_id", "tv")], "invalid_request"),
            (vec![("grant_type", GRANT), ("client_id", "tv"), ("device_code", "")], "invalid_request"),
            (vec![("grant_type", GRANT), ("client_id", "tv"), ("device_code", "a"), ("device_code", "a")], "invalid_request"),
            (vec![("grant_type", GRANT), ("client_id", "tv"), ("device_code", "vst_d_AAAA")], "invalid_grant"),
            (vec![("grant_type", GRANT), ("client_id", "tv"), ("device_code", "x"), ("resource", "https://evil.test")], "invalid_target"),
            (vec![("grant_type", GRANT), ("client_id", "tv"), ("device_code", &device.user_code)], "invalid_grant"),
        ] {
            assert_eq!(device.app.token_with(&changes, &[]).await.json()["error"], error, "{changes:?}");
        }
        stage.stop().await;
    }

    /// A person who left, signed out or was blocked before the device came: nothing for it.
    async fn who_is_gone_gives_a_device_nothing(on: OnStore) {
        let stage = stage(on).await;
        let device = Device::on(&stage).await;
        assert_eq!(device.connected("google").await.url.path(), "/device/connected");
        let (house, who) = (stage.broker().house(), stage.who(&device.browser).await);
        let code = StatusCode::generate(house.sealer.random());
        house.accounts.delete(&who, Origin::Person, &code).await.unwrap();
        device.refused("invalid_grant").await;
        let second = Device::on(&stage).await;
        assert_eq!(second.connected("facebook").await.url.path(), "/device/connected");
        let cookie = second.browser.cookie(&stage.issuer, "vst_session").unwrap();
        let session = house.sessions.find(&cookie).await.unwrap().unwrap();
        house.sessions.end(&session).await.unwrap();
        second.refused("invalid_grant").await;
        stage.stop().await;
    }

    /// A copy of the store and the master shows nothing of a device whose person has agreed: neither code nor name.
    async fn a_thief_learns_nothing_of_a_device(on: OnStore) {
        let stage = stage(on).await;
        let device = Device::on(&stage).await;
        assert_eq!(device.connected("google").await.url.path(), "/device/connected");
        let letters = device.user_code.replace('-', "");
        for (name, value) in stage.store.dump() {
            for needle in [letters.as_str(), &device.user_code, "Lovelace", "Television"] {
                let found = name.contains(needle) || value.windows(needle.len()).any(|part| part == needle.as_bytes());
                assert!(!found, "{needle} in {name}");
            }
        }
        stage.stop().await;
    }

    /// Section 5.1: guessing is slowed down by address, and a code that was tried too often is void, right or wrong.
    async fn guessing_codes_leads_nowhere(on: OnStore) {
        let stage = stage_with(on, |config| {
            config.replace("enabled = false", "enabled = true\nper_address = \"60/h\"\nper_app = \"3/h\"")
        })
        .await;
        let device = Device::on(&stage).await;
        let (first, last) = device.user_code.split_once('-').unwrap();
        let other = |n: usize| format!("{first}{}", &"BBBBCCCCDDDDFFFFGGGGHHHH".replace(last, "KKKK")[n * 4..n * 4 + 4]);
        for n in 0..5 {
            assert_eq!(device.type_code(&other(n)).await.url.query(), Some("answer=wrong"));
        }
        let page = device.type_code(&device.user_code).await;
        assert_eq!(page.url.query(), Some("answer=wrong"), "five wrong tries, and it is void");
        assert!(page.body.contains("No device waits with this code"));
        // What is no code at all costs the code nothing, and the address as much as any.
        let mut status = 200;
        for _ in 0..60 {
            status = device.type_code("x").await.status.as_u16();
            if status == 429 {
                break;
            }
        }
        assert_eq!(status, 429);
        stage.stop().await;
    }

    /// Who begins too often waits; another app does not.
    async fn devices_of_one_app_are_bounded(on: OnStore) {
        let stage = stage_with(on, |config| {
            config.replace("enabled = false", "enabled = true\nper_address = \"60/h\"\nper_app = \"3/h\"")
        })
        .await;
        for _ in 0..3 {
            Device::on(&stage).await;
        }
        let page = begin(&stage, &[("client_id", "tv"), ("scope", "openid")]).await;
        assert_eq!((page.status.as_u16(), page.json()["error"].as_str()), (429, Some("temporarily_unavailable")));
        assert!(page.header("retry-after").parse::<u64>().unwrap() > 0);
        let radio = [("client_id", "radio"), ("client_secret", NOTES_SECRET), ("scope", "openid")];
        assert_eq!(begin(&stage, &radio).await.status, 200);
        stage.stop().await;
    }

    /// The second instance knows what the first was told.
    async fn any_instance_answers(on: OnStore) {
        let stage = stage(on).await;
        let second = stage.second_instance().await;
        let mut device = Device::on(&stage).await;
        device.app = App::at(&second.origin);
        device.refused("authorization_pending").await;
        assert_eq!(device.connected("google").await.url.path(), "/device/connected");
        Tokens::of(&device.poll().await);
        second.running.stop().await;
        stage.stop().await;
    }
}
