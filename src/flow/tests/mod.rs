//! Decisions, case by case.

mod consent;

use std::{collections::BTreeMap, time::Duration};

use serde_json::json;

use super::{Agreement, Facts, Learned, Request, SignedIn, Step, claims, next, next::Ask};
use crate::types::{
    App, Claim, Claims, OAuthCode, ProviderId, Scope, Timestamp,
    app::{AppAuth, AppChannels, AppLinks, ClaimPurpose, ConsentMode, GrantType, Need, Security},
    claims_request::ClaimsRequest,
    jws::Alg,
    prompt::Prompt,
    response_mode::ResponseMode,
    urls::{AppRedirect, ApplicationType},
};

const NOW: Timestamp = Timestamp::from_secs(1_000_000);

fn purpose(need: Need) -> ClaimPurpose {
    ClaimPurpose { need, why: "To greet you.".into(), keep: None }
}

pub(crate) fn app() -> App {
    App {
        id: "notes".parse().unwrap(),
        name: "Notes".into(),
        redirect_uris: vec![redirect()],
        post_logout_redirect_uris: vec![],
        application_type: ApplicationType::Web,
        auth: AppAuth::Public,
        keys: None,
        security: Security::default(),
        grant_types: vec![GrantType::AuthorizationCode],
        pkce_required: false,
        claims: BTreeMap::from([(Claim::Email, purpose(Need::Required)), (Claim::Name, purpose(Need::Optional))]),
        consent: ConsentMode::Explicit,
        sector: None,
        providers: None,
        id_token_alg: Alg::RS256,
        userinfo_alg: None,
        id_token_claims: true,
        default_max_age: None,
        default_acr_values: Vec::new(),
        audiences: vec![],
        resource_uris: vec![],
        exchange_to: vec![],
        origins: vec![],
        frontchannel_logout: None,
        links: AppLinks::default(),
        gate: None,
        access: None,
        facts_max_age: crate::types::app::FACTS_MAX_AGE,
        contacts: vec![],
        channels: AppChannels::default(),
        allow_loopback: false,
        allow_private: false,
    }
}

fn redirect() -> AppRedirect {
    AppRedirect::parse("https://notes.test/cb", false).unwrap()
}

pub(crate) fn request() -> Request {
    Request {
        app: "notes".parse().unwrap(),
        redirect: redirect(),
        redirect_named: true,
        response_mode: ResponseMode::Query,
        state: None,
        nonce: None,
        scope: Scope::parse("openid email profile"),
        prompt: Prompt::default(),
        max_age: None,
        challenge: None,
        dpop_key: None,
        pushed: None,
        provider: None,
        login_hint: None,
        ui_locales: None,
        device: None,
        claims: ClaimsRequest::default(),
        wanted: vec![],
        resources: vec![],
    }
}

pub(crate) fn known() -> Claims {
    let mut known = Claims::default();
    for (claim, value) in [
        (Claim::Email, json!("ada@example.org")),
        (Claim::EmailVerified, json!(true)),
        (Claim::Name, json!("Ada")),
        (Claim::Picture, json!("https://example.org/ada.png")),
    ] {
        assert!(known.insert(claim, value));
    }
    known
}

pub(crate) fn providers() -> Vec<ProviderId> {
    ["google", "facebook"].map(|name| name.parse().unwrap()).to_vec()
}

/// What somebody agreed to who was asked for everything and turned nothing on.
fn agreed(app: &App) -> Agreement {
    Agreement { implicit: false, ..Agreement::unasked(app, &request().scope, None, NOW) }
}

/// A short name for what was decided about somebody who has agreed, and who signed in so many seconds ago.
fn decide(app: &App, request: &Request, signed_in: Option<(&str, i64, bool)>) -> String {
    let (providers, known) = (providers(), known());
    let provider = signed_in.map(|(provider, ..)| provider.parse::<ProviderId>().unwrap());
    let learned = Learned::default();
    let signed_in = signed_in.zip(provider.as_ref()).map(|((_, age, by_this_attempt), provider)| SignedIn {
        provider,
        auth_time: Timestamp::from_secs(NOW.as_secs().saturating_add_signed(-age)),
        known: &known,
        learned: &learned,
        by_this_attempt,
        is_wanted: true,
    });
    let agreement = agreed(app);
    let (agreement, answer) = (Some(&agreement), None);
    let facts = Facts { app, request, providers: &providers, signed_in, agreement, answer, now: NOW };
    match next(&facts) {
        Step::Choose => "choose".into(),
        Step::GoUpstream(departure) => format!("to {} {}", departure.provider, asked(departure.ask)),
        Step::AskConsent(_) => "ask".into(),
        Step::Issue(_) => "issue".into(),
        Step::Refuse(error) => error.code.as_str().into(),
        Step::Deny => "deny".into(),
    }
}

fn asked(ask: Ask) -> String {
    format!("fresh={} max_age={:?} select={}", ask.fresh, ask.max_age, ask.select_account)
}

