//! Each preset against the simulator of its provider, as its section of the configuration sets it up.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use reqwest::{Client, header};
use scraper::{Html, Selector};
use url::Url;
use vestibule::{
    config::{Config, Environment},
    demo::simulators::{Fault, Kind, Running, Simulator},
    egress::Egress,
    types::{Claim, Secret32, SecretText, SystemClock, SystemRandom, bytes::to_base64url},
    upstream::{self, Callback, Identity, Provider, RegisterError, UpstreamError},
};

use crate::{begin, build};

async fn start(kind: Kind) -> (Running, Arc<dyn Provider>) {
    let mut simulator = Simulator::new(kind);
    simulator.redirect_uris = vec!["https://login.example.com/callback/home".to_owned()];
    let running = simulator.start().await.unwrap();
    let text = format!(
        "issuer = \"https://login.example.com\"\n[store]\nurl = \"sqlite:///tmp/none.db\"\n[secrets]\nmaster = \"{}\"\n{}",
        to_base64url(Secret32::generate(&SystemRandom).expose()),
        running.provider_section("home"),
    );
    let config = Config::parse(&text, Path::new("/"), &Environment::of_process()).unwrap();
    let provider = build(&config.providers[0]);
    (running, provider)
}

/// The browser goes there and comes back, by a redirect or by a form that posts itself.
#[expect(clippy::disallowed_methods, reason = "the browser is not the broker's egress")]
async fn visit(url: &Url) -> Callback {
    // Another test may have installed it already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let browser = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let answer = browser.get(url.clone()).send().await.unwrap();
    let mut pairs: BTreeMap<String, String> = match answer.headers().get(header::LOCATION) {
        Some(to) => Url::parse(to.to_str().unwrap()).unwrap().query_pairs().into_owned().collect(),
        None => fields(&answer.text().await.unwrap()),
    };
    Callback {
        state: pairs.remove("state").unwrap_or_default(),
        code: pairs.remove("code").map(SecretText::new),
        iss: pairs.remove("iss"),
        error: pairs.remove("error"),
        error_reason: pairs.remove("error_reason"),
        user: pairs.remove("user"),
    }
}

fn fields(page: &str) -> BTreeMap<String, String> {
    let hidden = Selector::parse("input[type=hidden]").unwrap();
    let attribute = |field: scraper::ElementRef<'_>, name| field.attr(name).unwrap_or_default().to_owned();
    let document = Html::parse_document(page);
    document.select(&hidden).map(|field| (attribute(field, "name"), attribute(field, "value"))).collect()
}

async fn sign_in(provider: &Arc<dyn Provider>) -> Result<Identity, UpstreamError> {
    let started = provider.begin(&begin()).await?;
    provider.finish(&started.held, &visit(&started.url).await).await
}

#[tokio::test]
async fn every_preset_signs_in_at_its_simulator() {
    for kind in Kind::ALL {
        let (simulator, provider) = start(kind).await;
        assert_eq!(provider.about().brand, kind.as_str());
        simulator.answer_with("ada");
        let ada = sign_in(&provider).await.unwrap_or_else(|error| panic!("{kind:?}: {error}"));
        assert!(ada.claims.text(Claim::Name).is_some_and(|name| name.contains("Ada")), "{kind:?}: {ada:?}");
        let again = sign_in(&provider).await.unwrap();
        assert_eq!(again.subject, ada.subject, "{kind:?}");
        assert_eq!(again.claims.get(Claim::Name).is_some(), kind != Kind::Apple, "{kind:?}: Apple says the name once");
        simulator.answer_with("fatima");
        assert_ne!(sign_in(&provider).await.unwrap().subject, ada.subject, "{kind:?}");
        simulator.answer_with("refuse");
        assert_eq!(sign_in(&provider).await.map(drop), Err(UpstreamError::Cancelled), "{kind:?}");
        simulator.stop().await;
    }
}

#[tokio::test]
async fn every_fault_of_a_simulator_ends_the_sign_in() {
    use Fault::*;
    let of_every = [WrongState, Http500, NotJson, Oversized, Redirected];
    let of_tokens = [
        WrongIssuer,
        WrongAudience,
        WrongNonce,
        MissingNonce,
        Expired,
        IssuedInFuture,
        WrongTypes,
        MissingSubject,
        OversizedSubject,
        BadSignature,
        UnknownKey,
        AlgNone,
        AlgHs256,
        ForeignApp,
    ];
    for (kind, more) in [
        (Kind::Google, [&of_tokens[..], &[WrongIss, MissingIss]].concat()),
        (Kind::Microsoft, of_tokens.to_vec()),
        (Kind::Apple, of_tokens.to_vec()),
        (Kind::Facebook, vec![ForeignApp, WrongUserinfoSubject]),
        (Kind::Github, vec![]),
    ] {
        let (simulator, provider) = start(kind).await;
        for fault in of_every.into_iter().chain(more) {
            // The first sign-in fetches what is kept; faults of the documents themselves have tests of their own.
            simulator.clear();
            simulator.answer_with("ada");
            sign_in(&provider).await.unwrap_or_else(|error| panic!("{kind:?} before {fault:?}: {error}"));
            simulator.fault(fault);
            let result = sign_in(&provider).await.map(|_| "let in");
            let refused = matches!(result, Err(UpstreamError::Invalid(_) | UpstreamError::Unavailable(_)));
            assert!(refused, "{kind:?} {fault:?}: {result:?}");
        }
        simulator.stop().await;
    }
}

