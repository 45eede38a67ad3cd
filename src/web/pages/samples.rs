//! Every page with ordinary, odd and hostile data.

mod accounts;
mod visits;

use super::*;
use crate::{
    config::Lifetimes,
    types::{Claim, Clock, SetClock, app::Need},
    web::cookies::Cookies,
};

/// The words that others put on our pages.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words<'a> {
    pub app: &'a str,
    pub host: &'a str,
    pub provider: &'a str,
    pub person: &'a str,
    pub why: &'a str,
}

pub(super) const ORDINARY: Words<'static> =
    Words { app: "Notes", host: "notes.example.com", provider: "Google", person: "Ada Lovelace", why: "To greet you." };

impl<'a> Words<'a> {
    /// The same everywhere.
    pub(super) const fn all(text: &'a str) -> Self {
        Self { app: text, host: text, provider: text, person: text, why: text }
    }
}

/// A page and the name of its picture.
pub(super) type Sample<'a> = (String, Box<dyn Page + 'a>);

/// Every page, each state of it once.
pub(super) fn every_page(words: Words<'_>) -> Vec<Sample<'_>> {
    let mut pages: Vec<Sample<'_>> = vec![("home".into(), Box::new(Home))];
    pages.extend(choices(words));
    pages.extend(problems(words));
    pages.extend(sign_outs(words));
    pages.extend(consents(words));
    pages.extend(devices(words));
    pages.extend(privacy(words));
    pages.extend(accounts::all(words));
    pages.extend(visits::all(words));
    pages.push(("form-post".into(), Box::new(FormPostSample(words))));
    pages
}

/// Borrows its fields only while it is rendered.
struct FormPostSample<'a>(Words<'a>);

impl Page for FormPostSample<'_> {
    fn html(&self, site: &Site, t: crate::web::texts::Words<'_>) -> askama::Result<String> {
        let Words { app, person, why, .. } = self.0;
        let fields = [("code", person), ("state", why)];
        FormPost { action: "https://notes.example.com/callback", fields: &fields, app_name: app }.html(site, t)
    }
}