fn with(change: impl FnOnce(&mut Request)) -> Request {
    let mut request = request();
    change(&mut request);
    request
}

#[test]
fn without_a_session_the_person_chooses_unless_there_is_nothing_to_choose() {
    let mut app = app();
    assert_eq!(decide(&app, &request(), None), "choose");
    let named = with(|r| r.provider = Some("facebook".parse().unwrap()));
    assert!(decide(&app, &named, None).starts_with("to facebook"));
    app.providers = Some(vec!["google".parse().unwrap()]);
    assert!(decide(&app, &request(), None).starts_with("to google"));
    assert!(decide(&app, &named, None).starts_with("to google"), "an app cannot name what it does not allow");
    app.providers = Some(vec!["gone".parse().unwrap()]);
    assert_eq!(decide(&app, &request(), None), OAuthCode::AccessDenied.as_str());
}

#[test]
fn nothing_is_shown_on_prompt_none() {
    let silent = with(|r| r.prompt.none = true);
    assert_eq!(decide(&app(), &silent, None), "login_required");
    assert_eq!(decide(&app(), &silent, Some(("google", 10, false))), "issue");
    let too_old = with(|r| (r.prompt.none, r.max_age) = (true, Some(5)));
    assert_eq!(decide(&app(), &too_old, Some(("google", 10, false))), "login_required");
}

#[test]
fn a_session_of_a_provider_that_the_app_does_not_allow_does_not_count() {
    let mut app = app();
    app.providers = Some(vec!["facebook".parse().unwrap()]);
    assert!(decide(&app, &request(), Some(("google", 10, false))).starts_with("to facebook"));
    assert!(decide(&app, &request(), Some(("google", 10, true))).starts_with("to facebook"));
}

#[test]
fn freshness_is_asked_for_and_then_believed() {
    let login = with(|r| r.prompt.login = true);
    let select = with(|r| r.prompt.select_account = true);
    let now = with(|r| r.max_age = Some(0));
    for request in [&login, &select, &now] {
        assert_eq!(decide(&app(), request, Some(("google", 1, false))), "choose");
        assert_eq!(decide(&app(), request, Some(("google", 1, true))), "issue");
    }
    let named = with(|r| (r.prompt.login, r.provider) = (true, Some("google".parse().unwrap())));
    assert_eq!(decide(&app(), &named, None), "to google fresh=true max_age=None select=false");
    let aged = with(|r| (r.max_age, r.provider) = (Some(60), Some("google".parse().unwrap())));
    assert_eq!(decide(&app(), &aged, None), "to google fresh=false max_age=Some(60) select=false");
    assert_eq!(decide(&app(), &aged, Some(("google", 60, false))), "issue");
    assert!(decide(&app(), &aged, Some(("google", 61, false))).starts_with("to google"));
    // AC-79: clocks differ a little; one that was ahead makes nobody young.
    assert_eq!(decide(&app(), &aged, Some(("google", -60, false))), "issue");
    assert!(decide(&app(), &aged, Some(("google", -61, false))).starts_with("to google"));
    let mut strict = app();
    strict.default_max_age = Some(Duration::from_secs(5));
    assert_eq!(decide(&strict, &request(), Some(("google", 6, false))), "choose");
}

#[test]
fn a_required_claim_that_nobody_gave_ends_it() {
    let mut app = app();
    app.claims.insert(Claim::PhoneNumber, purpose(Need::Required));
    assert_eq!(decide(&app, &request(), Some(("google", 1, false))), "issue", "not asked for by scope");
    let phone = with(|r| r.scope = Scope::parse("openid phone"));
    assert_eq!(decide(&app, &phone, Some(("google", 1, false))), "access_denied");
}

#[test]
fn promise_5_optional_claims_are_off_until_the_person_turns_them_on() {
    let app = app();
    let agreement = agreed(&app);
    let sees = claims::visible(&app, &request().scope, &agreement, &known());
    let names: Vec<Claim> = sees.iter().map(|(claim, _)| claim).collect();
    assert_eq!(names, [Claim::Email, Claim::EmailVerified]);
}

#[test]
fn a_changed_purpose_takes_the_choice_back() {
    let mut app = app();
    let mut agreement = agreed(&app);
    agreement.choices.get_mut(&Claim::Name).unwrap().on = true;
    assert!(claims::visible(&app, &request().scope, &agreement, &known()).get(Claim::Name).is_some());
    app.claims.get_mut(&Claim::Name).unwrap().why = "To sell it.".into();
    assert!(claims::visible(&app, &request().scope, &agreement, &known()).get(Claim::Name).is_none());
    let renewed = Agreement::unasked(&app, &request().scope, Some(&agreement), NOW);
    assert!(!renewed.choices[&Claim::Name].on && renewed.choices[&Claim::Email].on);
}

#[test]
fn nothing_goes_out_while_an_app_is_paused() {
    let app = app();
    let mut agreement = agreed(&app);
    agreement.paused = true;
    assert!(claims::visible(&app, &request().scope, &agreement, &known()).is_empty());
}
