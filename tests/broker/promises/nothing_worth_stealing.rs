//! Promise 1: a copy of the store and the master secret shows no name, no address and no token of anyone.

use vestibule::{seal::token, types::bytes};

use super::{
    needles::{Haystack, Needle},
    thief::Thief,
};
use crate::{
    on_both_stores,
    stage::{App, Browser, NOTES_SECRET, Stage, Tokens, VERIFIER, WIKI_SECRET, jws_claims, param},
};

/// Who signs in where, and what is known of them there.
const PEOPLE: [(&str, &str, &[&str]); 6] = [
    ("google", "ada", &["Ada Lovelace", "Lovelace", "ada.lovelace@gmail.com", "110248495921238986420"]),
    ("google", "grace", &["Grace Hopper", "Hopper", "grace@example.com", "108204268033311374519"]),
    ("google", "fatima", &["فاطمة الفهرية", "فاطمة", "fatima.alfihri@gmail.com", "112233445566778899001"]),
    ("facebook", "ada", &["Ada Lovelace", "ada@example.com", "10158423176295311"]),
    ("facebook", "fatima", &["فاطمة الفهرية", "fatima@example.org", "10220871234567890"]),
    ("facebook", "maximiliana", &["Maximiliana", "von Hohenstaufen", "maximiliana@example.net", "4561237890123456"]),
];

/// What Google and Facebook give as a picture.
const PICTURES: [&str; 2] = ["https://lh3.googleusercontent.com/a/simulated", "platform-lookaside.fbsbx.com"];

/// One person with a browser, and all that was handed out on the way.
struct Person {
    browser: Browser,
    access: String,
    refresh: String,
    handed_out: Vec<Needle>,
}

impl Person {
    /// Signs in at `notes` step by step, picking up every cookie, state and code; then at a second app.
    async fn arrive(stage: &Stage, provider: &str, name: &str) -> Self {
        let simulator = if provider == "google" { &stage.google } else { &stage.facebook };
        simulator.answer_with(name);
        let (browser, app, mut handed_out) = (Browser::new(), App::of(stage), Vec::new());
        let mut page = browser.get(&stage.authorize(&[("provider", provider)])).await;
        while let Some(next) = page.location() {
            handed_out.extend(pick_up(&browser, stage, &next));
            if next.host_str() == Some("notes.test") {
                let first = app.tokens(&next).await;
                assert_eq!(app.userinfo(&first.access).await.status, 200);
                // The answer to a refresh is kept for a while, which is one more place to look.
                let tokens = Tokens::of(&app.refresh(&first.refresh, &[]).await);
                handed_out.extend([&first, &tokens].into_iter().flat_map(of_tokens));
                let Tokens { access, refresh, .. } = tokens;
                return Self { browser, access, refresh, handed_out };
            }
            page = browser.get(next.as_str()).await;
        }
        panic!("{} {}", page.status, page.body);
    }

    /// Goes on to another app; `redeems` or leaves the code pending.
    async fn go_on(&mut self, stage: &Stage, redeems: bool) {
        let native = [("client_id", "native"), ("redirect_uri", "http://127.0.0.1/cb")];
        let answer = self.browser.get(&stage.authorize(&native)).await.location().unwrap();
        self.handed_out.extend(pick_up(&self.browser, stage, &answer));
        let code = param(&answer, "code").unwrap();
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", "native"),
            ("redirect_uri", "http://127.0.0.1/cb"),
            ("code_verifier", VERIFIER),
            ("code", &code),
        ];
        if redeems {
            let tokens = Tokens::of(&App::of(stage).token_with(&form, &[]).await);
            self.handed_out.extend(of_tokens(&tokens));
        }
    }

    fn cookie(&self, stage: &Stage) -> String {
        self.browser.cookie(&stage.issuer, "vst_session").unwrap()
    }
}

/// The secrets that a browser has and that an address carries.
fn pick_up(browser: &Browser, stage: &Stage, address: &url::Url) -> Vec<Needle> {
    let secret = |name: &str| name.starts_with("vst_a_") || name == "vst_session";
    let cookies = browser.cookies(&stage.issuer).into_iter().filter(|(name, _)| secret(name));
    let cookies = cookies.map(|(name, value)| Needle::new(&name, value));
    let carried = address.query_pairs().filter(|(name, value)| ["code", "state"].contains(&&**name) && value.len() > 5);
    let carried = carried.map(|(name, value)| Needle::new(&name, &*value));
    cookies.chain(carried).collect()
}

fn of_tokens(tokens: &Tokens) -> Vec<Needle> {
    let locator = jws_claims(&tokens.access)["vst"].as_str().unwrap().to_owned();
    let signature = |token: &str| token.rsplit('.').next().unwrap().to_owned();
    let sealed = tokens.refresh.strip_prefix("vst_r_").unwrap();
    vec![
        Needle::new("refresh token", &tokens.refresh),
        Needle::new("refresh token without its prefix", sealed),
        Needle::new("what a refresh token is", bytes::from_base64url(sealed).unwrap()),
        Needle::new("access token", &tokens.access),
        Needle::new("locator", locator),
        Needle::new("signature of an access token", signature(&tokens.access)),
        Needle::new("ID token", &tokens.id),
        Needle::new("signature of an ID token", signature(&tokens.id)),
    ]
}