fn choices(words: Words<'_>) -> Vec<Sample<'_>> {
    let choice = |id, name, brand| ProviderChoice { id, name, brand, last_used: false, unavailable: false };
    let many = vec![
        choice("google", words.provider, "google"),
        choice("facebook", "Facebook", "facebook"),
        choice("apple", "Apple", "apple"),
        ProviderChoice { last_used: true, ..choice("github", "GitHub", "github") },
        choice("microsoft", "Microsoft", "microsoft"),
        ProviderChoice { unavailable: true, ..choice("gitlab", "GitLab", "gitlab") },
        choice("home", "Example University of the Arts", "oidc"),
    ];
    let provider = words.provider;
    [
        ("choose", many.clone(), None),
        ("choose-two", many[..2].to_vec(), None),
        ("choose-one", many[..1].to_vec(), Some(Notice::Again)),
        ("choose-none", vec![], None),
        ("choose-cancelled", many[..3].to_vec(), Some(Notice::Cancelled { provider })),
        ("choose-unavailable", many[3..].to_vec(), Some(Notice::Unavailable { provider })),
        ("choose-not-allowed", many[..2].to_vec(), Some(Notice::NotAllowed { provider })),
    ]
    .map(|(name, choices, notice)| {
        let page = ChooseProvider {
            to: Destination::App { name: words.app, host: words.host },
            attempt: words.person.into(),
            form_token: words.why.into(),
            choices,
            notice,
        };
        (name.into(), Box::new(page) as Box<dyn Page>)
    })
    .into()
}

/// All kinds of problems.
pub(super) fn problem_kinds(provider: &str) -> [ProblemKind; 23] {
    let provider = || provider.to_owned();
    [
        ProblemKind::UnknownApp,
        ProblemKind::BadRedirect,
        ProblemKind::BadRequest,
        ProblemKind::AttemptExpired,
        ProblemKind::AttemptForeign,
        ProblemKind::AlreadyDone,
        ProblemKind::CancelledAtProvider { provider: provider() },
        ProblemKind::ProviderDown { provider: provider() },
        ProblemKind::ProviderWrong { provider: provider() },
        ProblemKind::NotAllowed { provider: provider() },
        ProblemKind::NoAccess { app: provider() },
        ProblemKind::NotSignedIn { app: provider() },
        ProblemKind::NotFresh { provider: provider() },
        ProblemKind::VisitOver,
        ProblemKind::SomebodyElse { provider: provider() },
        ProblemKind::LinkedElsewhere { provider: provider() },
        ProblemKind::TooManyWays,
        ProblemKind::StoreAway,
        ProblemKind::NotFound,
        ProblemKind::FormRefused,
        ProblemKind::TooMany,
        ProblemKind::MethodNotAllowed,
        ProblemKind::Internal,
    ]
}

fn problems(words: Words<'_>) -> Vec<Sample<'_>> {
    let back = || WayOn::BackToApp { href: "https://notes.example.com/".into(), name: words.app.into() };
    let ways = [
        vec![],
        vec![WayOn::TryAgain { href: "/login?attempt=x".into() }],
        vec![WayOn::ChooseAgain { href: "/login?attempt=x".into() }, back()],
        vec![back()],
        vec![WayOn::Account],
        vec![WayOn::Home],
    ];
    let kinds = problem_kinds(words.provider).into_iter().zip(ways.iter().cloned().cycle());
    let mut pages: Vec<Sample<'_>> = Vec::new();
    for (kind, ways_on) in kinds {
        let name = kind.text_ids().title.trim_end_matches("-title").to_owned();
        let has_number = matches!(kind, ProblemKind::Internal | ProblemKind::ProviderWrong { .. });
        pages.push((name, Box::new(Problem { kind, reference: has_number.then_some(words.person), ways_on })));
    }
    pages
}

fn sign_outs(words: Words<'_>) -> Vec<Sample<'_>> {
    let question = |app_name| SignOutQuestion {
        action: "/logout",
        app_name,
        form_token: words.person.into(),
        extra: vec![("state".into(), words.why.into())],
    };
    vec![
        ("sign-out".into(), Box::new(question(Some(words.app)))),
        ("sign-out-alone".into(), Box::new(question(None))),
        (
            "signed-out".into(),
            Box::new(SignedOut { app: Some((words.app, "https://notes.example.com/")), frames: vec![] }),
        ),
        (
            "signed-out-telling".into(),
            Box::new(SignedOut {
                app: Some((words.app, "https://notes.example.com/")),
                frames: vec!["https://notes.example.com/logout?iss=https://login.example.com&sid=x".into()],
            }),
        ),
        ("signed-out-alone".into(), Box::new(SignedOut::default())),
    ]
}

fn devices(words: Words<'_>) -> Vec<Sample<'_>> {
    let form_token = || words.person.to_owned();
    let typed = DeviceCode { code: Some(words.person.into()), wrong: true, form_token: form_token() };
    let confirm = DeviceConfirm {
        app_name: words.app,
        app_host: words.host.into(),
        code: "WDJB-MJHT".into(),
        attempt: words.person.into(),
        form_token: form_token(),
    };
    vec![
        ("device".into(), Box::new(DeviceCode { form_token: form_token(), ..DeviceCode::default() })),
        ("device-typed".into(), Box::new(typed)),
        ("device-confirm".into(), Box::new(confirm)),
        ("device-connected".into(), Box::new(DeviceOutcome::Connected)),
        ("device-declined".into(), Box::new(DeviceOutcome::Declined)),
        ("device-expired".into(), Box::new(DeviceOutcome::Expired)),
    ]
}

/// How long things live where nobody says otherwise.
static LIFETIMES: std::sync::LazyLock<Lifetimes> = std::sync::LazyLock::new(Lifetimes::default);

fn privacy(words: Words<'_>) -> Vec<Sample<'_>> {
    let line = |claim, need, keep| PrivacyClaim { claim, need, why: words.why, keep };
    let app = |own, claims| PrivacyApp { name: words.app, policy: None, own, claims };
    let asked = vec![line(Claim::Email, Need::Required, Some(words.person)), line(Claim::Name, Need::Optional, None)];
    let full = Privacy {
        today: SetClock::default().now(),
        lifetimes: &LIFETIMES,
        cookies: Cookies::of(&"https://login.example.com".parse().unwrap()),
        providers: vec![words.provider, "Facebook"],
        apps: vec![
            PrivacyApp { policy: Some("https://notes.example.com/privacy"), ..app(false, asked.clone()) },
            app(true, asked),
            app(false, vec![]),
        ],
    };
    let empty = Privacy { providers: vec![], apps: vec![], ..full.clone() };
    vec![("privacy".into(), Box::new(full)), ("privacy-empty".into(), Box::new(empty))]
}

fn consents(words: Words<'_>) -> Vec<Sample<'_>> {
    // A sample lives as long as the test.
    let value = |text: &str| &*Box::leak(Box::new(serde_json::Value::from(text)));
    let row = |claim, text: Option<&str>| ClaimRow {
        claim,
        value: text.map(value),
        companion: None,
        source: words.provider,
        why: words.why,
        keep: Some("until you disconnect Notes"),
        on: false,
    };
    let full = Consent {
        app_name: words.app,
        app_host: words.host.into(),
        app_logo: None,
        policy: Some("https://notes.example.com/privacy"),
        terms: Some("https://notes.example.com/terms"),
        attempt: words.person.into(),
        form_token: words.why.into(),
        shown: words.person.into(),
        required: vec![ClaimRow {
            companion: Some((Claim::EmailVerified, &serde_json::Value::Bool(true))),
            ..row(Claim::Email, Some("ada.lovelace@example.org"))
        }],
        optional: vec![
            row(Claim::Name, Some(words.person)),
            ClaimRow { on: true, keep: None, ..row(Claim::Picture, Some("https://pictures.example.com/ada")) },
            row(Claim::Birthdate, None),
        ],
        offline: true,
        already: vec![],
        never: vec![Claim::Locale, Claim::PhoneNumber, Claim::Groups],
    };
    let small = Consent {
        app_logo: Some("/static/logo.svg".into()),
        optional: vec![],
        policy: None,
        terms: None,
        offline: false,
        never: vec![],
        ..full.clone()
    };
    let later = Consent {
        required: vec![],
        optional: vec![row(Claim::Groups, Some("acme, ops"))],
        already: vec![Claim::Email],
        ..small.clone()
    };
    let all = Consent {
        required: vec![],
        optional: Claim::ALL.map(|claim| row(claim, Some(words.person))).into(),
        ..full.clone()
    };
    vec![
        ("consent".into(), Box::new(full)),
        ("consent-small".into(), Box::new(small)),
        ("consent-later".into(), Box::new(later)),
        ("consent-all".into(), Box::new(all)),
    ]
}
