//! The privacy page and what belongs to it.

use super::{super::*, LIFETIMES, Sample, Words};
use crate::{
    partition::{Deed, ProviderWord},
    session::Device,
    types::{AppId, Claim, Clock, ProviderId, SetClock, Timestamp, app::Need},
};

pub(super) fn all(words: Words<'_>) -> Vec<Sample<'_>> {
    let now = SetClock::default().now();
    let full = Account {
        note: Some(Note { said: Said::Changed, name: words.app.into() }),
        apps: Shelf { cards: cards(words, now), before: None, after: Some(2) },
        more_browsers: 3,
        ways: vec![way("one", words.provider), way("two", "Facebook")],
        addable: vec![Addable { id: "apple", name: "Apple", brand: "apple" }],
        history: Lines { lines: deeds(words, now), newer: None, older: Some(1) },
        registered: vec![("notes", words.app), ("wiki", "Wiki")],
        ..account(words, now)
    };
    let mut pages: Vec<Sample<'_>> =
        vec![("account".into(), Box::new(full.clone())), ("account-empty".into(), Box::new(account(words, now)))];
    // What is said after each act, where nothing else stands beside it.
    for said in Said::ALL {
        let note = Some(Note { said, name: words.app.into() });
        let name = format!("account-{said:?}").to_lowercase();
        pages.push((name, Box::new(Account { note, ..account(words, now) })));
    }
    let shelf = Shelf { before: Some(1), after: Some(3), ..full.apps };
    pages.push(("account-apps".into(), Box::new(AppsPage { form_token: words.why.into(), apps: shelf })));
    let history = Lines { newer: Some(1), older: Some(3), ..full.history };
    pages.push(("account-history".into(), Box::new(HistoryPage { history, keeps: LIFETIMES.history })));
    pages.extend(previews(words));
    pages
}

/// Somebody who signed in for the first time and knows no app.
fn account(words: Words<'_>, now: Timestamp) -> Account<'_> {
    let value = |text: &str| &*Box::leak(Box::new(serde_json::Value::from(text)));
    let browser = |id: &str, this, device: Option<(&str, &str)>| Browser {
        id: id.into(),
        device: device.map(|(browser, system)| Device { browser: browser.into(), system: system.into() }),
        provider: words.provider,
        since: now,
        seen: now,
        this,
    };
    Account {
        form_token: words.why.into(),
        link_token: words.why.into(),
        note: None,
        known: vec![
            (Claim::Name, value(words.person)),
            (Claim::Email, value("ada.lovelace@example.org")),
            (Claim::EmailVerified, &serde_json::Value::Bool(true)),
        ],
        source: words.provider,
        until: now.plus(LIFETIMES.session),
        idle: LIFETIMES.session_idle,
        apps: Shelf { cards: vec![], before: None, after: None },
        browsers: vec![browser("one", true, Some(("Firefox", "Linux"))), browser("two", false, None)],
        more_browsers: 0,
        ways: vec![way("one", words.provider)],
        addable: vec![],
        history: Lines { lines: vec![], newer: None, older: None },
        history_keeps: LIFETIMES.history,
        registered: vec![],
    }
}

fn way<'a>(id: &str, name: &'a str) -> Way<'a> {
    Way { id: id.into(), name, brand: "google" }
}