/// All that must not be found, whoever looks.
fn needles(stage: &Stage, people: &[Person]) -> Vec<Needle> {
    let personal = PEOPLE.iter().flat_map(|(_, name, known)| known.iter().map(move |value| Needle::new(name, value)));
    let pictures = PICTURES.iter().map(|picture| Needle::new("picture", picture));
    let config = stage.parsed();
    let upstream = [stage.google.client_secret(), stage.facebook.client_secret()];
    let secrets =
        [NOTES_SECRET, WIKI_SECRET].into_iter().chain(upstream).map(|secret| Needle::new("client secret", secret));
    let operator = [&config.secrets.master, config.secrets.pepper.as_ref().unwrap()];
    let operator = operator.into_iter().map(|secret| Needle::new("the operator's secret", secret.expose()));
    // How every access token of Google's begins.
    let secrets = secrets.chain([Needle::new("token of a provider", "ya29.a0")]);
    let handed_out = people.iter().flat_map(|person| person.handed_out.clone());
    personal.chain(pictures).chain(secrets).chain(operator).chain(handed_out).collect()
}

async fn sign_everyone_in(stage: &Stage) -> Vec<Person> {
    let mut people = Vec::new();
    for (index, (provider, name, _)) in PEOPLE.into_iter().enumerate() {
        let mut person = Person::arrive(stage, provider, name).await;
        person.go_on(stage, index % 2 == 0).await;
        people.push(person);
    }
    people
}

fn assert_clean(needles: &[Needle], place: &str, bytes: &[u8]) {
    let hay = Haystack::new(bytes);
    for needle in needles {
        let found = hay.find(needle);
        assert!(
            found.is_none(),
            "{} ({:?}) is in {place}, {found:?}",
            needle.what,
            String::from_utf8_lossy(&needle.value)
        );
    }
}

on_both_stores! {
    /// Promise 1, from outside: with people signed in, no byte of the store spells any of them, nor anything issued.
    async fn a_copy_of_the_store_shows_nobody(stage: Stage) {
        let people = sign_everyone_in(&stage).await;
        let needles = needles(&stage, &people);
        assert!(needles.len() > 120, "{}", needles.len());
        let files = stage.store.files();
        let written: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
        assert!(written > 20_000, "{written} bytes are no store with {} people", people.len());
        let is_config = |name: &str| name.ends_with(".toml");
        for (name, bytes) in files.iter().chain(&stage.store.dump()).filter(|(name, _)| !is_config(name)) {
            assert_clean(&needles, name, bytes);
        }
        let records = stage.records().await;
        assert!(records.len() > 30, "{}", records.len());
        for entry in &records {
            let names = [entry.partition.as_str(), entry.key.as_str()].join(" ");
            assert_clean(&needles, &names, &[names.as_bytes(), &entry.stored.value].concat());
        }
        // This search does find what is there: the names of the records.
        let all: Vec<u8> = files.into_iter().flat_map(|(_, bytes)| bytes).collect();
        let there = Needle::new("partition", records[0].partition.as_str());
        assert_eq!(Haystack::new(&all).find(&there), Some("plain"));
        stage.stop().await;
    }

    /// Promise 1, with the master secret: what opens, and what opens with what it gives, shows nobody either. Together
    /// with the cookie of one browser it shows that one person, which is how we know that this attack works.
    async fn the_master_secret_alone_shows_nobody(stage: Stage) {
        let people = sign_everyone_in(&stage).await;
        let needles = needles(&stage, &people);
        let records = stage.records().await;

        let thief = Thief::with_master(&stage.master).open(&records);
        // It gets far: accounts, what they agreed to, when they were here, the signing keys.
        for (label, at_least) in [("head", 6), ("consent", 12), ("session header", 6), ("grant header", 12), ("served", 9), ("history", 12), ("receipt", 12), ("keyring", 1)] {
            assert!(thief.count(label) >= at_least, "{label}: {}", thief.count(label));
        }
        for personal in ["session body", "session wrap", "grant claims", "grant answer"] {
            assert_eq!(thief.count(personal), 0, "{personal}");
        }
        for (label, plain) in &thief.plaintexts {
            assert_clean(&needles, label, plain);
        }

        let ada = &people[0];
        let with_cookie = Thief::with_master(&stage.master).who_also_has(token::SESSION, &ada.cookie(&stage), "s");
        let locator = jws_claims(&ada.access)["vst"].as_str().unwrap().to_owned();
        let with_token = Thief::with_master(&stage.master).who_also_has(token::ACCESS, &locator, "k");
        let with_refresh = Thief::with_master(&stage.master).who_also_has(token::REFRESH, &ada.refresh, "k");
        for (thief, label) in [
            (with_cookie, "session body"), (with_token, "grant claims"), (with_refresh, "grant claims"),
        ] {
            let thief = thief.open(&records);
            let shown: Vec<&[u8]> = thief.plaintexts.iter().filter(|(l, _)| *l == label).map(|(_, p)| &**p).collect();
            assert_eq!(shown.len(), 1, "the one browser's and no other's");
            let hay = Haystack::new(shown[0]);
            assert!(hay.find(&Needle::new("her address", "ada.lovelace@gmail.com")).is_some());
            assert!(hay.find(&Needle::new("another's", "Hopper")).is_none());
        }
        stage.stop().await;
    }
}
