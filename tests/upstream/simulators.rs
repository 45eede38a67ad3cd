//! Each preset against the simulator of its provider, as its section of the configuration sets it up.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use reqwest::{Client, header};
use scraper::{Html, Selector};
use url::Url;
use vestibule::{
    config::{Config, Environment},
    demo::simulators::{Fault, Kind, Running, Simulator},
    types::{Claim, Secret32, SecretText, SystemRandom, bytes::to_base64url},
    upstream::{Callback, Identity, Provider, UpstreamError},
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