/// Somebody who deletes everything: what they allowed us there is withdrawn, by the token of that sign-in, once.
#[tokio::test]
async fn what_was_allowed_is_withdrawn_once() {
    for kind in [Kind::Google, Kind::Facebook, Kind::Github, Kind::Apple] {
        let (simulator, provider) = start(kind).await;
        simulator.answer_with("ada");
        sign_in(&provider).await.unwrap();
        assert_eq!(simulator.revoked(), Vec::<String>::new(), "{kind:?}: an ordinary sign-in withdraws nothing");
        let started = provider.begin(&begin()).await.unwrap();
        let (identity, parting) = provider.finish_for_parting(&started.held, &visit(&started.url).await).await.unwrap();
        assert_eq!(identity.provider.as_str(), "home");
        let parting = parting.unwrap_or_else(|| panic!("{kind:?} can revoke"));
        assert!(!format!("{parting:?}").contains("EAAB") && simulator.revoked().is_empty(), "{kind:?}");
        provider.revoke(parting).await.unwrap_or_else(|error| panic!("{kind:?}: {error}"));
        let revoked = simulator.revoked();
        let prefix = match kind {
            Kind::Google => "ya29.a0",
            Kind::Facebook => "EAAB",
            Kind::Github => "gho_",
            _ => "a",
        };
        assert!(revoked.len() == 1 && revoked[0].starts_with(prefix), "{kind:?}: {revoked:?}");
        // The provider knows nothing of us any more: Apple says the name again.
        let again = sign_in(&provider).await.unwrap();
        assert!(again.claims.get(Claim::Name).is_some(), "{kind:?}");
        simulator.stop().await;
    }
}

/// A provider without revocation has nothing to hold; one that is away says so.
#[tokio::test]
async fn where_nothing_can_be_withdrawn_that_is_said() {
    let (microsoft, provider) = start(Kind::Microsoft).await;
    microsoft.answer_with("ada");
    let started = provider.begin(&begin()).await.unwrap();
    let (_, parting) = provider.finish_for_parting(&started.held, &visit(&started.url).await).await.unwrap();
    assert!(parting.is_none());
    microsoft.stop().await;
    let (github, provider) = start(Kind::Github).await;
    github.answer_with("ada");
    let started = provider.begin(&begin()).await.unwrap();
    let (_, parting) = provider.finish_for_parting(&started.held, &visit(&started.url).await).await.unwrap();
    github.fault(Fault::Http500);
    let failed = provider.revoke(parting.unwrap()).await;
    assert!(matches!(failed, Err(UpstreamError::Unavailable(_))), "{failed:?}");
    github.stop().await;
}

/// `vestibule events register google`: the stream is set up as the service account, and a trial is asked for.
#[tokio::test]
async fn google_is_told_where_events_go() {
    let google = Simulator::new(Kind::Google).start().await.unwrap();
    let account = google.service_account().unwrap();
    let section = |account: &str| {
        let text = format!(
            "issuer = \"https://login.example.com\"\n[store]\nurl = \"sqlite:///tmp/none.db\"\n[secrets]\nmaster = \
             \"{}\"\n{}risc_service_account = '''{account}'''\n",
            to_base64url(Secret32::generate(&SystemRandom).expose()),
            google.provider_section("google"),
        );
        Config::parse(&text, Path::new("/"), &Environment::of_process()).unwrap().providers.remove(0)
    };
    let endpoint: Url = "http://127.0.0.1:9/events/google/risc".parse().unwrap();
    let register = async |provider: &vestibule::config::ProviderConfig| {
        upstream::register_events(provider, &endpoint, "trial-1", &Egress::default(), &SystemClock).await
    };
    register(&section(&account)).await.unwrap();
    assert_eq!(google.delivered(), [0], "nobody listens at that address, but it was tried");
    let other = Simulator::new(Kind::Google).start().await.unwrap();
    let foreign = register(&section(&other.service_account().unwrap())).await;
    assert!(matches!(foreign, Err(RegisterError::Google("stream:update", UpstreamError::Refused(_)))), "{foreign:?}");
    other.stop().await;
    google.stop().await;
}