/// An app that is connected, one that is paused, the operator's own, one that is gone, and one that is set up no more.
fn cards(words: Words<'_>, now: Timestamp) -> Vec<AppCard<'_>> {
    let row = |claim, need, on| AppClaim {
        claim,
        need,
        why: words.why,
        keep: Some(words.person),
        on,
        settled: true,
        out: on.then_some(now),
    };
    let notes = AppCard {
        id: "notes".into(),
        name: words.app.into(),
        logo: None,
        policy: Some("https://notes.example.com/privacy"),
        terms: Some("https://notes.example.com/terms"),
        sub: Some("Gk2qZ0bXh5pYt8r1vVnQ3uD7sLw4eJfA6mCiKoPzTxE".into()),
        state: AppState::Connected,
        registered: true,
        away: false,
        own: false,
        since: now,
        last: now,
        claims: vec![
            row(Claim::Email, Need::Required, true),
            row(Claim::Name, Need::Optional, true),
            AppClaim { settled: false, ..row(Claim::Picture, Need::Optional, false) },
        ],
        earlier: vec![(Claim::Locale, now)],
        open: true,
    };
    let other = |id: &str, state| AppCard { id: id.into(), state, open: false, ..notes.clone() };
    vec![
        notes.clone(),
        other("wiki", AppState::Paused),
        AppCard { own: true, logo: Some("/static/logo.svg".into()), ..other("desk", AppState::Connected) },
        AppCard { claims: vec![], earlier: vec![], ..other("chess", AppState::Connected) },
        other("photos", AppState::Disconnected),
        AppCard { registered: false, sub: None, claims: vec![], ..other("gone", AppState::Connected) },
        AppCard {
            registered: false,
            away: true,
            name: "https://preview.example.com/app.json".into(),
            sub: None,
            claims: vec![],
            ..other("away", AppState::Connected)
        },
    ]
}

/// Every deed once.
fn deeds(words: Words<'_>, now: Timestamp) -> Vec<HistoryLine<'_>> {
    let (app, provider): (AppId, ProviderId) = ("notes".parse().unwrap(), "google".parse().unwrap());
    let word = |word| Deed::ProviderSaid { provider: provider.clone(), word };
    let plain = [
        Deed::SignedIn { provider: provider.clone() },
        Deed::SignedOut,
        Deed::SignedOutEverywhere,
        Deed::Agreed { app: app.clone() },
        Deed::Declined { app: app.clone() },
        Deed::Changed { app: app.clone(), on: [Claim::Name, Claim::Picture].into(), off: [Claim::Email].into() },
        Deed::Paused { app: app.clone() },
        Deed::Resumed { app: app.clone() },
        Deed::Disconnected { app: app.clone() },
        Deed::Linked { provider: provider.clone() },
        Deed::Unlinked { provider: provider.clone() },
        Deed::Exported,
        Deed::Blocked,
        Deed::Unblocked,
        Deed::Reused { app },
    ];
    let said = [
        ProviderWord::SessionsRevoked,
        ProviderWord::AccessRevoked,
        ProviderWord::Disabled,
        ProviderWord::Enabled,
        ProviderWord::Purged,
        ProviderWord::CredentialChange,
        ProviderWord::MailOff,
        ProviderWord::MailOn,
    ];
    let all = plain.into_iter().chain(said.into_iter().map(word));
    all.map(|deed| HistoryLine { at: now, deed, name: words.app.into() }).collect()
}

pub(super) fn previews(words: Words<'_>) -> Vec<Sample<'_>> {
    let value = |text: &str| &*Box::leak(Box::new(serde_json::Value::from(text)));
    let row = |claim, on| ClaimRow {
        claim,
        value: Some(value(words.person)),
        companion: None,
        source: words.provider,
        why: words.why,
        keep: None,
        on,
    };
    let new = Preview {
        app_name: words.app,
        app_logo: None,
        policy: Some("https://notes.example.com/privacy"),
        terms: None,
        connected: false,
        paused: false,
        gets: vec![row(Claim::Email, true)],
        may: vec![row(Claim::Name, false), ClaimRow { value: None, ..row(Claim::Birthdate, false) }],
        never: vec![Claim::Locale],
    };
    let known = Preview { connected: true, app_logo: Some("/static/logo.svg".into()), ..new.clone() };
    let paused = Preview { connected: true, paused: true, gets: vec![], never: vec![], ..new.clone() };
    vec![
        ("preview".into(), Box::new(new)),
        ("preview-known".into(), Box::new(known)),
        ("preview-paused".into(), Box::new(paused)),
    ]
}
